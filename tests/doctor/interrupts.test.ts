import { describe, expect, it } from 'vitest';
import type { Adapter, Interrupt } from '../../harness/target.ts';
import { ids, report, said } from './support.ts';

/** Replaces what `interrupts()` answers. */
function delivers(change: (taken: Interrupt[]) => Interrupt[]): (good: Adapter) => Partial<Adapter> {
  return (good) => ({ interrupts: async () => change((await good.interrupts?.()) ?? []) });
}

describe('interrupts', () => {
  it('tells that none is caught', async () => {
    const found = await report(delivers(() => []));
    expect(ids(found, 'problem')).toEqual(['line', 'message']);
    expect(said(found, 'line')).toMatch(/InterruptStatus reads 0x00000001 .* no rising line/);
    expect(said(found, 'message')).toContain('no message');
  });

  it('tells interrupts without an event', async () => {
    const found = await report(delivers((taken) => [...taken, { kind: 'line', level: 1 }]));
    expect(ids(found, 'problem')).toContain('quiet');
    expect(said(found, 'quiet')).toContain('the line at 1');
  });

  it('tells interrupts that are answered twice', async () => {
    let last: Interrupt[] = [];
    const found = await report(
      delivers((taken) => {
        if (taken.length > 0) last = taken;
        return last;
      }),
    );
    expect(ids(found, 'problem')).toContain('line');
    expect(found.checks.map((check) => check.hint)).toContain('it answers what came since the call before');
  });

  it('tells a line of which only the rising edge is seen', async () => {
    const found = await report(delivers((taken) => taken.filter((one) => one.kind !== 'line' || one.level === 1)));
    expect(ids(found, 'problem')).toEqual(['line']);
    expect(said(found, 'line')).toContain('no falling line');
  });

  it('tells an address that lost its upper half', async () => {
    const found = await report(
      delivers((taken) =>
        taken.map((one) => (one.kind === 'message' ? { ...one, address: BigInt(one.address) & 0xffffffffn } : one)),
      ),
    );
    expect(ids(found, 'problem')).toEqual(['message']);
    expect(said(found, 'message')).toContain('are address and data whole');
  });

  it('tells a raise that does nothing', async () => {
    const found = await report(() => ({ raise: () => {} }));
    expect(ids(found, 'problem')).toEqual(['config']);
    expect(said(found, 'config')).toContain("raise({ source: 'config' })");
  });
});

describe('declarations', () => {
  it.each<[string, Partial<Adapter>, string]>([
    ['a configuration space beyond the region', { regionSize: 0x200, configSize: 0x200 }, 'does not fit'],
    ['a region without the registers', { regionSize: 0x80 }, 'regionSize is 128'],
    ['a fraction', { configSize: 1.5 }, 'configSize is 1.5'],
    ['captures of nothing', { captures: [] }, 'does not say what it sees'],
    ['events of nothing', { events: [] }, 'does not say which events'],
    ['a range from high to low', { messages: { addresses: [{ from: 8, to: 4 }] } }, 'from comes after to'],
    ['data of more than 32 bits', { messages: { data: [{ from: 0, to: 2 ** 32 }] } }, 'not within 32 bits'],
    ['addresses between words', { messages: { addresses: [{ from: 2, to: 8 }] } }, 'a multiple of 4'],
    ['no address at all', { messages: { addresses: [] } }, 'no message at all'],
  ])('tells %s', async (_, declared, words) => {
    const found = await report(() => declared);
    expect(ids(found, 'problem')).toContain('declarations');
    expect(said(found, 'declarations')).toContain(words);
  });
});
