/** What may be in an entry and what may be sent from it, by all that was written and read. */
import { describe, expect, it } from 'vitest';
import { type Content, contentKey, contentOf, Entries, showContent } from '../../harness/oracle/entries.ts';
import type { EntryTable } from '../../spec/layout.ts';
import { loadLayout } from '../../spec/load.ts';

const table = loadLayout('native').table('entry') as EntryTable;
const PARTS = ['address-low', 'address-high', 'data'] as const;

const content = (low: number, high: number, data: number): Content => ({
  'address-low': low,
  'address-high': high,
  data,
});
const [OLD, NEW] = [content(4, 1, 10), content(8, 2, 20)];

function write(entries: Entries, vector: number, what: Content, exposed = false): void {
  for (const part of PARTS) entries.write(vector, part, what[part], exposed);
}

/** Vector 1 holds {@link OLD}. */
function written(): Entries {
  const entries = new Entries(table);
  write(entries, 1, OLD);
  return entries;
}

describe('content', () => {
  it('has the address in two halves', () => {
    expect(contentOf(0xfffffff1_00000004n, 7)).toEqual(content(4, 0xfffffff1, 7));
    expect(contentOf(0x1_00000004, 7)).toEqual(content(4, 1, 7));
  });

  it('is shown with all digits, and the upper half where there is one', () => {
    expect(showContent(content(0xfee00010, 0, 0x41))).toBe('address 0xfee00010 data 0x00000041');
    expect(showContent(content(0x10, 0xa, 0x41))).toBe('address 0xa00000010 data 0x00000041');
  });

  it('has a key of its own', () => {
    const all = [OLD, NEW, content(4, 1, 20), content(4, 2, 10), content(8, 1, 10), content(1, 4, 10)];
    expect(new Set(all.map(contentKey)).size).toBe(all.length);
    expect(contentKey(OLD)).toBe(contentKey({ ...OLD }));
  });
});

describe('an entry', () => {
  it('that nobody wrote is not known, and may send nothing', () => {
    const entries = new Entries(table);
    expect([...entries.known()]).toEqual([]);
    expect(entries.allows(1, OLD)).toBe(false);
    expect(entries.content(1)).toBeUndefined();
    expect(entries.readable(1, 'data')).toBeUndefined();
    expect(entries.observe(1, 'data', 5)).toBe(true);
    entries.freshen(1);
    expect([...entries.known()]).toEqual([]);
  });

  it('holds and sends what was written, of its own vector', () => {
    const entries = written();
    expect([...entries.known()]).toEqual([1]);
    expect([entries.content(1), entries.content(2)]).toEqual([OLD, undefined]);
    expect([entries.allows(1, OLD), entries.allows(2, OLD)]).toEqual([true, false]);
    for (const part of PARTS) expect(entries.allows(1, { ...OLD, [part]: 99 }), part).toBe(false);
    expect(entries.readable(1, 'data')).toEqual({ values: [10], mayReadZero: 0, confirmed: false });
    expect(entries.readable(1, 'address-low')?.mayReadZero).toBe(table.fields['address-low']?.mayReadZero);
    expect(entries.readable(1, 'address-low')?.mayReadZero).not.toBe(0);
  });

  it('of which a part was written may hold and send anything in the others', () => {
    for (const part of PARTS) {
      const entries = new Entries(table);
      for (const other of PARTS) if (other !== part) entries.write(1, other, OLD[other], false);
      expect(entries.content(1)).toBeUndefined();
      expect(entries.readable(1, part)).toBeUndefined();
      expect(entries.allows(1, { ...OLD, [part]: 99 })).toBe(true);
    }
  });

  it('has no part that is none', () => {
    const entries = new Entries(table);
    entries.write(1, 'reserved', 5, true);
    entries.maybe(1, 'vector-control', 5, true);
    entries.beginWide();
    entries.maybeWide(1, 'reserved', 5, true);
    expect([...entries.known()]).toEqual([]);
  });

  it('is forgotten with everything that it held', () => {
    const entries = written();
    entries.clear();
    expect([...entries.known(), ...entries.allPast()]).toEqual([]);
    expect(entries.allows(1, OLD)).toBe(false);
  });
});

