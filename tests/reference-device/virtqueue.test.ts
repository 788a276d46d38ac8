/** The split virtqueue as the device sees it: rings in memory, indices that wrap, and what makes no sense. */
import { beforeEach, describe, expect, it } from 'vitest';
import { OutsideMemory, Ram } from '../../reference-device/memory.ts';
import { Address, BrokenQueue, type RingFormat, ringFormat, Virtqueue } from '../../reference-device/virtqueue.ts';
import { Layout } from '../../spec/layout.ts';
import { native } from './driver.ts';

/** Every field elsewhere, and as wide as before: what the layout could say as well. */
function elsewhere(format: RingFormat): RingFormat {
  const moved = Object.entries(format).map(([name, value]) => {
    if (name === 'availableRing' || name === 'usedRing') {
      const { offset, stride, id, length } = value as RingFormat['usedRing'];
      const fields = { id: [id[0] + 8, id[1]], ...(length && { length: [length[0] + 12, length[1]] }) };
      return [name, { offset: offset + 40, stride: stride + 24, ...fields }];
    }
    if (Array.isArray(value)) return [name, [value[0] + 16, value[1]]];
    return [name, name === 'descriptorSize' ? Number(value) + 32 : value];
  });
  return Object.fromEntries(moved) as RingFormat;
}

const asInLayout = (format: RingFormat): RingFormat => format;
let format: RingFormat;
beforeEach(() => {
  format = ringFormat(native);
});
const SIZE = 4;
const LENGTH = 0x100;

/** A queue of four descriptors: rings a page each from the start of memory, buffers behind. */
class Bench {
  readonly ram = new Ram();
  readonly queue = new Virtqueue(5, 8, this.ram, format);
  readonly descriptors = this.ram.base;
  readonly available = this.ram.base + 0x1000;
  readonly used = this.ram.base + 0x2000;
  readonly buffers = this.ram.base + 0x4000;
  index = 0;

  constructor(size = SIZE) {
    this.queue.size = size;
    this.queue.descriptors.low = this.descriptors;
    this.queue.driver.low = this.available;
    this.queue.device.low = this.used;
  }

  put([offset, size]: readonly [number, number], at: number, value: number): void {
    const bytes = new Uint8Array(size).map((_, i) => Math.floor(value / 256 ** i) % 256);
    this.ram.write(at + offset, bytes);
  }
  describe(i: number, { next, writable = false }: { next?: number; writable?: boolean } = {}): void {
    const at = this.descriptors + i * format.descriptorSize;
    this.put(format.address, at, this.buffers + i * LENGTH);
    this.put(format.length, at, LENGTH - i);
    this.put(format.flags, at, (next === undefined ? 0 : format.NEXT) | (writable ? format.WRITE : 0));
    this.put(format.next, at, next ?? 0);
  }
  offer(head: number): void {
    const { availableRing } = format;
    const slot = availableRing.offset + (this.index % SIZE) * availableRing.stride;
    this.put(availableRing.id, this.available + slot, head);
    this.index = (this.index + 1) & 0xffff;
    this.put(format.availableIndex, this.available, this.index);
  }
  /** What the used ring holds: its index, and a slot. */
  usedAt(slot: number): number[] {
    const { usedRing, usedIndex } = format;
    const at = this.used + usedRing.offset + slot * usedRing.stride;
    return [
      this.ram.load(this.used + usedIndex[0], usedIndex[1]),
      this.ram.load(at + usedRing.id[0], usedRing.id[1]),
      this.ram.load(at + usedRing.length[0], usedRing.length[1]),
    ];
  }
}

describe('an address', () => {
  it('is two halves', () => {
    const address = new Address();
    address.low = 0xfffff000;
    address.high = 0x12;
    expect(address.value).toBe(0x12_fffff000);
    address.clear();
    expect([address.low, address.high, address.value]).toEqual([0, 0, 0]);
  });
});

