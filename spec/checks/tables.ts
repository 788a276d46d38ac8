/** Tables: found through registers that can be read, rows whose fields fit, places that nothing else has. */
import type { Item } from '../assemble.ts';
import { hex } from '../diagnostics.ts';
import type { RawEntryTable, RawTable } from '../raw.ts';
import { didYouMean } from '../suggest.ts';
import { type Context, whereIs } from './context.ts';
import { checkBitFields } from './registers.ts';

/** Fields of a row are 32 bits wide, and driver accesses too. */
const FIELD_BYTES = 4;
const MAX_32_BITS = 2 ** 32 - 1;

export function checkTables(context: Context): void {
  for (const item of context.layout.tables.values()) {
    checkHeader(context, item, 'at');
    checkHeader(context, item, 'rows');
    checkAlign(context, item);
    if (isEntryTable(item.value)) checkRows(context, item as Item<RawEntryTable>, item.value);
    else if (item.value['round-to'] % FIELD_BYTES !== 0) {
      const message = `table ${item.name} is rounded to ${item.value['round-to']} bytes, which is no multiple of 4`;
      context.report(item.error(['round-to'], message, 'it is accessed in units of 32 bits'));
    }
  }
  checkPlaces(context);
}

export function isEntryTable(table: RawTable): table is RawEntryTable {
  return table.bits === undefined;
}

/** `at` and `rows` name a register, or a field of one, that a driver can read. */
function checkHeader(context: Context, item: Item<RawTable>, key: 'at' | 'rows'): void {
  const [name = '', field] = item.value[key].split('.');
  const { declared, registers } = context.layout;
  if (!context.checkName(item, [key], 'register', name, declared.registers)) return;
  const register = registers.get(name);
  if (!register) return;
  if (register.value.access === 'W') {
    const message = `table ${item.name} cannot be found through ${name}: it is write-only`;
    context.report(item.error([key], message, `it is defined in ${whereIs(register, item)}`));
  }
  const fields = Object.keys(register.value.fields ?? {});
  if (field !== undefined && !fields.includes(field)) {
    context.report(item.error([key], `register ${name} has no field '${field}'`, didYouMean(field, fields)));
  }
}

function checkAlign(context: Context, item: Item<RawTable>): void {
  context.checkQuantity(item, ['align'], item.value.align);
  context.checkQuantity(item, ['lowest'], item.value.lowest);
  const align = context.number(item.value.align);
  if (align === undefined) return;
  if (align < FIELD_BYTES || !Number.isInteger(Math.log2(align))) {
    const constant = typeof item.value.align === 'string' ? context.layout.constants.get(item.value.align) : undefined;
    const what =
      constant === undefined ? `table ${item.name} is aligned to ${align} bytes` : `${constant.name} is ${align}`;
    const message = `${what}; the alignment of a table is a power of two from 4`;
    // Several tables may share the constant, which is where the mistake is.
    const diagnostic = constant === undefined ? item.error(['align'], message) : constant.error(['value'], message);
    if (!context.diagnostics.some((other) => other.message === message)) context.report(diagnostic);
    return;
  }
  const offset = item.value['default-offset'];
  if (typeof offset === 'number' && offset % align !== 0) {
    const up = Math.ceil(offset / align) * align;
    const message = `table ${item.name} is not aligned to ${hex(align)}: ${hex(offset)}`;
    context.report(item.error(['default-offset'], message, `the next place that is aligned is ${hex(up)}`));
  }
}

function checkRows(context: Context, item: Item<RawEntryTable>, table: RawEntryTable): void {
  const { stride } = table;
  if (stride % FIELD_BYTES !== 0) {
    context.report(item.error(['stride'], `stride ${stride} of table ${item.name} is no multiple of 4`));
  }
  const taken: { name: string; offset: number }[] = [];
  for (const [name, field] of Object.entries(table.fields)) {
    const path = ['fields', name, 'offset'];
    const title = `field ${item.name}.${name}`;
    if (field.offset % FIELD_BYTES !== 0) {
      context.report(item.error(path, `${title} is not aligned: ${field.offset} is no multiple of 4`));
    }
    if (field.offset + FIELD_BYTES > stride) {
      const message = `${title}, bytes ${field.offset} to ${field.offset + 3}, is beyond the stride of ${stride} bytes`;
      context.report(item.error(path, message, 'make the stride larger, or remove the field'));
    }
    for (const other of taken.filter((t) => Math.abs(t.offset - field.offset) < FIELD_BYTES)) {
      context.report(item.error(path, `${title} at ${field.offset} overlaps ${other.name} at ${other.offset}`));
    }
    taken.push({ name, offset: field.offset });
    const reset = field.reset === 'unspecified' ? undefined : field.reset;
    context.checkQuantity(item, ['fields', name, 'reset'], reset);
    const number = context.number(reset);
    if (number !== undefined && number > MAX_32_BITS) {
      const message = `reset value ${hex(number)} is wider than the 32 bits of ${item.name}.${name}`;
      context.report(item.error(['fields', name, 'reset'], message));
    }
    context.checkQuantity(item, ['fields', name, 'may-read-zero'], field['may-read-zero']);
    checkBitFields(context, item, ['fields', name, 'fields'], field.fields, reset);
  }
}

