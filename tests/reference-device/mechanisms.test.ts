/** How registers and tables reach the vectors, where the text leaves the device a choice or the suite looks away. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Judge } from '../../power/mutation/judge.ts';
import { Device } from '../../reference-device/device.ts';
import { variants } from '../../reference-device/index.ts';
import { Ram } from '../../reference-device/memory.ts';
import type { Native } from '../../reference-device/native.ts';
import { defaults } from '../../reference-device/settings.ts';
import type { MsiTables } from '../../reference-device/tables.ts';
import { type EntryTable, Layout } from '../../spec/layout.ts';
import { loadLayout } from '../../spec/load.ts';
import { writeMovedMsix } from '../spec/moved-msix.ts';
import { Driver, native } from './driver.ts';

const msix = loadLayout('msix');
const folder = mkdtempSync(join(tmpdir(), 'mechanisms-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const moved = loadLayout(writeMovedMsix(folder));

/** A driver of MSI-X: the bits of the capability, and of the entries. */
class MsixDriver extends Driver {
  constructor(variant?: string, layout: Layout = msix) {
    super({ layout, ...(variant !== undefined && { variant }) });
  }

  switches(...bits: ('enable' | 'function-mask')[]): void {
    this.w(
      'MsixCapability',
      bits.reduce((value, name) => (value | this.bit('MsixCapability', name)) >>> 0, 0),
    );
  }
  isOn(name: 'enable' | 'function-mask'): boolean {
    return (this.r('MsixCapability') & this.bit('MsixCapability', name)) !== 0;
  }
  override start(table: string): number {
    const reference = this.layout.table(table).at;
    return this.layout.meaningOf(reference, this.r(reference.split('.')[0] ?? ''));
  }
  override mask(v: number, on: boolean): void {
    this.device.write(this.control(v), 32, on ? 1 : 0);
  }
  control(v: number): number {
    return this.entryAt(v, 'vector-control');
  }
  /** The configuration on vector 0 and queue 0 on vector 1, enabled and unmasked. */
  live(): this {
    this.negotiate();
    this.enable(0);
    for (const v of [0, 1]) this.program(v);
    this.map('config', 0);
    this.map(0, 1);
    this.switches('enable');
    this.ready();
    for (const v of [0, 1]) this.mask(v, false);
    return this;
  }
}

/** FEATURES_OK and DRIVER_OK of a device that was just switched on, where a reset is not called for. */
function withoutReset(d: Driver): void {
  d.w('Status', d.status('ACKNOWLEDGE'));
  d.w('Status', d.status('ACKNOWLEDGE', 'DRIVER'));
  d.accept(d.driven());
  d.w('Status', d.status('ACKNOWLEDGE', 'DRIVER', 'FEATURES_OK'));
}

describe('a device that was switched on and not reset', () => {
  it('is as after a reset (native)', () => {
    const d = new Driver();
    expect(d.map('config', 0)).toBe(0xffff);
    withoutReset(d);
    expect(d.map('config', 0)).toBe(0);
    d.program(0);
    d.ready();
    d.mask(0, false);
    d.config();
    expect(d.messages()).toEqual([0x4000]);
  });

  it('is as after a reset (msix)', () => {
    const d = new MsixDriver();
    expect([d.isOn('enable'), d.isOn('function-mask')]).toEqual([false, false]);
    withoutReset(d);
    expect([d.isOn('enable'), d.isOn('function-mask'), d.map('config', 0)]).toEqual([false, false, 0]);
    d.program(0);
    d.switches('enable');
    d.ready();
    d.mask(0, false);
    d.config();
    expect(d.messages()).toEqual([0x4000]);
  });
});

