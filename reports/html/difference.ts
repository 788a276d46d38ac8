/** What went wrong at the step that violates, side by side: in words, with the messages, and the bits of a register. */
import type { Layout } from '../../spec/layout.ts';
import type { Counterexample, TraceLine } from '../report.ts';
import { oneLine } from '../text.ts';
import { comparedBits } from './bits.ts';
import { columns } from './columns.ts';
import { Entries } from './entries.ts';
import { ALL_BITS, differing, type Expectation, expectationOf } from './expectation.ts';
import { type Content, html, type Markup } from './markup.ts';
import { bitsOf, constantNamed, hex, maskOf, WORD_BITS, type Word, wordAt } from './places.ts';
import { rowsOf } from './trace-rows.ts';

const READ = /^(?:read|poll) (\S+)(?: \((\d+) bits\))?$/;
const WRITE = /^write (\S+) (0x[0-9a-f]+)$/;
const VALUE = /^(0x[0-9a-f]+)/;

/** The register that was read or written there, taken apart; nothing where it was no register or table. */
export function difference(found: Counterexample, layout: Layout): Markup | undefined {
  const wrong = found.trace.find(({ violates }) => violates);
  if (!wrong) return undefined;
  const access = accessOf(wrong);
  const word = access && wordAt(access.place, layout);
  if (!word) return undefined;
  const { value, does } = access;
  // What a driver is held to is no value of what it read.
  const expectation = found.tier === 'scenario' ? undefined : expectationOf(found, value, word, layout);
  return html`<figure class="difference">
    <figcaption>${word.name}${does} at step ${wrong.step}${expectation && ': expected above, actual below'}</figcaption>
    ${expectation ? compared(word, value, expectation, layout) : taken(word, value, layout)}
  </figure>`;
}

/** The access of 32 bits that a line of the trace is about. */
function accessOf({ operation, observed }: TraceLine): { place: string; value: number; does: string } | undefined {
  const [, written, into] = WRITE.exec(oneLine(operation)) ?? [];
  if (written !== undefined) return { place: written, value: Number(into), does: ', as it was written' };
  const [, read, width] = READ.exec(oneLine(operation)) ?? [];
  const [, value] = VALUE.exec(observed ?? '') ?? [];
  if (read === undefined || width !== undefined || value === undefined) return undefined;
  return { place: read, value: Number(value), does: '' };
}

function compared(word: Word, observed: number, expectation: Expectation, layout: Layout): Content {
  const { nearest, bits } = differing(observed, expectation);
  const title = `bits that differ: ${bitNames(word, bits) || 'none'}`;
  const rows = [
    { value: nearest, known: expectation.mask },
    { value: observed, known: ALL_BITS },
  ];
  const values = expectation.values.map((value) => judged(value, expectation.mask, layout)).join(' or ');
  return html`${comparedBits(rows, bits, word.fields, title)}
    <table class="fields">${columns('bits', 'field', 'expected', 'actual')}<tbody>
    <tr class="whole"><td>31:0</td><th scope="row">${word.name}</th>
      <td><code>${values}</code></td><td><code>${named(observed, layout)}</code></td></tr>
    ${partsOf(word, bits).map((part) => fieldRow(part, nearest, observed, expectation.mask))}</tbody></table>`;
}

/** The value, with a dot for each digit that nothing is said about. */
function judged(value: number, mask: number, layout: Layout): string {
  if (mask === ALL_BITS) return named(value, layout);
  const digits = [...hex(mask).slice(2)].map((digit, at) => (digit === '0' ? '·' : hex(value).charAt(at + 2)));
  return `0x${digits.join('')}`;
}

function taken(word: Word, observed: number, layout: Layout): Content {
  const row = (kind: string, bits: string, name: string, value: string) =>
    html`<tr class="${kind}"><td>${bits}</td><th scope="row">${name}</th><td><code>${value}</code></td></tr>`;
  return html`<table class="fields">${columns('bits', 'field', 'value')}<tbody>
    ${row('whole', '31:0', word.name, named(observed, layout))}
    ${word.fields.map((part) => row('', range(part), part.name, field(part, observed)))}</tbody></table>`;
}

interface Part {
  name: string;
  high: number;
  low: number;
}

/** All fields of a register; of a table of bits the vectors that differ, since it has no others. */
function partsOf(word: Word, bits: number): Part[] {
  const { firstVector } = word;
  if (firstVector === undefined) return word.fields;
  return Array.from({ length: WORD_BITS }, (_, bit) => ({
    name: `vector ${firstVector + bit}`,
    high: bit,
    low: bit,
  })).filter(({ low }) => (bits >>> low) & 1);
}

function bitNames(word: Word, bits: number): string {
  const names = partsOf(word, bits).filter((part) => (bits & maskOf(part)) !== 0);
  if (names.length > 0) return names.map(({ name }) => name).join(', ');
  return Array.from({ length: WORD_BITS }, (_, bit) => bit)
    .filter((bit) => (bits >>> bit) & 1)
    .join(', ');
}

function fieldRow(part: Part, expected: number, observed: number, known: number): Markup {
  const mask = maskOf(part);
  const isJudged = (known & mask) !== 0;
  const differs = ((expected ^ observed) & known & mask) !== 0;
  return html`<tr class="${differs ? 'wrong' : ''}"><td>${range(part)}</td><th scope="row">${part.name}</th>
    <td><code>${isJudged ? field(part, expected) : '·'}</code></td><td><code>${field(part, observed)}</code>
      ${differs && ' ≠'}</td></tr>`;
}

function range({ high, low }: Part): string {
  return high === low ? String(low) : `${high}:${low}`;
}

function field(part: Part, word: number): string {
  const value = bitsOf(part, word);
  return part.high - part.low < 4 ? String(value) : `0x${value.toString(16)}`;
}

function named(value: number, layout: Layout): string {
  const name = constantNamed(value, layout);
  return name === undefined ? hex(value) : `${hex(value)} ${name}`;
}

// --- messages ---------------------------------------------------------------------------------------------------

const OF_VECTOR = /\bof vector (\d+)$/;

/** Expectation and observation in words, and the messages behind the words where it is about messages. */
export function versus(found: Counterexample): Markup {
  const { expected, actual, trace } = found;
  const row = rowsOf(trace).find(({ violates }) => violates);
  const isMessage = row?.shape === 'interrupts';
  const [, vector] = isMessage ? (OF_VECTOR.exec(oneLine(expected)) ?? []) : [];
  const message = vector === undefined ? undefined : entriesOf(trace).messageOf(Number(vector));
  return html`<dl class="versus"><dt>expected</dt><dd>${expected}${
    message &&
    html`<code>
    ${message.address} ${message.data}</code>`
  }</dd>
    <dt>actual</dt><dd class="wrong">${actual}${isMessage && row.interrupts.map((one) => html`<code>${one}</code>`)}
      </dd></dl>`;
}

function entriesOf(trace: readonly TraceLine[]): Entries {
  const entries = new Entries();
  for (const { operation } of trace) {
    if (operation.startsWith('initialise')) entries.setUp(operation.split(/: |; /));
    else entries.write(operation);
  }
  return entries;
}
