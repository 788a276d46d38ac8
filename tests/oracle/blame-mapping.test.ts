/** Which clause is named where a vector register reads wrong. */
import { describe, expect, it } from 'vitest';
import { blameMapping } from '../../harness/oracle/blame.ts';
import type { VectorContext, VectorOracle } from '../../harness/oracle/vectors.ts';
import { emptyWorld, UNMAPPED } from '../../harness/oracle/worlds.ts';
import type { Source } from '../../harness/program.ts';
import {
  check,
  make,
  map,
  mapConfirmed,
  mask,
  OFF,
  ON,
  of,
  QUIET,
  ready,
  switches,
  usually,
  VECTORS,
  world,
} from './situations.ts';

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
