import { describe, expect, it } from 'vitest';
import { replay } from '../../harness/engine/run.ts';
import { exitCode } from '../../reports/exit-code.ts';
import type { Report } from '../../reports/report.ts';
import { loadLayout } from '../../spec/load.ts';
import { referenceTarget, trial } from '../power/trial.ts';

const layout = loadLayout('native');
const clause = 'PBA-FIRE';
const program = {
  version: 1,
  operations: [
    { op: 'power-cycle' },
    {
      op: 'initialise',
      msi: true,
      queues: [0],
      vectors: [{ vector: 0, message: { addressLow: 4096, addressHigh: 0, data: 33 }, sources: [0], unmask: false }],
    },
    { op: 'event', source: 0 },
    { op: 'write', place: 'mask[0]', value: 0 },
  ],
};

function again(fault: string | undefined, more: { clause?: string; finding?: number; program?: unknown }) {
  const target = referenceTarget({ layout, ...(fault && { fault }) });
  return replay({ target, layout, strict: false, program, ...more });
}

const verdicts = (report: Report) => new Set(report.clauses.map(({ verdict }) => verdict));

describe('the replay of a program', () => {
  it('says that the violation shows again', async () => {
    const report = await again('unmask-drops-pending', { clause });
    expect(report.because).toBe('PBA-FIRE shows again');
    expect(exitCode(report)).toBe(1);
  });

  it('says that it does not, and judges what the program puts to the test alone', async () => {
    const report = await again(undefined, { clause });
    expect(report.because).toMatch(/^PBA-FIRE did not show again; \d+ clauses were put to the test$/);
    expect(exitCode(report)).toBe(0);
    expect(report.clauses.find(({ id }) => id === clause)?.verdict).toBe('pass');
    expect(report.clauses.find(({ id }) => id === 'SHM-ABSENT')).toMatchObject({ verdict: 'not-run', exercised: 0 });
    expect(verdicts(report)).not.toContain('not-applicable');
  });

  it('tells another violation from the one that is looked for', async () => {
    const report = await again('unmask-drops-pending', { clause: 'MAP-RANGE' });
    expect(report.because).toBe('MAP-RANGE did not show again, but PBA-FIRE is violated');
    expect(exitCode(report)).toBe(1);
  });

  it('knows nothing of a program that puts nothing to the test', async () => {
    const nothing = { version: 1, operations: [], watch: false };
    const report = await again(undefined, { program: nothing });
    expect(report.headline).toBe('inconclusive');
    expect(exitCode(report)).toBe(4);
  });

  it('is a target fault where the target fails', async () => {
    const target = referenceTarget({ layout });
    const failing = () => {
      throw new Error('bus error');
    };
    const adapter = { ...target.adapter, raise: failing, memory: undefined };
    const events = { version: 1, operations: [{ op: 'power-cycle' }, { op: 'event', source: 'config' }] };
    const report = await replay({
      target: { ...target, adapter: adapter as never },
      layout,
      strict: false,
      finding: 1,
      program: events,
    });
    expect(report.because).toBe('the target fault shows again');
    expect(exitCode(report)).toBe(3);
    const mended = await again(undefined, { finding: 1, program: events });
    expect(mended.because).toMatch(/^target fault 1 did not show again/);
    expect(exitCode(mended)).toBe(0);
  });

  it('stands on a device as new, whatever an earlier program left', async () => {
    const found = await trial({ layout, fault: 'status-survives-reset' });
    const counterexample = found.clauses.find(({ id }) => id === 'STAT-RESET')?.counterexample;
    const report = await again('status-survives-reset', { clause: 'STAT-RESET', program: counterexample?.program });
    expect(report.because).toMatch(/^STAT-RESET shows again/);
  });
});
