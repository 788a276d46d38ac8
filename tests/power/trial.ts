/** One run of the suite on the built-in device with a fault or a variant. */
import { run } from '../../harness/engine/run.ts';
import type { Target } from '../../harness/target.ts';
import { createReference } from '../../reference-device/index.ts';
import type { ClauseResult, Report } from '../../reports/report.ts';
import type { Layout } from '../../spec/layout.ts';

export interface Trial {
  layout: Layout;
  variant?: string;
  fault?: string;
  seed?: number;
  runs?: number;
}

export function referenceTarget({ layout, variant, fault }: Trial): Target {
  const adapter = createReference({
    layout,
    ...(variant === undefined ? {} : { variant }),
    ...(fault === undefined ? {} : { fault }),
  });
  return { specification: 'reference', adapter, local: true, cheapPowerCycle: true, close: async () => {} };
}

export function trial(options: Trial): Promise<Report> {
  const { layout, seed = 1, runs = 60 } = options;
  return run({ target: referenceTarget(options), layout, seed, runs, strict: false, bail: false });
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
