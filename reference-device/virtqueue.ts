import type { Layout } from '../spec/layout.ts';
import type { Memory } from './memory.ts';

/** A queue whose rings or descriptors make no sense. */
export class BrokenQueue extends Error {
  override name = 'BrokenQueue';
}

/** A field of a structure in guest memory: bytes from its start, and its size in bytes. */
type Field = readonly [offset: number, size: number];

/** The split virtqueue's structures, by name from the layout. */
export interface RingFormat {
  descriptorSize: number;
  address: Field;
  length: Field;
  flags: Field;
  next: Field;
  availableFlags: Field;
  availableIndex: Field;
  availableRing: { offset: number; stride: number; id: Field };
  usedIndex: Field;
  usedRing: { offset: number; stride: number; id: Field; length: Field };
  NEXT: number;
  WRITE: number;
  NO_INTERRUPT: number;
}

/** @throws UnknownNameError where the layout lacks a structure */
export function ringFormat(layout: Layout): RingFormat {
  const field = (structure: string, name: string): Field => {
    const found = layout.structure(structure).fields[name];
    if (!found) throw new Error(`layout '${layout.name}': structure ${structure} has no field '${name}'`);
    return found;
  };
  const array = (structure: string) => {
    const found = layout.structure(structure).array;
    if (!found) throw new Error(`layout '${layout.name}': structure ${structure} has no array`);
    return found;
  };
  const available = array('virtq_avail');
  const used = array('virtq_used');
  return {
    descriptorSize: layout.structure('virtq_desc').size ?? 0,
    address: field('virtq_desc', 'addr'),
    length: field('virtq_desc', 'len'),
    flags: field('virtq_desc', 'flags'),
    next: field('virtq_desc', 'next'),
    availableFlags: field('virtq_avail', 'flags'),
    availableIndex: field('virtq_avail', 'idx'),
    availableRing: { ...available, id: available.fields.id! },
    usedIndex: field('virtq_used', 'idx'),
    usedRing: { ...used, id: used.fields.id!, length: used.fields.len! },
    NEXT: layout.constant('VIRTQ_DESC_F_NEXT'),
    WRITE: layout.constant('VIRTQ_DESC_F_WRITE'),
    NO_INTERRUPT: layout.constant('VIRTQ_AVAIL_F_NO_INTERRUPT'),
  };
}

export interface Buffer {
  address: number;
  length: number;
  /** The device writes it; otherwise it reads it. */
  writable: boolean;
}

/** A chain of descriptors that the driver made available. */
export interface Chain {
  head: number;
  buffers: Buffer[];
}

/** A 64-bit address as the driver writes it: two halves. */
export class Address {
  low = 0;
  high = 0;
  get value(): number {
    return this.low + this.high * 2 ** 32;
  }
  clear(): void {
    this.low = 0;
    this.high = 0;
  }
}

/** One split virtqueue: what the driver set up, and how far the device has come. */
export class Virtqueue {
  readonly index: number;
  readonly sizeMax: number;
  size = 0;
  ready = 0;
  readonly descriptors = new Address();
  readonly driver = new Address();
  readonly device = new Address();
  /** The next place of the available ring to look at, and of the used ring to fill; they wrap as 16-bit numbers do. */
  lastAvailable = 0;
  nextUsed = 0;
  /** Reads of QueueReset that still show 1. */
  busy = 0;
  /** Its rings made no sense; only a reset ends that. */
  broken = false;
  protected readonly ram: Memory;
  readonly format: RingFormat;

  constructor(index: number, sizeMax: number, ram: Memory, format: RingFormat) {
    this.index = index;
    this.sizeMax = sizeMax;
    this.ram = ram;
    this.format = format;
  }

  /** The next chain that the driver made available, if any. @throws BrokenQueue, OutsideMemory */
  pop(): Chain | undefined {
    const { availableIndex, availableRing } = this.format;
    const { waiting } = this;
    if (waiting === 0) return undefined;
    if (waiting > this.size) throw new BrokenQueue(`queue ${this.index} offers more buffers than it has descriptors`);
    const slot = availableRing.offset + (this.lastAvailable % this.size) * availableRing.stride + availableRing.id[0];
    const head = this.ram.load(this.driver.value + slot, availableRing.id[1]);
    this.lastAvailable = wrap(this.lastAvailable + 1, availableIndex);
    return { head, buffers: this.walk(head) };
  }

  /** Chains that the driver made available and nobody has taken; more than there can be where the ring makes no sense. */
  get waiting(): number {
    if (this.size === 0) return 0;
    const { availableIndex } = this.format;
    return wrap(
      this.ram.load(this.driver.value + availableIndex[0], availableIndex[1]) - this.lastAvailable,
      availableIndex,
    );
  }

  /** Gives a chain back with the number of bytes that the device wrote. @throws OutsideMemory */
  push(head: number, written: number): void {
    const { usedIndex, usedRing } = this.format;
    const slot = this.device.value + usedRing.offset + (this.nextUsed % this.size) * usedRing.stride;
    this.ram.store(slot + usedRing.id[0], usedRing.id[1], head);
    this.ram.store(slot + usedRing.length[0], usedRing.length[1], written);
    this.nextUsed = wrap(this.nextUsed + 1, usedIndex);
    this.ram.store(this.device.value + usedIndex[0], usedIndex[1], this.nextUsed);
  }

  /** Whether the driver asks for no notification. @throws OutsideMemory */
  suppressed(): boolean {
    const { availableFlags, NO_INTERRUPT } = this.format;
    return (this.ram.load(this.driver.value + availableFlags[0], availableFlags[1]) & NO_INTERRUPT) !== 0;
  }

  reset(): void {
    this.ready = 0;
    this.size = 0;
    this.descriptors.clear();
    this.driver.clear();
    this.device.clear();
    this.broken = false;
    this.busy = 0;
    this.rewind();
  }

  /** Back to the first index. */
  rewind(): void {
    this.lastAvailable = 0;
    this.nextUsed = 0;
  }

  /** Goes on where the rings in memory show that the driver does: at the first index, where it has made them anew. */
  follow(): void {
    const { usedIndex, availableIndex } = this.format;
    const used = this.ram.load(this.device.value + usedIndex[0], usedIndex[1]);
    const available = this.ram.load(this.driver.value + availableIndex[0], availableIndex[1]);
    if (used !== this.nextUsed) this.rewind();
    else if (wrap(available - this.lastAvailable, availableIndex) > this.size) this.lastAvailable = 0;
  }

  private walk(head: number): Buffer[] {
    const { descriptorSize, address, length, flags, next, NEXT, WRITE } = this.format;
    const buffers: Buffer[] = [];
    for (let i = head; ; ) {
      if (i >= this.size) throw new BrokenQueue(`queue ${this.index} has no descriptor ${i}`);
      if (buffers.length === this.size) throw new BrokenQueue(`queue ${this.index}: the chain from ${head} has no end`);
      const at = this.descriptors.value + i * descriptorSize;
      const flag = this.ram.load(at + flags[0], flags[1]);
      const buffer = {
        address: this.ram.load(at + address[0], address[1]),
        length: this.ram.load(at + length[0], length[1]),
        writable: (flag & WRITE) !== 0,
      };
      this.ram.check(buffer.address, buffer.length);
      buffers.push(buffer);
      if ((flag & NEXT) === 0) return buffers;
      i = this.ram.load(at + next[0], next[1]);
    }
  }
}

/** A number as wide as the field that holds it. */
function wrap(value: number, field: Field): number {
  return value & (2 ** (8 * field[1]) - 1);
}
