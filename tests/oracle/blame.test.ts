/**
 * Which clause is named: by what was seen, and by what was done since the last settled observation. Each row is a
 * situation and its clause; where two rows differ in one thing, that thing decides.
 */
import { describe, expect, it } from 'vitest';
import {
  blameExtra,
  blameMapping,
  blameMask,
  blameMissing,
  blamePending,
  blameUnknown,
} from '../../harness/oracle/blame.ts';
import { type Content, contentKey, Entries } from '../../harness/oracle/entries.ts';
import { Recorder } from '../../harness/oracle/record.ts';
import type { Cause } from '../../harness/oracle/state.ts';
import { MASKED, UNMASKED, type VectorContext, VectorOracle } from '../../harness/oracle/vectors.ts';
import { emptyWorld, UNMAPPED, type World } from '../../harness/oracle/worlds.ts';
import type { Source } from '../../harness/program.ts';
import type { EntryTable } from '../../spec/layout.ts';
import { loadLayout } from '../../spec/load.ts';

const VECTORS = 4;
const table = loadLayout('native').table('entry') as EntryTable;

const ON = { enabled: true, held: false };
const HELD = { enabled: true, held: true };
const OFF = { enabled: false, held: false };
const OFF_HELD = { enabled: false, held: true };

interface Situation {
  /** What was done, oldest first. */
  done?: Cause[];
  usedBefore?: boolean;
  /** What else the oracle knows. */
  known?: (oracle: VectorOracle, entries: Entries) => void;
}

/** The configuration on vector 0, queue 0 on 1, queue 1 on 2, queue 2 on none; nothing masked, pending or disturbed. */
function make({ done = [], usedBefore = false, known = () => {} }: Situation): [VectorOracle, VectorContext] {
  const entries = new Entries(table);
  const context: VectorContext = {
    record: new Recorder(),
    vectors: VECTORS,
    noVector: 0xffff,
    entries,
    causes: done,
    negotiated: true,
    live: true,
    usedBefore,
    capturesMessages: true,
    switchable: true,
  };
  const oracle = new VectorOracle(context);
  oracle.switches = ON;
  oracle.masks.fill(UNMASKED);
  const mapping = new Map<Source, number>([
    ['config', 0],
    [0, 1],
    [1, 2],
  ]);
  oracle.worlds = [{ ...emptyWorld(), mapping }];
  known(oracle, entries);
  return [oracle, context];
}

const world = (oracle: VectorOracle) => oracle.worlds[0] as World;

const event = (source: Source, change: Partial<Cause & { kind: 'event' }> = {}): Cause => {
  return { kind: 'event', source, effective: true, why: undefined, suppressed: false, count: 1, ...change };
};
const idle = (why: 'early' | 'queue-reset' | 'not-ready') => event(0, { effective: false, why });
const unmask = (vector: number, change: Partial<Cause & { kind: 'unmask' }> = {}): Cause => {
  return { kind: 'unmask', vector, pending: false, events: 0, by: 'own', held: false, ...change };
};
const mask = (vector: number): Cause => ({ kind: 'mask', vector });
const map = (source: Source, from: number, value: number): Cause => ({ kind: 'map', source, from, value });
const entry = (vector: number): Cause => ({ kind: 'entry', vector, part: 'data' });
const switches = (before: typeof ON, now: typeof ON): Cause => ({ kind: 'switches', before, now });
const of = (
  kind:
    | 'initialise'
    | 'reset'
    | 'needs-reset'
    | 'select'
    | 'driver-ok'
    | 'write-header'
    | 'write-pending'
    | 'map-absent'
    | 'forbidden',
): Cause => ({ kind }) as Cause;
const ready: Cause = { kind: 'ready', queue: 0, value: 1 };
const acknowledge: Cause = { kind: 'acknowledge', bits: 1 };
const reservedWritten: Cause = { kind: 'entry-reserved', vector: 0 };

/** An operation that must have no effect but its own, and the clause that says so. */
const QUIET: [Cause, string][] = [
  [{ kind: 'illegal', clause: 'ROB-WIDTH' }, 'ROB-WIDTH'],
  [{ kind: 'illegal', clause: 'ROB-RANGE' }, 'ROB-RANGE'],
  [of('write-header'), 'HDR-RO'],
  [of('write-pending'), 'PBA-RO'],
  [reservedWritten, 'ENT-RSVD'],
  [of('map-absent'), 'MAP-ABSENT'],
  [acknowledge, 'DLV-STATUS'],
];

type Row = [clause: string, situation: Situation];

function check(
  name: string,
  rows: Record<string, Row>,
  blame: (oracle: VectorOracle, context: VectorContext) => string,
) {
  describe(name, () => {
    it.each(Object.entries(rows))('%s', (_, [clause, situation]) => {
      expect(blame(...make(situation))).toBe(clause);
    });
  });
}

const reserved = (vector: number) => (oracle: VectorOracle) => void oracle.reserved.set(vector, 1);
const acknowledged = (oracle: VectorOracle) => {
  oracle.acknowledged = true;
};
const usually =
  (...all: ((oracle: VectorOracle) => void)[]) =>
  (oracle: VectorOracle) => {
    for (const one of all) one(oracle);
  };
