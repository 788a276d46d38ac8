/** Registers: places that do not collide, names that exist, values and bit fields that fit 32 bits. */
import type { Item } from '../assemble.ts';
import { hex } from '../diagnostics.ts';
import type { RawBitField, RawRegister } from '../raw.ts';
import { type Context, whereIs } from './context.ts';

const REGISTER_BYTES = 4;
const MAX_32_BITS = 2 ** 32 - 1;

export function checkRegisters(context: Context): void {
  const { registers, declared } = context.layout;
  for (const item of registers.values()) {
    const { selector, feature, reset, value, access } = item.value;
    checkAlignment(context, item);
    checkQuantityFits(context, item, ['reset'], reset);
    checkQuantityFits(context, item, ['value'], value);
    checkValueAndReset(context, item);
    if (selector !== undefined && context.checkName(item, ['selector'], 'register', selector, declared.registers)) {
      checkSelector(context, item, selector);
    }
    if (feature !== undefined) context.checkName(item, ['feature'], 'feature', feature, declared.features);
    if (item.value.constant === true && access !== 'R') {
      const hint = `access is ${access}; only a register that cannot be written stays what it is`;
      context.report(item.error(['constant'], `register ${item.name} is constant and can be written`, hint));
    }
    checkBitFields(context, item, ['fields'], item.value.fields, reset === undefined ? value : reset);
  }
  checkCollisions(context);
  checkConfig(context);
}

function checkAlignment(context: Context, item: Item<RawRegister>): void {
  const { offset } = item.value;
  if (offset % REGISTER_BYTES === 0) return;
  const down = offset - (offset % REGISTER_BYTES);
  const hint = `the nearest multiples of ${REGISTER_BYTES} are ${hex(down)} and ${hex(down + REGISTER_BYTES)}`;
  context.report(item.error(['offset'], `register ${item.name} is not aligned: ${hex(offset)}`, hint));
}

function checkSelector(context: Context, item: Item<RawRegister>, selector: string): void {
  const target = context.layout.registers.get(selector);
  if (target && target.value.access === 'R') {
    const message = `${selector} cannot select what ${item.name} shows: it is read-only`;
    context.report(item.error(['selector'], message, `it is defined in ${whereIs(target, item)}`));
  }
}

/** Reports a constant that does not exist and a number wider than 32 bits. */
function checkQuantityFits<T>(
  context: Context,
  item: Item<T>,
  path: (string | number)[],
  quantity: string | number | undefined,
): void {
  context.checkQuantity(item, path, quantity);
  const number = context.number(quantity);
  if (number !== undefined && number > MAX_32_BITS) {
    const message = `${path.join('.')} value ${hex(number)} is wider than the 32 bits of ${item.name}`;
    context.report(item.error(path, message));
  }
}

function checkValueAndReset(context: Context, item: Item<RawRegister>): void {
  const value = context.number(item.value.value);
  const reset = context.number(item.value.reset);
  if (value !== undefined && reset !== undefined && value !== reset) {
    const message = `register ${item.name} always reads ${hex(value)} and cannot be ${hex(reset)} after reset`;
    context.report(item.error(['reset'], message));
  }
}

/** Each two registers of which one begins inside the other; told once, at the one that was edited. */
function checkCollisions(context: Context): void {
  const { registers } = context.layout;
  // One that is not aligned has been told so; that it lies across two others is the same mistake.
  const aligned = [...registers.values()].filter((item) => item.value.offset % REGISTER_BYTES === 0);
  const ordered = aligned.sort((a, b) => a.value.offset - b.value.offset);
  for (const [index, a] of ordered.entries()) {
    for (const b of ordered.slice(index + 1)) {
      if (b.value.offset >= a.value.offset + REGISTER_BYTES) break;
      const [edited, other] = context.edited(a, b, registers, (register) => register.offset);
      const message =
        `register ${edited.name} at ${hex(edited.value.offset)} overlaps ${other.name}` +
        ` at ${hex(other.value.offset)} (${whereIs(other, edited)})`;
      context.report(edited.error(['offset'], message, freeHint(ordered, context.layout.config?.value.offset)));
    }
  }
}

