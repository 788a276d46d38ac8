/** Histories: mistakes that show only after several steps, where what was done before the last ones decides. */
import type { Vectors } from '../vectors.ts';
import type { Fault } from './fault.ts';
import { msix, onReset, wrap } from './help.ts';

type Content = [low: number, high: number, data: number];

/** What an entry holds. */
function contentOf(vectors: Vectors, v: number): Content {
  return [vectors.low[v]!, vectors.high[v]!, vectors.data[v]!];
}

export const historyFaults: readonly Fault[] = [
  {
    id: 'pend-needs-a-send-between',
    clause: 'PBA-SET',
    summary: 'a vector that released a message cannot become pending again before it has sent one unmasked',
    deep: true,
    apply(d) {
      const spent = new Set<number>();
      wrap(d.vectors, 'release', (original) => (v) => {
        if (d.vectors.pending.get(v)) spent.add(v);
        original(v);
      });
      wrap(d.vectors, 'fire', (original) => (v, source) => {
        if (!d.vectors.blocked(v)) spent.delete(v);
        original(v, source);
      });
      wrap(d.vectors, 'pend', (original) => (v, source) => {
        if (!spent.has(v)) original(v, source);
      });
      onReset(d, () => spent.clear());
    },
  },
  {
    id: 'release-cursor-only-climbs',
    clause: 'PBA-FIRE',
    summary: 'once a pending vector was released, those below it are passed over: the search goes on from there',
    deep: true,
    apply(d) {
      let cursor = 0;
      wrap(d.vectors, 'release', (original) => (v) => {
        if (!d.vectors.pending.get(v)) return original(v);
        if (v < cursor) return;
        cursor = v;
        original(v);
      });
      onReset(d, () => {
        cursor = 0;
      });
    },
  },
  {
    id: 'every-second-release-lost',
    clause: 'PBA-FIRE',
    summary: 'every second pending message of the device is dropped: a flag is toggled where it should be set',
    deep: true,
    apply(d) {
      let drops = false;
      wrap(d.vectors, 'release', (original) => (v) => {
        if (!d.vectors.pending.get(v)) return original(v);
        if (drops) d.vectors.clearPending(v);
        else original(v);
        drops = !drops;
      });
      onReset(d, () => {
        drops = false;
      });
    },
  },
  {
    id: 'neighbour-released-twice',
    clause: 'PBA-FIRE',
    summary: 'a vector that is pending while another one is released sends its message twice',
    deep: true,
    apply(d) {
      const marked = new Set<number>();
      wrap(d.vectors, 'release', (original) => (v) => {
        const released = d.vectors.pending.get(v);
        original(v);
        if (released && marked.delete(v)) d.vectors.send(v);
        if (!released) return;
        for (let other = 0; other < d.vectors.count; other++) if (d.vectors.pending.get(other)) marked.add(other);
      });
      onReset(d, () => marked.clear());
    },
  },
  {
    id: 'neighbour-releases-same-message',
    clause: 'PBA-FIRE',
    summary: 'of two pending vectors, the one that is released second sends the message of the first',
    deep: true,
    apply(d) {
      const kept = new Map<number, Content>();
      wrap(d.vectors, 'release', (original) => (v) => {
        const released = d.vectors.pending.get(v);
        const other = kept.get(v);
        kept.delete(v);
        if (released && other) {
          d.vectors.clearPending(v);
          d.message(...other);
        } else original(v);
        if (!released) return;
        const content = other ?? contentOf(d.vectors, v);
        for (let next = 0; next < d.vectors.count; next++) if (d.vectors.pending.get(next)) kept.set(next, content);
      });
      onReset(d, () => kept.clear());
    },
  },
  {
    id: 'merged-event-comes-later',
    clause: 'PBA-NONE',
    summary: 'of several events of a masked vector one is sent when it is unmasked, and another the next time',
    deep: true,
    apply(d) {
      const more = new Set<number>();
      wrap(d.vectors, 'pend', (original) => (v, source) => {
        if (d.vectors.pending.get(v)) more.add(v);
        original(v, source);
      });
      wrap(d.vectors, 'release', (original) => (v) => {
        if (d.vectors.pending.get(v)) original(v);
        else if (more.delete(v)) d.vectors.send(v);
      });
      onReset(d, () => more.clear());
    },
  },
  {
    id: 'event-after-remask-lost',
    clause: 'DLV-LOST',
    summary: 'a vector that released a message, and was masked and unmasked since, loses its next event',
    deep: true,
    apply(d) {
      const released = new Set<number>();
      const deaf = new Set<number>();
      wrap(d.vectors, 'release', (original) => (v) => {
        if (d.vectors.pending.get(v)) released.add(v);
        else if (released.delete(v)) deaf.add(v);
        original(v);
      });
      wrap(d.vectors, 'fire', (original) => (v, source) => {
        if (d.vectors.blocked(v) || !deaf.delete(v)) original(v, source);
      });
      onReset(d, () => {
        released.clear();
        deaf.clear();
      });
    },
  },
  {
    id: 'entry-taken-when-masked',
    clause: 'ENT-FRESH',
    summary: 'a re-target takes effect one mask later: the entry is taken when the vector is masked',
    deep: true,
    apply(d) {
      const taken = new Map<number, Content>();
      wrap(d.vectors, 'setMask', (original) => (v, masked) => {
        if (masked && !d.vectors.masks.get(v)) taken.set(v, contentOf(d.vectors, v));
        original(v, masked);
      });
      wrap(d.vectors, 'send', (original) => (v) => {
        const content = taken.get(v);
        if (content) d.message(...content);
        else original(v);
      });
      onReset(d, () => taken.clear());
    },
  },
  {
    id: 'route-compared-by-address',
    clause: 'ENT-FRESH',
    summary: 'a re-target to the same address with other data is taken for none, and keeps the old data',
    deep: true,
    apply(d) {
      const routes = new Map<number, Content>();
      wrap(d.vectors, 'latch', (original) => (v) => {
        original(v);
        const [low, high, data] = contentOf(d.vectors, v);
        const old = routes.get(v);
        routes.set(v, [low, high, old && old[0] === low && old[1] === high ? old[2] : data]);
      });
      wrap(d.vectors, 'send', (original) => (v) => {
        const route = routes.get(v);
        if (route) d.message(...route);
        else original(v);
      });
      onReset(d, () => routes.clear());
    },
  },
  {
    id: 'route-compared-by-low-half',
    clause: 'ENT-FRESH',
    summary: 'a re-target that changes only the high half of the address is taken for none',
    deep: true,
    apply(d) {
      const routes = new Map<number, Content>();
      wrap(d.vectors, 'latch', (original) => (v) => {
        original(v);
        const [low, high, data] = contentOf(d.vectors, v);
        const old = routes.get(v);
        routes.set(v, [low, old && old[0] === low && old[2] === data ? old[1] : high, data]);
      });
      wrap(d.vectors, 'send', (original) => (v) => {
        const route = routes.get(v);
        if (route) d.message(...route);
        else original(v);
      });
      onReset(d, () => routes.clear());
    },
  },
  {
    id: 'retarget-while-pending-sends-both',
    clause: 'ENT-FRESH',
    summary: 'a pending vector that was re-targeted sends to its old and to its new target',
    deep: true,
    apply(d) {
      const held = new Map<number, Content>();
      const used = new Set<number>();
      wrap(d.vectors, 'send', (original) => (v) => {
        used.add(v);
        original(v);
      });
      wrap(d.vectors, 'pend', (original) => (v, source) => {
        if (used.has(v) && !held.has(v)) held.set(v, contentOf(d.vectors, v));
        original(v, source);
      });
      wrap(d.vectors, 'release', (original) => (v) => {
        const old = held.get(v);
        held.delete(v);
        const again = d.vectors.pending.get(v) && old?.some((part, index) => part !== contentOf(d.vectors, v)[index]);
        original(v);
        if (again && old) d.message(...old);
      });
      onReset(d, () => {
        held.clear();
        used.clear();
      });
    },
  },
  {
    id: 'pending-of-the-returned-stuck',
    clause: 'PBA-FIRE',
    summary: 'a pending vector that its event left and came back to stays pending when it is unmasked',
    deep: true,
    apply(d) {
      const left = new Map<number, number>();
      const stale = new Set<number>();
      wrap(d.vectors, 'map', (original) => (source, value) => {
        const old = d.vectors.mapped(source);
        original(source, value);
        const v = d.vectors.mapped(source);
        if (old !== undefined && old !== v && d.vectors.pending.get(old)) left.set(source, old);
        if (v !== undefined && v !== old && left.get(source) === v && d.vectors.pending.get(v)) stale.add(v);
      });
      wrap(d.vectors, 'release', (original) => (v) => {
        if (!stale.delete(v)) original(v);
      });
      onReset(d, () => {
        left.clear();
        stale.clear();
      });
    },
  },
  {
    id: 'first-after-suppression-lost',
    clause: 'PBA-SET',
    summary: 'the first used buffer after one that the driver wanted no notification of is not notified, nor pending',
    deep: true,
    apply(d) {
      const quiet = new Set<number>();
      wrap(d, 'used', (original) => (queue) => {
        if (d.silenced(queue)) quiet.add(queue.index);
        else if (quiet.delete(queue.index) && d.messages()) return;
        original(queue);
      });
      onReset(d, () => quiet.clear());
    },
  },
  {
    id: 'line-dead-after-both',
    clause: 'INT-LINE',
    summary: 'the line is not raised any more once both bits of InterruptStatus were acknowledged one by one',
    deep: true,
    variant: 'plain',
    apply(d) {
      let both = false;
      let dead = false;
      wrap(d.line, 'raise', (original) => (bit) => {
        both ||= (d.line.status | bit) === (d.usedBuffer | d.configChange);
        original(bit);
      });
      wrap(d.line, 'acknowledge', (original) => (bits) => {
        const left = d.line.status & ~bits;
        if (both && left === 0 && d.line.status !== (d.usedBuffer | d.configChange)) dead = true;
        original(bits);
      });
      wrap(d.line, 'wanted', (original) => () => (dead ? 0 : original()));
      onReset(d, () => {
        both = false;
        dead = false;
      });
    },
  },
  {
    id: 'function-mask-set-twice-releases-nothing',
    clause: 'FMK-FIRE',
    summary: 'clearing the function mask sends nothing of what is pending where it was set twice',
    deep: true,
    mechanism: 'vector-control',
    apply(d) {
      const mechanism = msix(d);
      let times = 0;
      wrap(mechanism, 'writeControl', (original) => (enabled, functionMask) => {
        if (!functionMask && times > 1 && mechanism.active()) d.vectors.held = false;
        times = functionMask ? times + 1 : 0;
        original(enabled, functionMask);
      });
      onReset(d, () => {
        times = 0;
      });
    },
  },
  {
    id: 'function-mask-passes-over-unmasked',
    clause: 'FMK-FIRE',
    summary: 'clearing the function mask passes over pending vectors that were unmasked while it was set',
    deep: true,
    mechanism: 'vector-control',
    apply(d) {
      const mechanism = msix(d);
      const under = new Set<number>();
      wrap(d.vectors, 'setMask', (original) => (v, masked) => {
        if (!masked && mechanism.functionMask && d.vectors.pending.get(v)) under.add(v);
        if (masked) under.delete(v);
        original(v, masked);
      });
      wrap(d.vectors, 'letGo', (original) => (v) => {
        if (!under.delete(v)) original(v);
      });
      onReset(d, () => under.clear());
    },
  },
];