const pend = (vector: number) => (oracle: VectorOracle) => void world(oracle).pending.add(vector);
const masked = (vector: number) => (oracle: VectorOracle) => {
  oracle.masks[vector] = MASKED;
};
const with_ = (now: typeof ON) => (oracle: VectorOracle) => {
  oracle.switches = now;
};
const earlier = (source: Source, vector: number) => (oracle: VectorOracle) =>
  void oracle.historyOf(source).earlier.add(vector);
const off = (source: Source) => (oracle: VectorOracle) => {
  oracle.historyOf(source).eventWhileOff = true;
};
const refusedMapping = (source: Source) => (oracle: VectorOracle) => {
  oracle.historyOf(source).refused = true;
};
const mapConfirmed = (source: Source) => (oracle: VectorOracle) => void oracle.mapConfirmed.add(source);
const shared = (vector: number) => (oracle: VectorOracle) => void world(oracle).mapping.set(2, vector);
const everShared = (vector: number) => (oracle: VectorOracle) => void oracle.everShared.add(vector);
const onTheLine = (oracle: VectorOracle) => {
  oracle.worlds.push({ ...emptyWorld(), line: 1 });
};

describe('a mask bit', () => {
  const confirmed = (oracle: VectorOracle) => void oracle.maskConfirmed.add(1);
  const written = (oracle: VectorOracle) => void oracle.maskWritten.add(1);
  const bit = (value: number) => (oracle: VectorOracle, context: VectorContext) => blameMask(oracle, context, 1, value);
  check(
    'that was never seen right',
    {
      'and was written': ['MSK-RW', { known: written }],
      'and was written before the function mask': ['FMK-OWN', { known: written, done: [mask(1), switches(ON, HELD)] }],
      'and was written before enable': ['MSK-RW', { known: written, done: [mask(1), switches(OFF, ON)] }],
      'and was not written': ['MSK-RESET', {}],
      'and was not written, in a second life': ['RST-CLEAN', { usedBefore: true }],
    },
    bit(0),
  );
  check(
    'that is 1, was never seen right and not written',
    { 'in a second life': ['MSK-RESET', { usedBefore: true }] },
    bit(1),
  );
  check(
    'that was seen right',
    {
      'after nothing in particular': ['MSK-RW', { known: confirmed }],
      'after an entry was written': ['ENT-QUIET', { known: confirmed, done: [entry(1), of('select')] }],
      'after an entry and a mask were written': ['MSK-RW', { known: confirmed, done: [entry(1), mask(0)] }],
      'after a queue was selected': ['MSK-RW', { known: confirmed, done: [of('select')] }],
      'after the function mask': ['FMK-OWN', { known: confirmed, done: [switches(ON, HELD)] }],
      'after enable': ['ENA-KEEP', { known: confirmed, done: [switches(ON, OFF)] }],
      'after set-up, of which enable is a part': [
        'MSK-RW',
        { known: confirmed, done: [of('initialise'), switches(OFF, ON)] },
      ],
      'after an event and an acknowledgement': ['MSK-RW', { known: confirmed, done: [acknowledge, event(0)] }],
    },
    bit(0),
  );
  it.each(QUIET)('that was seen right, after %o: %s', (cause, clause) => {
    expect(blameMask(...make({ known: confirmed, done: [cause] }), 1, 0)).toBe(clause);
  });
  it('beyond the last vector is reserved', () => {
    expect(blameMask(...make({}), VECTORS, 0)).toBe('MSK-RSVD');
    expect(blameMask(...make({}), VECTORS - 1, 0)).toBe('MSK-RESET');
  });
});

