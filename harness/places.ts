/** Symbolic places, and what lies where in a device's region. */
import type { Layout, Register, TableField } from '../spec/layout.ts';
import type { Profile } from './profile.ts';
import { ProgramError } from './program.ts';

/** Bytes of a register, of an entry's field, or of one word of a bit table. */
export const WORD = 4;

/** What an access of 32 bits at an aligned offset reaches. */
export type Spot =
  | { kind: 'register'; register: Register }
  | { kind: 'entry'; table: string; row: number; field: TableField | undefined }
  | { kind: 'bits'; table: string; word: number }
  | { kind: 'config'; at: number }
  /** Nothing that the layout names, or a place beyond a table's end. */
  | { kind: 'undefined'; direct: boolean };

export interface Place {
  /** Bytes from the device's base. */
  offset: number;
  /** What the aligned word that holds `offset` is. */
  spot: Spot;
}

const PLACE =
  /^(?<head>@0x[0-9a-fA-F]+|[A-Za-z][\w-]*)(?:\[(?<row>\d+)\])?(?:\.(?<field>[\w-]+))?(?:\+(?<shift>\d+))?$/;

/** Places by text and by offset: a profile never changes once it is made, and programs name the same few again. */
const resolved = new WeakMap<Profile, { places: Map<string, Place>; spots: Map<number, Spot> }>();

function cacheOf(profile: Profile): { places: Map<string, Place>; spots: Map<number, Spot> } {
  let cache = resolved.get(profile);
  if (!cache) {
    cache = { places: new Map(), spots: new Map() };
    resolved.set(profile, cache);
  }
  return cache;
}

/** Resolves a symbolic place through what the header of the device says. @throws ProgramError */
export function resolvePlace(text: string, profile: Profile): Place {
  const { places } = cacheOf(profile);
  let place = places.get(text);
  if (!place) {
    place = parsePlace(text, profile);
    places.set(text, place);
  }
  return place;
}

function parsePlace(text: string, profile: Profile): Place {
  const groups = PLACE.exec(text)?.groups;
  if (!groups) throw new ProgramError(`place '${text}' is not understood`);
  const { head = '', row, field } = groups;
  const shift = Number(groups.shift ?? 0);
  const { layout } = profile;
  if (head.startsWith('@')) return at(Number.parseInt(head.slice(1), 16) + shift, profile);
  if (head === 'Config') return at(layout.data.config.offset + shift, profile);
  if (layout.hasRegister(head)) return at(layout.register(head).offset + shift, profile);
  const table = layout.data.tables[head];
  if (!table) throw new ProgramError(`place '${text}': layout '${layout.name}' has no register or table '${head}'`);
  const base = profile.msi?.tables[head];
  if (base === undefined) throw new ProgramError(`place '${text}': the device does not offer the table`);
  if (row === undefined) throw new ProgramError(`place '${text}': a table needs an index, ${head}[0]`);
  if (table.kind === 'bits') return at(base + Number(row) * WORD + shift, profile);
  const inRow = table.fields[field ?? ''];
  if (!inRow) throw new ProgramError(`place '${text}': an entry has ${Object.keys(table.fields).join(', ')}`);
  return at(base + Number(row) * table.stride + inRow.offset + shift, profile);
}

function at(offset: number, profile: Profile): Place {
  return { offset, spot: locate(offset, profile) };
}

const registersByOffset = new WeakMap<Layout, Map<number, Register>>();

/** What the aligned word that holds `offset` is. */
export function locate(offset: number, profile: Profile): Spot {
  const { spots } = cacheOf(profile);
  let spot = spots.get(offset);
  if (!spot) {
    spot = find(offset, profile);
    spots.set(offset, spot);
  }
  return spot;
}

function find(offset: number, profile: Profile): Spot {
  const { layout, msi } = profile;
  const word = offset - (offset % WORD);
  let registers = registersByOffset.get(layout);
  if (!registers) {
    registers = new Map(Object.values(layout.data.registers).map((register) => [register.offset, register]));
    registersByOffset.set(layout, registers);
  }
  const register = registers.get(word);
  if (register) return { kind: 'register', register };
  const config = layout.data.config.offset;
  if (offset >= config && offset < config + profile.configSize) return { kind: 'config', at: offset - config };
  if (msi) {
    for (const [name, base] of Object.entries(msi.tables)) {
      const table = layout.table(name);
      const length = layout.tableLength(name, msi.vectors);
      if (word >= base && word < base + length) {
        const inTable = word - base;
        if (table.kind === 'bits') return { kind: 'bits', table: name, word: inTable / WORD };
        const row = Math.floor(inTable / table.stride);
        const inRow = inTable % table.stride;
        return { kind: 'entry', table: name, row, field: Object.values(table.fields).find((f) => f.offset === inRow) };
      }
      // What follows a table on its last page has the page's permissions.
      const end = Math.ceil((base + length) / table.align) * table.align;
      if (word >= base && word < end) return { kind: 'undefined', direct: table.page === 'direct' };
    }
  }
  return { kind: 'undefined', direct: false };
}

/** The symbolic name of an aligned offset, for traces. */
export function placeName(offset: number, profile: Profile): string {
  const spot = locate(offset, profile);
  const shift = offset % WORD === 0 ? '' : `+${offset % WORD}`;
  switch (spot.kind) {
    case 'register':
      return spot.register.name + shift;
    case 'entry':
      return `${spot.table}[${spot.row}].${spot.field?.name ?? '?'}${shift}`;
    case 'bits':
      return `${spot.table}[${spot.word}]${shift}`;
    case 'config':
      return `Config+${spot.at}`;
    case 'undefined':
      return `@0x${offset.toString(16)}`;
  }
}
