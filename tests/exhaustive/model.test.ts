/** What the model says of vectors, step by step: what the exhaustive tier compares every device with. */
import { describe, expect, it } from 'vitest';
import type { Source } from '../../harness/program.ts';
import { type Action, initialState, isHeld, keyOf, type ModelState, react, USUAL } from '../../suites/device/model.ts';

const ON = { enabled: true, held: false };
const OFF = { enabled: false, held: false };

/** Vectors 0 to 2; the configuration on 0, queue 0 on 1, queue 1 on nothing; none masked. */
function state(change: Partial<ModelState> = {}): ModelState {
  const mapping = new Map<Source, number>([
    ['config', 0],
    [0, 1],
  ]);
  return { masked: new Set(), pending: new Set(), mapping, switches: ON, line: new Set(), ...change };
}

const event = (source: Source): Action => ({ kind: 'event', source });
const masks = (...bits: [number, 0 | 1][]): Action => ({ kind: 'masks', bits });
const map = (source: Source, to: number | undefined): Action => ({ kind: 'map', source, to });

describe('set-up', () => {
  it('leaves the named vectors unmasked, and nothing pending', () => {
    const mapping = new Map<Source, number>([[0, 1]]);
    expect(initialState([0, 1, 2], new Set([1]), mapping)).toEqual({
      masked: new Set([0, 2]),
      pending: new Set(),
      mapping,
      switches: ON,
      line: new Set(),
    });
    expect(initialState([0], new Set(), mapping, OFF).switches).toEqual(OFF);
  });
});

describe('a vector is held', () => {
  it.each([
    ['by nothing', {}, false],
    ['by its mask bit', { masked: new Set([1]) }, true],
    ["not by another vector's", { masked: new Set([0, 2]) }, false],
    ['by the function mask', { switches: { enabled: true, held: true } }, true],
    ['while messages are off', { switches: OFF }, true],
  ])('%s', (_, change, held) => {
    expect(isHeld(state(change), 1)).toBe(held);
  });
});

describe('an event', () => {
  it('is sent by its vector', () => {
    const before = state({ masked: new Set([0]) });
    expect(react(before, event(0))).toEqual({ state: before, sent: [1] });
  });

  it('of a masked vector becomes pending beside what is pending', () => {
    const before = state({ masked: new Set([0, 1]), pending: new Set([0]) });
    expect(react(before, event(0))).toEqual({ state: { ...before, pending: new Set([0, 1]) }, sent: [] });
    expect(before.pending).toEqual(new Set([0]));
  });

  it('that is mapped to nothing is gone', () => {
    expect(react(state(), event(1))).toEqual({ state: state(), sent: [] });
  });

  it.each([
    ['config', 'config'],
    [0, 'used'],
    [1, 'used'],
  ] as const)('of source %s goes to InterruptStatus while messages are off', (source, bit) => {
    const before = state({ switches: OFF });
    expect(react(before, event(source))).toEqual({ state: { ...before, line: new Set([bit]) }, sent: [] });
    expect(before.line.size).toBe(0);
  });

  it('adds to what InterruptStatus holds', () => {
    const before = state({ switches: OFF, line: new Set(['config']) });
    expect(react(before, event(0)).state.line).toEqual(new Set(['config', 'used']));
  });
});

describe('mask bits that are written together', () => {
  it('mask and unmask, and let go only what nothing holds any more', () => {
    const before = state({ masked: new Set([0, 1, 2]), pending: new Set([0, 1]) });
    const after = react(before, masks([0, 0], [1, 1], [2, 0]));
    expect(after).toEqual({ state: state({ masked: new Set([1]), pending: new Set([1]) }), sent: [0] });
    expect(before.masked).toEqual(new Set([0, 1, 2]));
  });

  it('let several go at once', () => {
    const before = state({ masked: new Set([0, 1]), pending: new Set([0, 1]) });
    const { sent, state: after } = react(before, masks([0, 0], [1, 0]));
    expect([...sent].sort()).toEqual([0, 1]);
    expect(after.pending.size).toBe(0);
  });

  it('send nothing where nothing is pending', () => {
    expect(react(state({ masked: new Set([0]) }), masks([0, 0]))).toEqual({ state: state(), sent: [] });
  });

  it('let nothing go under a function mask', () => {
    const held = state({ switches: { enabled: true, held: true }, masked: new Set([0]), pending: new Set([0]) });
    expect(react(held, masks([0, 0]))).toEqual({ state: { ...held, masked: new Set() }, sent: [] });
  });
});

describe('the switches of all vectors', () => {
  it('let go what they held, but not what is masked', () => {
    const before = state({ switches: { enabled: true, held: true }, masked: new Set([1]), pending: new Set([0, 1]) });
    const after = react(before, { kind: 'switch', to: ON });
    expect(after).toEqual({ state: state({ masked: new Set([1]), pending: new Set([1]) }), sent: [0] });
  });

  it('hold without letting anything go', () => {
    const before = state({ masked: new Set([1]), pending: new Set([1]) });
    expect(react(before, { kind: 'switch', to: OFF })).toEqual({ state: { ...before, switches: OFF }, sent: [] });
  });
});

