import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { TargetOperation } from '../../harness/target.ts';
import {
  closeAll,
  configurationErrorOf,
  eventually,
  faultOf,
  fixture,
  isAlive,
  lineDevice,
  open,
  repository,
} from './support.ts';

afterEach(closeAll);

const read = (offset: number, width: 8 | 16 | 32 | 64 = 32): TargetOperation => ({ kind: 'read', offset, width });
const write = (offset: number, value: number | bigint, width: 8 | 16 | 32 | 64 = 32): TargetOperation => ({
  kind: 'write',
  offset,
  width,
  value,
});
const FULL =
  'ok 1 name=a%20device version=1.2 layout=native region=0x4000 config=60 captures=message,line ' +
  'events=queue,config memory=0x80000000+0x100000 addresses=0xfee00000-0xfeefffff/4,0x100000000-0xffffffffffffffff ' +
  'data=0-0xff power-cycle settle x-vendor=1';

describe('the greeting', () => {
  it('becomes an adapter', async () => {
    const { adapter, local, cheapPowerCycle } = await open(lineDevice(FULL));
    expect(adapter).toMatchObject({
      name: 'a device',
      version: '1.2',
      layout: 'native',
      regionSize: 0x4000,
      configSize: 60,
      captures: ['message', 'line'],
      events: ['queue', 'config'],
      memory: { base: 0x80000000, size: 0x100000 },
      messages: {
        addresses: [
          { from: 0xfee00000, to: 0xfeefffff, step: 4 },
          { from: 0x100000000, to: 0xffffffffffffffffn },
        ],
        data: [{ from: 0, to: 0xff }],
      },
    });
    expect(local).toBe(false);
    expect(cheapPowerCycle).toBe(true);
    for (const method of ['settle', 'raise', 'interrupts', 'powerCycle', 'batch'] as const) {
      expect(adapter[method]).toBeTypeOf('function');
    }
  });

  it('that says nothing leaves reading, writing and a power cycle by starting again', async () => {
    const { adapter, cheapPowerCycle } = await open(lineDevice('ok 1'));
    expect(Object.keys(adapter).sort()).toEqual(['batch', 'powerCycle', 'read', 'write']);
    expect(cheapPowerCycle).toBe(false);
  });

  it.each([
    ['err version 2', 'the device speaks version 2 of the line protocol, this suite version 1', ''],
    ['ok 2', "the answer to 'hello 1' was", 'protocol.md'],
    ['good morning', "the answer to 'hello 1' was", 'protocol.md'],
    ['ok 1 capture=line', "'capture=line' is not known", "did you mean 'captures'?"],
    ['ok 1 powercycle', "'powercycle' is not known", "did you mean 'power-cycle'?"],
    ['ok 1 captures=line,massage', 'captures[1]: expected one of message, line', "did you mean 'message'?"],
    ['ok 1 events=', 'events[0]', ''],
    ['ok 1 region=big', "'big' is no unsigned number", ''],
    ['ok 1 region=0x80', 'regionSize', 'from the base'],
    ['ok 1 memory=0x80000000', 'expected BASE+SIZE', ''],
    ['ok 1 memory=0x80000100+0x10000', 'memory.base: 0x80000100 is not 4096-byte aligned', ''],
    ['ok 1 data=0-0x1ffffffff', 'messages.data[0].to', ''],
    ['ok 1 addresses=0x10-0x0', 'from 0x10 is above to 0x0', ''],
    ['ok 1 name=50%', 'a percent sign must be written %25', ''],
  ])('%s is refused', async (greeting, message, hint) => {
    const error = await configurationErrorOf(open(lineDevice(greeting)));
    expect(error.message).toContain(message);
    expect(error.hint ?? '').toContain(hint);
  });
});

describe('a program that cannot be started', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'exec-'));
  writeFileSync(join(cwd, 'tool'), '');
  it.each([
    ['exec:', 'there is no command', 'exec:./device'],
    ['exec:./nothing', 'no file', 'is it built?'],
    ['exec:no-such-program', "no program 'no-such-program' in PATH", 'is it installed?'],
    ['exec:tool', "no program 'tool' in PATH", 'exec:./tool'],
    ['exec:./tool', 'may not be run', 'chmod +x ./tool'],
    ['exec:A=1 ./tool', "no program 'A=1'", 'exec:env A=1'],
    ['exec:a | b', 'is for a shell', 'sh -c'],
  ])('%s', async (specification, message, hint) => {
    const error = await configurationErrorOf(open(specification, { cwd }));
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
  });

  it('or is no device: it exits', async () => {
    const fault = await faultOf(open('exec:true'));
    expect(fault).toMatchObject({ reason: 'start' });
    expect(fault.message).toContain('exited with code 0');
    expect(fault.hint).toContain('protocol.md');
  });

  it('or is no device: it says nothing', async () => {
    const fault = await faultOf(open('exec:sleep 1000', { timeout: 100 }));
    expect(fault.reason).toBe('start');
    expect(fault.message).toContain(`did not answer within 100 ms, at 'hello 1'`);
  });
});

