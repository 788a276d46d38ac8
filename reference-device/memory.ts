/** An access of the device outside the guest's memory. */
export class OutsideMemory extends Error {
  override name = 'OutsideMemory';
}

/** The guest's memory as a device reaches it: bytes from `base`, little endian. Addresses are guest physical. */
export interface Memory {
  readonly base: number;
  /** Bytes. */
  readonly size: number;
  /** @throws OutsideMemory */
  read(address: number, length: number): Uint8Array;
  /** @throws OutsideMemory */
  write(address: number, bytes: Uint8Array): void;
  /** Loads an unsigned number of 1, 2, 4 or 8 bytes; above 2^53 it is rounded. @throws OutsideMemory */
  load(address: number, size: number): number;
  /** Stores the low bits of a number in 1, 2 or 4 bytes. @throws OutsideMemory */
  store(address: number, size: number, value: number): void;
  /** @throws OutsideMemory */
  fill(address: number, length: number, value: number): void;
  /** @throws OutsideMemory */
  check(address: number, length: number): void;
}

/** Offset of `address` in a memory that has all of `length` bytes there. @throws OutsideMemory */
export function offsetIn({ base, size }: { base: number; size: number }, address: number, length: number): number {
  const at = address - base;
  if (at >= 0 && at + length <= size) return at;
  throw new OutsideMemory(`${length} bytes at 0x${address.toString(16)} are outside the guest's memory`);
}

/** Memory of a guest that there is only in this process. */
export class Ram implements Memory {
  readonly base: number;
  readonly size: number;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  /** What was written since {@link clear}, as offsets: from the first byte to behind the last. */
  private low: number;
  private high = 0;

  /** @param base guest physical address of the first byte @param size bytes */
  constructor(base = 0x40000000, size = 4 * 1024 * 1024) {
    this.base = base;
    this.size = size;
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
    this.low = size;
  }

  read(address: number, length: number): Uint8Array {
    const at = this.at(address, length);
    return this.bytes.slice(at, at + length);
  }

  write(address: number, bytes: Uint8Array): void {
    this.bytes.set(bytes, this.touch(address, bytes.length));
  }

  load(address: number, size: number): number {
    const at = this.at(address, size);
    if (size === 2) return this.view.getUint16(at, true);
    if (size === 4) return this.view.getUint32(at, true);
    if (size === 8) return this.view.getUint32(at, true) + this.view.getUint32(at + 4, true) * 2 ** 32;
    return this.view.getUint8(at);
  }

  store(address: number, size: number, value: number): void {
    const at = this.touch(address, size);
    if (size === 2) this.view.setUint16(at, value, true);
    else if (size === 4) this.view.setUint32(at, value, true);
    else this.view.setUint8(at, value);
  }

  fill(address: number, length: number, value: number): void {
    const at = this.touch(address, length);
    this.bytes.fill(value, at, at + length);
  }

  check(address: number, length: number): void {
    this.at(address, length);
  }

  /** Zeroes what was written; the memory of a guest that starts anew. */
  clear(): void {
    if (this.low < this.high) this.bytes.fill(0, this.low, this.high);
    this.low = this.size;
    this.high = 0;
  }

  private at(address: number, length: number): number {
    return offsetIn(this, address, length);
  }

  private touch(address: number, length: number): number {
    const at = this.at(address, length);
    if (at < this.low) this.low = at;
    if (at + length > this.high) this.high = at + length;
    return at;
  }
}
