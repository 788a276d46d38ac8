/** The reference driver on all scenarios: none of its variants is accused, and each of its faults is. */
import { describe, expect, it } from 'vitest';
import { runDriver } from '../../harness/driver/engine/run.ts';
import { openDriver } from '../../harness/driver/targets/open.ts';
import { driverFaultsOf, variants } from '../../reference-driver/index.ts';
import type { ClauseResult, Report } from '../../reports/report.ts';
import type { Layout } from '../../spec/layout.ts';
import { loadLayout } from '../../spec/load.ts';

const native = loadLayout('native');
const msix = loadLayout('msix');
const base = loadLayout('virtio-mmio');

async function runOn(specification: string, layout: Layout): Promise<Report> {
  const target = await openDriver(specification, { layout });
  return runDriver({ target, layout, strict: true, bail: false });
}

const named = (report: Report) =>
  report.clauses.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn').map(({ id }) => id);

/** Violated, and not the consequence of another one that is. */
const leading = ({ clauses }: Report) => {
  const bad = clauses.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn');
  const isImplied = ({ impliedBy = [] }: ClauseResult) => impliedBy.some((id) => bad.some((one) => one.id === id));
  return bad.filter((one) => !isImplied(one)).map(({ id }) => id);
};

describe.each([native, msix, base])('the driver of $name', (layout) => {
  it.each(['', ...variants.map(({ id }) => `:variant=${id}`)])('reference%s is conformant', async (variant) => {
    const report = await runOn(`reference${variant}`, layout);
    expect(named(report)).toEqual([]);
    expect(report.findings).toEqual([]);
    // What a driver without vectors, or with one queue, never does is untestable on a layout that has little beside.
    if (layout.msi) expect(report.headline).toBe('conformant');
  });

  // What the second layout shares with the first is shown on that one.
  const faults = driverFaultsOf(layout).filter(({ mechanism }) => layout !== msix || mechanism !== undefined);
  it.each(faults.map((fault) => [fault.id, fault.clause] as const))('fault %s breaks %s', async (id, clause) => {
    const report = await runOn(`reference:fault=${id}`, layout);
    const [first] = leading(report);
    expect(first).toBe(layout.clauseFor(clause));
    expect(report.findings).toEqual([]);
  });
});
