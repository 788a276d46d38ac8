/** The report for a reader at a terminal: what is violated first, the headline last, where the eye ends up. */
import { renderDeterminism } from './determinism.ts';
import type {
  ClauseResult,
  Counterexample,
  Covered,
  Determinism,
  Report,
  ScopeCoverage,
  TargetFinding,
  TraceLine,
  Verdict,
} from './report.ts';
import { scenarioLines } from './scenarios.ts';
import { heading, INDENT, indent, labelled, type PrettyOptions, reproduceLines, type Style, styleOf } from './style.ts';
import { count, hanging, oneLine, printable } from './text.ts';

export type { PrettyOptions };

/** What the engine calls the finder of a replayed program. */
const REPLAY = 'replay';
/** Operations longer than this do not push the column of observations further right. */
const OPERATION_COLUMN = 56;

const NOUN: Record<Verdict, string> = {
  pass: 'passed',
  fail: 'failed',
  warn: 'warned',
  'not-applicable': 'not applicable',
  untestable: 'untestable',
  'not-run': 'not run',
};

/** `107 clauses: 60 passed, 1 failed`. */
export function countsOf(report: Report): string {
  const parts = (Object.keys(NOUN) as Verdict[])
    .filter((verdict) => report.counts[verdict] > 0)
    .map((verdict) => `${report.counts[verdict]} ${NOUN[verdict]}`);
  return `${count(report.clauses.length, 'clause')}: ${parts.join(', ') || 'none judged'}`;
}

// --- clauses ----------------------------------------------------------------------------------------------------

/** The program as numbered lines, observations in a column, the violating line marked. */
function traceLines(trace: TraceLine[], { colors }: Style): string[] {
  const widest = Math.max(0, ...trace.map((line) => printable(line.operation).length));
  const column = Math.min(widest, OPERATION_COLUMN);
  const digits = Math.max(0, ...trace.map((line) => String(line.step).length));
  return trace.map((line) => {
    const operation = oneLine(line.operation);
    const observed = line.observed === undefined ? '' : `${' '.repeat(Math.max(column - operation.length, 0))}  -> `;
    const step = String(line.step).padStart(digits);
    const text = `${step}  ${operation}${observed}${line.observed === undefined ? '' : oneLine(line.observed)}`;
    return line.violates ? colors.red(`> ${text}`) : `  ${text}`;
  });
}

function title(clause: ClauseResult, { colors }: Style): string {
  const [word, paint] =
    clause.verdict === 'warn' ? (['WARN', colors.yellow] as const) : (['FAIL', colors.red] as const);
  return `${colors.bold(paint(word))}  ${colors.bold(printable(clause.id))}  ${clause.level}  ${colors.dim(printable(clause.area))}`;
}

/** The violated clauses that may be no more than a consequence of this one, directly or through others. */
function consequences(report: Report, id: string): string[] {
  const found = new Set([id]);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const clause of report.clauses) {
      if (clause.verdict === 'fail' && clause.impliedBy?.some((by) => found.has(by))) found.add(clause.id);
    }
  }
  return report.clauses.filter((clause) => clause.id !== id && found.has(clause.id)).map((clause) => clause.id);
}

/** A violation that was seen and did not show again is one that was seen. */
function unstableLines(report: Report, { unstable }: Counterexample, style: Style): string[] {
  if (!unstable) return [];
  const reason = {
    unknown: 'it hangs on what ran before, or the target is not deterministic (--verify-determinism tells)',
    yes: 'it hangs on what ran before, since the whole run shows it each time',
    no: 'the target is not deterministic, see below',
  }[deterministic(report)];
  return labelled('unstable', `it was seen, but not again when the program ran by itself: ${reason}`, style);
}

function deterministic({ run }: Report): 'unknown' | 'yes' | 'no' {
  if (run.determinism?.verified) return 'yes';
  return run.determinism?.difference ? 'no' : 'unknown';
}

