/** Which clause is named by a message that must not come. */
import { describe, expect, it } from 'vitest';
import { blameExtra, blameUnknown } from '../../harness/oracle/blame.ts';
import { type Content, contentKey, type Entries } from '../../harness/oracle/entries.ts';
import type { VectorContext, VectorOracle } from '../../harness/oracle/vectors.ts';
import { emptyWorld, UNMAPPED } from '../../harness/oracle/worlds.ts';
import {
  acknowledge,
  check,
  earlier,
  entry,
  event,
  HELD,
  idle,
  make,
  map,
  mapConfirmed,
  mask,
  masked,
  OFF,
  OFF_HELD,
  ON,
  of,
  off,
  onTheLine,
  pend,
  QUIET,
  refusedMapping,
  reserved,
  switches,
  unmask,
  usually,
  with_,
  world,
} from './situations.ts';

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
