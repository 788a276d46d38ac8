/** Vectors: how many there are, who shares them, and what is done to them while events happen. */
import type { Device } from '../../../reference-device/device.ts';
import { EntryRegisters } from '../../../reference-device/entries.ts';
import { MsiTables } from '../../../reference-device/tables.ts';
import { CONFIG, queueSource } from '../../../reference-device/vectors.ts';
import { BOTH, CHANGED, ONE_FOR_ALL, QUEUES, SHARED, WITHOUT_WORK } from './plain.ts';
import { type Act, ask, type Scenario, withMsi } from './scenario.ts';

const RETARGETED = 'vectors/retarget';
const MASKED = 'vectors/masked-one-queue';

/** Bits beside the mask of a vector, where the mask has a dword of its own or not. */
const RESERVED = 0xa5a5a5a4;

const counted = (vectors: number): Scenario =>
  withMsi({
    id: `vectors/${vectors}`,
    title: `${vectors} vector${vectors === 1 ? '' : 's'} for three queues and the configuration`,
    blames: 'DRV-COUNT',
    tests: ['DRV-COUNT'],
    because: 'a driver works with any vector count from 1',
    after: [QUEUES, SHARED, WITHOUT_WORK, CHANGED],
    device: { vectors },
    script: [
      ask({ do: 'start' }),
      ask({ do: 'transfer', count: 6 }),
      { device: 'config' },
      ask({ do: 'notice' }),
      ask({ do: 'retarget' }, 'DRV-WORK'),
      ask({ do: 'transfer', count: 3 }, 'DRV-WORK'),
      ask({ do: 'stop' }),
    ],
  });

/** Vectors are masked, events happen, and they are unmasked. */
const WHILE_MASKED: Act[] = [
  ask({ do: 'start' }),
  ask({ do: 'mask' }),
  ask({ do: 'submit', count: 3 }),
  { device: 'settle' },
  ask({ do: 'unmask' }),
  ask({ do: 'collect' }),
  ask({ do: 'stop' }),
];

/** The device maps some sources to no vector, whatever is written. */
const refuses =
  (...sources: number[]) =>
  ({ vectors }: Device): void => {
    const map = vectors.map.bind(vectors);
    vectors.map = (source, value) => map(source, sources.includes(source) ? Number.POSITIVE_INFINITY : value);
  };

const refusedFor = (name: string, title: string, source: number): Scenario =>
  withMsi({
    id: `vectors/mapping-refused-for-${name}`,
    title: `${title} cannot be mapped to any vector`,
    blames: 'DRV-READBACK',
    tests: ['DRV-READBACK'],
    because: 'a device may refuse a mapping: it reads NO_VECTOR',
    expects: 'either',
    after: [QUEUES, CHANGED, SHARED, WITHOUT_WORK],
    prepare: refuses(source),
    script: [
      ask({ do: 'start' }),
      ask({ do: 'transfer', count: 6 }),
      { device: 'config' },
      ask({ do: 'notice' }),
      ask({ do: 'transfer', count: 3 }),
      ask({ do: 'stop' }),
    ],
  });

/** Most of what a driver may be asked for, one after the other: what one task leaves behind meets the next one. */
const history = (ringReset: boolean): Scenario =>
  withMsi({
    id: ringReset ? 'vectors/history-with-queue-reset' : 'vectors/history',
    title: ringReset ? 'one task after the other, on a device that can reset queues' : 'one task after the other',
    blames: 'DRV-WORK',
    because: 'what is done to vectors holds, whatever was done before',
    expects: 'either',
    after: [QUEUES, SHARED, WITHOUT_WORK, RETARGETED],
    device: { ringReset },
    script: [
      ask({ do: 'start' }),
      ask({ do: 'transfer', count: 3 }),
      ask({ do: 'mask' }),
      ask({ do: 'unmask' }),
      ask({ do: 'retarget' }),
      ask({ do: 'transfer', count: 3 }),
      ask({ do: 'restart-queue' }),
      ask({ do: 'retarget' }),
      ask({ do: 'transfer', count: 3 }),
      { device: 'needs-reset' },
      ask({ do: 'transfer', count: 3 }, 'DRV-NEEDSRESET'),
      ask({ do: 'retarget' }),
      ask({ do: 'transfer', count: 3 }),
      ask({ do: 'stop' }),
    ],
  });

