/** One run of the suite on the built-in device with a fault or a variant, and with fewer programs than the default. */
import type { RunOptions } from '../../harness/engine/api.ts';
import { run } from '../../harness/engine/run.ts';
import type { Target } from '../../harness/target.ts';
import { createReference } from '../../reference-device/index.ts';
import type { Report } from '../../reports/report.ts';
import type { Layout } from '../../spec/layout.ts';

export { accused } from '../../power/trial.ts';

export interface Trial {
  layout: Layout;
  variant?: string;
  fault?: string;
  seed?: number;
  runs?: number;
  exhaustive?: RunOptions['exhaustive'];
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
  const { layout, seed = 1, runs = 60, exhaustive } = options;
  const scope = { ...(exhaustive !== undefined && { exhaustive }) };
  return run({ target: referenceTarget(options), layout, seed, runs, strict: false, bail: false, ...scope });
}
