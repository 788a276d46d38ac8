/** Features, origins, the binding of MSI and the memory structures: numbers given once, names that exist. */
import type { Item } from '../assemble.ts';
import { hex } from '../diagnostics.ts';
import type { RawFeature, RawMemoryFields, RawMsi, RawOrigin } from '../raw.ts';
import { didYouMean } from '../suggest.ts';
import { type Context, whereIs } from './context.ts';

export function checkFeatures(context: Context): void {
  const { features, declared, reservedFeatures } = context.layout;
  const byBit = new Map<number, Item<RawFeature>>();
  for (const item of features.values()) {
    const taken = byBit.get(item.value.bit);
    if (taken) {
      const [edited, other] = context.edited(taken, item, features, (feature) => feature.bit);
      const message = `feature ${edited.name} has bit ${edited.value.bit}, which is ${other.name} (${whereIs(other, edited)})`;
      context.report(edited.error(['bit'], message));
    } else byBit.set(item.value.bit, item);
    for (const [index, name] of (item.value.requires ?? []).entries()) {
      context.checkName(item, ['requires', index], 'feature', name, declared.features);
    }
  }
  for (const [index, [from, to]] of (reservedFeatures?.value ?? []).entries()) {
    if (from > to) {
      context.report(reservedFeatures!.error([index], `the range ends before it begins: ${from} to ${to}`));
    }
  }
}

/** The keys of `origin`, wherever there is one. */
export function checkOrigins(context: Context): void {
  const { constants, features, registers, tables, clauses } = context.layout;
  const withOrigin: Item<{ origin?: RawOrigin[] }>[] = [
    ...constants.values(),
    ...features.values(),
    ...registers.values(),
    ...tables.values(),
    ...clauses,
  ];
  for (const item of withOrigin) {
    for (const [index, origin] of (item.value.origin ?? []).entries()) {
      for (const source of Object.keys(origin)) {
        if (context.layout.declared.sources.has(source)) continue;
        const hint = didYouMean(source, context.layout.declared.sources);
        context.report(item.error(['origin', index, source], `there is no source '${source}'`, hint, 'key'));
      }
    }
  }
}

/** Each name of `msi` is one of the kind that its key asks for, and NO_VECTOR is no vector. */
export function checkMsi(context: Context): void {
  const item = context.layout.msi;
  if (!item) return;
  const { declared } = context.layout;
  const name = (key: keyof RawMsi, noun: string, known: Set<string>) => {
    const value = item.value[key];
    return typeof value !== 'string' || context.checkName(item, [key], noun, value, known);
  };
  name('feature', 'feature', declared.features);
  name('config-vector', 'register', declared.registers);
  name('queue-vector', 'register', declared.registers);
  name('entry-table', 'table', declared.tables);
  name('mask-table', 'table', declared.tables);
  name('pending-table', 'table', declared.tables);
  checkReference(context, item, ['vector-count'], item.value['vector-count'], 'register');
  for (const [key, value] of Object.entries(item.value.other ?? {})) {
    checkReference(context, item, ['other', key], value, 'register, table, constant or feature');
  }
  checkMechanism(context, item);
  const limitKnown = name('vector-limit', 'constant', declared.constants);
  if (name('no-vector', 'constant', declared.constants) && limitKnown) checkNoVector(context, item);
}

/** What only some mechanisms have, and these cannot do without. */
const NEEDED_OTHER: Record<string, readonly string[]> = {
  'vector-control': ['enable', 'function-mask', 'vector-control'],
};

function checkMechanism(context: Context, item: Item<RawMsi>): void {
  const { mechanism, other = {} } = item.value;
  if (mechanism === 'mask-table' && item.value['mask-table'] === undefined) {
    context.report(item.error(['mechanism'], "mechanism mask-table needs 'mask-table', the table with the mask bits"));
  }
  for (const key of NEEDED_OTHER[mechanism] ?? []) {
    if (other[key] !== undefined) continue;
    const hint = didYouMean(key, Object.keys(other)) ?? 'a field, such as MsixCapability.enable';
    context.report(item.error(['mechanism'], `mechanism ${mechanism} needs '${key}' under 'other'`, hint));
  }
  if (mechanism === 'vector-control') checkMaskBit(context, item, other['vector-control']);
}