export const vectors: Scenario[] = [
  ...[1, 2, 3, 33, 2048].map(counted),
  withMsi({
    id: 'vectors/elsewhere',
    title: 'the tables are where the header says, in another order and with gaps',
    blames: 'DRV-WORK',
    because: 'tables are found through the header',
    after: [QUEUES, SHARED],
    device: { tables: { order: ['pending', 'mask', 'entry'], gap: 2 } },
    script: [
      ask({ do: 'start' }),
      ask({ do: 'retarget' }),
      ask({ do: 'transfer', count: 3 }),
      ask({ do: 'mask' }),
      ask({ do: 'unmask' }),
      ask({ do: 'transfer', count: 3 }),
      ask({ do: 'stop' }),
    ],
  }),
  ...[0, 1, 2].map((mappable) =>
    withMsi({
      id: `vectors/mapping-refused-after-${mappable}`,
      title: mappable === 0 ? 'no vector can be mapped' : `no more than ${mappable} of five vectors can be mapped`,
      blames: 'DRV-READBACK',
      tests: ['DRV-READBACK'],
      because: 'a device may refuse a mapping: it reads NO_VECTOR',
      after: [QUEUES, SHARED, WITHOUT_WORK],
      device: { mappable },
      expects: 'either',
    }),
  ),
  refusedFor('the-configuration', 'the configuration', CONFIG),
  refusedFor('the-first-queue', 'the first queue', queueSource(0)),
  refusedFor('the-second-queue', 'the second queue', queueSource(1)),
  withMsi({
    id: SHARED,
    title: 'one message stands for buffers of several queues and a configuration change',
    blames: 'DRV-SPURIOUS',
    tests: ['DRV-SPURIOUS'],
    shows: ['mask', 'submit', 'unmask', 'collect'],
    survives: 'DRV-SPURIOUS',
    because: 'a message may be for several sources',
    after: [MASKED, CHANGED, BOTH, ONE_FOR_ALL],
    device: { vectors: 1, backEnd: 'deferred', notifications: 'batch' },
    script: [
      ask({ do: 'start' }, 'DRV-COUNT'),
      ask({ do: 'mask' }),
      // One for each queue: that much every ring holds.
      ask({ do: 'submit', count: 3 }),
      { device: 'config' },
      { device: 'settle' },
      ask({ do: 'unmask' }),
      ask({ do: 'collect' }),
      ask({ do: 'notice' }),
      ask({ do: 'stop' }),
    ],
  }),
  withMsi({
    id: WITHOUT_WORK,
    title: 'each vector that is used sends a message when nothing was used',
    blames: 'DRV-SPURIOUS',
    tests: ['DRV-SPURIOUS'],
    shows: ['transfer'],
    survives: 'DRV-SPURIOUS',
    because: 'a driver survives notifications without work',
    device: { backEnd: 'deferred', queues: 1 },
    script: [
      ask({ do: 'start' }),
      ask({ do: 'submit', count: 1 }),
      { device: 'spurious' },
      ask({ do: 'collect' }),
      { device: 'spurious' },
      ask({ do: 'transfer', count: 2 }),
      ask({ do: 'transfer', count: 1 }),
      ask({ do: 'stop' }),
    ],
  }),
  withMsi({
    id: 'vectors/not-suppressed',
    title: 'the device notifies although the driver asks it not to',
    blames: 'DRV-SPURIOUS',
    survives: 'DRV-SPURIOUS',
    because: 'the device may notify a driver that asked for silence',
    after: [QUEUES, SHARED],
    device: { suppression: 'ignored' },
  }),
  ...[1, 3].map((queues) =>
    withMsi({
      id: queues === 1 ? MASKED : 'vectors/masked',
      title: `buffers${queues === 1 ? '' : ' of several queues'} come back while vectors are masked`,
      blames: 'DRV-WORK',
      because: 'what is pending is sent once the vector is unmasked',
      ...(queues === 1 ? {} : { after: [QUEUES, SHARED] }),
      device: { backEnd: 'deferred', queues },
      script: WHILE_MASKED,
    }),
  ),
  withMsi({
    id: RETARGETED,
    title: 'every vector gets another target, again and again',
    blames: 'DRV-WORK',
    after: [QUEUES, SHARED],
    because: 'interrupts are balanced over processors',
    script: [
      ask({ do: 'start' }),
      ...Array.from({ length: 4 }, () => [ask({ do: 'retarget' }), ask({ do: 'transfer', count: 3 })]).flat(),
      ask({ do: 'stop' }),
    ],
  }),
  withMsi({
    id: 'vectors/retarget-masked',
    title: 'every vector gets another target while all are masked',
    blames: 'DRV-WORK',
    because: 'what is masked stays so, whatever is done to its entry',
    after: [QUEUES, SHARED],
    device: { backEnd: 'deferred' },
    script: [
      ask({ do: 'start' }),
      ask({ do: 'mask' }),
      ask({ do: 'retarget' }),
      ask({ do: 'submit', count: 3 }),
      { device: 'settle' },
      ask({ do: 'unmask' }),
      ask({ do: 'collect' }),
      ask({ do: 'stop' }),
    ],
  }),
  withMsi({
    id: 'vectors/reserved',
    title: 'what is reserved of an entry reads something',
    blames: 'DRV-WORK',
    after: [QUEUES, SHARED],
    because: 'a driver makes nothing of reserved bits, and keeps them',
    prepare(device) {
      if (device.msi instanceof MsiTables && device.msi.entries instanceof EntryRegisters)
        device.msi.entries.readReserved = () => RESERVED;
    },
    script: [
      ask({ do: 'start' }),
      ask({ do: 'retarget' }),
      ask({ do: 'transfer', count: 3 }),
      ask({ do: 'mask' }),
      ask({ do: 'unmask' }),
      ask({ do: 'transfer', count: 3 }),
      ask({ do: 'stop' }),
    ],
  }),
  ...(['unmask', 'mixed'] as const).map((fetch) =>
    withMsi({
      id: `vectors/fetched-at-${fetch === 'mixed' ? 'both' : fetch}`,
      title:
        fetch === 'unmask'
          ? 'a device takes the content of an entry when it is unmasked'
          : 'a device takes the address of an entry when it is unmasked and the data when it sends',
      blames: 'DRV-WORK',
      because: 'an entry takes effect by unmasking',
      after: [QUEUES, SHARED, RETARGETED],
      device: { fetch },
      script: [
        ask({ do: 'start' }),
        ask({ do: 'transfer', count: 3 }),
        ask({ do: 'retarget' }),
        ask({ do: 'transfer', count: 3 }),
        ask({ do: 'stop' }),
      ],
    }),
  ),
  history(false),
  history(true),
];