describe('a pending bit', () => {
  const bit = (value: number) => (oracle: VectorOracle, context: VectorContext) =>
    blamePending(oracle, context, 1, value);
  it.each(QUIET)('after %o: %s', (cause, clause) => {
    for (const value of [0, 1]) expect(blamePending(...make({ done: [cause] }), 1, value)).toBe(clause);
  });
  it('beyond the last vector cannot be written', () => {
    expect(blamePending(...make({}), VECTORS, 1)).toBe('PBA-RO');
    expect(blamePending(...make({}), VECTORS - 1, 1)).toBe('PBA-CLEAR');
  });
  check(
    'that is 1 and must not be',
    {
      'after nothing in particular': ['PBA-CLEAR', {}],
      'of a vector whose reserved dword was written': ['ENT-RSVD', { known: reserved(1) }],
      'of a vector beside one whose reserved dword was written': ['PBA-CLEAR', { known: reserved(0) }],
      'with InterruptACK written': ['PBA-CLEAR', { known: acknowledged }],
      'after the device needed a reset': ['STAT-NEEDS', { done: [of('needs-reset')] }],
      'after the device needed a reset, of the vector of the configuration': [
        'PBA-CLEAR',
        { done: [of('needs-reset')], known: (oracle) => void world(oracle).mapping.set('config', 1) },
      ],
      'after the device needed a reset while messages are off': [
        'ENA-OFF',
        {
          done: [of('needs-reset')],
          known: usually(with_(OFF), (oracle) => void world(oracle).mapping.set('config', 1)),
        },
      ],
      'after an event while messages are off': ['ENA-OFF', { done: [event(0)], known: with_(OFF) }],
      'while messages are off, and no event came': ['PBA-CLEAR', { done: [mask(0)], known: with_(OFF) }],
      'after messages were switched on': ['PBA-CLEAR', { done: [switches(OFF, ON)] }],
      'after messages were switched on, with something on the line': [
        'ENA-ONCE',
        { done: [switches(OFF, ON), unmask(0)], known: onTheLine },
      ],
      'after messages were switched off, with something on the line': [
        'PBA-CLEAR',
        { done: [switches(ON, OFF)], known: onTheLine },
      ],
      'after the function mask, with something on the line': [
        'PBA-CLEAR',
        { done: [switches(ON, HELD)], known: onTheLine },
      ],
      'after messages were switched on and an event came': ['PBA-CLEAR', { done: [switches(OFF, ON), event(0)] }],
      'after set-up': ['PBA-CLEAR', { done: [of('initialise'), switches(OFF, ON)], known: onTheLine }],
      'after set-up, in a second life': ['RST-CLEAN', { done: [of('initialise')], usedBefore: true }],
      'after a reset, in a second life': ['RST-CLEAN', { done: [of('reset')], usedBefore: true }],
      'after a reset, in the first life': ['PBA-CLEAR', { done: [of('reset')] }],
      'in a second life': ['PBA-CLEAR', { usedBefore: true }],
      'after an event too early': ['DLV-READY', { done: [idle('early')] }],
      'after an event of a queue that is stopped': ['PBA-CLEAR', { done: [idle('not-ready')] }],
      'after an event that is mapped to nothing': ['MAP-OFF', { done: [event(2)] }],
      'after an event whose mapping was refused': ['MAP-BACK', { done: [event(2)], known: refusedMapping(2) }],
      'after an event that was mapped to it before': ['MAP-MOVE', { done: [event(2)], known: earlier(2, 1) }],
      'after an event that was mapped to it before, and reads mapped to nothing': [
        'MAP-OFF',
        { done: [event(2)], known: usually(earlier(2, 1), mapConfirmed(2)) },
      ],
      'after an event too early that is mapped to nothing': [
        'PBA-CLEAR',
        { done: [event(2, { effective: false, why: 'not-ready' })] },
      ],
      'after another event, that was mapped to it before': ['MAP-MOVE', { done: [event(1)], known: earlier(1, 1) }],
      'after another event': ['PBA-CLEAR', { done: [event(1)] }],
      'after a mapping to it, of an event that came before': [
        'MAP-OFF',
        { done: [map(0, UNMAPPED, 1)], known: off(0) },
      ],
      'after a mapping elsewhere, of an event that came before': [
        'PBA-CLEAR',
        { done: [map(0, UNMAPPED, 2)], known: off(0) },
      ],
      'after a mapping to it from another vector': ['PBA-VECTOR', { done: [map(0, 2, 1)] }],
      'after a mapping to it from vector 0': ['PBA-VECTOR', { done: [map(0, 0, 1)] }],
      'after a mapping elsewhere from another vector': ['PBA-CLEAR', { done: [map(0, 2, 3)] }],
      'after a mapping to it from nothing': ['PBA-CLEAR', { done: [map(0, UNMAPPED, 1)] }],
      'after an entry was written': ['ENT-QUIET', { done: [entry(0)] }],
      'after an unmasking under a function mask': [
        'PBA-CLEAR',
        { done: [unmask(0, { held: true })], known: with_(HELD) },
      ],
    },
    bit(1),
  );
  check(
    'that is 0 and must be 1',
    {
      'after nothing in particular': ['DLV-LOST', {}],
      'of a vector whose reserved dword was written': ['ENT-RSVD', { known: reserved(1) }],
      'with InterruptACK written': ['DLV-STATUS', { known: acknowledged }],
      'after the device needed a reset': ['DLV-LOST', { done: [of('needs-reset')] }],
      'after the device needed a reset, of the vector of the configuration': [
        'STAT-NEEDS',
        { done: [of('needs-reset')], known: (oracle) => void world(oracle).mapping.set('config', 1) },
      ],
      'after the function mask was set': ['FMK-HOLD', { done: [switches(ON, HELD)] }],
      'after the function mask was cleared': ['FMK-FIRE', { done: [switches(HELD, ON)] }],
      'after messages were switched off': ['ENA-KEEP', { done: [switches(ON, OFF), unmask(0)] }],
      'after messages were switched off, under a function mask': ['ENA-KEEP', { done: [switches(HELD, OFF_HELD)] }],
      'after messages were switched off, with a function mask': ['ENA-KEEP', { done: [switches(ON, OFF_HELD)] }],
      'after messages were switched on': ['ENA-KEEP', { done: [switches(OFF, ON)] }],
      'after messages were switched on with a function mask': ['FMK-HOLD', { done: [switches(OFF, HELD)] }],
      'after messages were switched on under a function mask': ['ENA-KEEP', { done: [switches(OFF_HELD, HELD)] }],
      'after a function mask while messages are off': ['FMK-HOLD', { done: [switches(OFF, OFF_HELD)] }],
      'after a function mask was cleared while messages are off': ['ENA-KEEP', { done: [switches(OFF_HELD, OFF)] }],
      'after the function mask was written as it was': ['FMK-HOLD', { done: [switches(HELD, HELD)] }],
      'after an unmasking under a function mask': [
        'FMK-HOLD',
        { done: [unmask(1, { held: true })], known: with_(HELD) },
      ],
      'after masking and unmasking while messages are off': [
        'ENA-KEEP',
        { done: [mask(0), unmask(1, { held: true })], known: with_(OFF) },
      ],
      'after an unmasking under a function mask, and an event': [
        'DLV-LOST',
        { done: [unmask(1, { held: true }), event(1)], known: with_(HELD) },
      ],
      'after an unmasking that nothing holds': ['DLV-LOST', { done: [unmask(0)] }],
      'after the switches and an event': ['DLV-LOST', { done: [switches(ON, HELD), event(0)] }],
      'after its event': ['PBA-SET', { done: [event(0)] }],
      'after its event under a function mask': ['FMK-HOLD', { done: [event(0)], known: with_(HELD) }],
      'after its event under a function mask and its own': [
        'PBA-SET',
        { done: [event(0)], known: usually(with_(HELD), masked(1)) },
      ],
      'after its event, masked': ['PBA-SET', { done: [event(0)], known: masked(1) }],
      'after its event, and another is mapped to it': ['MAP-SHARE', { done: [event(0)], known: shared(1) }],
      'after its event, and another was mapped to it': ['MAP-SHARE', { done: [event(0)], known: everShared(1) }],
      'after its event, and another made it pending': [
        'MAP-SHARE',
        { done: [event(0)], known: (oracle) => void oracle.pendingSources.set(1, new Set<Source>([0, 2])) },
      ],
      'after its event, which made it pending before': [
        'PBA-SET',
        { done: [event(0)], known: (oracle) => void oracle.pendingSources.set(1, new Set<Source>([0])) },
      ],
      'after its event, which was mapped elsewhere before': ['MAP-MOVE', { done: [event(0)], known: earlier(0, 3) }],
      'after its event, which the driver suppressed': ['DLV-LOST', { done: [event(0, { suppressed: true })] }],
      'after its event and more': ['DLV-LOST', { done: [event(0), mask(0)] }],
      'after another event': ['DLV-LOST', { done: [event(1)] }],
      'after another event while messages are off': ['DLV-LOST', { done: [event(1)], known: with_(OFF) }],
      'after its event was mapped away': ['PBA-VECTOR', { done: [map(0, 1, 2)] }],
      'after its event was mapped away, and another made it pending': [
        'DLV-LOST',
        {
          done: [map(0, 1, 2)],
          known: usually(shared(1), (oracle) => void oracle.pendingSources.set(1, new Set<Source>([2]))),
        },
      ],
      'after another event was mapped': ['DLV-LOST', { done: [map(0, 0, 2)] }],
      'after an entry was written': ['ENT-QUIET', { done: [entry(0)] }],
      'after an entry was written and a vector masked': ['DLV-LOST', { done: [entry(0), mask(0)] }],
    },
    bit(0),
  );
});

