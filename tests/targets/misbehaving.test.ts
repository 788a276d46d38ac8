/** Devices that are conformant, and whose stream of answers is not: each is a fault of the target, never a violation. */
import { afterEach, describe, expect, it } from 'vitest';
import { exitCode } from '../../reports/exit-code.ts';
import { accused } from '../power/trial.ts';
import { runOn, specificationOf } from './misbehaving.ts';
import { closeAll, faultOf, open } from './support.ts';

afterEach(closeAll);

describe('a device that', () => {
  it.each(['healthy', 'crlf', 'answers in pieces', 'talks on standard error'])(
    '%s harms nothing',
    async (behaviour) => {
      const report = await runOn(behaviour);
      expect(accused(report)).toEqual({ named: [], implied: [] });
      expect(report.findings).toEqual([]);
      expect(report.headline).toBe('conformant');
    },
  );

  it.each([
    'extra ok',
    'extra ok at each write of a mask',
    'extra ok before each collection',
    'two extra lines',
    'extra value',
    'extra line when it is ended',
    'extra line, late',
    'two answers on one line',
    '2 MB on one line',
  ])('%s is told so, and accused of nothing', async (behaviour) => {
    const report = await runOn(behaviour);
    expect(accused(report)).toEqual({ named: [], implied: [] });
    expect(report.findings.length).toBeGreaterThan(0);
    expect(report.findings.map(({ reason }) => reason)).toEqual(report.findings.map(() => 'answer'));
    expect(report.findings[0]?.hint).toContain('protocol.md');
    expect(exitCode(report)).toBe(3);
  });

  it('has an extra line at the start is no device yet', async () => {
    const fault = await faultOf(open(specificationOf('extra line at the start')));
    expect(fault).toMatchObject({ reason: 'answer', hint: expect.stringContaining('protocol.md') });
    expect(fault.message).toContain(`sent "ok" when no answer was due, after its answer to 'hello 1'`);
  });

  it('has a violation that shows without the extra line too is accused of that', async () => {
    const report = await runOn('extra line, rarely, and pending bits that read 0');
    expect(report.findings[0]).toMatchObject({ reason: 'answer' });
    expect(accused(report).named).toContain('PBA-SET');
    for (const clause of report.clauses) {
      if (clause.counterexample) expect(clause.counterexample.unstable).toBeUndefined();
    }
  });
});
