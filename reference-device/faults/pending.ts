/** The pending bits. */
import type { Fault } from './fault.ts';
import { CONFIG, native, onReset, tables, vectorsOf, wrap } from './help.ts';

export const pendingFaults: readonly Fault[] = [
  {
    id: 'pba-reads-zero',
    clause: 'PBA-SET',
    summary: 'the pending bit array always reads 0; messages are delivered on unmask all the same',
    deep: false,
    apply(d) {
      tables(d).readPendingWord = () => 0;
    },
  },
  {
    id: 'pba-not-for-config',
    clause: 'PBA-SET',
    summary: 'a configuration change on a masked vector is forgotten',
    deep: false,
    apply(d) {
      wrap(d.vectors, 'pend', (original) => (v, source) => {
        if (source !== CONFIG) original(v, source);
      });
    },
  },
  {
    id: 'pba-second-event-toggles',
    clause: 'PBA-SET',
    summary: 'a second event on a masked vector clears its pending bit again',
    deep: false,
    apply(d) {
      wrap(d.vectors, 'pend', (original) => (v, source) => {
        if (d.vectors.pending.get(v)) d.vectors.clearPending(v);
        else original(v, source);
      });
    },
  },
  {
    id: 'pba-second-dword-missing',
    clause: 'PBA-SET',
    summary: 'the pending bits of vectors from 32 up read 0',
    deep: false,
    variant: 'vectors-33',
    apply(d) {
      wrap(tables(d), 'readPendingWord', (original) => (word) => (word === 0 ? original(word) : 0));
    },
  },
  {
    id: 'pba-one-at-a-time',
    clause: 'PBA-SET',
    summary: 'only one vector can be pending: the next one is dropped',
    deep: false,
    apply(d) {
      wrap(d.vectors, 'pend', (original) => (v, source) => {
        if (d.vectors.pending.get(v) || d.vectors.pending.words.every((word) => word === 0)) original(v, source);
      });
    },
  },
  {
    id: 'pba-set-by-sending',
    clause: 'PBA-CLEAR',
    summary: 'a message sent at once sets the pending bit as well',
    deep: false,
    apply(d) {
      wrap(tables(d), 'readPendingWord', (original) => (word) => (original(word) | (shown[word] ?? 0)) >>> 0);
      const shown: number[] = [];
      wrap(d.vectors, 'fire', (original) => (v, source) => {
        if (!d.vectors.blocked(v)) shown[v >>> 5] = ((shown[v >>> 5] ?? 0) | (1 << (v & 31))) >>> 0;
        original(v, source);
      });
      onReset(d, () => shown.fill(0));
    },
  },
  {
    id: 'pba-stays-after-release',
    clause: 'PBA-CLEAR',
    summary: 'unmasking sends the message and leaves the pending bit reading 1',
    deep: false,
    apply(d) {
      const shown: number[] = [];
      wrap(tables(d), 'readPendingWord', (original) => (word) => (original(word) | (shown[word] ?? 0)) >>> 0);
      wrap(d.vectors, 'release', (original) => (v) => {
        if (d.vectors.pending.get(v)) shown[v >>> 5] = ((shown[v >>> 5] ?? 0) | (1 << (v & 31))) >>> 0;
        original(v);
      });
      onReset(d, () => shown.fill(0));
    },
  },
  {
    id: 'pba-shows-masks',
    clause: 'PBA-CLEAR',
    summary: 'the pending bit of a masked vector reads 1 once DRIVER_OK is set',
    deep: false,
    apply(d) {
      wrap(
        tables(d),
        'readPendingWord',
        (original) => (word) => (d.transport.driverOk ? d.vectors.masks.word(word) : original(word)),
      );
    },
  },
  {
    id: 'pba-write-clears',
    clause: 'PBA-RO',
    summary: 'writing 1 to a pending bit clears it',
    deep: false,
    apply(d) {
      tables(d).writePendingWord = (word, value) => {
        for (const v of vectorsOf(d.vectors, word, value)) d.vectors.clearPending(v);
      };
    },
  },
  {
    id: 'pba-write-sets',
    clause: 'PBA-RO',
    summary: 'writing 1 to a pending bit sets it',
    deep: false,
    apply(d) {
      tables(d).writePendingWord = (word, value) => {
        for (const v of vectorsOf(d.vectors, word, value)) d.vectors.pending.set(v, true);
      };
    },
  },
  {
    id: 'pba-reserved-ones',
    clause: 'PBA-RO',
    summary: 'pending bits from the vector count up read 1',
    deep: false,
    apply(d) {
      wrap(
        tables(d),
        'readPendingWord',
        (original) => (word) => (original(word) | ~d.vectors.pending.valid(word)) >>> 0,
      );
    },
  },
  {
    id: 'pba-write-zero-clears',
    clause: 'PBA-RO',
    summary: 'writing 0 to the pending bit array clears what is pending',
    deep: false,
    apply(d) {
      tables(d).writePendingWord = (word, value) => {
        for (const v of vectorsOf(d.vectors, word, ~value)) d.vectors.clearPending(v);
      };
    },
  },
  {
    id: 'unmask-drops-pending',
    clause: 'PBA-FIRE',
    summary: 'unmasking clears the pending bit and sends nothing',
    deep: false,
    apply(d) {
      d.vectors.release = (v) => d.vectors.clearPending(v);
    },
  },
  {
    id: 'unmask-keeps-pending',
    clause: 'PBA-FIRE',
    summary: 'unmasking sends nothing; what is pending waits for the next event',
    deep: false,
    apply(d) {
      d.vectors.release = () => {};
      wrap(d.vectors, 'fire', (original) => (v, source) => {
        if (!d.vectors.blocked(v)) d.vectors.clearPending(v);
        original(v, source);
      });
    },
  },
  {
    id: 'unmask-sends-twice',
    clause: 'PBA-FIRE',
    summary: 'unmasking a pending vector sends two messages',
    deep: false,
    apply(d) {
      wrap(d.vectors, 'release', (original) => (v) => {
        if (d.vectors.pending.get(v)) d.vectors.send(v);
        original(v);
      });
    },
  },
  {
    id: 'unmask-fires-lowest-only',
    clause: 'PBA-FIRE',
    summary: "a write that unmasks several pending vectors sends the lowest one's message only",
    deep: true,
    apply(d) {
      let sent: boolean | undefined;
      wrap(native(d), 'changeMasks', (original) => (word, value) => {
        sent = false;
        original(word, value);
        sent = undefined;
      });
      wrap(d.vectors, 'release', (original) => (v) => {
        if (sent === true || !d.vectors.pending.get(v)) return;
        if (sent === false) sent = true;
        original(v);
      });
    },
  },
  {
    id: 'unmask-silent-in-mixed-write',
    clause: 'PBA-FIRE',
    summary: 'a pending vector that is unmasked by a write that masks another sends nothing',
    deep: false,
    apply(d) {
      let masking = false;
      wrap(native(d), 'changeMasks', (original) => (word, value) => {
        masking = (~d.vectors.masks.word(word) & value & d.vectors.masks.valid(word)) !== 0;
        original(word, value);
        masking = false;
      });
      wrap(d.vectors, 'release', (original) => (v) => {
        if (!masking) original(v);
      });
    },
  },
  {
    id: 'unmask-silent-above-31',
    clause: 'PBA-FIRE',
    summary: 'unmasking looks at the pending bit of the vector modulo 32',
    deep: false,
    variant: 'vectors-64',
    apply(d) {
      const { vectors } = d;
      vectors.release = (v) => {
        if (!vectors.pending.get(v & 31)) return;
        vectors.clearPending(v & 31);
        vectors.send(v);
      };
    },
  },
  {
    id: 'unmask-fires-once-a-life',
    clause: 'PBA-FIRE',
    summary: 'a vector releases a pending message once; from the second time on it is lost',
    deep: true,
    apply(d) {
      const released = new Set<number>();
      wrap(d.vectors, 'release', (original) => (v) => {
        if (!d.vectors.pending.get(v)) return;
        if (released.has(v)) d.vectors.clearPending(v);
        else original(v);
        released.add(v);
      });
      onReset(d, () => released.clear());
    },
  },
  {
    id: 'pending-counted',
    clause: 'PBA-MERGE',
    summary: 'unmasking sends one message for each event that was held',
    deep: false,
    apply(d) {
      const held = new Map<number, number>();
      wrap(d.vectors, 'pend', (original) => (v, source) => {
        held.set(v, (held.get(v) ?? 0) + 1);
        original(v, source);
      });
      wrap(d.vectors, 'release', (original) => (v) => {
        const more = d.vectors.pending.get(v) ? (held.get(v) ?? 1) - 1 : 0;
        original(v);
        held.delete(v);
        for (let i = 0; i < more; i++) d.vectors.send(v);
      });
      onReset(d, () => held.clear());
    },
  },
  {
    id: 'pending-per-source',
    clause: 'PBA-MERGE',
    summary: 'unmasking a shared vector sends one message for each of its sources that had an event',
    deep: true,
    apply(d) {
      const held = new Map<number, Set<number>>();
      wrap(d.vectors, 'pend', (original) => (v, source) => {
        held.set(v, (held.get(v) ?? new Set()).add(source));
        original(v, source);
      });
      wrap(d.vectors, 'release', (original) => (v) => {
        const more = d.vectors.pending.get(v) ? (held.get(v)?.size ?? 1) - 1 : 0;
        original(v);
        held.delete(v);
        for (let i = 0; i < more; i++) d.vectors.send(v);
      });
      onReset(d, () => held.clear());
    },
  },
  {
    id: 'remap-clears-pending',
    clause: 'PBA-VECTOR',
    summary: 'mapping an event elsewhere clears the pending bit of its old vector, although others share it',
    deep: false,
    apply(d) {
      d.vectors.left = (v) => d.vectors.clearPending(v);
    },
  },
  {
    id: 'unmap-clears-pending',
    clause: 'PBA-VECTOR',
    summary: 'writing NO_VECTOR clears the pending bit that the event had set',
    deep: false,
    apply(d) {
      wrap(d.vectors, 'map', (original) => (source, value) => {
        const old = d.vectors.mapped(source);
        original(source, value);
        if (old !== undefined && d.vectors.mapped(source) === undefined) d.vectors.clearPending(old);
      });
    },
  },
  {
    id: 'remap-takes-pending-along',
    clause: 'PBA-VECTOR',
    summary: 'mapping an event elsewhere moves the pending bit to the new vector',
    deep: false,
    apply(d) {
      wrap(d.vectors, 'map', (original) => (source, value) => {
        const old = d.vectors.mapped(source);
        original(source, value);
        const v = d.vectors.mapped(source);
        if (old === undefined || v === undefined || old === v || !d.vectors.pending.get(old)) return;
        d.vectors.clearPending(old);
        d.vectors.fire(v, source);
      });
    },
  },
  {
    id: 'unmask-always-sends',
    clause: 'PBA-NONE',
    summary: 'unmasking sends a message whether anything is pending or not',
    deep: false,
    apply(d) {
      d.vectors.release = (v) => {
        d.vectors.clearPending(v);
        if (d.transport.driverOk) d.vectors.send(v);
      };
    },
  },
  {
    id: 'unmask-repeats-last',
    clause: 'PBA-NONE',
    summary: 'unmasking a vector that has sent before sends again',
    deep: false,
    apply(d) {
      const sent = new Set<number>();
      wrap(d.vectors, 'send', (original) => (v) => {
        original(v);
        sent.add(v);
      });
      wrap(d.vectors, 'release', (original) => (v) => {
        if (d.vectors.pending.get(v)) original(v);
        else if (sent.has(v)) d.vectors.send(v);
      });
      onReset(d, () => sent.clear());
    },
  },
  {
    id: 'pending-fires-on-every-unmask',
    clause: 'PBA-NONE',
    summary: 'the bit clears when the message is sent, yet masking and unmasking again sends it once more',
    deep: true,
    apply(d) {
      const again = new Set<number>();
      wrap(d.vectors, 'release', (original) => (v) => {
        if (d.vectors.pending.get(v)) {
          again.add(v);
          original(v);
        } else if (again.delete(v)) d.vectors.send(v);
      });
      onReset(d, () => again.clear());
    },
  },
];
