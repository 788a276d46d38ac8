import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { TargetConfigurationError, TargetFault } from '../../../harness/target.ts';
import { closeAll, failureOf, fixture, meet, open, scripted, start, transfer } from './support.ts';

afterEach(closeAll);

const HELLO = 'hello 1';
/** Answers its opening, which sets it no task, and begins again. */
const good = (...steps: string[]) => open(scripted(HELLO, 'next', ...steps));

async function faultOf(promise: Promise<unknown>): Promise<TargetFault | TargetConfigurationError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error instanceof TargetFault || error instanceof TargetConfigurationError).toBe(true);
  return error as TargetFault;
}

describe('a driver that is opened', () => {
  it('says its name, version and layout', async () => {
    const driver = await open(scripted('hello 1 name=my%20driver version=2 layout=msix x-vendor=1', 'next'));
    expect(driver).toMatchObject({ kind: 'tasks', name: 'my driver', version: '2', layout: 'msix' });
  });

  it('is called as it was typed where it says nothing', async () => {
    const specification = scripted(HELLO, 'next');
    expect(await open(specification)).toMatchObject({ name: specification });
  });

  it.each([
    [['good morning'], "'good' is no request (a driver says hello first)", 'answer'],
    [['r32 0x0'], "'hello 1' was expected first", 'start'],
    [['hello 2'], 'version 2 of the protocol; this suite speaks 1', 'start'],
    [['hello'], 'version (none) of the protocol', 'start'],
    [['hello 1 nam=x'], "'nam=x' is not known", 'start'],
    [['hello 1 name=100%'], 'a percent sign must be written %25', 'start'],
    [['error:no such device', 'exit:3'], 'exited with code 3, before it said hello', 'start'],
    [['exit:0'], 'exited with code 0, before it said hello', 'start'],
    [[HELLO, 'exit:1'], 'exited with code 1', 'start'],
  ])('and says %j is told what is wrong', async (steps, message) => {
    const fault = await faultOf(open(scripted(...steps)));
    expect(fault.message).toContain(message);
    expect(fault.hint).toBeDefined();
  });

  it('shows the last lines of standard error of one that dies', async () => {
    const fault = await faultOf(open(scripted('error:no such device', 'exit:3')));
    expect(fault.message).toContain('last lines it wrote:\n  no such device');
  });

  it('is not waited for without end', async () => {
    const fault = await faultOf(open(scripted('hang'), { timeout: 200 }));
    expect(fault.message).toContain('did not say hello within 200 ms');
  });

  it('is told that a line has no end', async () => {
    const fault = await faultOf(open(scripted('print:hello 1', 'hang'), { timeout: 1000 }));
    expect(fault.hint).toContain('ends in a newline');
  });

  it.each([
    ['exec:', 'there is no command'],
    ['exec:./not-there', 'no file'],
    ['unix:', 'there is no path'],
    ['unix:./not-there.sock', 'no such socket'],
    ['tcp:here', 'expected a host and a port'],
    ['', 'the driver is empty'],
    ['refrence', "'refrence' is no driver"],
    ['reference:variant=nothing', "no variant 'nothing'"],
    ['reference:fault=nothing', "no fault 'nothing'"],
    ['reference:colour=red', "'colour=red' is not known"],
    ['./not-there.ts', 'no such file'],
  ])('as %j is told what is wrong', async (specification, message) => {
    expect((await faultOf(open(specification))).message).toContain(message);
  });
});