describe('an acknowledgement', () => {
  it('clears the bits that it names and no other', () => {
    const before = state({ switches: OFF, line: new Set(['used', 'config']) });
    const after = react(before, { kind: 'acknowledge', bits: new Set(['used']) });
    expect(after).toEqual({ state: { ...before, line: new Set(['config']) }, sent: [] });
  });
});

describe('an entry', () => {
  it('that is written changes nothing that the model knows', () => {
    expect(react(state(), { kind: 'entry', vector: 1 })).toEqual({ state: state(), sent: [] });
  });
});

describe('a mapping', () => {
  const mapping = (before: ModelState, action: Action, decisions = USUAL) => [
    ...react(before, action, decisions).state.mapping,
  ];

  it('moves the event, and sends nothing', () => {
    const before = state({ pending: new Set([1]), masked: new Set([1]) });
    const after = react(before, map(0, 2));
    expect(after.sent).toEqual([]);
    expect(after.state.mapping.get(0)).toBe(2);
    expect(after.state.pending).toEqual(new Set([1]));
    expect(before.mapping.get(0)).toBe(1);
  });

  it('to no vector ends it', () => {
    expect(mapping(state(), map(0, undefined))).toEqual([['config', 0]]);
  });

  it('is refused where there is no room for another vector, and unmaps', () => {
    const decisions = { ...USUAL, mappable: 2 };
    expect(mapping(state(), map(1, 2), decisions)).toEqual([
      ['config', 0],
      [0, 1],
    ]);
    // Its own old vector makes room; a vector that is in use takes any number of events.
    expect(mapping(state(), map(0, 2), decisions)).toContainEqual([0, 2]);
    expect(mapping(state(), map(1, 1), decisions)).toContainEqual([1, 1]);
    expect(mapping(state(), map(0, 2), { ...USUAL, mappable: 1 })).toEqual([['config', 0]]);
  });

  it('takes a pending bit along only where the device decides so, and only with the last event', () => {
    const drops = { ...USUAL, dropsPending: true };
    const shared = state({
      pending: new Set([0, 1]),
      mapping: new Map<Source, number>([
        ['config', 1],
        [0, 1],
        [1, 0],
      ]),
    });
    const pending = (before: ModelState, action: Action, decisions = drops) =>
      [...react(before, action, decisions).state.pending].sort();
    expect(pending(shared, map(0, 2))).toEqual([0, 1]);
    expect(pending(shared, map(1, 2))).toEqual([1]);
    expect(pending(shared, map(1, undefined))).toEqual([1]);
    expect(pending(shared, map(1, 2), USUAL)).toEqual([0, 1]);
    // Nothing was mapped, so nothing is taken along.
    const before = state({ pending: new Set([0]) });
    expect(react(before, map(1, 2), drops).state.pending).toEqual(new Set([0]));
    expect(shared.pending.size).toBe(2);
  });
});

describe('the text of a state', () => {
  const same = (one: ModelState, other: ModelState) => expect(keyOf(one)).toBe(keyOf(other));

  it('does not depend on the order in which it came about', () => {
    same(state({ masked: new Set([2, 10, 0]) }), state({ masked: new Set([0, 2, 10]) }));
    same(state({ masked: new Set([10, 2, 0]) }), state({ masked: new Set([0, 2, 10]) }));
    same(state({ pending: new Set([10, 2]) }), state({ pending: new Set([2, 10]) }));
    same(state({ line: new Set(['used', 'config']) }), state({ line: new Set(['config', 'used']) }));
    const mapping = [...state().mapping].reverse();
    same(state({ mapping: new Map(mapping) }), state());
  });

  it('tells any two states apart', () => {
    const all = [
      state(),
      state({ masked: new Set([1]) }),
      state({ masked: new Set([1, 2]) }),
      state({ masked: new Set([12]) }),
      state({ pending: new Set([1]) }),
      state({ pending: new Set([1, 2]) }),
      state({ masked: new Set([1]), pending: new Set([2]) }),
      state({
        mapping: new Map<Source, number>([
          ['config', 1],
          [0, 0],
        ]),
      }),
      state({ mapping: new Map<Source, number>([['config', 0]]) }),
      state({ mapping: new Map() }),
      state({ switches: OFF }),
      state({ switches: { enabled: true, held: true } }),
      state({ switches: { enabled: false, held: true } }),
      state({ line: new Set(['used']) }),
      state({ line: new Set(['config']) }),
      state({ line: new Set(['used', 'config']) }),
    ];
    expect(new Set(all.map(keyOf)).size).toBe(all.length);
  });
});
