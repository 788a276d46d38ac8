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
  if (divergence.kind === 'probe') {
    const trace = divergence.properties.map(({ name, ...saw }): ComparedLine => ({ step: 0, operation: name, ...saw }));
    const next = `look for what makes it another device when it is new again; ${begun(options)}`;
    return { kind: 'probe', trace, next, reproduce: command(options) };
  }
  const { ran, found } = divergence;
  return {
    kind: failuresAt(divergence).length > 0 ? 'failure' : 'program',
    ...(found ?? { tier: 'shrinking' }),
    trace: traceOfBoth(divergence),
    program: ran.program,
    next: nextOf(divergence, options),
    reproduce: command(options),
  };
}

/** The command that does both runs again. */
function command(options: TwiceOptions): string {
  const once = reproduce(options.target, options);
  return options.replayed ? once : `${once} --verify-determinism`;
}

/** In what state the target was at the start of each run. */
function begun({ target }: TwiceOptions): string {
  if (target.adapter.powerCycle) return 'each run began with a power cycle';
  return 'the target has no power cycle, so the second run began with what the first had left behind';
}

/** How the target failed where the runs differ, if it did. */
function failuresAt({ at }: InProgram): string[] {
  const seen = at ? [decode(at.first), decode(at.second)] : [];
  return seen.flatMap((one) => ('failed' in one ? [one.failed] : []));
}

function nextOf(divergence: InProgram, options: TwiceOptions): string {
  const { adapter, local } = options.target;
  const failures = failuresAt(divergence);
  if (failures.some((message) => message.startsWith('hung'))) {
    return 'a busy machine can bring that about by itself: try with a longer --timeout first';
  }
  if (failures.length > 0) return 'find out why the target fails, mend that, and verify again';
  const waits =
    adapter.settle || local ? 'work that goes on after settle' : 'work that goes on, since it has no settle';
  return `look for what outlives a power cycle or a reset (a counter, a cache), for what comes from outside (a random number, the time), and for ${waits}; ${begun(options)}`;
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
  const failed = first.findings.length + second.findings.length > 0;
  const next = failed
    ? 'mend the target faults first: how far answers come before a failure, and so what is tried again, may be chance'
    : 'this should not be: it is a defect of the suite, please report it with this command';
  return { kind: 'report', trace: places.slice(0, MOST_PLACES), next, reproduce: command(options) };
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
