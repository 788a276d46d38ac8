/** Real devices: they need QEMU, and are skipped, with a word, where it is missing. */
import { afterEach, describe, expect, it } from 'vitest';
import { diagnose } from '../../harness/doctor.ts';
import type { TargetOperation } from '../../harness/target.ts';
import { closeAll, Driver, has, layout, open } from './qtest-support.ts';

const MACHINES = [
  { machine: 'microvm', there: has('qemu-system-x86_64') },
  { machine: 'virt-aarch64', there: has('qemu-system-aarch64') },
  { machine: 'virt-riscv64', there: has('qemu-system-riscv64') },
];
const hasX86 = MACHINES[0]?.there ?? false;

const register = (name: string, width: 32 | 64 = 32): TargetOperation => ({
  kind: 'read',
  offset: layout.register(name).offset,
  width,
});

afterEach(closeAll);

for (const { machine, there } of MACHINES) {
  describe.skipIf(!there)(`a device on ${machine}`, () => {
    it('entropy fills a buffer, and raises and lowers the line', async () => {
      const target = await open(machine);
      const { adapter } = target;
      const driver = new Driver(target, 0);
      await driver.start();
      await adapter.settle?.();
      expect(await adapter.interrupts?.()).toEqual([]);
      const [address = 0] = await driver.offer([{ in: 16 }]);
      await adapter.settle?.();
      expect(await adapter.interrupts?.()).toEqual([{ kind: 'line', level: 1 }]);
      expect(await driver.used()).toEqual({ index: 1, length: 16 });
      expect(await adapter.memory?.read(address, 16)).not.toEqual(new Uint8Array(16).fill(0xee));
      expect(await driver.read('InterruptStatus')).toBe(layout.bit('InterruptStatus', 'USED_BUFFER'));
      await driver.write('InterruptACK', layout.bit('InterruptStatus', 'USED_BUFFER'));
      expect(await adapter.interrupts?.()).toEqual([{ kind: 'line', level: 0 }]);
    });

    it('block reads a sector, on its second queue', async () => {
      const target = await open(`${machine},device=virtio-blk-device,queues=2`);
      const driver = new Driver(target, 1);
      await driver.start();
      const chain = [{ out: new Uint8Array(16) }, { in: 512 }, { in: 1 }];
      const [, data = 0, status = 0] = await driver.offer(chain);
      await target.adapter.settle?.();
      expect(await driver.used()).toEqual({ index: 1, length: 513 });
      expect(await target.adapter.memory?.read(status, 1)).toEqual(Uint8Array.of(0));
      expect(await target.adapter.memory?.read(data, 512)).toEqual(new Uint8Array(512));
      expect(await target.adapter.interrupts?.()).toEqual([{ kind: 'line', level: 1 }]);
    });

    it.each(['entropy', 'block', 'network', 'console', 'balloon'])(
      'the doctor has no complaint about %s',
      async (device) => {
        const report = await diagnose(await open(`${machine},device=${device}`), layout);
        expect(report.checks.filter((check) => check.verdict === 'problem')).toEqual([]);
      },
    );
  });
}