/** Some places that nothing uses, so that the next edit is the right one. */
function freeHint(ordered: Item<RawRegister>[], end: number | undefined): string | undefined {
  const used = new Set(ordered.map((item) => Math.floor(item.value.offset / REGISTER_BYTES) * REGISTER_BYTES));
  const last = end ?? Math.max(...used) + 16 * REGISTER_BYTES;
  const free: number[] = [];
  for (let offset = last - REGISTER_BYTES; offset >= 0 && free.length < 4; offset -= REGISTER_BYTES) {
    if (!used.has(offset)) free.unshift(offset);
  }
  return free.length === 0 ? undefined : `free places are, among others, ${free.map(hex).join(', ')}`;
}

/** The configuration space is as long as the device makes it, so no register may lie at or above its start. */
function checkConfig(context: Context): void {
  const { config, registers, links } = context.layout;
  if (!config) return;
  const start = config.value.offset;
  if (start % REGISTER_BYTES !== 0) {
    context.report(
      config.error(['offset'], `the configuration space is not aligned: ${hex(start)}`, 'a multiple of 4'),
    );
  }
  const inside = [...registers.values()].filter((item) => item.value.offset + REGISTER_BYTES > start);
  // Many registers inside means that it was the configuration space that moved.
  const configMoved =
    inside.length > 1 && inside.some((item) => links.indexOf(item.link) >= links.indexOf(config.link));
  if (configMoved) {
    const names = inside.map((item) => item.name);
    const list = names.length > 4 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
    const message = `the configuration space at ${hex(start)} overlaps ${inside.length} registers: ${list}`;
    const end = Math.max(...inside.map((item) => item.value.offset)) + REGISTER_BYTES;
    context.report(config.error(['offset'], message, `the last of them ends at ${hex(end)}`));
    return;
  }
  for (const item of inside) {
    const message =
      `register ${item.name} at ${hex(item.value.offset)} lies in the configuration space,` +
      ` which begins at ${hex(start)} (${whereIs(config, item)})`;
    context.report(item.error(['offset'], message, freeHint([...registers.values()], start)));
  }
}

/** Bit fields of a register or of a field of a table's row: inside 31..0, apart, resets that fit and agree. */
export function checkBitFields<T>(
  context: Context,
  item: Item<T>,
  path: (string | number)[],
  fields: Record<string, RawBitField> | undefined,
  wholeReset: string | number | undefined,
): void {
  const taken: { name: string; high: number; low: number }[] = [];
  for (const [name, field] of Object.entries(fields ?? {})) {
    const [high, low] = bitRange(field.bits);
    const at = [...path, name, 'bits'];
    if (high > 31 || low > high) {
      const hint = "from the high bit to the low one, within 31..0, such as '26:16'";
      const message = `bits ${field.bits} of ${item.name}.${name} are not a range within 31..0`;
      context.report(item.error(at, message, hint));
      continue;
    }
    for (const other of taken.filter((t) => low <= t.high && t.low <= high)) {
      const message = `bits ${field.bits} of ${item.name}.${name} overlap those of ${other.name}`;
      context.report(item.error(at, message));
    }
    taken.push({ name, high, low });
    checkFieldReset(context, item, [...path, name, 'reset'], `${item.name}.${name}`, field, wholeReset);
  }
}

function checkFieldReset<T>(
  context: Context,
  item: Item<T>,
  path: (string | number)[],
  name: string,
  field: RawBitField,
  wholeReset: string | number | undefined,
): void {
  context.checkQuantity(item, path, field.reset);
  const reset = context.number(field.reset);
  if (reset === undefined) return;
  const [high, low] = bitRange(field.bits);
  const size = 2 ** (high - low + 1);
  if (reset >= size) {
    const width = high - low + 1;
    const message = `reset value ${hex(reset)} is wider than the ${width} bit${width === 1 ? '' : 's'} of ${name}`;
    context.report(item.error(path, message));
    return;
  }
  const whole = context.number(wholeReset === 'unspecified' ? undefined : wholeReset);
  if (whole !== undefined && Math.floor(whole / 2 ** low) % size !== reset) {
    const message = `reset value ${hex(reset)} of ${name} contradicts that of the whole, ${hex(whole)}`;
    context.report(item.error(path, message));
  }
}

/** `'26:16'` as [26, 16]; `'3'` as [3, 3]. */
export function bitRange(bits: string | number): [high: number, low: number] {
  const [high = 0, low = high] = String(bits).split(':').map(Number);
  return [high, low];
}
