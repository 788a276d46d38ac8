/** Devices that stop to answer: each is a fault of the target, and is waited for no longer than it must be. */
import { afterAll, describe, expect, it } from 'vitest';
import { exitCode } from '../../reports/exit-code.ts';
import { accused } from '../power/trial.ts';
import { runOn } from './misbehaving.ts';
import { closeAll } from './support.ts';

afterAll(closeAll);

// They do little but wait, so they do it together.
describe.concurrent('a device that hangs', () => {
  // Long enough for a process to start on a busy machine.
  const timeout = 1000;

  it('in every process is given up after a few', async () => {
    const report = await runOn('hangs, and so does every later process', { timeout });
    expect(accused(report)).toEqual({ named: [], implied: [] });
    expect(report.findings.map(({ reason }) => reason)).toEqual(['hung', 'hung', 'hung']);
    const last = report.findings.at(-1);
    expect(last?.message).toMatch(/^given up: 3 starts in a row did not bring one right answer; /);
    expect(last?.hint).toContain('conformance doctor');
    expect(report.run).toMatchObject({ partial: true, interrupted: expect.stringContaining('given up') });
    // No signal ended it.
    expect(exitCode(report, false)).toBe(3);
  });

  it('at one operation gets the rest of the run done', async () => {
    const report = await runOn('hangs at a configuration event', { timeout });
    expect(accused(report)).toEqual({ named: [], implied: [] });
    expect(report.findings).toHaveLength(2);
    for (const { reason, message } of report.findings) {
      expect(reason).toBe('hung');
      expect(message).toContain(`at 'raise config'`);
    }
    expect(report.run.partial).toBe(false);
    const verdictOf = (id: string) => report.clauses.find((clause) => clause.id === id);
    expect(verdictOf('DLV-USED')?.verdict).toBe('pass');
    expect(verdictOf('DLV-CONFIG')).toMatchObject({
      verdict: 'untestable',
      reason: 'programs with raise config were left out: the target failed there each time',
    });
    expect(exitCode(report)).toBe(3);
  });

  it('at narrow accesses violates what they are about, and nothing else', async () => {
    const report = await runOn('hangs at narrow accesses', { timeout });
    expect(accused(report).named).toEqual(['ROB-WIDTH']);
    expect(report.findings).toEqual([]);
  });

  it('after a while is given up, with what hung each time', async () => {
    const report = await runOn('hangs after a while', { timeout });
    expect(accused(report)).toEqual({ named: [], implied: [] });
    expect(report.findings.length).toBeGreaterThan(0);
    expect(exitCode(report)).toBe(3);
  });
});