describe('an entry that is written while its vector may send', () => {
  it('may send old and new dwords, until it is fresh again', () => {
    const entries = written();
    write(entries, 1, NEW, true);
    for (const one of [OLD, NEW, { ...OLD, data: NEW.data }, { ...NEW, 'address-high': OLD['address-high'] }])
      expect(entries.allows(1, one)).toBe(true);
    expect(entries.readable(1, 'data')?.values).toEqual([20]);
    entries.freshen(1);
    expect([entries.allows(1, OLD), entries.allows(1, NEW)]).toEqual([false, true]);
    for (const part of PARTS) expect(entries.allows(1, { ...NEW, [part]: OLD[part] }), part).toBe(false);
  });

  it('sends only the new one where it was written while the vector was held', () => {
    const entries = written();
    write(entries, 1, NEW);
    expect([entries.allows(1, OLD), entries.allows(1, NEW)]).toEqual([false, true]);
  });
});

describe('an access that may have acted', () => {
  it('leaves open what the dword holds', () => {
    const entries = written();
    entries.maybe(1, 'data', 20, false);
    expect(entries.readable(1, 'data')?.values).toEqual([10, 20]);
    expect([10, 20, 30].map((data) => entries.allows(1, { ...OLD, data }))).toEqual([true, true, false]);
    entries.maybe(1, 'data', 30, false);
    expect(entries.readable(1, 'data')?.values).toEqual([10, 20, 30]);
  });

  it('leaves every value open where none of it is known', () => {
    const entries = written();
    entries.maybe(1, 'data', 20, false);
    entries.maybe(1, 'data', undefined, false);
    expect(entries.readable(1, 'data')).toBeUndefined();
    expect(entries.allows(1, { ...OLD, data: 99 })).toBe(true);
    entries.maybe(1, 'data', 20, false);
    expect(entries.readable(1, 'data')).toBeUndefined();
    entries.write(1, 'data', 30, false);
    expect(entries.readable(1, 'data')?.values).toEqual([30]);
  });

  it('is settled by a write', () => {
    const entries = written();
    entries.maybe(1, 'data', 20, false);
    entries.write(1, 'data', 30, false);
    expect(entries.readable(1, 'data')?.values).toEqual([30]);
    expect(entries.allows(1, { ...OLD, data: 20 })).toBe(false);
  });

  it('is settled by a read, and what may have gone out before still may', () => {
    const acted = written();
    acted.maybe(1, 'data', 20, false);
    acted.observe(1, 'data', 20);
    expect(acted.readable(1, 'data')).toEqual({ values: [20], mayReadZero: 0, confirmed: true });
    expect([10, 20].map((data) => acted.allows(1, { ...OLD, data }))).toEqual([true, true]);
    acted.freshen(1);
    expect([10, 20].map((data) => acted.allows(1, { ...OLD, data }))).toEqual([false, true]);

    const ignored = written();
    ignored.maybe(1, 'data', 20, false);
    ignored.observe(1, 'data', 10);
    expect(ignored.readable(1, 'data')).toEqual({ values: [10], mayReadZero: 0, confirmed: true });
    expect([10, 20].map((data) => ignored.allows(1, { ...OLD, data }))).toEqual([true, false]);
  });

  it('while the vector may send, goes out even where a read shows that it did not act', () => {
    const entries = written();
    entries.maybe(1, 'data', 20, true);
    entries.observe(1, 'data', 10);
    expect([10, 20].map((data) => entries.allows(1, { ...OLD, data }))).toEqual([true, true]);
    entries.freshen(1);
    expect([10, 20].map((data) => entries.allows(1, { ...OLD, data }))).toEqual([true, false]);
  });

  it('tells nothing of another one', () => {
    const entries = written();
    entries.maybe(1, 'data', 20, false);
    expect(entries.observe(1, 'data', 20)).toBe(true);
    entries.maybe(1, 'data', 30, false);
    expect(entries.observe(1, 'data', 20)).toBe(true);
  });

  it('changes what a read confirmed only where it is written again', () => {
    const entries = written();
    entries.observe(1, 'data', 10);
    expect(entries.readable(1, 'data')?.confirmed).toBe(true);
    entries.write(1, 'data', 20, false);
    expect(entries.readable(1, 'data')?.confirmed).toBe(false);
    // A read that shows something else is a violation that was named: what was written still counts.
    entries.observe(1, 'data', 77);
    expect(entries.readable(1, 'data')?.values).toEqual([20]);
  });
});

