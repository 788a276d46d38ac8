/**
 * The YAML as `layout.schema.json` accepts it, one interface for each of its definitions.
 *
 * All sections are optional here: what the schema refused is left out, so that the rest is still checked.
 */
import type { Access, Effect, Holds, Level, Party } from './layout.ts';

/** A number, or the name of a constant. */
export type Quantity = number | string;
export type RawOrigin = Record<string, string>;
export type RawMemoryFields = Record<string, [offset: number, size: number]>;

export interface RawConstant {
  value: number;
  text?: string;
  origin?: RawOrigin[];
}

export interface RawFeature {
  bit: number;
  requires?: string[];
  driven?: boolean;
  text?: string;
  origin?: RawOrigin[];
}

export interface RawBitField {
  /** `'3'` or `'26:16'`. */
  bits: string | number;
  access?: Access;
  reset?: Quantity;
  value?: Quantity;
  unit?: number;
  bias?: number;
  text?: string;
}

export interface RawRegister {
  offset: number;
  access: Access;
  reset?: Quantity;
  value?: Quantity;
  constant?: boolean;
  selector?: string;
  feature?: string;
  fields?: Record<string, RawBitField>;
  effects?: Effect[];
  text?: string;
  origin?: RawOrigin[];
}

export interface RawConfig {
  offset: number;
  access: Access;
}

export interface RawTableField {
  offset: number;
  access: Access;
  /** A quantity, or `unspecified`. */
  reset?: Quantity;
  'may-read-zero'?: Quantity;
  fields?: Record<string, RawBitField>;
  text?: string;
}

interface RawTableBase {
  title: string;
  at: string;
  'default-offset': number | { after: string; align?: Quantity };
  lowest?: Quantity;
  rows: string;
  align: Quantity;
  page: 'direct' | 'trap';
  origin?: RawOrigin[];
}

export interface RawEntryTable extends RawTableBase {
  stride: number;
  fields: Record<string, RawTableField>;
  bits?: never;
}

export interface RawBitTable extends RawTableBase {
  bits: 1;
  access: Access;
  reset: number;
  'round-to': number;
}

export type RawTable = RawEntryTable | RawBitTable;

export interface RawStructure {
  size?: number;
  align: number;
  fields: RawMemoryFields;
  array?: { name: string; offset: number; stride: number; fields: RawMemoryFields };
}

export interface RawDeviceType {
  id: number;
  queues: 'all' | 'odd' | 'even' | number[];
  chain: ({ out: number | string } | { in: number })[];
  features?: Record<string, RawFeature>;
  /** Fields by name; the key `size` is the size of the whole. */
  config?: Record<string, { offset: number; size: number } | number>;
}

export interface RawMsi {
  mechanism: string;
  feature: string;
  'no-vector': string;
  'vector-limit': string;
  'vector-count': string;
  'config-vector': string;
  'queue-vector': string;
  'entry-table': string;
  'mask-table'?: string;
  'pending-table': string;
  other?: Record<string, string>;
}

export interface RawClause {
  id: string;
  area: string;
  level: Level;
  binds: Party;
  holds: Holds;
  feature?: string;
  places?: string[];
  'stands-for'?: string[];
  refines?: string[];
  origin: RawOrigin[];
  text: string;
  note?: string;
}

/** Clauses of another layout that hold word for word, and what their places are called here. */
export interface RawSharedClauses {
  from: string;
  ids: string[];
  places?: Record<string, string>;
  reading?: string;
}

export interface RawOpenPoint {
  id: string;
  about: string;
  why: string;
}

export interface RawLayout {
  layout?: string;
  title?: string;
  revision?: number;
  extends?: string;
  sources?: Record<string, string>;
  constants?: Record<string, RawConstant>;
  features?: Record<string, RawFeature>;
  'reserved-features'?: [from: number, to: number][];
  registers?: Record<string, RawRegister>;
  config?: RawConfig;
  tables?: Record<string, RawTable>;
  structures?: Record<string, RawStructure>;
  'device-types'?: Record<string, RawDeviceType>;
  msi?: RawMsi;
  'shared-clauses'?: (RawSharedClauses | undefined)[];
  /** Entries that the schema refused are `undefined`, so that the others keep their index. */
  clauses?: (RawClause | undefined)[];
  open?: (RawOpenPoint | undefined)[];
}
