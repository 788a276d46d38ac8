/** Shapes of JSON, checked while it is turned into what it stands for. */
import { nearest } from '../../../spec/suggest.ts';
import { BadLine } from './recording.ts';

/** Takes a value and the path to it, e.g. `interrupt.data`. @throws BadLine saying what was expected there */
export type Shape = (value: unknown, at: string) => unknown;

const fail = (at: string, expected: string): never => {
  throw new BadLine(`${at === '' ? '' : `${at}: `}expected ${expected}`);
};

export const count: Shape = (value, at) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? value : fail(at, 'a whole number, 0 or more');

export const yesOrNo: Shape = (value, at) => (typeof value === 'boolean' ? value : fail(at, 'true or false'));

export const text: Shape = (value, at) => (typeof value === 'string' ? value : fail(at, 'a text'));

/** A number, or where it may be beyond 2^53, text: `0x` and digits, which becomes a bigint. */
export const word: Shape = (value, at) => {
  if (typeof value === 'string' && /^0x[0-9a-f]{1,16}$/.test(value)) return BigInt(value);
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? value
    : fail(at, "a whole number, or text such as '0x12' for one of 64 bits");
};

/** Two hexadecimal digits a byte. */
export const bytes: Shape = (value, at) =>
  typeof value === 'string' && /^([0-9a-f]{2})*$/.test(value)
    ? new Uint8Array(Buffer.from(value, 'hex'))
    : fail(at, 'bytes, two hexadecimal digits each');

export const oneOf =
  (...values: readonly unknown[]): Shape =>
  (value, at) =>
    values.includes(value) ? value : fail(at, `one of ${values.join(', ')}`);

/** An object with these keys and no others. */
export const object =
  (required: Record<string, Shape>, optional: Record<string, Shape> = {}): Shape =>
  (value, at) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail(at, 'an object');
    const known = [...Object.keys(required), ...Object.keys(optional)];
    for (const key of Object.keys(value)) {
      if (known.includes(key)) continue;
      const meant = nearest(key, known);
      fail(at, `no key '${key}'${meant === undefined ? '' : `: did you mean '${meant}'?`}`);
    }
    const inside = (key: string) => (at === '' ? key : `${at}.${key}`);
    const given = value as Record<string, unknown>;
    for (const key of Object.keys(required)) if (given[key] === undefined) fail(at, `the key '${key}'`);
    const shapes = { ...required, ...optional };
    return Object.fromEntries(Object.entries(given).map(([key, one]) => [key, shapes[key]?.(one, inside(key))]));
  };

/** An object of which one key says what the others are. */
export const tagged =
  (tag: string, variants: Record<string, [required: Record<string, Shape>, optional?: Record<string, Shape>]>): Shape =>
  (value, at) => {
    if (typeof value !== 'object' || value === null) return fail(at, 'an object');
    const name = (value as Record<string, unknown>)[tag];
    const variant = typeof name === 'string' && Object.hasOwn(variants, name) ? variants[name] : undefined;
    if (!variant) return fail(at === '' ? tag : `${at}.${tag}`, `one of ${Object.keys(variants).join(', ')}`);
    const [required, optional] = variant;
    return object({ [tag]: text, ...required }, optional)(value, at);
  };
