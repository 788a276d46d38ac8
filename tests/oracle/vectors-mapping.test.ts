/** What a device may show after mappings, stops, resets and the switches of all vectors, and what that puts to the test. */
import { describe, expect, it } from 'vitest';
import type { Interrupt } from '../../harness/target.ts';
import { Bench, NO_VECTOR } from './bench.ts';

const live = () => new Bench().live();
const nothing: string[] = [];

describe('a mapping', () => {
  const reads = (b: Bench, source: 0 | 1 | 'config', value: number) => {
    b.oracle.readMapping(source, value);
    return b;
  };

  it('reads back, or is refused', () => {
    const mapped = () => live().map(0, 3);
    expect(reads(mapped(), 0, 3).violated).toEqual(nothing);
    expect(reads(mapped(), 0, NO_VECTOR).violated).toEqual(nothing);
    expect(reads(mapped(), 0, 1).violated).toEqual(['MAP-BACK']);
    expect(reads(mapped(), 0, 3).hits).toContain('MAP-BACK');
    expect(reads(mapped(), 1, 2).hits).toEqual(['MAP-QUEUE']);
    expect(reads(mapped(), 1, 3).violated).toEqual(['MAP-QUEUE']);
  });

  it('to what is no vector reads as none', () => {
    for (const value of [4, 0x10000, NO_VECTOR]) {
      const mapped = () => live().map(0, value);
      expect(reads(mapped(), 0, NO_VECTOR).violated).toEqual(nothing);
      expect(reads(mapped(), 0, value === NO_VECTOR ? 1 : value).violated).toEqual(['MAP-RANGE']);
      expect(reads(mapped(), 0, NO_VECTOR).hits).toContain('MAP-RANGE');
    }
  });

  it('is told by a violation in words', () => {
    const [wrong] = reads(live().map(0, 3), 0, 1).record.violations;
    expect([wrong?.expected, wrong?.actual]).toEqual([
      'the vector of queue 0 reads 0x00000003 or 0x0000ffff (NO_VECTOR)',
      '0x00000001',
    ]);
    const [config] = reads(live(), 'config', 3).record.violations;
    expect(config?.expected).toBe('the vector of the configuration change reads 0x00000000');
  });

  it('that reads back decides where the event goes', () => {
    const b = () => reads(live().map(0, 3), 0, 3).begin().event(0);
    expect(b().sends(3).violated).toEqual(nothing);
    expect(b().sends(1).violated).toEqual(['MAP-MOVE']);
    expect(b().sends().violated).toEqual(['MAP-MOVE']);
    expect(b().sends(3).hits).toContain('MAP-MOVE');
    const refused = () => reads(live().map(0, 3), 0, NO_VECTOR).begin().event(0);
    expect(refused().sends().violated).toEqual(nothing);
    expect(refused().sends(3).violated).toEqual(['MAP-BACK']);
    expect(refused().sends().hits).toContain('MAP-OFF');
  });

  it('that was not read may have been refused', () => {
    const b = () => live().map(0, 3).begin().event(0);
    expect(b().sends(3).violated).toEqual(nothing);
    expect(b().sends().violated).toEqual(nothing);
    expect(b().sends(1).violated).not.toEqual(nothing);
  });

  it('away from a pending vector leaves its bit, and taking it along is advised against', () => {
    const b = () => reads(live().mask(1, true).begin().event(0).sends().begin().map(0, 3), 0, 3);
    expect(b().pending(1).violated).toEqual(nothing);
    expect(b().pending(1).hits).toContain('PBA-VECTOR');
    expect(b().pending().violated).toEqual(['PBA-VECTOR']);
    expect(b().pending(3).violated).not.toEqual(nothing);
  });

  it('away from a vector that another event made pending leaves its bit', () => {
    const b = live().map(1, 1);
    b.oracle.readMapping(1, 1);
    b.mask(1, true).begin().event(1).sends().begin().map(0, 3);
    b.oracle.readMapping(0, 3);
    expect(b.pending().violated).toEqual(['DLV-LOST']);
  });

  it('that two events share sends for each', () => {
    const shared = () => reads(live().map(1, 1), 1, 1).begin();
    expect(shared().event(0).sends(1).hits).toContain('MAP-SHARE');
    expect(shared().event(1).sends(1).violated).toEqual(nothing);
    expect(shared().event(1).sends().violated).not.toEqual(nothing);
    expect(shared().event(0).event(1).sends(1, 1).violated).toEqual(nothing);
  });

  it('before the feature is negotiated may hold or not, and is not judged', () => {
    const b = new Bench({ negotiated: false });
    b.oracle.map(0, 3);
    b.oracle.readMapping(0, 1);
    expect([b.violated, b.hits]).toEqual([nothing, nothing]);
    b.context.negotiated = true;
    b.oracle.negotiate(0, 0);
    b.oracle.readMapping(0, 2);
    b.oracle.readMapping(0, 2);
    b.oracle.readMapping(1, NO_VECTOR);
    expect(b.violated).toEqual(nothing);
    b.oracle.readMapping(0, 3);
    expect(b.violated).toHaveLength(1);
  });

  it('after a reset is none', () => {
    const b = new Bench();
    b.oracle.readMapping(0, NO_VECTOR);
    expect([b.violated, b.hits]).toEqual([nothing, ['MAP-RESET']]);
    b.oracle.readMapping(1, 2);
    expect(b.violated).toEqual(['MAP-RESET']);
    const again = new Bench({ usedBefore: true });
    again.oracle.readMapping(0, NO_VECTOR);
    expect(again.hits).toEqual(['RST-CLEAN']);
  });

  it('that may have been written in two halves was written in both or in neither', () => {
    const b = () => {
      const one = live();
      one.oracle.maybeMap([
        { source: 0, value: 3 },
        { source: 1, value: 0 },
      ]);
      one.oracle.settle();
      return one;
    };
    expect(reads(reads(b(), 0, 3), 1, 0).violated).toEqual(nothing);
    expect(reads(reads(b(), 0, 1), 1, 2).violated).toEqual(nothing);
    expect(reads(reads(b(), 0, 1), 1, 0).violated).not.toEqual(nothing);
    expect(reads(b(), 0, 2).violated).not.toEqual(nothing);
  });
});

