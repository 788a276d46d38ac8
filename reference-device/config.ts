import type { Area } from './port.ts';

/** The device-specific configuration space: read in aligned pieces of 8, 16 and 32 bits, nothing of it is writable. */
export class ConfigSpace implements Area {
  readonly start: number;
  readonly end: number;
  readonly narrow = true;
  private readonly bytes: Uint8Array;

  /** @param start bytes from the device's base */
  constructor(start: number, bytes: Uint8Array) {
    this.start = start;
    this.end = start + bytes.length;
    this.bytes = bytes;
  }
  read32(at: number): number {
    return this.load(at, 4);
  }
  write32(at: number, value: number): void {
    this.store(at, 4, value);
  }
  readBytes(at: number, size: number): number {
    return size < 8 && at % size === 0 ? this.load(at, size) : 0;
  }
  writeBytes(at: number, size: number, value: number | bigint): void {
    if (size < 8 && at % size === 0) this.store(at, size, Number(value));
  }
  /** Bytes behind the end read 0. */
  load(at: number, size: number): number {
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = value * 256 + (this.bytes[at + i] ?? 0);
    return value;
  }
  store(_at: number, _size: number, _value: number): void {}
}
