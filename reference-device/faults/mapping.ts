/** Which event goes to which vector. */
import type { Device } from '../device.ts';
import type { Fault } from './fault.ts';
import { CONFIG, onDriverOk, onReset, queueSource, queueSources, tables, wrap } from './help.ts';

const UNMAPPED = -1;

/** Mappings that a fresh device and one that was reset both have. */
function freshMapping(device: Device, sources: readonly number[]): void {
  wrap(device.vectors, 'resetMapping', (original) => () => {
    original();
    for (const source of sources) device.vectors.mapping[source] = 0;
  });
  device.vectors.resetMapping();
}

/** A second mapping that delivery goes by, beside the one that reads back; -1 is unmapped. */
function effectiveMapping(device: Device): Int32Array {
  const { vectors } = device;
  const mapping = new Int32Array(vectors.mapping.length).fill(UNMAPPED);
  vectors.notify = (source) => {
    const v = mapping[source]!;
    if (v === UNMAPPED) vectors.unheard(source);
    else vectors.fire(v, source);
  };
  wrap(vectors, 'resetMapping', (original) => () => {
    original();
    mapping.fill(UNMAPPED);
  });
  return mapping;
}

export const mappingFaults: readonly Fault[] = [
  {
    id: 'vectors-reset-to-zero',
    clause: 'MAP-RESET',
    summary: 'in a fresh device every event is mapped to vector 0',
    deep: false,
    apply(d) {
      freshMapping(d, [CONFIG, ...queueSources(d)]);
    },
  },
  {
    id: 'config-vector-reset-to-zero',
    clause: 'MAP-RESET',
    summary: 'in a fresh device MsiConfigVector reads 0',
    deep: false,
    apply(d) {
      freshMapping(d, [CONFIG]);
    },
  },
  {
    id: 'last-queue-vector-reset-to-zero',
    clause: 'MAP-RESET',
    summary: 'in a fresh device MsiQueueVector of the last queue reads 0',
    deep: false,
    apply(d) {
      freshMapping(d, queueSources(d).slice(-1));
    },
  },
  {
    id: 'refusal-not-shown',
    clause: 'DLV-USED',
    summary: 'a mapping that the device cannot make reads back as if it were made',
    deep: false,
    variant: 'maps-two',
    apply(d) {
      const mapping = effectiveMapping(d);
      const { accepts } = d.vectors;
      wrap(d.vectors, 'map', (original) => (source, value) => {
        // Room is a matter of what is really mapped.
        d.vectors.accepts = (_source, v) =>
          mapping.includes(v) || new Set(mapping.filter((m) => m !== UNMAPPED)).size < d.vectors.options.mappable;
        mapping[source] = UNMAPPED;
        if (d.vectors.isVector(value) && d.vectors.accepts(source, value)) mapping[source] = value;
        d.vectors.accepts = () => true;
        original(source, value);
        d.vectors.accepts = accepts;
      });
    },
  },
  {
    id: 'refused-remap-keeps-delivering',
    clause: 'MAP-BACK',
    summary: 'after a refused remap the event reads NO_VECTOR and is still delivered to its old vector',
    deep: true,
    variant: 'maps-two',
    apply(d) {
      const mapping = effectiveMapping(d);
      wrap(d.vectors, 'map', (original) => (source, value) => {
        original(source, value);
        const refused = d.vectors.isVector(value) && d.vectors.mapped(source) === undefined;
        if (!refused) mapping[source] = d.vectors.mapped(source) ?? UNMAPPED;
      });
    },
  },
  {
    id: 'refused-remap-stays',
    clause: 'MAP-BACK',
    summary: 'a refused remap leaves the old vector in the register',
    deep: true,
    variant: 'maps-two',
    apply(d) {
      wrap(d.vectors, 'map', (original) => (source, value) => {
        const old = d.vectors.mapping[source]!;
        original(source, value);
        if (d.vectors.isVector(value) && d.vectors.mapped(source) === undefined) d.vectors.mapping[source] = old;
      });
    },
  },
  {
    id: 'vector-reads-next',
    clause: 'MAP-BACK',
    summary: 'a vector register reads the vector after the one written',
    deep: false,
    apply(d) {
      wrap(
        tables(d),
        'readVector',
        (original) => (source) => original(source) + (d.vectors.mapped(source) === undefined ? 0 : 1),
      );
    },
  },
  {
    id: 'config-vector-write-only',
    clause: 'MAP-BACK',
    summary: 'MsiConfigVector maps but always reads 0 once it is mapped',
    deep: false,
    apply(d) {
      wrap(
        tables(d),
        'readConfigVector',
        (original) => () => (d.vectors.mapped(CONFIG) === undefined ? original() : 0),
      );
    },
  },
  {
    id: 'vector-n-accepted',
    clause: 'MAP-RANGE',
    summary: 'the first number that is no vector is accepted: off by one',
    deep: false,
    apply(d) {
      d.vectors.isVector = (value) => value <= d.vectors.count;
      wrap(d.vectors, 'fire', (original) => (v, source) => {
        if (v < d.vectors.count) original(v, source);
      });
    },
  },
  {
    id: 'vector-16-bits',
    clause: 'MAP-RANGE',
    summary: 'only the low 16 bits of a vector register count: 0x00010000 maps vector 0',
    deep: false,
    apply(d) {
      wrap(tables(d), 'writeVector', (original) => (source, value) => original(source, value & 0xffff));
    },
  },
  {
    id: 'out-of-range-ignored',
    clause: 'MAP-RANGE',
    summary: 'a value that is no vector leaves the old mapping; only NO_VECTOR unmaps',
    deep: false,
    apply(d) {
      const msi = tables(d);
      wrap(msi, 'writeVector', (original) => (source, value) => {
        if (value < d.vectors.count || value === msi.noVector) original(source, value);
      });
    },
  },
  {
    id: 'out-of-range-clamped',
    clause: 'MAP-RANGE',
    summary: 'a value that is no vector maps the last one',
    deep: false,
    apply(d) {
      const msi = tables(d);
      wrap(
        msi,
        'writeVector',
        (original) => (source, value) =>
          original(source, value === msi.noVector ? value : Math.min(value, d.vectors.count - 1)),
      );
    },
  },
  {
    id: 'out-of-range-wraps',
    clause: 'MAP-RANGE',
    summary: 'a value that is no vector maps the vector of its remainder',
    deep: false,
    apply(d) {
      const msi = tables(d);
      wrap(
        msi,
        'writeVector',
        (original) => (source, value) => original(source, value === msi.noVector ? value : value % d.vectors.count),
      );
    },
  },
  {
    id: 'out-of-range-queue-only',
    clause: 'MAP-RANGE',
    summary: 'MsiQueueVector reads back any number below the limit, vector or not',
    deep: false,
    apply(d) {
      const msi = tables(d);
      const limit = d.layout.constant(msi.options.msi.vectorLimit);
      const shown = new Map<number, number>();
      wrap(msi, 'writeVector', (original) => (source, value) => {
        if (source !== CONFIG && value >= d.vectors.count && value < limit) shown.set(source, value);
        else shown.delete(source);
        original(source, value);
      });
      wrap(msi, 'readVector', (original) => (source) => shown.get(source) ?? original(source));
      onReset(d, () => shown.clear());
    },
  },
  {
    id: 'queue-vector-shared',
    clause: 'MAP-QUEUE',
    summary: 'MsiQueueVector maps every queue at once',
    deep: false,
    apply(d) {
      const msi = tables(d);
      wrap(msi, 'writeQueueVector', (original) => (value) => {
        if (msi.selectedSource() === undefined) original(value);
        else for (const source of queueSources(d)) msi.writeVector(source, value);
      });
    },
  },
  {
    id: 'queue-vector-ignores-select',
    clause: 'MAP-QUEUE',
    summary: 'MsiQueueVector is always that of queue 0',
    deep: false,
    apply(d) {
      wrap(tables(d), 'selectedSource', (original) => () => (original() === undefined ? undefined : queueSource(0)));
    },
  },
  {
    id: 'queue-vector-evicts',
    clause: 'MAP-QUEUE',
    summary: 'mapping a queue to a vector that another queue has unmaps the other',
    deep: false,
    apply(d) {
      const msi = tables(d);
      wrap(msi, 'writeQueueVector', (original) => (value) => {
        const source = msi.selectedSource();
        if (source !== undefined && d.vectors.isVector(value))
          for (const other of queueSources(d))
            if (d.vectors.mapped(other) === value) d.vectors.map(other, msi.noVector);
        original(value);
      });
    },
  },
  {
    id: 'queue-vector-also-next',
    clause: 'MAP-QUEUE',
    summary: 'unmapping a queue unmaps the queue after it as well',
    deep: false,
    apply(d) {
      const msi = tables(d);
      wrap(msi, 'writeQueueVector', (original) => (value) => {
        original(value);
        const next = (msi.selectedSource() ?? Number.POSITIVE_INFINITY) + 1;
        if (value === msi.noVector && next < d.vectors.mapping.length) d.vectors.map(next, value);
      });
    },
  },
  {
    id: 'absent-queue-vector-reads-zero',
    clause: 'MAP-ABSENT',
    summary: 'MsiQueueVector of a queue that does not exist reads 0',
    deep: false,
    apply(d) {
      const msi = tables(d);
      wrap(msi, 'readQueueVector', (original) => () => (msi.selectedSource() === undefined ? 0 : original()));
    },
  },
  {
    id: 'absent-queue-vector-hits-last',
    clause: 'MAP-ABSENT',
    summary: 'MsiQueueVector of a queue that does not exist maps the last queue',
    deep: false,
    apply(d) {
      const msi = tables(d);
      wrap(msi, 'writeQueueVector', (original) => (value) => {
        if (msi.selectedSource() === undefined) msi.writeVector(queueSources(d).at(-1)!, value);
        else original(value);
      });
    },
  },
  {
    id: 'absent-queue-vector-hits-config',
    clause: 'MAP-ABSENT',
    summary: 'MsiQueueVector of a queue that does not exist maps configuration changes',
    deep: false,
    apply(d) {
      const msi = tables(d);
      wrap(msi, 'writeQueueVector', (original) => (value) => {
        if (msi.selectedSource() === undefined) msi.writeVector(CONFIG, value);
        else original(value);
      });
    },
  },
  {
    id: 'stop-unmaps',
    clause: 'MAP-KEEP',
    summary: 'QueueReady 0 unmaps the queue',
    deep: false,
    apply(d) {
      wrap(d, 'queueReady', (original) => (queue, ready) => {
        original(queue, ready);
        if (ready === 0) d.vectors.map(queueSource(queue.index), Number.POSITIVE_INFINITY);
      });
    },
  },
  {
    id: 'start-unmaps',
    clause: 'MAP-KEEP',
    summary: 'QueueReady 1 unmaps the queue, so that the order of set-up matters',
    deep: false,
    apply(d) {
      wrap(d, 'queueReady', (original) => (queue, ready) => {
        original(queue, ready);
        if (ready === 1) d.vectors.map(queueSource(queue.index), Number.POSITIVE_INFINITY);
      });
    },
  },
  {
    id: 'stop-unmaps-config',
    clause: 'MAP-KEEP',
    summary: 'stopping the last queue that is ready unmaps configuration changes',
    deep: false,
    apply(d) {
      wrap(d, 'queueReady', (original) => (queue, ready) => {
        original(queue, ready);
        if (ready === 0 && d.queues.every((q) => q.ready === 0)) d.vectors.map(CONFIG, Number.POSITIVE_INFINITY);
      });
    },
  },
  {
    id: 'mask-unmaps',
    clause: 'MAP-KEEP',
    summary: 'masking a vector unmaps the queues on it',
    deep: false,
    apply(d) {
      wrap(d.vectors, 'setMask', (original) => (v, masked) => {
        const masks = masked && !d.vectors.masks.get(v);
        original(v, masked);
        if (!masks) return;
        for (const source of queueSources(d))
          if (d.vectors.mapped(source) === v) d.vectors.map(source, Number.POSITIVE_INFINITY);
      });
    },
  },
  {
    id: 'select-moves-mapping',
    clause: 'MAP-KEEP',
    summary: 'selecting a queue that does not exist unmaps configuration changes',
    deep: false,
    apply(d) {
      wrap(d.transport, 'writeQueueSel', (original) => (value) => {
        original(value);
        if (value >= d.queues.length) d.vectors.map(CONFIG, Number.POSITIVE_INFINITY);
      });
    },
  },
  {
    id: 'shared-first-only',
    clause: 'MAP-SHARE',
    summary: 'of several events on a vector only that of the lowest source reaches it',
    deep: false,
    apply(d) {
      wrap(d.vectors, 'notify', (original) => (source) => {
        const v = d.vectors.mapped(source);
        if (v === undefined || d.vectors.mapping.indexOf(v) === source) original(source);
      });
    },
  },
  {
    id: 'shared-last-only',
    clause: 'MAP-SHARE',
    summary: 'of several events on a vector only the one that was mapped last reaches it',
    deep: false,
    apply(d) {
      const owner = new Map<number, number>();
      wrap(d.vectors, 'map', (original) => (source, value) => {
        original(source, value);
        const v = d.vectors.mapped(source);
        if (v !== undefined) owner.set(v, source);
      });
      wrap(d.vectors, 'notify', (original) => (source) => {
        const v = d.vectors.mapped(source);
        const shared = v !== undefined && d.vectors.mapping.filter((m) => m === v).length > 1;
        if (!shared || owner.get(v) === source) original(source);
      });
    },
  },
  {
    id: 'shared-unmap-ends-all',
    clause: 'MAP-SHARE',
    summary: 'unmapping one of the events that share a vector silences the others',
    deep: false,
    apply(d) {
      const silent = new Set<number>();
      wrap(d.vectors, 'map', (original) => (source, value) => {
        const old = d.vectors.mapped(source);
        original(source, value);
        const v = d.vectors.mapped(source);
        if (v !== undefined) silent.delete(v);
        else if (old !== undefined) silent.add(old);
      });
      wrap(d.vectors, 'notify', (original) => (source) => {
        const v = d.vectors.mapped(source);
        if (v === undefined || !silent.has(v)) original(source);
      });
      onReset(d, () => silent.clear());
    },
  },
  {
    id: 'shared-second-pending-lost',
    clause: 'MAP-SHARE',
    summary: "while a shared vector is pending for one source, another source's event stops its message",
    deep: false,
    apply(d) {
      wrap(d.vectors, 'pend', (original) => (v, source) => {
        const first = d.vectors.causes[v]!;
        if (d.vectors.pending.get(v) && first !== source) d.vectors.clearPending(v);
        else original(v, source);
      });
    },
  },
  {
    id: 'unmapped-goes-to-zero',
    clause: 'MAP-OFF',
    summary: 'an event mapped to NO_VECTOR goes to vector 0',
    deep: false,
    apply(d) {
      d.vectors.unheard = (source) => d.vectors.fire(0, source);
    },
  },
  {
    id: 'unmapped-remembered',
    clause: 'MAP-OFF',
    summary: 'an event mapped to NO_VECTOR is delivered once it is mapped',
    deep: false,
    apply(d) {
      const missed = new Set<number>();
      d.vectors.unheard = (source) => {
        missed.add(source);
      };
      wrap(d.vectors, 'map', (original) => (source, value) => {
        original(source, value);
        if (d.vectors.mapped(source) !== undefined && missed.delete(source)) d.vectors.notify(source);
      });
      onReset(d, () => missed.clear());
    },
  },
  {
    id: 'unmap-keeps-delivering',
    clause: 'MAP-OFF',
    summary: 'an event goes on to its last vector after NO_VECTOR was written',
    deep: false,
    apply(d) {
      const last = new Map<number, number>();
      wrap(d.vectors, 'map', (original) => (source, value) => {
        original(source, value);
        const v = d.vectors.mapped(source);
        if (v !== undefined) last.set(source, v);
      });
      d.vectors.unheard = (source) => {
        const v = last.get(source);
        if (v !== undefined) d.vectors.fire(v, source);
      };
      onReset(d, () => last.clear());
    },
  },
  {
    id: 'unmapped-sets-pending',
    clause: 'MAP-OFF',
    summary: 'an event mapped to NO_VECTOR sets the pending bit of vector 0 where that is masked',
    deep: false,
    apply(d) {
      d.vectors.unheard = (source) => {
        if (d.vectors.blocked(0)) d.vectors.pend(0, source);
      };
    },
  },
  {
    id: 'remap-keeps-old',
    clause: 'MAP-MOVE',
    summary: 'a remap reads back, and events go on to the old vector',
    deep: false,
    apply(d) {
      const mapping = effectiveMapping(d);
      wrap(d.vectors, 'map', (original) => (source, value) => {
        original(source, value);
        const v = d.vectors.mapped(source);
        if (v === undefined) mapping[source] = UNMAPPED;
        else if (mapping[source] === UNMAPPED) mapping[source] = v;
      });
    },
  },
  {
    id: 'remap-adds',
    clause: 'MAP-MOVE',
    summary: 'after a remap events go to the old and to the new vector',
    deep: false,
    apply(d) {
      const old = new Map<number, number>();
      wrap(d.vectors, 'map', (original) => (source, value) => {
        const before = d.vectors.mapped(source);
        original(source, value);
        const v = d.vectors.mapped(source);
        if (v === undefined) old.delete(source);
        else if (before !== undefined && before !== v) old.set(source, before);
      });
      wrap(d.vectors, 'notify', (original) => (source) => {
        original(source);
        const v = old.get(source);
        if (v !== undefined) d.vectors.fire(v, source);
      });
      onReset(d, () => old.clear());
    },
  },
  {
    id: 'remap-one-event-late',
    clause: 'MAP-MOVE',
    summary: 'the first event after a remap still goes to the old vector',
    deep: false,
    apply(d) {
      const old = new Map<number, number>();
      wrap(d.vectors, 'map', (original) => (source, value) => {
        const before = d.vectors.mapped(source);
        original(source, value);
        const v = d.vectors.mapped(source);
        if (before !== undefined && v !== undefined && before !== v) old.set(source, before);
        else old.delete(source);
      });
      wrap(d.vectors, 'notify', (original) => (source) => {
        const v = old.get(source);
        old.delete(source);
        if (v === undefined) original(source);
        else d.vectors.fire(v, source);
      });
      onReset(d, () => old.clear());
    },
  },
  {
    id: 'remap-fixed-when-live',
    clause: 'MAP-MOVE',
    summary: 'the mapping that holds at DRIVER_OK stays in force whatever is remapped later',
    deep: false,
    apply(d) {
      const mapping = effectiveMapping(d);
      onDriverOk(d, () => mapping.set(d.vectors.mapping));
      wrap(d.vectors, 'map', (original) => (source, value) => {
        original(source, value);
        // What was unmapped then may still be mapped, and unmapping works.
        const v = d.vectors.mapped(source) ?? UNMAPPED;
        if (mapping[source] === UNMAPPED || v === UNMAPPED) mapping[source] = v;
      });
    },
  },
  {
    id: 'select-unmaps',
    clause: 'MAP-KEEP',
    summary: 'selecting another queue unmaps the one that was selected',
    deep: false,
    apply(d) {
      let selected = 0;
      wrap(d.transport, 'writeQueueSel', (original) => (value) => {
        const source = queueSource(selected);
        if (value !== selected && source < d.vectors.mapping.length) d.vectors.map(source, Number.POSITIVE_INFINITY);
        selected = value;
        original(value);
      });
    },
  },
  {
    id: 'driver-ok-unmaps',
    clause: 'MAP-KEEP',
    summary: 'DRIVER_OK forgets what was mapped before',
    deep: false,
    apply(d) {
      onDriverOk(d, () => d.vectors.resetMapping());
    },
  },
];
