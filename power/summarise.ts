/** From single runs to the record: what holds over all seeds. */
import { DEFAULT_RUNS } from '../harness/cli/defaults.ts';
import { type Fault, faults, variants } from '../reference-device/index.ts';
import { groupBy, leastOf, medianOf, mostOf, tally } from './figures.ts';
import { OUTCOMES, outcomeOf } from './outcome.ts';
import { type ClauseRecord, type FaultRecord, type PowerRecord, SCHEMA, type VariantRecord } from './record.ts';
import { isOfInterest } from './subjects.ts';
import { layoutNamed, type Said } from './trial.ts';

const TIERS = ['derived', 'generated', 'exhaustive'] as const;

export interface Scope {
  seeds: readonly number[];
  layouts: readonly string[];
  narrowed: boolean;
  partial: boolean;
}

export function summarise(said: readonly Said[], { seeds, layouts, narrowed, partial }: Scope): PowerRecord {
  const inOrder = [...said].sort((a, b) => a.seed - b.seed);
  const runsOf = groupBy(inOrder, ({ kind, layout, id }) => `${layout} ${kind} ${id}`);
  const runs = (...key: [layout: string, kind: Said['kind'], id: string]) => runsOf.get(key.join(' ')) ?? [];
  const ofFaults = layouts.flatMap((layout) =>
    faults.map((fault) => ({ fault, layout, said: runs(layout, 'fault', fault.id) })).filter(hasRun),
  );
  const ofVariants = layouts.flatMap((layout) =>
    variants.map((variant) => ({ variant, layout, said: runs(layout, 'variant', variant.id) })).filter(hasRun),
  );
  return {
    schema: SCHEMA,
    seeds: [...seeds],
    runs: DEFAULT_RUNS,
    ...(narrowed && { narrowed }),
    ...(partial && { partial }),
    faults: ofFaults.map(({ fault, layout, said }) => faultRecord(fault, layout, said)),
    variants: ofVariants.map(({ variant, layout, said }) => variantRecord(variant, layout, said)),
    clauses: layouts.flatMap((layout) =>
      clauseRecords(
        layout,
        ofFaults.filter((one) => one.layout === layout),
      ),
    ),
  };
}

const hasRun = ({ said }: { said: readonly Said[] }) => said.length > 0;

function clauseOf(fault: Fault, layout: string): string {
  return layoutNamed(layout).clauseFor(fault.clause);
}

function faultRecord(fault: Fault, layout: string, said: readonly Said[]): FaultRecord {
  const clause = clauseOf(fault, layout);
  const others = new Set(said.flatMap(({ named }) => named.filter((id) => id !== clause)));
  const sighted = said.flatMap(({ sightings }) => sightings.filter((one) => one.clause === clause).slice(0, 1));
  const lengths = said.flatMap(({ lengths }) => lengths[clause] ?? []);
  return {
    fault: fault.id,
    layout,
    clause,
    deep: fault.deep,
    named: tally(
      OUTCOMES,
      said.map((one) => outcomeOf(clause, one)),
    ),
    ...(others.size > 0 && { others: [...others].sort() }),
    tiers: tally(
      TIERS,
      sighted.map(({ tier }) => tier),
    ),
    operations: medianOf(sighted.map(({ operations }) => operations)),
    firstSign: medianOf(said.flatMap(({ sightings }) => sightings[0]?.operations ?? [])),
    shortest: leastOf(lengths),
    longest: mostOf(lengths),
  };
}

function variantRecord(
  variant: { id: string; warns?: readonly string[] },
  layout: string,
  said: readonly Said[],
): VariantRecord {
  const allowed = new Set((variant.warns ?? []).map((id) => layoutNamed(layout).clauseFor(id)));
  const accused = said.flatMap(({ named, implied, seed }) =>
    [...named, ...implied].filter((id) => !allowed.has(id)).map((clause) => ({ clause, seed })),
  );
  const seeds = [...groupBy(accused, ({ clause }) => clause)].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    variant: variant.id,
    layout,
    accused: Object.fromEntries(seeds.map(([clause, all]) => [clause, all.map(({ seed }) => seed)])),
    failures: said.filter(({ failures }) => failures.length > 0).map(({ seed }) => seed),
  };
}

function clauseRecords(
  layoutName: string,
  ofFaults: readonly { fault: Fault; said: readonly Said[] }[],
): ClauseRecord[] {
  const layout = layoutNamed(layoutName);
  const device = layout.data.clauses.filter((clause) => clause.binds === 'device' && isOfInterest(layout, clause));
  return device.map(({ id, note }) => {
    const own = ofFaults.filter(({ fault }) => clauseOf(fault, layoutName) === id);
    const named = own.filter(({ said }) => said.every((one) => one.named.includes(id)));
    const first = named.filter(({ said }) => said.every((one) => one.named[0] === id));
    const ids = (all: typeof own) => all.map(({ fault }) => fault.id).sort();
    return { clause: id, layout: layoutName, faults: ids(named), first: ids(first), ...(note && { note }) };
  });
}
