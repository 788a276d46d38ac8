/** Whether a driver did what a task asked for, and what there is to say where it did not. */
import type { Device } from '../../../reference-device/device.ts';
import { OutsideMemory } from '../../../reference-device/memory.ts';
import type { Virtqueue } from '../../../reference-device/virtqueue.ts';
import type { Task, TaskResult } from '../api.ts';

/** Turns of a device that always has something left to do, which none has. */
const MOST_TURNS = 1000;

/** What was expected, and what was seen. */
export type Problem = [expected: string, actual: string];

export class Work {
  private readonly device: Device;
  private readonly because: string;
  /** Buffers that were submitted and not collected. */
  private outstanding = 0;

  /** @param because why a driver must cope with the device, in a few words */
  constructor(device: Device, because: string) {
    this.device = device;
    this.because = because;
  }

  problemWith(task: Task, result: TaskResult & { outcome: 'done' }): Problem | undefined {
    const { count, bytes } = result;
    switch (task.do) {
      case 'submit':
        this.outstanding += Math.min(count ?? task.count, task.count);
        return undefined;
      case 'transfer':
      case 'collect': {
        const submitted = this.outstanding;
        this.outstanding = 0;
        return task.do === 'collect' ? this.countOf(submitted, count) : this.countOf(task.count, count, submitted);
      }
      case 'notice':
        if (count === undefined || count > 0) return undefined;
        return [`the driver takes notice of a configuration change: ${this.because}`, 'it took notice of none'];
      case 'configuration':
        return bytes && this.tornIn(bytes);
      default:
        return undefined;
    }
  }

  stuck(task: Task, result: TaskResult & { outcome: 'stuck' }): Problem {
    const wanted = task.do === 'transfer' ? `${task.count} buffers come back` : `the driver does its ${task.do}`;
    return [`${wanted}: ${this.because}`, `the driver waits for what does not come: ${result.why}`];
  }

  /** What the device was never told of: whatever the scenario is about, it is not why the driver waits in vain. */
  neverHeardOf(): string | undefined {
    const { device } = this;
    for (let left = MOST_TURNS; device.waiting.length > 0 && left > 0; left--) device.settle();
    const queue = device.queues.find((one) => device.mayServe(one) && isOffered(one));
    return queue && `the device was not notified of buffers of queue ${queue.index}`;
  }

  /** @param more what may come back besides, since it was submitted before */
  private countOf(wanted: number, count: number | undefined, more = 0): Problem | undefined {
    if (count === undefined || (count >= wanted && count <= wanted + more)) return undefined;
    return [`${wanted} buffers come back: ${this.because}`, `the driver got ${count}`];
  }

  /** The configuration does not change any more by now: what was read must be what it is. */
  private tornIn(bytes: Uint8Array): Problem | undefined {
    const { config } = this.device.backend;
    const length = Math.min(bytes.length, config.length);
    if (Buffer.compare(bytes.subarray(0, length), config.subarray(0, length)) === 0) return undefined;
    const shown = (all: Uint8Array) => Buffer.from(all.subarray(0, Math.min(length, 16))).toString('hex');
    return [`the configuration reads ${shown(config)}...: ${this.because}`, `the driver read ${shown(bytes)}...`];
  }
}

/** Whether the rings hold buffers that the device has not taken; rings that lie nowhere hold none. */
function isOffered(queue: Virtqueue): boolean {
  try {
    return queue.waiting > 0;
  } catch (error) {
    if (error instanceof OutsideMemory) return false;
    throw error;
  }
}
