import { describe, expect, it } from 'vitest';
import { run } from '../../harness/engine/run.ts';
import { loadLayout } from '../../spec/load.ts';
import { referenceTarget, trial } from '../power/trial.ts';

const layout = loadLayout('native');

function narrowed(
  device: { fault?: string; variant?: string },
  scope: { only?: string[]; exclude?: string[]; exhaustive?: 'off' },
) {
  const target = referenceTarget({ layout, ...device });
  return run({ target, layout, seed: 1, runs: 60, strict: false, bail: false, ...scope });
}

describe('a narrowed run', () => {
  // Among them faults that only a check of another clause, or a generated program, comes upon.
  it.each([
    ['needs-reset-survives-reset', undefined],
    ['status-lost-with-queue', undefined],
    ['line-for-needs-reset', undefined],
    ['magic-gone-when-live', undefined],
    ['reserved-in-data', undefined],
    ['queue-reset-keeps-indices', 'ring-reset'],
  ])('gives the violated clauses of the fault %s the verdicts of the whole run', async (fault, variant) => {
    const device = { fault, ...(variant && { variant }) };
    const whole = await trial({ layout, ...device });
    const bad = whole.clauses.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn');
    expect(bad).not.toEqual([]);
    for (const { id, verdict } of bad) {
      const { clauses } = await narrowed(device, { only: [id] });
      expect([id, clauses.find((clause) => clause.id === id)?.verdict]).toEqual([id, verdict]);
    }
  });

  it('gives each clause of a healthy device the verdict of the whole run, with fewer programs where that can be', async () => {
    // The small scopes are gone through as a whole or not at all.
    const whole = await trial({ layout, exhaustive: 'off' });
    for (const id of ['FEAT-RESERVED', 'SHM-ABSENT', 'INT-ACK', 'MAP-RANGE', 'MAP-ABSENT', 'QRST-DONE']) {
      const { clauses, run: ran } = await narrowed({}, { only: [id], exhaustive: 'off' });
      const of = (all: typeof clauses) => all.find((clause) => clause.id === id)?.verdict;
      expect([id, of(clauses)]).toEqual([id, of(whole.clauses)]);
      expect(ran.programs).toBeLessThan(whole.run.programs / 2);
    }
  });

  it('keeps the positive controls of what it judges', async () => {
    const { clauses } = await narrowed({}, { only: ['MSK-HOLD', 'NTF-SUPPRESS', 'QUE-IDLE'] });
    expect(clauses.filter(({ verdict }) => verdict === 'pass').map(({ id }) => id)).toEqual([
      'QUE-IDLE',
      'NTF-SUPPRESS',
      'MSK-HOLD',
    ]);
  });

  it('does nothing to the device that belongs to an excluded clause alone', async () => {
    const target = referenceTarget({ layout });
    const { adapter } = target;
    const fragile = {
      ...target,
      adapter: {
        ...adapter,
        read: (offset: number, width: 8 | 16 | 32 | 64) => {
          if (width !== 32) throw new Error('only 32 bits');
          return adapter.read(offset, width);
        },
      },
    };
    const options = { layout, seed: 1, runs: 60, strict: false, bail: false };
    const report = await run({ ...options, target: fragile, exclude: ['ROB-*', 'CFG-*'] });
    expect(report.findings).toEqual([]);
    expect(report.headline).toBe('conformant');
  });

  it('suggests what a misspelled clause may have meant', async () => {
    await expect(narrowed({}, { only: ['MAP-RANG'] })).rejects.toMatchObject({
      hint: expect.stringContaining('did you mean MAP-RANGE?'),
    });
  });
});
