/** The memory of a guest that QEMU maps from a file: what is written here the guest sees at once, and the other way. */
import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { type Memory, offsetIn } from '../../../reference-device/memory.ts';

export class FileRam implements Memory {
  readonly base: number;
  readonly size: number;
  private readonly file: number;
  private readonly word = Buffer.alloc(8);

  /** @param path of a file that is made here @param base guest physical address of its first byte @param size bytes */
  constructor(path: string, base: number, size: number) {
    this.base = base;
    this.size = size;
    this.file = openSync(path, 'wx+', 0o600);
    ftruncateSync(this.file, size);
  }

  read(address: number, length: number): Uint8Array {
    const at = offsetIn(this, address, length);
    const bytes = new Uint8Array(length);
    readSync(this.file, bytes, 0, length, at);
    return bytes;
  }

  write(address: number, bytes: Uint8Array): void {
    const at = offsetIn(this, address, bytes.length);
    writeSync(this.file, bytes, 0, bytes.length, at);
  }

  load(address: number, size: number): number {
    readSync(this.file, this.word, 0, size, offsetIn(this, address, size));
    if (size === 8) return this.word.readUInt32LE(0) + this.word.readUInt32LE(4) * 2 ** 32;
    return this.word.readUIntLE(0, size);
  }

  store(address: number, size: number, value: number): void {
    this.word.writeUInt32LE(value >>> 0);
    writeSync(this.file, this.word, 0, size, offsetIn(this, address, size));
  }

  fill(address: number, length: number, value: number): void {
    this.write(address, new Uint8Array(this.checked(address, length)).fill(value));
  }

  check(address: number, length: number): void {
    this.checked(address, length);
  }

  close(): void {
    closeSync(this.file);
  }

  /** Before anything of that length is made: a driver may have said any. */
  private checked(address: number, length: number): number {
    offsetIn(this, address, length);
    return length;
  }
}
