/** The devices that a driver met, what became of it with each, and how many of its accesses trap there. */
import type { ScenarioOutcome, TrapCount } from '../report.ts';
import { TEXT } from '../scenarios.ts';
import { each } from '../traps.ts';
import { columns } from './columns.ts';
import { grouped, type Section } from './context.ts';
import { html, type Markup } from './markup.ts';

const INTRODUCTION =
  'What the driver did with each device; and of the accesses that it made for one set-up, mask change, re-target or ' +
  'interrupt, how many trap in a VMM that maps what the layout calls direct.';

const SIGNS: Record<ScenarioOutcome['outcome'], [sign: string, colour: string]> = {
  done: ['✓', 'pass'],
  'in-part': ['✓', 'not-applicable'],
  'gave-up': ['–', 'not-applicable'],
  violated: ['✕', 'fail'],
  failed: ['⚡', 'fault'],
};

export function devices(scenarios: readonly ScenarioOutcome[]): Section {
  return {
    id: 'devices',
    title: 'Devices met',
    aside: scenarios.length,
    body: html`<p class="lead">${INTRODUCTION}</p>
      <div class="wide"><table class="fields devices">
      ${columns('device', 'what became of it', 'events by', 'accesses', 'set-up', 'mask change', 're-target', 'interrupt')}
      <tbody>${scenarios.map(row)}</tbody></table></div>`,
  };
}

function row({ id, title, outcome, interrupts, accesses, why, traps }: ScenarioOutcome): Markup {
  const [sign, colour] = SIGNS[outcome];
  return html`<tr><th scope="row"><span class="id">${id}</span><br><span class="note">${title}</span></th>
    <td><span class="v-${colour}"><i aria-hidden="true">${sign}</i> ${TEXT[outcome].replace(/,$/, '')}</span>
      ${why !== undefined && html`<br><span class="note">${why}</span>`}</td>
    <td>${interrupts ?? ''}</td><td class="number">${grouped(accesses)}</td>
    ${[traps.setUp, traps.mask, traps.retarget, traps.interrupt].map(trapped)}</tr>`;
}

function trapped(count: TrapCount): Markup {
  return count.times === 0 ? html`<td class="zero">never</td>` : html`<td>${each(count)}</td>`;
}
