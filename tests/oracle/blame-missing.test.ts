/** Which clause is named where a message does not come. */
import { describe, expect, it } from 'vitest';
import { blameMissing } from '../../harness/oracle/blame.ts';
import type { VectorContext, VectorOracle } from '../../harness/oracle/vectors.ts';
import type { Source } from '../../harness/program.ts';
import {
  acknowledged,
  check,
  earlier,
  entry,
  event,
  everShared,
  HELD,
  make,
  mask,
  masked,
  OFF,
  ON,
  of,
  pend,
  QUIET,
  reserved,
  shared,
  switches,
  unmask,
  usually,
} from './situations.ts';

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
