import type { Layout } from '../spec/layout.ts';
import type { Backend } from './backend.ts';
import type { Memory } from './memory.ts';
import { BrokenQueue, type Chain } from './virtqueue.ts';

/** Sectors; the two differ in both 32-bit halves, so that a change can be torn. */
const CAPACITIES = [0x00008000n, 0x1_00010000n] as const;

const STATUS_OK = 0;

/** A block device that completes every well-formed request with success. */
export class Block implements Backend {
  readonly id: number;
  readonly features: readonly number[];
  readonly config: Uint8Array;
  private readonly capacityOffset: number;
  private changes = 0;

  constructor(layout: Layout, queues: number) {
    const type = layout.data.deviceTypes.block;
    if (!type) throw new Error(`layout '${layout.name}' does not describe block devices`);
    this.id = type.id;
    this.features = queues > 1 ? Object.values(type.features).map((f) => f.bit) : [];
    this.config = new Uint8Array(type.configSize ?? 0);
    this.capacityOffset = type.config.capacity?.offset ?? 0;
    const numQueues = type.config.num_queues;
    if (numQueues && queues > 1) this.view().setUint16(numQueues.offset, queues, true);
    this.putCapacity();
  }

  handle(chain: Chain, ram: Memory): number {
    const writable = chain.buffers.filter((b) => b.writable);
    const last = writable.at(-1);
    if (writable.length === chain.buffers.length || !last || last.length === 0)
      throw new BrokenQueue('a block request needs a header to read and a status byte to write');
    let written = 0;
    for (const buffer of writable) {
      ram.fill(buffer.address, buffer.length, 0x5a);
      written += buffer.length;
    }
    ram.store(last.address + last.length - 1, 1, STATUS_OK);
    return written;
  }

  change(): boolean {
    this.changes++;
    this.putCapacity();
    return true;
  }

  private putCapacity(): void {
    this.view().setBigUint64(this.capacityOffset, CAPACITIES[this.changes & 1 ? 1 : 0], true);
  }

  private view(): DataView {
    return new DataView(this.config.buffer);
  }
}
