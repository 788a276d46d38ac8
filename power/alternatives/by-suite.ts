/** Looks for a fault by the suite itself, until the budget is spent or something is wrong. */
import { DEFAULT_RUNS } from '../../harness/cli/defaults.ts';
import { run } from '../../harness/engine/run.ts';
import { openTarget } from '../../harness/targets/open.ts';
import type { Search } from './by-commands.ts';

/** @returns operations until a clause was violated; null where none was */
export async function findBySuite({ layout, specification, seed, budget }: Search): Promise<number | null> {
  const target = await openTarget(specification, { layout });
  const enough = new AbortController();
  let found: number | null = null;
  await run({
    target,
    layout,
    seed,
    runs: DEFAULT_RUNS,
    strict: false,
    bail: false,
    signal: enough.signal,
    onSighting({ operations }) {
      found ??= operations <= budget ? operations : null;
      enough.abort();
    },
  });
  return found;
}

/** Operations that a run takes on a device without a fault: what the others get as well. */
export async function budgetOf(layout: Search['layout']): Promise<number> {
  const target = await openTarget('reference', { layout });
  const report = await run({ target, layout, seed: 1, runs: DEFAULT_RUNS, strict: false, bail: false });
  return report.run.operations;
}
