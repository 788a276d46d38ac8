/** Delivery: what becomes of an event, and what must not happen without one. */
import type { Fault } from './fault.ts';
import { CONFIG, lives, onDriverOk, onReset, queueSource, tables, wrap } from './help.ts';

export const deliveryFaults: readonly Fault[] = [
  {
    id: 'used-silent',
    clause: 'DLV-USED',
    summary: 'used buffers send no message',
    deep: false,
    apply(d) {
      wrap(d.vectors, 'notify', (original) => (source) => {
        if (source === CONFIG) original(source);
      });
    },
  },
  {
    id: 'used-twice',
    clause: 'DLV-USED',
    summary: 'one used buffer sends two messages',
    deep: false,
    apply(d) {
      wrap(d.vectors, 'fire', (original) => (v, source) => {
        original(v, source);
        if (source !== CONFIG && !d.vectors.blocked(v)) d.vectors.send(v);
      });
    },
  },
  {
    id: 'used-first-queue-only',
    clause: 'DLV-USED',
    summary: 'only queue 0 sends messages',
    deep: false,
    apply(d) {
      wrap(d.vectors, 'notify', (original) => (source) => {
        if (source <= queueSource(0)) original(source);
      });
    },
  },
  {
    id: 'used-every-second-lost',
    clause: 'DLV-USED',
    summary:
      'every second used buffer of a queue sends nothing: it waits for an acknowledgement that MSI does not have',
    deep: false,
    apply(d) {
      const odd = new Set<number>();
      wrap(d, 'used', (original) => (queue) => {
        if (d.messages() && odd.delete(queue.index)) return;
        odd.add(queue.index);
        original(queue);
      });
      onReset(d, () => odd.clear());
    },
  },
  {
    id: 'used-wrong-entry',
    clause: 'ENT-FRESH',
    summary: "a used buffer's message carries the data of the vector after its own",
    deep: false,
    apply(d) {
      const { vectors } = d;
      wrap(vectors, 'fire', (original) => (v, source) => {
        if (source === CONFIG || vectors.blocked(v)) original(v, source);
        else d.message(vectors.low[v]!, vectors.high[v]!, vectors.data[(v + 1) % vectors.count]!);
      });
    },
  },
  {
    id: 'used-silent-at-wrap',
    clause: 'DLV-USED',
    summary: 'the used buffer that fills the last place of the ring sends no message',
    deep: false,
    apply(d) {
      wrap(d, 'used', (original) => (queue) => {
        if (!d.messages() || queue.nextUsed % queue.size !== 0) original(queue);
      });
    },
  },
  {
    id: 'config-silent',
    clause: 'DLV-CONFIG',
    summary: 'a configuration change sends no message',
    deep: false,
    apply(d) {
      wrap(d, 'configEvent', (original) => () => {
        if (!d.messages()) original();
      });
    },
  },
  {
    id: 'config-on-queue-vector',
    clause: 'DLV-CONFIG',
    summary: 'a configuration change goes to the vector of queue 0',
    deep: false,
    apply(d) {
      wrap(d.vectors, 'notify', (original) => (source) => original(source === CONFIG ? queueSource(0) : source));
    },
  },
  {
    id: 'config-twice',
    clause: 'DLV-CONFIG',
    summary: 'a configuration change sends one message for each half of the value that changed',
    deep: false,
    apply(d) {
      wrap(d, 'configEvent', (original) => () => {
        original();
        const v = d.vectors.mapped(CONFIG);
        if (d.messages() && d.transport.driverOk && v !== undefined && !d.vectors.blocked(v)) original();
      });
    },
  },
  {
    id: 'config-first-only',
    clause: 'DLV-CONFIG',
    summary: 'only the first configuration change of a life sends a message',
    deep: false,
    apply(d) {
      let told = false;
      wrap(d, 'configEvent', (original) => () => {
        if (!told || !d.messages()) original();
        if (d.messages() && d.transport.driverOk) told = true;
      });
      onReset(d, () => {
        told = false;
      });
    },
  },
  {
    id: 'driver-ok-sends',
    clause: 'DLV-SPURIOUS',
    summary: 'DRIVER_OK sends the message of every mapped queue, or sets its pending bit',
    deep: false,
    apply(d) {
      onDriverOk(d, () => {
        if (d.messages()) for (const queue of d.queues) d.vectors.notify(queueSource(queue.index));
      });
    },
  },
  {
    id: 'empty-kick-sends',
    clause: 'DLV-SPURIOUS',
    summary: "a kick without buffers sends the queue's message",
    deep: false,
    apply(d) {
      wrap(d, 'serve', (original) => (queue) => {
        const before = queue.nextUsed;
        original(queue);
        if (d.messages() && d.mayServe(queue) && queue.nextUsed === before) d.notify(queueSource(queue.index));
      });
    },
  },
  {
    id: 'message-to-nowhere',
    clause: 'DLV-SPURIOUS',
    summary: 'each message of queue 0 is followed by one of zeros to address 0',
    deep: false,
    apply(d) {
      wrap(d.vectors, 'notify', (original) => (source) => {
        original(source);
        if (source === queueSource(0)) d.message(0, 0, 0);
      });
    },
  },
  {
    id: 'config-write-sends',
    clause: 'DLV-SPURIOUS',
    summary: "the driver's own write to the configuration space is notified",
    deep: false,
    apply(d) {
      d.config.store = () => {
        if (d.messages()) d.configEvent();
      };
    },
  },
  {
    id: 'enable-sends',
    clause: 'DLV-SPURIOUS',
    summary: 'stopping and enabling a queue while DRIVER_OK is set sends its message',
    deep: false,
    apply(d) {
      wrap(d, 'queueReady', (original) => (queue, ready) => {
        original(queue, ready);
        if (ready === 1 && d.transport.driverOk && d.messages()) d.notify(queueSource(queue.index));
      });
    },
  },
  {
    id: 'lost-while-other-masked',
    clause: 'DLV-LOST',
    summary: 'an event is lost while another vector that has an event mapped to it is masked',
    deep: false,
    apply(d) {
      wrap(d.vectors, 'fire', (original) => (v, source) => {
        const other = d.vectors.mapping.some((m) => m >= 0 && m !== v && d.vectors.masks.get(m));
        if (d.vectors.blocked(v) || !other) original(v, source);
      });
    },
  },
  {
    id: 'lost-while-other-pending',
    clause: 'DLV-LOST',
    summary: 'an event on an unmasked vector is lost while another vector is pending',
    deep: true,
    apply(d) {
      wrap(d.vectors, 'fire', (original) => (v, source) => {
        const pending = d.vectors.pending.words.some((word) => word !== 0);
        if (d.vectors.blocked(v) || !pending) original(v, source);
      });
    },
  },
  {
    id: 'lost-after-release',
    clause: 'DLV-LOST',
    summary: 'the first event after a pending message was released is lost',
    deep: true,
    apply(d) {
      const released = new Set<number>();
      wrap(d.vectors, 'release', (original) => (v) => {
        if (d.vectors.pending.get(v)) released.add(v);
        original(v);
      });
      wrap(d.vectors, 'fire', (original) => (v, source) => {
        if (!released.delete(v) || d.vectors.blocked(v)) original(v, source);
      });
      onReset(d, () => released.clear());
    },
  },
  {
    id: 'lost-after-remap-of-other',
    clause: 'DLV-LOST',
    summary: 'remapping a queue drops the pending bits of all other vectors',
    deep: true,
    apply(d) {
      wrap(d.vectors, 'map', (original) => (source, value) => {
        const old = d.vectors.mapped(source);
        original(source, value);
        const v = d.vectors.mapped(source);
        if (old === undefined || v === undefined || old === v) return;
        for (let other = 0; other < d.vectors.count; other++)
          if (other !== old && other !== v) d.vectors.clearPending(other);
      });
    },
  },
  {
    id: 'lost-after-stop-and-start',
    clause: 'DLV-LOST',
    summary: 'a queue that was stopped and enabled again uses buffers and notifies no more',
    deep: false,
    apply(d) {
      const stopped = new Set<number>();
      wrap(d, 'queueReady', (original) => (queue, ready) => {
        original(queue, ready);
        if (ready === 0 && d.transport.driverOk) stopped.add(queueSource(queue.index));
      });
      wrap(d.vectors, 'notify', (original) => (source) => {
        if (!stopped.has(source)) original(source);
      });
      onReset(d, () => stopped.clear());
    },
  },
  {
    id: 'lost-after-retarget',
    clause: 'PBA-FIRE',
    summary: 'a vector whose address was changed while masked stays silent after it is unmasked',
    deep: true,
    apply(d) {
      const silent = new Set<number>();
      wrap(d.vectors, 'writeLow', (original) => (v, value) => {
        if (d.transport.driverOk && d.vectors.readLow(v) !== value) silent.add(v);
        original(v, value);
      });
      wrap(d.vectors, 'send', (original) => (v) => {
        if (!silent.has(v)) original(v);
      });
      onReset(d, () => silent.clear());
    },
  },
  {
    id: 'line-beside-message',
    clause: 'DLV-LINE',
    summary: 'the line is raised beside each message',
    deep: false,
    apply(d) {
      wrap(d, 'notify', (original) => (source) => {
        original(source);
        if (d.messages()) d.line.drive(1);
      });
    },
  },
  {
    id: 'line-for-unmapped',
    clause: 'DLV-LINE',
    summary: 'an event mapped to NO_VECTOR pulses the line instead',
    deep: false,
    apply(d) {
      d.vectors.unheard = () => {
        d.line.drive(1);
        d.line.drive(0);
      };
    },
  },
  {
    id: 'line-for-needs-reset',
    clause: 'DLV-LINE',
    summary: 'DEVICE_NEEDS_RESET raises the line as well as sending its message',
    deep: false,
    apply(d) {
      wrap(d, 'breakDown', (original) => () => {
        original();
        if (d.messages()) d.line.drive(1);
      });
    },
  },
  {
    id: 'status-beside-message',
    clause: 'DLV-STATUS',
    summary: 'InterruptStatus is set beside each message',
    deep: false,
    apply(d) {
      d.interruptStatus = () => d.line.status;
      // The bits, and not the line.
      wrap(d, 'notify', (original) => (source) => {
        original(source);
        if (d.messages()) d.line.status |= source === CONFIG ? d.configChange : d.usedBuffer;
      });
    },
  },
  {
    id: 'status-for-unmapped',
    clause: 'DLV-STATUS',
    summary: 'an event mapped to NO_VECTOR sets its bit of InterruptStatus',
    deep: false,
    apply(d) {
      d.interruptStatus = () => d.line.status;
      d.vectors.unheard = (source) => {
        d.line.status |= source === CONFIG ? d.configChange : d.usedBuffer;
      };
    },
  },
  {
    id: 'ack-clears-pending',
    clause: 'DLV-STATUS',
    summary: 'InterruptACK clears every pending bit',
    deep: false,
    apply(d) {
      wrap(d, 'interruptAcknowledge', (original) => (bits) => {
        original(bits);
        if (d.messages() && bits !== 0) d.vectors.resetPending();
      });
    },
  },
  {
    id: 'ack-masks-config',
    clause: 'DLV-STATUS',
    summary: 'InterruptACK of a configuration change sets the mask bit of its vector',
    deep: false,
    apply(d) {
      wrap(d, 'interruptAcknowledge', (original) => (bits) => {
        original(bits);
        const v = d.vectors.mapped(CONFIG);
        if (d.messages() && (bits & d.configChange) !== 0 && v !== undefined) d.vectors.setMask(v, true);
      });
    },
  },
  {
    id: 'reset-keeps-masks',
    clause: 'RST-CLEAN',
    summary: 'a reset leaves the mask bits as they were',
    deep: false,
    apply(d) {
      d.vectors.resetMasks = () => {};
    },
  },
  {
    id: 'reset-keeps-pending',
    clause: 'RST-CLEAN',
    summary: 'a reset leaves the pending bits as they were',
    deep: false,
    apply(d) {
      d.vectors.resetPending = () => {};
      // What is left over shows, and is not sent.
      wrap(d.vectors, 'release', (original) => (v) => {
        if (!stale.delete(v)) original(v);
        else d.vectors.clearPending(v);
      });
      wrap(d.vectors, 'pend', (original) => (v, source) => {
        stale.delete(v);
        original(v, source);
      });
      const stale = new Set<number>();
      onReset(d, () => {
        for (let v = 0; v < d.vectors.count; v++) if (d.vectors.pending.get(v)) stale.add(v);
      });
    },
  },
  {
    id: 'reset-keeps-pending-above-31',
    clause: 'RST-CLEAN',
    summary: 'a reset clears the first dword of the pending bits only',
    deep: false,
    variant: 'vectors-33',
    apply(d) {
      d.vectors.resetPending = () => {
        d.vectors.pending.words[0] = 0;
        d.vectors.causes.fill(-1, 0, 32);
      };
    },
  },
  {
    id: 'reset-keeps-config-vector',
    clause: 'RST-CLEAN',
    summary: 'a reset leaves MsiConfigVector as it was',
    deep: false,
    apply(d) {
      d.vectors.resetMapping = () => {
        d.vectors.mapping.fill(-1, queueSource(0));
      };
    },
  },
  {
    id: 'reset-keeps-queue-vectors-above-first',
    clause: 'RST-CLEAN',
    summary: 'a reset unmaps queue 0 only, and configuration changes',
    deep: false,
    apply(d) {
      d.vectors.resetMapping = () => {
        d.vectors.mapping.fill(-1, 0, queueSource(1));
      };
    },
  },
  {
    id: 'reset-incomplete-when-pending',
    clause: 'RST-CLEAN',
    summary: 'a reset while something is pending leaves the masks as they were',
    deep: false,
    apply(d) {
      wrap(d.vectors, 'resetMasks', (original) => () => {
        if (d.vectors.pending.words.every((word) => word === 0)) original();
      });
    },
  },
  {
    id: 'second-reset-keeps-mapping',
    clause: 'RST-CLEAN',
    summary: 'the reset that ends the second life of the device leaves the mapping as it was',
    deep: false,
    apply(d) {
      const life = lives(d);
      wrap(d.vectors, 'resetMapping', (original) => () => {
        if (life() !== 1 || !d.messages()) original();
      });
      // The mechanism stops being active before the vectors are reset; look a moment earlier.
      wrap(tables(d), 'reset', (original) => () => {
        const was = tables(d).negotiated;
        d.messages = () => was;
        original();
        d.messages = () => tables(d).active();
      });
    },
  },
  {
    id: 'pending-fires-in-next-life',
    clause: 'RST-QUIET',
    summary: 'what was pending at a reset reads 0 after it and is sent once its vector is unmasked',
    deep: true,
    apply(d) {
      const left = new Set<number>();
      wrap(d.vectors, 'resetPending', (original) => () => {
        for (let v = 0; v < d.vectors.count; v++) if (d.vectors.pending.get(v)) left.add(v);
        original();
      });
      wrap(d.vectors, 'release', (original) => (v) => {
        const was = d.vectors.pending.get(v);
        original(v);
        if (left.delete(v) && !was) d.vectors.send(v);
      });
    },
  },
  {
    id: 'pending-becomes-status',
    clause: 'RST-QUIET',
    summary: 'what was pending at a reset raises the line for the next driver, if that declines MSI',
    deep: false,
    apply(d) {
      let left = false;
      wrap(d.vectors, 'resetPending', (original) => () => {
        left ||= d.vectors.pending.words.some((word) => word !== 0);
        original();
      });
      onDriverOk(d, () => {
        if (left && !d.messages()) d.line.raise(d.usedBuffer);
        left = false;
      });
    },
  },
  {
    id: 'lost-when-reset-is-needed',
    clause: 'DLV-LOST',
    summary: 'a device that comes to need a reset drops what is pending',
    deep: false,
    apply(d) {
      wrap(d, 'breakDown', (original) => () => {
        d.vectors.resetPending();
        original();
      });
    },
  },
  {
    id: 'lost-when-failed',
    clause: 'DLV-LOST',
    summary: 'FAILED in Status drops what is pending',
    deep: false,
    apply(d) {
      const failed = d.layout.bit('Status', 'FAILED');
      wrap(d.transport, 'setStatus', (original) => (value) => {
        if (value & failed) d.vectors.resetPending();
        original(value);
      });
    },
  },
  {
    id: 'lost-when-queue-starts',
    clause: 'DLV-LOST',
    summary: 'writing 1 to QueueReady clears the pending bit that the queue had set',
    deep: false,
    apply(d) {
      wrap(d, 'queueReady', (original) => (queue, ready) => {
        if (ready === 1) d.vectors.forget(queueSource(queue.index));
        original(queue, ready);
      });
    },
  },
  {
    id: 'lost-when-suppressed',
    clause: 'DLV-LOST',
    summary: 'a used buffer that the driver wants no notification of clears what the queue has pending',
    deep: true,
    apply(d) {
      wrap(d, 'used', (original) => (queue) => {
        if (d.silenced(queue)) d.vectors.forget(queueSource(queue.index));
        original(queue);
      });
    },
  },
  {
    id: 'used-with-latch-of-last-unmask',
    clause: 'DLV-USED',
    summary: 'all vectors share one copy of an entry, taken when any of them is unmasked',
    deep: false,
    apply(d) {
      let last = 0;
      wrap(d.vectors, 'latch', (original) => (v) => {
        original(v);
        last = v;
      });
      wrap(d.vectors, 'send', (original) => () => original(last));
    },
  },
];
