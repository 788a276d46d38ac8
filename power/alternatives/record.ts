/** What the comparison leaves behind, as `against.schema.json` has it. */
import { type Fault, faults } from '../../reference-device/index.ts';
import type { Clause } from '../../spec/layout.ts';
import { layoutNamed } from '../trial.ts';
import { type Compared, WAYS, type Way } from './compare.ts';

export const SCHEMA = 'virtio-mmio-msi-conformance/power-against/1';

/** For each seed, operations until something was wrong; null where nothing was. */
export type ByWay = Record<Way, (number | null)[]>;

export interface AgainstFault extends ByWay {
  fault: string;
  layout: string;
  deep: boolean;
  /** False where the clause that it breaks is one of the transport below MSI, which a test of vectors is not about. */
  msi: boolean;
}

export interface AgainstRecord {
  schema: typeof SCHEMA;
  seeds: number[];
  /** Operations on the target that each way has for each fault and seed, by layout. */
  budget: Record<string, number>;
  narrowed?: true;
  partial?: true;
  faults: AgainstFault[];
}

export function isOfMsi(fault: Fault, clause: Clause): boolean {
  return fault.needsMsi === true || ['offered', 'negotiated', 'live'].includes(clause.holds);
}

/** Faults in the order of the catalogue; only those that were tried with every seed. */
export function recordOf(
  compared: readonly Compared[],
  {
    seeds,
    budget,
    narrowed,
    partial,
  }: Pick<AgainstRecord, 'seeds' | 'budget'> & { narrowed: boolean; partial: boolean },
): AgainstRecord {
  const rows = Object.keys(budget).flatMap((layoutName) => {
    const layout = layoutNamed(layoutName);
    return faults.flatMap((fault): AgainstFault[] => {
      const own = compared.filter((one) => one.layout === layoutName && one.fault === fault.id);
      const bySeed = seeds.map((seed) => own.find((one) => one.seed === seed));
      if (!bySeed.every((one) => one !== undefined)) return [];
      const ways = WAYS.map((way) => [way, bySeed.map((one) => one[way])] as const);
      const msi = isOfMsi(fault, layout.clause(layout.clauseFor(fault.clause)));
      return [{ fault: fault.id, layout: layoutName, deep: fault.deep, msi, ...(Object.fromEntries(ways) as ByWay) }];
    });
  });
  return {
    schema: SCHEMA,
    seeds,
    budget,
    ...(narrowed && { narrowed }),
    ...(partial && { partial }),
    faults: rows,
  };
}
