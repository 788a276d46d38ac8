/** Every clause by area: its verdict, what it says and where from, and how often it was put to the test. */
import type { ClauseResult } from '../report.ts';
import { clauseData, clauseLinks } from './clause-links.ts';
import { type Context, grouped, type Section } from './context.ts';
import { anchor, type Content, html, type Markup } from './markup.ts';
import { verdictMark } from './verdicts.ts';

export function clauses(context: Context): Section {
  const { report, layout } = context;
  const areas = [...new Set(report.clauses.map(({ area }) => area))];
  return {
    id: 'clauses',
    title: 'Clauses',
    aside: report.clauses.length,
    body: html`<table class="clauses"><thead><tr><th scope="col">verdict</th><th scope="col">clause</th>
      <th scope="col">statement</th><th scope="col">exercised</th></tr></thead>
      ${areas.map((area) =>
        group(
          area,
          report.clauses.filter((clause) => clause.area === area),
          context,
        ),
      )}</table>
      <p class="none" id="nothing" hidden>No clause matches the filter.</p>
      <h3>Sources</h3><dl class="sources">${Object.entries(layout.data.sources).map(
        ([key, text]) => html`<dt>${key}
        </dt><dd>${text}</dd>`,
      )}</dl>`,
  };
}

function group(area: string, clauses: readonly ClauseResult[], context: Context): Markup {
  return html`<tbody data-group><tr class="group"><th colspan="4" scope="rowgroup">${area}</th></tr>
    ${clauses.map((clause) => row(clause, context))}</tbody>`;
}

function row(clause: ClauseResult, context: Context): Markup {
  const { id, level, text, origin, verdict, exercised } = clause;
  const places = context.places.placesOf(id);
  return html`<tr id="${anchor('clause', id)}"${clauseData(clause, places)}>
    <td>${verdictMark(verdict)}</td>
    <th scope="row"><a class="id" href="#${anchor('clause', id)}">${id}</a><span class="level">${level}</span></th>
    <td><p class="text">${text}</p>${why(clause)}<p class="origin">${origin.map((one) => source(one))}${places.length > 0 && html`<span>at ${places.map((place, at) => [at > 0 && ', ', placeLink(place)])}</span>`}</p></td>
    <td class="number">${exercised === 0 ? html`<span class="zero">0</span>` : grouped(exercised)}</td></tr>`;
}

function why({ id, verdict, reason, impliedBy }: ClauseResult): Content {
  if (verdict === 'pass') return undefined;
  if (verdict !== 'fail' && verdict !== 'warn') return html`<p class="reason v-${verdict}">${reason}</p>`;
  const implied =
    impliedBy !== undefined &&
    impliedBy.length > 0 &&
    html`, perhaps as a consequence of ${clauseLinks(impliedBy.map((other) => ({ id: other })))}`;
  return html`<p class="reason"><a href="#${anchor('violation', id)}">
    ${reason === 'violated' || reason === undefined ? 'see the program that shows it' : reason}</a>${implied}</p>`;
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
