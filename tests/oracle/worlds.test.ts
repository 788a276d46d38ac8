/** What a device may be like: how events and choices split worlds, and which worlds are one. */
import { describe, expect, it } from 'vitest';
import {
  addFlight,
  addSent,
  cloneWorld,
  complete,
  distinct,
  emptyWorld,
  type Flight,
  LINE,
  LINE_CONFIG,
  LINE_USED,
  mapped,
  notify,
  partial,
  UNKNOWN,
  UNMAPPED,
  type World,
  withFewestWarnings,
} from '../../harness/oracle/worlds.ts';
import type { Source } from '../../harness/program.ts';

const UNMASKED = () => 0;
const MASKED = () => 1;
const EITHER = () => 2;
const TO_LINE = () => LINE;

/** Queue 0 on vector 3, the configuration on vector 4. */
function world(change: Partial<World> = {}): World {
  const mapping = new Map<Source, number>([
    [0, 3],
    ['config', 4],
  ]);
  return { ...emptyWorld(), mapping, ...change };
}

const flight = (change: Partial<Flight> = {}): Flight => ({ source: 0, low: 1, high: 1, ...change });

/** Of each world: pending vectors, messages by vector as `low-high`, bits of the line, flights as `low-high`. */
function shown(worlds: readonly World[]): string[] {
  const counts = (all: Iterable<{ low: number; high: number }>) => [...all].map(({ low, high }) => `${low}-${high}`);
  return worlds
    .map(({ pending, sent, line, flights }) => {
      const messages = [...sent].map(([vector, count]) => `${vector}:${counts([count])}`);
      return `pending ${[...pending]} sent ${messages} line ${line} flights ${counts(flights)}`;
    })
    .sort();
}

describe('a world', () => {
  it('knows nothing at first', () => {
    expect(emptyWorld()).toEqual({
      pending: new Set(),
      mapping: new Map(),
      flights: [],
      sent: new Map(),
      line: 0,
      warnings: [],
    });
  });

  it('has copies that share nothing with it', () => {
    const one = world({ flights: [flight()], pending: new Set([3]), line: LINE_USED, warnings: ['X'] });
    addSent(one, 3, 1, 2);
    const before = structuredClone(one);
    const other = cloneWorld(one);
    expect(other).toEqual(one);
    other.pending.add(5);
    other.mapping.set(1, 1);
    other.warnings.push('Y');
    addSent(other, 3, 1, 1);
    (other.flights[0] as Flight).high = 9;
    other.flights.push(flight());
    expect(one).toEqual(before);
  });

  it('tells what a source is mapped to, and says so by no vector where that is none', () => {
    expect(UNMAPPED).toBeLessThan(0);
    expect(UNKNOWN).toBeLessThan(0);
    expect(UNKNOWN).not.toBe(UNMAPPED);
    expect([mapped(world(), 0), mapped(world(), 'config'), mapped(world(), 1)]).toEqual([3, 4, UNMAPPED]);
  });

  it('adds up messages by vector', () => {
    const one = world();
    addSent(one, 3, 1, 2);
    addSent(one, 3, 2, 4);
    addSent(one, 4, 1, 1);
    expect([...one.sent]).toEqual([
      [3, { low: 3, high: 6 }],
      [4, { low: 1, high: 1 }],
    ]);
  });
});

