/** The registers of the base transport, where the suite looks away or the text leaves a choice. */
import { describe, expect, it } from 'vitest';
import { Device } from '../../reference-device/device.ts';
import { Ram } from '../../reference-device/memory.ts';
import { defaults } from '../../reference-device/settings.ts';
import { Layout } from '../../spec/layout.ts';
import { Driver, native } from './driver.ts';

const ALL = 0xffffffff;

describe('feature words', () => {
  it('hold what the device offers, and nothing beyond the last', () => {
    const d = new Driver();
    const words = [0, 1, 2, 3, 4, 5, 6, 7, ALL].map((sel) => {
      d.w('DeviceFeaturesSel', sel);
      return d.r('DeviceFeatures');
    });
    const bits = words.flatMap((word, w) =>
      Array.from({ length: 32 }, (_, i) => w * 32 + i).filter((bit) => (word >>> (bit % 32)) & 1),
    );
    const named = (name: string) => native.feature(name).bit;
    const block = Object.values(native.data.deviceTypes.block?.features ?? {}).map(({ bit }) => bit);
    expect(bits.sort()).toEqual([named('VIRTIO_F_VERSION_1'), named('VIRTIO_F_MMIO_MSI'), ...block].sort());
  });

  it.each([
    ['entropy', ['VIRTIO_F_VERSION_1', 'VIRTIO_F_MMIO_MSI']],
    ['withheld', ['VIRTIO_F_VERSION_1']],
    ['plain', ['VIRTIO_F_VERSION_1']],
    ['ring-reset', ['VIRTIO_F_VERSION_1', 'VIRTIO_F_MMIO_MSI', 'VIRTIO_F_RING_RESET']],
  ])('hold no more than what the device has (variant %s)', (variant, names) => {
    const d = new Driver({ variant });
    const type = d.layout.deviceType(d.r('DeviceID'))!;
    const own = type.name === 'block' ? Object.values(type.features).map(({ bit }) => bit) : [];
    const wanted = [...names.map((name) => native.feature(name).bit), ...own];
    const offered = Array.from({ length: 192 }, (_, bit) => bit).filter((bit) => d.offers(bit));
    expect(offered.sort()).toEqual(wanted.sort());
  });

  it('of the driver beyond the last are no features', () => {
    const d = new Driver();
    d.w('Status', d.status('ACKNOWLEDGE', 'DRIVER'));
    d.accept(['VIRTIO_F_VERSION_1']);
    for (const sel of [6, 7, ALL]) {
      d.w('DriverFeaturesSel', sel);
      d.w('DriverFeatures', ALL);
    }
    d.w('Status', d.status('ACKNOWLEDGE', 'DRIVER', 'FEATURES_OK'));
    expect(d.r('Status') & d.bit('Status', 'FEATURES_OK')).not.toBe(0);
  });

  it('of the driver in any word must be a part of what is offered', () => {
    for (let sel = 0; sel < 6; sel++) {
      const d = new Driver();
      d.w('Status', d.status('ACKNOWLEDGE', 'DRIVER'));
      d.accept(['VIRTIO_F_VERSION_1']);
      d.w('DriverFeaturesSel', sel);
      d.w('DriverFeatures', ALL);
      d.w('Status', d.status('ACKNOWLEDGE', 'DRIVER', 'FEATURES_OK'));
      expect(d.r('Status') & d.bit('Status', 'FEATURES_OK'), `word ${sel}`).toBe(0);
    }
  });

  it('need the features that one of them requires', () => {
    const data = structuredClone(native.data);
    const [ring, msi] = [data.features.VIRTIO_F_RING_RESET, data.features.VIRTIO_F_MMIO_MSI];
    if (!ring || !msi) throw new Error('the layout lacks a feature');
    ring.requires = ['VIRTIO_F_MMIO_MSI'];
    const layout = new Layout(data);
    const ok = (...features: string[]) => {
      const d = new Driver({ layout, variant: 'ring-reset' });
      d.negotiate(['VIRTIO_F_VERSION_1', ...features]);
      return (d.r('Status') & d.bit('Status', 'FEATURES_OK')) !== 0;
    };
    expect([ok('VIRTIO_F_RING_RESET'), ok('VIRTIO_F_RING_RESET', 'VIRTIO_F_MMIO_MSI')]).toEqual([false, true]);
    expect([ok(), ok('VIRTIO_F_MMIO_MSI')]).toEqual([true, true]);
    ring.requires = ['VIRTIO_F_VERSION_1', 'VIRTIO_F_MMIO_MSI'];
    expect([ok('VIRTIO_F_RING_RESET'), ok('VIRTIO_F_RING_RESET', 'VIRTIO_F_MMIO_MSI')]).toEqual([false, true]);
  });

  it('are what they were once FEATURES_OK stands', () => {
    const device = new Device(native, defaults, new Ram());
    const write = (name: string, value: number) => device.write(native.register(name).offset, 32, value);
    const { bit } = native.feature('VIRTIO_F_VERSION_1');
    const msi = native.feature('VIRTIO_F_MMIO_MSI').bit;
    write('DriverFeaturesSel', Math.floor(bit / 32));
    write('DriverFeatures', 2 ** (bit % 32));
    write('Status', native.bit('Status', 'FEATURES_OK'));
    write('DriverFeatures', 2 ** (bit % 32) + 2 ** (msi % 32));
    expect([device.transport.negotiated(bit), device.transport.negotiated(msi)]).toEqual([true, false]);
  });

  it('are forgotten with a reset', () => {
    const d = new Driver().start3();
    d.reset();
    d.w('Status', d.status('ACKNOWLEDGE', 'DRIVER'));
    d.w('Status', d.status('ACKNOWLEDGE', 'DRIVER', 'FEATURES_OK'));
    expect(d.r('Status') & d.bit('Status', 'FEATURES_OK')).toBe(0);
  });
});

