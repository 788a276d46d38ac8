/**
 * A program as a picture: time runs down, one lane each for the driver, the device, and the interrupts between them.
 * The picture is narrow, so that it can be read on a phone without scrolling; what does not fit is in the text below it.
 */
import type { TraceLine } from '../report.ts';
import { oneLine } from '../text.ts';
import { type Content, html, type Markup } from './markup.ts';
import { type Row, rowsOf } from './trace-rows.ts';

const WIDTH = 392;
const LANES = { driver: 44, device: 204, interrupts: 364 };
const LEFT = LANES.driver + 8;
const RIGHT = WIDTH - 8;
const HEAD = 34;
const LINE = 15;
/** Characters of a label that fit between the first lane and the edge. */
const LABEL = 48;
/** Of prose in bold letters, which are wide in some fonts. */
const PROSE = 44;
/** Lines of a set-up that are drawn. */
const SET_UP = 16;

export interface TimelineOptions {
  /** What the picture shows, for those who do not see it. */
  title: string;
  /** What was expected where it went wrong. */
  expected?: string;
}

/** A row that is laid out: what it draws at a height, and how high it is. */
interface Drawn {
  height: number;
  draw: (top: number) => Content;
}

/** The trace as an SVG of fixed width. */
export function timeline(trace: readonly TraceLine[], options: TimelineOptions): Markup {
  const rows = rowsOf(trace);
  let top = HEAD;
  const bodies = rows.map((row, at) => {
    const drawn = drawnRow(row, options.expected);
    const body = html`${row.violates && band(top, drawn.height)}${number(row, rows[at - 1], top)}${drawn.draw(top)}`;
    top += drawn.height;
    return body;
  });
  const height = top + 8;
  return html`<svg class="timeline" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${options.title}">
    ${Object.entries(LANES).map(([name, x]) => lane(name, x, height))}
    ${bodies}
  </svg>`;
}

function lane(name: string, x: number, height: number): Markup {
  return html`<path class="lane ${name}" d="M${x} 26V${height}"/>
    ${text(x, 16, name, `head${name === 'interrupts' ? ' end' : ' mid'}`)}`;
}

function band(top: number, height: number): Markup {
  return html`<rect class="band" x="0" y="${top}" width="${WIDTH}" height="${height}"/>
    <rect class="edge" x="0" y="${top}" width="3" height="${height}"/>`;
}

function number(row: Row, before: Row | undefined, top: number): Content {
  if (row.step === 0 || row.step === before?.step) return undefined;
  return text(20, top + LINE, String(row.step), 'step end');
}

function text(x: number, y: number, content: string, kind: string): Markup {
  return html`<text class="${kind}" x="${x}" y="${y}">${content}</text>`;
}

/** An arrow between two lanes. */
function arrow(from: number, to: number, y: number, kind: string): Markup {
  const back = to > from ? -1 : 1;
  return html`<path class="arrow ${kind}" d="M${from} ${y}H${to + back}"/>
    <path class="tip ${kind}" d="M${to} ${y}l${7 * back}-4v8z"/>`;
}

function short(label: string, most: number): string {
  return label.length <= most ? label : `${label.slice(0, most - 1)}…`;
}

function wrapped(label: string, most: number): string[] {
  const lines: string[] = [];
  for (const word of label.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(short(word, most));
  }
  return lines;
}

function drawnRow(row: Row, expected: string | undefined): Drawn {
  const drawn = SHAPES[row.shape](row);
  if (!row.violates || expected === undefined) return drawn;
  const lines = wrapped(`✕ expected ${oneLine(expected)}`, PROSE);
  return {
    height: drawn.height + lines.length * LINE + 4,
    draw: (top) => [
      drawn.draw(top),
      lines.map((line, at) => text(LEFT, top + drawn.height + 11 + at * LINE, line, 'wrong')),
    ],
  };
}