interface Placed {
  item: Item<RawTable>;
  start: number;
  /** The first byte behind it, rounded up to its alignment: the rest of that unit is the table's alone. */
  end: number;
}

/** Default places for the most vectors that the layout allows: above the configuration space, and apart. */
function checkPlaces(context: Context): void {
  const { tables, config, msi, registers } = context.layout;
  checkAfter(context);
  const vectors = context.number(msi?.value['vector-limit']) ?? 1;
  const placed = [...tables.values()]
    .flatMap((item) => place(context, item, vectors) ?? [])
    .sort((a, b) => a.start - b.start);
  const behind = Math.max(config?.value.offset ?? 0, ...[...registers.values()].map((r) => r.value.offset));
  for (const { item, start } of placed) {
    const floor = context.number(item.value.lowest);
    if (floor !== undefined && start < floor && typeof item.value['default-offset'] === 'number') {
      const message = `table ${item.name} at ${hex(start)} is below ${hex(floor)}, the lowest place that it may have`;
      context.report(item.error(['default-offset'], message));
    }
    if (start <= behind && typeof item.value['default-offset'] === 'number') {
      const message = `table ${item.name} at ${hex(start)} is not above the registers and the configuration space`;
      context.report(item.error(['default-offset'], message, `they reach to ${hex(behind)} at least`));
    }
  }
  const pairs = placed.flatMap((a, index) =>
    placed.slice(index + 1).flatMap((b): [Placed, Placed][] => (b.start < a.end ? [[a, b]] : [])),
  );
  // A table that stands behind another has no number of its own to blame, and is put right with the one that has.
  const fixed = (p: Placed) => typeof p.item.value['default-offset'] === 'number';
  const causes = pairs.filter(([a, b]) => fixed(a) && fixed(b));
  for (const [a, b] of causes.length > 0 ? causes : pairs) {
    const [blamed, other] = fixed(b) || !fixed(a) ? [b, a] : [a, b];
    const message =
      `table ${blamed.item.name} at ${hex(blamed.start)} overlaps table ${other.item.name}, ${hex(other.start)} to` +
      ` ${hex(other.end - 1)} with ${vectors} vectors (${whereIs(other.item, blamed.item)})`;
    const hint = `${hex(other.end)} is behind it, { after: ${other.item.name} } always`;
    context.report(blamed.item.error(['default-offset'], message, hint));
  }
}

/** `after` names a table, and following it ends. */
function checkAfter(context: Context): void {
  const { tables, declared } = context.layout;
  const told = new Set<string>();
  for (const item of tables.values()) {
    const seen = [item.name];
    for (let next = afterOf(item); next !== undefined; next = afterOf(tables.get(next))) {
      if (seen.length === 1 && !context.checkName(item, ['default-offset', 'after'], 'table', next, declared.tables))
        break;
      if (seen.includes(next)) {
        if (next === item.name && !told.has(next)) {
          for (const name of seen) told.add(name);
          const message = `the places of tables depend on each other: ${[...seen, next].join(' after ')}`;
          context.report(item.error(['default-offset', 'after'], message, 'give one of them a number'));
        }
        break;
      }
      seen.push(next);
    }
  }
}

function afterOf(item: Item<RawTable> | undefined): string | undefined {
  const offset = item?.value['default-offset'];
  return typeof offset === 'object' ? offset.after : undefined;
}

/** Undefined where the place cannot be told, for a reason that is reported elsewhere. */
function place(context: Context, item: Item<RawTable>, vectors: number, seen: string[] = []): Placed | undefined {
  const align = context.number(item.value.align);
  if (!align || seen.includes(item.name)) return undefined;
  const up = (value: number) => Math.ceil(value / align) * align;
  const offset = item.value['default-offset'];
  let start: number;
  if (typeof offset === 'number') start = offset;
  else {
    const before = context.layout.tables.get(offset.after);
    const placed = before && place(context, before, vectors, [...seen, item.name]);
    if (!placed) return undefined;
    const unit = context.number(offset.align) ?? align;
    start = Math.ceil(placed.end / unit) * unit;
  }
  return { item, start, end: up(start + length(item.value, vectors)) };
}

function length(table: RawTable, vectors: number): number {
  if (isEntryTable(table)) return vectors * table.stride;
  return Math.ceil(vectors / (8 * table['round-to'])) * table['round-to'];
}
