/** The headline, and what it rests on. */
import { narrowedBy } from '../pretty.ts';
import type { ClauseResult, Covered, Headline, Report, Verdict } from '../report.ts';
import { count } from '../text.ts';
import { clauseLinks } from './clause-links.ts';
import { columns } from './columns.ts';
import { type Context, grouped, type Section } from './context.ts';
import { type Content, html, type Markup } from './markup.ts';
import { byReason, VERDICTS, verdictMark, wordOf } from './verdicts.ts';

const SIGNS: Record<Headline, string> = { conformant: '✓', 'not conformant': '✕', inconclusive: '?' };
const WORDS: Record<Headline, string> = {
  conformant: 'Conformant',
  'not conformant': 'Not conformant',
  inconclusive: 'Inconclusive',
};
const LEVELS = ['MUST', 'SHOULD', 'MAY'] as const;
/** Clauses that are named one by one without being asked for. */
const NAMED = 16;

export function summary(context: Context): Section {
  const { report } = context;
  const { headline, because } = report;
  return {
    id: 'verdict',
    title: 'Verdict',
    body: html`<div class="headline h-${headline.replace(' ', '-')}">
      <p class="outcome"><i aria-hidden="true">${SIGNS[headline]}</i>${WORDS[headline]}</p>
      <p class="because">${because}</p></div>
      ${bar(report)}
      <div class="columns"><div>${counts(report)}</div>
      <div><h3>What it rests on</h3><ul class="rests">${reasons(report).map((each) => html`<li>${each}</li>`)}</ul></div></div>`,
  };
}

/** All clauses as one bar, in the shares of their verdicts. */
function bar({ counts, clauses }: Report): Markup {
  const total = Math.max(clauses.length, 1);
  let x = 0;
  const parts = VERDICTS.map((verdict) => {
    const width = (counts[verdict] / total) * 1000;
    const part =
      width > 0 && html`<rect class="v-${verdict}" x="${x.toFixed(1)}" width="${width.toFixed(1)}" height="10"/>`;
    x += width;
    return part;
  });
  const said = VERDICTS.filter((verdict) => counts[verdict] > 0).map(
    (verdict) => `${counts[verdict]} ${wordOf(verdict)}`,
  );
  return html`<svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" role="img" aria-label="${said.join(', ') || 'no clause'}">${parts}</svg>`;
}

function counts({ clauses, counts }: Report): Markup {
  const levels = LEVELS.filter((level) => clauses.some((clause) => clause.level === level));
  const at = (verdict: Verdict, level: string) =>
    clauses.filter((clause) => clause.verdict === verdict && clause.level === level).length;
  const cell = (number: number) => html`<td${number === 0 && html` class="zero"`}>${number}</td>`;
  const row = (verdict: Verdict) =>
    html`<tr><th scope="row"><a href="#clauses" data-filter="verdict=${verdict}">${verdictMark(verdict)}</a></th>
      ${levels.map((level) => cell(at(verdict, level)))}${cell(counts[verdict])}</tr>`;
  const ofLevel = (level: string) => html`<td>${clauses.filter((clause) => clause.level === level).length}</td>`;
  return html`<table class="counts"><caption>Clauses by verdict and level</caption>
    ${columns('verdict', ...levels, 'all')}<tbody>${VERDICTS.map(row)}</tbody>
    <tfoot><tr><th scope="row">all</th>${levels.map(ofLevel)}<td>${clauses.length}</td></tr></tfoot></table>`;
}