describe('operations', () => {
  it('one by one', async () => {
    const { adapter } = await open(lineDevice(FULL));
    await adapter.write(0x100, 32, 0xdeadbeef);
    expect(await adapter.read(0x100, 32)).toBe(0xdeadbeef);
    await adapter.write(0x108, 64, 0xfedcba9876543210n);
    expect(await adapter.read(0x108, 64)).toBe(0xfedcba9876543210n);
    await adapter.write(0x108, 64, 5n);
    expect(await adapter.read(0x108, 64)).toBe(5);
    await adapter.memory?.write(0x80000000, Uint8Array.of(0, 1, 0xff));
    expect(await adapter.memory?.read(0x80000000, 3)).toEqual(Uint8Array.of(0, 1, 0xff));
    await adapter.raise?.({ source: 'queue', queue: 0 });
    await adapter.settle?.();
    expect(await adapter.interrupts?.()).toEqual([
      { kind: 'message', address: 0xfee00000, data: 5 },
      { kind: 'line', level: 1 },
      { kind: 'line', level: 0 },
      { kind: 'message', address: 0xffffffff00000000n, data: 7 },
    ]);
    expect(await adapter.interrupts?.()).toEqual([]);
    await adapter.powerCycle?.();
    expect(await adapter.read(0x100, 32)).toBe(0);
  });

  it('in one batch, in order', async () => {
    const { adapter } = await open(lineDevice(FULL));
    expect(
      await adapter.batch?.([write(0x100, 7), read(0x100), { kind: 'settle' }, { kind: 'interrupts' }, read(0x104, 8)]),
    ).toEqual([undefined, 7, undefined, [], 0]);
    expect(await adapter.batch?.([])).toEqual([]);
  });

  it('that ask for nothing are not sent', async () => {
    const { adapter } = await open(lineDevice('ok 1 memory=0x80000000+0x1000'));
    expect(
      await adapter.batch?.([
        { kind: 'settle' },
        read(0x100),
        { kind: 'memory-read', address: 0x80000000, length: 0 },
        { kind: 'memory-write', address: 0x80000000, bytes: new Uint8Array(0) },
        read(0x48),
      ]),
    ).toEqual([undefined, 0, new Uint8Array(0), undefined, expect.any(Number)]);
  });

  it('more than a pipe holds', async () => {
    const { adapter } = await open(lineDevice());
    const answers = await adapter.batch?.(
      Array.from({ length: 100_000 }, (_, i) => (i % 2 ? read(0x100) : write(0x100, i))),
    );
    expect(answers?.length).toBe(100_000);
    expect(answers?.at(-1)).toBe(99_998);
  });

  it('whose callers do not wait for each other', async () => {
    const { adapter } = await open(lineDevice());
    const answers = [
      adapter.write(0x100, 32, 1),
      adapter.read(0x100, 32),
      adapter.write(0x100, 32, 2),
      adapter.read(0x100, 32),
    ];
    expect(await Promise.all(answers)).toEqual([undefined, 1, undefined, 2]);
  });

  it('with a carriage return or a comment in the answer', async () => {
    const said: string[] = [];
    const { adapter } = await open(lineDevice(), { log: (line) => said.push(line) });
    expect(await adapter.read(0x4c, 32)).toBe(0x4c);
    expect(await adapter.read(0x28, 32)).toBe(0x28);
    expect(said).toEqual(['# thinking']);
  });
});

describe('an answer that is none', () => {
  it.each([
    [0x18, `answered "ok banana" to 'r32 0x18': 'banana' is no unsigned number`],
    [0x34, `'NaN' is no unsigned number`],
    [0x38, '0x1ffffffff does not fit 32 bits'],
    [0x3c, `'ok' and one value was expected`],
    [0x40, `'ok' and one value was expected`],
    [0x44, `an answer begins with 'ok' or 'err'`],
    [0x54, `'-1' is no unsigned number`],
    [0x58, `'1.5' is no unsigned number`],
  ])('at 0x%s', async (offset, message) => {
    const { adapter } = await open(lineDevice());
    const fault = await faultOf(
      adapter.batch?.([write(0x100, 9), read(0x100), read(offset), read(0x100)]) as Promise<unknown>,
    );
    expect(fault).toMatchObject({ reason: 'answer', operation: 2, answers: [undefined, 9] });
    expect(fault.message).toContain(message);
    expect(fault.hint).toContain('protocol.md');
  });

  it('bytes that are none', async () => {
    const { adapter } = await open(lineDevice());
    const fault = await faultOf(
      adapter.batch?.([{ kind: 'memory-read', address: 0x666, length: 2 }]) as Promise<unknown>,
    );
    expect(fault.message).toContain('the bytes are not hexadecimal');
  });

  it('too many answers', async () => {
    const { adapter } = await open(lineDevice());
    const fault = await faultOf(adapter.batch?.([read(0x100), read(0x20)]) as Promise<unknown>);
    expect(fault).toMatchObject({ reason: 'answer', operation: 1, answers: [0] });
    expect(fault.message).toContain(`sent "ok 0x2" when no answer was due, after its answer to 'r32 0x20'`);
    expect(fault.hint).toContain('protocol.md');
  });

  it('a refusal keeps the connection in step', async () => {
    const { adapter } = await open(lineDevice());
    const fault = await faultOf(adapter.batch?.([read(0x100), read(0x1c), read(0x28)]) as Promise<unknown>);
    expect(fault).toMatchObject({ reason: 'threw', operation: 1, answers: [0] });
    expect(fault.message).toContain(`refused 'r32 0x1c': not today`);
    expect(await adapter.read(0x28, 32)).toBe(0x28);
  });
});

