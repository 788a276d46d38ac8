import type { EntryTable } from '../spec/layout.ts';
import { EntryMemory, EntryRegisters } from './entries.ts';
import type { MechanismOptions } from './mechanism.ts';
import type { Place } from './placement.ts';
import type { Area } from './port.ts';
import { BitArea, MsiTables, moveTo } from './tables.ts';

/** The native layout: mask bits in a table of their own, negotiated is enabled. */
export class Native extends MsiTables {
  readonly keepsStatus = false;
  readonly mask: BitArea;

  constructor(options: MechanismOptions) {
    super(options);
    const { layout, msi } = options;
    if (msi.maskTable === undefined) throw new Error(`layout '${layout.name}' has no mask table`);
    this.mask = new BitArea(
      this.place('mask'),
      (w) => this.readMaskWord(w),
      (w, value) => this.writeMaskWord(w, value),
    );
    const header = (name: string, read: () => number) =>
      this.add(name, { read, write: (value) => this.writeHeader(name, value) });
    header(msi.vectorCount, () => this.readCount());
    header(layout.table(msi.entryTable).at, () => this.readPlace('entry'));
    header(layout.table(msi.maskTable).at, () => this.readPlace('mask'));
    header(layout.table(msi.pendingTable).at, () => this.readPlace('pending'));
  }

  get areas(): readonly Area[] {
    return [this.entries, this.mask, this.pending];
  }

  protected override makeEntries(table: EntryTable, place: Place): EntryRegisters | EntryMemory {
    const { settings } = this.options;
    const Entries = settings.entries === 'memory' ? EntryMemory : EntryRegisters;
    return new Entries(table, place, this.vectors, settings, () => this.accepts());
  }

  active(): boolean {
    return this.negotiated;
  }

  /** Puts one of the bit tables elsewhere; the header follows. */
  override move(table: 'mask' | 'pending', start: number): void {
    moveTo(this[table], this.place(table), start);
  }

  // --- mask table ---

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
}

function lowest(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

function highest(bits: number): number {
  return 31 - Math.clz32(bits);
}