/** Sentences, the weightiest first. */
function reasons(report: Report): Content[] {
  const { clauses, findings, run } = report;
  const musts = clauses.filter(({ level }) => level === 'MUST');
  const of = (verdict: Verdict) => musts.filter((clause) => clause.verdict === verdict);
  const [failed, passed, idle] = [of('fail'), of('pass'), of('not-applicable')];
  const lines: Content[] = [
    `Of ${count(musts.length, 'MUST')}, ${listed([
      `${passed.length} passed`,
      failed.length === 0 ? 'none is violated' : `${failed.length} ${failed.length === 1 ? 'is' : 'are'} violated`,
      ...(idle.length > 0 ? [`${idle.length} ${idle.length === 1 ? 'does' : 'do'} not apply`] : []),
    ])}.`,
    ...untold('untestable', of('untestable')),
    ...untold('not run', of('not-run')),
  ];
  const warned = clauses.filter(({ verdict }) => verdict === 'warn');
  if (warned.length > 0) {
    const weight = run.strict ? 'which counts like a violation (--strict)' : 'which does not count against the verdict';
    lines.push(
      html`${count(warned.length, 'SHOULD')} ${warned.length === 1 ? 'is' : 'are'} not met, ${weight}: ${clauseLinks(warned)}`,
    );
  }
  if (findings.length > 0)
    lines.push(html`The target failed: <a href="#faults">${count(findings.length, 'fault')}</a>.`);
  return [...lines, ...circumstances(report), ...effort(report)];
}

/** How much was done to find something. */
function effort({ run }: Report): Content[] {
  const accesses = `${grouped(run.operations)} accesses`;
  if (run.scenarios) {
    const met = html`<a href="#devices">${count(run.scenarios.length, 'device')}</a>`;
    return [html`The driver met ${met} and made ${accesses}.`];
  }
  const ran = `${grouped(run.programs)} programs ran, with ${accesses}.`;
  const scopes = run.exhaustive ?? [];
  if (scopes.length === 0) return [ran];
  const all = ({ covered, total }: Covered) => covered === total;
  const done = scopes.filter(({ states, transitions, sequences }) =>
    [states, transitions, sequences].every((one) => !one || all(one)),
  );
  const were = `${done.length} ${done.length === 1 ? 'was' : 'were'}`;
  return [ran, html`Of ${count(scopes.length, 'small scope')}, ${were} <a href="#coverage">covered</a> completely.`];
}

function listed(parts: string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

/** MUSTs that nothing is known about, by name: silence about them could be read as a pass. */
function untold(word: string, clauses: ClauseResult[]): Markup[] {
  if (clauses.length === 0) return [];
  const list = html`<ul>${byReason(clauses).map(([reason, some]) => html`<li>${reason}: ${clauseLinks(some)}</li>`)}
    </ul>`;
  const line = html`<b>${count(clauses.length, 'MUST')} ${word}</b>`;
  return [clauses.length > NAMED ? html`<details><summary>${line}</summary>${list}</details>` : html`${line}${list}`];
}

function circumstances(report: Report): Content[] {
  const { run, clauses } = report;
  const lines: Content[] = [];
  const { narrowed, replay, determinism } = run;
  if (narrowed) {
    const left = clauses.filter(({ verdict }) => verdict === 'not-run').length;
    lines.push(
      html`<b>The run was narrowed</b> by <code>${narrowedBy(report)}</code>:${' '}
        it says nothing about the ${count(left, 'clause')} that ${left === 1 ? 'was' : 'were'} not run.`,
    );
  }
  if (replay) {
    const what = replay.clause ?? (replay.finding === undefined ? undefined : `fault ${replay.finding}`);
    lines.push(
      html`One stored program was <b>replayed</b>
        ${what !== undefined && `, known to show ${what}`}; clauses that it does not exercise are left out.`,
    );
  }
  if (run.partial)
    lines.push(html`<b>The run did not come to its end</b>${run.interrupted !== undefined && `: ${run.interrupted}`}.`);
  if (determinism?.verified) lines.push('The whole run was done twice, and the target showed the same each time.');
  else if (determinism) {
    const why = determinism.because ?? 'no reason given';
    const where = determinism.difference && html` (<a href="#twice">the difference</a>)`;
    lines.push(html`The run was done twice, and it was <b>not the same</b>: ${why}${where}.`);
  }
  return lines;
}