describe('a 64-bit write', () => {
  function wide(entries: Entries, low: number, high: number): void {
    entries.beginWide();
    entries.maybeWide(1, 'address-low', low, false);
    entries.maybeWide(1, 'address-high', high, false);
  }

  it.each([
    ['both halves', 8, 2, true],
    ['neither half', 4, 1, true],
    ['the lower half alone', 8, 1, false],
    ['the upper half alone', 4, 2, false],
  ])('that acted in %s', (_, low, high, whole) => {
    const entries = written();
    wide(entries, 8, 2);
    expect([entries.observe(1, 'address-low', low), entries.observe(1, 'address-high', high)]).toEqual([true, whole]);
  });

  it('of which a half writes what was there tells nothing by that half', () => {
    const entries = written();
    wide(entries, 4, 2);
    expect([entries.observe(1, 'address-low', 4), entries.observe(1, 'address-high', 2)]).toEqual([true, true]);
  });

  it('and another one may differ', () => {
    const entries = written();
    wide(entries, 8, 2);
    expect([entries.observe(1, 'address-low', 8), entries.observe(1, 'address-high', 2)]).toEqual([true, true]);
    wide(entries, 16, 3);
    expect([entries.observe(1, 'address-low', 8), entries.observe(1, 'address-high', 2)]).toEqual([true, true]);
  });

  it('is no question any more once a half was written or read', () => {
    const entries = written();
    wide(entries, 8, 2);
    entries.observe(1, 'address-low', 8);
    entries.write(1, 'address-high', 1, false);
    expect(entries.observe(1, 'address-high', 1)).toBe(true);
    entries.observe(1, 'address-low', 8);
    entries.maybe(1, 'address-low', 12, false);
    expect(entries.observe(1, 'address-low', 8)).toBe(true);
  });

  it('of a dword of which nothing is known settles nothing', () => {
    const entries = new Entries(table);
    wide(entries, 8, 2);
    expect([entries.observe(1, 'address-low', 8), entries.observe(1, 'address-high', 1)]).toEqual([true, true]);
    expect([entries.readable(1, 'address-low'), entries.readable(1, 'address-high')]).toEqual([undefined, undefined]);
  });

  it('behind another one acts as a whole too, whatever that one wrote', () => {
    const entries = written();
    wide(entries, 4, 2);
    wide(entries, 8, 3);
    expect([entries.observe(1, 'address-low', 8), entries.observe(1, 'address-high', 1)]).toEqual([true, false]);
  });
});

describe('the past', () => {
  it('holds every whole content, oldest first, and names its vector', () => {
    const entries = written();
    write(entries, 2, NEW);
    expect(entries.allPast()).toEqual([OLD, NEW].map(contentKey));
    expect([entries.staleOwner(OLD), entries.staleOwner(NEW)]).toEqual([1, 2]);
    expect(entries.staleOwner(content(99, 1, 10))).toBeUndefined();
  });

  it('holds what was there between two dwords, and names a mixture of its vector alone', () => {
    const entries = written();
    write(entries, 1, NEW);
    const between = [OLD, content(8, 1, 10), content(8, 2, 10), NEW];
    expect(entries.allPast()).toEqual(between.map(contentKey));
    expect(entries.staleOwner(content(4, 2, 20))).toBe(1);
    write(entries, 2, content(12, 3, 30));
    expect(entries.staleOwner(content(4, 3, 30))).toBeUndefined();
  });

  it('begins once all of an entry is known', () => {
    const entries = new Entries(table);
    entries.write(1, 'data', 5, false);
    expect(entries.allPast()).toEqual([]);
  });
});