describe.each([
  ['as the layout has it', asInLayout],
  ['elsewhere', elsewhere],
])('what the driver made available, %s', (_, used) => {
  beforeEach(() => {
    format = used(format);
  });

  it('is taken in order, a chain at a time, until there is no more', () => {
    const b = new Bench();
    b.describe(0, { next: 2 });
    b.describe(2, { next: 3, writable: true });
    b.describe(3);
    b.describe(1, { writable: true });
    b.offer(0);
    b.offer(1);
    const buffer = (i: number, writable: boolean) => ({
      address: b.buffers + i * LENGTH,
      length: LENGTH - i,
      writable,
    });
    expect(b.queue.pop()).toEqual({ head: 0, buffers: [buffer(0, false), buffer(2, true), buffer(3, false)] });
    expect(b.queue.pop()).toEqual({ head: 1, buffers: [buffer(1, true)] });
    expect(b.queue.pop()).toBeUndefined();
  });

  it('goes round the ring, and the index round 16 bits', () => {
    const b = new Bench();
    for (let i = 0; i < SIZE; i++) b.describe(i);
    b.index = 0xfffe;
    b.queue.lastAvailable = 0xfffe;
    for (const head of [3, 2, 1, 0]) b.offer(head);
    expect([1, 2, 3, 4, 5].map(() => b.queue.pop()?.head)).toEqual([3, 2, 1, 0, undefined]);
    expect(b.queue.lastAvailable).toBe(2);
  });

  it('is nothing where the queue has no size', () => {
    const b = new Bench(0);
    b.describe(0);
    b.offer(0);
    expect(b.queue.pop()).toBeUndefined();
  });

  it('may be as many chains as there are descriptors, and no more', () => {
    const b = new Bench();
    b.describe(0);
    for (let i = 0; i < SIZE; i++) b.offer(0);
    expect(b.queue.pop()?.head).toBe(0);
    b.offer(0);
    b.offer(0);
    expect(() => b.queue.pop()).toThrow(BrokenQueue);
    expect(() => b.queue.pop()).toThrow('queue 5 offers more buffers than it has descriptors');
  });

  it('makes no sense where a descriptor does not exist, as head or as next', () => {
    const head = new Bench();
    head.offer(SIZE);
    expect(() => head.queue.pop()).toThrow(/queue 5 has no descriptor 4/);
    const next = new Bench();
    next.describe(0, { next: SIZE + 1 });
    next.offer(0);
    expect(() => next.queue.pop()).toThrow(/queue 5 has no descriptor 5/);
  });

  it('may be a chain of all descriptors, and makes no sense where one has no end', () => {
    const b = new Bench();
    for (let i = 0; i < SIZE; i++) b.describe(i, i + 1 < SIZE ? { next: i + 1 } : {});
    b.offer(0);
    expect(b.queue.pop()?.buffers).toHaveLength(SIZE);
    b.describe(SIZE - 1, { next: 0 });
    b.offer(0);
    expect(() => b.queue.pop()).toThrow(/queue 5: the chain from 0 has no end/);
  });

  it('makes no sense where a buffer lies outside the memory', () => {
    const b = new Bench();
    b.describe(0);
    b.put(format.address, b.descriptors, b.ram.base + b.ram.size - LENGTH + 1);
    b.offer(0);
    expect(() => b.queue.pop()).toThrow(OutsideMemory);
  });

  it('is found above 4 GiB where the driver says so, and that is no memory here', () => {
    for (const ring of ['descriptors', 'driver'] as const) {
      const b = new Bench();
      b.describe(0);
      b.offer(0);
      b.queue[ring].high = 1;
      expect(() => b.queue.pop()).toThrow(OutsideMemory);
    }
  });
});

describe.each([
  ['as the layout has it', asInLayout],
  ['elsewhere', elsewhere],
])('what the device used, %s', (_, used) => {
  beforeEach(() => {
    format = used(format);
  });

  it('is put behind what it used before, with its length, and counted', () => {
    const b = new Bench();
    b.queue.push(3, 0x1234);
    expect(b.usedAt(0)).toEqual([1, 3, 0x1234]);
    b.queue.push(2, 7);
    expect([b.usedAt(0), b.usedAt(1)]).toEqual([
      [2, 3, 0x1234],
      [2, 2, 7],
    ]);
  });

  it('goes round the ring, and the index round 16 bits', () => {
    const b = new Bench();
    b.queue.nextUsed = 0xffff;
    b.queue.push(1, 5);
    expect(b.usedAt(SIZE - 1)).toEqual([0, 1, 5]);
    b.queue.push(2, 6);
    expect(b.usedAt(0)).toEqual([1, 2, 6]);
  });

  it('is not notified of where the driver says so', () => {
    const b = new Bench();
    expect(b.queue.suppressed()).toBe(false);
    b.put(format.availableFlags, b.available, format.NO_INTERRUPT);
    expect(b.queue.suppressed()).toBe(true);
    b.put(format.availableFlags, b.available, 0xffff & ~format.NO_INTERRUPT);
    expect(b.queue.suppressed()).toBe(false);
  });
});

describe('a reset of a queue', () => {
  it('forgets everything that the driver set up', () => {
    const b = new Bench();
    const { queue } = b;
    Object.assign(queue, { ready: 1, broken: true, busy: 3, lastAvailable: 5, nextUsed: 6 });
    queue.descriptors.high = 1;
    queue.reset();
    const { ready, size, broken, busy, lastAvailable, nextUsed, descriptors, driver, device } = queue;
    expect([ready, size, broken, busy, lastAvailable, nextUsed]).toEqual([0, 0, false, 0, 0, 0]);
    expect([descriptors.value, driver.value, device.value]).toEqual([0, 0, 0]);
    expect([queue.sizeMax, queue.index]).toEqual([8, 5]);
  });

  it('a rewind forgets the indices alone', () => {
    const { queue } = new Bench();
    Object.assign(queue, { ready: 1, lastAvailable: 5, nextUsed: 6 });
    queue.rewind();
    expect([queue.ready, queue.size, queue.lastAvailable, queue.nextUsed]).toEqual([1, SIZE, 0, 0]);
  });
});

it('a queue that nobody set up is neither ready nor broken', () => {
  const { ready, size, broken, busy } = new Virtqueue(0, 8, new Ram(), format);
  expect([ready, size, broken, busy]).toEqual([0, 0, false, 0]);
});

describe('the format', () => {
  const without = (change: (structures: Record<string, { fields: object; array?: object }>) => void): Layout => {
    const data = structuredClone(native.data);
    change(data.structures as never);
    return new Layout(data);
  };

  it('comes from the layout, all of it', () => {
    const numbers = Object.values(format).flat();
    expect(numbers).not.toContain(undefined);
    expect(format.descriptorSize).toBe(native.structure('virtq_desc').size);
  });

  it('says what the layout lacks', () => {
    const noField = without((all) => {
      if (all.virtq_desc) all.virtq_desc.fields = {};
    });
    expect(() => ringFormat(noField)).toThrow(/layout 'native': structure virtq_desc has no field 'addr'/);
    const noArray = without((all) => delete all.virtq_used?.array);
    expect(() => ringFormat(noArray)).toThrow(/layout 'native': structure virtq_used has no array/);
  });
});
