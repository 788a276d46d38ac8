/** InterruptStatus, the line, suppression; and falling back to them. */
import type { Virtqueue } from '../virtqueue.ts';
import type { Fault } from './fault.ts';
import { CONFIG, lives, onDriverOk, tables, wrap } from './help.ts';

// Faults of the line's own clauses are shown on a device without MSI: on one that offers it, declining it makes
// FBK-LINE speak of the same thing.
export const lineFaults: readonly Fault[] = [
  {
    id: 'status-config-never-set',
    clause: 'INT-RAISE',
    summary: 'a configuration change raises no bit of InterruptStatus',
    deep: false,
    variant: 'plain',
    apply(d) {
      wrap(d.line, 'raise', (original) => (bit) => {
        if (bit !== d.configChange) original(bit);
      });
    },
  },
  {
    id: 'status-bits-swapped',
    clause: 'INT-RAISE',
    summary: 'used buffers set the bit of configuration changes and the other way round',
    deep: false,
    variant: 'plain',
    apply(d) {
      wrap(d.line, 'raise', (original) => (bit) => original(bit === d.configChange ? d.usedBuffer : d.configChange));
    },
  },
  {
    id: 'status-second-event-lost',
    clause: 'INT-RAISE',
    summary: 'an event is lost while the other bit of InterruptStatus waits for its acknowledgement',
    deep: false,
    variant: 'plain',
    apply(d) {
      wrap(d.line, 'raise', (original) => (bit) => {
        if (d.line.status === 0) original(bit);
      });
    },
  },
  {
    id: 'status-clears-on-read',
    clause: 'INT-KEEP',
    summary: 'reading InterruptStatus clears it',
    deep: false,
    variant: 'plain',
    apply(d) {
      wrap(d, 'interruptStatus', (original) => () => {
        const status = original();
        d.line.acknowledge(status);
        return status;
      });
    },
  },
  {
    id: 'ack-clears-all',
    clause: 'INT-KEEP',
    summary: 'InterruptACK clears every bit, whatever is written',
    deep: false,
    variant: 'plain',
    apply(d) {
      wrap(d.line, 'acknowledge', (original) => () => original(d.line.status));
    },
  },
  {
    id: 'status-lost-with-queue',
    clause: 'INT-KEEP',
    summary: 'QueueReady 0 takes back the used buffer bit of InterruptStatus',
    deep: false,
    variant: 'plain',
    apply(d) {
      wrap(d, 'queueReady', (original) => (queue, ready) => {
        original(queue, ready);
        if (ready === 0) d.line.acknowledge(d.usedBuffer);
      });
    },
  },
  {
    id: 'ack-ignored',
    clause: 'INT-ACK',
    summary: 'InterruptACK does nothing',
    deep: false,
    variant: 'plain',
    apply(d) {
      d.interruptAcknowledge = () => {};
    },
  },
  {
    id: 'ack-all-or-nothing',
    clause: 'INT-ACK',
    summary: 'InterruptACK works only when it names every bit that is set',
    deep: false,
    variant: 'plain',
    apply(d) {
      wrap(d.line, 'acknowledge', (original) => (bits) => {
        if ((d.line.status & ~bits) === 0) original(bits);
      });
    },
  },
  {
    id: 'ack-config-ignored',
    clause: 'INT-ACK',
    summary: 'the configuration change bit cannot be acknowledged',
    deep: false,
    variant: 'plain',
    apply(d) {
      wrap(d.line, 'acknowledge', (original) => (bits) => original(bits & ~d.configChange));
    },
  },
  {
    id: 'status-set-at-driver-ok',
    clause: 'INT-CLEAN',
    summary: 'DRIVER_OK sets the configuration change bit with nothing behind it',
    deep: false,
    variant: 'plain',
    apply(d) {
      onDriverOk(d, () => {
        if (!d.messages()) d.line.raise(d.configChange);
      });
    },
  },
  {
    id: 'status-undefined-bit',
    clause: 'INT-CLEAN',
    summary: 'a used buffer also sets the bit above the defined ones',
    deep: false,
    variant: 'plain',
    apply(d) {
      const highest = Math.max(d.usedBuffer, d.configChange);
      wrap(d, 'interruptStatus', (original) => () => {
        const status = original();
        return (status & d.usedBuffer) !== 0 ? status | (highest << 1) : status;
      });
    },
  },
  {
    id: 'status-set-by-empty-kick',
    clause: 'INT-CLEAN',
    summary: 'a kick without buffers sets the used buffer bit',
    deep: false,
    variant: 'plain',
    apply(d) {
      wrap(d, 'serve', (original) => (queue) => {
        original(queue);
        if (!d.messages() && d.mayServe(queue) && !queue.suppressed()) d.line.raise(d.usedBuffer);
      });
    },
  },
  {
    id: 'status-survives-device-reset',
    clause: 'INT-RESET',
    summary: 'a reset does not clear InterruptStatus',
    deep: false,
    variant: 'plain',
    apply(d) {
      d.line.reset = () => {};
    },
  },
  {
    id: 'status-config-survives-reset',
    clause: 'INT-RESET',
    summary: 'a reset clears the used buffer bit of InterruptStatus only',
    deep: false,
    variant: 'plain',
    apply(d) {
      d.line.reset = () => d.line.acknowledge(d.usedBuffer);
    },
  },
  {
    id: 'line-never',
    clause: 'INT-LINE',
    summary: 'the line never rises',
    deep: false,
    variant: 'plain',
    apply(d) {
      d.line.wanted = () => 0;
    },
  },
  {
    id: 'line-survives-reset',
    clause: 'INT-LINE',
    summary: 'a reset clears InterruptStatus and leaves the line high',
    deep: false,
    variant: 'plain',
    apply(d) {
      d.line.reset = () => {
        d.line.status = 0;
      };
    },
  },
  {
    id: 'line-low-after-any-ack',
    clause: 'INT-LINE',
    summary: 'acknowledging one of two bits lowers the line',
    deep: false,
    variant: 'plain',
    apply(d) {
      d.line.acknowledge = (bits) => {
        d.line.status &= ~bits;
        d.line.drive(0);
      };
    },
  },
  {
    id: 'line-not-for-config',
    clause: 'INT-LINE',
    summary: 'a configuration change sets its bit and leaves the line low',
    deep: false,
    variant: 'plain',
    apply(d) {
      d.line.wanted = () => ((d.line.status & d.usedBuffer) === 0 ? 0 : 1);
    },
  },
  {
    id: 'suppression-ignored',
    clause: 'NTF-SUPPRESS',
    summary: 'VIRTQ_AVAIL_F_NO_INTERRUPT is not looked at',
    deep: false,
    apply(d) {
      d.silenced = () => false;
    },
  },
  {
    id: 'suppression-cached',
    clause: 'NTF-SUPPRESS',
    summary: 'VIRTQ_AVAIL_F_NO_INTERRUPT is read once, with the first buffer of a queue',
    deep: false,
    apply(d) {
      const cached = new WeakMap<Virtqueue, boolean>();
      wrap(d, 'silenced', (original) => (queue) => {
        // A queue's first used buffer has just been counted.
        if (queue.nextUsed <= 1 || !cached.has(queue)) cached.set(queue, original(queue));
        // Only ever too talkative: a driver that lifts the suppression is notified.
        return cached.get(queue)! && original(queue);
      });
    },
  },
  {
    id: 'declined-line-dead',
    clause: 'FBK-LINE',
    summary: 'a driver that declines MSI gets InterruptStatus without the line',
    deep: false,
    apply(d) {
      d.line.wanted = () => 0;
    },
  },
  {
    id: 'declined-no-notification',
    clause: 'FBK-LINE',
    summary: 'a driver that declines MSI gets no notification at all',
    deep: false,
    apply(d) {
      d.line.raise = () => {};
    },
  },
  {
    id: 'declined-sends-too',
    clause: 'FBK-LINE',
    summary: 'a driver that declines MSI gets the line and a message to address 0',
    deep: false,
    apply(d) {
      wrap(d.line, 'raise', (original) => (bit) => {
        original(bit);
        d.message(0, 0, 0);
      });
    },
  },
  {
    id: 'declined-ack-dead',
    clause: 'FBK-LINE',
    summary: 'a driver that declines MSI cannot acknowledge: InterruptACK is ignored as with MSI',
    deep: false,
    apply(d) {
      d.interruptAcknowledge = () => {};
    },
  },
  {
    id: 'declined-after-msi-still-messages',
    clause: 'FBK-LINE',
    summary: 'a driver that declines MSI after another one used it gets neither line nor messages',
    deep: false,
    apply(d) {
      let ever = false;
      wrap(d, 'notify', (original) => (source) => {
        ever ||= d.messages();
        if (ever && !tables(d).negotiated) d.vectors.notify(source);
        else original(source);
      });
    },
  },
  {
    id: 'declined-config-lost-second-life',
    clause: 'FBK-LINE',
    summary: 'without MSI, configuration changes are notified in the first life of the device only',
    deep: false,
    apply(d) {
      const life = lives(d);
      wrap(d, 'notify', (original) => (source) => {
        if (source !== CONFIG || life() === 0 || d.messages()) original(source);
      });
    },
  },
];