describe('a driver that is met', () => {
  it('is served what it asks for', async () => {
    const log: string[] = [];
    const asks = ['r32 0x0', 'w32 0x70 0x0', 'mw 0x40000000 00ff10', 'mr 0x40000001 2', 'mr 0x40000000 0'];
    const more = ['mw 0x40000000 -', 'message', 'message', 'wait', 'r64 0x0', 'r8 256', 'w16 258 7'];
    const steps = [...asks, ...more].flatMap((ask) => [ask, 'echo']);
    const driver = await open(scripted(HELLO, 'echo', 'next', 'echo', ...steps, 'done polling', 'echo'), {
      log: (line) => log.push(line),
    });
    log.length = 0;
    const { ending } = await meet(driver, [start]);
    expect(ending).toEqual({ how: 'ended' });
    expect(log).toEqual([
      ...['# ok 1 layout=native region=0x10000 memory=0x40000000+0x400000', '# ok start'],
      ...['# ok 0x74726976', '# ok', '# ok', '# ok ff10', '# ok -', '# ok'],
      ...['# ok 0xfee00000 0x20', '# ok 0xfee01000 0x21', '# ok none', '# ok 0x0', '# ok 0x0', '# ok'],
    ]);
  });

  it('gets tasks in turn and says what came of them', async () => {
    const answers = ['done polling', 'done 3', 'gave-up no more of this', 'stuck 2 nothing comes', 'unsupported'];
    const driver = await good(...answers, 'done 0a0b', 'done');
    const tasks = [start, transfer(3), transfer(1), { do: 'collect' }, { do: 'mask' }] as const;
    const { ending, results } = await meet(driver, [...tasks, { do: 'configuration' }, { do: 'stop' }]);
    expect(ending).toEqual({ how: 'ended' });
    expect(results).toEqual([
      { outcome: 'done', interrupts: 'polling' },
      { outcome: 'done', count: 3 },
      { outcome: 'gave-up', why: 'no more of this' },
      { outcome: 'stuck', count: 2, why: 'nothing comes' },
      { outcome: 'unsupported' },
      { outcome: 'done', bytes: Uint8Array.of(0x0a, 0x0b) },
      { outcome: 'done' },
    ]);
  });

  it('may send several requests before it reads, and end its lines as it likes', async () => {
    const driver = await good('+r32 0x0', '+r32 0x4\r', '+# a comment', '+r32 0x8', '+done line');
    const met = await meet(driver, [start]);
    expect(met.log.flatMap((entry) => (entry.kind === 'read' ? entry.value : []))).toEqual([0x74726976, 2, 2]);
    expect(met.results).toEqual([{ outcome: 'done', interrupts: 'line' }]);
  });

  it.each([
    ['nonsense', ['hallo'], "'hallo' is no request"],
    ['a width that no bus has', ['r24 0x0'], "'r24' is no request"],
    ['no offset', ['r32'], 'OFFSET was expected'],
    ['an offset that is none', ['r32 x'], "'x' is no unsigned number"],
    ['too wide a value', ['w8 0x0 0x100'], '0x100 does not fit 8 bits'],
    ['an offset outside', ['r32 0x10000'], 'is outside of the device'],
    ['memory outside', ['mr 0x10 4'], "outside the guest's memory"],
    ['memory beyond any', ['mr 0xffffffffffffffff 4'], "outside the guest's memory"],
    ['bytes that are none', ['mw 0x40000000 0'], 'two a byte'],
    ['a second greeting', [HELLO], 'it has said hello before'],
    ['next in the middle', ['next'], "'start' is not done"],
    ['a start that says nothing', ['done'], 'says msi, line or polling'],
    ['a start that says something else', ['done well'], 'says msi, line or polling'],
    ['a count that is none', ['done line', 'done all'], "'all' is no unsigned number"],
    ['no count', ['done line', 'done'], 'says how many'],
  ])('and sends %s has failed', async (_what, steps, message) => {
    const failure = await failureOf(await good(...steps), [start, transfer(1)]);
    expect(failure).toMatchObject({ reason: 'answer' });
    expect(failure.message).toContain(message);
    expect(failure.hint).toContain('docs/driver-protocol.md');
  });

  it('is answered err where it fails', async () => {
    const log: string[] = [];
    const driver = await open(scripted(HELLO, 'next', 'mr 0x10 4', 'echo'), { log: (line) => log.push(line) });
    await meet(driver, [start]);
    expect(log).toEqual(["# err 4 bytes at 0x10 are outside the guest's memory"]);
  });

  it('and dies is shown with what it was at', async () => {
    const failure = await failureOf(await good('error:oops', '+# thinking', '+r32 0x0', 'exit:7'), [start]);
    expect(failure).toMatchObject({ reason: 'died' });
    expect(failure.message).toContain('exited with code 7, at its task \'start\', after request 3 ("r32 0x0")');
    expect(failure.message).toContain('# thinking');
    expect(failure.message).toContain('oops');
  });

  it('and dies in the middle of a line is shown with that', async () => {
    const failure = await failureOf(await good('print:r32 0', 'exit:0'), [start]);
    expect(failure.message).toContain('in the middle of a line: "r32 0"');
  });

  it('and hangs is not waited for without end', async () => {
    const driver = await open(scripted(HELLO, 'next', 'hang'), { timeout: 1000 });
    const failure = await failureOf(driver, [start]);
    expect(failure).toMatchObject({ reason: 'hung', hint: expect.stringContaining('--timeout') });
    expect(failure.message).toContain("asked for nothing for 1000 ms, at its task 'start'");
  });

  it('and asks for something after the end has failed', async () => {
    const failure = await failureOf(await good('done line', 'deaf', 'done 1', 'r32 0x0'), [start, transfer(1)]);
    expect(failure).toMatchObject({ reason: 'answer' });
    expect(failure.message).toContain('sent "r32 0x0" after it was told \'end\'');
  });

  it('and does not end when it is told to is ended', async () => {
    const { ending } = await meet(await good('deaf', 'done line'), [start]);
    expect(ending).toEqual({ how: 'ended' });
  });
});

describe('a driver behind a socket', () => {
  it('is connected to for each meeting', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'driver-'));
    const path = join(folder, 'driver.sock');
    const words = [
      fixture('scripted-driver.mjs'),
      `listen:${path}`,
      'hello 1 name=listening',
      'next',
      'done line',
      'done 2',
    ];
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await once(child.stdout, 'data');
      const driver = await open(`unix:${path}`);
      expect(driver.name).toBe('listening');
      for (let turn = 0; turn < 2; turn++) {
        const { ending, results } = await meet(driver, [start, transfer(2)]);
        expect(ending).toEqual({ how: 'ended' });
        expect(results.map(({ outcome }) => outcome)).toEqual(['done', 'done']);
      }
      child.kill();
      await once(child, 'exit');
      expect(await failureOf(driver, [start])).toMatchObject({ reason: 'start' });
    } finally {
      child.kill();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('a driver that goes round in circles', () => {
  const most = { accesses: 10, uses: 20 };

  it('is stopped, and its task is not done', async () => {
    const reads = Array.from({ length: 12 }, () => '+r32 0x70');
    const { ending, results } = await meet(await good(...reads), [start, transfer(1)], most);
    expect(ending).toEqual({ how: 'ended' });
    expect(results).toEqual([{ outcome: 'stuck', why: 'it made 10 accesses for the task, which is not done' }]);
  });

  it('may say that it took fewer buffers than it was asked to', async () => {
    const { results } = await meet(await good('done msi', 'done 2'), [start, { do: 'submit', count: 3 }]);
    expect(results.at(-1)).toEqual({ outcome: 'done', count: 2 });
  });
});
