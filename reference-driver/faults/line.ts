/** Taking the interrupt of the single line. */
import { GaveUp } from '../../harness/driver/api.ts';
import type { Fault } from './fault.ts';
import { wrap } from './help.ts';

export const lineFaults: readonly Fault[] = [
  {
    id: 'interrupt-status-unread',
    clause: 'DRV-STATUS',
    summary: 'takes an interrupt for one about used buffers, without asking',
    variant: 'line',
    apply(d) {
      d.line.handle = () => d.line.serveQueues();
    },
  },
  {
    id: 'interrupt-status-guessed',
    clause: 'DRV-STATUS',
    summary: 'takes each interrupt for one about everything, and acknowledges everything',
    variant: 'line',
    apply(d) {
      d.line.readStatus = () => d.line.usedBuffer | d.line.configChange;
      d.line.lookAgain = () => {};
    },
  },
  {
    id: 'undefined-status-fatal',
    clause: 'DRV-STATUS',
    summary: 'gives the device up when InterruptStatus shows a bit that it does not know',
    variant: 'line',
    apply(d) {
      wrap(d.line, 'known', (original) => (status) => {
        if (original(status) !== status) d.giveUp('InterruptStatus shows what there is not');
        return original(status);
      });
    },
  },
  {
    id: 'undefined-status-hides',
    clause: 'DRV-STATUS',
    summary: 'compares InterruptStatus with the values that it knows, so that an undefined bit hides the others',
    variant: 'line',
    apply(d) {
      wrap(d.line, 'known', (original) => (status) => (original(status) === status ? status : 0));
    },
  },
  {
    id: 'ack-undefined',
    clause: 'DRV-ACK',
    summary: 'acknowledges whatever InterruptStatus reads, undefined bits with it',
    variant: 'line',
    apply(d) {
      d.line.known = (status) => status;
    },
  },
  {
    id: 'ack-all-ones',
    clause: 'DRV-ACK',
    summary: 'acknowledges with all bits set',
    variant: 'line',
    apply(d) {
      wrap(d.line, 'acknowledge', (original) => () => original(2 ** 32 - 1));
    },
  },
  {
    id: 'ack-both',
    clause: 'DRV-ACK',
    summary: 'acknowledges both bits, whichever it has seen',
    variant: 'line',
    apply(d) {
      wrap(d.line, 'acknowledge', (original) => () => original(d.line.usedBuffer | d.line.configChange));
    },
  },
  {
    id: 'ack-forgotten',
    clause: 'DRV-ACK',
    summary: 'acknowledges nothing',
    variant: 'line',
    apply(d) {
      d.line.acknowledge = () => {};
    },
  },
  {
    id: 'ack-config-forgotten',
    clause: 'DRV-ACK',
    summary: 'acknowledges used buffers and no configuration change',
    variant: 'line',
    apply(d) {
      wrap(d.line, 'acknowledge', (original) => (bits) => {
        if ((bits & d.line.usedBuffer) !== 0) original(d.line.usedBuffer);
      });
    },
  },
  {
    id: 'line-first-queue-only',
    clause: 'DRV-QUEUES',
    summary: 'takes the used buffer bit as one of the first queue',
    variant: 'line',
    apply(d) {
      d.line.serveQueues = () => {
        const [first] = d.queues;
        if (first) d.queueUsed(first);
      };
    },
  },
  {
    id: 'line-first-busy-queue',
    clause: 'DRV-QUEUES',
    summary: 'takes the used buffer bit as one of the first queue that has used buffers',
    variant: 'line',
    apply(d) {
      d.line.serveQueues = () => {
        const busy = d.queues.find((queue) => queue.hasUsed());
        if (busy) d.queueUsed(busy);
      };
    },
  },
  {
    id: 'ack-swallows',
    clause: 'DRV-ACK',
    summary: 'does not look again after it has acknowledged, so that what came in between is never heard of',
    variant: 'line',
    apply(d) {
      d.line.lookAgain = () => {};
    },
  },
  {
    id: 'line-either-or',
    clause: 'DRV-ACK',
    summary:
      'does only one thing for an interrupt: with a configuration change it forgets used buffers, and acknowledges both',
    variant: 'line',
    apply(d) {
      wrap(d.line, 'serve', (original) => (bits) => original(bits & d.line.configChange || bits));
      d.line.lookAgain = () => {};
    },
  },
  {
    id: 'fallback-silent',
    clause: 'DRV-FALLBACK',
    summary: 'gives up where it cannot have messages, and leaves the device as if it were driven',
    needsMsi: true,
    apply(d) {
      wrap(d, 'setUp', (original) => () => {
        if (!d.usesMsi) throw new GaveUp('no messages');
        return original();
      });
    },
  },
];
