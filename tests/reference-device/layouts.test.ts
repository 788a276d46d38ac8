import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createReference, faults } from '../../reference-device/index.ts';
import { loadLayout } from '../../spec/load.ts';
import { writeMovedLayout } from '../spec/moved-layout.ts';
import { Driver } from './driver.ts';
import { walk } from './walk.ts';

const directory = mkdtempSync(join(tmpdir(), 'reference-device-'));
afterAll(() => rmSync(directory, { recursive: true }));
const moved = loadLayout(writeMovedLayout(directory));

describe('a layout with every number moved', () => {
  it('works as before, at its own places', () => {
    const d = new Driver({ layout: moved }).start3();
    expect([d.start('pba'), d.start('mask'), d.start('entry')]).toEqual([0x3000, 0x4000, 0x8000]);
    expect(d.entryAt(2, 'data') - d.entryAt(1, 'data')).toBe(12);
    d.mask(1, true);
    d.use(0);
    d.use(1);
    expect(d.messages()).toEqual([0x4002]);
    expect(d.bitOf('pba', 1)).toBe(1);
    d.mask(1, false);
    expect(d.messages()).toEqual([0x4001]);
    expect(d.map(0, 5)).toBe(0xffffffff);
    expect(d.map('config', 0xffff)).toBe(0xffffffff);
  });

  it('has nothing where the old registers were', () => {
    const { device } = new Driver({ layout: moved });
    for (let offset = 0; offset < 0x100; offset += 4) expect(device.read(offset, 32)).toBe(0);
  });

  it('survives random walks, in registers and in memory', () => {
    for (let seed = 1; seed <= 10; seed++) {
      expect(walk({ layout: moved }, seed, 40).filter((l) => l.startsWith('threw'))).toEqual([]);
      const memory = walk({ layout: moved, variant: 'entries-memory' }, seed, 40);
      expect(memory.filter((l) => l.startsWith('threw'))).toEqual([]);
    }
  });

  it('takes every fault', () => {
    for (const fault of faults.filter((one) => one.mechanism === undefined))
      expect(() => createReference({ layout: moved, fault: fault.id })).not.toThrow();
  });
});

describe('the base layout', () => {
  const base = loadLayout('virtio-mmio');

  it('makes a plain device with its line', () => {
    const d = new Driver({ layout: base });
    expect(d.device.layout).toBe('virtio-mmio');
    d.negotiate();
    d.enable(0);
    d.ready();
    d.use(0);
    expect(d.taken()).toEqual([{ kind: 'line', level: 1 }]);
  });

  it('takes the faults of its clauses', () => {
    const plain = faults.filter((f) => base.hasClause(f.clause) && !f.needsMsi);
    const refused = plain.filter((f) => {
      try {
        createReference({ layout: base, fault: f.id });
        return false;
      } catch {
        return true;
      }
    });
    expect(refused.map((f) => f.id)).toEqual([]);
  });
});
