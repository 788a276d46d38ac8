import { describe, expect, it } from 'vitest';
import { Driver } from './driver.ts';

describe('negotiation', () => {
  it('keeps FEATURES_OK for a valid subset only', () => {
    const ok = (features: string[]) => {
      const d = new Driver();
      d.negotiate(features);
      return (d.r('Status') & d.bit('Status', 'FEATURES_OK')) !== 0;
    };
    expect(ok(['VIRTIO_F_VERSION_1'])).toBe(true);
    expect(ok(['VIRTIO_F_VERSION_1', 'VIRTIO_F_MMIO_MSI'])).toBe(true);
    expect(ok(['VIRTIO_F_MMIO_MSI'])).toBe(false);
    expect(ok(['VIRTIO_F_VERSION_1', 'VIRTIO_F_RING_PACKED'])).toBe(false);
  });

  it('takes no features after FEATURES_OK', () => {
    const d = new Driver();
    d.negotiate(['VIRTIO_F_VERSION_1']);
    d.accept(['VIRTIO_F_VERSION_1', 'VIRTIO_F_MMIO_MSI']);
    d.ready();
    expect(d.map('config', 0)).toBe(0xffff);
  });
});

describe('queues', () => {
  it('are idle before DRIVER_OK, and while stopped', () => {
    const d = new Driver();
    d.negotiate();
    d.enable(0);
    d.use(0);
    expect(d.usedIndex(0)).toBe(0);
    d.ready();
    d.kick(0);
    expect(d.usedIndex(0)).toBe(1);
    d.w('QueueSel', 0);
    d.w('QueueReady', 0);
    d.use(0);
    expect(d.usedIndex(0)).toBe(1);
  });

  it('go round their rings', () => {
    const d = new Driver().start3();
    for (let i = 0; i < 20; i++) d.use(0);
    expect(d.usedIndex(0)).toBe(20);
    expect(d.messages()).toHaveLength(20);
  });

  it('make the device ask for a reset where a chain is broken, and notify', () => {
    const d = new Driver().start3();
    const { memory } = d.device;
    d.offer(0);
    // The first descriptor names itself as the next one.
    memory!.write(d.ring(0, 'descriptors') + d.layout.structure('virtq_desc').fields.next![0], new Uint8Array([0, 0]));
    d.kick(0);
    expect(d.r('Status') & d.bit('Status', 'DEVICE_NEEDS_RESET')).not.toBe(0);
    expect(d.messages()).toEqual([0x4000]);
    d.kick(0);
    expect(d.messages()).toEqual([]);
    d.use(1);
    expect(d.messages()).toEqual([0x4002]);
  });

  it('start again from index 0 after a queue reset', () => {
    const d = new Driver({ variant: 'ring-reset' }).start3();
    d.use(0);
    d.w('QueueSel', 0);
    d.w('QueueReset', 1);
    expect([d.r('QueueReset'), d.r('QueueReady'), d.map(0, 1)]).toEqual([0, 0, 1]);
    d.use(0);
    expect(d.usedIndex(0)).toBe(1);
    d.enable(0);
    d.use(0);
    expect(d.usedIndex(0)).toBe(1);
    expect(d.messages()).toEqual([0x4001, 0x4001]);
  });

  it('do not exist beyond the last', () => {
    const d = new Driver();
    d.negotiate();
    d.w('QueueSel', 3);
    expect([d.r('QueueSizeMax'), d.r('QueueReady'), d.r('MsiQueueVector')]).toEqual([0, 0, 0xffff]);
  });
});

describe('configuration', () => {
  it('changes in both halves of the capacity, and ConfigGeneration with it', () => {
    const d = new Driver();
    const at = d.layout.data.config.offset;
    const look = () => [d.device.read(at, 32), d.device.read(at + 4, 32), d.r('ConfigGeneration')];
    const before = look();
    d.config();
    look().forEach((value, i) => {
      expect(value).not.toBe(before[i]);
    });
  });

  it('is dropped, sent or held between FEATURES_OK and DRIVER_OK', () => {
    const seen = (variant?: string) => {
      const d = new Driver(variant === undefined ? {} : { variant });
      d.negotiate();
      d.program(0);
      d.map('config', 0);
      d.mask(0, false);
      d.config();
      const early = d.messages().length;
      d.ready();
      return [early, d.messages().length];
    };
    expect([seen(), seen('early-config-sent'), seen('early-config-held')]).toEqual([
      [0, 0],
      [1, 0],
      [0, 1],
    ]);
  });
});

describe('accesses that mean nothing', () => {
  it('read 0 and change nothing', () => {
    const d = new Driver().start3();
    const at = (name: string) => d.layout.register(name).offset;
    d.device.write(at('Status'), 8, 0);
    d.device.write(at('Status'), 16, 0);
    d.device.write(at('MsiConfigVector'), 64, 0x2_0000_0003n);
    d.device.write(d.start('mask'), 8, 0xff);
    d.device.write(d.start('mask') + d.layout.tableLength('mask', 5), 32, 0xff);
    d.device.write(at('MsiVectorCount'), 32, 1);
    expect([d.r('Status'), d.r('MsiConfigVector'), d.r('MsiVectorCount')]).toEqual([15, 0, 5]);
    expect(d.device.read(d.start('mask'), 32)).toBe(0x18);
    expect([d.device.read(at('Status'), 8), d.device.read(at('Status'), 64), d.r('QueueSel')]).toEqual([0, 0n, 0]);
  });

  it('at 64 bits act as two halves where the device splits them', () => {
    const d = new Driver({ variant: 'wide-split' });
    d.negotiate();
    d.device.write(d.entryAt(1, 'address-low'), 64, 0xfffffffe_fee00040n);
    expect(d.device.read(d.entryAt(1, 'address-low'), 64)).toBe(0xfffffffe_fee00040n);
  });
});

describe('absent shared memory', () => {
  it('reads all ones', () => {
    const d = new Driver();
    for (const name of ['SHMLenLow', 'SHMLenHigh', 'SHMBaseLow', 'SHMBaseHigh'])
      expect(d.r(name)).toBe(d.layout.constant('SHM_ABSENT'));
  });
});
