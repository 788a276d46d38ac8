/** Queues, and queue reset. */
import type { Device } from '../device.ts';
import type { Virtqueue } from '../virtqueue.ts';
import type { Fault } from './fault.ts';
import { onReset, queueSource, wrap } from './help.ts';

/** Uses what a queue offers, and notifies nobody. */
function useSilently(device: Device, queue: Virtqueue): void {
  const notify = device.notify;
  device.notify = () => {};
  serveAnyway(device, queue);
  device.notify = notify;
}

/** Uses what a queue offers whatever its state; a queue without rings is left alone. */
function serveAnyway(device: Device, queue: Virtqueue): void {
  if (queue.descriptors.value === 0) return;
  const mayServe = device.mayServe;
  device.mayServe = () => true;
  device.serve(queue);
  device.mayServe = mayServe;
}

export const queueFaults: readonly Fault[] = [
  {
    id: 'queue-ready-for-all',
    clause: 'QUE-SELECT',
    summary: 'QueueReady enables and disables every queue at once',
    deep: false,
    apply(d) {
      d.transport.writeQueueReady = (value) => {
        for (const queue of d.queues) queue.ready = value & 1;
      };
    },
  },
  {
    id: 'queue-address-of-first',
    clause: 'QUE-SELECT',
    summary: 'the address of the used ring is always that of queue 0',
    deep: false,
    apply(d) {
      wrap(d.transport, 'writeQueueAddress', (original) => (ring, half, value) => {
        if (ring === 'device') d.queues[0]!.device[half] = value;
        else original(ring, half, value);
      });
    },
  },
  {
    id: 'queue-select-one-bit',
    clause: 'QUE-SELECT',
    summary: 'only the lowest bit of QueueSel counts, so that queue 2 is queue 0',
    deep: false,
    apply(d) {
      wrap(
        d.transport,
        'writeQueueSel',
        (original) => (value) => original(value < d.queues.length ? value & 1 : value),
      );
    },
  },
  {
    id: 'queue-size-for-all',
    clause: 'QUE-SELECT',
    summary: 'QueueSize sets the size of every queue',
    deep: false,
    apply(d) {
      wrap(d.transport, 'writeQueueSize', (original) => (value) => {
        original(value);
        for (const queue of d.queues) queue.size = value;
      });
    },
  },
  {
    id: 'queue-ready-stuck',
    clause: 'QUE-READY',
    summary: 'QueueReady stays 1 when 0 is written to it',
    deep: false,
    apply(d) {
      wrap(
        d.transport,
        'readQueueReady',
        (original) => () => (d.transport.queue && d.transport.queue.size > 0 ? 1 : original()),
      );
    },
  },
  {
    id: 'queue-ready-lost-on-config-event',
    clause: 'QUE-READY',
    summary: 'a configuration change stops the last queue',
    deep: false,
    apply(d) {
      wrap(d, 'changeConfig', (original) => () => {
        original();
        d.queues.at(-1)!.ready = 0;
      });
    },
  },
  {
    id: 'queue-ready-not-again',
    clause: 'QUE-READY',
    summary: 'a queue that was stopped cannot be enabled again before a reset',
    deep: false,
    apply(d) {
      const stopped = new Set<Virtqueue>();
      wrap(d.transport, 'writeQueueReady', (original) => (value) => {
        const { queue } = d.transport;
        if (queue && queue.ready === 1 && value === 0) stopped.add(queue);
        if (queue && stopped.has(queue) && value === 1) return;
        original(value);
      });
      onReset(d, () => stopped.clear());
    },
  },
  {
    id: 'queue-ready-survives-reset',
    clause: 'QUE-RESET',
    summary: 'a reset leaves QueueReady of every queue as it was',
    deep: false,
    apply(d) {
      keepReady(d, () => true);
    },
  },
  {
    id: 'queue-ready-survives-reset-above-first',
    clause: 'QUE-RESET',
    summary: 'a reset clears QueueReady of queue 0 only',
    deep: false,
    apply(d) {
      keepReady(d, (queue) => queue.index > 0);
    },
  },
  {
    id: 'queue-runs-while-stopped',
    clause: 'QUE-IDLE',
    summary: 'buffers of a queue are used although its QueueReady is 0',
    deep: false,
    apply(d) {
      wrap(d, 'kick', (original) => (index) => {
        const queue = d.queues[index];
        if (queue && queue.ready === 0 && d.transport.driverOk) useSilently(d, queue);
        else original(index);
      });
    },
  },
  {
    id: 'queue-drains-when-stopped',
    clause: 'QUE-IDLE',
    summary: 'QueueReady 0 makes it use what the queue still offers, after the driver may have taken it back',
    deep: false,
    apply(d) {
      let last: Virtqueue | undefined;
      // The write has been answered; the work is done at the driver's next access to QueueReady.
      wrap(d, 'queueReady', (original) => (queue, ready) => {
        original(queue, ready);
        last = ready === 0 && d.transport.driverOk ? queue : undefined;
      });
      wrap(d.transport, 'readQueueReady', (original) => () => {
        if (last) useSilently(d, last);
        last = undefined;
        return original();
      });
    },
  },
  {
    id: 'queue-clears-ring-when-stopped',
    clause: 'QUE-IDLE',
    summary: 'a kick of a stopped queue writes index 0 into its used ring',
    deep: false,
    apply(d) {
      wrap(d, 'kick', (original) => (index) => {
        const queue = d.queues[index];
        if (queue && queue.ready === 0 && queue.device.value !== 0) {
          const [offset, size] = queue.format.usedIndex;
          d.ram.store(queue.device.value + offset, size, 0);
        }
        original(index);
      });
    },
  },
  {
    id: 'queue-starts-at-kick',
    clause: 'QUE-EARLY',
    summary: 'a kick before DRIVER_OK makes it use buffers, without a notification',
    deep: false,
    apply(d) {
      wrap(d, 'kick', (original) => (index) => {
        const queue = d.queues[index];
        if (queue && queue.ready === 1 && !d.transport.driverOk) useSilently(d, queue);
        else original(index);
      });
    },
  },
  {
    id: 'queue-starts-when-enabled',
    clause: 'QUE-EARLY',
    summary: 'QueueReady 1 makes it use what is offered, before DRIVER_OK',
    deep: false,
    apply(d) {
      wrap(d, 'queueReady', (original) => (queue, ready) => {
        original(queue, ready);
        if (ready === 1 && !d.transport.driverOk) useSilently(d, queue);
      });
    },
  },
  {
    id: 'line-before-driver-ok',
    clause: 'QUE-EARLY',
    summary: 'without MSI a kick before DRIVER_OK is answered with a used buffer and the line',
    deep: false,
    apply(d) {
      wrap(d, 'kick', (original) => (index) => {
        const queue = d.queues[index];
        if (queue && queue.ready === 1 && !d.transport.driverOk && !d.messages()) serveAnyway(d, queue);
        else original(index);
      });
    },
  },
  {
    id: 'messages-before-driver-ok',
    clause: 'DLV-READY',
    summary: 'a kick before DRIVER_OK is answered with a used buffer and its message',
    deep: false,
    apply(d) {
      wrap(d, 'kick', (original) => (index) => {
        const queue = d.queues[index];
        if (queue && queue.ready === 1 && !d.transport.driverOk && d.messages()) serveAnyway(d, queue);
        else original(index);
      });
    },
  },
  {
    id: 'kick-before-driver-ok-sends',
    clause: 'DLV-READY',
    summary: "a kick before DRIVER_OK sends the queue's message, without any buffer being used",
    deep: false,
    apply(d) {
      wrap(d, 'kick', (original) => (index) => {
        if (d.queues[index] && !d.transport.driverOk && d.messages()) d.notify(queueSource(index));
        original(index);
      });
    },
  },
  {
    id: 'queue-runs-after-reset',
    clause: 'QUE-AFTER',
    summary: 'a reset hides the queues but a kick still makes it use their buffers',
    deep: false,
    apply(d) {
      // Nothing but QueueReady is reset, until the driver negotiates again.
      d.transport.resetQueues = () => {
        for (const queue of d.queues) queue.ready = 0;
      };
      wrap(d, 'negotiated', (original) => () => {
        for (const queue of d.queues) queue.reset();
        original();
      });
      wrap(d, 'kick', (original) => (index) => {
        const queue = d.queues[index];
        if (queue && d.transport.status === 0) useSilently(d, queue);
        else original(index);
      });
    },
  },
  {
    id: 'queues-dead',
    clause: 'QUE-WORKS',
    summary: 'no buffer is ever used',
    deep: false,
    apply(d) {
      d.useAll = () => {};
    },
  },
  {
    id: 'queue-last-dead',
    clause: 'QUE-WORKS',
    summary: "the last queue's buffers are never used",
    deep: false,
    apply(d) {
      wrap(d, 'useAll', (original) => (queue) => {
        if (queue.index !== d.queues.length - 1) original(queue);
      });
    },
  },
  {
    id: 'queue-one-a-kick',
    clause: 'QUE-WORKS',
    summary: 'a kick makes it use one buffer, however many are offered',
    deep: false,
    apply(d) {
      d.useAll = (queue) => {
        const chain = queue.pop();
        if (!chain) return;
        d.use(queue, chain);
        d.used(queue);
      };
    },
  },
  {
    id: 'queue-used-id-wrong',
    clause: 'QUE-WORKS',
    summary: 'the used ring names the wrong descriptor chain',
    deep: false,
    apply(d) {
      for (const queue of d.queues) wrap(queue, 'push', (original) => (head, written) => original(head + 1, written));
    },
  },
  {
    id: 'queue-stalls-at-wrap',
    clause: 'QUE-WORKS',
    summary: 'a queue stalls once its rings have been filled',
    deep: false,
    apply(d) {
      for (const queue of d.queues)
        wrap(queue, 'pop', (original) => () => (queue.lastAvailable >= queue.size ? undefined : original()));
    },
  },
  {
    id: 'queue-reset-bit-survives-reset',
    clause: 'QRST-RESET',
    summary: 'a queue reset that is under way still shows in QueueReset after a device reset',
    deep: false,
    variant: 'ring-reset-slow',
    apply(d) {
      wrap(d.transport, 'resetQueues', (original) => () => {
        const busy = d.queues.map((q) => q.busy);
        original();
        for (const queue of d.queues) queue.busy = busy[queue.index]!;
      });
    },
  },
  {
    id: 'queue-reset-reads-one-after-reset',
    clause: 'QRST-RESET',
    summary: 'QueueReset reads 1 after a device reset until the queue is enabled',
    deep: false,
    variant: 'ring-reset',
    apply(d) {
      wrap(d.transport, 'resetQueues', (original) => () => {
        original();
        for (const queue of d.queues) queue.busy = Number.POSITIVE_INFINITY;
      });
    },
  },
  {
    id: 'queue-reset-reads-ready',
    clause: 'QRST-ENABLE',
    summary: 'QueueReset reads 1 while the queue is enabled',
    deep: false,
    variant: 'ring-reset',
    apply(d) {
      d.transport.readQueueReset = () => d.transport.queue?.ready ?? 0;
    },
  },
  {
    id: 'queue-reset-reads-one-when-enabled-again',
    clause: 'QRST-ENABLE',
    summary: 'QueueReset reads 1 once a queue that was reset is enabled again',
    deep: false,
    variant: 'ring-reset',
    apply(d) {
      const reset = new Set<Virtqueue>();
      wrap(d.transport, 'resetQueue', (original) => (queue) => {
        original(queue);
        reset.add(queue);
      });
      wrap(d.transport, 'readQueueReset', (original) => () => {
        const { queue } = d.transport;
        return queue && reset.has(queue) && queue.ready === 1 ? 1 : original();
      });
      onReset(d, () => reset.clear());
    },
  },
  {
    id: 'queue-reset-ignored',
    clause: 'QRST-DONE',
    summary: 'QueueReset does nothing',
    deep: false,
    variant: 'ring-reset',
    apply(d) {
      d.transport.resetQueue = () => {};
    },
  },
  {
    id: 'queue-reset-keeps-ready',
    clause: 'QRST-DONE',
    summary: 'a queue reset leaves QueueReady at 1',
    deep: false,
    variant: 'ring-reset',
    apply(d) {
      wrap(d.transport, 'resetQueue', (original) => (queue) => {
        original(queue);
        queue.ready = 1;
      });
    },
  },
  {
    id: 'queue-reset-all',
    clause: 'QRST-DONE',
    summary: 'a queue reset resets every queue',
    deep: false,
    variant: 'ring-reset',
    apply(d) {
      wrap(d.transport, 'resetQueue', (original) => () => {
        for (const queue of d.queues) original(queue);
      });
    },
  },
  {
    id: 'queue-reset-never-done',
    clause: 'QRST-DONE',
    summary: 'QueueReset reads 1 for ever after a queue reset',
    deep: false,
    variant: 'ring-reset',
    apply(d) {
      wrap(d.transport, 'resetQueue', (original) => (queue) => {
        original(queue);
        queue.busy = Number.POSITIVE_INFINITY;
      });
    },
  },
  {
    id: 'queue-reset-keeps-working',
    clause: 'QRST-QUIET',
    summary: "a kick after a queue reset still makes it use the queue's buffers",
    deep: false,
    variant: 'ring-reset',
    apply(d) {
      const hidden = hideReset(d);
      wrap(d, 'kick', (original) => (index) => {
        const queue = d.queues[index];
        if (queue && hidden.has(queue) && queue.ready === 0 && d.transport.driverOk) useSilently(d, queue);
        else original(index);
      });
    },
  },
  {
    id: 'queue-reset-late-notification',
    clause: 'QRST-QUIET',
    summary: 'a kick after a queue reset notifies for that queue',
    deep: false,
    variant: 'ring-reset',
    apply(d) {
      const reset = new Set<Virtqueue>();
      wrap(d.transport, 'resetQueue', (original) => (queue) => {
        original(queue);
        reset.add(queue);
      });
      wrap(d, 'kick', (original) => (index) => {
        const queue = d.queues[index];
        if (queue && reset.has(queue) && queue.ready === 0 && d.transport.driverOk) d.notify(queueSource(index));
        original(index);
      });
      onReset(d, () => reset.clear());
    },
  },
  {
    id: 'queue-reset-keeps-indices',
    clause: 'QRST-AGAIN',
    summary: 'a queue that was reset goes on from its old indices when it is enabled again',
    deep: true,
    variant: 'ring-reset',
    apply(d) {
      wrap(d.transport, 'resetQueue', (original) => (queue) => {
        const { lastAvailable, nextUsed } = queue;
        original(queue);
        Object.assign(queue, { lastAvailable, nextUsed });
      });
    },
  },
  {
    id: 'queue-reset-keeps-used-index',
    clause: 'QRST-AGAIN',
    summary: 'a queue that was reset reads the available ring from its start but goes on in the used ring',
    deep: true,
    variant: 'ring-reset',
    apply(d) {
      wrap(d.transport, 'resetQueue', (original) => (queue) => {
        const { nextUsed } = queue;
        original(queue);
        queue.nextUsed = nextUsed;
      });
    },
  },
  {
    id: 'queue-reset-for-good',
    clause: 'QRST-AGAIN',
    summary: 'a queue that was reset reads ready when it is enabled again, and is never served',
    deep: true,
    variant: 'ring-reset',
    apply(d) {
      const gone = new Set<Virtqueue>();
      wrap(d.transport, 'resetQueue', (original) => (queue) => {
        original(queue);
        gone.add(queue);
      });
      wrap(d, 'mayServe', (original) => (queue) => !gone.has(queue) && original(queue));
      onReset(d, () => gone.clear());
    },
  },
];

/** Lets some queues come out of a reset as ready as they went in. */
function keepReady(device: Device, keeps: (queue: Virtqueue) => boolean): void {
  wrap(device.transport, 'resetQueues', (original) => () => {
    const ready = device.queues.map((q) => q.ready);
    original();
    for (const queue of device.queues) if (keeps(queue)) queue.ready = ready[queue.index]!;
  });
}

/** A queue reset that only looks like one: the rings stay known. Returns the queues it was done to. */
function hideReset(device: Device): Set<Virtqueue> {
  const hidden = new Set<Virtqueue>();
  device.transport.resetQueue = (queue) => {
    queue.ready = 0;
    hidden.add(queue);
    device.queueReset(queue);
  };
  // Enabled again it starts anew, as it should.
  wrap(device, 'queueReady', (original) => (queue, ready) => {
    if (ready === 1 && hidden.delete(queue)) queue.rewind();
    original(queue, ready);
  });
  onReset(device, () => hidden.clear());
  return hidden;
}