function counterexampleLines(report: Report, clause: ClauseResult, style: Style): string[] {
  const found = clause.counterexample;
  if (!found) return clause.reason === undefined ? [] : ['', ...labelled('because', clause.reason, style)];
  const lines = ['', ...labelled('expected', found.expected, style), ...labelled('actual', found.actual, style), ''];
  if (found.tier === 'scenario') {
    const from = `${count(found.operations, 'access', 'accesses')} of the driver, with ${oneLine(found.check)}`;
    lines.push(...labelled('log', from, style));
  } else {
    const size = found.operations === 0 ? 'set-up alone' : `${count(found.operations, 'operation')} after set-up`;
    const finder = found.check === REPLAY ? 'replayed' : `found by ${oneLine(found.check)} (${found.tier})`;
    lines.push(...labelled('program', `${size}, ${finder}`, style));
  }
  lines.push(...traceLines(found.trace, style));
  const unstable = unstableLines(report, found, style);
  if (unstable.length > 0) lines.push('', ...unstable);
  return [...lines, '', ...reproduceLines(found.reproduce, `--clause ${clause.id}`, style)];
}

/** What the violation may come from, where that is violated as well. */
function causeLines(clause: ClauseResult, style: Style): string[] {
  if (!clause.impliedBy?.length) return [];
  const text = `${clause.impliedBy.join(', ')} (violated too; this may be no more than a consequence)`;
  return ['', ...labelled('behind it', text, style)];
}

/** A violated clause at length. */
function violation(report: Report, clause: ClauseResult, style: Style): string[] {
  const body = hanging('', clause.text, style.width - INDENT);
  body.push(...hanging('', `from ${clause.origin.join('; ')}`, style.width - INDENT).map(style.colors.dim));
  body.push(...counterexampleLines(report, clause, style));
  const others = consequences(report, clause.id);
  if (others.length > 0) {
    const text = `${others.join(', ')} (violated too, and may be no more than a consequence)`;
    body.push('', ...labelled('with it', text, style));
  }
  body.push(...causeLines(clause, style));
  return [title(clause, style), ...indent(body)];
}

/** A warning: what was seen and how to see it again, without the trace. */
function warning(report: Report, clause: ClauseResult, style: Style): string[] {
  const found = clause.counterexample;
  const body = hanging('', clause.text, style.width - INDENT);
  if (found) {
    body.push(...labelled('expected', found.expected, style), ...labelled('actual', found.actual, style));
    body.push(...unstableLines(report, found, style));
    body.push(...reproduceLines(found.reproduce, `--clause ${clause.id}`, style));
  } else if (clause.reason !== undefined) body.push(...labelled('because', clause.reason, style));
  body.push(...causeLines(clause, style));
  return [title(clause, style), ...indent(body)];
}

/** One clause's section as plain text, without a final line feed; for other test runners. */
export function renderClause(report: Report, clause: ClauseResult, options: PrettyOptions = {}): string {
  return violation(report, clause, styleOf(options)).join('\n');
}

// --- sections ---------------------------------------------------------------------------------------------------

function headerLines(report: Report, style: Style): string[] {
  const { layout, target, run } = report;
  const version = target.version === undefined ? '' : ` ${target.version}`;
  const shown = `${target.specification} (${target.name}${version})`;
  const lines = hanging('layout  ', `${layout.name}, ${layout.title}, revision ${layout.revision}`, style.width);
  lines.push(
    ...hanging('target  ', target.name === target.specification ? `${target.name}${version}` : shown, style.width),
  );
  const widest = Math.max(0, ...Object.keys(target.properties).map((name) => printable(name).length));
  for (const [name, value] of Object.entries(target.properties)) {
    lines.push(...hanging(`        ${printable(name).padEnd(widest)}  `, value, style.width));
  }
  lines.push(...hanging('run     ', runText(run), style.width));
  const narrowed = narrowedBy(report);
  if (narrowed) lines.push(...hanging('        ', `narrowed: ${narrowed}`, style.width));
  if (run.partial)
    lines.push(...hanging('        ', `partial: ${run.interrupted ?? 'it did not come to its end'}`, style.width));
  lines.push(...scenarioLines(report, style));
  for (const scope of run.exhaustive ?? []) lines.push(...hanging('covered ', coverageText(scope), style.width));
  if (run.determinism) lines.push(...hanging('twice   ', determinismText(run.determinism), style.width));
  return [...lines, ''];
}

