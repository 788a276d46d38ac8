/** What a run that was done twice did not show again, for a reader at a terminal. */
import type { ComparedLine, Determinism, Difference, Report } from './report.ts';
import { heading, INDENT, indent, labelled, type PrettyOptions, reproduceLines, type Style, styleOf } from './style.ts';
import { count, hanging, oneLine } from './text.ts';

/** Lines of a long program that are shown: of its beginning, with the set-up, and up to where it differs. */
const FIRST_LINES = 2;
const LAST_LINES = 14;

const AGAIN = 'Done again with the same seed, the target did not show the same.';
const WHAT: Record<Difference['kind'], string> = {
  program:
    `${AGAIN} That is about reproducing, not about conforming: the text may leave the device this choice. ` +
    'But the next run of it may come out otherwise.',
  failure: 'Done again with the same seed, the target failed where it had answered, or answered where it had failed.',
  probe:
    'When the target was examined for the second run, it was another device than for the first. The programs follow ' +
    'from what a device is, so the two runs cannot be compared.',
  report: 'The two runs left different reports, and yet no program showed anything else in the second.',
};
const VIOLATED = `${AGAIN} What one run saw violated is violated, although the other did not see it.`;

/** What it means that the two runs differ. */
export function meaningOf({ verdicts }: Determinism, kind: Difference['kind']): string {
  const isViolated = verdicts?.some(({ first, second }) => first === 'fail' || second === 'fail');
  return isViolated ? VIOLATED : WHAT[kind];
}

/** The section on two runs that differ, as lines; empty where there is nothing to say. */
export function renderDeterminism({ run }: Report, options: PrettyOptions = {}): string[] {
  const { determinism } = run;
  if (!determinism?.difference) return [];
  const style = styleOf(options);
  return [...heading('not the same twice', style), ...section(determinism, determinism.difference, style), ''];
}

function section(determinism: Determinism, difference: Difference, style: Style): string[] {
  const { kind, program, next, reproduce, trace } = difference;
  const { colors } = style;
  const body = hanging('', meaningOf(determinism, kind), style.width - INDENT);
  body.push('', ...titleOf(difference, style), ...linesOf(trace, style));
  body.push('', ...verdictLines(determinism, style));
  body.push(...labelled('next', next, style));
  const which = program === undefined ? undefined : '--verify-determinism';
  body.push('', ...reproduceLines(reproduce, which, style));
  return [`${colors.bold(colors.yellow('DIFFERS'))}  ${colors.dim(oneLine(finder(difference)))}`, ...indent(body)];
}

function finder({ kind, check, tier }: Difference): string {
  if (kind === 'probe') return 'the device';
  if (kind === 'report') return 'report.json';
  return check === undefined ? 'a program tried for a smaller counterexample' : `${check} (${tier})`;
}

function titleOf({ kind }: Difference, style: Style): string[] {
  if (kind === 'program' || kind === 'failure')
    return labelled('program', 'up to where the runs differ; it is the first that does', style);
  return labelled('where', kind === 'probe' ? 'what was read of it' : 'in these places, and maybe others', style);
}

function linesOf(trace: readonly ComparedLine[], { colors }: Style): string[] {
  const digits = Math.max(0, ...trace.map(({ step }) => String(step).length));
  const lines = (some: readonly ComparedLine[]) => some.flatMap((line) => lineOf(line, digits).map(paint));
  const left = trace.length - FIRST_LINES - LAST_LINES;
  if (left <= 1) return lines(trace);
  const skipped = `  ${' '.repeat(digits)}  ... ${count(left, 'line')}, in report.json`;
  return [...lines(trace.slice(0, FIRST_LINES)), skipped, ...lines(trace.slice(-LAST_LINES))];

  function paint(text: string, index: number, all: string[]): string {
    return all.length > 1 && index > 0 ? colors.yellow(text) : text;
  }
}

function lineOf({ step, operation, observed, first, second }: ComparedLine, digits: number): string[] {
  const differs = first !== undefined || second !== undefined;
  const number = step === 0 ? ' '.repeat(digits) : String(step).padStart(digits);
  const end = observed === undefined ? '' : `  -> ${oneLine(observed)}`;
  const line = `${differs ? '>' : ' '} ${number}  ${oneLine(operation)}${end}`;
  if (!differs) return [line];
  const saw = (run: string, text = 'nothing') => `  ${' '.repeat(digits)}    ${run}  -> ${oneLine(text)}`;
  return [line, saw('first run ', first), saw('second run', second)];
}

/** What the other run said, where that is not in this report. */
function verdictLines({ verdicts = [], shown }: Determinism, style: Style): string[] {
  if (verdicts.length === 0) return labelled('verdicts', 'every clause has the same in both runs', style);
  const all = verdicts.map(({ id, first, second }) => `${id}: ${first}, then ${second}`).join('; ');
  return labelled('verdicts', `${all}. This report is of the ${shown} run`, style);
}