const SHAPES: Record<Row['shape'], (row: Row) => Drawn> = {
  break: (row) => ({
    height: 24,
    draw: (top) => [
      html`<path class="break" d="M${LANES.driver - 14} ${top + 12}H${RIGHT}"/>`,
      text(LANES.device, top + 16, row.label, 'prose mid halo'),
    ],
  }),
  'set-up': ({ label, parts }) => {
    // What a vector's message is stands under the vector, or the line would be too long.
    const lines = parts.flatMap((part) => {
      const [vector = '', message] = part.split(' to address ');
      return message === undefined ? [vector] : [vector, `  to ${message}`];
    });
    const all = lines.flatMap((line) => (line.startsWith('  ') ? [line] : wrapped(line, LABEL)));
    const rest = all.length <= SET_UP ? all : [...all.slice(0, SET_UP - 1), `… ${all.length - SET_UP + 1} more lines`];
    const height = 26 + rest.length * LINE;
    return {
      height: height + 8,
      draw: (top) => [
        html`<rect class="box" x="${LANES.driver - 14}" y="${top + 1}" width="${RIGHT - LANES.driver + 14}" height="${height}" rx="3"/>`,
        text(LEFT - 8, top + 16, label, 'prose strong'),
        rest.map((line, at) =>
          text(line.startsWith('  ') ? LEFT + 6 : LEFT - 8, top + 32 + at * LINE, short(line.trim(), LABEL), 'code'),
        ),
      ],
    };
  },
  access: ({ label }) => ({
    height: 38,
    draw: (top) => [
      text(LEFT, top + LINE, short(label, LABEL), 'code halo'),
      arrow(LANES.driver, LANES.device, top + 25, 'to'),
    ],
  }),
  answer: ({ label, observed, watch }) => ({
    height: 38,
    draw: (top) => [
      text(LEFT, top + LINE, short(label, LABEL), `code halo${watch ? ' watch' : ''}`),
      arrow(LANES.device, LANES.driver, top + 25, 'from'),
      observed !== undefined && text(LANES.device + 8, top + 29, short(observed, 25), 'code strong halo'),
    ],
  }),
  driver: ({ label, observed }) => ({
    height: 30,
    draw: (top) => [
      html`<rect class="act" x="${LANES.driver - 4}" y="${top + 7}" width="8" height="8"/>`,
      text(LEFT + 2, top + LINE, short(observed === undefined ? label : `${label}: ${observed}`, LABEL), 'code halo'),
    ],
  }),
  device: ({ label }) => ({
    height: 34,
    draw: (top) => [
      text(LANES.device, top + 13, short(label, LABEL), 'prose mid halo'),
      html`<circle class="act" cx="${LANES.device}" cy="${top + 23}" r="5"/>`,
    ],
  }),
  interrupts: ({ interrupts, watch, label }) => {
    const asked = watch || label === '' ? '' : `${label}: `;
    if (interrupts.length === 0) {
      return {
        height: 30,
        draw: (top) => [
          html`<path class="arrow none" d="M${LANES.device} ${top + 20}H${LANES.interrupts - 6}"/>
            <circle class="none" cx="${LANES.interrupts}" cy="${top + 20}" r="5"/>`,
          text(RIGHT, top + 12, `${asked}no interrupt`, 'prose end halo'),
        ],
      };
    }
    return {
      height: 38 * interrupts.length,
      draw: (top) =>
        interrupts.map((one, at) => [
          text(RIGHT, top + at * 38 + LINE, short(asked + one, LABEL), 'code end halo'),
          arrow(LANES.device, LANES.interrupts, top + at * 38 + 25, 'sent'),
        ]),
    };
  },
  task: ({ label, observed }) => ({
    height: 30,
    draw: (top) => [
      html`<rect class="box" x="${LANES.driver - 14}" y="${top + 4}" width="${RIGHT - LANES.driver + 14}" height="20" rx="3"/>`,
      text(LEFT - 8, top + 18, short(observed === undefined ? label : `${label}: ${observed}`, LABEL), 'prose strong'),
    ],
  }),
  gap: ({ label }) => ({
    height: 34,
    draw: (top) => [
      Object.values(LANES).map((x) => html`<path class="gap" d="M${x} ${top + 2}v28"/>`),
      text(LANES.device, top + 20, label, 'prose mid halo'),
    ],
  }),
};
