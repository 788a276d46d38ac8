import { describe, expect, it } from 'vitest';
import type { TargetOperation } from '../../harness/target.ts';
import { at, ids, reads, report, said } from './support.ts';

const swap = (value: number) =>
  (((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;

describe('an adapter that works', () => {
  it('has no problem', async () => {
    const found = await report(() => ({}));
    expect(ids(found, 'problem')).toEqual([]);
    expect(found.ok).toBe(true);
    expect(ids(found, 'skipped')).toEqual(['batch']);
  });
});

describe('what is reached', () => {
  it('tells a wrong byte order', async () => {
    const found = await report(reads((value, _, width) => (width === 32 ? swap(value) : value)));
    expect(ids(found, 'problem')).toEqual(['reach']);
    expect(said(found, 'reach')).toMatch(/bytes are in the wrong order .* little endian/);
    expect(said(found, 'line')).toContain('no device was reached');
    expect(found.ok).toBe(false);
  });

  it('tells a legacy device, and how QEMU is told otherwise', async () => {
    const found = await report(reads((value, offset) => (offset === at('Version') ? 1 : value)));
    expect(ids(found, 'problem')).toEqual(['reach']);
    expect(said(found, 'reach')).toMatch(/legacy .*force-legacy=false/);
  });

  it('tells an empty slot', async () => {
    const found = await report(reads((value, offset) => (offset === at('DeviceID') ? 0 : value)));
    expect(ids(found, 'problem')).toEqual(['reach']);
    expect(said(found, 'reach')).toContain('nothing behind it');
  });

  it.each([0, 0xffffffff])('tells that nothing answers but %i', async (nothing) => {
    const found = await report(reads(() => nothing));
    expect(ids(found, 'problem')).toContain('reach');
    expect(said(found, 'reach')).toContain('nothing is there');
  });

  it('tells another place', async () => {
    const found = await report(reads((value, offset) => (offset === at('MagicValue') ? 0x1234 : value)));
    expect(said(found, 'reach')).toContain("count from the device's base");
  });
});

describe('answers that are none', () => {
  it.each<[string, unknown, string]>([
    ['NaN', Number.NaN, 'the adapter answered NaN to a 32-bit read of VendorID (offset 0x0000000c)'],
    ['a negative number', -2, '>>> 0'],
    ['a fraction', 0.5, 'answered 0.5'],
    ['a negative bigint', -1n, 'answered -1n'],
    ['a string', '7', 'answered "7"'],
    ['nothing', undefined, 'answered undefined'],
  ])('tells %s', async (_, answer, words) => {
    const found = await report(reads((value, offset) => (offset === at('VendorID') ? answer : value)));
    expect(ids(found, 'problem')).toContain('integers');
    expect(said(found, 'integers')).toContain(words);
  });

  it('takes a bigint that is one', async () => {
    const found = await report(reads((value) => BigInt(value)));
    expect(found.ok).toBe(true);
  });

  it('tells an answer wider than the access', async () => {
    const found = await report(reads((value, _, width) => (width === 8 ? value + 0x100 : value)));
    expect(ids(found, 'problem')).toEqual(['width']);
    expect(said(found, 'width')).toContain('8-bit read at offset 0x00000100');
  });

  it('tells answers that alternate', async () => {
    let turn = 0;
    const found = await report(reads((value, offset) => (offset === at('VendorID') ? value + (turn++ % 2) : value)));
    expect(ids(found, 'problem')).toEqual(['repeat']);
    expect(said(found, 'repeat')).toContain('VendorID');
  });
});

describe('batches', () => {
  const operate =
    (good: { read(offset: number, width: 32): unknown }) => async (operations: readonly TargetOperation[]) =>
      Promise.all(
        operations.map((operation) => (operation.kind === 'read' ? good.read(operation.offset, 32) : undefined)),
      ) as Promise<number[]>;
  const bare = { memory: undefined, interrupts: undefined, captures: undefined, settle: undefined } as object;

  it('tells answers in another order', async () => {
    const found = await report((good) => ({
      ...bare,
      batch: async (operations) => {
        const answers = await operate(good as never)(operations);
        [answers[0], answers[1]] = [answers[1] as number, answers[0] as number];
        return answers;
      },
    }));
    expect(ids(found, 'problem')).toContain('batch');
    expect(said(found, 'batch')).toContain('operation 0, a 32-bit read of MagicValue');
  });

  it('tells answers that are missing', async () => {
    const found = await report((good) => ({
      ...bare,
      batch: async (operations) => (await operate(good as never)(operations)).slice(1),
    }));
    expect(said(found, 'batch')).toContain('to a batch of');
  });
});

describe('a target that fails', () => {
  it('shows what the adapter threw', async () => {
    const found = await report(() => ({
      read: () => {
        throw new Error('cable is out');
      },
    }));
    expect(ids(found, 'problem')).toContain('reach');
    expect(said(found, 'reach')).toContain('cable is out');
    expect(said(found, 'line')).toContain('no device was reached');
  });
});
