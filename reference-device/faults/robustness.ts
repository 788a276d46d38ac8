/** Accesses that a driver must not make, and what careless devices do with them. */
import type { Device } from '../device.ts';
import type { Fault } from './fault.ts';
import { native, tables, wrap } from './help.ts';

/** Offsets of a register's four bytes. */
function within(device: Device, register: string, offset: number): boolean {
  return offset >>> 2 === device.layout.register(register).offset >>> 2;
}

/** The first dword that is neither register, configuration nor table, and lies among the registers. */
function hole(device: Device): number {
  const used = new Set(Object.values(device.layout.data.registers).map((r) => r.offset));
  for (let offset = 0; ; offset += 4) if (!used.has(offset) && !device.area(offset)) return offset;
}

export const robustnessFaults: readonly Fault[] = [
  {
    id: 'narrow-status-write-resets',
    clause: 'ROB-WIDTH',
    summary: 'an 8-bit write to Status resets the device',
    deep: false,
    apply(d) {
      wrap(d, 'writeOdd', (original) => (offset, width, value) => {
        if (width === 8 && within(d, 'Status', offset)) d.transport.writeStatus(0);
        else original(offset, width, value);
      });
    },
  },
  {
    id: 'narrow-mask-write-acts',
    clause: 'ROB-WIDTH',
    summary: 'an 8- or 16-bit write to the mask table replaces its whole dword',
    deep: false,
    needsMsi: true,
    apply(d) {
      const { mask } = native(d);
      wrap(d, 'writeOdd', (original) => (offset, width, value) => {
        if (width < 32 && offset >= mask.start && offset < mask.end)
          mask.write32((offset & ~3) - mask.start, Number(value));
        else original(offset, width, value);
      });
    },
  },
  {
    id: 'narrow-vector-write-maps',
    clause: 'ROB-WIDTH',
    summary: 'a 16-bit write to a vector register maps, as it does over PCI',
    deep: false,
    needsMsi: true,
    apply(d) {
      const { configVector, queueVector } = tables(d).options.msi;
      wrap(d, 'writeOdd', (original) => (offset, width, value) => {
        if (width === 16 && (within(d, configVector, offset) || within(d, queueVector, offset)) && offset % 4 === 0)
          d.write32(offset, Number(value));
        else original(offset, width, value);
      });
    },
  },
  {
    id: 'unaligned-write-rounds-down',
    clause: 'ROB-WIDTH',
    summary: 'an unaligned 32-bit write hits the register below it',
    deep: false,
    apply(d) {
      wrap(d, 'writeOdd', (original) => (offset, width, value) => {
        if (width === 32) d.write32(offset - (offset % 4), Number(value));
        else original(offset, width, value);
      });
    },
  },
  {
    id: 'wide-write-half',
    clause: 'ROB-WIDTH',
    summary: 'a 64-bit write acts on its high half only',
    deep: false,
    apply(d) {
      wrap(d, 'writeOdd', (original) => (offset, width, value) => {
        if (width === 64 && offset % 8 === 0) d.write32(offset + 4, Number(BigInt(value) >> 32n));
        else original(offset, width, value);
      });
    },
  },
  {
    id: 'wide-mask-write-low-half',
    clause: 'ROB-WIDTH',
    summary: 'a 64-bit write to the mask table acts on its low half only',
    deep: false,
    variant: 'vectors-64',
    needsMsi: true,
    apply(d) {
      const { mask } = native(d);
      wrap(d, 'writeOdd', (original) => (offset, width, value) => {
        if (width === 64 && offset % 8 === 0 && offset >= mask.start && offset < mask.end)
          d.write32(offset, Number(BigInt(value) & 0xffffffffn));
        else original(offset, width, value);
      });
    },
  },
  {
    id: 'wide-mask-write-doubles-low',
    clause: 'ROB-WIDTH',
    summary: 'a 64-bit write to the mask table puts its low half into both dwords',
    deep: false,
    variant: 'vectors-64',
    needsMsi: true,
    apply(d) {
      const { mask } = native(d);
      wrap(d, 'writeOdd', (original) => (offset, width, value) => {
        const wide = width === 64 && offset % 8 === 0 && offset >= mask.start && offset < mask.end;
        if (!wide) original(offset, width, value);
        else for (const at of [offset, offset + 4]) d.write32(at, Number(BigInt(value) & 0xffffffffn));
      });
    },
  },
  {
    id: 'wide-pending-write-clears',
    clause: 'ROB-WIDTH',
    summary: 'a 64-bit write to the pending bit array clears the bits that it has set',
    deep: false,
    needsMsi: true,
    apply(d) {
      const { pending } = native(d);
      wrap(d, 'writeOdd', (original) => (offset, width, value) => {
        if (width !== 64 || offset % 8 !== 0 || offset < pending.start || offset >= pending.end)
          return original(offset, width, value);
        const first = (offset - pending.start) * 8;
        for (let bit = 0; bit < 64 && first + bit < d.vectors.count; bit++)
          if ((BigInt(value) >> BigInt(bit)) & 1n) d.vectors.clearPending(first + bit);
      });
    },
  },
  {
    id: 'wide-vector-write-first-only',
    clause: 'ROB-WIDTH',
    summary: 'a 64-bit write to both vector registers maps configuration changes and leaves the queue',
    deep: false,
    needsMsi: true,
    apply(d) {
      const { configVector } = native(d).options.msi;
      wrap(d, 'writeOdd', (original) => (offset, width, value) => {
        if (width === 64 && offset % 8 === 0 && within(d, configVector, offset))
          d.write32(offset, Number(BigInt(value) & 0xffffffffn));
        else original(offset, width, value);
      });
    },
  },
  {
    id: 'wide-mask-read-unmasks',
    clause: 'ROB-WIDTH',
    summary: 'a 64-bit read of the mask table unmasks its first vector',
    deep: false,
    needsMsi: true,
    apply(d) {
      const { mask } = native(d);
      wrap(d, 'readOdd', (original) => (offset, width) => {
        if (width === 64 && offset === mask.start) d.vectors.setMask(0, false);
        return original(offset, width);
      });
    },
  },
  {
    id: 'narrow-status-read-acknowledges',
    clause: 'ROB-WIDTH',
    summary: 'a narrow read of InterruptStatus clears it',
    deep: false,
    apply(d) {
      wrap(d, 'readOdd', (original) => (offset, width) => {
        if (width < 32 && within(d, 'InterruptStatus', offset)) d.line.reset();
        return original(offset, width);
      });
    },
  },
  {
    id: 'crash-on-narrow-read',
    clause: 'ROB-WIDTH',
    summary: 'an 8-bit read of a register takes the device down',
    deep: false,
    apply(d) {
      wrap(d, 'readOdd', (original) => (offset, width) => {
        if (width === 8 && offset < d.config.start) throw new Error('unsupported access size 1');
        return original(offset, width);
      });
    },
  },
  {
    id: 'crash-on-wide-write',
    clause: 'ROB-WIDTH',
    summary: 'a 64-bit write takes the device down',
    deep: false,
    apply(d) {
      wrap(d, 'writeOdd', (original) => (offset, width, value) => {
        if (width === 64) throw new Error('unsupported access size 8');
        original(offset, width, value);
      });
    },
  },
  {
    id: 'crash-on-undefined-read',
    clause: 'ROB-RANGE',
    summary: 'reading an undefined offset takes the device down',
    deep: false,
    apply(d) {
      d.readUndefined = (offset) => {
        throw new Error(`no register at 0x${offset.toString(16)}`);
      };
    },
  },
  {
    id: 'crash-on-undefined-write',
    clause: 'ROB-RANGE',
    summary: 'writing an undefined offset takes the device down',
    deep: false,
    apply(d) {
      d.writeUndefined = (offset) => {
        throw new Error(`no register at 0x${offset.toString(16)}`);
      };
    },
  },
  {
    id: 'undefined-write-resets',
    clause: 'ROB-RANGE',
    summary: 'a write to a free offset among the registers resets the device',
    deep: false,
    apply(d) {
      const free = hole(d);
      d.writeUndefined = (offset) => {
        if (offset === free) d.transport.writeStatus(0);
      };
    },
  },
  {
    id: 'entry-beyond-end-wraps',
    clause: 'ROB-RANGE',
    summary: 'a write beyond the last entry lands in entry 0',
    deep: false,
    needsMsi: true,
    apply(d) {
      const { entries } = tables(d);
      const { start, end } = entries;
      const row = (end - start) / d.vectors.count;
      d.writeUndefined = (offset, value) => {
        if (offset >= end && offset < end + row) entries.write32(offset - end, value);
      };
    },
  },
  {
    id: 'mask-beyond-end-wraps',
    clause: 'ROB-RANGE',
    summary: 'a write beyond the mask table lands in its first dword',
    deep: false,
    needsMsi: true,
    apply(d) {
      const { mask } = native(d);
      const { start, end } = mask;
      d.writeUndefined = (offset, value) => {
        if (offset >= end && offset < end + (end - start)) mask.write32(0, value);
      };
    },
  },
];