describe('a vector register', () => {
  const reads = (observed: number) => (oracle: VectorOracle, context: VectorContext) =>
    blameMapping(oracle, context, 0, observed);
  const touched =
    (...sources: Source[]) =>
    (oracle: VectorOracle) => {
      for (const source of sources) oracle.mapTouched.add(source);
    };
  const sure = usually(touched(0), mapConfirmed(0));
  const before = (vector: number) => (oracle: VectorOracle) => void oracle.oldMapping.set(0, new Set([vector]));
  const wrote = (value: number) => (oracle: VectorOracle) => void oracle.lastWritten.set(0, value);

  it.each(QUIET)('that was seen right, after %o: %s', (cause, clause) => {
    expect(blameMapping(...make({ known: sure, done: [cause] }), 0, 3)).toBe(clause);
  });
  check(
    'that reads another vector',
    {
      'after nothing in particular': ['MAP-KEEP', { known: touched(0) }],
      'that was never written': ['MAP-RESET', {}],
      'that was never written, in a second life': ['RST-CLEAN', { usedBefore: true }],
      'that was never written, and was seen right': ['MAP-KEEP', { known: mapConfirmed(0) }],
      'that was never written and seen right, and another was written': [
        'MAP-QUEUE',
        { known: usually(mapConfirmed(0), touched(1)) },
      ],
      'that was never written, of a vector that nobody has': ['MAP-RESET', { known: touched(1) }],
      'after what must have no effect, and was never seen right': [
        'MAP-KEEP',
        { known: touched(0), done: [of('write-pending')] },
      ],
      'that it was mapped to in an earlier life': [
        'RST-CLEAN',
        { usedBefore: true, known: usually(before(3), mapConfirmed(0)) },
      ],
      'that it was mapped to in an earlier life, and was written': [
        'MAP-KEEP',
        { usedBefore: true, known: usually(before(3), sure) },
      ],
      'that it was mapped to before, and this is the first life': [
        'MAP-KEEP',
        { known: usually(before(3), mapConfirmed(0)) },
      ],
      'in a second life, after another one in an earlier': [
        'MAP-KEEP',
        { usedBefore: true, known: usually(before(2), mapConfirmed(0)) },
      ],
      'after the switches': ['ENA-KEEP', { known: sure, done: [switches(ON, OFF)] }],
      'after the switches, and was never seen right': ['MAP-KEEP', { known: touched(0), done: [switches(ON, OFF)] }],
      'that was written to it': ['DLV-LOST', { known: usually(touched(0), wrote(3)) }],
      'that was written to it, and it was seen right since': ['MAP-KEEP', { known: usually(sure, wrote(3)) }],
      'after another was written to it': ['MAP-BACK', { known: touched(0), done: [map(0, 1, 2)] }],
      'after a number was written to it that is no vector': [
        'MAP-RANGE',
        { known: touched(0), done: [map(0, 1, VECTORS)] },
      ],
      'after the last vector was written to it': ['MAP-BACK', { known: touched(0), done: [map(0, 1, VECTORS - 1)] }],
      'after another was written to it, and seen right, as the last thing': [
        'MAP-BACK',
        { known: sure, done: [mask(0), map(0, 1, 2)] },
      ],
      'after another was written to it, and seen right, as the last of three': [
        'MAP-BACK',
        { known: sure, done: [mask(0), mask(2), map(0, 1, 2)] },
      ],
      'after it was written to, and another then to what it reads': [
        'MAP-QUEUE',
        { known: touched(0), done: [map(0, 1, 2), map(1, 2, 3)] },
      ],
      'after a queue was started': ['MAP-KEEP', { known: sure, done: [ready] }],
      'that was never written, after another queue was mapped and one started': [
        'MAP-RESET',
        { done: [map(1, 2, 0), ready] },
      ],
      'after another was written to it and seen right, and more was done': [
        'MAP-KEEP',
        { known: sure, done: [map(0, 1, 2), mask(0)] },
      ],
      'after another was written to it and not seen right, and more was done': [
        'MAP-BACK',
        { known: touched(0), done: [map(0, 1, 2), mask(0)] },
      ],
      'after another queue was mapped': ['MAP-QUEUE', { known: sure, done: [map(1, 2, 0)] }],
      'after another queue was mapped, and was never seen right': [
        'MAP-KEEP',
        { known: touched(0), done: [map(1, 2, 0)] },
      ],
      'after another queue was mapped to it, and was never seen right': [
        'MAP-QUEUE',
        { known: touched(0), done: [map(1, 2, 3)] },
      ],
      'after it was mapped, and another queue then': ['MAP-QUEUE', { known: sure, done: [map(0, 1, 2), map(1, 2, 0)] }],
      'after another queue was mapped, and it then': ['MAP-BACK', { known: sure, done: [map(1, 2, 0), map(0, 1, 2)] }],
      'after another queue was mapped, and a queue started': ['MAP-KEEP', { known: sure, done: [map(1, 2, 0), ready] }],
      'after another queue was mapped, and DRIVER_OK': [
        'MAP-KEEP',
        { known: sure, done: [map(1, 2, 0), of('driver-ok')] },
      ],
      'after a queue was started, and another mapped': ['MAP-QUEUE', { known: sure, done: [ready, map(1, 2, 0)] }],
      'of another queue that was mapped to it before DRIVER_OK': [
        'MAP-QUEUE',
        { known: sure, done: [map(1, 2, 3), of('driver-ok')] },
      ],
      'after DRIVER_OK between two mappings': [
        'MAP-QUEUE',
        { known: sure, done: [of('driver-ok'), map(2, 2, 0), map(1, 2, 0)] },
      ],
      'after another queue was mapped and DRIVER_OK, and was never seen right': [
        'MAP-KEEP',
        { known: touched(0), done: [map(1, 2, 0), ready] },
      ],
    },
    reads(3),
  );
  check(
    'that reads a vector that another source has',
    {
      'and was never written': ['MAP-RESET', {}],
      'and was never written, and others were': ['MAP-QUEUE', { known: touched(1) }],
      'and was never written, and others were, as one world has it': [
        'MAP-QUEUE',
        { known: usually(touched(1), (oracle) => void oracle.worlds.push(emptyWorld())) },
      ],
    },
    reads(2),
  );
  check(
    'that reads no vector',
    {
      'and was never written, and others were': [
        'MAP-RESET',
        { known: usually(touched(1), (oracle) => void world(oracle).mapping.set(2, UNMAPPED)) },
      ],
      'after another queue was unmapped before DRIVER_OK': [
        'MAP-KEEP',
        { known: sure, done: [map(1, 2, UNMAPPED), of('driver-ok')] },
      ],
    },
    reads(UNMAPPED),
  );
  check(
    'that reads a number that is no vector',
    { 'and was written so': ['MAP-KEEP', { known: usually(touched(0), wrote(VECTORS)) }] },
    reads(VECTORS),
  );
});

