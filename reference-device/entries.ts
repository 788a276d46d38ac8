import type { EntryTable } from '../spec/layout.ts';
import { alignUp, type Place } from './placement.ts';
import type { Area } from './port.ts';
import type { Settings } from './settings.ts';
import type { Vectors } from './vectors.ts';

/** Which part of an entry a dword is. */
export type EntryField = 'low' | 'high' | 'data' | 'control' | 'reserved';

const PARTS: Record<string, EntryField> = {
  'address-low': 'low',
  'address-high': 'high',
  data: 'data',
  'vector-control': 'control',
};

/** The entry table as registers: aligned dwords only. */
export class EntryRegisters implements Area {
  readonly start: number;
  readonly end: number;
  readonly narrow: boolean = false;
  readonly vectors: Vectors;
  protected readonly stride: number;
  /** What each dword of a row is. */
  protected readonly parts: (EntryField | undefined)[] = [];
  protected readonly accepts: () => boolean;
  /** What bits without a meaning hold, by vector. */
  protected readonly rest: Uint32Array;
  private readonly keepsReserved: boolean;
  /** The bits of address low that are kept, as a signed mask. */
  protected readonly lowBits: number;
  /** Rows have a size that is a power of two: then a shift finds the row. */
  private readonly shift: number;

  constructor(table: EntryTable, place: Place, vectors: Vectors, settings: Settings, accepts: () => boolean) {
    this.start = place.start;
    this.end = place.start + place.length;
    this.vectors = vectors;
    this.stride = table.stride;
    this.accepts = accepts;
    this.rest = new Uint32Array(vectors.count);
    this.keepsReserved = settings.keepsReserved;
    for (const field of Object.values(table.fields)) this.parts[field.offset >>> 2] = PARTS[field.name] ?? 'reserved';
    this.lowBits = settings.alignedAddresses ? ~(table.fields['address-low']?.mayReadZero ?? 0) : -1;
    this.shift = Number.isInteger(Math.log2(this.stride)) ? Math.log2(this.stride) : -1;
  }

  /** The row that holds the byte `at`. */
  row(at: number): number {
    return this.shift >= 0 ? at >>> this.shift : Math.floor(at / this.stride);
  }

  read32(at: number): number {
    const v = this.row(at);
    return this.accepts() ? this.readPart(v, this.parts[(at - v * this.stride) >>> 2]) : 0;
  }

  write32(at: number, value: number): void {
    if (!this.accepts()) return;
    const v = this.row(at);
    this.writePart(v, this.parts[(at - v * this.stride) >>> 2], value);
  }

  readPart(v: number, part: EntryField | undefined): number {
    if (part === 'low') return this.vectors.readLow(v);
    if (part === 'high') return this.vectors.readHigh(v);
    if (part === 'data') return this.vectors.readData(v);
    return this.readReserved(v);
  }

  writePart(v: number, part: EntryField | undefined, value: number): void {
    if (part === 'low') this.vectors.writeLow(v, (value & this.lowBits) >>> 0);
    else if (part === 'high') this.vectors.writeHigh(v, value);
    else if (part === 'data') this.vectors.writeData(v, value);
    else this.writeReserved(v, value);
  }

  readReserved(v: number): number {
    return this.rest[v]!;
  }

  writeReserved(v: number, value: number): void {
    if (this.keepsReserved) this.rest[v] = value;
  }

  reset(): void {
    this.rest.fill(0);
  }

  readBytes(_at: number, _size: number): number | bigint {
    return 0;
  }

  writeBytes(_at: number, _size: number, _value: number | bigint): void {}
}

/**
 * The entry table as plain memory, as a VMM maps it without traps: any store takes effect, the reserved dword and the
 * rest of the last page keep what is written, and a reset of the device changes nothing of it.
 */
export class EntryMemory extends EntryRegisters {
  override readonly end: number;
  override readonly narrow = true;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly rows: number;

  constructor(table: EntryTable, place: Place, vectors: Vectors, settings: Settings, accepts: () => boolean) {
    super(table, place, vectors, settings, accepts);
    this.end = alignUp(place.start + place.length, table.align);
    this.bytes = new Uint8Array(this.end - this.start);
    this.view = new DataView(this.bytes.buffer);
    this.rows = vectors.count;
  }

  override read32(at: number): number {
    return this.view.getUint32(at, true);
  }

  override write32(at: number, value: number): void {
    this.view.setUint32(at, value, true);
    this.changed(at);
  }

  override readBytes(at: number, size: number): number | bigint {
    if (at + size > this.bytes.length) return size === 8 ? 0n : 0;
    if (size === 8) return this.view.getBigUint64(at, true);
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = value * 256 + this.bytes[at + i]!;
    return value;
  }

  override writeBytes(at: number, size: number, value: number | bigint): void {
    if (at + size > this.bytes.length) return;
    if (size === 8) this.view.setBigUint64(at, BigInt(value), true);
    else for (let i = 0; i < size; i++) this.bytes[at + i] = Number(value) >>> (8 * i);
    for (let dword = at & ~3; dword < at + size; dword += 4) this.changed(dword);
  }

  /** Memory outlives a reset; the vectors hold what it holds. */
  override reset(): void {
    for (let at = 0; at < this.rows * this.stride; at += 4) this.changed(at);
  }

  private changed(at: number): void {
    const v = this.row(at);
    if (v < this.rows) this.writePart(v, this.parts[(at - v * this.stride) >>> 2], this.view.getUint32(at, true));
  }
}
