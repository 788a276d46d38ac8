/** A table in the register map: where it begins, what an access to its pages does, and what is in it. */
import type { BitTable, EntryTable, Table, TableField } from '../../spec/layout.ts';
import { fieldStrip } from './bits.ts';
import { columns } from './columns.ts';
import type { Context } from './context.ts';
import { mapRow, mapStrip } from './map-row.ts';
import { html, type Markup } from './markup.ts';
import { fromTheTop, hex, WORD_BITS } from './places.ts';
import { verdictSign, worst } from './verdicts.ts';

const PAGES: Record<Table['page'], string> = {
  trap: 'every access traps to the device',
  direct: 'a VMM may map it, so that accesses do not trap',
};

export function tableRow(table: Table, context: Context): Markup {
  const { name, title, at, rows, align, page } = table;
  const head = html`<code class="offset">${at}</code><span class="name">${name}</span>
    <span class="page p-${page}">${page}</span><span class="title">${title}</span>`;
  const what = `One ${table.kind === 'bits' ? 'bit' : 'entry'} for each of the vectors that ${rows} counts.`;
  const where = `It begins where ${at} says, at a multiple of ${hex(align)}; ${PAGES[page]}.`;
  const inside = table.kind === 'bits' ? bitTable(table, context) : entryTable(table, context);
  const all = html`<p>${what} ${where}</p>${inside}`;
  return html`<div class="of-table">${mapRow(name, head, all, context.places.about(name))}</div>`;
}

function bitTable({ name, access, reset, roundTo }: BitTable, { places }: Context): Markup {
  const verdict = worst(places.about(name));
  const parts = Array.from({ length: WORD_BITS }, (_, bit) => ({ name: String(bit), high: bit, low: bit, verdict }));
  const use = access === 'R' ? 'Read-only' : 'Read and written';
  const size = `its length is a multiple of ${roundTo} bytes`;
  return html`<p>${use}; ${reset} after a reset; ${size}. Bit n of word w is that of vector ${WORD_BITS}w + n.</p>
    ${fieldStrip(parts, `${name}, word 0: one bit for each vector`)}`;
}

function entryTable({ name: table, stride, fields }: EntryTable, context: Context): Markup {
  const line = ({ name, offset, access, fields: bits }: TableField) => {
    const verdict = worst(context.places.aboutField(table, name));
    return html`<tr><td>+${offset}</td><th scope="row">${name}${verdict && [' ', verdictSign(verdict)]}</th>
      <td>${access}</td><td>${mapStrip(table, name, fromTheTop(bits), context)}</td></tr>`;
  };
  return html`<p>An entry has ${stride} bytes.</p>
    <table class="fields entry">${columns('offset', 'field', 'access', 'bits')}
    <tbody>${Object.values(fields).map(line)}</tbody></table>`;
}
