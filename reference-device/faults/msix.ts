/** MSI-X on MMIO: the capability, vector control, the function mask, enable. */
import type { Device } from '../device.ts';
import type { Fault } from './fault.ts';
import { CONFIG, lives, msix, onDriverOk, onReset, wrap } from './help.ts';

/** Calls `then` after each write to the capability that changes enable or the function mask. */
function onSwitch(d: Device, then: (was: { enabled: boolean; functionMask: boolean }) => void): void {
  const msi = msix(d);
  wrap(msi, 'writeControl', (original) => (enabled, functionMask) => {
    const was = { enabled: msi.enabled, functionMask: msi.functionMask };
    original(enabled, functionMask);
    if (was.enabled !== msi.enabled || was.functionMask !== msi.functionMask) then(was);
  });
}

const every = (d: Device): number[] => Array.from({ length: d.vectors.count }, (_, v) => v);

const capability: readonly Fault[] = [
  {
    id: 'capability-id-of-msi',
    clause: 'CAP-ID',
    summary: 'the capability ID is 0x05, that of MSI',
    deep: false,
    apply(d) {
      wrap(msix(d), 'fixed', (original) => () => (original() & ~0xff) | 0x05);
    },
  },
  {
    id: 'capability-next-pointer',
    clause: 'CAP-ID',
    summary: 'the next pointer is 0x40, as copied from a PCI device',
    deep: false,
    apply(d) {
      wrap(msix(d), 'fixed', (original) => () => original() | 0x4000);
    },
  },
  {
    id: 'table-size-not-encoded',
    clause: 'VCT-RESET',
    summary: 'the table size is N instead of N - 1, so that the last vector that it promises is none',
    deep: false,
    apply(d) {
      wrap(msix(d), 'readCount', (original) => () => original() + 1);
    },
  },
  {
    id: 'table-size-one-less',
    clause: 'MAP-RANGE',
    summary: 'the table size is N - 2, and the vector that it hides can be mapped',
    deep: false,
    apply(d) {
      wrap(msix(d), 'readCount', (original) => () => original() - 1);
    },
  },
  {
    id: 'table-size-shrinks',
    clause: 'HDR-COUNT',
    summary: 'after each reset of a used device the table size is one less',
    deep: false,
    apply(d) {
      const life = lives(d);
      wrap(msix(d), 'readCount', (original) => () => Math.max(1, original() - life()));
    },
  },
  {
    id: 'bir-of-the-second-region',
    clause: 'HDR-BIR',
    summary: 'BIR of the table is 2',
    deep: false,
    apply(d) {
      wrap(msix(d), 'readTablePlace', (original) => (role) => original(role) | (role === 'entry' ? 2 : 0));
    },
  },
  {
    id: 'bir-of-the-pba',
    clause: 'HDR-BIR',
    summary: 'BIR of the pending bit array is 1, as on a PCI device that has it elsewhere',
    deep: false,
    apply(d) {
      wrap(msix(d), 'readTablePlace', (original) => (role) => original(role) | (role === 'pending' ? 1 : 0));
    },
  },
  {
    id: 'table-size-writable',
    clause: 'HDR-RO',
    summary: 'the table size keeps what the driver writes with enable',
    deep: false,
    apply(d) {
      const msi = msix(d);
      const size = d.layout.field('MsixCapability', 'table-size');
      let written: number | undefined;
      wrap(msi, 'writeCapability', (original) => (value) => {
        const count = d.layout.meaningOf('MsixCapability.table-size', value);
        if (msi.negotiated && (value & size.mask) !== 0 && count < msi.vectors.count) written = count;
        original(value);
      });
      wrap(msi, 'readCount', (original) => () => written ?? original());
    },
  },
  {
    id: 'table-place-writable',
    clause: 'HDR-RO',
    summary: 'the registers with the places of table and pending bit array keep what the driver writes',
    deep: false,
    apply(d) {
      const msi = msix(d);
      const written = new Map<string, number>();
      msi.writeHeader = (name, value) => {
        written.set(name, value);
      };
      wrap(msi, 'readTablePlace', (original) => (role) => {
        const { entryTable, pendingTable } = msi.options.msi;
        const [name = ''] = d.layout.table(role === 'entry' ? entryTable : pendingTable).at.split('.');
        return written.get(name) ?? original(role);
      });
      onReset(d, () => written.clear());
    },
  },
  {
    id: 'enable-set-when-fresh',
    clause: 'CAP-RESET',
    summary: 'enable is 1 as soon as the feature is negotiated',
    deep: false,
    apply(d) {
      const msi = msix(d);
      wrap(msi, 'negotiate', (original) => (on) => {
        msi.enabled = on;
        original(on);
      });
    },
  },
  {
    id: 'function-mask-survives-reset',
    clause: 'CAP-RESET',
    summary: 'a reset leaves the function mask as it is',
    deep: false,
    apply(d) {
      const msi = msix(d);
      wrap(msi, 'resetControl', (original) => () => {
        const { functionMask } = msi;
        original();
        msi.functionMask = functionMask;
      });
    },
  },
  {
    id: 'enable-survives-reset',
    clause: 'CAP-RESET',
    summary: 'a reset leaves enable as it is',
    deep: false,
    apply(d) {
      const msi = msix(d);
      wrap(msi, 'resetControl', (original) => () => {
        const { enabled } = msi;
        original();
        msi.enabled = enabled;
      });
    },
  },
  {
    id: 'function-mask-reads-zero',
    clause: 'CAP-RW',
    summary: 'the function mask works, and reads 0',
    deep: false,
    apply(d) {
      const msi = msix(d);
      wrap(msi, 'readCapability', (original) => () => (original() & ~msi.FUNCTION_MASK) >>> 0);
    },
  },
  {
    id: 'function-mask-sticks-without-enable',
    clause: 'CAP-RW',
    summary: 'the function mask can be written only while enable is set',
    deep: false,
    apply(d) {
      const msi = msix(d);
      wrap(msi, 'writeControl', (original) => (enabled, functionMask) => {
        original(enabled, enabled || msi.enabled ? functionMask : msi.functionMask);
      });
    },
  },
  {
    id: 'disabling-clears-function-mask',
    clause: 'CAP-RW',
    summary: 'clearing enable clears the function mask with it',
    deep: false,
    apply(d) {
      wrap(
        msix(d),
        'writeControl',
        (original) => (enabled, functionMask) => original(enabled, enabled && functionMask),
      );
    },
  },
];