describe('before the feature is negotiated', () => {
  const held = (d: Driver) => {
    d.map('config', 1);
    d.program(1);
    d.mask(1, false);
    const mapped = d.r('MsiConfigVector');
    return [mapped, d.device.read(d.entryAt(1, 'data'), 32)];
  };

  it.each(['switched on', 'reset'])('nothing takes hold (native, %s)', (how) => {
    const d = how === 'reset' ? new Driver().start3() : new Driver();
    if (how === 'reset') d.reset();
    expect([...held(d), d.bitOf('mask', 1)]).toEqual([0xffff, 0, 1]);
    d.negotiate();
    expect([d.r('MsiConfigVector'), d.bitOf('mask', 1)]).toEqual([0xffff, 1]);
  });

  it('all of it takes hold where the device decides so (native)', () => {
    const d = new Driver({ variant: 'early-writes-hold' });
    expect([...held(d), d.bitOf('mask', 1)]).toEqual([1, 0x4001, 0]);
  });

  it('nothing takes hold, not in the capability either (msix)', () => {
    for (const how of ['switched on', 'reset']) {
      const d = how === 'reset' ? new MsixDriver().live() : new MsixDriver();
      if (how === 'reset') d.reset();
      d.switches('enable', 'function-mask');
      expect([...held(d), d.isOn('enable'), d.isOn('function-mask')]).toEqual([0xffff, 0, false, false]);
    }
  });

  it('all of it takes hold where the device decides so (msix)', () => {
    const d = new MsixDriver('early-writes-hold');
    d.switches('enable', 'function-mask');
    expect([...held(d), d.isOn('enable'), d.isOn('function-mask')]).toEqual([1, 0x4001, true, true]);
  });
});

describe('a device that knows nothing of MSI', () => {
  it('has what it has elsewhere, where the registers of MSI would be', () => {
    const d = new Driver({ variant: 'plain-ones' });
    const registers = Object.values(native.data.registers).filter(({ layout }) => layout === 'native');
    expect(registers.length).toBeGreaterThan(5);
    for (const { name } of registers) expect(d.r(name), name).toBe(0xffffffff);
  });
});

describe('mask bits after a reset', () => {
  it('are what the layout says (native)', () => {
    const data = structuredClone(native.data);
    Object.assign(data.tables.mask as object, { reset: 0 });
    const d = new Driver({ layout: new Layout(data) });
    d.negotiate();
    expect([d.bitOf('mask', 0), d.bitOf('mask', 4)]).toEqual([0, 0]);
    d.start3();
    d.mask(1, true);
    d.negotiate();
    expect(d.bitOf('mask', 1)).toBe(0);
  });

  it('are what the layout says (msix)', () => {
    const data = structuredClone(msix.data);
    Object.assign((data.tables.entry as EntryTable).fields['vector-control']?.fields.mask ?? {}, { reset: 0 });
    for (const [layout, bit] of [
      [msix, 1],
      [new Layout(data), 0],
    ] as const) {
      const d = new MsixDriver(undefined, layout);
      d.negotiate();
      expect([0, 4].map((v) => d.device.read(d.control(v), 32))).toEqual([bit, bit]);
    }
  });
});

describe('what one write lets go', () => {
  it.each([
    [undefined, [0, 1, 2]],
    ['release-descending', [2, 1, 0]],
  ])('goes in the order that the device has (variant %s)', (variant, order) => {
    const d = new Driver(variant === undefined ? {} : { variant }).start3();
    for (const v of order) d.mask(v, true);
    d.config();
    d.use(0);
    d.use(1);
    d.device.write(d.word('mask', 0), 32, 0);
    expect(d.messages()).toEqual(order.map((v) => 0x4000 + v));
  });

  it('is sent as it was when it was unmasked, whatever is written to the capability since (msix)', () => {
    const d = new MsixDriver('fetch-at-unmask').live();
    d.program(0, 0x1000, 7);
    d.switches('enable');
    d.config();
    expect(d.messages()).toEqual([0x4000]);
  });
});

