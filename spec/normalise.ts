/** From the YAML's words to {@link LayoutData}: names of constants become numbers, bit ranges masks, gaps defaults. */
import { createHash } from 'node:crypto';
import type { Assembled, Item, Items } from './assemble.ts';
import { bitRange } from './checks/registers.ts';
import { isEntryTable } from './checks/tables.ts';
import type {
  BitField,
  Clause,
  DeviceType,
  Feature,
  LayoutData,
  MsiBinding,
  OpenPoint,
  Origin,
  Register,
  Structure,
  Table,
  TableField,
} from './layout.ts';
import type {
  Quantity,
  RawBitField,
  RawClause,
  RawDeviceType,
  RawFeature,
  RawMsi,
  RawOrigin,
  RawRegister,
  RawTable,
  RawTableField,
} from './raw.ts';

type NumberOf = (quantity: Quantity | undefined) => number | undefined;

/** The layout's data. Only for a layout without errors: a name that is unknown is taken for absent. */
export function normaliseLayout(layout: Assembled): LayoutData {
  const [leaf, ...bases] = layout.links;
  const number: NumberOf = (quantity) =>
    typeof quantity === 'string' ? layout.constants.get(quantity)?.value.value : quantity;
  const data: LayoutData = {
    name: leaf!.name,
    title: leaf!.raw.title ?? leaf!.name,
    revision: leaf!.raw.revision ?? 1,
    extends: bases.map((link) => link.name),
    digest: '',
    file: leaf!.source.file,
    sources: record(layout.sources, ({ value }) => value),
    constants: record(layout.constants, ({ value: { value, text, origin } }) => ({
      value,
      ...defined({ text }),
      origin: origins(origin),
    })),
    features: record(
      layout.features,
      ({ name, value }) => feature(name, value),
      (item) => item.value.bit,
    ),
    reservedFeatures: layout.reservedFeatures?.value ?? [],
    // By place, not by line: what is generated from a layout follows its content alone.
    registers: record(
      layout.registers,
      (item) => register(item, number),
      (item) => item.value.offset,
    ),
    config: layout.config?.value ?? { offset: 0, access: 'RW' },
    tables: record(layout.tables, (item) => table(item, number)),
    structures: record(layout.structures, ({ name, value }): Structure => ({ name, ...value })),
    deviceTypes: record(
      layout.deviceTypes,
      ({ name, value }) => deviceType(name, value),
      (item) => item.value.id,
    ),
    ...(layout.msi && { msi: msiBinding(layout.msi.value) }),
    clauses: layout.clauses.map(clause),
    open: layout.open.map(({ value, position }): OpenPoint => ({ ...value, position })),
  };
  data.digest = digest(data);
  return data;
}

/**
 * SHA-256, hex, over everything that is said, whoever says it where: not over files, positions, comments, the order of
 * keys, or which layout of a chain a register comes from.
 */
