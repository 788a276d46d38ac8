/** How much of each small scope the exhaustive tier went through. */
import type { Covered, ScopeCoverage } from '../report.ts';
import { count } from '../text.ts';
import { type Context, grouped, type Section } from './context.ts';
import { type Content, html, type Markup } from './markup.ts';

const INTRODUCTION =
  'States and transitions of the exhaustive tier, which goes through everything that a small device can do.';
const NO_SCOPE = 'The exhaustive tier did not run: it was left out, or the target has nothing in its scopes.';

export function coverage({ report }: Context): Section {
  const scopes = report.run.exhaustive;
  return {
    id: 'coverage',
    title: 'Coverage of small scopes',
    body: scopes?.length
      ? html`<p class="lead">${INTRODUCTION}</p>${scopes.map(scope)}`
      : html`<p class="none">${NO_SCOPE}</p>`,
  };
}

function scope(one: ScopeCoverage): Markup {
  const { scope: name, states, transitions, sequences, extraStates } = one;
  return html`<div class="scope"><h3>${name}</h3><table class="meters"><tbody>
    ${meter('states', states)}${meter('transitions', transitions)}${sequences && meter('sequences', sequences)}
    </tbody></table>
    <ul>${remarks(one, extraStates).map((each) => html`<li>${each}</li>`)}</ul></div>`;
}

function meter(what: string, { covered, total }: Covered): Markup {
  const share = total === 0 ? 1000 : Math.floor((covered / total) * 1000);
  const state = covered < total ? 'meter part' : 'meter';
  return html`<tr><th scope="row">${what}</th>
    <td><svg class="${state}" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
      <rect class="rest" width="1000" height="10"/><rect width="${share}" height="10"/></svg></td>
    <td class="number">${grouped(covered)} of ${grouped(total)}</td></tr>`;
}

function remarks({ decisions, decidedOtherwise, violations, stopped }: ScopeCoverage, extraStates: number): Content[] {
  const more = `${count(extraStates, 'state')} more than the model (k = ${extraStates})`;
  return [
    `holds for devices of at most ${more}, where everything is covered`,
    ...(decisions ?? []).map((each) => `the device ${each}, and the model with it`),
    decidedOtherwise &&
      `${count(decidedOtherwise, 'transition')} in which the device decides otherwise, as the text allows`,
    violations && html`<b>${count(violations, 'transition')} violated a clause</b>`,
    stopped !== undefined && html`<b>stopped: ${stopped}</b>`,
  ].filter((each) => each !== undefined && each !== false && each !== 0);
}