/** The mask bit of vector control is bit 0: what a driver reads and writes of it counts from there. */
function checkMaskBit(context: Context, item: Item<RawMsi>, reference = ''): void {
  const [head = '', name = ''] = reference.split('.');
  const table = context.layout.tables.get(head)?.value;
  const field = table?.bits === undefined ? table?.fields[name] : undefined;
  if (!field || String(field.fields?.mask?.bits) === '0') return;
  const message = `${reference} has no bit field 'mask' at bit 0`;
  context.report(item.error(['other', 'vector-control'], message, 'give it fields: { mask: { bits: 0, reset: 1 } }'));
}

function checkNoVector(context: Context, item: Item<RawMsi>): void {
  const { constants } = context.layout;
  const none = constants.get(item.value['no-vector']);
  const limit = constants.get(item.value['vector-limit']);
  if (!none || !limit) return;
  if (limit.value.value === 0) {
    context.report(limit.error(['value'], `${limit.name} is 0: there must be room for one vector`));
  } else if (none.value.value < limit.value.value) {
    const message = `${none.name} ${hex(none.value.value)} is a vector: the limit is ${limit.value.value} (${limit.name}, ${whereIs(limit, none)})`;
    context.report(none.error(['value'], message, `it must be ${hex(limit.value.value)} or more`));
  }
}

/** A name, or `Name.FIELD`, of the nouns given. */
function checkReference(context: Context, item: Item<RawMsi>, path: string[], reference: string, nouns: string): void {
  const { declared, registers, tables } = context.layout;
  const [head = '', field] = reference.split('.');
  const known = new Set(declared.registers);
  if (nouns !== 'register') {
    for (const set of [declared.tables, declared.constants, declared.features]) for (const one of set) known.add(one);
  }
  if (!context.checkName(item, path, nouns, head, known) || field === undefined) return;
  const table = tables.get(head)?.value;
  const fields = registers.get(head)?.value.fields ?? (table?.bits === undefined ? table?.fields : undefined) ?? {};
  if (!Object.hasOwn(fields, field)) {
    context.report(item.error(path, `${head} has no field '${field}'`, didYouMean(field, Object.keys(fields))));
  }
}

/** Structures in guest memory: fields that fit and do not overlap. Device types: ids and bits given once. */
export function checkMemory(context: Context): void {
  for (const item of context.layout.structures.values()) {
    const { align, size, fields, array } = item.value;
    if (!Number.isInteger(Math.log2(align))) {
      context.report(
        item.error(['align'], `structure ${item.name} is aligned to ${align} bytes, which is no power of two`),
      );
    }
    checkFields(context, item, ['fields'], fields, size ?? array?.offset);
    if (array) checkFields(context, item, ['array', 'fields'], array.fields, array.stride);
  }
  checkDeviceTypes(context);
}

function checkFields<T>(context: Context, item: Item<T>, path: string[], fields: RawMemoryFields, end?: number): void {
  const taken: [name: string, from: number, to: number][] = [];
  for (const [name, [offset, size]] of Object.entries(fields)) {
    const to = offset + size;
    if (size === 0) context.report(item.error([...path, name], `field ${item.name}.${name} has no bytes`));
    if (end !== undefined && to > end) {
      const message = `field ${item.name}.${name} ends at byte ${to}, beyond the ${end} bytes there are`;
      context.report(item.error([...path, name], message));
    }
    for (const [other] of taken.filter(([, a, b]) => offset < b && a < to)) {
      context.report(item.error([...path, name], `field ${item.name}.${name} overlaps ${other}`));
    }
    taken.push([name, offset, to]);
  }
}

function checkDeviceTypes(context: Context): void {
  const { deviceTypes, features } = context.layout;
  const byId = new Map<number, string>();
  for (const item of deviceTypes.values()) {
    const { id, config, features: own } = item.value;
    const taken = byId.get(id);
    if (taken !== undefined)
      context.report(item.error(['id'], `device type ${item.name} has the id of ${taken}: ${id}`));
    byId.set(id, item.name);
    const bits = new Map([...features.values()].map((feature) => [feature.value.bit, feature.name]));
    for (const [name, feature] of Object.entries(own ?? {})) {
      const other = bits.get(feature.bit);
      if (other !== undefined) {
        const message = `feature ${name} of device type ${item.name} has bit ${feature.bit}, which is ${other}`;
        context.report(item.error(['features', name, 'bit'], message));
      }
      bits.set(feature.bit, name);
    }
    const size = typeof config?.size === 'number' ? config.size : undefined;
    for (const [name, field] of Object.entries(config ?? {})) {
      if (typeof field === 'number' || size === undefined || field.offset + field.size <= size) continue;
      const message = `${name} ends at byte ${field.offset + field.size}, beyond the ${size} bytes of the configuration`;
      context.report(item.error(['config', name], message));
    }
  }
}
