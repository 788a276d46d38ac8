/** Devices that are conformant, and whose stream of answers is not: each is a fault of the target, never a violation. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../harness/engine/run.ts';
import { exitCode } from '../../reports/exit-code.ts';
import type { Report } from '../../reports/report.ts';
import { accused } from '../power/trial.ts';
import { closeAll, faultOf, fixture, layout, open, repository } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'misbehaving-'));
const module = join(folder, 'device.mjs');

beforeAll(() => {
  const source = readFileSync(join(repository, 'examples/typescript/device.ts'), 'utf8');
  const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  writeFileSync(module, ts.transpileModule(source, { compilerOptions: options }).outputText);
});
afterEach(closeAll);
afterAll(() => rmSync(folder, { recursive: true }));

function specificationOf(behaviour: string): string {
  const words = [process.execPath, fixture('misbehaving-device.mjs'), module, behaviour, join(folder, 'marker')];
  return `exec:${words.map((word) => `'${word}'`).join(' ')}`;
}

async function runOn(behaviour: string, { timeout = 20_000, runs = 10 } = {}): Promise<Report> {
  const target = await open(specificationOf(behaviour), { timeout });
  return run({ target, layout, seed: 1, runs, strict: false, bail: false });
}

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
    '10 MB on one line',
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

describe('a device that hangs', () => {
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
