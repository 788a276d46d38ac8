/**
 * What a register was expected to read, as a number. The report says it in words ("MsiQueueVector of ... reads
 * 0x00000001"), which the oracle has few forms of; where none of them is found the words alone are shown.
 */
import type { Layout } from '../../spec/layout.ts';
import type { Counterexample } from '../report.ts';
import { oneLine } from '../text.ts';
import { bitsOf, maskOf, WORD_BITS, type Word } from './places.ts';

export interface Expectation {
  /** Values that were right, in place; one or more. */
  values: number[];
  /** Bits that were judged, in place. */
  mask: number;
}

export const ALL_BITS = maskOf({ high: WORD_BITS - 1, low: 0 });

const IN_BITS = /\breads (0x[0-9a-f]+|0) in the bits (0x[0-9a-f]+)/;
const HAS_SET = /\bhas (0x[0-9a-f]+) set\b/;
const VECTOR_BIT = /\b(?:mask|pending) bit (?:of vector )?(\d+) reads ([01])\b/;
const STAYS_SET = /^(\w+) stays set\b/;
const FIELD = /^[\w-]+\.([\w-]+) reads (0x[0-9a-f]+)/;
const VALUES = /\breads ((?:0x[0-9a-f]+|0)(?: \(\w+\))?(?: or 0x[0-9a-f]+(?: \(\w+\))?)*)(?![\w.])/;
const WHOLE = /^0x[0-9a-f]{8}$/;

type Words = Pick<Counterexample, 'expected' | 'actual'>;

/** @returns nothing where the words tell no value of this word, which read `observed` */
export function expectationOf(words: Words, observed: number, word: Word, layout: Layout): Expectation | undefined {
  const expected = oneLine(words.expected);
  const [, bits, mask] = IN_BITS.exec(expected) ?? [];
  if (bits !== undefined && mask !== undefined) return { values: [Number(bits)], mask: Number(mask) };
  const [, ones] = HAS_SET.exec(expected) ?? [];
  if (ones !== undefined) return { values: [Number(ones)], mask: Number(ones) };
  const [, vector, bit] = VECTOR_BIT.exec(expected) ?? [];
  if (vector !== undefined) return ofVector(Number(vector), bit === '1', word, layout);
  return ofField(expected, word) ?? ofWhole(expected, words.actual, observed);
}

/** The bit of a vector: its own in a bit table, or the mask bit of an entry's vector control. */
function ofVector(vector: number, isSet: boolean, word: Word, layout: Layout): Expectation | undefined {
  if (word.firstVector !== undefined) {
    const low = vector - word.firstVector;
    if (low < 0 || low >= WORD_BITS) return undefined;
    return { values: [isSet ? 2 ** low : 0], mask: 2 ** low };
  }
  const control = layout.msi?.other['vector-control'];
  const [table, name] = control?.split('.') ?? [];
  if (word.name !== `${table}[${vector}].${name}`) return undefined;
  const field = word.fields.find(({ access }) => access === 'RW');
  return field && { values: [isSet ? maskOf(field) : 0], mask: maskOf(field) };
}

function ofField(expected: string, word: Word): Expectation | undefined {
  const [, set] = STAYS_SET.exec(expected) ?? [];
  const [, name = set, value] = FIELD.exec(expected) ?? [];
  const field = word.fields.find((each) => each.name === name);
  if (!field) return undefined;
  const bits = value === undefined ? bitsOf(field, ALL_BITS) : Number(value);
  return { values: [bits * 2 ** field.low], mask: maskOf(field) };
}

/** The whole word; bits that `actual` leaves out of what was read were not judged. */
function ofWhole(expected: string, actual: string, observed: number): Expectation | undefined {
  const [, values] = VALUES.exec(expected) ?? [];
  if (values === undefined) return undefined;
  const left = WHOLE.test(actual) ? observed ^ Number(actual) : 0;
  return {
    values: values.split(' or ').map((value) => Number.parseInt(value, value.startsWith('0x') ? 16 : 10)),
    mask: (ALL_BITS & ~left) >>> 0,
  };
}

/** The bits that differ from the nearest of the values that were right. */
export function differing(observed: number, { values, mask }: Expectation): { nearest: number; bits: number } {
  const ranked = values
    .map((nearest) => ({ nearest, bits: ((observed ^ nearest) & mask) >>> 0 }))
    .sort((a, b) => ones(a.bits) - ones(b.bits));
  return ranked[0] ?? { nearest: 0, bits: 0 };
}

function ones(bits: number): number {
  return bits.toString(2).replaceAll('0', '').length;
}
