/** The registers and tables of the layout where they lie, in the colours of the verdicts of the clauses about them. */
import type { BitField, Layout, Register } from '../../spec/layout.ts';
import { fieldStrip } from './bits.ts';
import { columns } from './columns.ts';
import type { Context, Section } from './context.ts';
import { mapRow, mapStrip } from './map-row.ts';
import { html, type Markup } from './markup.ts';
import { CONFIGURATION, constantNamed, fromTheTop, hex, WORD_BITS } from './places.ts';
import { regionPicture } from './region.ts';
import { tableRow } from './table-row.ts';
import { verdictSign, worst } from './verdicts.ts';

const INTRODUCTION =
  'Each register and table in the colour of the worst verdict about it. ' +
  'Open one to see its fields and the clauses that name it.';

export function registerMap(context: Context): Section {
  const { layout } = context;
  const registers = Object.values(layout.data.registers).sort((a, b) => a.offset - b.offset);
  const tables = Object.values(layout.data.tables);
  return {
    id: 'registers',
    title: 'Register map',
    body: html`<p class="lead">${INTRODUCTION}</p>
      <div class="columns">${regionPicture(context)}${legend()}</div>
      <h3>Registers</h3><div class="map">
        ${registers.map((register) => registerRow(register, context))}${configurationRow(context)}</div>
      ${tables.length > 0 && html`<h3>Tables</h3><div class="map">${tables.map((table) => tableRow(table, context))}</div>`}`,
  };
}

function registerRow(register: Register, context: Context): Markup {
  const { name, offset, access, text } = register;
  const fields = fromTheTop(register.fields);
  const head = html`<code class="offset">${hex(offset)}</code><span class="name">${name}</span>
    <span class="access">${access}</span>${mapStrip(name, name, fields, context)}`;
  const inside = html`<p>${text}${text !== undefined && '. '}${facts(register, context.layout).join('; ')}</p>
    ${fields.length > 0 && fieldTable(name, fields, context)}
    <p class="needs-script"><a href="#decoder" data-decode="${name}">Take a value apart</a></p>`;
  return mapRow(name, head, inside, context.places.about(name));
}

/** The device-specific configuration, of which the layout knows the beginning. */
function configurationRow({ layout, places }: Context): Markup {
  const { offset, access } = layout.data.config;
  const clauses = places.about(CONFIGURATION);
  const strip = fieldStrip([{ name: '', high: WORD_BITS - 1, low: 0, verdict: worst(clauses) }], CONFIGURATION);
  const head = html`<code class="offset">${hex(offset)}</code><span class="name">${CONFIGURATION}</span>
    <span class="access">${access}</span>${strip}`;
  return mapRow(CONFIGURATION, head, html`<p>The device-specific configuration space begins here.</p>`, clauses);
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
  const line = ([verdict, words]: string[]) =>
    html`<li><svg class="strip" width="26" height="14" aria-hidden="true">
      <rect class="part v-${verdict}" x="1" y="1" width="24" height="12"/></svg>${words}</li>`;
  return html`<ul class="legend">${colours.map(line)}</ul>`;
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

function fieldTable(owner: string, fields: readonly BitField[], { places, layout }: Context): Markup {
  const line = (field: BitField) => {
    const { name, high, low, access } = field;
    const verdict = worst(places.aboutField(owner, name));
    return html`<tr><td>${high === low ? high : `${high}:${low}`}</td>
      <th scope="row">${name}${verdict && [' ', verdictSign(verdict)]}</th>
      <td>${access ?? ''}</td><td>${known(field, layout).join('; ')}</td></tr>`;
  };
  return html`<table class="fields">${columns('bits', 'field', 'access', 'what is known of it')}
    <tbody>${fields.map(line)}</tbody></table>`;
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
