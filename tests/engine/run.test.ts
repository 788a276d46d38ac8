import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { RunConfigurationError } from '../../harness/engine/api.ts';
import { replay, run } from '../../harness/engine/run.ts';
import type { Adapter, Target } from '../../harness/target.ts';
import { renderJson } from '../../reports/json.ts';
import { loadLayout } from '../../spec/load.ts';
import { accused, referenceTarget, trial } from '../power/trial.ts';
import { writeMovedLayout } from '../spec/moved-layout.ts';

const layout = loadLayout('native');
const options = { layout, seed: 1, runs: 40, strict: false, bail: false };
const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a run', () => {
  it('gives the same bytes for the same seed and target', async () => {
    const first = await trial({ layout, fault: 'unmask-sends-twice', runs: 60 });
    const second = await trial({ layout, fault: 'unmask-sends-twice', runs: 60 });
    expect(renderJson(second)).toBe(renderJson(first));
  });

  it('finds the healthy device conformant, with every clause tested or not applicable', async () => {
    const report = await trial({ layout });
    expect(report.headline).toBe('conformant');
    expect(report.counts.untestable + report.counts['not-run']).toBe(0);
    for (const clause of report.clauses) if (clause.verdict === 'pass') expect(clause.exercised).toBeGreaterThan(0);
  });

  it('shows a counterexample that replays', async () => {
    const report = await trial({ layout, fault: 'pba-stays-after-release' });
    const clause = report.clauses.find(({ id }) => id === 'PBA-CLEAR');
    expect(clause?.counterexample?.operations).toBeLessThanOrEqual(8);
    const again = await replay({
      target: referenceTarget({ layout, fault: 'pba-stays-after-release' }),
      layout,
      strict: false,
      program: JSON.parse(JSON.stringify(clause?.counterexample?.program)),
    });
    expect(accused(again).named).toContain('PBA-CLEAR');
    const healthy = await replay({
      target: referenceTarget({ layout }),
      layout,
      strict: false,
      program: clause?.counterexample?.program,
    });
    expect(accused(healthy).named).toEqual([]);
  });

  it('judges only what was chosen, and says so', async () => {
    const target = referenceTarget({ layout, fault: 'masks-reset-to-zero' });
    const report = await run({ ...options, target, only: ['PBA-*'] });
    expect(report.headline).toBe('conformant');
    expect(report.run.narrowed).toEqual({ only: ['PBA-*'] });
  });

  it('refuses a glob that matches nothing, and one of driver clauses', async () => {
    const target = referenceTarget({ layout });
    await expect(run({ ...options, target, only: ['NOPE-*'] })).rejects.toThrow(RunConfigurationError);
    await expect(run({ ...options, target, only: ['DRV-*'] })).rejects.toThrow(/bind the driver/);
  });

  it('refuses a target of another layout', async () => {
    const target = referenceTarget({ layout });
    const other: Target = { ...target, adapter: { ...target.adapter, layout: 'elsewhere' } };
    await expect(run({ ...options, target: other })).rejects.toThrow(/--layout|implements layout 'elsewhere'/);
  });

  it('stops when it is told to, with a valid partial report', async () => {
    const controller = new AbortController();
    const report = await run({
      ...options,
      target: referenceTarget({ layout }),
      runs: 100_000,
      signal: controller.signal,
      onProgress: ({ tier }) => {
        if (tier === 'generated') controller.abort('SIGINT');
      },
    });
    expect(report.run).toMatchObject({ partial: true, interrupted: 'SIGINT' });
    expect(report.headline).toBe('inconclusive');
  });

  it('makes a SHOULD count when it is strict', async () => {
    const target = referenceTarget({ layout, variant: 'never-suppresses' });
    expect((await run({ ...options, target })).headline).toBe('conformant');
    expect((await run({ ...options, target, strict: true })).headline).toBe('not conformant');
  });
});

describe('an edited layout', () => {
  const moved = loadLayout(writeMovedLayout(folder));

  it('is followed by the device, the suites and the report', async () => {
    const report = await trial({ layout: moved });
    expect(report.headline).toBe('conformant');
    const gone = report.clauses.find(({ id }) => id === 'ENT-RSVD');
    expect(gone).toMatchObject({ verdict: 'not-applicable', reason: expect.stringContaining('entry.reserved') });
  });

  it.each(['entry-alias-32', 'mask-reserved-ones', 'vectors-reset-to-zero', 'used-silent'])(
    'shows the fault %s',
    async (fault) => {
      const { faults } = await import('../../reference-device/index.ts');
      const entry = faults.find(({ id }) => id === fault);
      const report = await trial({ layout: moved, fault, ...(entry?.variant && { variant: entry.variant }) });
      expect(accused(report).named).toContain(entry?.clause);
    },
  );
});

/** The healthy device behind an adapter that misbehaves. */
function spoiled(change: (adapter: Adapter, count: () => number) => Partial<Adapter>, restart?: boolean): Target {
  const target = referenceTarget({ layout });
  let accesses = 0;
  const adapter: Adapter = { ...target.adapter, read: (offset, width) => target.adapter.read(offset, width) };
  Object.assign(
    adapter,
    change(target.adapter, () => ++accesses),
  );
  return { ...target, adapter, ...(restart ? { restart: async () => {} } : {}) };
}

describe('a target that fails', () => {
  it('by throwing in the middle gives a finding with its program, and the run goes on', async () => {
    const target = spoiled(
      (inner, count) => ({
        read: (offset, width) => {
          if (count() === 5000) throw new Error('bus error');
          return inner.read(offset, width);
        },
      }),
      true,
    );
    const report = await run({ ...options, target });
    expect(report.findings).toHaveLength(1);
    expect(report.findings[0]).toMatchObject({ reason: 'threw', message: 'Error: bus error', restarted: true });
    expect(accused(report).named).toEqual([]);
    expect(report.counts.pass).toBeGreaterThan(50);
  });

  it.each([
    ['NaN', Number.NaN],
    ['a negative number', -1],
    ['a fraction', 0.5],
    ['too much', 2 ** 40],
    ['text', '0x74726976'],
    ['nothing', undefined],
  ])('by answering %s is no violation', async (_, answer) => {
    const target = spoiled(() => ({ read: () => answer as number }));
    const report = await run({ ...options, target });
    expect(accused(report).named).toEqual([]);
    expect(report.findings[0]).toMatchObject({ reason: 'answer' });
    expect(report.headline).toBe('inconclusive');
  });

  it('by never settling counts as hung after the bound', async () => {
    const target = spoiled(() => ({ settle: () => new Promise<void>(() => {}) }));
    const report = await run({ ...options, target, timeout: 20 });
    expect(report.findings[0]).toMatchObject({ reason: 'hung' });
    expect(accused(report).named).toEqual([]);
  });

  it('by dying on a narrow access violates ROB-WIDTH, and nothing else', async () => {
    const target = spoiled(
      (inner) => ({
        read: (offset, width) => {
          if (width === 8) throw new Error('unsupported width');
          return inner.read(offset, width);
        },
      }),
      true,
    );
    const report = await run({ ...options, target });
    expect(accused(report).named).toEqual(['ROB-WIDTH']);
    expect(report.findings).toEqual([]);
  });

  it('by not being there: a placeholder is inconclusive', async () => {
    const target = spoiled((inner) => ({
      read: (offset, width) => (offset === layout.register('DeviceID').offset ? 0 : inner.read(offset, width)),
    }));
    const report = await run({ ...options, target });
    expect(report.headline).toBe('inconclusive');
    expect(report.clauses.find(({ id }) => id === 'ID-MAGIC')?.verdict).toBe('pass');
  });
});
