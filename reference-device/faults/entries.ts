/** The entry table. */
import type { Fault } from './fault.ts';
import { native, onReset, tables, wrap } from './help.ts';

export const entryFaults: readonly Fault[] = [
  {
    id: 'entry-data-16-bits',
    clause: 'ENT-RW',
    summary: "the data of an entry keeps 16 bits, as PCI's plain MSI does",
    deep: false,
    apply(d) {
      wrap(d.vectors, 'writeData', (original) => (v, value) => original(v, value & 0xffff));
    },
  },
  {
    id: 'entry-high-reads-zero',
    clause: 'ENT-RW',
    summary: 'address high reads 0',
    deep: false,
    apply(d) {
      d.vectors.readHigh = () => 0;
    },
  },
  {
    id: 'entry-address-16-aligned',
    clause: 'ENT-RW',
    summary: 'the low four bits of address low read 0',
    deep: false,
    apply(d) {
      wrap(d.vectors, 'writeLow', (original) => (v, value) => original(v, (value & ~15) >>> 0));
    },
  },
  {
    id: 'entry-last-aliases-first',
    clause: 'ENT-RW',
    summary: 'the data of the last entry is that of entry 0',
    deep: false,
    apply(d) {
      const last = d.vectors.count - 1;
      wrap(d.vectors, 'writeData', (original) => (v, value) => original(v === last ? 0 : v, value));
      wrap(d.vectors, 'readData', (original) => (v) => original(v === last ? 0 : v));
    },
  },
  {
    id: 'entry-alias-32',
    clause: 'ENT-RW',
    summary: 'entries 32 apart are the same',
    deep: false,
    variant: 'vectors-33',
    apply(d) {
      wrap(d.vectors, 'writeLow', (original) => (v, value) => original(v & 31, value));
      wrap(d.vectors, 'readLow', (original) => (v) => original(v & 31));
    },
  },
  {
    id: 'entry-locked-when-live',
    clause: 'ENT-RW',
    summary: 'entries cannot be written once DRIVER_OK is set',
    deep: false,
    apply(d) {
      wrap(tables(d).entries, 'writePart', (original) => (v, part, value) => {
        if (!d.transport.driverOk) original(v, part, value);
      });
    },
  },
  {
    id: 'reserved-masks',
    clause: 'ENT-RSVD',
    summary: 'bit 0 of the reserved dword masks the vector, as vector control did',
    deep: false,
    apply(d) {
      const masked = new Set<number>();
      native(d).entries.writeReserved = (v, value) => {
        if ((value & 1) === 1) masked.add(v);
        else masked.delete(v);
      };
      wrap(d.vectors, 'blocked', (original) => (v) => masked.has(v) || original(v));
      onReset(d, () => masked.clear());
    },
  },
  {
    id: 'reserved-in-data',
    clause: 'ENT-RSVD',
    summary: "a message's data is mixed with the reserved dword",
    deep: false,
    apply(d) {
      const reserved = new Uint32Array(d.vectors.count);
      native(d).entries.writeReserved = (v, value) => {
        reserved[v] = value;
      };
      d.vectors.send = (v) =>
        d.message(d.vectors.low[v]!, d.vectors.high[v]!, (d.vectors.data[v]! | reserved[v]!) >>> 0);
      onReset(d, () => reserved.fill(0));
    },
  },
  {
    id: 'reserved-clears-pending',
    clause: 'ENT-RSVD',
    summary: "writing the reserved dword clears the vector's pending bit",
    deep: false,
    apply(d) {
      native(d).entries.writeReserved = (v) => d.vectors.clearPending(v);
    },
  },
  {
    id: 'reserved-sets-mask-bit',
    clause: 'ENT-RSVD',
    summary: 'bit 0 of the reserved dword is copied into the mask table',
    deep: false,
    apply(d) {
      native(d).entries.writeReserved = (v, value) => d.vectors.masks.set(v, (value & 1) === 1);
    },
  },
  {
    id: 'entry-write-sends',
    clause: 'ENT-QUIET',
    summary: 'writing the data of an entry sends the message, masked or not',
    deep: false,
    apply(d) {
      wrap(d.vectors, 'writeData', (original) => (v, value) => {
        original(v, value);
        if (d.transport.driverOk) d.vectors.send(v);
      });
    },
  },
  {
    id: 'entry-write-clears-pending',
    clause: 'ENT-QUIET',
    summary: 'writing an entry clears its pending bit: a re-target while masked loses the event',
    deep: false,
    apply(d) {
      wrap(d.vectors, 'writeLow', (original) => (v, value) => {
        original(v, value);
        d.vectors.clearPending(v);
      });
    },
  },
  {
    id: 'entry-write-unmasks',
    clause: 'ENT-QUIET',
    summary: 'writing the data of an entry clears its mask bit',
    deep: false,
    apply(d) {
      wrap(d.vectors, 'writeData', (original) => (v, value) => {
        original(v, value);
        if (d.messages()) d.vectors.masks.set(v, false);
      });
    },
  },
  {
    id: 'entry-write-sends-pending',
    clause: 'ENT-QUIET',
    summary: 'writing the data of an entry sends what is pending although the vector is masked',
    deep: false,
    apply(d) {
      wrap(d.vectors, 'writeData', (original) => (v, value) => {
        original(v, value);
        d.vectors.release(v);
      });
    },
  },
  {
    id: 'entry-write-sets-pending',
    clause: 'ENT-QUIET',
    summary: 'writing the address of a masked entry sets its pending bit',
    deep: false,
    apply(d) {
      wrap(d.vectors, 'writeHigh', (original) => (v, value) => {
        original(v, value);
        if (d.messages() && d.vectors.blocked(v)) d.vectors.pending.set(v, true);
      });
    },
  },
  {
    id: 'entry-cached-until-reset',
    clause: 'ENT-FRESH',
    summary: 'a message carries what the entry held when its vector was first unmasked, until a reset',
    deep: true,
    apply(d) {
      const known = new Map<number, [low: number, high: number, data: number]>();
      d.vectors.send = (v) => {
        const { low, high, data } = d.vectors;
        const entry = known.get(v) ?? [low[v]!, high[v]!, data[v]!];
        d.message(...entry);
      };
      wrap(d.vectors, 'unmasked', (original) => (v) => {
        const { low, high, data } = d.vectors;
        if (!known.has(v)) known.set(v, [low[v]!, high[v]!, data[v]!]);
        original(v);
      });
      onReset(d, () => known.clear());
    },
  },
  {
    id: 'entry-route-survives-reset',
    clause: 'ENT-FRESH',
    summary: 'messages of the second life go to the address that the vector had in the first',
    deep: false,
    apply(d) {
      const routes = new Map<number, [low: number, high: number]>();
      d.vectors.send = (v) => {
        const route = routes.get(v) ?? ([d.vectors.low[v]!, d.vectors.high[v]!] as const);
        d.message(route[0], route[1], d.vectors.data[v]!);
      };
      const { resetEntries } = d.vectors;
      d.vectors.resetEntries = () => {
        for (let v = 0; v < d.vectors.count; v++)
          if (d.vectors.low[v] !== 0) routes.set(v, [d.vectors.low[v]!, d.vectors.high[v]!]);
        resetEntries.call(d.vectors);
      };
    },
  },
  {
    id: 'message-address-32-bits',
    clause: 'ENT-FRESH',
    summary: 'messages go to the low 32 bits of their address',
    deep: false,
    apply(d) {
      wrap(d, 'message', (original) => (low, _high, data) => original(low, 0, data));
    },
  },
  {
    id: 'message-data-16-bits',
    clause: 'ENT-FRESH',
    summary: 'messages carry the low 16 bits of their data',
    deep: false,
    apply(d) {
      wrap(d, 'message', (original) => (low, high, data) => original(low, high, data & 0xffff));
    },
  },
  {
    id: 'entry-torn',
    clause: 'ENT-FRESH',
    summary: 'after a re-target the message carries the new address with the old data, once',
    deep: true,
    apply(d) {
      // The data is copied when a message was sent, not when the vector is unmasked.
      const copy = new Map<number, number>();
      d.vectors.send = (v) => {
        const { low, high, data } = d.vectors;
        d.message(low[v]!, high[v]!, copy.get(v) ?? data[v]!);
        copy.set(v, data[v]!);
      };
      onReset(d, () => copy.clear());
    },
  },
  {
    id: 'pending-keeps-old-content',
    clause: 'ENT-FRESH',
    summary: 'a pending message carries what the entry held when the event happened, not when it was unmasked',
    deep: true,
    apply(d) {
      const { vectors } = d;
      const kept = new Map<number, [low: number, high: number, data: number]>();
      wrap(vectors, 'pend', (original) => (v, source) => {
        if (!vectors.pending.get(v)) kept.set(v, [vectors.low[v]!, vectors.high[v]!, vectors.data[v]!]);
        original(v, source);
      });
      wrap(vectors, 'release', (original) => (v) => {
        const entry = kept.get(v);
        if (!entry || !vectors.pending.get(v)) return original(v);
        kept.delete(v);
        vectors.clearPending(v);
        d.message(...entry);
      });
      onReset(d, () => kept.clear());
    },
  },
];
