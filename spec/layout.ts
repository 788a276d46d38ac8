/**
 * A register layout with its clauses, as loaded from YAML.
 *
 * Every number that describes a layout (offset, bit, stride, reset value) comes through this object; code that needs
 * one names the register, field, constant or structure and asks here.
 */

import type { Diagnostic } from './diagnostics.ts';

export type Level = 'MUST' | 'SHOULD' | 'MAY';
export type Party = 'device' | 'driver';
/**
 * When a clause holds: `always`; `line`, while MSI is not negotiated, for whatever reason; `offered`, the device offers
 * the layout's feature; `absent`, it implements the layout and does not offer it; `negotiated`, from FEATURES_OK with
 * the feature accepted until the next reset; `live`, negotiated and DRIVER_OK; `declined`, offered and not accepted.
 */
export type Holds = 'always' | 'line' | 'offered' | 'absent' | 'negotiated' | 'live' | 'declined';
export type Access = 'R' | 'W' | 'RW' | 'reserved';

/** A place in a source file, 1-based. */
export interface SourcePosition {
  file: string;
  line: number;
  column: number;
}

/** Where a statement comes from: `source` is a key of the layout's `sources`, `at` the time, label or reason. */
export interface Origin {
  source: string;
  at: string;
}

export interface Clause {
  id: string;
  area: string;
  level: Level;
  binds: Party;
  holds: Holds;
  /** The feature that must be offered for the clause to apply, if any. */
  feature?: string;
  text: string;
  origin: Origin[];
  /** Clauses of other layouts that this one takes the place of. */
  standsFor?: string[];
  /** More general clauses; where this one is violated they are implied. */
  refines: string[];
  /** Registers, tables or fields (`entry.reserved`, `Status.DRIVER_OK`) that must exist for the clause to apply. */
  places: string[];
  /** Why the clause cannot be the first to be named by a failure, where that is so. */
  note?: string;
  position: SourcePosition;
}

export interface OpenPoint {
  id: string;
  about: string;
  why: string;
  position: SourcePosition;
}

/** Bits `high` down to `low` of a register. */
export interface BitField {
  name: string;
  high: number;
  low: number;
  /** In place, e.g. `0x8` for bit 3; unsigned. */
  mask: number;
  access?: Access;
  reset?: number;
  /** The one value that the bits ever read. */
  value?: number;
  /** What one in the bits stands for; 1 where it is absent. */
  unit?: number;
  /** What is added to the bits; 0 where it is absent. */
  bias?: number;
  text?: string;
}

export type Effect =
  | 'selects'
  | 'negotiates'
  | 'starts-queue'
  | 'kicks'
  | 'acknowledges'
  | 'resets-on-zero'
  | 'resets-queue'
  | 'maps';

export interface Register {
  name: string;
  /** Bytes from the device's base. */
  offset: number;
  access: Access;
  /** Value after reset; absent where the layout does not specify one. */
  reset?: number;
  /** The one value it ever reads. */
  value?: number;
  /** True where it must not change while the device lives. */
  constant: boolean;
  /** The register that selects what this one shows. */
  selector?: string;
  /** The feature that must be offered for the register to exist. */
  feature?: string;
  fields: Record<string, BitField>;
  effects: Effect[];
  text?: string;
  origin: Origin[];
  /** The layout that defines it. */
  layout: string;
  position: SourcePosition;
}

export interface TableField {
  name: string;
  /** Bytes from the start of the row; fields are 32 bits wide. */
  offset: number;
  access: Access;
  reset?: number;
  /** Bits that may read 0 whatever was written. */
  mayReadZero: number;
  fields: Record<string, BitField>;
  text?: string;
}

interface TableBase {
  name: string;
  title: string;
  /** The header register, or the field of one, that holds its offset from the device's base. */
  at: string;
  /** Where the reference device puts it: bytes, or the next place after another table that is a multiple of `align`. */
  defaultOffset: number | { after: string; align?: number };
  /** It may not start below this place; absent where the end of the configuration space is the limit. */
  lowest?: number;
  /** The header register, or the field of one, that holds how many vectors it covers. */
  rows: string;
  /** Bytes; where the table must start. */
  align: number;
  /** `direct`: a VMM may map it so that accesses do not trap; `trap`: every access reaches the device. */
  page: 'direct' | 'trap';
  origin: Origin[];
  position: SourcePosition;
}

