import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { adaptTarget } from '../../harness/adapt.ts';
import type { RunOptions } from '../../harness/engine/api.ts';
import { Recording } from '../../harness/engine/determinism/recording.ts';
import { replay, run } from '../../harness/engine/run.ts';
import type { Profile } from '../../harness/profile.ts';
import { program } from '../../harness/program.ts';
import type { Adapter } from '../../harness/target.ts';
import { exitCode } from '../../reports/exit-code.ts';
import { renderJson } from '../../reports/json.ts';
import { renderPretty } from '../../reports/pretty.ts';
import schema from '../../reports/report.schema.json' with { type: 'json' };
import type { Report } from '../../reports/report.ts';
import { loadLayout } from '../../spec/load.ts';
import { referenceTarget } from '../power/trial.ts';
import {
  type Counter,
  changesItsOrder,
  countsItsGenerations,
  losesAQueue,
  losesOneMessage,
  throwsOnce,
} from './flaky.ts';

const layout = loadLayout('native');
const validate = new Ajv2020({ strictRequired: false }).compile(schema);
const usual = { layout, seed: 1, runs: 40, strict: false, bail: false, exhaustive: 'off' as const };

async function twice(adapter: Adapter, more: Partial<RunOptions> = {}): Promise<Report> {
  const target = await adaptTarget(adapter, layout);
  const report = await run({ ...usual, target, verifyDeterminism: true, ...more });
  expect(validate(JSON.parse(renderJson(report))), JSON.stringify(validate.errors)).toBe(true);
  return report;
}

/** The line on which the two runs differ. */
const differing = ({ run: { determinism } }: Report) => determinism?.difference?.trace.at(-1);

/** How far a device counts in one run. */
async function countedInOneRun(make: (counter: Counter) => Adapter): Promise<number> {
  const counter = { count: 0 };
  await run({ ...usual, target: await adaptTarget(make(counter), layout) });
  return counter.count;
}

describe('a target that is the same each time', () => {
  it.each(['native', 'msix'])('is verified, and the report is that of one run but for saying so: %s', async (name) => {
    const options = { ...usual, layout: loadLayout(name), runs: 20, exhaustive: 0 as const };
    const once = await run({ ...options, target: referenceTarget(options) });
    const report = await run({ ...options, target: referenceTarget(options), verifyDeterminism: true });
    expect(report.run.determinism).toEqual({ verified: true });
    expect(exitCode(report)).toBe(0);
    const { determinism: _, ...rest } = report.run;
    expect(renderJson({ ...report, run: rest })).toBe(renderJson(once));
  });

  it.each(['unmask-sends-twice', 'pba-stays-after-release'])('is verified with what it violates: %s', async (fault) => {
    const report = await run({ ...usual, target: referenceTarget({ layout, fault }), verifyDeterminism: true });
    expect(report.run.determinism).toEqual({ verified: true });
    expect(exitCode(report)).toBe(1);
  });

  it('is verified where it fails each time at the same', async () => {
    const target = referenceTarget({ layout });
    const { adapter } = target;
    const read: Adapter['read'] = (offset, width) => {
      if (offset === layout.register('ConfigGeneration').offset && width === 32) throw new Error('no such register');
      return adapter.read(offset, width);
    };
    const failing = { ...target, adapter: { ...adapter, read }, restart: async () => {} };
    const report = await run({ ...usual, target: failing, verifyDeterminism: true });
    expect(report.findings.length).toBeGreaterThan(0);
    expect(report.run.determinism).toEqual({ verified: true });
    expect(exitCode(report)).toBe(3);
  });
});

