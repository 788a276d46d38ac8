/**
 * Situations in which the oracle has to name a clause: what was done since the last settled observation, and what it knows.
 * Each row of a table is a situation and its clause; where two rows differ in one thing, that thing decides.
 */
import { describe, expect, it } from 'vitest';
import { Entries } from '../../harness/oracle/entries.ts';
import { Recorder } from '../../harness/oracle/record.ts';
import type { Cause } from '../../harness/oracle/state.ts';
import { MASKED, UNMASKED, type VectorContext, VectorOracle } from '../../harness/oracle/vectors.ts';
import { emptyWorld, type World } from '../../harness/oracle/worlds.ts';
import type { Source } from '../../harness/program.ts';
import type { EntryTable } from '../../spec/layout.ts';
import { loadLayout } from '../../spec/load.ts';

export const VECTORS = 4;
const table = loadLayout('native').table('entry') as EntryTable;

export const ON = { enabled: true, held: false };
export const HELD = { enabled: true, held: true };
export const OFF = { enabled: false, held: false };
export const OFF_HELD = { enabled: false, held: true };

export interface Situation {
  /** What was done, oldest first. */
  done?: Cause[];
  usedBefore?: boolean;
  /** What else the oracle knows. */
  known?: (oracle: VectorOracle, entries: Entries) => void;
}

/** The configuration on vector 0, queue 0 on 1, queue 1 on 2, queue 2 on none; nothing masked, pending or disturbed. */
export function make({ done = [], usedBefore = false, known = () => {} }: Situation): [VectorOracle, VectorContext] {
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

export const world = (oracle: VectorOracle) => oracle.worlds[0] as World;

export const event = (source: Source, change: Partial<Cause & { kind: 'event' }> = {}): Cause => {
  return { kind: 'event', source, effective: true, why: undefined, suppressed: false, count: 1, ...change };
};
export const idle = (why: 'early' | 'queue-reset' | 'not-ready') => event(0, { effective: false, why });
export const unmask = (vector: number, change: Partial<Cause & { kind: 'unmask' }> = {}): Cause => {
  return { kind: 'unmask', vector, pending: false, events: 0, by: 'own', held: false, ...change };
};
export const mask = (vector: number): Cause => ({ kind: 'mask', vector });
export const map = (source: Source, from: number, value: number): Cause => ({ kind: 'map', source, from, value });
export const entry = (vector: number): Cause => ({ kind: 'entry', vector, part: 'data' });
export const switches = (before: typeof ON, now: typeof ON): Cause => ({ kind: 'switches', before, now });
export const of = (
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
export const ready: Cause = { kind: 'ready', queue: 0, value: 1 };
export const acknowledge: Cause = { kind: 'acknowledge', bits: 1 };
export const reservedWritten: Cause = { kind: 'entry-reserved', vector: 0 };

/** An operation that must have no effect but its own, and the clause that says so. */
export const QUIET: [Cause, string][] = [
  [{ kind: 'illegal', clause: 'ROB-WIDTH' }, 'ROB-WIDTH'],
  [{ kind: 'illegal', clause: 'ROB-RANGE' }, 'ROB-RANGE'],
  [of('write-header'), 'HDR-RO'],
  [of('write-pending'), 'PBA-RO'],
  [reservedWritten, 'ENT-RSVD'],
  [of('map-absent'), 'MAP-ABSENT'],
  [acknowledge, 'DLV-STATUS'],
];

export type Row = [clause: string, situation: Situation];

export function check(
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

export const reserved = (vector: number) => (oracle: VectorOracle) => void oracle.reserved.set(vector, 1);
export const acknowledged = (oracle: VectorOracle) => {
  oracle.acknowledged = true;
};
export const usually =
  (...all: ((oracle: VectorOracle) => void)[]) =>
  (oracle: VectorOracle) => {
    for (const one of all) one(oracle);
  };
export const pend = (vector: number) => (oracle: VectorOracle) => void world(oracle).pending.add(vector);
export const masked = (vector: number) => (oracle: VectorOracle) => {
  oracle.masks[vector] = MASKED;
};
export const with_ = (now: typeof ON) => (oracle: VectorOracle) => {
  oracle.switches = now;
};
export const earlier = (source: Source, vector: number) => (oracle: VectorOracle) =>
  void oracle.historyOf(source).earlier.add(vector);
export const off = (source: Source) => (oracle: VectorOracle) => {
  oracle.historyOf(source).eventWhileOff = true;
};
export const refusedMapping = (source: Source) => (oracle: VectorOracle) => {
  oracle.historyOf(source).refused = true;
};
export const mapConfirmed = (source: Source) => (oracle: VectorOracle) => void oracle.mapConfirmed.add(source);
export const shared = (vector: number) => (oracle: VectorOracle) => void world(oracle).mapping.set(2, vector);
export const everShared = (vector: number) => (oracle: VectorOracle) => void oracle.everShared.add(vector);
export const onTheLine = (oracle: VectorOracle) => {
  oracle.worlds.push({ ...emptyWorld(), line: 1 });
};
