/** What a device may show after events, by masks, pending bits and entries, and which clause was put to the test by that. */
import { describe, expect, it } from 'vitest';
import { Bench, message } from './bench.ts';

const live = () => new Bench().live();
const nothing: string[] = [];

describe('set-up', () => {
  it('is no violation, and leaves every vector unmasked and quiet', () => {
    const b = live().pending().sends();
    b.oracle.readMasks(0, 4, 0);
    expect(b.violated).toEqual(nothing);
    expect(b.hits).toEqual(['DLV-SPURIOUS', 'MSK-RW', 'PBA-CLEAR']);
  });
});

describe('an event of an unmasked vector', () => {
  it('brings its message, once', () => {
    const one = () => live().event(0);
    expect(one().sends(1).violated).toEqual(nothing);
    expect(one().sends().violated).toEqual(['DLV-USED']);
    expect(one().sends(1, 1).violated).toEqual(['DLV-USED']);
    expect(one().sends(2).violated).toEqual(['DLV-USED']);
    expect(one().sends(1, 2).violated).toEqual(['DLV-SPURIOUS']);
    expect(one().collect(message(1, { data: 9 })).violated).toEqual(['ENT-FRESH']);
    expect(one().collect(message(1), { kind: 'line', level: 1 }).violated).toEqual(nothing);
    expect(live().event('config').sends(0).violated).toEqual(nothing);
    expect(live().event('config').sends().violated).toEqual(['DLV-CONFIG']);
  });

  it('puts to the test what speaks of it', () => {
    expect(live().event(0).sends(1).hits).toEqual(['DLV-SPURIOUS', 'DLV-USED', 'ENT-FRESH']);
    expect(live().event('config').sends(0).hits).toEqual(['DLV-CONFIG', 'DLV-SPURIOUS', 'ENT-FRESH']);
  });

  it('may bring as many messages as there were events, and at least one', () => {
    const three = () => live().event(0, { high: 3 });
    for (const count of [1, 2, 3]) expect(three().sends(...Array(count).fill(1)).violated).toEqual(nothing);
    expect(three().sends().violated).toEqual(['DLV-USED']);
    expect(three().sends(1, 1, 1, 1).violated).toEqual(['DLV-USED']);
    expect(live().event(0, { low: 0 }).sends().violated).toEqual(nothing);
  });

  it('is told by a violation in words', () => {
    const [missing] = live().event(0).sends().record.violations;
    expect([missing?.expected, missing?.actual]).toEqual(['1 message of vector 1', 'no message']);
    const [extra] = live().event(0, { high: 2 }).sends(1, 1, 1).record.violations;
    expect([extra?.expected, extra?.actual]).toEqual(['1 to 2 messages of vector 1', '3 messages of vector 1']);
    const [few] = live().event(0, { low: 0, high: 2 }).sends(1, 1, 1).record.violations;
    expect(few?.expected).toBe('at most 2 messages of vector 1');
    const [other] = live().event(0).sends(2).record.violations;
    expect(other?.actual).toBe('no message, and 1 message of vector 2');
    const [stranger] = live()
      .event(0)
      .collect(message(1, { data: 9 })).record.violations;
    expect(stranger?.expected).toBe('1 message of vector 1: address 0x100000010 data 0x00000065');
    const [unasked] = live().collect(message(1, { data: 9 })).record.violations;
    expect(unasked?.expected).toBe('no message but those that an entry holds');
  });

  it('is not judged where the target does not show messages', () => {
    const b = new Bench({ capturesMessages: false }).live().event(0).sends();
    expect([b.violated, b.hits]).toEqual([nothing, nothing]);
    expect(b.oracle.worlds.every(({ sent }) => sent.size === 0)).toBe(true);
  });

  it('may still be on its way where nothing has settled', () => {
    const b = live();
    b.oracle.event({ source: 0, low: 1, high: 2 }, false);
    b.oracle.branch();
    b.oracle.collect([message(1)], false);
    b.oracle.settle();
    expect(b.sends().violated).toEqual(nothing);
    const late = live();
    late.oracle.event({ source: 0, low: 1, high: 1 }, false);
    late.oracle.branch();
    late.oracle.collect([], false);
    late.oracle.settle();
    expect(late.sends().violated).not.toEqual(nothing);
  });
});

