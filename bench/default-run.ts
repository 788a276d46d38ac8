/** The run that a user gets who asks for nothing else. */
import { DEFAULT_RUNS, DEFAULT_SEED } from '../harness/cli/defaults.ts';
import { run } from '../harness/engine/run.ts';
import type { Target } from '../harness/target.ts';
import type { Report } from '../reports/report.ts';
import type { Layout } from '../spec/layout.ts';

export function defaultRun(target: Target, layout: Layout): Promise<Report> {
  return run({ target, layout, seed: DEFAULT_SEED, runs: DEFAULT_RUNS, strict: false, bail: false });
}