describe('a message that no vector may send', () => {
  const message: Content = { 'address-low': 4, 'address-high': 1, data: 10 };
  const instead = (missing?: number) => (oracle: VectorOracle, context: VectorContext) =>
    blameUnknown(oracle, context, message, missing);
  const holds =
    (vector: number, ...all: Partial<Content>[]) =>
    (_: VectorOracle, entries: Entries) => {
      for (const change of all)
        for (const [part, value] of Object.entries({ ...message, ...change }))
          entries.write(vector, part, value, false);
    };
  const other = { 'address-low': 8, 'address-high': 2, data: 20 };
  const old = (oracle: VectorOracle) => void oracle.oldMessages.add(contentKey(message));
  check(
    'and none is missing',
    {
      'after nothing in particular': ['DLV-SPURIOUS', {}],
      'of an earlier life': ['RST-QUIET', { known: old }],
      'of what an entry held': ['ENT-FRESH', { known: holds(3, {}, other) }],
      'after an event too early': ['DLV-READY', { done: [idle('early')] }],
      'after an event of a stopped queue': ['DLV-SPURIOUS', { done: [idle('not-ready')] }],
      'after an acknowledgement and an event': ['DLV-SPURIOUS', { done: [acknowledge, event(0)] }],
      'after an entry was written': ['ENT-QUIET', { done: [entry(0)] }],
    },
    instead(),
  );
  check(
    'in the place of one',
    {
      'after nothing in particular': ['DLV-SPURIOUS', {}],
      'of an earlier life': ['DLV-SPURIOUS', { known: old }],
      'of what its own entry held': ['ENT-FRESH', { known: holds(1, {}, other) }],
      'of what another entry held': ['DLV-SPURIOUS', { known: holds(3, {}, other) }],
      'whose reserved dword was written': ['ENT-RSVD', { known: reserved(1) }],
      'with a part of it': ['ENT-FRESH', { known: holds(1, { ...other, data: 10 }) }],
      'with no part of it': ['DLV-SPURIOUS', { known: holds(1, other) }],
      'after an event of a queue': ['DLV-USED', { done: [event(0)] }],
      'after a change of the configuration': ['DLV-CONFIG', { done: [event('config')] }],
      'after an unmasking': ['PBA-FIRE', { done: [unmask(1)] }],
    },
    instead(1),
  );
  it.each(QUIET)('after %o: %s', (cause, clause) => {
    expect(blameUnknown(...make({ done: [cause] }), message, 1)).toBe(clause);
    expect(blameUnknown(...make({ done: [cause] }), message, undefined)).toBe(clause);
  });
});

