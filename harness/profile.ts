/** What was found out about a device before it is tested: everything that places and expectations depend on. */
import type { DeviceType, Layout } from '../spec/layout.ts';
import type { Adapter } from './target.ts';

export interface Capabilities {
  /** Messages can be seen. */
  messages: boolean;
  /** The line can be seen. */
  line: boolean;
  /** How a queue is made to use a buffer: through its ring, through the adapter's `raise`, or not at all. */
  queueEvents: 'ring' | 'raise' | 'none';
  configEvents: boolean;
  needsResetEvents: boolean;
  memory: boolean;
  powerCycle: boolean;
}

export interface MsiProfile {
  /** N. */
  vectors: number;
  /** Table name to byte offset from the device's base, as its header says. */
  tables: Record<string, number>;
  /** What each header register reads after a reset. */
  header: Record<string, number>;
}

export interface Profile {
  layout: Layout;
  deviceId: number;
  /** Bits of the features that bring MSI in other layouts: no bits that are reserved. */
  siblings: ReadonlySet<number>;
  /** The four feature words that the specification defines today and two for the reserved ones. */
  features: number[];
  deviceType: DeviceType | undefined;
  /** QueueSizeMax of each queue, from queue 0 up to the first that reads 0. */
  queues: number[];
  configSize: number;
  /** Words of the configuration space as they read at first. */
  configWords: number[];
  regionSize: number;
  /** Present where the layout's MSI feature is offered and its header can be used. */
  msi: MsiProfile | undefined;
  capabilities: Capabilities;
  /** The target says that it implements this very layout, and not only one that it extends. */
  implementsLayout: boolean;
  /** Why MSI cannot be tested although the layout has it: `not offered`, or what is wrong with the header. */
  msiReason: string | undefined;
}

/** Whether the device offers the feature. */
export function offers(profile: Pick<Profile, 'layout' | 'features'>, feature: string): boolean {
  const { bit } = profile.layout.feature(feature);
  return (((profile.features[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 1;
}

/** The queues on which the suite can make the device use a buffer. */
export function eventQueues(profile: Profile): number[] {
  const all = profile.queues.map((_, queue) => queue);
  const { queueEvents } = profile.capabilities;
  if (queueEvents === 'none') return [];
  if (queueEvents === 'raise') return all;
  const which = profile.deviceType?.queues ?? [];
  if (which === 'all') return all;
  if (which === 'odd') return all.filter((queue) => queue % 2 === 1);
  if (which === 'even') return all.filter((queue) => queue % 2 === 0);
  return all.filter((queue) => which.includes(queue));
}

/** What the adapter can do, by itself; how queue events are made is found out by trying. */
export function capabilitiesOf(adapter: Adapter): Capabilities {
  const captures = adapter.interrupts ? (adapter.captures ?? []) : [];
  const events = adapter.raise ? (adapter.events ?? []) : [];
  return {
    messages: captures.includes('message'),
    line: captures.includes('line'),
    queueEvents: events.includes('queue') ? 'raise' : 'none',
    configEvents: events.includes('config'),
    needsResetEvents: events.includes('needs-reset'),
    memory: adapter.memory !== undefined,
    powerCycle: adapter.powerCycle !== undefined,
  };
}

/** The region without traps or registers that the suite takes a device to have when its adapter does not say. */
export const DEFAULT_REGION_SIZE = 0x10000;