describe('an entry table in registers', () => {
  it('takes aligned dwords and nothing else', () => {
    const d = new Driver().start3();
    const at = d.entryAt(1, 'data');
    d.device.write(at, 8, 0xff);
    d.device.write(at, 16, 0xff);
    d.device.write(d.entryAt(1, 'reserved'), 32, 0xff);
    expect(d.device.read(at, 32)).toBe(0x4001);
    expect([d.device.read(at, 8), d.device.read(at, 16), d.device.read(at - 8, 64)]).toEqual([0, 0, 0n]);
    expect(d.device.read(d.entryAt(1, 'reserved'), 32)).toBe(0);
  });

  it('keeps every bit of an address, or all but those that may read 0', () => {
    for (const [variant, low] of [
      [undefined, 0xffffffff],
      ['addresses-aligned', 0xfffffffc],
    ] as const) {
      const d = new Driver(variant === undefined ? {} : { variant }).start3();
      d.program(1, 0xffffffff, 0xffffffff, 0xffffffff);
      const parts = ['address-low', 'address-high', 'data'].map((field) => d.device.read(d.entryAt(1, field), 32));
      expect(parts).toEqual([low, 0xffffffff, 0xffffffff]);
    }
  });

  it('keeps bits without a meaning where the device decides so, and beside the mask bit', () => {
    const d = new MsixDriver('reserved-kept').live();
    d.device.write(d.control(1), 32, 0xfffffffe);
    expect(d.device.read(d.control(1), 32)).toBe(0xfffffffe);
    d.device.write(d.control(1), 32, 0xffffffff);
    expect(d.device.read(d.control(1), 32)).toBe(0xffffffff);
    d.device.write(d.control(1), 32, 0);
    expect(d.device.read(d.control(1), 32)).toBe(0);
  });
});

describe('tables of bits', () => {
  it('are read in two halves where the device splits 64-bit accesses', () => {
    const d = new Driver({ variant: 'wide-split' });
    d.negotiate();
    const at = Math.ceil(d.start('mask') / 8) * 8;
    expect(d.device.read(at, 64)).toBe(BigInt(d.device.read(at, 32)) + (BigInt(d.device.read(at + 4, 32)) << 32n));
    expect(d.device.read(at, 64)).not.toBe(0n);
  });
});

describe('the region of a device', () => {
  it.each(variants.filter(({ settings }) => settings.msi === undefined).map(({ id }) => id))(
    'has room for its tables, rounded up to pages (variant %s)',
    (variant) => {
      for (const layout of [native, msix]) {
        const d = layout === msix ? new MsixDriver(variant) : new Driver({ variant });
        const { vectors = 5 } = variants.find(({ id }) => id === variant)?.settings ?? {};
        const ends = Object.keys(layout.data.tables).map((name) => d.start(name) + layout.tableLength(name, vectors));
        const { align } = layout.table('entry');
        const end = Math.ceil(Math.max(...ends) / align) * align;
        expect(d.device.regionSize).toBe(Math.max(0x10000, end));
      }
    },
  );
});

