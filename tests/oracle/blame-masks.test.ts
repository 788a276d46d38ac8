/** Which clause is named where a mask bit or a pending bit reads wrong. */
import { describe, expect, it } from 'vitest';
import { blameMask, blamePending } from '../../harness/oracle/blame.ts';
import type { VectorContext, VectorOracle } from '../../harness/oracle/vectors.ts';
import { UNMAPPED } from '../../harness/oracle/worlds.ts';
import type { Source } from '../../harness/program.ts';
import {
  acknowledge,
  acknowledged,
  check,
  earlier,
  entry,
  event,
  everShared,
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
  QUIET,
  refusedMapping,
  reserved,
  shared,
  switches,
  unmask,
  usually,
  VECTORS,
  with_,
  world,
} from './situations.ts';

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
