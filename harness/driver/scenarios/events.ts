/** Events at each place of a task in turn. */
import { QUEUES, SHARED, WITHOUT_WORK } from './plain.ts';
import { type Act, ask, type Family, withMsi } from './scenario.ts';

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
        scenario: withMsi({
          id: `${id}/${at}`,
          title: `${title}, after access ${at + 1} of it`,
          blames: 'DRV-WORK',
          because: 'an event is not lost, whatever is done to its vector',
          after: [QUEUES, SHARED, WITHOUT_WORK],
          // A message that went to the target before is one that its driver has no work for by now.
          ...(task === 'retarget' ? { survives: 'DRV-SPURIOUS' } : {}),
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