describe('Status', () => {
  const names = (d: Driver) => {
    const value = d.r('Status');
    const fields = Object.values(d.layout.register('Status').fields);
    expect(value & ~fields.reduce((bits, { mask }) => bits | mask, 0)).toBe(0);
    return fields.filter(({ mask }) => (value & mask) !== 0).map(({ name }) => name);
  };

  it("takes the bits that it has, and of these not the one that is the device's to set", () => {
    const d = new Driver();
    d.reset();
    d.accept(['VIRTIO_F_VERSION_1']);
    d.w('Status', ALL);
    const all = Object.keys(native.register('Status').fields);
    expect(names(d).sort()).toEqual(all.filter((name) => name !== 'DEVICE_NEEDS_RESET').sort());
  });

  it('keeps what the device needs, and what was negotiated, whatever is written', () => {
    const d = new Driver().start3();
    d.device.raise({ source: 'needs-reset' });
    d.w('Status', d.status('ACKNOWLEDGE'));
    expect(names(d).sort()).toEqual(['ACKNOWLEDGE', 'DEVICE_NEEDS_RESET', 'FEATURES_OK']);
    d.reset();
    expect(names(d)).toEqual([]);
  });

  it('asks for features once: what was refused may be asked for again', () => {
    const d = new Driver();
    d.negotiate([]);
    expect(names(d)).not.toContain('FEATURES_OK');
    d.accept(['VIRTIO_F_VERSION_1']);
    d.w('Status', d.status('ACKNOWLEDGE', 'DRIVER', 'FEATURES_OK'));
    expect(names(d)).toContain('FEATURES_OK');
  });
});

describe('a reset', () => {
  it('is complete at once where the device takes no time', () => {
    const d = new Driver().start3();
    d.w('Status', 0);
    d.w('QueueSel', 0);
    expect([d.r('QueueReady'), d.r('MsiConfigVector')]).toEqual([0, 0xffff]);
    d.w('QueueSel', 1);
    d.w('QueueSize', 4);
    d.w('QueueReady', 1);
    expect([d.r('Status'), d.r('QueueReady')]).toEqual([0, 1]);
  });
});

describe('DRIVER_OK', () => {
  const early = (d: Driver) => {
    d.negotiate(['VIRTIO_F_VERSION_1']);
    d.config();
  };

  it('leaves alone what InterruptStatus holds', () => {
    const d = new Driver({ variant: 'early-config-sent' });
    early(d);
    d.ready();
    expect(d.r('InterruptStatus')).toBe(d.bit('InterruptStatus', 'CONFIG_CHANGE'));
  });

  it('is what a change that is held waits for, and no other bit', () => {
    const d = new Driver({ variant: 'early-config-held' });
    early(d);
    d.w('Status', d.status('ACKNOWLEDGE', 'DRIVER', 'FEATURES_OK'));
    expect(d.r('InterruptStatus')).toBe(0);
    d.ready();
    expect(d.r('InterruptStatus')).not.toBe(0);
  });

  it('makes an eager device look once', () => {
    const d = new Driver({ variant: 'eager' }).start3();
    d.offer(0);
    d.ready();
    expect(d.usedIndex(0)).toBe(0);
  });
});

describe('a reset that takes its time', () => {
  it('takes none where there is nothing to reset', () => {
    const d = new Driver({ variant: 'reset-slow' });
    d.w('Status', 0);
    d.w('QueueSel', 9);
    for (let i = 0; i < 6; i++) expect(d.r('Status')).toBe(0);
    expect(d.r('QueueSizeMax')).toBe(0);
  });

  it('is complete for a driver that does not wait', () => {
    const d = new Driver({ variant: 'reset-slow' }).start3();
    d.w('Status', 0);
    expect(d.r('Status')).not.toBe(0);
    d.w('Status', d.status('ACKNOWLEDGE'));
    expect(d.r('Status')).toBe(d.status('ACKNOWLEDGE'));
    expect(d.r('Status')).toBe(d.status('ACKNOWLEDGE'));
    expect(d.r('MsiConfigVector')).toBe(0xffff);
  });

  it('is complete once it is settled, and at once where there is nothing to reset', () => {
    const d = new Driver({ variant: 'reset-slow' }).start3();
    d.w('Status', 0);
    d.device.settle();
    expect(d.r('Status')).toBe(0);
    d.w('Status', 0);
    d.w('Status', d.status('ACKNOWLEDGE'));
    expect([1, 2, 3, 4, 5].map(() => d.r('Status'))).toEqual(Array(5).fill(d.status('ACKNOWLEDGE')));
  });
});