const vectorControl: readonly Fault[] = [
  {
    id: 'control-masks-on-any-bit',
    clause: 'VCT-RSVD',
    summary: 'any bit of vector control masks the vector',
    deep: false,
    apply(d) {
      const { table } = msix(d);
      wrap(table, 'writeControl', (original) => (v, value) => original(v, value === 0 ? 0 : value | table.mask));
    },
  },
  {
    id: 'control-bit-clears-pending',
    clause: 'VCT-RSVD',
    summary: 'a write of bit 1 of vector control clears the pending bit',
    deep: false,
    apply(d) {
      const { table } = msix(d);
      wrap(table, 'writeControl', (original) => (v, value) => {
        if ((value & 2) !== 0) d.vectors.clearPending(v);
        original(v, value);
      });
    },
  },
  {
    id: 'control-writes-the-neighbour',
    clause: 'VCT-RW',
    summary: 'the mask bit of an odd vector changes that of the even one before it',
    deep: false,
    apply(d) {
      const { table } = msix(d);
      wrap(table, 'writeControl', (original) => (v, value) => {
        original(v, value);
        if (v % 2 === 1) original(v - 1, value);
      });
    },
  },
  {
    id: 'control-masks-unread',
    clause: 'VCT-HOLD',
    summary: 'the own mask bit is kept and never looked at; only the function mask holds messages back',
    deep: false,
    apply(d) {
      d.vectors.blocked = () => d.vectors.held;
    },
  },
  {
    id: 'control-reset-unmasked',
    clause: 'VCT-RESET',
    summary: 'in a fresh device no vector is masked',
    deep: false,
    apply(d) {
      msix(d);
      wrap(d.vectors, 'resetMasks', (original) => () => {
        original();
        d.vectors.masks.fill(false);
      });
      d.vectors.resetMasks();
    },
  },
];

