/** Giving buffers to the device and taking them back. */
import type { Fault } from './fault.ts';
import { eachQueue, wrap } from './help.ts';

export const bufferFaults: readonly Fault[] = [
  {
    id: 'one-buffer-a-message',
    clause: 'DRV-WORK',
    summary: 'takes back one buffer for each message',
    needsMsi: true,
    apply(d) {
      d.harvest = (queue) => {
        const count = queue.take() ? 1 : 0;
        d.returned += count;
        return count;
      };
    },
  },
  {
    id: 'used-index-cached',
    clause: 'DRV-WORK',
    summary: 'reads the used index when it gives buffers and believes that when a message comes',
    apply(d) {
      eachQueue(d, (queue) => {
        let allowed = 0;
        wrap(queue, 'publish', (original) => () => {
          allowed = 0;
          original();
        });
        wrap(queue, 'hasUsed', (original) => () => original() && allowed++ < 1);
      });
    },
  },
  {
    id: 'suppression-not-rechecked',
    clause: 'DRV-WORK',
    summary: 'does not look again after it has allowed notifications',
    variant: 'suppresses',
    needsMsi: true,
    apply(d) {
      d.queueUsed = (queue) => {
        queue.suppress(true);
        d.harvest(queue);
        queue.suppress(false);
      };
    },
  },
  {
    id: 'suppression-left',
    clause: 'DRV-WORK',
    summary: 'asks for no notification when it takes back buffers, and never allows them again',
    variant: 'suppresses',
    apply(d) {
      eachQueue(d, (queue) => {
        wrap(queue, 'suppress', (original) => (on) => {
          if (on) original(on);
        });
      });
    },
  },
  {
    id: 'published-late',
    clause: 'DRV-WORK',
    summary: 'notifies the device before the available index says that there is something',
    apply(d) {
      d.offer = (queue) => {
        d.interrupts.expect(queue);
        d.transport.notify(queue);
        queue.publish();
      };
    },
  },
  {
    id: 'notification-forgotten',
    clause: 'DRV-WORK',
    summary: 'notifies the device of the first buffers of a queue and of no later ones',
    apply(d) {
      const notified = new Set<number>();
      wrap(d.transport, 'notify', (original) => (queue) => {
        if (!notified.has(queue.index)) original(queue);
        notified.add(queue.index);
      });
    },
  },
  {
    id: 'queue-restart-goes-on',
    clause: 'DRV-WORK',
    summary: 'goes on at the old used index of a queue that was reset',
    apply(d) {
      wrap(d, 'renew', (original) => (old) => {
        const done = original(old);
        const next = d.queues.find(({ index }) => index === old.index);
        if (next) next.nextUsed = old.nextUsed;
        return done;
      });
    },
  },
  {
    id: 'buffers-dropped',
    clause: 'DRV-NEEDSRESET',
    summary: 'forgets buffers that a device had which needed a reset',
    apply(d) {
      d.salvage = () => {};
    },
  },
];