describe('a target that is not', () => {
  it('is inconclusive where it decides otherwise as the text lets it, with what both runs saw', async () => {
    const report = await twice(changesItsOrder(layout), { runs: 200 });
    expect(report.headline).toBe('inconclusive');
    expect(report.because).toMatch(/^no violation in either run, but the target is not deterministic: /);
    expect(report.counts.fail + report.counts.warn).toBe(0);
    expect(exitCode(report)).toBe(4);
    expect(report.run.determinism).toMatchObject({ verified: false, shown: 'first', difference: { kind: 'program' } });
    expect(report.run.determinism?.verdicts).toBeUndefined();
    const { first = '', second = '' } = differing(report) ?? {};
    expect(first.split(', ').reverse().join()).toBe(second.split(', ').join());
    expect(first).not.toBe(second);
  });

  it('is inconclusive where only a number that means nothing by itself differs, and the reports are the same', async () => {
    const report = await twice(countsItsGenerations(layout));
    expect(report.headline).toBe('inconclusive');
    expect(differing(report)).toMatchObject({ operation: expect.stringContaining('ConfigGeneration') });
  });

  it('stays not conformant where the first run alone saw a violation, which did not show again', async () => {
    const report = await twice(losesOneMessage(layout, 200));
    const [failed, ...others] = report.clauses.filter(({ verdict }) => verdict === 'fail');
    expect(others).toEqual([]);
    expect(failed?.counterexample?.unstable).toBe(true);
    expect(exitCode(report)).toBe(1);
    expect(report.because).toContain(`seen, but not again when tried alone: ${failed?.id}`);
    expect(report.run.determinism).toMatchObject({
      shown: 'first',
      verdicts: [{ id: failed?.id, first: 'fail', second: 'pass' }],
    });
    expect(differing(report)).toMatchObject({ first: 'no interrupt', second: expect.stringContaining('message') });
    expect(renderPretty(report)).toContain('What one run saw violated is');
  });

  it('is not conformant where the second run alone saw a violation: the report is of that one', async () => {
    const messages = await countedInOneRun((counter) => losesOneMessage(layout, 0, counter));
    const report = await twice(losesOneMessage(layout, messages + 100));
    expect(exitCode(report)).toBe(1);
    expect(report.run.determinism?.shown).toBe('second');
    expect(report.run.determinism?.verdicts).toMatchObject([{ first: 'pass', second: 'fail' }]);
  });

  it('has a target fault that did not come again told, and its program', async () => {
    const report = await twice(throwsOnce(layout, 4000));
    expect(exitCode(report)).toBe(3);
    expect(report.findings).toHaveLength(1);
    expect(report.run.determinism).toMatchObject({ shown: 'first', difference: { kind: 'failure' } });
    expect(differing(report)?.first).toContain('bus error');
    expect(differing(report)?.second).toMatch(/^0x/);
  });

  it('may be another device when it is examined again', async () => {
    const cycles = await countedInOneRun((counter) => losesAQueue(layout, Number.POSITIVE_INFINITY, counter));
    // Each run begins with one more.
    const report = await twice(losesAQueue(layout, cycles + 2));
    expect(report.run.determinism?.difference).toMatchObject({
      kind: 'probe',
      trace: [{ operation: 'sizes of the queues', second: 'none' }, { operation: 'queue events' }],
    });
    expect(report.because).toContain('the second run met another device');
  });

  it('shows itself in the exhaustive tier too, and what it violates there once counts', async () => {
    const messages = await countedInOneRun((counter) => losesOneMessage(layout, 0, counter));
    const report = await twice(losesOneMessage(layout, messages + 500), { exhaustive: 0 });
    expect(exitCode(report)).toBe(1);
    const [failed] = report.clauses.filter(({ verdict }) => verdict === 'fail');
    expect(failed?.counterexample).toMatchObject({ tier: 'exhaustive', unstable: true });
    expect(report.run.determinism?.difference).toMatchObject({ kind: 'program', tier: 'exhaustive' });
    expect(differing(report)).toMatchObject({ first: 'no interrupt', second: expect.stringContaining('message') });
  });

  it('says so of the program alone, when that is replayed twice', async () => {
    const report = await twice(countsItsGenerations(layout));
    const stored = { program: report.run.determinism?.difference?.program, strict: false, verifyDeterminism: true };
    const target = await adaptTarget(countsItsGenerations(layout), layout);
    expect((await replay({ ...stored, target, layout })).run.determinism?.difference?.kind).toBe('program');
    const healthy = await replay({ ...stored, target: referenceTarget({ layout }), layout });
    expect(healthy.run.determinism).toEqual({ verified: true });
  });
});

describe('a second run that is interrupted', () => {
  it('leaves the first, and does not say that the target is deterministic', async () => {
    const controller = new AbortController();
    const report = await run({
      ...usual,
      target: referenceTarget({ layout }),
      verifyDeterminism: true,
      signal: controller.signal,
      onProgress: ({ again, tier }) => {
        if (again && tier === 'generated') controller.abort('SIGINT');
      },
    });
    expect(report.run).toMatchObject({ partial: true, interrupted: 'SIGINT', determinism: { verified: false } });
    expect(report.headline).toBe('inconclusive');
    expect(report.counts['not-run']).toBe(0);
    expect(validate(JSON.parse(renderJson(report))), JSON.stringify(validate.errors)).toBe(true);
  });
});

describe('a recording', () => {
  const ran = (value: number) => {
    const step = { kind: 'read' as const, operation: 0, watch: false, offset: 0, width: 32 as const };
    const register = layout.register('MagicValue');
    const steps = [{ ...step, spot: { kind: 'register' as const, register } }];
    return { program: program([{ op: 'read', place: 'MagicValue' }]), steps, execution: { observations: [value] } };
  };
  const profile = { layout, deviceId: 2, features: [], queues: [], configWords: [], capabilities: {} };
  const probed = (recording: Recording) => {
    recording.probed(profile as unknown as Profile);
    return recording;
  };

  it('still tells that a program differs when it kept no more than a digest', () => {
    const first = probed(new Recording(undefined, 0));
    first.ran(ran(1));
    const same = probed(new Recording(first));
    same.ran(ran(1));
    expect(same.divergence).toBeUndefined();
    const other = probed(new Recording(first));
    other.ran(ran(2));
    expect(other.divergence).toMatchObject({ kind: 'program', at: undefined });
  });

  it('takes 5 and 5n for the same answer', () => {
    const first = probed(new Recording());
    first.ran(ran(5));
    const second = probed(new Recording(first));
    second.ran({ ...ran(5), execution: { observations: [5n] } });
    expect(second.divergence).toBeUndefined();
  });

  it('blames no program for another one that ran in its place', () => {
    const first = probed(new Recording());
    first.ran(ran(1));
    const second = probed(new Recording(first));
    second.ran({ ...ran(2), program: program([{ op: 'read', place: 'Version' }]) });
    expect(second.divergence).toEqual({ kind: 'course' });
  });
});