const functionMask: readonly Fault[] = [
  {
    id: 'function-mask-ignored',
    clause: 'FMK-HOLD',
    summary: 'the function mask reads back and holds nothing',
    deep: false,
    apply(d) {
      const msi = msix(d);
      msi.hold = () => {
        if (msi.active() === d.vectors.held) d.vectors.hold(!msi.active());
      };
    },
  },
  {
    id: 'function-mask-drops-events',
    clause: 'FMK-HOLD',
    summary: 'an event behind the function mask is gone, unless its vector is masked by itself',
    deep: false,
    apply(d) {
      const msi = msix(d);
      wrap(d.vectors, 'pend', (original) => (v, source) => {
        if (!msi.functionMask || d.vectors.masks.get(v)) original(v, source);
      });
    },
  },
  {
    id: 'function-mask-forgets-pending',
    clause: 'FMK-HOLD',
    summary: 'setting the function mask clears every pending bit',
    deep: false,
    apply(d) {
      onSwitch(d, ({ functionMask: was }) => {
        if (!was && msix(d).functionMask) for (const v of every(d)) d.vectors.clearPending(v);
      });
    },
  },
  {
    id: 'function-mask-not-for-config',
    clause: 'FMK-HOLD',
    summary: 'configuration changes go out behind the function mask',
    deep: false,
    apply(d) {
      const { vectors } = d;
      wrap(vectors, 'fire', (original) => (v, source) => {
        if (source === CONFIG && !vectors.masks.get(v) && msix(d).active()) vectors.send(v);
        else original(v, source);
      });
    },
  },
  {
    id: 'function-mask-masks-each',
    clause: 'FMK-OWN',
    summary: 'setting the function mask sets every own mask bit, clearing it clears them',
    deep: false,
    apply(d) {
      const { vectors } = d;
      onSwitch(d, ({ functionMask: was }) => {
        const { functionMask: is } = msix(d);
        if (was !== is) for (const v of every(d)) vectors.setMask(v, is);
      });
    },
  },
  {
    id: 'function-mask-restores-old-masks',
    clause: 'FMK-OWN',
    summary: 'clearing the function mask brings back the own mask bits as they were when it was set',
    deep: false,
    apply(d) {
      const { vectors } = d;
      let saved: boolean[] = [];
      onSwitch(d, ({ functionMask: was }) => {
        const { functionMask: is } = msix(d);
        if (!was && is) saved = every(d).map((v) => vectors.masks.get(v));
        if (was && !is) saved.forEach((masked, v) => void vectors.setMask(v, masked));
      });
    },
  },
  {
    id: 'function-mask-own-masks-lost',
    clause: 'FMK-FIRE',
    summary: 'clearing the function mask sends what is pending of masked vectors too',
    deep: true,
    apply(d) {
      const { vectors } = d;
      onSwitch(d, ({ functionMask: was }) => {
        if (was && !msix(d).functionMask && msix(d).active()) for (const v of every(d)) vectors.release(v);
      });
    },
  },
  {
    id: 'function-mask-releases-nothing',
    clause: 'FMK-FIRE',
    summary: 'what became pending behind the function mask waits for the next write of its own mask bit',
    deep: false,
    apply(d) {
      const { vectors } = d;
      wrap(vectors, 'hold', (original) => (held) => {
        if (held || !msix(d).active()) original(held);
        else vectors.held = false;
      });
    },
  },
  {
    id: 'function-mask-releases-first-only',
    clause: 'FMK-FIRE',
    summary: 'clearing the function mask sends the first pending vector only',
    deep: true,
    apply(d) {
      const { vectors } = d;
      wrap(vectors, 'hold', (original) => (held) => {
        if (held) return original(held);
        vectors.held = false;
        const first = every(d).find((v) => vectors.pending.get(v) && !vectors.blocked(v));
        if (first !== undefined) vectors.letGo(first);
      });
    },
  },
  {
    id: 'function-mask-releases-twice',
    clause: 'FMK-FIRE',
    summary: 'clearing the function mask sends each pending vector twice',
    deep: false,
    apply(d) {
      const { vectors } = d;
      wrap(vectors, 'hold', (original) => (held) => {
        const pending =
          held || !msix(d).enabled ? [] : every(d).filter((v) => vectors.pending.get(v) && !vectors.masks.get(v));
        original(held);
        for (const v of pending) vectors.send(v);
      });
    },
  },
  {
    id: 'function-mask-sends-old-entry',
    clause: 'ENT-FRESH',
    summary: 'after the function mask a message carries the entry as it was before it was set',
    deep: true,
    apply(d) {
      const { vectors } = d;
      vectors.options.fetch = 'unmask';
      vectors.letGo = (v) => vectors.release(v);
    },
  },
];

