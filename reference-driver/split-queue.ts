/** A split virtqueue in guest memory, and the requests in it. */
import { fieldOf } from '../harness/queue-memory.ts';
import type { Layout, Structure } from '../spec/layout.ts';
import type { Memory } from './memory.ts';
import type { Buffer } from './requests.ts';

/** Indices of a ring are 16-bit numbers that wrap. */
const WRAP = 0x10000;
/** Bytes behind the elements of a ring, for an event index that is not used. */
const EVENT = 2;

export class SplitQueue {
  /** Its number, for QueueSel. */
  readonly index: number;
  /** Descriptors, and elements of each ring. */
  readonly size: number;
  /** Requests that fit at once. */
  readonly slots: number;
  /** Guest physical addresses of the three parts. */
  readonly desc: number;
  readonly avail: number;
  readonly used: number;
  /** Descriptors that begin a request which the driver may give next. */
  private readonly free: number[] = [];
  private readonly given = new Set<number>();
  private readonly memory: Memory;
  private readonly layout: Layout;
  /** Of the available ring, with what is not published yet; of the used ring, up to what was taken. */
  nextAvail = 0;
  nextUsed = 0;

  /** @param request the buffers that each request has; none where the queue is not given any */
  constructor(index: number, size: number, request: readonly Buffer[], memory: Memory, layout: Layout) {
    this.index = index;
    this.size = size;
    this.memory = memory;
    this.layout = layout;
    this.slots = request.length === 0 ? 0 : Math.floor(size / request.length);
    const desc = layout.structure('virtq_desc');
    this.desc = memory.allocate(size * (desc.size ?? 0), desc.align);
    this.avail = this.allocateRing(layout.structure('virtq_avail'));
    this.used = this.allocateRing(layout.structure('virtq_used'));
    for (let slot = 0; slot < this.slots; slot++) this.prepare(slot * request.length, request);
  }

  /** Requests that the device has. */
  get outstanding(): number {
    return this.given.size;
  }

  get hasRoom(): boolean {
    return this.free.length > 0;
  }

  /** Puts a request into the available ring, where the device does not see it before {@link publish}. */
  add(): void {
    const head = this.free.shift();
    if (head === undefined) return;
    this.given.add(head);
    this.store('virtq_avail', this.avail, 'id', head, this.nextAvail % this.size);
    this.nextAvail = (this.nextAvail + 1) % WRAP;
  }

  /** Shows the device what was added. */
  publish(): void {
    this.store('virtq_avail', this.avail, 'idx', this.nextAvail);
  }

  /** Whether the device has used a request that was not taken. */
  hasUsed(): boolean {
    return this.load('virtq_used', this.used, 'idx') !== this.nextUsed;
  }

  /** Takes back the next request that the device has used. @returns false where there is none, or it is none of ours */
  take(): boolean {
    if (!this.hasUsed()) return false;
    const head = this.load('virtq_used', this.used, 'id', this.nextUsed % this.size);
    this.nextUsed = (this.nextUsed + 1) % WRAP;
    if (!this.given.delete(head)) return false;
    this.free.push(head);
    return true;
  }

  /** Asks the device to notify no used buffers, or to do so again. It may do so all the same. */
  suppress(on: boolean): void {
    this.store('virtq_avail', this.avail, 'flags', on ? this.layout.constant('VIRTQ_AVAIL_F_NO_INTERRUPT') : 0);
  }

  private allocateRing(ring: Structure): number {
    return this.memory.allocate((ring.array?.offset ?? 0) + this.size * (ring.array?.stride ?? 0) + EVENT, ring.align);
  }

  /** Writes the descriptors of one request, from row `head` on, and the buffers behind them. */
  private prepare(head: number, request: readonly Buffer[]): void {
    const rowSize = this.layout.structure('virtq_desc').size ?? 0;
    const next = this.layout.constant('VIRTQ_DESC_F_NEXT');
    const write = this.layout.constant('VIRTQ_DESC_F_WRITE');
    request.forEach(({ length, deviceWrites, contents }, index) => {
      const address = this.memory.allocate(length, 16);
      if (contents) this.memory.write(address, contents);
      const row = this.desc + (head + index) * rowSize;
      const isLast = index === request.length - 1;
      this.store('virtq_desc', row, 'addr', address);
      this.store('virtq_desc', row, 'len', length);
      this.store('virtq_desc', row, 'flags', (deviceWrites ? write : 0) + (isLast ? 0 : next));
      this.store('virtq_desc', row, 'next', isLast ? 0 : head + index + 1);
    });
    this.free.push(head);
  }

  /** A field of a structure at `base`, or of element `element` of its array. */
  private place(structure: string, base: number, name: string, element?: number): [address: number, size: number] {
    const { array, ...rest } = this.layout.structure(structure);
    if (element === undefined || !array) {
      const [offset, size] = fieldOf(rest, name);
      return [base + offset, size];
    }
    const [offset = 0, size = 0] = array.fields[name] ?? [];
    return [base + array.offset + element * array.stride + offset, size];
  }

  private load(structure: string, base: number, name: string, element?: number): number {
    return this.memory.load(...this.place(structure, base, name, element));
  }

  private store(structure: string, base: number, name: string, value: number, element?: number): void {
    this.memory.store(...this.place(structure, base, name, element), value);
  }
}
