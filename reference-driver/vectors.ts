/** The vectors of a device as a driver sees them: how many there are, their entries, masks and what is mapped to them. */
import type { Message } from '../harness/driver/api.ts';
import type { EntryTable, Layout, MsiBinding, Table } from '../spec/layout.ts';
import type { Registers } from './registers.ts';
import type { Settings } from './settings.ts';

const HALF = 2n ** 32n;

/** What a layout's way to the vectors has in common with any other; one subclass for each mechanism. */
export abstract class Vectors {
  readonly registers: Registers;
  readonly layout: Layout;
  readonly msi: MsiBinding;
  readonly settings: Settings;
  /** N, as the header says. */
  count = 0;
  /** Bytes from the device's base, by name. */
  private readonly places = new Map<string, number>();

  constructor(registers: Registers, msi: MsiBinding, settings: Settings) {
    this.registers = registers;
    this.layout = registers.layout;
    this.msi = msi;
    this.settings = settings;
  }

  /** Reads the header. @returns false where it describes nothing that can be used */
  readHeader(): boolean {
    this.count = this.readCount();
    if (this.count < 1 || this.count > this.layout.constant(this.msi.vectorLimit)) return false;
    return this.tables().every((table) => {
      const place = this.readMeaning(table.at);
      this.places.set(table.name, place);
      return place + this.layout.tableLength(table.name, this.count) <= this.registers.bus.regionSize;
    });
  }

  readCount(): number {
    return this.readMeaning(this.msi.vectorCount);
  }

  /** Masks are all set and nothing is mapped: makes ready for entries to be written. */
  abstract open(): void;
  /** Entries are written and vectors unmasked: lets messages come. */
  abstract go(): void;
  abstract mask(vectors: readonly number[]): void;
  abstract unmask(vectors: readonly number[]): void;

  // --- entries ---

  /** Writes the entry of a vector, which must be masked. */
  writeEntry(vector: number, message: Message): void {
    const address = BigInt(message.address);
    const dwords: [field: string, value: number][] = [
      ['address-low', Number(address % HALF)],
      ['address-high', Number(address / HALF)],
      ['data', message.data],
    ];
    if (this.settings.entryOrder === 'data first') dwords.reverse();
    for (const [field, value] of dwords) this.writeDword(vector, field, value);
  }

  writeDword(vector: number, field: string, value: number): void {
    this.registers.writeAt(this.dword(vector, field), value);
  }

  /** Where a field of an entry is, in bytes from the device's base. */
  dword(vector: number, field: string): number {
    const { stride, fields } = this.entryTable;
    return this.placeOf(this.msi.entryTable) + vector * stride + (fields[field]?.offset ?? 0);
  }

  // --- mapping ---

  /** Maps configuration changes to a vector. @returns whether the device took it */
  mapConfig(vector: number): boolean {
    return this.map(this.msi.configVector, vector);
  }

  /** Maps a queue's used buffers to a vector. @returns whether the device took it */
  mapQueue(index: number, vector: number): boolean {
    this.registers.write('QueueSel', index);
    return this.map(this.msi.queueVector, vector);
  }

  map(register: string, vector: number): boolean {
    this.registers.write(register, vector);
    return this.readBack(register) === vector;
  }

  readBack(register: string): number {
    return this.registers.read(register);
  }

  get noVector(): number {
    return this.layout.constant(this.msi.noVector);
  }

  // --- places ---

  placeOf(table: string): number {
    return this.places.get(table) ?? 0;
  }

  private get entryTable(): EntryTable {
    const table = this.layout.table(this.msi.entryTable);
    if (table.kind !== 'entries') throw new Error(`layout '${this.layout.name}': ${table.name} is no table of entries`);
    return table;
  }

  private tables(): Table[] {
    const { entryTable, maskTable, pendingTable } = this.msi;
    return [entryTable, maskTable, pendingTable].flatMap((name) => (name === undefined ? [] : this.layout.table(name)));
  }

  private readMeaning(reference: string): number {
    const [register = ''] = reference.split('.');
    return this.layout.meaningOf(reference, this.registers.read(register));
  }
}
