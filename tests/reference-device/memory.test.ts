/** What the device is made of below its registers: rows of bits, the guest's memory, the configuration space. */
import { describe, expect, it } from 'vitest';
import { Bits } from '../../reference-device/bits.ts';
import { Block } from '../../reference-device/block.ts';
import { ConfigSpace } from '../../reference-device/config.ts';
import { Entropy } from '../../reference-device/entropy.ts';
import { OutsideMemory, Ram } from '../../reference-device/memory.ts';
import { alignUp } from '../../reference-device/placement.ts';
import { BrokenQueue, type Chain } from '../../reference-device/virtqueue.ts';
import { Layout } from '../../spec/layout.ts';
import { native } from './driver.ts';

describe('a row of bits', () => {
  it('has each bit for itself, in words of 32', () => {
    const bits = new Bits(70);
    for (const i of [0, 31, 32, 69]) bits.set(i, true);
    expect(Array.from({ length: 70 }, (_, i) => i).filter((i) => bits.get(i))).toEqual([0, 31, 32, 69]);
    expect([0, 1, 2, 3].map((w) => bits.word(w))).toEqual([0x80000001, 1, 0x20, 0]);
    bits.set(31, false);
    bits.set(32, false);
    expect([0, 1, 2].map((w) => bits.word(w))).toEqual([1, 0, 0x20]);
  });

  it('has no bits beyond its end, filled or not', () => {
    const valid = (length: number) => [0, 1, 2].map((w) => new Bits(length).valid(w));
    expect([valid(70), valid(64), valid(33), valid(1), valid(0)]).toEqual([
      [0xffffffff, 0xffffffff, 0x3f],
      [0xffffffff, 0xffffffff, 0],
      [0xffffffff, 1, 0],
      [1, 0, 0],
      [0, 0, 0],
    ]);
    const bits = new Bits(33);
    bits.fill(true);
    expect([...bits.words]).toEqual([0xffffffff, 1]);
    bits.fill(false);
    expect([...bits.words]).toEqual([0, 0]);
  });
});

describe('memory', () => {
  const ram = () => new Ram(0x1000, 0x100);
  const bytes = (...values: number[]) => new Uint8Array(values);

  it('holds numbers of each size, little endian', () => {
    const r = ram();
    r.write(0x1010, bytes(0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x07, 0x00));
    expect([1, 2, 4, 8].map((size) => r.load(0x1010, size))).toEqual([0x11, 0x2211, 0x44332211, 0x7665544332211]);
    for (const [size, stored] of [
      [1, [0xef, 0, 0, 0]],
      [2, [0xef, 0xbe, 0, 0]],
      [4, [0xef, 0xbe, 0xad, 0xde]],
    ] as const) {
      const one = ram();
      one.store(0x1020, size, 0xdeadbeef);
      expect([...one.read(0x1020, 4)]).toEqual(stored);
    }
    r.fill(0x10f0, 3, 7);
    expect([...r.read(0x10ef, 5)]).toEqual([0, 7, 7, 7, 0]);
  });

  it('gives copies', () => {
    const r = ram();
    const read = r.read(0x1000, 4);
    read[0] = 9;
    expect(r.load(0x1000, 1)).toBe(0);
  });

  it('reaches from its first byte to its last, and says what lies outside', () => {
    const r = ram();
    const all: [string, (address: number, length: number) => unknown][] = [
      ['read', (address, length) => r.read(address, length)],
      ['write', (address, length) => r.write(address, new Uint8Array(length))],
      ['fill', (address, length) => r.fill(address, length, 0)],
      ['check', (address, length) => r.check(address, length)],
    ];
    for (const [name, access] of all) {
      for (const [address, length] of [
        [0x1000, 0x100],
        [0x10ff, 1],
        [0x1100, 0],
      ] as const)
        expect(() => access(address, length), name).not.toThrow();
      for (const [address, length] of [
        [0xfff, 1],
        [0x1000, 0x101],
        [0x1100, 1],
        [0, 1],
      ] as const)
        expect(() => access(address, length), name).toThrow(OutsideMemory);
    }
    expect(() => r.load(0x10fd, 4)).toThrow(OutsideMemory);
    expect(() => r.store(0x10fd, 4, 0)).toThrow("4 bytes at 0x10fd are outside the guest's memory");
    const { base, size } = new Ram();
    expect([base % 0x1000, size % 0x1000, size >= 0x100000]).toEqual([0, 0, true]);
  });

  it('is zero again where anything was written, first or last, in any way', () => {
    const touches: ((r: Ram) => void)[] = [
      (r) => r.store(0x1000, 1, 5),
      (r) => r.store(0x10fc, 4, 0xffffffff),
      (r) => r.write(0x1080, bytes(1, 2, 3)),
      (r) => r.fill(0x1040, 9, 1),
    ];
    for (const order of [touches, [...touches].reverse(), ...touches.map((one) => [one])]) {
      const r = ram();
      for (const touch of order) touch(r);
      r.clear();
      expect(r.read(0x1000, 0x100).every((byte) => byte === 0)).toBe(true);
      for (const touch of order) touch(r);
      r.clear();
      expect(r.read(0x1000, 0x100).every((byte) => byte === 0)).toBe(true);
    }
  });
});

