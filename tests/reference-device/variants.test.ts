import { describe, expect, it } from 'vitest';
import { variants } from '../../reference-device/index.ts';
import { Driver } from './driver.ts';
import { walk } from './walk.ts';

/** What the driver sees of one event of queue 0 and one of the configuration. */
function scenario(variant: string) {
  const d = new Driver({ variant });
  const msi = d.device.layout === d.layout.name && d.offers(d.layout.feature('VIRTIO_F_MMIO_MSI').bit);
  d.negotiate();
  d.enable(0);
  const vectors = msi ? d.r('MsiVectorCount') : 0;
  const last = vectors - 1;
  if (msi) {
    d.program(0);
    d.program(last);
  }
  const mapped = msi ? [d.map('config', 0), d.map(0, last)] : [];
  d.ready();
  if (msi) for (const v of new Set([0, last])) d.mask(v, false);
  d.use(0);
  d.config();
  return { d, msi, last, mapped, taken: d.taken() };
}

describe.each(variants.map((v) => v.id))('variant %s', (id) => {
  it('delivers', () => {
    const { d, msi, last, mapped, taken } = scenario(id);
    if (!msi) {
      expect(taken).toEqual([{ kind: 'line', level: 1 }]);
      expect(d.r('InterruptStatus')).toBe(3);
      return;
    }
    const expected = [mapped[1] === last ? 0x4000 + last : undefined, mapped[0] === 0 ? 0x4000 : undefined];
    expect(taken.map((i) => i.kind === 'message' && i.data)).toEqual(expected.filter((data) => data !== undefined));
    expect(d.r('InterruptStatus')).toBe(0);
  });

  it('is the same again after a power cycle, and survives a random walk', () => {
    const d = new Driver({ variant: id });
    const before = [d.r('DeviceID'), d.r('Status'), d.r('ConfigGeneration')];
    d.negotiate();
    d.device.raise({ source: 'needs-reset' });
    d.device.settle();
    d.config();
    d.device.powerCycle();
    expect([d.r('DeviceID'), d.r('Status'), d.r('ConfigGeneration')]).toEqual(before);
    expect(walk({ variant: id }, 7, 40).filter((line) => line.startsWith('threw'))).toEqual([]);
  });
});

describe('freedoms', () => {
  it('a device with room for two vectors refuses the third, and shares the two', () => {
    const d = new Driver({ variant: 'maps-two' });
    d.negotiate();
    expect([d.map('config', 0), d.map(0, 1), d.map(1, 2), d.map(1, 1)]).toEqual([0, 1, 0xffff, 1]);
    // A refused remap leaves the event unmapped.
    expect([d.map(1, 2), d.map(0, 3)]).toEqual([0xffff, 3]);
  });

  it('a slow reset shows the old Status three times', () => {
    const d = new Driver({ variant: 'reset-slow' }).start3();
    d.w('Status', 0);
    expect([1, 2, 3, 4].map(() => d.r('Status'))).toEqual([15, 15, 15, 0]);
  });

  it('a slow queue reset shows itself three times', () => {
    const d = new Driver({ variant: 'ring-reset-slow' }).start3();
    d.w('QueueSel', 0);
    d.w('QueueReset', 1);
    expect([1, 2, 3, 4].map(() => d.r('QueueReset'))).toEqual([1, 1, 1, 0]);
    expect(d.r('QueueReady')).toBe(0);
  });

  it('deferred events are sent when settled', () => {
    const d = new Driver({ variant: 'deferred' }).start3();
    d.offer(0);
    d.kick(0);
    expect(d.taken()).toEqual([]);
    d.device.settle();
    expect(d.messages()).toEqual([0x4001]);
  });

  it('a batch is one message', () => {
    const d = new Driver({ variant: 'one-per-batch' }).start3();
    d.offer(0);
    d.offer(0);
    d.kick(0);
    expect(d.usedIndex(0)).toBe(2);
    expect(d.messages()).toEqual([0x4001]);
  });

  it('what is written while unmasked goes out old, new or mixed', () => {
    const sent = (variant?: string) => {
      const d = new Driver(variant === undefined ? {} : { variant }).start3();
      d.program(0, 0x1000, 7);
      d.config();
      return d.taken();
    };
    expect(sent()).toEqual([{ kind: 'message', address: 0x1000, data: 7 }]);
    expect(sent('fetch-at-unmask')).toEqual([{ kind: 'message', address: 0xfee00000, data: 0x4000 }]);
    expect(sent('fetch-mixed')).toEqual([{ kind: 'message', address: 0xfee00000, data: 7 }]);
  });

  it('an entry table in memory takes narrow stores and keeps the reserved dword', () => {
    const d = new Driver({ variant: 'entries-memory' }).start3();
    d.mask(0, true);
    d.device.write(d.entryAt(0, 'data'), 8, 0xaa);
    d.device.write(d.entryAt(0, 'address-low'), 64, 0x1_0000_2000n);
    d.device.write(d.entryAt(0, 'reserved'), 32, 0x1234);
    expect(d.device.read(d.entryAt(0, 'reserved'), 32)).toBe(0x1234);
    expect(d.device.read(d.entryAt(4, 'reserved') + 4, 32)).toBe(0);
    d.mask(0, false);
    d.config();
    expect(d.taken()).toEqual([{ kind: 'message', address: 0x1_0000_2000, data: 0x40aa }]);
  });

  it('a device that withholds the feature reads 0 in the six registers', () => {
    const d = new Driver({ variant: 'withheld' });
    for (const register of Object.values(d.layout.data.registers)) {
      if (register.layout === 'virtio-mmio') continue;
      d.w(register.name, 3);
      expect(d.r(register.name)).toBe(0);
    }
  });

  it("QEMU's way: the last unmapping clears the pending bit", () => {
    const pending = (variant?: string) => {
      const d = new Driver(variant === undefined ? {} : { variant }).start3();
      d.mask(1, true);
      d.use(0);
      d.map(0, 0xffff);
      return d.bitOf('pba', 1);
    };
    expect([pending(), pending('unmap-clears')]).toEqual([1, 0]);
  });
});