describe('an event of a masked vector', () => {
  const masked = () => live().mask(1, true).begin().event(0);

  it('is held, and shows as pending', () => {
    expect(masked().sends().pending(1).violated).toEqual(nothing);
    expect(masked().sends(1).violated).toEqual(['MSK-HOLD']);
    expect(masked().sends().pending().violated).toEqual(['PBA-SET']);
    expect(masked().sends().pending(1, 2).violated).toEqual(['PBA-CLEAR']);
    expect(masked().sends().pending(1).hits).toEqual(['DLV-SPURIOUS', 'MSK-HOLD', 'PBA-CLEAR', 'PBA-SET']);
  });

  it('comes once it is unmasked, once however many there were', () => {
    const released = () => masked().event(0).sends().begin().mask(1, false);
    expect(released().sends(1).violated).toEqual(nothing);
    expect(released().sends().violated).toEqual(['PBA-FIRE']);
    expect(released().sends(1, 1).violated).toEqual(['PBA-MERGE']);
    expect(released().sends(1).pending(1).violated).toEqual(['PBA-CLEAR']);
    expect(released().sends(1).hits).toContain('PBA-MERGE');
    expect(masked().sends().begin().mask(1, false).sends(1).hits).toEqual(
      expect.arrayContaining(['PBA-FIRE', 'DLV-LOST', 'ENT-FRESH']),
    );
  });

  it('that did not come is no message when it is unmasked', () => {
    const b = () => live().mask(1, true).sends().begin().mask(1, false);
    expect(b().sends(1).violated).toEqual(['PBA-NONE']);
    expect(b().sends().hits).toContain('PBA-NONE');
  });

  it('may be released with what others are, and they with it', () => {
    const b = live().mask(1, true).mask(2, true).begin().event(0).event(1).sends().begin();
    b.oracle.writeMasks(0, 4, 0);
    b.oracle.settle();
    expect(b.sends(2, 1).violated).toEqual(nothing);
  });
});

describe('an event that the driver suppressed', () => {
  it('brings no message, and one is advised against', () => {
    const b = () => live().event(0, { suppressed: true });
    expect(b().sends().violated).toEqual(nothing);
    expect(b().sends(1).violated).toEqual(['NTF-SUPPRESS']);
    expect(b().sends(1, 1).violated).not.toEqual(nothing);
  });
});

describe('mask bits', () => {
  it('read as written, and as 1 after a reset', () => {
    const b = new Bench();
    b.oracle.readMasks(0, 4, 0b1111);
    expect([b.violated, b.hits]).toEqual([nothing, ['MSK-RESET']]);
    b.oracle.readMasks(0, 4, 0b1011);
    expect(b.violated).toEqual(['MSK-RW']);
    const again = new Bench({ usedBefore: true });
    again.oracle.readMasks(0, 4, 0b1111);
    expect(again.hits).toEqual(['RST-CLEAN']);
    again.oracle.writeMasks(0, 4, 0b0101);
    again.oracle.readMasks(0, 4, 0b0101);
    expect([again.violated, again.hits]).toEqual([nothing, ['MSK-RW', 'RST-CLEAN']]);
  });

  it('beyond the last vector read 0, whatever is written', () => {
    const b = live();
    b.oracle.writeMasks(0, 32, 0xfffffff0);
    b.oracle.readMasks(0, 32, 0);
    expect([b.violated, b.hits.includes('MSK-RSVD')]).toEqual([nothing, true]);
    b.oracle.readMasks(0, 32, 0b10000);
    expect(b.violated).toEqual(['MSK-RSVD']);
    expect(b.record.violations[0]?.expected).toBe('mask bit 4 reads 0: the device has 4 vectors');
  });

  it('that read wrong are taken as they read', () => {
    const b = live();
    b.oracle.readMasks(0, 4, 0b0010);
    expect(b.violated).toHaveLength(1);
    b.oracle.readMasks(0, 4, 0b0010);
    expect(b.violated).toHaveLength(1);
  });

  it('written before the feature is negotiated may hold or not', () => {
    const b = new Bench({ negotiated: false });
    b.oracle.writeMasks(0, 4, 0);
    b.oracle.readMasks(0, 4, 0b0101);
    expect(b.hits).toEqual(nothing);
    b.context.negotiated = true;
    b.oracle.negotiate(0, 0);
    b.oracle.readMasks(0, 4, 0b0101);
    expect(b.violated).toEqual(nothing);
    b.oracle.readMasks(0, 4, 0b0100);
    expect(b.violated).toHaveLength(1);
  });

  it('that a 64-bit write may have changed changed together or not at all', () => {
    const b = () => {
      const one = live();
      one.oracle.maybeMasks([{ first: 0, count: 4, value: 0b0110 }]);
      return one;
    };
    const read = (bits: number) => {
      const one = b();
      one.oracle.readMasks(0, 4, bits);
      return one.violated;
    };
    expect([read(0b0110), read(0b0000), read(0b0010), read(0b0100)]).toEqual([
      nothing,
      nothing,
      ['ROB-WIDTH'],
      ['ROB-WIDTH'],
    ]);
    expect(read(0b0111)).toHaveLength(1);
  });

  it('that a 64-bit write may have cleared may have sent what was pending', () => {
    const b = () => {
      const one = live().mask(1, true).begin().event(0).sends().begin();
      one.oracle.maybeMasks([{ first: 0, count: 4, value: 0 }]);
      one.oracle.settle();
      return one;
    };
    expect(b().sends(1).pending().violated).toEqual(nothing);
    expect(b().sends().pending(1).violated).toEqual(nothing);
    expect(b().sends().pending().violated).not.toEqual(nothing);
    expect(b().sends(1, 1).violated).not.toEqual(nothing);
    expect(b().sends(2).violated).not.toEqual(nothing);
  });
});

