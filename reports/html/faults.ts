/** What the target did that was no answer, and what it did not do the same way twice. */
import { meaningOf } from '../determinism.ts';
import type { ComparedLine, Determinism, Difference, Report, TargetFinding } from '../report.ts';
import { oneLine } from '../text.ts';
import { clauseLink } from './clause-links.ts';
import { columns } from './columns.ts';
import type { Context, Section } from './context.ts';
import { anchor, type Content, html, type Markup } from './markup.ts';
import { code, programText, reproduce } from './program.ts';
import { timeline } from './timeline.ts';
import { isReplayable } from './violations.ts';

const REASONS: Record<TargetFinding['reason'], string> = {
  died: 'it died',
  hung: 'it did not answer in time',
  answer: 'its answer was none',
  threw: 'it threw an error',
  start: 'it could not be started',
};
const INTRODUCTION =
  'What the target did that was no answer. That is no violation by itself, and leaves the run inconclusive unless one ' +
  'was found.';
/** Pictures of programs at which the target failed: the first ones show how, the others are there as text. */
const PICTURES = 20;

export function faults({ report }: Context): Section[] {
  const { findings } = report;
  if (findings.length === 0) return [];
  return [
    {
      id: 'faults',
      title: 'Target failures',
      aside: findings.length,
      body: html`<p class="lead">${INTRODUCTION}</p>${findings.map((found, index) => fault(found, index, report))}`,
    },
  ];
}

function fault(found: TargetFinding, index: number, report: Report): Markup {
  const { reason, message, hint, check, trace, program, restarted } = found;
  const which = isReplayable(report) ? `--finding ${index + 1}` : undefined;
  const after = restarted ? 'The target was started again and the run went on.' : 'The run went on no further with it.';
  const facts = html`<pre class="words"><code>${message}</code></pre>
    ${hint !== undefined && html`<p>Next: ${hint}</p>`}
    <p class="note">Found by ${check}. ${after}</p>${reproduce(found, which)}`;
  const picture =
    trace.length > 0 &&
    index < PICTURES &&
    html`<figure class="picture"><figcaption>Up to where it failed</figcaption>
      ${timeline(trace, { title: `up to where the target failed, fault ${index + 1}` })}</figure>`;
  const sign = html`<span class="verdict v-fault"><i aria-hidden="true">⚡</i>${REASONS[reason]}</span>`;
  return html`<article class="violation fault" data-verdict="fault" id="${anchor('fault', index + 1)}" tabindex="-1">
    <h3><span class="id">Fault ${index + 1}</span> ${sign}</h3>
    ${picture ? html`<div class="case">${picture}<div class="facts">${facts}</div></div>` : facts}
    ${trace.length > 0 && programText(trace, program, !isReplayable(report))}</article>`;
}

// --- two runs ---------------------------------------------------------------------------------------------------

/** The section on two runs that differ; none where the run was done once or was the same twice. */
export function twice({ report }: Context): Section[] {
  const { determinism } = report.run;
  if (!determinism?.difference) return [];
  return [{ id: 'twice', title: 'Not the same twice', body: compared(determinism, determinism.difference) }];
}

function compared(determinism: Determinism, found: Difference): Content {
  const { verdicts = [], shown } = determinism;
  const { kind, trace, next, reproduce, check, tier } = found;
  const finder = check === undefined ? '' : `, ${check} (${tier ?? ''})`;
  const changed = verdicts.map(
    ({ id, first, second }) => html`<tr><th scope="row">${clauseLink(id)}</th><td>${first}</td><td>${second}</td></tr>`,
  );
  const table = html`<table class="fields">${columns('clause', 'first run', 'second run')}<tbody>${changed}</tbody></table>`;
  return html`<p class="lead">${meaningOf(determinism, kind)}${shown !== undefined && ` This report is of the ${shown} run.`}</p>
    ${verdicts.length > 0 && table}
    <table class="trace"><caption>Up to where the runs differ${finder}</caption>
    ${columns('step', 'operation', 'first run', 'second run')}<tbody>${trace.map(comparedRow)}</tbody></table>
    <p>Next: ${next}</p><h3>Reproduce</h3>${code(oneLine(reproduce))}`;
}

function comparedRow({ step, operation, observed, first, second }: ComparedLine): Markup {
  const differs = first !== undefined || second !== undefined;
  const cell = (text: string | undefined) =>
    html`<td>${text !== undefined && html`<code>${oneLine(text)}</code>`}</td>`;
  return html`<tr class="${differs ? 'wrong' : ''}"><td>${step > 0 && step}</td>${cell(operation)}
    ${cell(differs ? (first ?? 'nothing') : observed)}${cell(differs ? (second ?? 'nothing') : observed)}</tr>`;
}
