/** The header registers, and a device that withholds the feature. */
import type { Fault } from './fault.ts';
import { lives, native, tables, wrap } from './help.ts';

export const headerFaults: readonly Fault[] = [
  {
    id: 'count-zero',
    clause: 'HDR-COUNT',
    summary: 'MsiVectorCount reads 0',
    deep: false,
    apply(d) {
      native(d).readCount = () => 0;
    },
  },
  {
    id: 'count-over-limit',
    clause: 'HDR-COUNT',
    summary: 'MsiVectorCount reads one more than the largest count',
    deep: false,
    variant: 'vectors-2048',
    apply(d) {
      const msi = native(d);
      msi.readCount = () => d.layout.constant(msi.options.msi.vectorLimit) + 1;
      // The entry table is one row longer than its pages: room for it, so that HDR-PLACE still holds.
      msi.move('pending', msi.pending.start + d.layout.table(msi.options.msi.pendingTable).align);
      msi.move('mask', msi.mask.start + d.layout.table(msi.options.msi.maskTable!).align);
    },
  },
  {
    id: 'count-shrinks-when-live',
    clause: 'HDR-COUNT',
    summary: 'the vector count reads one less once DRIVER_OK is set',
    deep: false,
    apply(d) {
      wrap(tables(d), 'readCount', (original) => () => original() - (d.transport.driverOk ? 1 : 0));
    },
  },
  {
    id: 'count-shrinks-after-use',
    clause: 'HDR-COUNT',
    summary: 'the vector count reads one less after each life of the device',
    deep: false,
    apply(d) {
      const life = lives(d);
      wrap(tables(d), 'readCount', (original) => () => Math.max(1, original() - life()));
    },
  },
  {
    id: 'mask-table-unaligned',
    clause: 'HDR-PLACE',
    summary: 'the mask table does not start on a page boundary',
    deep: false,
    apply(d) {
      const msi = native(d);
      const { start, length } = msi.place('mask');
      msi.move('mask', start + length);
    },
  },
  {
    id: 'pba-shares-page',
    clause: 'HDR-PLACE',
    summary: 'the pending bit array stands right behind the mask table, in the same page',
    deep: false,
    apply(d) {
      const msi = native(d);
      msi.move('pending', msi.mask.end);
    },
  },
  {
    id: 'tables-overlap',
    clause: 'HDR-PLACE',
    summary: 'the pending bit array stands on the second page of an entry table that is longer than a page',
    deep: false,
    variant: 'vectors-2048',
    apply(d) {
      const msi = tables(d);
      const { align } = d.layout.table(msi.options.msi.pendingTable);
      // Only the header is wrong: accesses reach the entry table there.
      wrap(
        msi,
        'readPlace',
        (original) => (table) => (table === 'pending' ? msi.entries.start + align : original(table)),
      );
    },
  },
  {
    id: 'table-beyond-region',
    clause: 'HDR-PLACE',
    summary: "the pending bit array lies behind the end of the device's region",
    deep: false,
    apply(d) {
      tables(d).move('pending', d.regionSize);
    },
  },
  {
    id: 'table-over-registers',
    clause: 'HDR-PLACE',
    summary: 'the header puts the pending bit array at offset 0, over the registers',
    deep: false,
    apply(d) {
      wrap(tables(d), 'readPlace', (original) => (table) => (table === 'pending' ? 0 : original(table)));
    },
  },
  {
    id: 'count-writable',
    clause: 'HDR-RO',
    summary: 'MsiVectorCount keeps a smaller count that the driver writes',
    deep: false,
    apply(d) {
      const msi = native(d);
      let count = msi.vectors.count;
      msi.readCount = () => count;
      msi.writeHeader = (name, value) => {
        if (name === msi.options.msi.vectorCount && value > 0 && value < count) count = value;
      };
    },
  },
  {
    id: 'table-offset-writable',
    clause: 'HDR-RO',
    summary: 'the offset of the mask table reads back what the driver writes',
    deep: false,
    apply(d) {
      const msi = native(d);
      const maskRegister = d.layout.table(msi.options.msi.maskTable!).at;
      let written: number | undefined;
      wrap(
        msi,
        'readPlace',
        (original) => (table) => (table === 'mask' ? (written ?? original(table)) : original(table)),
      );
      msi.writeHeader = (name, value) => {
        if (name === maskRegister) written = value;
      };
    },
  },
  {
    id: 'header-answers-sizing',
    clause: 'HDR-RO',
    summary: 'all ones written to the offset of the pending bit array make it read a size, as a BAR does',
    deep: false,
    apply(d) {
      const msi = native(d);
      const pendingRegister = d.layout.table(msi.options.msi.pendingTable).at;
      const { align } = d.layout.table(msi.options.msi.pendingTable);
      let sizing = false;
      wrap(
        msi,
        'readPlace',
        (original) => (table) => (table === 'pending' && sizing ? 2 ** 32 - align : original(table)),
      );
      msi.writeHeader = (name, value) => {
        if (name === pendingRegister) sizing = value === 2 ** 32 - 1;
      };
    },
  },
  {
    id: 'withheld-header-shows',
    clause: 'HDR-ABSENT',
    summary: 'the header reads as usual although the feature is not offered',
    deep: false,
    variant: 'withheld',
    apply(d) {
      tables(d).live = () => true;
    },
  },
  {
    id: 'withheld-vectors-writable',
    clause: 'HDR-ABSENT',
    summary: 'the vector registers keep what is written although the feature is not offered',
    deep: false,
    variant: 'withheld',
    apply(d) {
      const { configVector, queueVector } = tables(d).options.msi;
      for (const name of [configVector, queueVector]) {
        let kept = 0;
        d.connect(name, {
          read: () => kept,
          write(value) {
            kept = value;
          },
        });
      }
    },
  },
];
