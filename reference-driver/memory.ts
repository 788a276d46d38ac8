/** The guest memory of one device: given out from the bottom, and given back all at once when the device is reset. */
import { type DriverMemory, GaveUp } from '../harness/driver/api.ts';
import { fromLittleEndian, littleEndian } from '../harness/queue-memory.ts';

export class Memory {
  private readonly memory: DriverMemory;
  private next: number;

  constructor(memory: DriverMemory) {
    this.memory = memory;
    this.next = memory.base;
  }

  /** Zeroed bytes at a multiple of `align`. @throws GaveUp where there are no more */
  allocate(length: number, align: number): number {
    const address = Math.ceil(this.next / align) * align;
    if (address + length > this.memory.base + this.memory.size) {
      throw new GaveUp(`no ${length} bytes of guest memory are left for a queue`);
    }
    this.next = address + length;
    this.memory.write(address, new Uint8Array(length));
    return address;
  }

  /** Takes everything back; the device must have forgotten about it. */
  release(): void {
    this.next = this.memory.base;
  }

  load(address: number, size: number): number {
    return fromLittleEndian(this.memory.read(address, size));
  }

  store(address: number, size: number, value: number): void {
    this.memory.write(address, littleEndian(value, size));
  }

  write(address: number, bytes: Uint8Array): void {
    this.memory.write(address, bytes);
  }
}
