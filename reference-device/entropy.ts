import type { Layout } from '../spec/layout.ts';
import type { Backend } from './backend.ts';
import type { Memory } from './memory.ts';
import { BrokenQueue, type Chain } from './virtqueue.ts';

/** An entropy device; its bytes are the same in every run. */
export class Entropy implements Backend {
  readonly id: number;
  readonly features: readonly number[] = [];
  readonly config = new Uint8Array(0);
  private next = 1;

  constructor(layout: Layout) {
    const type = layout.data.deviceTypes.entropy;
    if (!type) throw new Error(`layout '${layout.name}' does not describe entropy devices`);
    this.id = type.id;
  }

  handle(chain: Chain, ram: Memory): number {
    let written = 0;
    for (const buffer of chain.buffers) {
      if (!buffer.writable) throw new BrokenQueue('an entropy request has only buffers to write');
      ram.fill(buffer.address, buffer.length, this.next++ & 0xff);
      written += buffer.length;
    }
    return written;
  }

  change(): boolean {
    return false;
  }
}
