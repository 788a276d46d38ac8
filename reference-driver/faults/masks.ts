/** Entries and masks of vectors. */
import type { Fault } from './fault.ts';
import { msi, msix, native, vectors, wrap } from './help.ts';

export const maskFaults: readonly Fault[] = [
  {
    id: 'retarget-unmasked',
    clause: 'DRV-MASKED',
    summary: 'gives a vector another target without masking it',
    needsMsi: true,
    apply(d) {
      msi(d).retargetOne = (vector) => msi(d).give(vector, d.bus.message());
    },
  },
  {
    id: 'retarget-unmasks-early',
    clause: 'DRV-MASKED',
    summary: 'unmasks a vector when the address of its new target is written, before the data',
    needsMsi: true,
    apply(d) {
      let isRetarget = false;
      wrap(msi(d), 'retargetOne', (original) => (vector) => {
        isRetarget = true;
        original(vector);
        isRetarget = false;
      });
      wrap(vectors(d), 'writeDword', (original) => (vector, field, value) => {
        if (isRetarget && field === 'data' && !msi(d).isHeld) msi(d).unmaskNow([vector]);
        original(vector, field, value);
      });
    },
  },
  {
    id: 'masks-from-stale-shadow',
    clause: 'DRV-MASKED',
    summary: 'keeps a copy of the mask table that it updates only when it unmasks, so that masking one unmasks another',
    mechanism: 'mask-table',
    apply(d) {
      const shadow = new Map<number, number>();
      wrap(native(d), 'open', (original) => () => {
        original();
        shadow.clear();
      });
      native(d).change = (list, masked) => {
        for (const vector of list) {
          const word = Math.floor(vector / 32);
          const bit = (1 << (vector % 32)) >>> 0;
          const before = shadow.get(word) ?? native(d).shadowOf(word);
          const after = (masked ? before | bit : before & ~bit) >>> 0;
          if (!masked) shadow.set(word, after);
          native(d).writeWord(word, after);
        }
      };
    },
  },
  {
    id: 'masks-zeroed',
    clause: 'DRV-COMPLETE',
    summary: 'unmasks by writing 0 to the whole dword, which lets go vectors without a target',
    mechanism: 'mask-table',
    apply(d) {
      native(d).changeWord = (word, bits, masked) => native(d).writeWord(word, masked ? bits : 0);
    },
  },
  {
    id: 'function-unmasked-early',
    clause: 'DRV-COMPLETE',
    summary: 'unmasks all vectors at first and writes their entries under no mask',
    mechanism: 'vector-control',
    apply(d) {
      wrap(msix(d), 'open', (original) => () => {
        original();
        msix(d).unmask([0]);
        msix(d).go();
      });
    },
  },
  {
    id: 'data-forgotten',
    clause: 'DRV-COMPLETE',
    summary: 'writes the address of an entry and no data',
    needsMsi: true,
    apply(d) {
      wrap(vectors(d), 'writeDword', (original) => (vector, field, value) => {
        if (field !== 'data') original(vector, field, value);
      });
    },
  },
  {
    id: 'address-high-forgotten',
    clause: 'DRV-COMPLETE',
    summary: 'takes address high to be 0 in a fresh device',
    needsMsi: true,
    apply(d) {
      wrap(vectors(d), 'writeDword', (original) => (vector, field, value) => {
        if (field !== 'address-high' || value !== 0) original(vector, field, value);
      });
    },
  },
  {
    id: 'entries-remembered',
    clause: 'DRV-COMPLETE',
    summary: 'does not write entries again after a reset: they hold what they held',
    needsMsi: true,
    apply(d) {
      const written = new Map<number, ReturnType<typeof d.bus.message>>();
      wrap(msi(d), 'writeEntries', (original) => (list) => {
        original(list.filter((vector) => !written.has(vector)));
        for (const vector of list) {
          const message = written.get(vector);
          if (message) msi(d).targets.set(`${message.address}:${message.data}`, vector);
        }
      });
      wrap(msi(d), 'give', (original) => (vector, message) => {
        written.set(vector, message);
        original(vector, message);
      });
    },
  },
  {
    id: 'address-flagged',
    clause: 'DRV-ALIGN',
    summary: 'keeps a flag of its own in bit 0 of the address',
    needsMsi: true,
    apply(d) {
      wrap(vectors(d), 'writeDword', (original) => (vector, field, value) => {
        if (field === 'address-low') original(vector, field, value + 1);
        original(vector, field, value);
      });
    },
  },
  {
    id: 'masks-by-vector-control',
    clause: 'DRV-RSVD',
    summary: 'masks by the last dword of the entry as well, as if it were MSI-X',
    mechanism: 'mask-table',
    apply(d) {
      wrap(native(d), 'change', (original) => (list, masked) => {
        if (masked) for (const vector of list) vectors(d).writeDword(vector, 'reserved', 1);
        original(list, masked);
      });
    },
  },
  {
    id: 'masks-all-ones',
    clause: 'DRV-RSVD',
    summary: 'masks all vectors at first by a dword of ones, more than there are vectors',
    mechanism: 'mask-table',
    apply(d) {
      wrap(native(d), 'open', (original) => () => {
        original();
        native(d).writeWord(0, 2 ** 32 - 1);
      });
    },
  },
  {
    id: 'control-all-ones',
    clause: 'DRV-RSVD',
    summary: 'masks by writing ones to all of vector control',
    mechanism: 'vector-control',
    apply(d) {
      wrap(msix(d), 'withMask', (original) => (control, masked) => (masked ? 2 ** 32 - 1 : original(control, masked)));
    },
  },
  {
    id: 'control-unread',
    clause: 'DRV-RSVD',
    summary: 'writes vector control without keeping what its reserved bits read',
    mechanism: 'vector-control',
    apply(d) {
      wrap(msix(d), 'withMask', (original) => (_control, masked) => original(0, masked));
    },
  },
  {
    id: 'capability-reserved',
    clause: 'DRV-RSVD',
    summary: 'writes the capability with its reserved bits set',
    mechanism: 'vector-control',
    apply(d) {
      const [register = ''] = (d.layout.msi?.other.enable ?? '').split('.');
      wrap(msix(d), 'go', (original) => () => {
        original();
        d.registers.write(register, (d.registers.read(register) | d.layout.bit(register, 'reserved')) >>> 0);
      });
    },
  },
  {
    id: 'pending-cleared',
    clause: 'DRV-PBA',
    summary: 'writes 0 to the pending bits before it unmasks',
    needsMsi: true,
    apply(d) {
      wrap(msi(d), 'go', (original) => () => {
        d.registers.writeAt(vectors(d).placeOf(vectors(d).msi.pendingTable), 0);
        original();
      });
    },
  },
];
