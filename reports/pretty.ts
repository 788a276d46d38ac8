/** The report for a reader at a terminal: what is violated first, the headline last, where the eye ends up. */
import pc from 'picocolors';
import type { ClauseResult, Report, TargetFinding, TraceLine, Verdict } from './report.ts';
import { count, hanging, oneLine, printable } from './text.ts';

export interface PrettyOptions {
  /** Default: false. */
  color?: boolean;
  /** Columns to wrap at. Default: 100. */
  width?: number;
}

/** Where the text of a clause starts; `FAIL  ` and `WARN  ` are as wide. */
const INDENT = 6;
const DEFAULT_WIDTH = 100;
const MINIMAL_WIDTH = 40;
/** Operations longer than this do not push the column of observations further right. */
const OPERATION_COLUMN = 56;

type Colors = ReturnType<typeof pc.createColors>;

interface Style {
  colors: Colors;
  width: number;
}

function styleOf(options: PrettyOptions): Style {
  return {
    colors: pc.createColors(options.color ?? false),
    width: Math.max(options.width ?? DEFAULT_WIDTH, MINIMAL_WIDTH),
  };
}

function indent(lines: string[], by = INDENT): string[] {
  return lines.map((line) => (line === '' ? '' : ' '.repeat(by) + line));
}

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

function labelled(label: string, text: string, style: Style): string[] {
  const lines = hanging(label.padEnd(10), text, style.width - INDENT);
  return lines.map((line, at) => (at === 0 ? style.colors.bold(label) + line.slice(label.length) : line));
}

/** Not wrapped: it is there to be copied. */
function reproduceLines(command: string, { colors }: Style): string[] {
  return [colors.bold('reproduce'), `  ${colors.cyan(oneLine(command))}`];
}

function title(clause: ClauseResult, { colors }: Style): string {
  const [word, paint] =
    clause.verdict === 'warn' ? (['WARN', colors.yellow] as const) : (['FAIL', colors.red] as const);
  return `${colors.bold(paint(word))}  ${colors.bold(printable(clause.id))}  ${clause.level}  ${colors.dim(printable(clause.area))}`;
}

/** The violated clauses that this one implies, directly or through others. */
function impliedBy(report: Report, id: string): string[] {
  const found = new Set([id]);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const clause of report.clauses) {
      if (clause.verdict === 'fail' && clause.impliedBy?.some((by) => found.has(by))) found.add(clause.id);
    }
  }
  return report.clauses.filter((clause) => clause.id !== id && found.has(clause.id)).map((clause) => clause.id);
}

function counterexampleLines(clause: ClauseResult, style: Style): string[] {
  const found = clause.counterexample;
  if (!found) return clause.reason === undefined ? [] : ['', ...labelled('because', clause.reason, style)];
  const lines = ['', ...labelled('expected', found.expected, style), ...labelled('actual', found.actual, style), ''];
  const operations = count(found.operations, 'operation');
  lines.push(...labelled('program', `${operations}, found by ${oneLine(found.check)} (${found.tier})`, style));
  lines.push(...traceLines(found.trace, style));
  if (found.unstable) {
    lines.push('', ...labelled('unstable', 'a second run of this program did not show the violation again', style));
  }
  return [...lines, '', ...reproduceLines(found.reproduce, style)];
}

/** A violated clause at length. */
function violation(report: Report, clause: ClauseResult, style: Style): string[] {
  const body = hanging('', clause.text, style.width - INDENT);
  body.push(...hanging('', `from ${clause.origin.join('; ')}`, style.width - INDENT).map(style.colors.dim));
  body.push(...counterexampleLines(clause, style));
  const implied = impliedBy(report, clause.id);
  if (implied.length > 0) {
    body.push('', ...labelled('implies', `${implied.join(', ')} (more general, violated with it)`, style));
  }
  if (clause.impliedBy?.length) body.push('', ...labelled('implied', `by ${clause.impliedBy.join(', ')}`, style));
  return [title(clause, style), ...indent(body)];
}

/** A warning: what was seen and how to see it again, without the trace. */
function warning(clause: ClauseResult, style: Style): string[] {
  const found = clause.counterexample;
  const body = hanging('', clause.text, style.width - INDENT);
  if (found) {
    body.push(...labelled('expected', found.expected, style), ...labelled('actual', found.actual, style));
    body.push(...reproduceLines(found.reproduce, style));
  } else if (clause.reason !== undefined) body.push(...labelled('because', clause.reason, style));
  return [title(clause, style), ...indent(body)];
}

/** One clause's section as plain text, without a final line feed; for other test runners. */
export function renderClause(report: Report, clause: ClauseResult, options: PrettyOptions = {}): string {
  return violation(report, clause, styleOf(options)).join('\n');
}

// --- sections ---------------------------------------------------------------------------------------------------

function heading(text: string, { colors }: Style): string[] {
  return [colors.bold(colors.underline(text)), ''];
}

