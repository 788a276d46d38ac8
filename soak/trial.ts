/** One run of the soak, and whether it was as it has to be. */
import { DEFAULT_RUNS } from '../harness/cli/defaults.ts';
import { run } from '../harness/engine/run.ts';
import { openTarget } from '../harness/targets/open.ts';
import { variants } from '../reference-device/index.ts';
import type { Report } from '../reports/report.ts';
import { loadLayout } from '../spec/load.ts';
import type { Item } from './plan.ts';

/** What is wrong; undefined for a run that is conformant with no finding and no warning but those of its variant. */
export async function trial({ run: seed, layout: name, variant, twice }: Item): Promise<string | undefined> {
  const layout = loadLayout(name);
  const target = await openTarget(variant === undefined ? 'reference' : `reference:variant=${variant}`, { layout });
  const allowed = variants.find(({ id }) => id === variant)?.warns ?? [];
  try {
    const options = { target, layout, seed, runs: DEFAULT_RUNS, strict: false, bail: false };
    const report = await run({ ...options, verifyDeterminism: twice });
    return flakeIn(
      report,
      allowed.map((id) => layout.clauseFor(id)),
    );
  } finally {
    await target.close();
  }
}

/** @param allowed clauses that may warn */
export function flakeIn(report: Report, allowed: readonly string[]): string | undefined {
  if (report.headline !== 'conformant') return `${report.headline}: ${report.because}`;
  if (report.findings.length > 0) return `a target fault: ${report.findings[0]?.message}`;
  const warned = report.clauses.filter(({ id, verdict }) => verdict === 'warn' && !allowed.includes(id));
  return warned.length > 0 ? `warnings: ${warned.map(({ id }) => id).join(', ')}` : undefined;
}