describe('events under way', () => {
  const flights = (...all: Flight[]) => {
    const one = world();
    for (const each of all) addFlight(one, each);
    return one.flights;
  };

  it('of one source may be notified together', () => {
    expect(flights(flight({ high: 2 }), flight({ high: 3 }))).toEqual([flight({ high: 5 })]);
    expect(flights(flight({ low: 0 }), flight({ low: 1 }))).toEqual([flight({ low: 1, high: 2 })]);
    expect(flights(flight({ low: 1 }), flight({ low: 0 }))).toEqual([flight({ low: 1, high: 2 })]);
    expect(flights(flight({ held: true }), flight({ held: true }))).toEqual([flight({ high: 2, held: true })]);
  });

  it.each([
    ['another source', {}, { source: 'config' }],
    ['one that is held', {}, { held: true }],
    ['one after one that is held', { held: true }, {}],
    ['one that Status decides', {}, { needs: true }],
    ['one after one that Status decides', { needs: true }, {}],
    ['two that Status decides', { needs: true }, { needs: true }],
  ] as [string, Partial<Flight>, Partial<Flight>][])('are told apart: %s', (_, one, other) => {
    expect(flights(flight(one), flight(other))).toEqual([flight(one), flight(other)]);
  });

  it('are kept as copies', () => {
    const one = flight();
    const [kept] = flights(one);
    expect(kept).not.toBe(one);
  });
});

describe('a notification', () => {
  const after = (low: number, high: number, maskOf: (vector: number) => number, change: Partial<World> = {}) =>
    shown(notify(world(change), 0, low, high, maskOf));

  it('that is none changes nothing', () => {
    expect(after(0, 0, UNMASKED)).toEqual(['pending  sent  line 0 flights ']);
    expect(after(0, 0, TO_LINE)).toEqual(['pending  sent  line 0 flights ']);
  });

  it('of an unmasked vector is a message', () => {
    expect(after(1, 2, UNMASKED)).toEqual(['pending  sent 3:1-2 line 0 flights ']);
  });

  it('of an unmasked vector may end its pending bit, which was a violation before', () => {
    expect(after(1, 1, UNMASKED, { pending: new Set([3]) })).toEqual([
      'pending  sent 3:1-1 line 0 flights ',
      'pending 3 sent 3:1-1 line 0 flights ',
    ]);
    expect(after(1, 1, UNMASKED, { pending: new Set([4]) })).toEqual(['pending 4 sent 3:1-1 line 0 flights ']);
  });

  it('of a masked vector makes it pending, surely where the event was sure', () => {
    expect(after(1, 1, MASKED)).toEqual(['pending 3 sent  line 0 flights ']);
    expect(after(0, 1, MASKED)).toEqual(['pending  sent  line 0 flights ', 'pending 3 sent  line 0 flights ']);
    expect(after(0, 1, MASKED, { pending: new Set([3]) })).toEqual(['pending 3 sent  line 0 flights ']);
  });

  it('of a vector that may be masked or not is one or the other', () => {
    expect(after(1, 2, EITHER)).toEqual(['pending  sent 3:0-2 line 0 flights ', 'pending 3 sent  line 0 flights ']);
  });

  it.each([
    ['to nothing', UNMAPPED],
    ['to nobody knows what', UNKNOWN],
  ])('of a source that is mapped %s is gone', (_, vector) => {
    for (const maskOf of [UNMASKED, MASKED, EITHER])
      expect(after(1, 1, maskOf, { mapping: new Map([[0, vector]]) })).toEqual(['pending  sent  line 0 flights ']);
  });

  it('asks for the mask of its own vector', () => {
    const asked: number[] = [];
    notify(world(), 'config', 1, 1, (vector) => {
      asked.push(vector);
      return 0;
    });
    expect(asked).toEqual([4]);
  });

  it.each([
    ['config', LINE_CONFIG],
    [0, LINE_USED],
    [1, LINE_USED],
  ] as [Source, number][])('of source %s goes to its bit of the line where events do', (source, bit) => {
    expect(shown(notify(world(), source, 1, 1, TO_LINE))).toEqual([`pending  sent  line ${bit} flights `]);
    expect(shown(notify(world(), source, 0, 1, TO_LINE))).toEqual([
      'pending  sent  line 0 flights ',
      `pending  sent  line ${bit} flights `,
    ]);
    const other = LINE_USED + LINE_CONFIG - bit;
    expect(shown(notify(world({ line: other }), source, 1, 1, TO_LINE))).toEqual(['pending  sent  line 3 flights ']);
    expect(shown(notify(world({ line: bit }), source, 0, 1, TO_LINE))).toEqual([`pending  sent  line ${bit} flights `]);
  });
});

