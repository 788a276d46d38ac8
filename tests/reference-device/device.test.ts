/** The device around its registers: accesses of all kinds, what events do, and what each variant has decided. */
import { describe, expect, it } from 'vitest';
import { Device } from '../../reference-device/device.ts';
import { Ram } from '../../reference-device/memory.ts';
import { defaults, type Settings } from '../../reference-device/settings.ts';
import { Driver, native } from './driver.ts';

const bare = (settings: Partial<Settings> = {}) => new Device(native, { ...defaults, ...settings }, new Ram());

const driver = (variant?: string) => new Driver(variant === undefined ? {} : { variant });

describe('accesses', () => {
  const at = native.data.config.offset;

  it('of any width read the configuration, aligned', () => {
    const d = new Driver();
    const bytes = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => Number(d.device.read(at + i, 8)));
    const value = (from: number, size: number) =>
      bytes.slice(from, from + size).reduce((sum, byte, i) => sum + byte * 256 ** i, 0);
    expect(bytes.some((byte) => byte !== 0)).toBe(true);
    expect([d.device.read(at, 16), d.device.read(at + 2, 16)]).toEqual([value(0, 2), value(2, 2)]);
    expect([d.device.read(at, 32), d.device.read(at + 4, 32)]).toEqual([value(0, 4), value(4, 4)]);
    // What is not aligned, or wider than a field, means nothing.
    expect([d.device.read(at + 1, 16), d.device.read(at + 2, 32), d.device.read(at, 64)]).toEqual([0, 0, 0n]);
  });

  it('to where nothing is read what the device has there, and change nothing', () => {
    for (const [variant, nothing] of [
      [undefined, 0],
      ['undefined-ones', 0xffffffff],
    ] as const) {
      const d = driver(variant);
      const hole = d.device.regionSize! - 4;
      d.device.write(hole, 32, 1);
      expect(d.device.read(hole, 32)).toBe(nothing);
      expect([d.device.read(hole, 8), d.device.read(hole, 64)]).toEqual([0, 0n]);
    }
  });

  it('of 32 bits that are not aligned mean nothing', () => {
    const d = new Driver().start3();
    const status = native.register('Status').offset;
    for (const offset of [1, 2, 3]) {
      d.device.write(status + offset, 32, 0);
      expect(d.device.read(status + offset, 32)).toBe(0);
    }
    expect(d.r('Status')).toBe(15);
  });

  it('of 64 bits are two halves where the device splits them and they are aligned', () => {
    const d = driver('wide-split').start3();
    const sel = native.register('QueueSel').offset;
    const aligned = Math.floor(sel / 8) * 8;
    d.device.write(aligned, 64, sel === aligned ? 7n : 7n << 32n);
    expect(d.r('QueueReady')).toBe(0);
    d.w('QueueSel', 0);
    for (const unaligned of [sel - 4, sel + 4]) d.device.write(unaligned, 64, 7n | (7n << 32n));
    expect([sel % 8, d.r('QueueReady')]).toEqual([0, 1]);
    const data = d.entryAt(1, 'address-low');
    expect(d.device.read(data, 64)).toBe(0xfee00010n);
    expect(d.device.read(data + 4, 64)).toBe(0n);
    expect(driver().start3().device.read(data, 64)).toBe(0n);
  });

  it('of 64 bits to an entry table in memory are one', () => {
    const d = driver('entries-memory');
    const data = d.entryAt(1, 'address-low');
    d.device.write(data, 64, 0xfffffffe_12345678n);
    expect(d.device.read(data, 64)).toBe(0xfffffffe_12345678n);
    expect([d.device.read(data, 32), d.device.read(data + 3, 8), d.device.read(data + 4, 16)]).toEqual([
      0x12345678, 0x12, 0xfffe,
    ]);
  });
});

describe('an entry table in memory', () => {
  it('ends with its last page, and is not read or written beyond it', () => {
    const d = driver('entries-memory');
    const { align } = native.table('entry');
    const end = d.start('entry') + align;
    d.device.write(end - 4, 32, 0x44332211);
    expect([d.device.read(end - 4, 32), d.device.read(end - 2, 16), d.device.read(end - 1, 8)]).toEqual([
      0x44332211, 0x4433, 0x44,
    ]);
    d.device.write(end - 4, 64, 0n);
    d.device.write(end - 1, 16, 0);
    expect([d.device.read(end - 4, 64), d.device.read(end - 1, 16), d.device.read(end - 4, 32)]).toEqual([
      0n,
      0,
      0x44332211,
    ]);
  });
});

