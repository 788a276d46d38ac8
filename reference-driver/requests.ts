/** What is asked of a device, by its type: a chain of buffers that it completes by itself, and where to put it. */
import { fitChain, fromHex, lengthOf } from '../harness/queue-memory.ts';
import type { DeviceType } from '../spec/layout.ts';

/** One buffer of a request. */
export interface Buffer {
  length: number;
  deviceWrites: boolean;
  /** What it holds where the device reads it. */
  contents?: Uint8Array;
}

/** The buffers of a request in a ring of so many entries; none where it does not fit. */
export function requestFor(type: DeviceType, ringSize: number): Buffer[] {
  return fitChain(type.chain, ringSize).map((link) => {
    const length = lengthOf(link);
    if ('in' in link) return { length, deviceWrites: true };
    const contents = typeof link.out === 'string' ? fromHex(link.out) : new Uint8Array(length);
    return { length, deviceWrites: false, contents };
  });
}

/** Whether the request is for this queue: the receive queues of a network device complete nothing by themselves. */
export function takesRequests({ queues }: DeviceType, index: number): boolean {
  if (queues === 'all') return true;
  if (queues === 'odd') return index % 2 === 1;
  return queues === 'even' ? index % 2 === 0 : queues.includes(index);
}
