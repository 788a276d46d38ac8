/** What the comparison comes down to. */
import { medianOf } from '../figures.ts';
import { WAYS, type Way } from './compare.ts';
import type { AgainstFault, AgainstRecord } from './record.ts';

export interface WayTotals {
  way: Way;
  /** Faults found with every seed, and with at least one. */
  always: number;
  ever: number;
  /** Median over the faults that every way finds with every seed, of the medians over the seeds. */
  operations: number | null;
  /** Median over all faults and seeds, what was not found counted as the whole budget. */
  operationsOfAll: number | null;
  /** Deep faults that were missed with at least one seed. */
  deepMissed: string[];
}

export interface AgainstTotals {
  faults: number;
  deep: number;
  /** Faults that every way finds with every seed. */
  common: number;
  ways: WayTotals[];
}

export function againstTotals(record: AgainstRecord, faults: readonly AgainstFault[] = record.faults): AgainstTotals {
  const isAlways = (way: Way) => (fault: AgainstFault) => fault[way].every((at) => at !== null);
  const common = faults.filter((fault) => WAYS.every((way) => isAlways(way)(fault)));
  const deep = faults.filter((fault) => fault.deep);
  return {
    faults: faults.length,
    deep: deep.length,
    common: common.length,
    ways: WAYS.map((way) => ({
      way,
      always: faults.filter(isAlways(way)).length,
      ever: faults.filter((fault) => fault[way].some((at) => at !== null)).length,
      operations: medianOf(common.flatMap((fault) => medianOf(found(fault, way)) ?? [])),
      operationsOfAll: medianOf(
        faults.flatMap((fault) => fault[way].map((at) => at ?? record.budget[fault.layout] ?? 0)),
      ),
      deepMissed: deep.filter((fault) => !isAlways(way)(fault)).map(({ fault }) => fault),
    })),
  };
}

function found(fault: AgainstFault, way: Way): number[] {
  return fault[way].filter((at) => at !== null);
}

/** Deep faults that the other ways miss with some seed, and whether the suite finds each with every one. */
export function deepMissedByOthers(record: AgainstRecord): { fault: string; bySuite: boolean }[] {
  return record.faults
    .filter(({ deep, commands, uniform }) => deep && (commands.includes(null) || uniform.includes(null)))
    .map(({ fault, suite }) => ({ fault, bySuite: !suite.includes(null) }));
}