describe('a message', () => {
  it.each([
    [0, 0xfffffffc, 0xfffffffc],
    [0x1fffff, 0xfffffffc, 0x1fffff_fffffffc],
    [0x200000, 4, 0x200000_00000004n],
  ])('to upper half %i is a number where that is exact', (high, low, address) => {
    const device = bare();
    device.message(low, high, 9);
    expect(device.interrupts()).toEqual([{ kind: 'message', address, data: 9 }]);
    expect(device.interrupts()).toEqual([]);
  });
});

describe('a change of the configuration', () => {
  it('is counted where there is a configuration, and told in any case', () => {
    for (const [variant, counted] of [
      [undefined, 1],
      ['entropy', 0],
    ] as const) {
      const d = driver(variant).start3(variant === undefined ? 2 : 1);
      const before = d.r('ConfigGeneration');
      d.config();
      expect(d.r('ConfigGeneration') - before).toBe(counted);
      expect(d.messages()).toEqual([0x4000]);
    }
  });

  it('before FEATURES_OK is told to nobody', () => {
    for (const variant of [undefined, 'early-config-sent', 'early-config-held']) {
      const d = driver(variant);
      d.w('Status', d.status('ACKNOWLEDGE', 'DRIVER'));
      d.config();
      expect([d.taken(), d.r('InterruptStatus')]).toEqual([[], 0]);
      d.start3();
      expect(d.taken()).toEqual([]);
    }
  });

  it('that is held is told once, and forgotten with a reset', () => {
    const d = driver('early-config-held');
    const early = () => {
      d.negotiate(['VIRTIO_F_VERSION_1']);
      d.config();
    };
    early();
    expect(d.r('InterruptStatus')).toBe(0);
    d.ready();
    expect(d.r('InterruptStatus')).toBe(d.bit('InterruptStatus', 'CONFIG_CHANGE'));
    d.w('InterruptACK', 3);
    d.w('Status', d.status('ACKNOWLEDGE', 'DRIVER', 'FEATURES_OK'));
    d.ready();
    expect(d.r('InterruptStatus')).toBe(0);
    early();
    d.negotiate(['VIRTIO_F_VERSION_1']);
    d.ready();
    expect(d.r('InterruptStatus')).toBe(0);
  });
});

describe('a device that needs a reset', () => {
  const needs = (d: Driver) => {
    d.device.raise({ source: 'needs-reset' });
    d.device.settle();
  };

  it('tells so as a change of the configuration, once the driver is there', () => {
    const early = new Driver();
    early.negotiate();
    early.program(0);
    early.map('config', 0);
    early.mask(0, false);
    needs(early);
    expect(early.messages()).toEqual([]);
    expect(early.r('Status') & early.bit('Status', 'DEVICE_NEEDS_RESET')).not.toBe(0);
    const d = new Driver().start3();
    needs(d);
    expect(d.messages()).toEqual([0x4000]);
  });

  it('goes on using buffers, unless it halts', () => {
    for (const [variant, used] of [
      [undefined, 1],
      ['halts-when-broken', 0],
    ] as const) {
      const d = driver(variant).start3();
      needs(d);
      d.use(0);
      expect(d.usedIndex(0)).toBe(used);
      d.start3();
      d.use(0);
      expect(d.usedIndex(0)).toBe(1);
    }
  });

  it('since a queue made no sense looks at that queue no more', () => {
    const d = new Driver().start3();
    const { memory } = d.device;
    const next = native.structure('virtq_desc').fields.next ?? [0, 0];
    const offerBroken = () => {
      d.offer(0);
      memory!.write(d.ring(0, 'descriptors') + next[0], new Uint8Array([0, 0]));
      d.kick(0);
    };
    offerBroken();
    expect(d.messages()).toEqual([0x4000]);
    offerBroken();
    d.use(0);
    expect([d.messages(), d.usedIndex(0)]).toEqual([[], 0]);
    d.use(1);
    expect(d.messages()).toEqual([0x4002]);
  });

  it('is no device whose own code fails', () => {
    const device = bare();
    const queue = device.queues[0];
    if (!queue) throw new Error('no queue');
    device.mayServe = () => true;
    queue.pop = () => {
      throw new TypeError('a mistake');
    };
    expect(() => device.serve(queue)).toThrow('a mistake');
    expect(device.transport.needsReset).toBe(false);
  });
});

