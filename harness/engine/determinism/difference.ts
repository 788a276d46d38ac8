/** Where a second run differed, for the report. */
import type { ComparedLine, Difference, Report } from '../../../reports/report.ts';
import { TargetFault } from '../../target.ts';
import { reproduce } from '../reproduce.ts';
import { observe, traceOf } from '../trace.ts';
import { decode } from './encode.ts';
import type { Divergence } from './recording.ts';
import type { TwiceOptions } from './twice.ts';

/** Places of two reports that are shown where they differ. */
const MOST_PLACES = 3;
/** Differ wherever anything does, and say the least. */
const COUNTERS = ['run.programs', 'run.operations'];

type Seen = Exclude<Divergence, { kind: 'course' }>;
type InProgram = Extract<Divergence, { kind: 'program' }>;

/** From what was seen to what the report says of it. */
export function differenceOf(divergence: Seen, options: TwiceOptions): Difference {
  const command = reproduce(options.target, options);
  if (divergence.kind === 'probe') {
    const trace = divergence.properties.map(({ name, ...saw }): ComparedLine => ({ step: 0, operation: name, ...saw }));
    return { kind: 'probe', trace, reproduce: command };
  }
  const { ran, found } = divergence;
  return {
    kind: 'program',
    ...(found ?? { tier: 'shrinking' }),
    trace: traceOfBoth(divergence),
    program: ran.program,
    reproduce: command,
  };
}

/** The lines that both runs have, and the first that they do not. */
function traceOfBoth({ ran, at, profile }: InProgram): ComparedLine[] {
  const { program, steps, execution } = ran;
  if (!at) {
    const lines = traceOf(program, steps, execution, profile, undefined).map(plain);
    return [
      ...lines,
      { step: 0, operation: 'all of it', first: 'not the same: too much ran before to keep it', second: 'as above' },
    ];
  }
  const observations = execution.observations.slice(0, at.step);
  // Up to the step: as if the target had failed there, which is what gives that step a line of its own.
  const upTo = { observations, fault: { error: new TargetFault('answer', 'it differs'), step: at.step } };
  return traceOf(program, steps, upTo, profile, undefined).map((line) => {
    if (!line.violates) return plain(line);
    const saw = (text: string): string => {
      const decoded = decode(text);
      if ('failed' in decoded) return `no good answer: ${decoded.failed}`;
      const step = steps[at.step];
      return (step && observe(step, decoded.observation)) ?? 'it was done';
    };
    return { step: line.step, operation: line.operation, first: saw(at.first), second: saw(at.second) };
  });
}

function plain({ step, operation, observed }: ComparedLine): ComparedLine {
  return { step, operation, ...(observed === undefined ? {} : { observed }) };
}

/** Where the reports differ although no program showed anything else. */
export function reportDifference(first: Report, second: Report, options: TwiceOptions): Difference {
  const places = differing(first, second, '');
  places.sort((a, b) => Number(COUNTERS.includes(a.operation)) - Number(COUNTERS.includes(b.operation)));
  return { kind: 'report', trace: places.slice(0, MOST_PLACES), reproduce: reproduce(options.target, options) };
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function differing(first: unknown, second: unknown, path: string): ComparedLine[] {
  if (isObject(first) && isObject(second)) {
    const keys = [...new Set([...Object.keys(first), ...Object.keys(second)])];
    return keys.flatMap((key) => differing(first[key], second[key], path === '' ? key : `${path}.${key}`));
  }
  if (first === second) return [];
  return [{ step: 0, operation: path, first: short(first), second: short(second) }];
}

function short(value: unknown): string {
  if (value === undefined) return 'nothing';
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value)).slice(0, 200);
}
