import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Task } from '../../../harness/driver/api.ts';
import { TargetConfigurationError } from '../../../harness/target.ts';
import { failureOf, meet, open, start, transfer } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'driver-module-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

/** A module of this text. */
function module(text: string, extension = 'mjs'): string {
  const path = join(folder, `driver${files++}.${extension}`);
  writeFileSync(path, text);
  return path;
}

/** One that exports a driver with these methods. */
const withMethods = (methods: string) => module(`export default { create: (bus) => ({ ${methods} }) };`);
const START = "start() { return 'polling'; }";

async function problemOf(path: string): Promise<TargetConfigurationError> {
  const error: unknown = await open(path).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TargetConfigurationError);
  return error as TargetConfigurationError;
}

describe('a module', () => {
  it('says who it is', async () => {
    const path = module("export default { name: 'mine', version: '3', layout: 'msix', create() {} };");
    expect(await open(path)).toMatchObject({ kind: 'tasks', name: 'mine', version: '3', layout: 'msix' });
  });

  it('may be CommonJS', async () => {
    const path = module("module.exports = { name: 'old', create: () => ({}) };", 'cjs');
    expect(await open(path)).toMatchObject({ name: 'old' });
  });

  it.each([
    ['export const driver = {};', 'no default export, only driver'],
    ['export default 3;', 'expected a driver, found 3'],
    ['export default {};', 'create: expected a function, found nothing'],
    ['export default { crate() {} };', 'create: expected a function'],
    ['export default { create() {}, name: 7 };', 'name: expected a string, found 7'],
  ])('with the text %j is told what is wrong', async (text, message) => {
    expect((await problemOf(module(text))).message).toContain(message);
  });
});

describe('the driver of a module', () => {
  it('does tasks, at once or later, and lacks what it has no method for', async () => {
    const path = withMethods(`async ${START}, transfer: (count) => count, submit() {},
      async collect() { return 2; }, notice: () => 1, configuration: () => Uint8Array.of(1), restartQueue() {}`);
    const tasks: Task[] = [start, transfer(3), { do: 'submit', count: 2 }, { do: 'collect' }, { do: 'notice' }];
    const more: Task[] = [{ do: 'configuration' }, { do: 'restart-queue' }, { do: 'mask' }, { do: 'stop' }];
    const { ending, results } = await meet(await open(path), [...tasks, ...more]);
    expect(ending).toEqual({ how: 'ended' });
    expect(results).toEqual([
      { outcome: 'done', interrupts: 'polling' },
      { outcome: 'done', count: 3 },
      { outcome: 'done' },
      { outcome: 'done', count: 2 },
      { outcome: 'done', count: 1 },
      { outcome: 'done', bytes: Uint8Array.of(1) },
      { outcome: 'done' },
      { outcome: 'unsupported' },
      { outcome: 'unsupported' },
    ]);
  });

  it('gives up and is stuck by throwing errors of that name', async () => {
    const thrown = (name: string) => `{ throw Object.assign(new Error('so it is'), { name: '${name}' }); }`;
    const path = withMethods(`start() ${thrown('GaveUp')}, transfer() ${thrown('Stuck')}`);
    const { results } = await meet(await open(path), [start, transfer(1)]);
    expect(results).toEqual([
      { outcome: 'gave-up', why: 'so it is' },
      { outcome: 'stuck', why: 'so it is' },
    ]);
  });

  it.each([
    ["start() { throw new TypeError('oops'); }", 'threw', 'the driver threw in start'],
    ["start() { throw new TypeError('oops'); }", 'threw', 'TypeError: oops'],
    ["start() { throw 'oops'; }", 'threw', 'oops'],
    ["start() { return 'well'; }", 'answer', "start returned 'well', not 'msi', 'line' or 'polling'"],
    ['start() {}', 'answer', 'start returned nothing'],
    [`${START}, transfer() {}`, 'answer', 'transfer returned nothing, not how many'],
    [`${START}, transfer: () => -1`, 'answer', 'transfer returned -1, not how many'],
    ['start() { bus.read(0x10000); }', 'threw', 'BusError: offset 65536 is outside of the device'],
    ['start() { bus.read(0, 24); }', 'threw', 'BusError: no bus has accesses of 24 bits'],
    ['start() { bus.memory.read(0, 4); }', 'threw', "outside the guest's memory"],
    ['start() { bus.write(0, -1); }', 'threw', '-1 is no unsigned number of 32 bits'],
  ])('with %s has failed', async (methods, reason, message) => {
    const failure = await failureOf(await open(withMethods(methods)), [start, transfer(1)]);
    expect(failure.reason).toBe(reason);
    expect(failure.message).toContain(message);
  });

  it('that awaits what never comes is not waited for without end', async () => {
    const driver = await open(withMethods('start: () => new Promise(() => {})'), { timeout: 50 });
    const failure = await failureOf(driver, [start]);
    expect(failure).toMatchObject({ reason: 'hung', hint: expect.stringContaining('--timeout') });
    expect(failure.message).toBe('the driver asked for nothing for 50 ms, and start is not done');
  });

  it('is shown with the place where it threw', async () => {
    const path = module('export default {\n  create() {\n    throw new Error("oops");\n  },\n};');
    const failure = await failureOf(await open(path), [start]);
    expect(failure.message).toMatch(/the driver threw in create, at .*driver\d+\.mjs:3/);
  });
});
