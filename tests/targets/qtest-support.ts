/** A driver of one queue, by hand, and QEMU where it is installed. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { Target } from '../../harness/target.ts';
import { openQtest, type QtestOptions } from '../../harness/targets/qtest.ts';
import { loadLayout } from '../../spec/load.ts';

export const layout = loadLayout('virtio-mmio');

/** Whether the emulator is there; says so once where it is not, so that a skipped test is seen. */
export function has(emulator: string): boolean {
  const there = spawnSync(emulator, ['--version']).status === 0;
  if (!there) console.warn(`skipped: ${emulator} is not installed`);
  return there;
}

const opened: Target[] = [];

/** Opens a target that is closed after the test (see {@link closeAll}). */
export async function open(rest: string, options: Partial<QtestOptions> = {}): Promise<Target> {
  const target = await openQtest(rest, { layout, ...options });
  opened.push(target);
  return target;
}

export async function closeAll(): Promise<void> {
  await Promise.all(opened.splice(0).map((target) => target.close()));
}

/** Process ids of emulators that were started with a file under `directory`. */
export function emulatorsUsing(directory: string): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const line = readFileSync(`/proc/${name}/cmdline`, 'utf8');
      return line.includes('-qtest') && line.includes(directory) ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

export interface Buffer {
  /** What the device reads, or how many bytes it may write. */
  out?: Uint8Array;
  in?: number;
}

const PAGE = 4096;
/** Entries of the queue. */
const SIZE = 8;

/** Sets up one queue and makes requests of it, each with its own chain. */
export class Driver {
  private readonly target: Target;
  private readonly queue: number;
  private made = 0;

  constructor(target: Target, queue: number) {
    this.target = target;
    this.queue = queue;
  }

  private get memory() {
    return this.target.adapter.memory!;
  }

  async read(register: string): Promise<number> {
    return Number(await this.target.adapter.read(layout.register(register).offset, 32));
  }

  async write(register: string, value: number): Promise<void> {
    await this.target.adapter.write(layout.register(register).offset, 32, value);
  }

  /** Reset to DRIVER_OK, with VIRTIO_F_VERSION_1 accepted. */
  async start(): Promise<void> {
    await this.write('Status', 0);
    let status = 0;
    const set = (flag: string) => {
      status |= layout.bit('Status', flag);
      return this.write('Status', status);
    };
    await set('ACKNOWLEDGE');
    await set('DRIVER');
    const { bit } = layout.feature('VIRTIO_F_VERSION_1');
    for (const window of [0, 1]) {
      await this.write('DriverFeaturesSel', window);
      await this.write('DriverFeatures', bit >>> 5 === window ? (1 << (bit & 31)) >>> 0 : 0);
    }
    await set('FEATURES_OK');
    await this.write('QueueSel', this.queue);
    await this.write('QueueSize', SIZE);
    const { base } = this.memory;
    await this.memory.write(base, new Uint8Array(3 * PAGE));
    for (const [index, part] of ['Desc', 'Driver', 'Device'].entries()) {
      await this.write(`Queue${part}Low`, (base + index * PAGE) % 2 ** 32);
      await this.write(`Queue${part}High`, Math.floor((base + index * PAGE) / 2 ** 32));
    }
    await this.write('QueueReady', 1);
    await set('DRIVER_OK');
    this.made = 0;
  }

  /** Offers a chain and kicks; returns where its buffers are. */
  async offer(chain: Buffer[]): Promise<number[]> {
    const { base } = this.memory;
    const addresses: number[] = [];
    const descriptors = new DataView(new ArrayBuffer(16 * chain.length));
    for (const [index, { out, in: length = 0 }] of chain.entries()) {
      const address = base + (3 + index) * PAGE;
      addresses.push(address);
      await this.memory.write(address, out ?? new Uint8Array(length).fill(0xee));
      const last = index === chain.length - 1;
      const next = last ? 0 : layout.constant('VIRTQ_DESC_F_NEXT');
      descriptors.setBigUint64(16 * index, BigInt(address), true);
      descriptors.setUint32(16 * index + 8, out?.length ?? length, true);
      descriptors.setUint16(16 * index + 12, next + (out ? 0 : layout.constant('VIRTQ_DESC_F_WRITE')), true);
      descriptors.setUint16(16 * index + 14, last ? 0 : index + 1, true);
    }
    await this.memory.write(base, new Uint8Array(descriptors.buffer));
    await this.memory.write(base + PAGE + 4 + 2 * (this.made % SIZE), Uint8Array.of(0, 0));
    this.made += 1;
    await this.memory.write(base + PAGE + 2, Uint8Array.of(this.made & 0xff, this.made >>> 8));
    await this.write('QueueNotify', this.queue);
    return addresses;
  }

  /** The used ring's index, and the length in its newest element. */
  async used(): Promise<{ index: number; length: number }> {
    const ring = await this.memory.read(this.memory.base + 2 * PAGE, 4 + 8 * SIZE);
    const view = new DataView(ring.buffer, ring.byteOffset);
    const index = view.getUint16(2, true);
    return { index, length: view.getUint32(4 + 8 * ((index - 1 + SIZE) % SIZE) + 4, true) };
  }
}