function headerLines(report: Report, style: Style): string[] {
  const { layout, target, run } = report;
  const version = target.version === undefined ? '' : ` ${target.version}`;
  const shown = `${target.specification} (${target.name}${version})`;
  const lines = hanging('layout  ', `${layout.name}, ${layout.title}, revision ${layout.revision}`, style.width);
  lines.push(
    ...hanging('target  ', target.name === target.specification ? `${target.name}${version}` : shown, style.width),
  );
  const properties = Object.entries(target.properties).map(([name, value]) => `${name} ${value}`);
  if (properties.length > 0) lines.push(...hanging('        ', properties.join(', '), style.width));
  const size = `${count(run.programs, 'program')}, ${count(run.operations, 'operation')}`;
  lines.push(
    ...hanging(
      'run     ',
      `seed ${run.seed}, ${run.runs} generated${run.strict ? ', strict' : ''}; ${size}`,
      style.width,
    ),
  );
  const narrowed = narrowedBy(report);
  if (narrowed) lines.push(...hanging('        ', `narrowed: ${narrowed}`, style.width));
  if (run.partial)
    lines.push(...hanging('        ', `partial: ${run.interrupted ?? 'it did not come to its end'}`, style.width));
  return [...lines, ''];
}

/** How the user narrowed the run, in the words of the command line. */
export function narrowedBy(report: Report): string {
  const { only, exclude, bail } = report.run.narrowed ?? {};
  const parts: string[] = [];
  if (only?.length) parts.push(`--only ${only.join(',')}`);
  if (exclude?.length) parts.push(`--exclude ${exclude.join(',')}`);
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

function finding(found: TargetFinding, style: Style): string[] {
  const body = hanging('', found.message, style.width - INDENT);
  if (found.hint !== undefined) body.push(...labelled('next', found.hint, style));
  const after = found.restarted
    ? 'the target was started again and the run went on'
    : 'the target was not started again';
  body.push(...labelled('after', after, style));
  if (found.trace.length > 0) body.push('', ...traceLines(found.trace, style));
  body.push('', ...reproduceLines(found.reproduce, style));
  const word = style.colors.bold(style.colors.magenta('FAULT'));
  return [`${word} target ${found.reason}  ${style.colors.dim(oneLine(found.check))}`, ...indent(body), ''];
}

/** The target's crashes, hangs and nonsense answers, as lines. */
export function renderFindings(report: Report, options: PrettyOptions = {}): string[] {
  const style = styleOf(options);
  return report.findings.flatMap((found) => finding(found, style));
}

/**
 * Violated clauses that get a section of their own: those that nothing more specific implies. Where clauses imply each
 * other in a circle the first of them stands for it, so that every violated clause is under one of these.
 */
function specific(report: Report): ClauseResult[] {
  const failed = report.clauses.filter((clause) => clause.verdict === 'fail');
  const ids = new Set(failed.map((clause) => clause.id));
  const heads = failed.filter((clause) => !clause.impliedBy?.some((id) => id !== clause.id && ids.has(id)));
  const covered = new Set(heads.flatMap((clause) => [clause.id, ...impliedBy(report, clause.id)]));
  for (const clause of failed.filter(({ id }) => !covered.has(id))) {
    if (covered.has(clause.id)) continue;
    heads.push(clause);
    for (const id of [clause.id, ...impliedBy(report, clause.id)]) covered.add(id);
  }
  return heads;
}

/** The last line of {@link renderPretty}: the headline with what it rests on, and how the run was narrowed. */
export function renderHeadline(report: Report, options: PrettyOptions = {}): string {
  const { colors } = styleOf(options);
  const paint = { conformant: colors.green, 'not conformant': colors.red, inconclusive: colors.yellow }[
    report.headline
  ];
  const scope = narrowedBy(report);
  return `${colors.bold(paint(report.headline))}${scope ? ` (${scope})` : ''}: ${oneLine(report.because)}`;
}

/** The report as text, ending with the headline. */
export function renderPretty(report: Report, options: PrettyOptions = {}): string {
  const style = styleOf(options);
  const lines = headerLines(report, style);
  const failed = report.counts.fail;
  if (failed > 0) lines.push(...heading(`violated (${failed})`, style));
  for (const clause of specific(report)) lines.push(...violation(report, clause, style), '');
  const warned = report.clauses.filter((clause) => clause.verdict === 'warn');
  if (warned.length > 0) lines.push(...heading(`warnings (${warned.length})`, style));
  for (const clause of warned) lines.push(...warning(clause, style), '');
  for (const verdict of ['untestable', 'not-run', 'not-applicable'] as const)
    lines.push(...unjudged(report, verdict, style));
  if (report.findings.length > 0) lines.push(...heading(`target faults (${report.findings.length})`, style));
  lines.push(...renderFindings(report, options));
  lines.push(...hanging('', countsOf(report), style.width), renderHeadline(report, options), '');
  return lines.join('\n');
}