describe('pending bits', () => {
  it('beyond the last vector read 0', () => {
    const b = live();
    b.oracle.readPending(0, 32, 0);
    expect([b.violated, b.hits]).toEqual([nothing, ['PBA-CLEAR', 'PBA-RO']]);
    b.oracle.readPending(0, 32, 0b10000);
    expect(b.record.violations[0]).toMatchObject({
      clause: 'PBA-RO',
      expected: 'pending bit 4 reads 0: the device has 4 vectors',
    });
  });

  it('that read wrong are no reason to complain again', () => {
    const b = live().pending(1);
    expect(b.record.violations[0]).toMatchObject({ expected: 'pending bit of vector 1 reads 0', actual: '1' });
    expect(b.pending(1).pending().sends().violated).toHaveLength(1);
  });

  it('are of nobody before the feature is negotiated', () => {
    const b = new Bench({ negotiated: false });
    b.pending(1, 2);
    expect([b.violated, b.hits]).toEqual([nothing, nothing]);
  });

  it('put to the test what was done', () => {
    const done = live().begin({ kind: 'write-pending' }, { kind: 'entry-reserved', vector: 1 }).pending();
    expect(done.hits).toEqual(['ENT-RSVD', 'PBA-CLEAR', 'PBA-RO']);
    const life = new Bench({ usedBefore: true }).begin({ kind: 'initialise' }).pending();
    expect(life.hits).toEqual(['PBA-CLEAR', 'RST-CLEAN']);
  });
});

describe('an entry', () => {
  it('that is written while unmasked sends old or new, and while masked the new', () => {
    const rewritten = (masked: boolean) => {
      const b = live();
      if (masked) b.mask(1, true).sends().begin();
      b.oracle.writeEntry(1, 'data', 7);
      b.oracle.settle();
      b.sends().begin();
      if (masked) b.mask(1, false).sends().begin();
      return b.event(0);
    };
    for (const data of [101, 7]) expect(rewritten(false).collect(message(1, { data })).violated).toEqual(nothing);
    expect(rewritten(true).collect(message(1, { data: 7 })).violated).toEqual(nothing);
    expect(rewritten(true).sends(1).violated).toEqual(['ENT-FRESH']);
  });
});

describe('a device that needs a reset', () => {
  const raised = (seen: boolean) => {
    const b = live().begin({ kind: 'needs-reset' });
    b.oracle.event({ source: 'config', low: 0, high: 1, needs: true }, false);
    b.oracle.settle();
    b.oracle.decideNeed(seen);
    return b;
  };
  it('says so, where Status says so, and else not', () => {
    expect(raised(true).sends(0).violated).toEqual(nothing);
    expect(raised(true).sends(0).hits).toContain('STAT-NEEDS');
    expect(raised(true).sends().violated).toEqual(['STAT-NEEDS']);
    expect(raised(false).sends().violated).toEqual(nothing);
  });
});

describe('an event before DRIVER_OK', () => {
  it('may come when it likes once it was held, or never', () => {
    const held = () => {
      const b = live();
      b.oracle.event({ source: 'config', low: 0, high: 1, held: true }, false);
      b.oracle.branch();
      b.oracle.settle();
      return b;
    };
    expect(held().sends(0).violated).toEqual(nothing);
    const b = held().sends();
    b.oracle.release();
    b.oracle.settle();
    expect(b.sends(0).violated).toEqual(nothing);
    expect(held().sends(0, 0).violated).not.toEqual(nothing);
  });
});