export function digest(data: LayoutData): string {
  const { digest: _digest, file: _file, extends: _extends, ...content } = data;
  return createHash('sha256').update(canonical(content)).digest('hex');
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const isRegister = 'effects' in value && 'layout' in value;
  const parts = Object.entries(value)
    .filter(([key, one]) => one !== undefined && key !== 'position' && !(isRegister && key === 'layout'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`);
  return `{${parts.join(',')}}`;
}

function record<T, R>(
  items: Items<T>,
  make: (item: Item<T>) => R,
  order?: (item: Item<T>) => number,
): Record<string, R> {
  const list = [...items.values()];
  if (order) list.sort((a, b) => order(a) - order(b));
  return Object.fromEntries(list.map((item) => [item.name, make(item)]));
}

/** The object without the keys that are undefined, as `exactOptionalPropertyTypes` asks for. */
function defined<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function origins(raw: RawOrigin[] | undefined): Origin[] {
  return (raw ?? []).flatMap((origin) => Object.entries(origin).map(([source, at]) => ({ source, at })));
}

function feature(name: string, raw: RawFeature): Feature {
  const { bit, requires = [], driven = false, text, origin } = raw;
  return { name, bit, requires, driven, ...defined({ text }), origin: origins(origin) };
}

function register(item: Item<RawRegister>, number: NumberOf): Register {
  const {
    offset,
    access,
    reset,
    value,
    constant = false,
    selector,
    feature,
    fields,
    effects = [],
    text,
    origin,
  } = item.value;
  return {
    name: item.name,
    offset,
    access,
    ...defined({ reset: number(reset), value: number(value), selector, feature, text }),
    constant,
    fields: bitFields(fields, number),
    effects,
    origin: origins(origin),
    layout: item.link.name,
    position: item.position,
  };
}

function bitFields(raw: Record<string, RawBitField> | undefined, number: NumberOf): Record<string, BitField> {
  const fields = Object.entries(raw ?? {}).map(([name, { bits, access, reset, value, unit, bias, text }]): BitField => {
    const [high, low] = bitRange(bits);
    const mask = 2 ** (high + 1) - 2 ** low;
    const given = defined({ access, reset: number(reset), value: number(value), unit, bias, text });
    return { name, high, low, mask, ...given };
  });
  return Object.fromEntries(fields.sort((a, b) => a.low - b.low).map((field) => [field.name, field]));
}

function table(item: Item<RawTable>, number: NumberOf): Table {
  const raw = item.value;
  const place = raw['default-offset'];
  const base = {
    name: item.name,
    title: raw.title,
    at: raw.at,
    defaultOffset:
      typeof place === 'number' ? place : { after: place.after, ...defined({ align: number(place.align) }) },
    ...defined({ lowest: number(raw.lowest) }),
    rows: raw.rows,
    align: number(raw.align) ?? 1,
    page: raw.page,
    origin: origins(raw.origin),
    position: item.position,
  };
  if (!isEntryTable(raw)) {
    return { ...base, kind: 'bits', access: raw.access, reset: raw.reset, roundTo: raw['round-to'] };
  }
  const fields = Object.entries(raw.fields).map(([name, field]) => tableField(name, field, number));
  fields.sort((a, b) => a.offset - b.offset);
  return { ...base, kind: 'entries', stride: raw.stride, fields: Object.fromEntries(fields.map((f) => [f.name, f])) };
}

function tableField(name: string, raw: RawTableField, number: NumberOf): TableField {
  const reset = raw.reset === 'unspecified' ? undefined : number(raw.reset);
  return {
    name,
    offset: raw.offset,
    access: raw.access,
    ...defined({ reset, text: raw.text }),
    mayReadZero: number(raw['may-read-zero']) ?? 0,
    fields: bitFields(raw.fields, number),
  };
}

function deviceType(name: string, raw: RawDeviceType): DeviceType {
  const config: DeviceType['config'] = {};
  let configSize: number | undefined;
  for (const [key, value] of Object.entries(raw.config ?? {})) {
    if (typeof value === 'number') configSize = value;
    else config[key] = value;
  }
  const features = Object.entries(raw.features ?? {}).map(([key, value]) => [key, feature(key, value)] as const);
  return {
    name,
    id: raw.id,
    queues: raw.queues,
    chain: raw.chain,
    features: Object.fromEntries(features),
    config,
    ...defined({ configSize }),
  };
}

function msiBinding(raw: RawMsi): MsiBinding {
  return {
    mechanism: raw.mechanism,
    feature: raw.feature,
    noVector: raw['no-vector'],
    vectorLimit: raw['vector-limit'],
    vectorCount: raw['vector-count'],
    configVector: raw['config-vector'],
    queueVector: raw['queue-vector'],
    entryTable: raw['entry-table'],
    ...defined({ maskTable: raw['mask-table'] }),
    pendingTable: raw['pending-table'],
    other: raw.other ?? {},
  };
}

function clause({ value: raw, position }: Item<RawClause>): Clause {
  const { id, area, level, binds, holds, feature, note } = raw;
  return {
    id,
    area,
    level,
    binds,
    holds,
    ...defined({ feature, note }),
    text: raw.text.trim(),
    origin: origins(raw.origin),
    ...defined({ standsFor: raw['stands-for'] }),
    refines: raw.refines ?? [],
    places: raw.places ?? [],
    position,
  };
}