describe('a queue that stops', () => {
  const stopped = (unmap: boolean) => {
    const b = live().mask(1, true).begin().event(0).sends().begin();
    b.oracle.stopQueue(0, unmap);
    b.oracle.settle();
    return b;
  };

  it('may take its own pending bit along', () => {
    expect(stopped(false).pending(1).violated).toEqual(nothing);
    expect(stopped(false).pending().violated).toEqual(nothing);
    expect(stopped(false).pending(1, 2).violated).not.toEqual(nothing);
  });

  it('keeps its mapping, unless it was reset', () => {
    const reads = (unmap: boolean, value: number) => {
      const b = stopped(unmap);
      b.oracle.readMapping(0, value);
      return b.violated.length;
    };
    expect([reads(false, 1), reads(false, NO_VECTOR), reads(true, 1), reads(true, NO_VECTOR)]).toEqual([0, 1, 0, 0]);
  });

  it('takes nothing along that another event set', () => {
    const b = live().map(1, 1);
    b.oracle.readMapping(1, 1);
    b.mask(1, true).begin().event(0).sends().begin().event(1).sends().begin();
    b.oracle.stopQueue(0, false);
    expect(b.pending().violated).not.toEqual(nothing);
  });

  it('need not be told of what is on its way', () => {
    const b = live();
    b.oracle.event({ source: 0, low: 1, high: 1 }, false);
    b.oracle.stopQueue(0, false);
    b.oracle.settle();
    expect(b.sends().violated).toEqual(nothing);
  });
});

describe('a reset', () => {
  it('lets what was on its way come until Status reads 0, and nothing else', () => {
    const b = () => {
      const one = live();
      one.oracle.event({ source: 0, low: 1, high: 1 }, false);
      one.oracle.reset();
      return one.begin({ kind: 'reset' });
    };
    expect(b().sends(1).violated).toEqual(nothing);
    expect(b().sends().violated).toEqual(nothing);
    expect(b().sends(1, 1).violated).not.toEqual(nothing);
    expect(live().begin({ kind: 'reset' }).sends(2).violated).toEqual(['DLV-SPURIOUS']);
  });

  it('ends what was pending', () => {
    const b = live().mask(1, true).begin().event(0).sends();
    b.oracle.reset();
    b.begin({ kind: 'initialise' });
    b.context.usedBefore = true;
    expect(b.pending().violated).toEqual(nothing);
    expect(b.sends().hits).toContain('RST-QUIET');
    expect(b.pending(1).violated).toEqual(['RST-CLEAN']);
  });

  it('forgets everything but what may be left behind', () => {
    const b = live().map(0, 3).mask(1, true);
    b.oracle.acknowledged = true;
    b.oracle.reset();
    const { oracle } = b;
    expect([...oracle.masks]).toEqual([1, 1, 1, 1]);
    expect([oracle.acknowledged, oracle.lost, oracle.masksTouched, oracle.disturbed]).toEqual(Array(4).fill(false));
    for (const set of [oracle.mapTouched, oracle.maskWritten, oracle.mapConfirmed, oracle.touched, oracle.exposed])
      expect(set.size).toBe(0);
    expect(oracle.oldMapping.get(1)).toEqual(new Set([2]));
    expect(oracle.oldMessages.size).toBeGreaterThan(3);
    oracle.powerCycle();
    expect([oracle.oldMapping.size, oracle.oldMessages.size, oracle.pendingBefore.size]).toEqual([0, 0, 0]);
  });
});

