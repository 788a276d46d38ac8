import type { EntryTable } from '../spec/layout.ts';
import type { Bits } from './bits.ts';
import { EntryMemory, EntryRegisters } from './entries.ts';
import type { Mechanism, MechanismOptions } from './mechanism.ts';
import { alignUp, type Place, placeTables } from './placement.ts';
import type { Area, Port, Ports } from './port.ts';
import { CONFIG, queueSource, type Vectors } from './vectors.ts';

/** A table of one bit a vector, in dwords. */
export class BitArea implements Area {
  start: number;
  end: number;
  readonly narrow = false;
  private readonly readWord: (word: number) => number;
  private readonly writeWord: (word: number, value: number) => void;

  constructor(place: Place, readWord: (word: number) => number, writeWord: (word: number, value: number) => void) {
    this.start = place.start;
    this.end = place.start + place.length;
    this.readWord = readWord;
    this.writeWord = writeWord;
  }
  read32(at: number): number {
    return this.readWord(at >>> 2);
  }
  write32(at: number, value: number): void {
    this.writeWord(at >>> 2, value);
  }
  readBytes(): number {
    return 0;
  }
  writeBytes(): void {}
}

/** The native layout: mask bits in a table of their own, negotiated is enabled. */
export class Native implements Mechanism {
  readonly options: MechanismOptions;
  readonly vectors: Vectors;
  readonly ports: Ports;
  readonly areas: readonly Area[];
  readonly end: number;
  /** Where the tables are; what the header says. */
  readonly places: { entry: Place; mask: Place; pending: Place };
  readonly entries: EntryRegisters | EntryMemory;
  readonly mask: BitArea;
  readonly pending: BitArea;
  negotiated = false;
  readonly offered: boolean;
  readonly noVector: number;

  constructor(options: MechanismOptions) {
    const { layout, msi, settings, vectors, firstFree } = options;
    this.options = options;
    this.vectors = vectors;
    this.offered = settings.msi === 'offered';
    this.noVector = layout.constant(msi.noVector);
    const { entry, mask, pending } = placeTables(layout, msi, settings, vectors.count, firstFree);
    if (!entry || !mask || !pending) throw new Error(`layout '${layout.name}' lacks one of the three tables`);
    this.places = { entry, mask, pending };
    const table = layout.table(msi.entryTable) as EntryTable;
    const Entries = settings.entries === 'memory' ? EntryMemory : EntryRegisters;
    this.entries = new Entries(table, entry, vectors, settings, () => this.accepts());
    this.mask = new BitArea(
      mask,
      (w) => this.readMaskWord(w),
      (w, value) => this.writeMaskWord(w, value),
    );
    this.pending = new BitArea(
      pending,
      (w) => this.readPendingWord(w),
      (w, value) => this.writePendingWord(w, value),
    );
    this.areas = [this.entries, this.mask, this.pending];
    this.end = Math.max(...this.areas.map((a) => alignUp(a.end, table.align)));
    this.ports = this.makePorts();
  }

  active(): boolean {
    return this.negotiated;
  }
  negotiate(on: boolean): void {
    this.negotiated = on;
  }
  reset(): void {
    this.negotiated = false;
    this.vectors.reset();
    this.entries.reset();
  }

  /** Whether writes to the vector registers and tables take hold. */
  accepts(): boolean {
    return this.offered && (this.negotiated || this.options.settings.earlyWrites === 'hold');
  }

  // --- header and vector registers ---

  readCount(): number {
    return this.vectors.count;
  }
  /** What the header register of a table reads. */
  readPlace(table: 'entry' | 'mask' | 'pending'): number {
    return this.places[table].start;
  }
  /** Puts one of the bit tables elsewhere; the header follows. */
  move(table: 'mask' | 'pending', start: number): void {
    this.places[table].start = start;
    this[table].start = start;
    this[table].end = start + this.places[table].length;
  }
  /** A write to a header register. */
  writeHeader(_register: string, _value: number): void {}

  readVector(source: number): number {
    return this.vectors.mapped(source) ?? this.noVector;
  }
  writeVector(source: number, value: number): void {
    if (this.accepts()) this.vectors.map(source, value);
  }
  /** The source behind MsiQueueVector, or undefined where the selected queue does not exist. */
  selectedSource(): number | undefined {
    const queue = this.options.selectedQueue();
    return queue === undefined ? undefined : queueSource(queue);
  }
  readConfigVector(): number {
    return this.readVector(CONFIG);
  }
  writeConfigVector(value: number): void {
    this.writeVector(CONFIG, value);
  }
  readQueueVector(): number {
    const source = this.selectedSource();
    return source === undefined ? this.noVector : this.readVector(source);
  }
  writeQueueVector(value: number): void {
    const source = this.selectedSource();
    if (source !== undefined) this.writeVector(source, value);
  }

  // --- mask table and pending bit array ---

  readMaskWord(word: number): number {
    return this.offered ? this.vectors.masks.word(word) : 0;
  }
  writeMaskWord(word: number, value: number): void {
    if (this.accepts()) this.changeMasks(word, value);
  }
  /** Applies one dword of the mask table; bits that stay as they are are left alone. */
  changeMasks(word: number, value: number): void {
    const { masks } = this.vectors;
    let changes = ((masks.word(word) ^ value) & masks.valid(word)) >>> 0;
    const descending = this.options.settings.release === 'descending';
    while (changes !== 0) {
      const bit = descending ? highest(changes) : lowest(changes);
      changes = (changes & ~(1 << bit)) >>> 0;
      this.vectors.setMask(word * 32 + bit, ((value >>> bit) & 1) === 1);
    }
  }
  readPendingWord(word: number): number {
    return this.offered ? this.pendingBits().word(word) : 0;
  }
  pendingBits(): Bits {
    return this.vectors.pending;
  }
  writePendingWord(_word: number, _value: number): void {}

  private makePorts(): Ports {
    const { layout, msi } = this.options;
    const ports: Ports = new Map();
    const header = (name: string, read: () => number) =>
      this.add(ports, name, { read, write: (value) => this.writeHeader(name, value) });
    header(msi.vectorCount, () => this.readCount());
    header(layout.table(msi.entryTable).at, () => this.readPlace('entry'));
    header(layout.table(msi.maskTable!).at, () => this.readPlace('mask'));
    header(layout.table(msi.pendingTable).at, () => this.readPlace('pending'));
    this.add(ports, msi.configVector, {
      read: () => this.readConfigVector(),
      write: (value) => this.writeConfigVector(value),
    });
    this.add(ports, msi.queueVector, {
      read: () => this.readQueueVector(),
      write: (value) => this.writeQueueVector(value),
    });
    return ports;
  }

  /** Where the feature is not offered, every register reads 0. */
  private add(ports: Ports, name: string, port: Port): void {
    ports.set(name, { read: () => (this.live() ? port.read() : 0), write: (value) => port.write(value) });
  }

  /** Whether the six registers show anything. */
  live(): boolean {
    return this.offered;
  }
}

function lowest(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

function highest(bits: number): number {
  return 31 - Math.clz32(bits);
}