describe('a configuration space', () => {
  it('is read in aligned pieces, and zero behind its end', () => {
    const config = new ConfigSpace(0x100, new Uint8Array([1, 2, 3, 4, 5, 6]));
    expect([config.start, config.end]).toEqual([0x100, 0x106]);
    expect([0, 1, 5].map((at) => config.readBytes(at, 1))).toEqual([1, 2, 6]);
    expect([0, 2, 4].map((at) => config.readBytes(at, 2))).toEqual([0x0201, 0x0403, 0x0605]);
    expect([config.readBytes(1, 2), config.readBytes(2, 4), config.readBytes(0, 8)]).toEqual([0, 0, 0]);
    expect([config.read32(0), config.read32(4)]).toEqual([0x04030201, 0x0605]);
  });

  it('cannot be written', () => {
    const config = new ConfigSpace(0x100, new Uint8Array([1, 2, 3, 4]));
    config.write32(0, 0);
    config.writeBytes(0, 1, 0);
    expect(config.read32(0)).toBe(0x04030201);
  });

  it('asks for each piece that is written, as a whole and aligned', () => {
    const config = new ConfigSpace(0x100, new Uint8Array(8));
    const stored: number[][] = [];
    config.store = (...what) => stored.push(what);
    config.write32(4, 9);
    for (const [at, size] of [
      [1, 1],
      [2, 2],
      [3, 2],
      [0, 8],
    ] as const)
      config.writeBytes(at, size, 7n);
    expect(stored).toEqual([
      [4, 4, 9],
      [1, 1, 7],
      [2, 2, 7],
    ]);
  });
});

const without = (name: 'block' | 'entropy') => {
  const data = structuredClone(native.data);
  delete data.deviceTypes[name];
  return new Layout(data);
};

describe('a block device', () => {
  const ram = new Ram(0, 0x100);
  const chain = (...buffers: [length: number, writable: boolean][]): Chain => ({
    head: 0,
    buffers: buffers.map(([length, writable], i) => ({ address: 0x20 * i, length, writable })),
  });

  it('fills what it may write, and ends it with a status of 0', () => {
    const block = new Block(native, 2);
    expect(block.handle(chain([16, false], [8, true], [4, true]), ram)).toBe(12);
    expect([...ram.read(0x1f, 10)]).toEqual([0, ...Array(8).fill(0x5a), 0]);
    expect([...ram.read(0x40, 5)]).toEqual([0x5a, 0x5a, 0x5a, 0, 0]);
    expect(block.handle(chain([16, false], [1, true]), ram)).toBe(1);
  });

  it.each([
    ['has nothing to write', [[16, false]]],
    ['has nothing to read', [[16, true]]],
    [
      'has no room for a status',
      [
        [16, false],
        [0, true],
      ],
    ],
    ['is empty', []],
  ] as [string, [number, boolean][]][])('takes no request that %s', (_, buffers) => {
    expect(() => new Block(native, 1).handle(chain(...buffers), ram)).toThrow(BrokenQueue);
  });

  it('has a capacity that changes in both halves, and its queues where there are several', () => {
    const type = native.data.deviceTypes.block;
    const capacity = type?.config.capacity?.offset ?? 0;
    const queues = type?.config.num_queues?.offset ?? 0;
    const block = new Block(native, 3);
    const view = new DataView(block.config.buffer);
    const seen = [1, 2, 3].map(() => {
      const halves = [view.getUint32(capacity, true), view.getUint32(capacity + 4, true)];
      expect(block.change()).toBe(true);
      return halves;
    });
    expect(seen[0]).toEqual(seen[2]);
    expect([seen[0]?.[0] !== seen[1]?.[0], seen[0]?.[1] !== seen[1]?.[1]]).toEqual([true, true]);
    expect(view.getUint16(queues, true)).toBe(3);
    expect(block.features).toEqual(Object.values(type?.features ?? {}).map(({ bit }) => bit));
    const one = new Block(native, 1);
    expect([one.features, new DataView(one.config.buffer).getUint16(queues, true)]).toEqual([[], 0]);
    expect([block.id, block.config.length]).toEqual([type?.id, type?.configSize]);
  });

  it('has its capacity where the layout has it, little endian', () => {
    const data = structuredClone(native.data);
    const { capacity } = data.deviceTypes.block?.config ?? {};
    if (!capacity) throw new Error('the layout has no capacity');
    capacity.offset = 8;
    for (const [layout, offset] of [
      [native, native.data.deviceTypes.block?.config.capacity?.offset ?? 0],
      [new Layout(data), 8],
    ] as const) {
      const view = new DataView(new Block(layout, 1).config.buffer);
      expect([view.getUint8(offset), view.getUint8(offset + 1), view.getUint32(offset + 4)]).toEqual([0, 0x80, 0]);
    }
  });

  it('needs a layout that describes one', () => {
    expect(() => new Block(without('block'), 1)).toThrow("layout 'native' does not describe block devices");
  });
});

describe('an entropy device', () => {
  it('fills each buffer, with other bytes each time, and has no configuration', () => {
    const ram = new Ram(0, 0x100);
    const entropy = new Entropy(native);
    const buffers = [0, 1].map((i) => ({ address: 0x20 * i, length: 4, writable: true }));
    expect(entropy.handle({ head: 0, buffers }, ram)).toBe(8);
    const filled = [0, 0x20].map((at) => [...ram.read(at, 5)]);
    expect(filled).toEqual([
      [1, 1, 1, 1, 0],
      [2, 2, 2, 2, 0],
    ]);
    expect([entropy.change(), entropy.config.length, entropy.features]).toEqual([false, 0, []]);
    expect(entropy.id).toBe(native.data.deviceTypes.entropy?.id);
  });

  it('takes no request with a buffer to read', () => {
    const buffers = [{ address: 0, length: 4, writable: false }];
    expect(() => new Entropy(native).handle({ head: 0, buffers }, new Ram(0, 0x100))).toThrow(BrokenQueue);
    expect(() => new Entropy(without('entropy'))).toThrow("layout 'native' does not describe entropy devices");
  });
});

it('an address is aligned upwards', () => {
  expect([0, 1, 4, 5].map((value) => alignUp(value, 4))).toEqual([0, 4, 4, 8]);
});