describe('what events under way may have led to', () => {
  it('by now: nothing of them, a part, or all', () => {
    const one = world({ flights: [flight({ high: 3 })] });
    expect(shown(partial([one], UNMASKED))).toEqual([
      'pending  sent  line 0 flights 1-3',
      'pending  sent 3:1-2 line 0 flights 1-2',
      'pending  sent 3:1-3 line 0 flights ',
    ]);
  });

  it('by now, where one notification is all that there can be', () => {
    expect(shown(partial([world({ flights: [flight({ low: 0 })] })], UNMASKED))).toEqual([
      'pending  sent  line 0 flights 0-1',
      'pending  sent 3:1-1 line 0 flights ',
    ]);
    expect(shown(partial([world({ flights: [flight({ low: 2, high: 2 })] })], UNMASKED))).toContain(
      'pending  sent 3:2-2 line 0 flights ',
    );
  });

  it('by now, each with each', () => {
    const one = world({ flights: [flight(), flight({ source: 'config' })] });
    expect(shown(partial([one], MASKED))).toEqual([
      'pending  sent  line 0 flights 1-1,1-1',
      'pending 3 sent  line 0 flights 1-1',
      'pending 3,4 sent  line 0 flights ',
      'pending 4 sent  line 0 flights 1-1',
    ]);
  });

  it('by now, a part of one with all of the other', () => {
    const one = world({ flights: [flight({ high: 2 }), flight({ source: 'config', high: 2 })] });
    expect(shown(partial([one], UNMASKED))).toEqual([
      'pending  sent  line 0 flights 1-2,1-2',
      'pending  sent 3:1-1 line 0 flights 1-1,1-2',
      'pending  sent 3:1-1,4:1-1 line 0 flights 1-1,1-1',
      'pending  sent 3:1-1,4:1-2 line 0 flights 1-1',
      'pending  sent 3:1-2 line 0 flights 1-2',
      'pending  sent 3:1-2,4:1-1 line 0 flights 1-1',
      'pending  sent 3:1-2,4:1-2 line 0 flights ',
      'pending  sent 4:1-1 line 0 flights 1-2,1-1',
      'pending  sent 4:1-2 line 0 flights 1-2',
    ]);
  });

  it('by now, in each of several worlds', () => {
    const worlds = [world({ flights: [flight()] }), world({ pending: new Set([7]) })];
    expect(shown(partial(worlds, MASKED))).toEqual([
      'pending  sent  line 0 flights 1-1',
      'pending 3 sent  line 0 flights ',
      'pending 7 sent  line 0 flights ',
    ]);
  });

  it('at the end: all of them, but for what is held or for Status to decide', () => {
    const stay = [flight({ source: 'config', held: true }), flight({ source: 'config', needs: true })];
    const one = world({ flights: [flight({ low: 1, high: 2 }), ...stay] });
    const [done, ...others] = complete([one], UNMASKED);
    expect(others).toEqual([]);
    expect(done?.flights).toEqual(stay);
    expect(shown([done as World])).toEqual(['pending  sent 3:1-2 line 0 flights 1-1,1-1']);
  });

  it('at the end, each of several worlds for itself', () => {
    const worlds = [world({ flights: [flight({ low: 0 }), flight({ source: 'config' })] }), world({ line: LINE_USED })];
    expect(shown(complete(worlds, MASKED))).toEqual([
      'pending  sent  line 1 flights ',
      'pending 3,4 sent  line 0 flights ',
      'pending 4 sent  line 0 flights ',
    ]);
  });

  it('is what it was where nothing is under way', () => {
    const worlds = [world(), world()];
    expect(partial(worlds, MASKED)).toBe(worlds);
    expect(complete(worlds, MASKED)).toBe(worlds);
  });
});

