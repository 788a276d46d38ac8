/** One run of the suite on one faulty or conformant reference device, and what it said. Plain data: it crosses processes. */
import { DEFAULT_RUNS } from '../harness/cli/defaults.ts';
import type { Sighted } from '../harness/engine/api.ts';
import { run } from '../harness/engine/run.ts';
import { openTarget } from '../harness/targets/open.ts';
import type { ClauseResult, Report } from '../reports/report.ts';
import type { Layout } from '../spec/layout.ts';
import { loadLayout } from '../spec/load.ts';

export interface Trial {
  layout: string;
  kind: 'fault' | 'variant';
  /** The fault's or the variant's. */
  id: string;
  seed: number;
  /** Fewer programs than the default run has, and of the small scopes single transitions alone. */
  quick?: boolean;
}

/** Generated programs of a quick trial. */
const QUICK_RUNS = 60;

export interface Said extends Trial {
  /** Clauses that are violated or not met, in the order of the report. */
  named: string[];
  /** The same, where another clause may be the cause. */
  implied: string[];
  /** When each clause was first seen to be violated, in that order. */
  sightings: Sighted[];
  /** Operations after set-up of each clause's counterexample. */
  lengths: Record<string, number>;
  /** What the target did that was no answer. */
  failures: string[];
}

const layouts = new Map<string, Layout>();

/** Loaded once for all trials of a process. */
export function layoutNamed(name: string): Layout {
  let layout = layouts.get(name);
  if (!layout) {
    layout = loadLayout(name);
    layouts.set(name, layout);
  }
  return layout;
}

/** Clauses that the report accuses, those apart that it lists as implied by others. */
export function accused(report: Report): { named: string[]; implied: string[] } {
  const bad = report.clauses.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn');
  const ids = (clauses: ClauseResult[]) => clauses.map(({ id }) => id);
  return {
    named: ids(bad.filter(({ impliedBy }) => !impliedBy)),
    implied: ids(bad.filter(({ impliedBy }) => impliedBy)),
  };
}

/** The default run, unless it has to be quick: what a user gets who asks for nothing but a seed. */
export async function tryOut(trial: Trial): Promise<Said> {
  const layout = layoutNamed(trial.layout);
  const target = await openTarget(`reference:${trial.kind}=${trial.id}`, { layout });
  const sightings: Sighted[] = [];
  const report = await run({
    target,
    layout,
    seed: trial.seed,
    runs: trial.quick ? QUICK_RUNS : DEFAULT_RUNS,
    ...(trial.quick && { exhaustive: 0 }),
    strict: false,
    bail: false,
    onSighting: (sighted) => sightings.push(sighted),
  });
  await target.close();
  const shown = report.clauses.flatMap(({ id, counterexample }) =>
    counterexample ? [[id, counterexample.operations] as const] : [],
  );
  return {
    ...trial,
    ...accused(report),
    sightings,
    lengths: Object.fromEntries(shown),
    failures: report.findings.map(({ message }) => message),
  };
}
