/** Vectors: how many there are, who shares them, and what is done to them while events happen. */
import { EntryRegisters } from '../../../reference-device/entries.ts';
import { MsiTables } from '../../../reference-device/tables.ts';
import { type Act, ask, type Family, type Scenario, WORK } from './scenario.ts';

const scenario = (one: Omit<Scenario, 'expects' | 'script' | 'needs'> & Partial<Scenario>): Scenario => ({
  expects: 'works',
  needs: 'msi',
  script: WORK,
  ...one,
});

/** Bits beside the mask of a vector, where the mask has a dword of its own or not. */
const RESERVED = 0xa5a5a5a4;

const counted = (vectors: number): Scenario =>
  scenario({
    id: `vectors/${vectors}`,
    title: `${vectors} vector${vectors === 1 ? '' : 's'} for three queues and the configuration`,
    blames: 'DRV-COUNT',
    tests: ['DRV-COUNT'],
    because: 'a driver works with any vector count from 1',
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
const MASKED: Act[] = [
  ask({ do: 'start' }),
  ask({ do: 'mask' }),
  ask({ do: 'submit', count: 3 }),
  { device: 'settle' },
  ask({ do: 'unmask' }),
  ask({ do: 'collect' }),
  ask({ do: 'stop' }),
];

export const vectors: Scenario[] = [
  ...[1, 2, 3, 33, 2048].map(counted),
  scenario({
    id: 'vectors/elsewhere',
    title: 'the tables are where the header says, in another order and with gaps',
    blames: 'DRV-WORK',
    because: 'tables are found through the header',
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
    scenario({
      id: `vectors/mapping-refused-after-${mappable}`,
      title: mappable === 0 ? 'no vector can be mapped' : `no more than ${mappable} of five vectors can be mapped`,
      blames: 'DRV-READBACK',
      tests: ['DRV-READBACK'],
      because: 'a device may refuse a mapping: it reads NO_VECTOR',
      device: { mappable },
      expects: 'either',
    }),
  ),
  scenario({
    id: 'vectors/one-message-for-all',
    title: 'one message stands for buffers of several queues and a configuration change',
    blames: 'DRV-SPURIOUS',
    tests: ['DRV-SPURIOUS'],
    because: 'a message may be for several sources',
    device: { vectors: 1, backEnd: 'deferred', notifications: 'batch' },
    script: [
      ask({ do: 'start' }),
      ask({ do: 'mask' }),
      ask({ do: 'submit', count: 6 }),
      { device: 'config' },
      { device: 'settle' },
      ask({ do: 'unmask' }),
      ask({ do: 'collect' }),
      ask({ do: 'notice' }),
      ask({ do: 'stop' }),
    ],
  }),
  scenario({
    id: 'vectors/message-without-work',
    title: 'a message comes when nothing was used',
    blames: 'DRV-SPURIOUS',
    tests: ['DRV-SPURIOUS'],
    because: 'a driver survives notifications without work',
    device: { backEnd: 'deferred' },
    script: [
      ask({ do: 'start' }),
      ask({ do: 'submit', count: 1 }),
      { device: 'spurious' },
      ask({ do: 'collect' }),
      { device: 'spurious' },
      ask({ do: 'transfer', count: 2 }),
      ask({ do: 'stop' }),
    ],
  }),
  scenario({
    id: 'vectors/not-suppressed',
    title: 'the device notifies although the driver asks it not to',
    blames: 'DRV-SPURIOUS',
    because: 'the device may notify a driver that asked for silence',
    device: { suppression: 'ignored' },
  }),
  scenario({
    id: 'vectors/masked',
    title: 'buffers come back while vectors are masked',
    blames: 'DRV-WORK',
    because: 'what is pending is sent once the vector is unmasked',
    device: { backEnd: 'deferred' },
    script: MASKED,
  }),
  scenario({
    id: 'vectors/retarget',
    title: 'every vector gets another target, again and again',
    blames: 'DRV-WORK',
    because: 'interrupts are balanced over processors',
    script: [
      ask({ do: 'start' }),
      ...Array.from({ length: 4 }, () => [ask({ do: 'retarget' }), ask({ do: 'transfer', count: 3 })]).flat(),
      ask({ do: 'stop' }),
    ],
  }),
  scenario({
    id: 'vectors/retarget-masked',
    title: 'every vector gets another target while all are masked',
    blames: 'DRV-WORK',
    because: 'what is masked stays so, whatever is done to its entry',
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
  scenario({
    id: 'vectors/reserved',
    title: 'what is reserved of an entry reads something',
    blames: 'DRV-RSVD',
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
    scenario({
      id: `vectors/fetched-at-${fetch === 'mixed' ? 'both' : fetch}`,
      title:
        fetch === 'unmask'
          ? 'a device takes the content of an entry when it is unmasked'
          : 'a device takes the address of an entry when it is unmasked and the data when it sends',
      blames: 'DRV-MASKED',
      because: 'an entry takes effect by unmasking',
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
];

/** A buffer comes back after the n-th access of a task, whatever the driver is at. */
function eventDuring(task: 'retarget' | 'mask' | 'unmask' | 'transfer'): Family {
  const submit = ask({ do: 'submit', count: 3 });
  const collect = ask({ do: 'collect' });
  const scripts: Record<typeof task, Act[]> = {
    transfer: [ask({ do: 'transfer', count: 3 })],
    retarget: [submit, ask({ do: 'retarget' }), collect],
    mask: [submit, ask({ do: 'mask' }), ask({ do: 'unmask' }), collect],
    unmask: [ask({ do: 'mask' }), submit, ask({ do: 'unmask' }), collect],
  };
  const id = `events/during-${task}`;
  const title = `buffers come back while the driver does its ${task}`;
  return {
    id,
    title,
    make(at) {
      let reached = false;
      return {
        reached: () => reached,
        scenario: scenario({
          id: `${id}/${at}`,
          title: `${title}, after access ${at + 1} of it`,
          blames: 'DRV-WORK',
          because: 'an event is not lost, whatever is done to its vector',
          device: { backEnd: 'deferred' },
          script: [ask({ do: 'start' }), ...scripts[task], ask({ do: 'stop' })],
          meddle(_device, bus, asked) {
            let accesses = 0;
            return {
              after() {
                if (asked()?.do !== task || accesses++ !== at) return;
                reached = true;
                bus().settle();
              },
            };
          },
        }),
      };
    },
  };
}

export const eventFamilies: Family[] = [
  eventDuring('retarget'),
  eventDuring('mask'),
  eventDuring('unmask'),
  eventDuring('transfer'),
];