describe('the switches of all vectors', () => {
  const ON = { enabled: true, held: false };
  const HELD = { enabled: true, held: true };
  const OFF = { enabled: false, held: false };
  const switched = (to: typeof ON, b = enabled()) => {
    b.begin();
    b.oracle.writeSwitches(to);
    b.oracle.settle();
    return b;
  };
  function enabled(): Bench {
    const b = new Bench({ switchable: true });
    b.oracle.writeSwitches(ON);
    return b.live();
  }

  it('are off after a reset: events go to the line', () => {
    const b = new Bench({ switchable: true }).live().event(0).sends();
    expect([b.violated, b.oracle.lineValues(), b.hits.includes('ENA-OFF')]).toEqual([nothing, [1], true]);
    expect(new Bench({ switchable: true }).live().event(0).sends(1).violated).toEqual(['ENA-OFF']);
  });

  it('hold every vector, and let go once', () => {
    const held = () => switched(HELD).sends().begin().event(0);
    expect(held().sends().pending(1).violated).toEqual(nothing);
    expect(held().sends(1).violated).toEqual(['FMK-HOLD']);
    expect(held().sends().pending().violated).toEqual(['FMK-HOLD']);
    expect(held().sends().hits).toContain('FMK-HOLD');
    const freed = () => switched(ON, held().sends());
    expect(freed().sends(1).violated).toEqual(nothing);
    expect(freed().sends(1).hits).toEqual(expect.arrayContaining(['FMK-FIRE', 'ENT-FRESH', 'DLV-LOST']));
    expect(freed().sends().violated).toEqual(['FMK-FIRE']);
    expect(freed().sends(1, 1).violated).toEqual(['FMK-FIRE']);
  });

  it('let nothing go that its own mask bit holds', () => {
    const b = () => switched(ON, switched(HELD).mask(1, true).sends().begin().event(0).sends());
    expect(b().sends().pending(1).violated).toEqual(nothing);
    expect(b().sends(1).violated).not.toEqual(nothing);
  });

  it('off keep what is pending; on again it is sent', () => {
    const off = () => switched(OFF, switched(HELD).sends().begin().event(0).sends());
    expect(off().sends().pending(1).hits).toEqual(expect.arrayContaining(['ENA-KEEP', 'ENA-ONCE']));
    expect(off().pending().violated).toEqual(['ENA-KEEP']);
    const on = () => switched(ON, off().sends());
    expect(on().sends(1).violated).toEqual(nothing);
    expect(on().sends(1).hits).toContain('ENA-FIRE');
    expect(on().sends().violated).toEqual(['ENA-FIRE']);
  });

  it('on again repeat nothing that is on the line', () => {
    const b = () => switched(ON, switched(OFF).sends().begin().event(0).sends());
    expect(b().sends().violated).toEqual(nothing);
    expect(b().sends().hits).toContain('ENA-ONCE');
    expect(b().sends(1).violated).toEqual(['ENA-ONCE']);
  });

  it('written before the feature is negotiated leave nothing to judge', () => {
    const b = new Bench({ switchable: true, negotiated: false });
    b.oracle.writeSwitches(ON);
    b.context.negotiated = true;
    b.oracle.negotiate(0, 0);
    expect(b.oracle.lost).toBe(true);
    expect(b.pending(1, 2, 3).violated).toEqual(nothing);
  });

  it('that read otherwise leave nothing to judge before the next reset', () => {
    const b = enabled();
    b.oracle.takeSwitches(OFF);
    expect([b.oracle.switches, b.pending(3).violated]).toEqual([OFF, nothing]);
    b.oracle.reset();
    expect(b.oracle.lost).toBe(false);
  });

  it('leave InterruptStatus between what must and what may be set', () => {
    const values = (low: number, high: number, switchable = true) => {
      const b = new Bench({ switchable });
      b.oracle.negotiate(low, high);
      return b.oracle.lineValues().sort();
    };
    expect([values(0, 0), values(0, 3), values(1, 3), values(2, 2), values(0, 1)]).toEqual([
      [0],
      [0, 1, 2, 3],
      [1, 3],
      [2],
      [0, 1],
    ]);
    expect(values(1, 3, false)).toEqual([0]);
  });

  it('InterruptStatus reads what one world has, and is cleared by what is acknowledged', () => {
    const b = new Bench({ switchable: true });
    b.oracle.negotiate(0, 3);
    expect([b.oracle.readLine(3), b.oracle.lineValues()]).toEqual([true, [3]]);
    b.oracle.acknowledge(1);
    expect(b.oracle.lineValues()).toEqual([2]);
    expect([b.oracle.readLine(1), b.oracle.lineValues()]).toEqual([false, [1]]);
  });
});

describe('more than can be known', () => {
  it('is let be until the next reset', () => {
    const b = new Bench({ vectors: 40, switchable: false });
    for (let source = 0; source < 13; source++) b.oracle.map(source, source);
    expect([b.oracle.lost, b.oracle.worlds.length]).toEqual([true, 1]);
    b.collect({ kind: 'message', address: 4, data: 1 } as Interrupt).pending(1);
    expect(b.violated).toEqual(nothing);
    b.oracle.reset();
    expect(b.oracle.lost).toBe(false);
  });
});