describe('two worlds', () => {
  const count = (...worlds: World[]) => distinct(worlds).length;

  it.each([
    ['pending', { pending: new Set([1]) }, { pending: new Set([2]) }],
    ['as many digits', { pending: new Set([1, 2]) }, { pending: new Set([12]) }],
    ['mapping', { mapping: new Map([[0, 1]]) }, { mapping: new Map([[0, 2]]) }],
    ['the source of a mapping', { mapping: new Map([[0, 1]]) }, { mapping: new Map([[1, 1]]) }],
    ['a flight', { flights: [flight()] }, { flights: [] }],
    ['the source of a flight', { flights: [flight()] }, { flights: [flight({ source: 1 })] }],
    ['how few a flight brings', { flights: [flight()] }, { flights: [flight({ low: 0 })] }],
    ['how many a flight brings', { flights: [flight()] }, { flights: [flight({ high: 2 })] }],
    ['a flight that is held', { flights: [flight()] }, { flights: [flight({ held: true })] }],
    ['a flight that Status decides', { flights: [flight()] }, { flights: [flight({ needs: true })] }],
    ['messages', { sent: new Map([[3, { low: 0, high: 1 }]]) }, { sent: new Map() }],
    ['how few', { sent: new Map([[3, { low: 0, high: 1 }]]) }, { sent: new Map([[3, { low: 1, high: 1 }]]) }],
    ['how many', { sent: new Map([[3, { low: 1, high: 1 }]]) }, { sent: new Map([[3, { low: 1, high: 2 }]]) }],
    ['whose', { sent: new Map([[3, { low: 1, high: 1 }]]) }, { sent: new Map([[4, { low: 1, high: 1 }]]) }],
    ['the line', { line: LINE_USED }, { line: LINE_CONFIG }],
  ] as [string, Partial<World>, Partial<World>][])('that differ are two: %s', (_, one, other) => {
    expect(count(world(one), world(other))).toBe(2);
    expect(count(world(one), world(one))).toBe(1);
  });

  it('that differ in the order of what they hold, or in messages that never come, are one', () => {
    expect(count(world({ pending: new Set([2, 10]) }), world({ pending: new Set([10, 2]) }))).toBe(1);
    expect(count(world(), world({ mapping: new Map([...world().mapping].reverse()) }))).toBe(1);
    const both = [flight(), flight({ source: 'config' })];
    expect(count(world({ flights: both }), world({ flights: [...both].reverse() }))).toBe(1);
    const sent: [number, { low: number; high: number }][] = [
      [3, { low: 1, high: 1 }],
      [4, { low: 0, high: 1 }],
    ];
    expect(count(world({ sent: new Map(sent) }), world({ sent: new Map([...sent].reverse()) }))).toBe(1);
    expect(count(world(), world({ sent: new Map([[3, { low: 0, high: 0 }]]) }))).toBe(1);
  });

  it('that are one warn as little as one of them does', () => {
    for (const warnings of [['A'], ['A', 'B']]) {
      const [bad, good] = [world({ warnings }), world()];
      expect(distinct([bad, good])).toEqual([good]);
      expect(distinct([good, bad])).toEqual([good]);
    }
  });

  it('that are one and warn as often are the first of them', () => {
    const [one, other] = [world({ warnings: ['A'] }), world({ warnings: ['B'] })];
    expect(distinct([one, other])).toEqual([one]);
  });

  it('are left as they are where there is one, or none', () => {
    const one = [world()];
    expect(distinct(one)).toBe(one);
    expect(distinct([])).toEqual([]);
  });
});

describe('worlds with warnings', () => {
  it('count only where there is none with fewer', () => {
    const [none, one, other, two] = [[], ['A'], ['B'], ['A', 'B']].map((warnings) => world({ warnings })) as World[];
    expect(withFewestWarnings([one, none, two, none] as World[])).toEqual([none, none]);
    expect(withFewestWarnings([two, one, other] as World[])).toEqual([one, other]);
  });
});