export interface EntryTable extends TableBase {
  kind: 'entries';
  /** Bytes from one row to the next. */
  stride: number;
  fields: Record<string, TableField>;
}

export interface BitTable extends TableBase {
  kind: 'bits';
  access: Access;
  reset: number;
  /** The table's length is rounded up to this many bytes. */
  roundTo: number;
}

export type Table = EntryTable | BitTable;

export interface Feature {
  name: string;
  bit: number;
  requires: string[];
  /** True where the suite accepts the feature and drives what it brings. */
  driven: boolean;
  text?: string;
  origin?: Origin[];
}

/** A little-endian structure in guest memory; each field is `[offset, size]` in bytes. */
export interface Structure {
  name: string;
  size?: number;
  align: number;
  fields: Record<string, [offset: number, size: number]>;
  array?: { name: string; offset: number; stride: number; fields: Record<string, [offset: number, size: number]> };
}

/** One descriptor of a request: bytes that the device reads (`out`) or may write (`in`). */
export type ChainLink = { out: number | string } | { in: number };

export interface DeviceType {
  name: string;
  id: number;
  /** The queues on which the chain makes the device use a buffer by itself. */
  queues: 'all' | 'odd' | 'even' | number[];
  chain: ChainLink[];
  features: Record<string, Feature>;
  config: Record<string, { offset: number; size: number }>;
  configSize?: number;
}

/** How the behaviour of the vectors finds its places: names of registers, tables, constants and features. */
export interface MsiBinding {
  /** Which way of reaching the vectors the layout uses; each is one implementation. */
  mechanism: string;
  feature: string;
  noVector: string;
  vectorLimit: string;
  vectorCount: string;
  configVector: string;
  queueVector: string;
  entryTable: string;
  maskTable?: string;
  pendingTable: string;
  /** Names that only some mechanisms know. */
  other: Record<string, string>;
}

export interface LayoutData {
  name: string;
  title: string;
  revision: number;
  /** The chain of layouts it extends, nearest first. */
  extends: string[];
  /** SHA-256 over the normalised content, hex; equal for equal layouts. */
  digest: string;
  /** The file it was loaded from. */
  file: string;
  sources: Record<string, string>;
  constants: Record<string, { value: number; text?: string; origin?: Origin[] }>;
  features: Record<string, Feature>;
  reservedFeatures: [from: number, to: number][];
  registers: Record<string, Register>;
  config: { offset: number; access: Access };
  tables: Record<string, Table>;
  structures: Record<string, Structure>;
  deviceTypes: Record<string, DeviceType>;
  msi?: MsiBinding;
  clauses: Clause[];
  open: OpenPoint[];
}

/** Thrown when code asks a layout for something that it does not have. */
export class UnknownNameError extends Error {
  override name = 'UnknownNameError';
}

/** A loaded layout: {@link LayoutData} with look-ups that fail loudly. */
export class Layout {
  readonly data: LayoutData;
  /** What the loader found worth a word and no error, such as a clause whose place looks misspelt. */
  readonly warnings: readonly Diagnostic[];
  private readonly clauseById: Map<string, Clause>;
  private readonly standIns: Map<string, string>;

  constructor(data: LayoutData, warnings: readonly Diagnostic[] = []) {
    this.data = data;
    this.warnings = warnings;
    this.clauseById = new Map(data.clauses.map((c) => [c.id, c]));
    this.standIns = new Map(data.clauses.flatMap((c) => (c.standsFor ?? []).map((id) => [id, c.id])));
  }

  get name(): string {
    return this.data.name;
  }

  /** The register of that name. @throws UnknownNameError */
  register(name: string): Register {
    return this.data.registers[name] ?? this.fail('register', name, Object.keys(this.data.registers));
  }

  hasRegister(name: string): boolean {
    return name in this.data.registers;
  }

