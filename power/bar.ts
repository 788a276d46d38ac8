/** What every run of the suite is held to. */
import { groupBy, leastOf } from './figures.ts';
import type { ClauseRecord, FaultRecord, PowerRecord } from './record.ts';

/** Operations after set-up from which on a fault is deep. */
export const DEEP_FROM = 4;
/** Operations after set-up that no counterexample needs more than. */
export const LONGEST = 8;

/** Why the bar is not met, a line each: what, where. Empty: it is met. */
export function shortcomings(record: PowerRecord): string[] {
  const { faults, variants, clauses, narrowed, partial } = record;
  return [
    ...faults.flatMap(unnamed),
    ...variants.flatMap(({ variant, layout, accused, failures }) => [
      ...Object.entries(accused).map(
        ([clause, seeds]) => `variant ${variant} (${layout}): accused of ${clause} with seed ${seeds.join(', ')}`,
      ),
      ...(failures.length > 0 ? [`variant ${variant} (${layout}): failed with seed ${failures.join(', ')}`] : []),
    ]),
    ...notDeep(faults).map(
      (fault) => `fault ${fault}: said to be deep, and shows in less than ${DEEP_FROM} operations`,
    ),
    // Of a part of the faults nothing follows for the clauses.
    ...(narrowed || partial
      ? []
      : neverFirst(clauses).map((clause) => `clause ${clause}: no fault is named by it first, and no note says why`)),
  ];
}

/** Clauses, in whatever layout they stand, that no fault is named by first and no note excuses. */
export function neverFirst(clauses: readonly ClauseRecord[]): string[] {
  const byId = [...groupBy(clauses, ({ clause }) => clause)];
  return byId.flatMap(([clause, all]) =>
    all.every(({ first, note }) => first.length === 0 && note === undefined) ? [clause] : [],
  );
}

function unnamed({ fault, layout, clause, named, others = [] }: FaultRecord): string[] {
  const found: string[] = [];
  if (named.missed) found.push(`missed in ${runs(named.missed)}`);
  if (named.elsewhere) {
    const instead = others.length > 0 ? others.join(', ') : 'no clause by itself';
    found.push(`named ${instead} instead in ${runs(named.elsewhere)}`);
  }
  return found.map((how) => `fault ${fault} (${layout}), which breaks ${clause}: ${how}`);
}

function runs(count: number): string {
  return count === 1 ? '1 run' : `${count} runs`;
}

/** Fewest operations after set-up by which each fault shows, in any layout. */
export function depths(faults: readonly FaultRecord[]): Map<string, number | null> {
  const lengths = [...groupBy(faults, ({ fault }) => fault)].map(
    ([fault, all]) => [fault, leastOf(all.flatMap(({ shortest }) => shortest ?? []))] as const,
  );
  return new Map(lengths);
}

/** Faults that are said to be deep and are not. */
export function notDeep(faults: readonly FaultRecord[]): string[] {
  const flagged = new Set(faults.filter(({ deep }) => deep).map(({ fault }) => fault));
  return [...depths(faults)].flatMap(([fault, depth]) =>
    flagged.has(fault) && depth !== null && depth < DEEP_FROM ? [fault] : [],
  );
}

/** Faults that are not said to be deep, and took that many operations each time. */
export function perhapsDeep(faults: readonly FaultRecord[]): string[] {
  const flagged = new Set(faults.filter(({ deep }) => deep).map(({ fault }) => fault));
  return [...depths(faults)].flatMap(([fault, depth]) =>
    !flagged.has(fault) && depth !== null && depth >= DEEP_FROM ? [fault] : [],
  );
}
