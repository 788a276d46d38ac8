/** Devices that are as kind as can be, and of every size. */
import { ask, type Scenario, unlike, WORK } from './scenario.ts';

/** What all others build on. */
export const PLAIN = 'plain/work';
/** What those without MSI build on. */
export const LINE = 'plain/no-msi';
/** Several queues, and no other surprise. */
export const QUEUES = 'plain/queues';
export const CHANGED = 'plain/config-change';
/** Where one message is for several sources, or for none: a driver may fail at several queues for it. */
export const SHARED = 'vectors/one-message-for-all';
export const ONE_FOR_ALL = 'queues/one-interrupt-for-all';
export const BOTH = 'line/used-and-changed';
export const WITHOUT_WORK = 'vectors/message-without-work';

export const plain: Scenario[] = [
  unlike({
    id: PLAIN,
    title: 'a device without surprises',
    blames: 'DRV-WORK',
    tests: ['DRV-WORK'],
    because: 'it does what every device does',
    script: [
      ask({ do: 'start' }),
      ask({ do: 'transfer', count: 6 }),
      ask({ do: 'configuration' }),
      ask({ do: 'transfer', count: 1 }),
      ask({ do: 'stop' }),
    ],
  }),
  unlike({
    id: 'plain/again',
    title: 'the driver is stopped and starts again',
    blames: 'DRV-WORK',
    because: 'after a reset a device is as new',
    device: { entriesAfterReset: 'garbage' },
    script: [...WORK, ...WORK],
  }),
  unlike({
    id: 'plain/many-transfers',
    title: 'indices of the rings wrap',
    blames: 'DRV-WORK',
    because: 'a ring is used for ever',
    device: { queueSizeMax: 8, queues: 1 },
    script: [
      ask({ do: 'start' }),
      ...Array.from({ length: 12 }, () => ask({ do: 'transfer', count: 2 })),
      ask({ do: 'stop' }),
    ],
  }),
  unlike({
    id: 'plain/entropy',
    title: 'an entropy device, with one queue',
    blames: 'DRV-WORK',
    because: 'a driver finds out what device it has',
    device: { device: 'entropy', queues: 1, vectors: 2 },
    script: [
      ask({ do: 'start' }),
      ask({ do: 'transfer', count: 6 }),
      ask({ do: 'configuration' }),
      ask({ do: 'transfer', count: 1 }),
      ask({ do: 'stop' }),
    ],
  }),
  unlike({
    id: QUEUES,
    title: 'a device with three queues',
    blames: 'DRV-WORK',
    because: 'a driver serves every queue that it uses',
    after: [SHARED, WITHOUT_WORK, ONE_FOR_ALL],
    device: { queues: 3 },
    script: [
      ask({ do: 'start' }),
      ask({ do: 'transfer', count: 6 }),
      ask({ do: 'transfer', count: 1 }),
      ask({ do: 'transfer', count: 4 }),
      ask({ do: 'stop' }),
    ],
  }),
  unlike({
    id: 'plain/backwards',
    title: 'buffers come back in another order',
    blames: 'DRV-WORK',
    because: 'without VIRTIO_F_IN_ORDER buffers are used in any order',
    after: [QUEUES, SHARED, WITHOUT_WORK],
    device: { queues: 3, backEnd: 'backwards' },
  }),
  unlike({
    id: 'plain/later',
    title: 'buffers come back when the driver waits, not while it notifies',
    blames: 'DRV-WORK',
    because: 'a device works in its own time',
    device: { backEnd: 'deferred' },
    script: [
      ask({ do: 'start' }),
      ask({ do: 'submit', count: 3 }),
      ask({ do: 'collect' }),
      ask({ do: 'transfer', count: 4 }),
      ask({ do: 'stop' }),
    ],
  }),
  unlike({
    id: CHANGED,
    title: 'the configuration changes',
    blames: 'DRV-WORK',
    because: 'a configuration change is notified',
    script: [
      ask({ do: 'start' }),
      { device: 'config' },
      ask({ do: 'notice' }),
      ask({ do: 'configuration' }),
      ask({ do: 'transfer', count: 2 }),
      ask({ do: 'stop' }),
    ],
  }),
  unlike({
    id: LINE,
    title: 'a device that does not offer MSI',
    blames: 'DRV-FALLBACK',
    tests: ['DRV-FALLBACK'],
    because: 'the feature may not be offered, and the line is there',
    device: { msi: 'withheld' },
  }),
  unlike({
    id: 'plain/old',
    title: 'a device that never heard of MSI',
    blames: 'DRV-FALLBACK',
    after: [LINE],
    because: 'the feature may not be offered, and the line is there',
    device: { msi: 'unknown', backEnd: 'deferred' },
  }),
];
