import type { EntryTable } from '../spec/layout.ts';
import type { Bits } from './bits.ts';
import type { EntryMemory, EntryRegisters } from './entries.ts';
import type { Mechanism, MechanismOptions } from './mechanism.ts';
import { alignUp, type Place, placeTables } from './placement.ts';
import type { Area, Port, Ports } from './port.ts';
import type { TableRole } from './settings.ts';
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

/** Moves an area and what is known of its place. */
export function moveTo(area: BitArea, place: Place, start: number): void {
  place.start = start;
  area.start = start;
  area.end = start + place.length;
}

/** What the layouts with tables have in common: an entry table, a pending bit array, the two vector registers. */
export abstract class MsiTables implements Mechanism {
  readonly options: MechanismOptions;
  readonly vectors: Vectors;
  readonly ports: Ports = new Map();
  /** Where the tables are; what the header says. */
  readonly places: Partial<Record<TableRole, Place>>;
  readonly entries: EntryRegisters | EntryMemory;
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
    this.places = placeTables(layout, msi, settings, vectors.count, firstFree);
    this.entries = this.makeEntries(layout.table(msi.entryTable) as EntryTable, this.place('entry'));
    this.pending = new BitArea(
      this.place('pending'),
      (w) => this.readPendingWord(w),
      (w, value) => this.writePendingWord(w, value),
    );
    this.add(msi.configVector, {
      read: () => this.readConfigVector(),
      write: (value) => this.writeConfigVector(value),
    });
    this.add(msi.queueVector, {
      read: () => this.readQueueVector(),
      write: (value) => this.writeQueueVector(value),
    });
  }

  abstract readonly keepsStatus: boolean;
  abstract get areas(): readonly Area[];
  abstract active(): boolean;

  protected abstract makeEntries(table: EntryTable, place: Place): EntryRegisters | EntryMemory;

  get end(): number {
    const { align } = this.options.layout.table(this.options.msi.entryTable);
    return Math.max(...this.areas.map((a) => alignUp(a.end, align)));
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

  place(table: TableRole): Place {
    const place = this.places[table];
    if (!place) throw new Error(`layout '${this.options.layout.name}' lacks the ${table} table`);
    return place;
  }
  /** Puts the pending bit array elsewhere; the header follows. */
  move(table: 'pending', start: number): void {
    moveTo(this[table], this.place(table), start);
  }
  readCount(): number {
    return this.vectors.count;
  }
  /** The byte offset that the header tells of a table. */
  readPlace(table: TableRole): number {
    return this.place(table).start;
  }
  /** A write to a header register that cannot be written. */
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

  // --- pending bit array ---

  readPendingWord(word: number): number {
    return this.offered ? this.pendingBits().word(word) : 0;
  }
  pendingBits(): Bits {
    return this.vectors.pending;
  }
  writePendingWord(_word: number, _value: number): void {}

  /** Where the feature is not offered, every register reads 0. */
  protected add(name: string, port: Port): void {
    this.ports.set(name, { read: () => (this.live() ? port.read() : 0), write: (value) => port.write(value) });
  }

  /** Whether the feature's registers show anything. */
  live(): boolean {
    return this.offered;
  }
}