describe('a queue', () => {
  it('that does not exist has no event', () => {
    const d = driver('hooked').start3();
    d.device.raise({ source: 'queue', queue: 99 });
    expect(d.taken()).toEqual([]);
    d.device.raise({ source: 'queue', queue: 1 });
    expect(d.messages()).toEqual([0x4002]);
    d.kick(0);
    d.w('QueueSel', 1);
    d.w('QueueReady', 0);
    d.device.raise({ source: 'queue', queue: 1 });
    expect(d.taken()).toEqual([]);
  });

  it('with nothing to use is not told of, one notification a kick or not', () => {
    for (const variant of [undefined, 'one-per-batch']) {
      const d = driver(variant).start3();
      d.kick(0);
      expect(d.messages()).toEqual([]);
      d.offer(0);
      d.offer(0);
      d.kick(0);
      expect(d.messages()).toHaveLength(variant === undefined ? 2 : 1);
      d.suppress(0, true);
      d.use(0);
      expect(d.messages()).toEqual([]);
    }
  });

  it('is told of although the driver asks for silence, where the device never looks', () => {
    const d = driver('never-suppresses').start3();
    d.suppress(0, true);
    d.use(0);
    expect(d.messages()).toEqual([0x4001]);
  });

  it('is looked at without a kick where the device is eager: at DRIVER_OK and when it is enabled', () => {
    for (const [variant, used] of [
      [undefined, [0, 0]],
      ['eager', [1, 2]],
    ] as const) {
      const d = driver(variant);
      d.negotiate();
      d.enable(0);
      d.offer(0);
      d.ready();
      const atOnce = d.usedIndex(0);
      d.w('QueueSel', 0);
      d.w('QueueReady', 0);
      d.offer(0);
      expect(d.usedIndex(0)).toBe(atOnce);
      d.w('QueueReady', 1);
      expect([atOnce, d.usedIndex(0)]).toEqual(used);
    }
  });

  it('that is stopped and started goes on, or begins anew where the device does so', () => {
    for (const [variant, used] of [
      [undefined, 1],
      ['stop-clears', 2],
    ] as const) {
      const d = driver(variant).start3();
      d.use(0);
      d.w('QueueSel', 0);
      d.w('QueueReady', 0);
      d.w('QueueReady', 1);
      d.taken();
      // What was offered before is there still: a device that begins anew uses it again.
      d.kick(0);
      expect([d.usedIndex(0), 1 + d.messages().length]).toEqual([1, used]);
    }
  });

  it('that is enabled once more while it runs goes on', () => {
    const d = driver('stop-clears').start3();
    d.use(0);
    d.w('QueueSel', 0);
    d.w('QueueReady', 1);
    d.taken();
    d.kick(0);
    expect(d.messages()).toEqual([]);
  });

  it('that is stopped takes its pending bit along where the device does so', () => {
    for (const [variant, bit] of [
      [undefined, 1],
      ['stop-clears', 0],
    ] as const) {
      const d = driver(variant).start3();
      for (const v of [1, 2]) d.mask(v, true);
      d.use(0);
      d.use(1);
      d.w('QueueSel', 0);
      d.w('QueueReady', 1);
      expect([d.bitOf('pba', 1), d.bitOf('pba', 2)]).toEqual([1, 1]);
      d.w('QueueReady', 0);
      expect([d.bitOf('pba', 1), d.bitOf('pba', 2)]).toEqual([bit, 1]);
    }
  });

  it('that is reset keeps its mapping and its pending bit, unless the device decides otherwise', () => {
    for (const [variant, state] of [
      ['ring-reset', [1, 1]],
      ['ring-reset-unmaps', [0xffff, 0]],
    ] as const) {
      const d = driver(variant).start3();
      d.mask(1, true);
      d.use(0);
      d.w('QueueSel', 0);
      d.w('QueueReset', 1);
      expect([d.r('MsiQueueVector'), d.bitOf('pba', 1)]).toEqual(state);
      d.w('QueueSel', 1);
      expect(d.r('MsiQueueVector')).toBe(2);
    }
  });
});

describe('what is under way', () => {
  it.each([
    ['deferred', [0x4001, 0x4002, 0x4000]],
    ['deferred-backwards', [0x4000, 0x4002, 0x4001]],
  ])('comes when it is settled, in the order of the device (%s)', (variant, order) => {
    const d = driver(variant).start3();
    for (const queue of [0, 1]) {
      d.offer(queue);
      d.kick(queue);
    }
    d.device.raise({ source: 'config' });
    expect(d.messages()).toEqual([]);
    d.device.settle();
    expect(d.messages()).toEqual(order);
    d.device.settle();
    expect(d.messages()).toEqual([]);
  });

  it('at a reset never comes', () => {
    const d = driver('deferred').start3();
    d.device.raise({ source: 'config' });
    d.reset();
    d.start3();
    d.device.settle();
    expect(d.messages()).toEqual([]);
  });
});

describe('InterruptStatus', () => {
  it('is cleared as messages begin, and reads 0 while events become messages', () => {
    const d = new Driver();
    d.negotiate(['VIRTIO_F_VERSION_1']);
    d.ready();
    d.config();
    expect([d.r('InterruptStatus'), d.taken().length]).toEqual([2, 1]);
    d.start3();
    d.config();
    expect(d.r('InterruptStatus')).toBe(0);
    d.w('InterruptACK', 3);
    expect(d.r('InterruptStatus')).toBe(0);
  });
});