  /** A bit field, e.g. `field('Status', 'DRIVER_OK')`. @throws UnknownNameError */
  field(register: string, name: string): BitField {
    const fields = this.register(register).fields;
    return fields[name] ?? this.fail(`field of ${register}`, name, Object.keys(fields));
  }

  /** The in-place mask of a bit field. @throws UnknownNameError */
  bit(register: string, name: string): number {
    return this.field(register, name).mask;
  }

  /** The value of a constant. @throws UnknownNameError */
  constant(name: string): number {
    const found = this.data.constants[name];
    return found ? found.value : this.fail('constant', name, Object.keys(this.data.constants));
  }

  /** @throws UnknownNameError */
  feature(name: string): Feature {
    return this.data.features[name] ?? this.fail('feature', name, Object.keys(this.data.features));
  }

  /** @throws UnknownNameError */
  table(name: string): Table {
    return this.data.tables[name] ?? this.fail('table', name, Object.keys(this.data.tables));
  }

  /** @throws UnknownNameError */
  structure(name: string): Structure {
    return this.data.structures[name] ?? this.fail('structure', name, Object.keys(this.data.structures));
  }

  /** The device type with that DeviceID, if the layout knows it. */
  deviceType(id: number): DeviceType | undefined {
    return Object.values(this.data.deviceTypes).find((t) => t.id === id);
  }

  get msi(): MsiBinding | undefined {
    return this.data.msi;
  }

  /** @throws UnknownNameError */
  clause(id: string): Clause {
    return this.clauseById.get(id) ?? this.fail('clause', id, [...this.clauseById.keys()]);
  }

  hasClause(id: string): boolean {
    return this.clauseById.has(id);
  }

  /**
   * The clause that says here what `id` says where it is defined: `id` itself, or the clause that stands for it. Of a
   * clause that this layout has no counterpart of, `id` again.
   */
  clauseFor(id: string): string {
    return this.clauseById.has(id) ? id : (this.standIns.get(id) ?? id);
  }

  /** Whether a clause's place (`MsiVectorCount`, `entry.reserved`, `Status.DRIVER_OK`, `Config`) is in this layout. */
  hasPlace(place: string): boolean {
    const [head = '', field] = place.split('.');
    if (head === 'Config') return field === undefined;
    const register = this.data.registers[head];
    if (register) return field === undefined || field in register.fields;
    const table = this.data.tables[head];
    if (!table) return false;
    return field === undefined || (table.kind === 'entries' && field in table.fields);
  }

  /**
   * What a register, or a field of one (`MsixCapability.table-size`), stands for, given what the register reads: the
   * bits times their unit plus their bias. @throws UnknownNameError
   */
  meaningOf(reference: string, registerValue: number): number {
    const [register = '', name] = reference.split('.');
    if (name === undefined) return registerValue;
    const { low, mask, unit = 1, bias = 0 } = this.field(register, name);
    return (((registerValue & mask) >>> 0) / 2 ** low) * unit + bias;
  }

  /** The bits of a register whose field stands for `value`; the opposite of {@link meaningOf}. @throws UnknownNameError */
  bitsFor(reference: string, value: number): number {
    const [register = '', name] = reference.split('.');
    if (name === undefined) return value;
    const { low, unit = 1, bias = 0 } = this.field(register, name);
    return ((value - bias) / unit) * 2 ** low;
  }

  /** The length in bytes of a table that covers `vectors` vectors. */
  tableLength(name: string, vectors: number): number {
    const table = this.table(name);
    if (table.kind === 'entries') return vectors * table.stride;
    return Math.ceil(vectors / (8 * table.roundTo)) * table.roundTo;
  }

  /** Every clause that `id` refines, directly or through others. */
  refinedBy(id: string): Set<string> {
    const seen = new Set<string>();
    const visit = (next: string) => {
      for (const general of this.clauseById.get(next)?.refines ?? []) {
        if (!seen.has(general)) {
          seen.add(general);
          visit(general);
        }
      }
    };
    visit(id);
    return seen;
  }

  private fail(kind: string, name: string, known: string[]): never {
    throw new UnknownNameError(
      `layout '${this.data.name}' (${this.data.file}) has no ${kind} '${name}'; it has: ${known.join(', ')}`,
    );
  }
}
