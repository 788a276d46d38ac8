import { describe, expect, it } from 'vitest';
import {
  fewer,
  lastLives,
  merged,
  operationsAfterSetUp,
  simplified,
  without,
} from '../../harness/engine/reductions.ts';
import { Runner } from '../../harness/engine/runner.ts';
import { Executor } from '../../harness/execute.ts';
import { type Operation, parseProgram, program } from '../../harness/program.ts';
import { opened } from '../exhaustive/support.ts';

const setUp: Operation = {
  op: 'initialise',
  msi: true,
  queues: [0],
  vectors: [{ vector: 0, message: { addressLow: 4, addressHigh: 0, data: 1 }, sources: [0, 'config'], unmask: true }],
};
const queue: Operation = { op: 'event', source: 0 };
const config: Operation = { op: 'event', source: 'config' };
const reset: Operation = { op: 'reset' };

describe('smaller programs', () => {
  it('have events of one source in a row as one operation', () => {
    const [one] = merged(program([setUp, queue, queue, { ...queue, times: 3 }, config, queue]));
    expect(one?.operations).toEqual([setUp, { ...queue, times: 5 }, config, queue]);
    expect(merged(program([setUp, queue, config]))).toEqual([]);
  });

  it('keep events apart that run beside others, that differ, or after which a device does nothing more', () => {
    const needs: Operation = { op: 'event', source: 'needs-reset' };
    expect(merged(program([{ ...queue, race: true }, queue, { ...queue, count: 2 }, needs, needs]))).toEqual([]);
  });

  it('are the lives from the last one on, with what the program begins with', () => {
    const all = lastLives(program([reset, setUp, queue, setUp, config, setUp]));
    expect(all.map(({ operations }) => operations)).toEqual([
      [reset, setUp],
      [reset, setUp, config, setUp],
    ]);
    expect(lastLives(program([reset, setUp, queue]))).toEqual([]);
  });

  it('lack some operations in a row, and never what the program begins with', () => {
    const all = without(program([reset, setUp, queue, config]), 2);
    expect(all.map(({ operations }) => operations)).toEqual([
      [reset, setUp],
      [reset, config],
    ]);
  });

  it('repeat less, and at the end by one', () => {
    const times = simplified(program([{ ...queue, times: 16 }])).map(({ operations: [one] }) =>
      one?.op === 'event' ? one.times : undefined,
    );
    expect(times).toEqual([8, 12, 14, 15]);
  });

  it('have less in their set-up', () => {
    const all = fewer(program([setUp])).map(({ operations: [one] }) => one);
    expect(all).toContainEqual({ ...setUp, vectors: [] });
    expect(all).toContainEqual({ ...setUp, vectors: [{ ...setUp.vectors?.[0], sources: [0] }] });
  });

  it('are counted from behind their first set-up', () => {
    expect(operationsAfterSetUp(program([reset, setUp, { ...queue, times: 100 }, setUp, config]))).toBe(3);
  });
});

describe('an event so many times', () => {
  it('is that many events by themselves, each settled and looked at', async () => {
    const { target, profile } = await opened('native');
    const runner = new Runner(target, profile, new Executor(target));
    const [short, long] = await runner.many([
      program([reset, setUp, { ...queue, times: 40 }]),
      program([reset, setUp, ...Array.from({ length: 40 }, () => queue)]),
    ]);
    expect(short?.judgement.violations).toEqual([]);
    expect(short?.judgement.exercised).toEqual(long?.judgement.exercised);
    expect(short?.steps.filter(({ kind }) => kind === 'interrupts').length).toBe(
      long?.steps.filter(({ kind }) => kind === 'interrupts').length,
    );
  });

  it.each([0, -1, 1.5, 'x', 1e9])('cannot be %s times', (times) => {
    expect(() => parseProgram({ version: 1, operations: [{ ...queue, times }] })).toThrow(
      'operations[0]: times: expected an integer from 1 to 100000',
    );
  });
});