describe.skipIf(!hasX86)('operations', () => {
  it('settles inside a batch, each time', async () => {
    const target = await open('');
    const driver = new Driver(target, 0);
    await driver.start();
    await driver.offer([{ in: 16 }]);
    await target.adapter.settle?.();
    await driver.write('InterruptACK', 1);
    await target.adapter.interrupts?.();
    const turns = 200;
    const avail = (target.adapter.memory?.base ?? 0) + 4096;
    const answers = await target.adapter.batch?.(
      Array.from({ length: turns }, (_, turn): TargetOperation[] => [
        { kind: 'memory-write', address: avail + 2, bytes: Uint8Array.of(turn + 2, (turn + 2) >>> 8) },
        { kind: 'write', offset: layout.register('QueueNotify').offset, width: 32, value: 0 },
        { kind: 'settle' },
        { kind: 'interrupts' },
        { kind: 'write', offset: layout.register('InterruptACK').offset, width: 32, value: 1 },
        { kind: 'interrupts' },
      ]).flat(),
    );
    const interrupts = answers?.filter((answer) => Array.isArray(answer));
    const [high, low] = [[{ kind: 'line', level: 1 }], [{ kind: 'line', level: 0 }]];
    expect(interrupts).toEqual(Array.from({ length: turns }, () => [high, low]).flat());
  });

  it('answers a batch in order, whatever it is made of', async () => {
    const { adapter } = await open('device=block');
    const base = adapter.memory?.base ?? 0;
    const answers = await adapter.batch?.([
      register('MagicValue'),
      { kind: 'power-cycle' },
      { kind: 'memory-write', address: base + 1, bytes: Uint8Array.of(1, 2, 3) },
      { kind: 'raise', event: { source: 'config' } },
      { kind: 'memory-read', address: base + 2, length: 2 },
      { kind: 'memory-read', address: base, length: 0 },
      { kind: 'memory-write', address: base, bytes: new Uint8Array(0) },
      { kind: 'interrupts' },
      register('Version'),
      register('MagicValue', 64),
    ]);
    const magic = layout.register('MagicValue').value ?? 0;
    const version = layout.register('Version').value ?? 0;
    const whole = (BigInt(version) << 32n) | BigInt(magic);
    expect(answers?.filter((answer) => answer !== undefined)).toEqual([
      magic,
      Uint8Array.of(2, 3),
      new Uint8Array(0),
      [],
      version,
      whole,
    ]);
    expect(answers).toHaveLength(10);
  });

  it.each(['block', 'network', 'balloon'])('provokes a configuration change of %s, and again', async (device) => {
    const target = await open(`device=${device}`);
    const driver = new Driver(target, device === 'network' ? 1 : 0);
    await driver.start();
    const bit = layout.bit('InterruptStatus', 'CONFIG_CHANGE');
    for (let turn = 0; turn < 2; turn++) {
      const generation = await driver.read('ConfigGeneration');
      await target.adapter.raise?.({ source: 'config' });
      expect((await driver.read('InterruptStatus')) & bit).toBe(bit);
      expect(await driver.read('ConfigGeneration')).not.toBe(generation);
      expect(await target.adapter.interrupts?.()).toEqual([{ kind: 'line', level: 1 }]);
      await driver.write('InterruptACK', await driver.read('InterruptStatus'));
      expect(await target.adapter.interrupts?.()).toEqual([{ kind: 'line', level: 0 }]);
    }
  });

  it('a power cycle resets a device that has its line raised', async () => {
    const target = await open('');
    const driver = new Driver(target, 0);
    await driver.start();
    await driver.offer([{ in: 16 }]);
    await target.adapter.settle?.();
    await target.adapter.powerCycle?.();
    expect(await target.adapter.interrupts?.()).toEqual([]);
    expect(await driver.read('Status')).toBe(0);
    expect(await driver.read('QueueReady')).toBe(0);
  });

  it('refuses what would make QEMU abort, and goes on', async () => {
    const { adapter } = await open('');
    await expect(adapter.read(-1e9 * 1e9, 32)).rejects.toThrow(RangeError);
    await expect(adapter.write(0.5, 32, 1)).rejects.toThrow(RangeError);
    await expect(adapter.write(0, 32, Number.NaN)).rejects.toThrow(RangeError);
    await expect(adapter.write(0, 8, 0x100)).rejects.toThrow(RangeError);
    await expect(adapter.write(0, 32, -1)).rejects.toThrow(RangeError);
    await expect(adapter.raise?.({ source: 'config' }) ?? Promise.resolve()).resolves.toBeUndefined();
    expect(await adapter.read(layout.register('MagicValue').offset, 32)).toBe(layout.register('MagicValue').value);
  });
});