describe('a device that is lost', () => {
  it('dies', async () => {
    const target = await open(lineDevice());
    const fault = await faultOf(target.adapter.batch?.([read(0x100), read(0x10), read(0x100)]) as Promise<unknown>);
    expect(fault).toMatchObject({ reason: 'died', operation: 1, answers: [0] });
    expect(fault.message).toContain(`exited with code 3, at 'r32 0x10'`);
    expect(fault.message).toContain('the reason on standard error');
    expect((await faultOf(target.adapter.read(0x100, 32) as Promise<unknown>)).reason).toBe('died');
    await target.restart?.();
    expect(await target.adapter.read(0x100, 32)).toBe(0);
  });

  it('is killed by a signal', async () => {
    const { adapter } = await open(lineDevice());
    const fault = await faultOf(adapter.read(0x2c, 32) as Promise<unknown>);
    expect(fault).toMatchObject({ reason: 'died' });
    expect(fault.message).toContain('was killed by SIGKILL');
  });

  it('dies in the middle of a line', async () => {
    const { adapter } = await open(lineDevice());
    const fault = await faultOf(adapter.read(0x24, 32) as Promise<unknown>);
    expect(fault.message).toContain(`in the middle of a line: "ok 0x"`);
  });

  it('hangs', async () => {
    const target = await open(lineDevice(), { timeout: 1500 });
    const pid = Number(await target.adapter.read(0x48, 32));
    const fault = await faultOf(target.adapter.batch?.([read(0x100), read(0x14)]) as Promise<unknown>);
    expect(fault).toMatchObject({ reason: 'hung', operation: 1, answers: [0] });
    expect(fault.message).toContain(`did not answer within 1500 ms, at 'r32 0x14'`);
    expect(fault.hint).toContain('--timeout');
    await eventually(() => !isAlive(pid));
    await target.restart?.();
    expect(await target.adapter.read(0x100, 32)).toBe(0);
  });

  it('hangs in the middle of a line', async () => {
    const { adapter } = await open(lineDevice(), { timeout: 1500 });
    const fault = await faultOf(adapter.read(0x5c, 32) as Promise<unknown>);
    expect(fault.reason).toBe('hung');
    expect(fault.message).toContain(`at 'r32 0x5c', in the middle of a line: "ok 0x5"`);
    expect(fault.hint).toContain('ends in a newline');
  });

  it('is found out in a power cycle by starting again', async () => {
    const { adapter } = await open(lineDevice());
    await adapter.write(0x100, 32, 5);
    const pid = await adapter.read(0x48, 32);
    const answers = await adapter.batch?.([read(0x100), { kind: 'power-cycle' }, read(0x100), read(0x48)]);
    expect(answers?.slice(0, 3)).toEqual([5, undefined, 0]);
    expect(answers?.[3]).not.toBe(pid);
    const fault = await faultOf(
      adapter.batch?.([read(0x100), { kind: 'power-cycle' }, read(0x100), read(0x18)]) as Promise<unknown>,
    );
    expect(fault).toMatchObject({ reason: 'answer', operation: 3, answers: [0, undefined, 0] });
  });
});

describe('no process is left behind', () => {
  it('by close, with what the device itself started', async () => {
    const target = await open(lineDevice());
    const device = Number(await target.adapter.read(0x48, 32));
    const child = Number(await target.adapter.read(0x30, 32));
    expect([device, child].map(isAlive)).toEqual([true, true]);
    await target.close();
    await eventually(() => !isAlive(device) && !isAlive(child));
  });

  it.each(['exit', 'throw', 'SIGTERM', 'SIGINT'])(
    'by the end of this process: %s',
    async (how) => {
      const holder = spawn(process.execPath, ['--import', 'tsx', fixture('holder.mjs'), how, lineDevice()], {
        cwd: repository,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const [line] = (await once(holder.stdout, 'data')) as [Buffer];
      const pid = Number(line.toString());
      expect(pid).toBeGreaterThan(0);
      if (how.startsWith('SIG')) holder.kill(how as NodeJS.Signals);
      const [code, signal] = await once(holder, 'exit');
      expect(signal ?? code).toBe(how === 'exit' ? 0 : how === 'throw' ? 1 : how);
      await eventually(() => !isAlive(pid));
      // The process that is started compiles what it imports.
    },
    30_000,
  );
});