describe('queues', () => {
  it('have a size up to the largest', () => {
    const readyWith = (size: number) => {
      const d = new Driver({ variant: 'refuses-unprepared' });
      d.negotiate();
      d.w('QueueSel', 1);
      d.w('QueueSize', size);
      d.w('QueueReady', 1);
      return d.r('QueueReady');
    };
    const max = defaults.queueSizeMax;
    expect([0, 1, max, max + 1, ALL].map(readyWith)).toEqual([0, 1, 1, 0, 0]);
  });

  it('that lost their size can be stopped', () => {
    const d = new Driver({ variant: 'refuses-unprepared' }).start3();
    d.w('QueueSel', 0);
    d.w('QueueSize', 0);
    d.w('QueueReady', 0);
    expect(d.r('QueueReady')).toBe(0);
  });

  it('can be reset without a feature where the layout asks for none', () => {
    const data = structuredClone(native.data);
    delete data.registers.QueueReset?.feature;
    const d = new Driver({ layout: new Layout(data) }).start3();
    d.w('QueueSel', 0);
    d.w('QueueReset', 1);
    expect(d.r('QueueReady')).toBe(0);
  });

  it('without a size are ready all the same where the device does not refuse that', () => {
    const d = new Driver();
    d.negotiate();
    d.w('QueueSel', 1);
    const ready = [3, 2, 1, 0].map((value) => {
      d.w('QueueReady', value);
      return d.r('QueueReady');
    });
    expect(ready).toEqual([1, 0, 1, 0]);
  });

  it('that do not exist take everything and hold nothing', () => {
    const d = new Driver({ variant: 'ring-reset' });
    d.negotiate();
    d.w('QueueSel', 9);
    for (const name of ['QueueSize', 'QueueReady', 'QueueReset', 'QueueDescLow', 'QueueDriverHigh', 'QueueDeviceLow'])
      d.w(name, 1);
    expect(['QueueSizeMax', 'QueueReady', 'QueueReset'].map((name) => d.r(name))).toEqual([0, 0, 0]);
    d.kick(9);
    d.w('QueueSel', 0);
    expect(d.r('QueueReady')).toBe(0);
  });

  it('are reset by a 1, and only where the device offers that', () => {
    const after = (value: number, variant?: string) => {
      const d = new Driver(variant === undefined ? {} : { variant }).start3();
      d.w('QueueSel', 0);
      d.w('QueueReset', value);
      return [d.r('QueueReset'), d.r('QueueReady')];
    };
    expect([after(1), after(1, 'ring-reset'), after(2, 'ring-reset'), after(0, 'ring-reset')]).toEqual([
      [0, 1],
      [0, 0],
      [0, 1],
      [0, 1],
    ]);
    expect(after(1, 'ring-reset-slow')).toEqual([1, 0]);
  });

  it('that are enabled again are not being reset any more', () => {
    const d = new Driver({ variant: 'ring-reset-slow' }).start3();
    d.w('QueueSel', 0);
    d.w('QueueReset', 1);
    d.w('QueueReady', 0);
    expect(d.r('QueueReset')).toBe(1);
    d.enable(0);
    expect(d.r('QueueReset')).toBe(0);
  });

  it('are where the driver says, in both halves of each address', () => {
    const device = new Device(native, defaults, new Ram());
    const d = { w: (name: string, value: number) => device.write(native.register(name).offset, 32, value) };
    d.w('QueueSel', 2);
    const names = ['QueueDesc', 'QueueDriver', 'QueueDevice'];
    names.forEach((name, i) => {
      d.w(`${name}Low`, i + 1);
      d.w(`${name}High`, i + 11);
    });
    const { descriptors, driver, device: used } = device.queues[2] ?? {};
    expect([descriptors, driver, used].map((one) => [one?.low, one?.high])).toEqual([
      [1, 11],
      [2, 12],
      [3, 13],
    ]);
  });
});

it('a layout without a register has nothing there', () => {
  const { offset } = native.register('SHMSel');
  const data = structuredClone(native.data);
  delete data.registers.SHMSel;
  const device = new Device(new Layout(data), { ...defaults, undefinedReads: 7 }, new Ram());
  expect(device.read(offset, 32)).toBe(7);
});
