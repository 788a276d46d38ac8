/** A line of the register map: it opens to the clauses about its register or table, and shows its bits in their colours. */
import type { BitField } from '../../spec/layout.ts';
import type { ClauseResult } from '../report.ts';
import { count } from '../text.ts';
import { fieldStrip, type Part } from './bits.ts';
import { clauseLink } from './clause-links.ts';
import type { Context } from './context.ts';
import { anchor, type Content, html, type Markup } from './markup.ts';
import { WORD_BITS } from './places.ts';
import { verdictSign, worst } from './verdicts.ts';

/** One line of the map that opens. */
export function mapRow(name: string, columns: Content, inside: Content, clauses: readonly ClauseResult[]): Markup {
  const verdict = worst(clauses);
  const number = clauses.length === 0 ? 'no clause' : count(clauses.length, 'clause');
  return html`<details class="word" id="${anchor('place', name)}">
    <summary>${columns}<span class="about">${verdict && verdictSign(verdict)} ${number}</span></summary>
    <div class="inside">${inside}${about(name, clauses)}</div></details>`;
}

function about(name: string, clauses: readonly ClauseResult[]): Content {
  if (clauses.length === 0) return html`<p class="note">No clause names it.</p>`;
  const line = ({ id, verdict, text }: ClauseResult) =>
    html`<li>${verdictSign(verdict)} ${clauseLink(id)} ${text}</li>`;
  return html`<ul class="about">${clauses.map(line)}</ul>
    <p class="note"><a href="#clauses" data-filter="place=${name}">Show these alone in the list of clauses</a></p>`;
}

/** The word as a strip; a field has the colour of its own clauses, a word without fields that of all about it. */
export function mapStrip(owner: string, name: string, fields: readonly BitField[], { places }: Context): Markup {
  const whole = { name, high: WORD_BITS - 1, low: 0 };
  // Clauses name fields of registers, and of tables those of an entry, but no bits of these.
  const placed = (field: string) => (owner === name ? field : name);
  const parts: Part[] = (fields.length === 0 ? [whole] : fields).map((field) => ({
    ...field,
    verdict: worst(named(owner, placed(field.name), places)),
  }));
  if (fields.length === 0)
    return fieldStrip(
      parts.map((part) => ({ ...part, name: '' })),
      `${name}, one value`,
    );
  return fieldStrip(parts, `${name}: ${fields.map((field) => field.name).join(', ')}`);
}

/** What names the field, or the register or table as a whole. */
function named(owner: string, field: string, places: Context['places']): ClauseResult[] {
  const own = places.aboutField(owner, field);
  const all = places.about(owner);
  const whole = all.filter(({ id }) => places.placesOf(id).includes(owner));
  return [...own, ...whole];
}
