/** The registers and tables of the layout where they lie, in the colours of the verdicts of the clauses about them. */
import type { BitField, BitTable, EntryTable, Layout, Register, Table } from '../../spec/layout.ts';
import type { ClauseResult } from '../report.ts';
import { count } from '../text.ts';
import { fieldStrip, type Part } from './bits.ts';
import { clauseLink } from './clause-links.ts';
import type { Context, Section } from './context.ts';
import { anchor, type Content, html, type Markup } from './markup.ts';
import { CONFIGURATION, constantNamed, fromTheTop, WORD_BITS } from './places.ts';
import { regionPicture } from './region.ts';
import { verdictSign, worst } from './verdicts.ts';

const hex = (value: number) => `0x${value.toString(16).padStart(8, '0')}`;

export function registerMap(context: Context): Section {
  const { layout } = context;
  const registers = Object.values(layout.data.registers).sort((a, b) => a.offset - b.offset);
  const tables = Object.values(layout.data.tables);
  return {
    id: 'registers',
    title: 'Register map',
    body: html`<p class="lead">Each register and table in the colour of the worst verdict about it. Open one to see its fields and the clauses that name it.</p>
      <div class="columns">${regionPicture(context)}${legend()}</div>
      <h3>Registers</h3><div class="map">
        ${registers.map((register) => registerRow(register, context))}${configurationRow(context)}</div>
      ${
        tables.length > 0 &&
        html`<h3>Tables</h3><div class="map">${tables.map((table) => tableRow(table, context))}
        </div>`
      }`,
  };
}

/** One line of the map that opens. */
function row(name: string, columns: Content, inside: Content, clauses: readonly ClauseResult[]): Markup {
  const verdict = worst(clauses);
  return html`<details class="word" id="${anchor('place', name)}"><summary>${columns}<span class="about">
    ${verdict && verdictSign(verdict)} ${clauses.length === 0 ? 'no clause' : count(clauses.length, 'clause')}</span>
    </summary>
    <div class="inside">${inside}${about(name, clauses)}</div></details>`;
}

function about(name: string, clauses: readonly ClauseResult[]): Content {
  if (clauses.length === 0) return html`<p class="note">No clause names it.</p>`;
  return html`<ul class="about">${clauses.map(
    ({ id, verdict, text }) => html`<li>
    ${verdictSign(verdict)} ${clauseLink(id)} ${text}</li>`,
  )}</ul>
    <p class="note"><a href="#clauses" data-filter="place=${name}">Show these alone in the list of clauses</a></p>`;
}

function registerRow(register: Register, context: Context): Markup {
  const { name, offset, access, text } = register;
  const fields = fromTheTop(register.fields);
  const columns = html`<code class="offset">${hex(offset)}</code><span class="name">${name}</span>
    <span class="access">${access}</span>${strip(name, name, fields, context)}`;
  const inside = html`<p>${text}${text !== undefined && '. '}${facts(register, context.layout).join('; ')}</p>
    ${fields.length > 0 && fieldTable(name, fields, context)}
    <p class="needs-script"><a href="#decoder" data-decode="${name}">Take a value apart</a></p>`;
  return row(name, columns, inside, context.places.about(name));
}

/** The device-specific configuration, of which the layout knows the beginning. */
function configurationRow({ layout, places }: Context): Markup {
  const { offset, access } = layout.data.config;
  const clauses = places.about(CONFIGURATION);
  const strip = fieldStrip([{ name: '', high: WORD_BITS - 1, low: 0, verdict: worst(clauses) }], CONFIGURATION);
  const columns = html`<code class="offset">${hex(offset)}</code><span class="name">${CONFIGURATION}</span>
    <span class="access">${access}</span>${strip}`;
  return row(CONFIGURATION, columns, html`<p>The device-specific configuration space begins here.</p>`, clauses);
}

/** What the colours mean. */
function legend(): Markup {
  const colours = [
    ['fail', 'violated'],
    ['warn', 'a warning'],
    ['untestable', 'untestable, or not run'],
    ['pass', 'passed'],
    ['none', 'does not apply, or no clause is about it'],
  ];
  return html`<ul class="legend">${colours.map(
    ([verdict, words]) => html`<li>
    <svg class="strip" width="26" height="14" aria-hidden="true">
    <rect class="part v-${verdict}" x="1" y="1" width="24" height="12"/></svg>${words}</li>`,
  )}</ul>`;
}

function facts(
  { reset, value, constant, selector, feature, access, layout: from }: Register,
  layout: Layout,
): string[] {
  const named = (of: number) => [hex(of), constantNamed(of, layout)].filter(Boolean).join(' ');
  return [
    { R: 'read-only', W: 'write-only', RW: 'read and written', reserved: 'reserved' }[access],
    value !== undefined && `reads ${named(value)}`,
    reset !== undefined && `${named(reset)} after a reset`,
    constant && 'does not change while the device lives',
    selector !== undefined && `of what ${selector} selects`,
    feature !== undefined && `there where ${feature} is offered`,
    `defined by the layout ${from}`,
  ].filter((fact) => typeof fact === 'string');
}

