/** Every clause by area: its verdict, what it says and where from, and how often it was put to the test. */
import type { ClauseResult } from '../report.ts';
import { clauseData, clauseLinks } from './clause-links.ts';
import { columns } from './columns.ts';
import { type Context, grouped, type Section } from './context.ts';
import { anchor, type Content, html, type Markup } from './markup.ts';
import { verdictMark } from './verdicts.ts';

export function clauses(context: Context): Section {
  const { report, layout } = context;
  const sources = Object.entries(layout.data.sources);
  const areas = [...new Set(report.clauses.map(({ area }) => area))];
  return {
    id: 'clauses',
    title: 'Clauses',
    aside: report.clauses.length,
    body: html`<table class="clauses">${columns('verdict', 'clause', 'statement', 'exercised')}
      ${areas.map((area) => group(area, context))}</table>
      <p class="none" id="nothing" hidden>No clause matches the filter.</p>
      <h3>Sources</h3><dl class="sources">${sources.map(([key, text]) => html`<dt>${key}</dt><dd>${text}</dd>`)}</dl>`,
  };
}

function group(area: string, context: Context): Markup {
  const inside = context.report.clauses.filter((clause) => clause.area === area);
  return html`<tbody data-group><tr class="group"><th colspan="4" scope="rowgroup">${area}</th></tr>
    ${inside.map((clause) => row(clause, context))}</tbody>`;
}

function row(clause: ClauseResult, context: Context): Markup {
  const { id, level, text, origin, verdict, exercised } = clause;
  const places = context.places.placesOf(id);
  const at = places.map((place, index) => [index > 0 && ', ', placeLink(place)]);
  return html`<tr id="${anchor('clause', id)}"${clauseData(clause, places)}>
    <td>${verdictMark(verdict)}</td>
    <th scope="row"><a class="id" href="#${anchor('clause', id)}">${id}</a><span class="level">${level}</span></th>
    <td><p class="text">${text}</p>${why(clause)}
      <p class="origin">${origin.map((one) => source(one))}${places.length > 0 && html`<span>at ${at}</span>`}</p></td>
    <td class="number">${exercised === 0 ? html`<span class="zero">0</span>` : grouped(exercised)}</td></tr>`;
}

function why({ id, verdict, reason, impliedBy }: ClauseResult): Content {
  if (verdict === 'pass') return undefined;
  if (verdict !== 'fail' && verdict !== 'warn') return html`<p class="reason v-${verdict}">${reason}</p>`;
  const behind = impliedBy?.map((other) => ({ id: other })) ?? [];
  const words = reason === 'violated' || reason === undefined ? 'see the program that shows it' : reason;
  return html`<p class="reason"><a href="#${anchor('violation', id)}">${words}</a>
    ${behind.length > 0 && html`, perhaps as a consequence of ${clauseLinks(behind)}`}</p>`;
}

/** `talk 14:44`: the source, by its key, and the place in it. */
function source(origin: string): Markup {
  const [key = '', ...rest] = origin.split(' ');
  return html`<span><b>${key}</b> ${rest.join(' ')}</span>`;
}

/** To the register or table that the place belongs to. */
export function placeLink(place: string): Markup {
  return html`<a class="place" href="#${anchor('place', place.split('.')[0] ?? place)}">${place}</a>`;
}