describe('a message too many', () => {
  const extra =
    (counts: [number, number][] = []) =>
    (oracle: VectorOracle, context: VectorContext) =>
      blameExtra(oracle, context, 1, new Map(counts));
  it.each(QUIET)('after %o: %s', (cause, clause) => {
    expect(blameExtra(...make({ done: [cause] }), 1, new Map())).toBe(clause);
  });
  const leftBehind = (oracle: VectorOracle) => void oracle.pendingBefore.add(1);
  check(
    'of a vector',
    {
      'after nothing in particular': ['DLV-SPURIOUS', {}],
      'whose reserved dword was written': ['ENT-RSVD', { known: reserved(1) }],
      'after an entry was written': ['ENT-QUIET', { done: [entry(1)] }],
      'after an entry and a mask': ['DLV-SPURIOUS', { done: [entry(1), mask(0)] }],
      'after the device needed a reset': ['STAT-NEEDS', { done: [of('needs-reset')] }],
      'after the device needed a reset, of the vector of the configuration': [
        'DLV-SPURIOUS',
        { done: [of('needs-reset')], known: (oracle) => void world(oracle).mapping.set('config', 1) },
      ],
      'left behind by an earlier life, after set-up': ['RST-QUIET', { done: [of('initialise')], known: leftBehind }],
      'left behind by an earlier life, after a reset': ['RST-QUIET', { done: [of('reset')], known: leftBehind }],
      'left behind by an earlier life, after another was unmasked': [
        'RST-QUIET',
        { done: [unmask(0)], known: leftBehind },
      ],
      'left behind by an earlier life, after something else': ['DLV-SPURIOUS', { done: [mask(0)], known: leftBehind }],
      'left behind by an earlier life, of another vector': [
        'DLV-SPURIOUS',
        { done: [of('reset')], known: (oracle) => void oracle.pendingBefore.add(0) },
      ],
      'after set-up': ['DLV-SPURIOUS', { done: [of('initialise')] }],
      'after set-up, with the vector unmasked': ['DLV-SPURIOUS', { done: [of('initialise'), unmask(1)] }],
      'after its unmasking': ['PBA-NONE', { done: [unmask(1)] }],
      'after its unmasking, pending by one event': ['PBA-FIRE', { done: [unmask(1, { pending: true, events: 1 })] }],
      'after its unmasking, pending by several': ['PBA-MERGE', { done: [unmask(1, { pending: true, events: 2 })] }],
      'after its unmasking under a function mask': [
        'FMK-HOLD',
        { done: [unmask(1, { held: true, pending: true })], known: with_(HELD) },
      ],
      'after its unmasking while messages are off': [
        'ENA-KEEP',
        { done: [unmask(1, { held: true })], known: with_(OFF) },
      ],
      'after its unmasking, with an event while it was mapped to nothing': [
        'MAP-OFF',
        { done: [unmask(1)], known: off(0) },
      ],
      'after its unmasking, with an event of another while that was': [
        'PBA-NONE',
        { done: [unmask(1)], known: off(1) },
      ],
      'after its unmasking, with events that were mapped': [
        'PBA-NONE',
        { done: [unmask(1)], known: (oracle) => void oracle.historyOf(0) },
      ],
      'after another was unmasked': ['DLV-SPURIOUS', { done: [unmask(0)] }],
      'after another was unmasked, masked itself': ['MSK-HOLD', { done: [unmask(0)], known: masked(1) }],
      'after another was unmasked, under a function mask': ['FMK-HOLD', { done: [unmask(0)], known: with_(HELD) }],
      'after another was unmasked, under both': [
        'MSK-HOLD',
        { done: [unmask(0)], known: usually(with_(HELD), masked(1)) },
      ],
      'after another was unmasked, while messages are off': ['ENA-OFF', { done: [unmask(0)], known: with_(OFF) }],
      'after another was pending and unmasked': ['DLV-SPURIOUS', { done: [unmask(0, { pending: true, events: 2 })] }],
      'after a mapping': ['DLV-SPURIOUS', { done: [map(0, 2, 1)] }],
      'after a mapping, masked and pending': ['MSK-HOLD', { done: [map(0, 2, 1)], known: usually(masked(1), pend(1)) }],
      'after a mapping, masked': ['DLV-SPURIOUS', { done: [map(0, 2, 1)], known: masked(1) }],
      'after a mapping, pending': ['DLV-SPURIOUS', { done: [map(0, 2, 1)], known: pend(1) }],
      'after a mapping, masked and pending as one world has it': [
        'MSK-HOLD',
        { done: [map(0, 2, 1)], known: usually(masked(1), pend(1), (oracle) => void oracle.worlds.push(emptyWorld())) },
      ],
      'masked and pending, after nothing in particular': ['DLV-SPURIOUS', { known: usually(masked(1), pend(1)) }],
      'after a mapping to it, of an event that came before': [
        'MAP-OFF',
        { done: [map(0, UNMAPPED, 1)], known: off(0) },
      ],
      'after a mapping elsewhere, of an event that came before': [
        'DLV-SPURIOUS',
        { done: [map(0, UNMAPPED, 2)], known: off(0) },
      ],
    },
    extra(),
  );
  check(
    'after the switches were written',
    {
      'on, with something on the line': ['ENA-ONCE', { done: [switches(OFF, ON)], known: onTheLine }],
      'on, with something on the line and it pending': [
        'ENA-FIRE',
        { done: [switches(OFF, ON), unmask(1, { pending: true })], known: onTheLine },
      ],
      'on, with something on the line and it unmasked': [
        'ENA-ONCE',
        { done: [switches(OFF, ON), unmask(1)], known: onTheLine },
      ],
      'on, with something on the line and another pending': [
        'ENA-ONCE',
        { done: [switches(OFF, ON), unmask(0, { pending: true })], known: onTheLine },
      ],
      'on, with nothing on the line': ['ENA-FIRE', { done: [switches(OFF, ON)] }],
      'on, and masked': ['FMK-HOLD', { done: [switches(OFF, HELD)] }],
      off: ['ENA-KEEP', { done: [switches(ON, OFF)], known: onTheLine }],
      'masked, with something on the line': ['FMK-HOLD', { done: [switches(ON, HELD)], known: onTheLine }],
      unmasked: ['FMK-FIRE', { done: [switches(HELD, ON)] }],
      'unmasked, with something on the line': ['FMK-FIRE', { done: [switches(HELD, ON)], known: onTheLine }],
      'masked while off': ['ENA-KEEP', { done: [switches(OFF, OFF_HELD)] }],
      'off and masked': ['ENA-KEEP', { done: [switches(ON, OFF_HELD)] }],
      'unmasked, and an event came': ['DLV-SPURIOUS', { done: [switches(HELD, ON), event(0)] }],
    },
    extra(),
  );
  check(
    'after an event',
    {
      'of its own': ['DLV-USED', { done: [event(0)] }],
      'of its own, the configuration': [
        'DLV-CONFIG',
        { done: [event('config')], known: (oracle) => void world(oracle).mapping.set('config', 1) },
      ],
      'of its own, masked': ['MSK-HOLD', { done: [event(0)], known: masked(1) }],
      'of its own, under a function mask': ['FMK-HOLD', { done: [event(0)], known: with_(HELD) }],
      'of its own, while messages are off': ['ENA-OFF', { done: [event(0)], known: with_(OFF) }],
      'of its own, and more': ['DLV-SPURIOUS', { done: [event(0), mask(0)] }],
      'too early': ['DLV-READY', { done: [idle('early')] }],
      'of a queue that was reset': ['QRST-QUIET', { done: [idle('queue-reset')] }],
      'of a queue that is stopped': ['DLV-SPURIOUS', { done: [idle('not-ready')] }],
      'of a queue that is stopped, while messages are off': [
        'DLV-SPURIOUS',
        { done: [idle('not-ready')], known: with_(OFF) },
      ],
      'that is mapped to nothing': ['MAP-OFF', { done: [event(2)] }],
      'whose mapping was refused': ['MAP-BACK', { done: [event(2)], known: refusedMapping(2) }],
      'that is mapped to nothing, while messages are off': ['ENA-OFF', { done: [event(2)], known: with_(OFF) }],
      'that was mapped to it, and may be still': ['MAP-MOVE', { done: [event(2)], known: earlier(2, 1) }],
      'that was mapped to it and reads otherwise': [
        'MAP-OFF',
        { done: [event(2)], known: usually(earlier(2, 1), mapConfirmed(2)) },
      ],
      'of another that was mapped to it': ['MAP-MOVE', { done: [event(1)], known: earlier(1, 1) }],
      'of another, whose own did not come': ['DLV-USED', { done: [event(1)] }],
      'of the configuration, whose own did not come': ['DLV-CONFIG', { done: [event('config')] }],
      'of another that is masked': ['DLV-SPURIOUS', { done: [event(1)], known: masked(2) }],
      'of another that is masked, masked itself': [
        'MSK-HOLD',
        { done: [event(1)], known: usually(masked(1), masked(2)) },
      ],
    },
    extra(),
  );
  check(
    'after an event of another, whose own came',
    {
      '': ['DLV-SPURIOUS', { done: [event(1)] }],
      'masked itself': ['MSK-HOLD', { done: [event(1)], known: masked(1) }],
    },
    extra([[2, 1]]),
  );
});