/** The word as a strip; a field has the colour of its own clauses, a word without fields that of all about it. */
function strip(owner: string, name: string, fields: readonly BitField[], { places }: Context): Markup {
  const whole = { name, high: WORD_BITS - 1, low: 0 };
  // Clauses name fields of registers, and of tables those of an entry, but no bits of these.
  const placed = (field: string) => (owner === name ? field : name);
  const parts: Part[] = (fields.length === 0 ? [whole] : fields).map((field) => ({
    ...field,
    verdict: worst(named(owner, placed(field.name), places)),
  }));
  return fieldStrip(
    fields.length === 0 ? parts.map((part) => ({ ...part, name: '' })) : parts,
    stripTitle(name, fields),
  );
}

function stripTitle(name: string, fields: readonly BitField[]): string {
  return fields.length === 0 ? `${name}, one value` : `${name}: ${fields.map((field) => field.name).join(', ')}`;
}

/** What names the field, or the register or table as a whole. */
function named(owner: string, field: string, places: Context['places']): ClauseResult[] {
  const own = places.aboutField(owner, field);
  const all = places.about(owner);
  const whole = all.filter(({ id }) => places.placesOf(id).includes(owner));
  return [...own, ...whole];
}

function fieldTable(owner: string, fields: readonly BitField[], { places, layout }: Context): Markup {
  return html`<table class="fields"><thead><tr><th scope="col">bits</th><th scope="col">field</th>
    <th scope="col">access</th><th scope="col">what is known of it</th></tr></thead><tbody>
    ${fields.map((field) => {
      const { name, high, low, access } = field;
      const verdict = worst(places.aboutField(owner, name));
      return html`<tr><td>${high === low ? high : `${high}:${low}`}</td><th scope="row">
        ${name}${verdict && [' ', verdictSign(verdict)]}</th><td>${access ?? ''}</td><td>
        ${known(field, layout).join('; ')}</td></tr>`;
    })}</tbody></table>`;
}

function known({ value, reset, unit, bias, text }: BitField, layout: Layout): string[] {
  const named = (of: number) => [hex(of), constantNamed(of, layout)].filter(Boolean).join(' ');
  return [
    text,
    value !== undefined && `reads ${named(value)}`,
    reset !== undefined && `${named(reset)} after a reset`,
    unit !== undefined && `in units of ${unit}`,
    bias !== undefined && `${bias} less than what it stands for`,
  ].filter((fact) => typeof fact === 'string');
}

// --- tables -----------------------------------------------------------------------------------------------------

function tableRow(table: Table, context: Context): Markup {
  const { name, title, at, rows, align, page } = table;
  const columns = html`<code class="offset">${at}</code><span class="name">${name}</span><span class="page p-${page}">
    ${page}</span><span class="title">${title}</span>`;
  const trap = page === 'trap' ? 'every access traps to the device' : 'a VMM may map it, so that accesses do not trap';
  const inside = html`<p>One ${table.kind === 'bits' ? 'bit' : 'entry'} for each of the vectors that ${rows} counts. It begins where ${at} says, at a multiple of ${hex(align)}; ${trap}.</p>
    ${table.kind === 'bits' ? bitTable(table, context) : entryTable(table, context)}`;
  return html`<div class="of-table">${row(name, columns, inside, context.places.about(name))}</div>`;
}

function bitTable({ name, access, reset, roundTo }: BitTable, { places }: Context): Markup {
  const parts = Array.from({ length: WORD_BITS }, (_, bit) => ({
    name: String(bit),
    high: bit,
    low: bit,
    verdict: worst(places.about(name)),
  }));
  return html`<p>${access === 'R' ? 'Read-only' : 'Read and written'}; ${reset} after a reset; its length is a multiple of ${roundTo} bytes. Bit n of word w is that of vector ${WORD_BITS}w + n.</p>
    ${fieldStrip(parts, `${name}, word 0: one bit for each vector`)}`;
}

function entryTable({ name, stride, fields }: EntryTable, context: Context): Markup {
  return html`<p>An entry has ${stride} bytes.</p><table class="fields entry"><thead><tr><th scope="col">offset</th>
    <th scope="col">field</th><th scope="col">access</th><th scope="col">bits</th></tr></thead><tbody>
    ${Object.values(fields).map((field) => {
      const verdict = worst(context.places.aboutField(name, field.name));
      return html`<tr><td>+${field.offset}</td><th scope="row">${field.name}${verdict && [' ', verdictSign(verdict)]}
        </th><td>${field.access}</td><td>${strip(name, field.name, fromTheTop(field.fields), context)}</td></tr>`;
    })}</tbody></table>`;
}
