/** What is known of the entries, and which messages each may send. */
import type { EntryTable, TableField } from '../../spec/layout.ts';
import { hex } from '../program.ts';

/** A dword of an entry as far as it is known. */
interface Dword {
  /** What it holds; absent where nobody knows. */
  value?: number;
  /** Other values that it may read, after an access that may or may not have acted as memory. */
  readable?: number[];
  /** It was read since it was written, and held that. */
  confirmed?: boolean;
  /** Number of the 64-bit write that it may have been half of. */
  wide?: number;
  /** What it held before it was written while unmasked: goes out too, until the next mask and unmask. */
  stale: number[];
}

const PARTS = ['address-low', 'address-high', 'data'] as const;
type Part = (typeof PARTS)[number];
type Entry = Record<Part, Dword>;

export interface Content {
  'address-low': number;
  'address-high': number;
  data: number;
}

export function contentOf(address: number | bigint, data: number): Content {
  const wide = BigInt(address);
  return { 'address-low': Number(wide & 0xffffffffn), 'address-high': Number(wide >> 32n), data };
}

export function showContent(content: Content): string {
  const high = content['address-high'];
  const address =
    high === 0
      ? hex(content['address-low'])
      : `0x${high.toString(16)}${content['address-low'].toString(16).padStart(8, '0')}`;
  return `address ${address} data ${hex(content.data)}`;
}

export function contentKey(content: Content): string {
  return `${content['address-high']}:${content['address-low']}:${content.data}`;
}

export class Entries {
  private readonly entries = new Map<number, Entry>();
  /** Everything that each vector could have sent in this life, oldest first; for naming what went wrong. */
  private readonly past = new Map<number, Content[]>();
  private readonly fields: Record<string, TableField>;
  private wideWrites = 0;
  /** Whether each 64-bit write acted, as far as one of its halves told. */
  private readonly wideActed = new Map<number, boolean>();

  constructor(table: EntryTable) {
    this.fields = table.fields;
  }

  clear(): void {
    this.entries.clear();
    this.past.clear();
  }

  known(): Iterable<number> {
    return this.entries.keys();
  }

  write(vector: number, part: string, value: number, exposed: boolean): void {
    const dword = this.dword(vector, part);
    if (!dword) return;
    if (exposed && dword.value !== undefined) dword.stale.push(dword.value);
    dword.value = value;
    delete dword.readable;
    delete dword.confirmed;
    delete dword.wide;
    this.remember(vector);
  }

  /** A 64-bit write begins: its halves act together or not at all. */
  beginWide(): void {
    this.wideWrites++;
  }

  maybeWide(vector: number, part: string, value: number, exposed: boolean): void {
    this.maybe(vector, part, value, exposed);
    const dword = this.dword(vector, part);
    if (dword?.readable) dword.wide = this.wideWrites;
  }

  /** The dword may hold `value` now, or still what it held. */
  maybe(vector: number, part: string, value: number | undefined, exposed: boolean): void {
    const dword = this.dword(vector, part);
    if (!dword) return;
    if (value === undefined || dword.value === undefined) {
      delete dword.value;
      delete dword.readable;
      return;
    }
    dword.readable = [...(dword.readable ?? []), value];
    if (exposed) dword.stale.push(value);
  }

  /** The values that the dword may read; undefined where every value may be. */
  readable(vector: number, part: string): { values: number[]; mayReadZero: number; confirmed: boolean } | undefined {
    const dword = this.entries.get(vector)?.[part as Part];
    if (dword?.value === undefined) return undefined;
    return {
      values: [dword.value, ...(dword.readable ?? [])],
      mayReadZero: this.fields[part]?.mayReadZero ?? 0,
      confirmed: dword.confirmed === true,
    };
  }

  /** What was read settles what it holds. Returns false where it shows that half of a 64-bit write acted. */
  observe(vector: number, part: string, value: number): boolean {
    const dword = this.entries.get(vector)?.[part as Part];
    if (!dword) return true;
    const acted = dword.value !== value;
    let whole = true;
    if (dword.wide !== undefined && dword.readable?.some((other) => other !== dword.value)) {
      const other = this.wideActed.get(dword.wide);
      whole = other === undefined || other === acted;
      this.wideActed.set(dword.wide, acted);
    }
    if (dword.readable && acted) {
      dword.stale.push(dword.value ?? value);
      dword.value = value;
    }
    dword.confirmed = true;
    delete dword.readable;
    delete dword.wide;
    return whole;
  }

  /** The vector is masked and nothing of it is under way: only what the entry holds can go out from now on. */
  freshen(vector: number): void {
    const entry = this.entries.get(vector);
    if (!entry) return;
    for (const part of PARTS) entry[part].stale = [];
  }

  allows(vector: number, content: Content): boolean {
    const entry = this.entries.get(vector);
    if (!entry) return false;
    return PARTS.every((part) => {
      const { value, readable, stale } = entry[part];
      const sent = content[part];
      return value === undefined || value === sent || stale.includes(sent) || readable?.includes(sent) === true;
    });
  }

  /** The content that the entry holds, where all of it is known. */
  content(vector: number): Content | undefined {
    const entry = this.entries.get(vector);
    if (!entry) return undefined;
    const { 'address-low': low, 'address-high': high, data } = entry;
    if (low.value === undefined || high.value === undefined || data.value === undefined) return undefined;
    return { 'address-low': low.value, 'address-high': high.value, data: data.value };
  }

  /** The vector whose past holds the content, whole or dword by dword. */
  staleOwner(content: Content): number | undefined {
    for (const [vector, past] of this.past) {
      const made = PARTS.every((part) => past.some((old) => old[part] === content[part]));
      if (made) return vector;
    }
    return undefined;
  }

  allPast(): string[] {
    return [...this.past.values()].flat().map(contentKey);
  }

  private dword(vector: number, part: string): Dword | undefined {
    if (!PARTS.includes(part as Part)) return undefined;
    let entry = this.entries.get(vector);
    if (!entry) {
      entry = { 'address-low': { stale: [] }, 'address-high': { stale: [] }, data: { stale: [] } };
      this.entries.set(vector, entry);
    }
    return entry[part as Part];
  }

  private remember(vector: number): void {
    const content = this.content(vector);
    if (!content) return;
    const past = this.past.get(vector);
    if (past) past.push(content);
    else this.past.set(vector, [content]);
  }
}