/** How much of a small scope was gone through, and for which devices that is complete. */
export function coverageText(scope: ScopeCoverage): string {
  const { states, transitions, sequences, extraStates, decisions, decidedOtherwise, violations, stopped } = scope;
  const of = ({ covered, total }: Covered) => `${covered}/${total}`;
  const parts = [`states ${of(states)}`, `transitions ${of(transitions)}`];
  if (sequences) parts.push(`sequences ${of(sequences)}`);
  parts.push(`k = ${extraStates}`);
  const notes = [...(decisions ?? [])];
  if (decidedOtherwise) notes.push(`the device decides otherwise in ${count(decidedOtherwise, 'transition')}`);
  if (violations)
    notes.push(`${count(violations, 'transition')} ${violations === 1 ? 'violates' : 'violate'} a clause`);
  if (stopped !== undefined) notes.push(`ended early: ${stopped}`);
  return [`${scope.scope}: ${parts.join(', ')}`, ...notes].join('; ');
}

function determinismText({ verified, difference, because }: Determinism): string {
  if (verified) return 'done again, and the target showed the same: it is deterministic';
  return difference ? 'done again, and not everything was the same, see below' : `not known: ${because}`;
}

/** Where the programs came from, and how much work all of them were for the target, shrinking included. */
function runText({ seed, runs, strict, replay, scenarios, programs, operations }: Report['run']): string {
  const size = `${count(programs, 'program')}, ${count(operations, 'access', 'accesses')}`;
  if (scenarios) {
    const met = `${count(scenarios.length, 'device')} met, ${count(operations, 'access', 'accesses')}`;
    return `${met}${strict ? ' (--strict)' : ''}`;
  }
  const source = replay ? 'replay of one program' : `--seed ${seed} --runs ${runs}`;
  return `${source}${strict ? ' --strict' : ''}; ${size}`;
}

/** How the user narrowed the run, in the words of the command line. */
export function narrowedBy(report: Report): string {
  const { only, exclude, scenarios, bail } = report.run.narrowed ?? {};
  const parts: string[] = [];
  if (only?.length) parts.push(`--only ${only.join(',')}`);
  if (exclude?.length) parts.push(`--exclude ${exclude.join(',')}`);
  if (scenarios?.length) parts.push(`--scenario ${scenarios.join(',')}`);
  if (bail) parts.push('--bail');
  return parts.join(' ');
}

/** Clauses that were not judged, grouped by their reason: ids only, since there may be many. */
function unjudged(report: Report, verdict: Verdict, style: Style): string[] {
  const groups = new Map<string, string[]>();
  for (const clause of report.clauses.filter((c) => c.verdict === verdict)) {
    const reason = oneLine(clause.reason ?? 'no reason given');
    groups.set(reason, [...(groups.get(reason) ?? []), clause.id]);
  }
  if (groups.size === 0) return [];
  const lines = heading(`${NOUN[verdict]} (${report.counts[verdict]})`, style);
  for (const [reason, ids] of groups) {
    lines.push(...hanging('  ', reason, style.width));
    lines.push(...hanging(' '.repeat(INDENT), ids.join(', '), style.width).map(style.colors.dim));
  }
  return [...lines, ''];
}

/** The clauses that a replayed program put to the test. */
function exercised(report: Report, style: Style): string[] {
  const ids = report.clauses.filter((clause) => clause.exercised > 0).map((clause) => clause.id);
  if (ids.length === 0) return [];
  return [...heading(`put to the test (${ids.length})`, style), ...hanging('  ', ids.join(', '), style.width), ''];
}

/** Target faults that are the same but for the program that met them; the first of them was made small. */
interface FindingGroup {
  found: TargetFinding;
  /** Number of the first, from 1. */
  number: number;
  count: number;
  checks: Set<string>;
}

