import { describe, expect, it } from 'vitest';
import { Driver } from './driver.ts';

describe('messages', () => {
  it('one for each used buffer, with the content of its vector', () => {
    const d = new Driver().start3();
    expect(d.messages()).toEqual([]);
    d.use(0);
    d.use(1);
    expect(d.taken()).toEqual([
      { kind: 'message', address: 0xfee00010, data: 0x4001 },
      { kind: 'message', address: 0xfee00020, data: 0x4002 },
    ]);
    expect([d.usedIndex(0), d.usedIndex(1)]).toEqual([1, 1]);
    d.config();
    expect(d.messages()).toEqual([0x4000]);
  });

  it('are held while masked, merged, and sent once unmasked', () => {
    const d = new Driver().start3();
    d.mask(1, true);
    d.use(0);
    d.use(0);
    expect(d.messages()).toEqual([]);
    expect(d.bitOf('pba', 1)).toBe(1);
    d.mask(1, false);
    expect(d.messages()).toEqual([0x4001]);
    expect(d.bitOf('pba', 1)).toBe(0);
  });

  it('carry all 64 bits of the address', () => {
    const d = new Driver().start3();
    d.mask(0, true);
    d.program(0, 0xfffffffc, 0xffffffff, 0xffffffff);
    d.mask(0, false);
    d.config();
    expect(d.taken()).toEqual([{ kind: 'message', address: 0xfffffffffffffffcn, data: 0xffffffff }]);
  });

  it('are not sent for an event that is mapped to no vector, nor remembered', () => {
    const d = new Driver().start3();
    expect(d.map(0, 5)).toBe(0xffff);
    expect(d.map(1, 0x10000)).toBe(0xffff);
    d.use(0);
    d.use(1);
    d.map(0, 1);
    expect(d.messages()).toEqual([]);
  });

  it('leave line and InterruptStatus alone', () => {
    const d = new Driver().start3();
    d.use(0);
    d.config();
    expect(d.r('InterruptStatus')).toBe(0);
    expect(d.taken().every((i) => i.kind === 'message')).toBe(true);
  });

  it('are not asked for where the driver suppresses them', () => {
    const d = new Driver().start3();
    d.suppress(0, true);
    d.use(0);
    expect(d.usedIndex(0)).toBe(1);
    expect(d.messages()).toEqual([]);
  });
});

describe('the line', () => {
  it('follows InterruptStatus where the feature is declined', () => {
    const d = new Driver();
    d.negotiate(['VIRTIO_F_VERSION_1']);
    d.enable(0);
    d.ready();
    d.use(0);
    expect(d.taken()).toEqual([{ kind: 'line', level: 1 }]);
    d.config();
    expect(d.r('InterruptStatus')).toBe(3);
    d.w('InterruptACK', 1);
    expect(d.taken()).toEqual([]);
    d.w('InterruptACK', 2);
    expect(d.taken()).toEqual([{ kind: 'line', level: 0 }]);
  });
});

describe('reset', () => {
  it('forgets masks, mappings and pending bits', () => {
    const d = new Driver().start3();
    d.mask(1, true);
    d.use(0);
    d.reset();
    d.negotiate();
    expect(d.bitOf('pba', 1)).toBe(0);
    expect(d.device.read(d.start('mask'), 32)).toBe(0x1f);
    expect(d.r('MsiConfigVector')).toBe(0xffff);
    expect(d.messages()).toEqual([]);
  });
});