describe('a message that does not come', () => {
  const lacks =
    (counts: [number, number][] = []) =>
    (oracle: VectorOracle, context: VectorContext) =>
      blameMissing(oracle, context, 1, new Map(counts));
  const history = (source: Source, change: Partial<ReturnType<VectorOracle['historyOf']>>) => (oracle: VectorOracle) =>
    void Object.assign(oracle.historyOf(source), change);
  const disturbed = (oracle: VectorOracle) => {
    oracle.disturbed = true;
  };
  it.each(QUIET)('after %o: %s', (cause, clause) => {
    expect(blameMissing(...make({ done: [cause] }), 1, new Map())).toBe(clause);
  });
  check(
    'of a vector',
    {
      'after nothing in particular': ['DLV-LOST', {}],
      'after the device needed a reset': ['STAT-NEEDS', { done: [of('needs-reset')] }],
      'whose reserved dword was written': ['ENT-RSVD', { known: reserved(1) }],
      'with InterruptACK written': ['DLV-STATUS', { known: acknowledged }],
      'after the function mask was cleared': ['FMK-FIRE', { done: [switches(HELD, ON)] }],
      'after messages were switched on': ['ENA-FIRE', { done: [switches(OFF, ON)] }],
      'after messages were switched on, and an event': ['DLV-LOST', { done: [switches(OFF, ON), event(0)] }],
      'after set-up': ['DLV-LOST', { done: [of('initialise'), switches(OFF, ON)] }],
      'after its unmasking, pending': ['PBA-FIRE', { done: [unmask(1, { pending: true })] }],
      'after its unmasking, pending, with others masked and unmasked': [
        'PBA-FIRE',
        { done: [mask(0), unmask(0), unmask(1, { pending: true })] },
      ],
      'after its unmasking, pending, and more': ['DLV-LOST', { done: [unmask(1, { pending: true }), entry(1)] }],
      'after its unmasking, not pending': ['DLV-LOST', { done: [unmask(1)] }],
      'after another was pending and unmasked': ['DLV-LOST', { done: [unmask(0, { pending: true })] }],
      'after its event': ['DLV-USED', { done: [event(0)] }],
      'after its event, the configuration': ['DLV-CONFIG', { done: [event('config')] }],
      'after its event and more': ['DLV-LOST', { done: [event(0), mask(3)] }],
      'after more than one thing, none an event': ['DLV-LOST', { done: [mask(0), entry(0)] }],
      'after the event of a queue that was stopped and started': [
        'DLV-LOST',
        { done: [event(0)], known: (oracle) => void oracle.restarted.add(0) },
      ],
      'after its event, with another vector masked': ['DLV-LOST', { done: [event(0)], known: masked(2) }],
      'after its event, with another vector pending': ['DLV-LOST', { done: [event(0)], known: pend(3) }],
      'after its event, of a vector that was masked since it delivered': [
        'DLV-LOST',
        { done: [event(0)], known: (oracle) => void oracle.touched.add(1) },
      ],
      'after its event, and another is mapped to it': ['MAP-SHARE', { done: [event(0)], known: shared(1) }],
      'after its event, and another was mapped to it': ['MAP-SHARE', { done: [event(0)], known: everShared(1) }],
      'after its event, which was mapped elsewhere': ['MAP-MOVE', { done: [event(0)], known: earlier(0, 3) }],
      'after its event, in a life in which more was done': ['DLV-LOST', { done: [event(0)], known: disturbed }],
      'after its event, which came before': ['DLV-LOST', { done: [event(0)], known: history(0, { delivered: true }) }],
      'after its event, which came before, and nothing was done since': [
        'DLV-USED',
        { done: [event(0)], known: usually(disturbed, history(0, { delivered: true, undisturbed: true })) },
      ],
    },
    lacks(),
  );
  check(
    'while another came',
    {
      'of a vector that the event was mapped to': [
        'MAP-MOVE',
        { done: [event(0)], known: usually(earlier(0, 3), everShared(1)) },
      ],
      'of a vector that the event was never mapped to': [
        'MAP-SHARE',
        { done: [event(0)], known: usually(earlier(0, 2), everShared(1)) },
      ],
    },
    lacks([
      [1, 1],
      [2, 0],
      [3, 1],
    ]),
  );
  check(
    'while none came of a vector that the event was mapped to',
    { '': ['MAP-SHARE', { done: [event(0)], known: usually(earlier(0, 3), everShared(1)) }] },
    lacks([[3, 0]]),
  );
  check(
    'while some of its own came',
    { '': ['MAP-SHARE', { done: [event(0)], known: usually(earlier(0, 1), everShared(1)) }] },
    lacks([[1, 1]]),
  );
});