describe('a device with tables far behind', () => {
  it.each([native, msix])('has a region up to the end of the page that the last one ends in', (layout) => {
    const { align } = layout.table('entry');
    const tables = { order: ['mask', 'pending', 'entry'] as const, gap: Math.ceil(0x10000 / align) };
    const device = new Device(layout, { ...defaults, tables }, new Ram());
    const [last] = (device.msi as MsiTables).areas.map(({ end }) => end).sort((a, b) => b - a);
    expect(last).toBeGreaterThan(0x10000);
    expect(device.regionSize).toBe(Math.ceil((last ?? 0) / align) * align);
  });

  it('has none of them before its last register, wherever that is', () => {
    const data = structuredClone(native.data);
    Object.assign(data.registers.QueueReset ?? {}, { offset: 0x2ffc });
    const layout = new Layout(data);
    for (const [settings, first] of [
      [{ tables: { order: ['pending', 'mask', 'entry'], gap: 0 } }, 'pba'],
      [{ tables: { order: ['mask', 'entry', 'pending'], gap: 0 }, device: 'entropy', queues: 1 }, 'mask'],
    ] as const) {
      const device = new Device(layout, { ...defaults, ...settings }, new Ram());
      expect(device.read(layout.register(layout.table(first).at).offset, 32)).toBe(0x3000);
    }
  });

  it('answers where a table was moved to, from its first dword to its last', () => {
    const vectors = 40;
    const device = new Device(native, { ...defaults, vectors, earlyWrites: 'hold' }, new Ram());
    const msi = device.msi as Native;
    for (const table of ['mask', 'pending'] as const) {
      const start = 0x8000 + (table === 'mask' ? 0x1000 : 0);
      msi.move(table, start);
      const { at } = native.table(table === 'mask' ? 'mask' : 'pba');
      expect(device.read(native.register(at).offset, 32)).toBe(start);
      const bits = table === 'mask' ? device.vectors.masks : device.vectors.pending;
      bits.fill(false);
      bits.set(1, true);
      bits.set(39, true);
      expect([0, 4, 8].map((behind) => device.read(start + behind, 32))).toEqual([2, 0x80, 0]);
    }
  });
});

describe('a queue that does not exist', () => {
  it('has a vector register that reads no vector and changes nothing, whatever a device drops with a mapping', () => {
    const d = new Driver({ variant: 'unmap-clears' }).start3();
    d.mask(0, true);
    d.config();
    d.w('QueueSel', 7);
    for (const value of [0, 1, 0xffff]) {
      d.w('MsiQueueVector', value);
      expect(d.r('MsiQueueVector')).toBe(0xffff);
    }
    expect([d.bitOf('pba', 0), d.r('MsiConfigVector')]).toEqual([1, 0]);
  });
});

describe('MSI-X with every number moved', () => {
  it.each([undefined, 'reserved-kept'])('is accused of nothing (variant %s)', async (variant) => {
    const judge = await Judge.of({ layout: moved, ...(variant !== undefined && { variant }) });
    expect(await judge.accusations([...judge.derived((id) => /^(header|vector-control|entries)/.test(id))])).toEqual(
      [],
    );
  });

  it('finds the mask bit where the layout has it, and tables behind their own registers', () => {
    const d = new MsixDriver(undefined, moved).live();
    const table = moved.table('entry') as EntryTable;
    expect(table.fields['vector-control']?.offset).toBe(0);
    expect(d.start('entry')).toBe(0x3000);
    d.config();
    expect(d.messages()).toEqual([0x4000]);
  });

  it('finds the mask bit in whatever bit of vector control it is', () => {
    const data = structuredClone(msix.data);
    const entry = data.tables.entry as EntryTable;
    const mask = entry.fields['vector-control']?.fields.mask;
    if (!mask) throw new Error('the layout has no mask bit');
    Object.assign(mask, { low: 3, high: 3, mask: 8 });
    const d = new MsixDriver(undefined, new Layout(data)).live();
    d.device.write(d.control(0), 32, 1);
    d.config();
    expect([d.messages(), d.device.read(d.control(0), 32)]).toEqual([[0x4000], 0]);
    d.device.write(d.control(0), 32, 8);
    d.config();
    expect([d.messages(), d.device.read(d.control(0), 32)]).toEqual([[], 8]);
  });

  it('tells the place of each table as its own register has it', () => {
    const data = structuredClone(msix.data);
    const { bir, offset } = data.registers.MsixPba?.fields ?? {};
    if (!bir || !offset) throw new Error('the layout has other fields');
    // Twice as far to the left as in the register of the table.
    Object.assign(offset, { low: offset.low + 1, mask: (offset.mask << 1) >>> 0 });
    const d = new MsixDriver(undefined, new Layout(data));
    expect(d.r('MsixPba')).toBe(2 * new MsixDriver().start('pba'));
    expect(d.r('MsixTable')).toBe(new MsixDriver().r('MsixTable'));
  });
});
