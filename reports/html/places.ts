/** What of a layout a place names: the register, table or field, and how the bits in a word of it are called. */
import type { BitField, Layout } from '../../spec/layout.ts';
import type { ClauseResult, Report } from '../report.ts';

/** Bits of a register, of an entry's field, and of a word of a bit table. */
export const WORD_BITS = 32;

/** What clauses call the device-specific configuration space. */
export const CONFIGURATION = 'Config';

/** A run of bits with a name. */
export type Bits = Pick<BitField, 'name' | 'high' | 'low'> & Partial<BitField>;

/** A 32-bit word that a program can read: what it is called, and what its bits are. */
export interface Word {
  /** As in the trace: `Status`, `entry[2].vector-control`, `pba[1]`. */
  name: string;
  /** The register or table that it belongs to. */
  owner: string;
  /** Fields, from the highest bit down; none where the word is one value. */
  fields: Bits[];
  /** Of a word of a bit table: the vector of its bit 0. */
  firstVector?: number;
}

const PLACE = /^([A-Za-z][\w-]*)(?:\[(\d+)\])?(?:\.([\w-]+))?$/;

/** The word of that name; undefined for memory, configuration, places by number and parts of words. */
export function wordAt(name: string, layout: Layout): Word | undefined {
  const [, head = '', row, field = ''] = PLACE.exec(name) ?? [];
  const register = layout.data.registers[head];
  if (register) return { name, owner: head, fields: fromTheTop(register.fields) };
  const table = layout.data.tables[head];
  if (!table || row === undefined) return undefined;
  if (table.kind === 'bits') return { name, owner: head, fields: [], firstVector: Number(row) * WORD_BITS };
  const inRow = table.fields[field];
  return inRow && { name, owner: head, fields: fromTheTop(inRow.fields) };
}

/** A word as it is written everywhere: eight digits. */
export function hex(value: number): string {
  return `0x${value.toString(16).padStart(WORD_BITS / 4, '0')}`;
}

export function fromTheTop(fields: Record<string, BitField>): BitField[] {
  return Object.values(fields).sort((a, b) => b.high - a.high);
}

/** The bits from `high` down to `low`, in place; unsigned. */
export function maskOf({ high, low }: Pick<BitField, 'high' | 'low'>): number {
  return high - low + 1 >= WORD_BITS ? 2 ** WORD_BITS - 1 : (2 ** (high - low + 1) - 1) * 2 ** low;
}

/** The bits of `word` that the field names, moved down; unsigned. */
export function bitsOf(field: Pick<BitField, 'high' | 'low'>, word: number): number {
  return ((word & maskOf(field)) >>> 0) / 2 ** field.low;
}

/** The constants of the layout that have this value and may be what a register reads, e.g. `NO_VECTOR`. */
export function constantNamed(value: number, layout: Layout): string | undefined {
  const { noVector } = layout.msi ?? {};
  return noVector !== undefined && layout.constant(noVector) === value ? noVector : undefined;
}

/** The judged clauses about each register, table or field of a table, by the place's name without bit fields. */
export class ClausesByPlace {
  private readonly places = new Map<string, string[]>();
  private readonly results: Map<string, ClauseResult>;

  constructor(report: Report, layout: Layout) {
    this.results = new Map(report.clauses.map((clause) => [clause.id, clause]));
    for (const clause of layout.data.clauses)
      if (this.results.has(clause.id)) this.places.set(clause.id, clause.places);
  }

  /** The places that the clause names, e.g. `Status.DRIVER_OK`; none for a clause that the layout does not have. */
  placesOf(id: string): readonly string[] {
    return this.places.get(id) ?? [];
  }

  /** Clauses about the register or table or any part of it. */
  about(owner: string): ClauseResult[] {
    return this.matching((place) => place === owner || place.startsWith(`${owner}.`));
  }

  /** Clauses about one field of a register or table; those about the whole of it are not among them. */
  aboutField(owner: string, field: string): ClauseResult[] {
    return this.matching((place) => place === `${owner}.${field}`);
  }

  private matching(matches: (place: string) => boolean): ClauseResult[] {
    return [...this.places].flatMap(([id, places]) => (places.some(matches) ? (this.results.get(id) ?? []) : []));
  }
}
