/** The 32 bits of a word as a strip, highest bit on the left: its fields by name, or values bit by bit. */
import type { Verdict } from '../report.ts';
import { html, type Markup } from './markup.ts';
import { type Bits, WORD_BITS } from './places.ts';

const CELL = 13;
const WIDTH = WORD_BITS * CELL + 2;
/** Roughly, of a letter in the names of fields. */
const LETTER = 5.6;
const ROW = 18;

const left = (bit: number) => 1 + (WORD_BITS - 1 - bit) * CELL;

/** One row of ones and zeros. */
export interface BitRow {
  value: number;
  /** Bits that are shown; the others are a dot. */
  known: number;
}

/** Bit by bit, one row under the other, with the bits marked in which they differ. `title` says what that is. */
export function comparedBits(rows: readonly BitRow[], differ: number, fields: readonly Bits[], title: string): Markup {
  const head = fields.length > 0 ? 32 : 16;
  const height = head + rows.length * ROW + 2;
  const columns = Array.from({ length: WORD_BITS }, (_, at) => WORD_BITS - 1 - at);
  const centres = columns.map((bit) => left(bit) + CELL / 2).join(' ');
  const wrong = columns.filter((bit) => (differ >>> bit) & 1);
  return html`<svg class="bits" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${title}">
    ${wrong.map((bit) => html`<rect class="differs" x="${left(bit)}" y="${head}" width="${CELL}" height="${rows.length * ROW}"/>`)}
    ${numbers(head - (fields.length > 0 ? 20 : 4))}
    ${fields.map((field) => bracket(field, head - 4))}
    <path class="grid" d="${columns
      .filter((bit) => bit % 4 === 3)
      .map((bit) => `M${left(bit)} ${head}V${height - 2}`)
      .join('')}M${WIDTH - 1} ${head}V${height - 2}"/>
    ${rows.map(
      (row, at) => html`<text class="code" x="${centres}" y="${head + at * ROW + 13}">
      ${columns.map((bit) => bitOf(row, bit)).join('')}</text>`,
    )}
  </svg>`;
}

function bitOf({ value, known }: BitRow, bit: number): string {
  return (known >>> bit) & 1 ? String((value >>> bit) & 1) : '·';
}

function numbers(y: number): Markup {
  const shown = [31, 24, 16, 8, 0];
  return html`${shown.map((bit) => html`<text class="number mid" x="${left(bit) + CELL / 2}" y="${y}">${bit}</text>`)}`;
}

function bracket({ name, high, low }: Bits, y: number): Markup {
  const [x, end] = [left(high) + 1, left(low) + CELL - 1];
  const fits = name.length * LETTER <= end - x + 2;
  return html`<path class="bracket" d="M${x} ${y + 3}v-4H${end}v4"/>
    ${fits && html`<text class="number mid" x="${(x + end) / 2}" y="${y - 4}">${name}</text>`}`;
}

/** A field of a strip without values. */
export interface Part extends Bits {
  verdict?: Verdict | undefined;
}

/** The fields in place, in the colour of their verdict; a word without fields is one. Names stand where they fit. */
export function fieldStrip(parts: readonly Part[], title: string): Markup {
  return html`<svg class="strip" viewBox="0 0 ${WIDTH} 24" width="${WIDTH}" height="24" role="img" aria-label="${title}">
    <rect class="unused" x="1" y="1" width="${WIDTH - 2}" height="22"/>
    ${parts.map(({ name, high, low, verdict }) => {
      const [x, width] = [left(high), (high - low + 1) * CELL];
      const fits = name.length * LETTER <= width - 2;
      return html`<rect class="part v-${verdict ?? 'none'}" x="${x}" y="1" width="${width}" height="22"/>
        ${fits && html`<text class="mid" x="${x + width / 2}" y="16">${name}</text>`}`;
    })}
  </svg>`;
}