const enable: readonly Fault[] = [
  {
    id: 'enable-ignored',
    clause: 'ENA-OFF',
    summary: 'negotiated is enabled: enable reads back and switches nothing',
    deep: false,
    apply(d) {
      const msi = msix(d);
      msi.active = () => msi.negotiated;
    },
  },
  {
    id: 'disabled-sets-pending',
    clause: 'ENA-OFF',
    summary: 'an event while disabled sets the pending bit beside InterruptStatus',
    deep: false,
    apply(d) {
      const msi = msix(d);
      wrap(d, 'notify', (original) => (source) => {
        original(source);
        const v = d.vectors.mapped(source);
        if (msi.negotiated && !msi.enabled && v !== undefined) d.vectors.pend(v, source);
      });
    },
  },
  {
    id: 'disabled-loses-events',
    clause: 'ENA-LINE',
    summary: 'an event while disabled is gone once the feature is negotiated',
    deep: false,
    apply(d) {
      const msi = msix(d);
      wrap(d.line, 'raise', (original) => (bit) => {
        if (!msi.negotiated) original(bit);
      });
    },
  },
  {
    id: 'disabled-line-stays-low',
    clause: 'ENA-LINE',
    summary: 'after enable was once set, the line stays low until the next reset',
    deep: false,
    apply(d) {
      const msi = msix(d);
      let once = false;
      onReset(d, () => {
        once = false;
      });
      wrap(d.line, 'mute', (original) => (muted) => {
        once ||= muted;
        original(muted || (once && msi.negotiated));
      });
    },
  },
  {
    id: 'enabled-line-stays-high',
    clause: 'DLV-LINE',
    summary: 'the line stays high when enable is set over a bit of InterruptStatus',
    deep: false,
    apply(d) {
      msix(d);
      wrap(d.line, 'mute', (original) => (muted) => {
        if (!muted || d.line.level === 0) original(muted);
      });
    },
  },
  {
    id: 'enable-clears-status',
    clause: 'DLV-STATUS',
    summary: 'setting enable clears InterruptStatus',
    deep: false,
    apply(d) {
      onSwitch(d, ({ enabled: was }) => {
        if (!was && msix(d).enabled) d.line.acknowledge(d.usedBuffer | d.configChange);
      });
    },
  },
  {
    id: 'enabled-acknowledge-ignored',
    clause: 'DLV-STATUS',
    summary: 'InterruptACK does nothing while enabled',
    deep: true,
    apply(d) {
      msix(d);
      wrap(d, 'interruptAcknowledge', (original) => (bits) => {
        if (!d.messages()) original(bits);
      });
    },
  },
  {
    id: 'enabled-sets-status',
    clause: 'DLV-STATUS',
    summary: 'an event sets InterruptStatus beside its message',
    deep: false,
    apply(d) {
      msix(d);
      wrap(d, 'notify', (original) => (source) => {
        original(source);
        if (d.messages()) d.line.raise(source === CONFIG ? d.configChange : d.usedBuffer);
      });
    },
  },
  {
    id: 'disable-clears-pending',
    clause: 'ENA-KEEP',
    summary: 'clearing enable clears every pending bit',
    deep: false,
    apply(d) {
      onSwitch(d, ({ enabled: was }) => {
        if (was && !msix(d).enabled) for (const v of every(d)) d.vectors.clearPending(v);
      });
    },
  },
  {
    id: 'disabled-unmask-sends',
    clause: 'ENA-KEEP',
    summary: 'unmasking a pending vector sends its message while disabled',
    deep: true,
    apply(d) {
      const msi = msix(d);
      wrap(d.vectors, 'unmasked', (original) => (v) => {
        original(v);
        if (msi.negotiated && !msi.functionMask) d.vectors.release(v);
      });
    },
  },
  {
    id: 'disabled-unmask-forgets',
    clause: 'ENA-KEEP',
    summary: 'unmasking a pending vector while disabled clears its pending bit',
    deep: true,
    apply(d) {
      const msi = msix(d);
      wrap(d.vectors, 'unmasked', (original) => (v) => {
        original(v);
        if (!msi.active()) d.vectors.clearPending(v);
      });
    },
  },
  {
    id: 'disable-masks-all',
    clause: 'ENA-KEEP',
    summary: 'clearing enable masks every vector',
    deep: false,
    apply(d) {
      onSwitch(d, ({ enabled: was }) => {
        if (was && !msix(d).enabled) d.vectors.masks.fill(true);
      });
    },
  },
  {
    id: 'disable-unmaps',
    clause: 'ENA-KEEP',
    summary: 'clearing enable unmaps every event',
    deep: false,
    apply(d) {
      onSwitch(d, ({ enabled: was }) => {
        if (was && !msix(d).enabled) d.vectors.mapping.fill(-1);
      });
    },
  },
  {
    id: 'enable-releases-nothing',
    clause: 'ENA-FIRE',
    summary: 'setting enable sends nothing of what is pending',
    deep: true,
    apply(d) {
      const { vectors } = d;
      onSwitch(d, () => {});
      wrap(vectors, 'hold', (original) => (held) => {
        // With the function mask the release is as it should be: only enable forgets it.
        if (held || !switching) original(held);
        else vectors.held = false;
      });
      let switching = false;
      const msi = msix(d);
      wrap(msi, 'writeControl', (original) => (enabled, functionMask) => {
        switching = enabled && !msi.enabled;
        original(enabled, functionMask);
        switching = false;
      });
    },
  },
  {
    id: 'enable-releases-twice',
    clause: 'ENA-FIRE',
    summary: 'setting enable sends what is pending, and leaves it pending until the function mask is cleared again',
    deep: true,
    apply(d) {
      const { vectors } = d;
      const msi = msix(d);
      wrap(msi, 'writeControl', (original) => (enabled, functionMask) => {
        const sent =
          enabled && !msi.enabled ? every(d).filter((v) => vectors.pending.get(v) && !vectors.masks.get(v)) : [];
        original(enabled, functionMask);
        if (!functionMask) for (const v of sent) vectors.send(v);
      });
    },
  },
  {
    id: 'enable-before-function-mask',
    clause: 'FMK-HOLD',
    summary:
      'one write that sets enable and the function mask takes the bits one after the other, and sends in between',
    deep: true,
    apply(d) {
      const msi = msix(d);
      wrap(msi, 'writeControl', (original) => (enabled, functionMask) => {
        original(enabled, msi.functionMask);
        original(enabled, functionMask);
      });
    },
  },
  {
    id: 'driver-ok-clears-function-mask',
    clause: 'CAP-RW',
    summary: 'DRIVER_OK clears a function mask that was set before it',
    deep: false,
    apply(d) {
      const msi = msix(d);
      onDriverOk(d, () => msi.writeControl(msi.enabled, false));
    },
  },
  {
    id: 'disabled-acknowledges-at-driver-ok',
    clause: 'ENA-LINE',
    summary: 'DRIVER_OK clears what InterruptStatus shows of events before it',
    deep: false,
    variant: 'early-config-sent',
    apply(d) {
      msix(d);
      onDriverOk(d, () => d.line.acknowledge(d.configChange | d.usedBuffer));
    },
  },
  {
    id: 'enable-repeats-the-line',
    clause: 'ENA-ONCE',
    summary: 'setting enable sends a message for each bit of InterruptStatus',
    deep: false,
    apply(d) {
      const msi = msix(d);
      onSwitch(d, ({ enabled: was }) => {
        if (was || !msi.active()) return;
        if ((d.line.status & d.configChange) !== 0) d.vectors.notify(CONFIG);
        if ((d.line.status & d.usedBuffer) !== 0) for (const queue of d.queues) d.vectors.notify(1 + queue.index);
      });
    },
  },
  {
    id: 'disable-repeats-pending',
    clause: 'ENA-ONCE',
    summary: 'clearing enable puts what is pending into InterruptStatus',
    deep: false,
    apply(d) {
      onSwitch(d, ({ enabled: was }) => {
        if (was && !msix(d).enabled && every(d).some((v) => d.vectors.pending.get(v))) d.line.raise(d.usedBuffer);
      });
    },
  },
  {
    id: 'disable-repeats-last',
    clause: 'ENA-ONCE',
    summary: 'clearing enable sets InterruptStatus for the event whose message went out last',
    deep: false,
    apply(d) {
      let last = 0;
      wrap(d, 'notify', (original) => (source) => {
        if (d.messages()) last = source === CONFIG ? d.configChange : d.usedBuffer;
        original(source);
      });
      onSwitch(d, ({ enabled: was }) => {
        if (was && !msix(d).enabled && last !== 0) d.line.raise(last);
        last = 0;
      });
    },
  },
];

export const msixFaults: readonly Fault[] = [...capability, ...vectorControl, ...functionMask, ...enable].map(
  (fault) => ({ ...fault, mechanism: 'vector-control' }),
);
