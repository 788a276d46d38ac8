/** The few figures that the whole record comes down to; the terminal and the document show the same. */
import { DEEP_FROM, depths, LONGEST, perhapsDeep, shortcomings } from './bar.ts';
import { medianOf } from './figures.ts';
import type { FaultRecord, PowerRecord, Tier } from './record.ts';

export interface Totals {
  faults: number;
  /** Named by their own clause in every run. */
  found: number;
  /** Of these, those that no other clause was ever named beside. */
  alone: FaultRecord[];
  beside: FaultRecord[];
  elsewhere: FaultRecord[];
  missed: FaultRecord[];
  variants: number;
  accused: number;
  /** Runs in which the right clause was first seen by a tier. */
  tiers: [tier: Tier, runs: number][];
  /** Median over the faults of the medians over the seeds. */
  operations: number | null;
  operationsDeep: number | null;
  /** Counterexamples that are longer than they need be. */
  long: FaultRecord[];
  /** Faults (in whatever layout) that take four or more operations. */
  deep: number;
  perhapsDeep: string[];
  clauses: number;
  clausesFirst: number;
  shortcomings: string[];
}

const TIERS: readonly Tier[] = ['derived', 'generated', 'exhaustive'];

export function totalsOf(record: PowerRecord): Totals {
  const { faults, variants, clauses } = record;
  const isFound = ({ named }: FaultRecord) => !named.elsewhere && !named.missed;
  const ids = new Set(clauses.map(({ clause }) => clause));
  const medianOperations = (some: FaultRecord[]) => medianOf(some.flatMap(({ operations }) => operations ?? []));
  return {
    faults: faults.length,
    found: faults.filter(isFound).length,
    alone: faults.filter((fault) => isFound(fault) && !fault.named.beside),
    beside: faults.filter((fault) => isFound(fault) && fault.named.beside),
    elsewhere: faults.filter(({ named }) => named.elsewhere),
    missed: faults.filter(({ named }) => named.missed),
    variants: variants.length,
    accused: variants.filter(({ accused, failures }) => Object.keys(accused).length + failures.length > 0).length,
    tiers: TIERS.map((tier) => [tier, faults.reduce((sum, { tiers }) => sum + (tiers[tier] ?? 0), 0)] as const)
      .filter(([, runs]) => runs > 0)
      .map(([tier, runs]) => [tier, runs]),
    operations: medianOperations(faults),
    operationsDeep: medianOperations(faults.filter(({ deep }) => deep)),
    long: faults.filter(({ longest }) => longest !== null && longest > LONGEST),
    deep: [...depths(faults).values()].filter((depth) => depth !== null && depth >= DEEP_FROM).length,
    perhapsDeep: perhapsDeep(faults),
    clauses: ids.size,
    clausesFirst: new Set(clauses.filter(({ first }) => first.length > 0).map(({ clause }) => clause)).size,
    shortcomings: shortcomings(record),
  };
}