function grouped(findings: readonly TargetFinding[]): FindingGroup[] {
  const groups = new Map<string, FindingGroup>();
  for (const [index, found] of findings.entries()) {
    const key = JSON.stringify([found.reason, found.message, found.hint]);
    const group = groups.get(key) ?? { found, number: index + 1, count: 0, checks: new Set() };
    group.count++;
    group.checks.add(found.check);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function finding({ found, number, count: times, checks }: FindingGroup, style: Style): string[] {
  const body = hanging('', found.message, style.width - INDENT);
  if (found.hint !== undefined) body.push(...labelled('next', found.hint, style));
  const after = found.restarted ? 'the run went on' : 'the run ended here';
  body.push(...labelled('after', after, style));
  if (times > 1) body.push(...labelled('seen', `${times} times, in ${[...checks].join(', ')}`, style));
  if (found.trace.length > 0) body.push('', ...traceLines(found.trace, style));
  body.push('', ...reproduceLines(found.reproduce, `--finding ${number}`, style));
  const word = style.colors.bold(style.colors.magenta('FAULT'));
  return [`${word} target ${found.reason}  ${style.colors.dim(oneLine(found.check))}`, ...indent(body), ''];
}

/** The target's crashes, hangs and nonsense answers, as lines; equal ones once. */
export function renderFindings(report: Report, options: PrettyOptions = {}): string[] {
  const style = styleOf(options);
  return grouped(report.findings).flatMap((group) => finding(group, style));
}

function findingsHeading({ findings }: Report): string {
  const kinds = grouped(findings).length;
  return `target faults (${findings.length}${kinds < findings.length ? `, ${kinds} different` : ''})`;
}

/**
 * Violated clauses that get a section of their own: those that nothing more specific implies. Where clauses imply each
 * other in a circle the first of them stands for it, so that every violated clause is under one of these.
 */
function specific(report: Report): ClauseResult[] {
  const failed = report.clauses.filter((clause) => clause.verdict === 'fail');
  const ids = new Set(failed.map((clause) => clause.id));
  const heads = failed.filter((clause) => !clause.impliedBy?.some((id) => id !== clause.id && ids.has(id)));
  const covered = new Set(heads.flatMap((clause) => [clause.id, ...consequences(report, clause.id)]));
  for (const clause of failed.filter(({ id }) => !covered.has(id))) {
    if (covered.has(clause.id)) continue;
    heads.push(clause);
    for (const id of [clause.id, ...consequences(report, clause.id)]) covered.add(id);
  }
  return heads;
}

/** The last line of {@link renderPretty}: the headline with what it rests on, and how the run was narrowed. */
export function renderHeadline(report: Report, options: PrettyOptions = {}): string {
  const { colors } = styleOf(options);
  const paint = { conformant: colors.green, 'not conformant': colors.red, inconclusive: colors.yellow }[
    report.headline
  ];
  const scope = report.run.replay ? 'replay' : narrowedBy(report);
  return `${colors.bold(paint(report.headline))}${scope ? ` (${scope})` : ''}: ${oneLine(report.because)}`;
}

/** The report as text, ending with the headline. */
export function renderPretty(report: Report, options: PrettyOptions = {}): string {
  const style = styleOf(options);
  const lines = headerLines(report, style);
  const failed = report.counts.fail;
  const heads = specific(report);
  const rest = failed - heads.length;
  const split = rest > 0 ? `: ${heads.length} at length, ${rest} named with ${heads.length === 1 ? 'it' : 'them'}` : '';
  if (failed > 0) lines.push(...heading(`violated (${failed}${split})`, style));
  for (const clause of heads) lines.push(...violation(report, clause, style), '');
  const warned = report.clauses.filter((clause) => clause.verdict === 'warn');
  if (warned.length > 0) lines.push(...heading(`warnings (${warned.length})`, style));
  for (const clause of warned) lines.push(...warning(report, clause, style), '');
  if (report.run.replay) lines.push(...exercised(report, style));
  for (const verdict of ['untestable', 'not-run', 'not-applicable'] as const) {
    // One program leaves most clauses alone; which ones it does not is of interest.
    if (verdict !== 'not-run' || !report.run.replay) lines.push(...unjudged(report, verdict, style));
  }
  if (report.findings.length > 0) lines.push(...heading(findingsHeading(report), style));
  lines.push(...renderFindings(report, options));
  lines.push(...renderDeterminism(report, options));
  lines.push(...hanging('', countsOf(report), style.width), renderHeadline(report, options), '');
  return lines.join('\n');
}
