/**
 * What a run of the tool leaves behind, as `results.schema.json` has it: figures over all seeds, in one order and with
 * no clock in them, a line for each fault, so that the difference of two records can be read.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome } from './outcome.ts';

export const SCHEMA = 'virtio-mmio-msi-conformance/power/1';

export type Tier = 'derived' | 'generated' | 'exhaustive';

export interface FaultRecord {
  fault: string;
  layout: string;
  /** The clause that it breaks. */
  clause: string;
  deep: boolean;
  /** In how many runs it was named how; those that never came are left out. */
  named: Partial<Record<Outcome, number>>;
  /** Clauses that were named beside the right one, or instead of it. */
  others?: string[];
  /** Where the right clause was first seen to be violated, in how many runs. */
  tiers: Partial<Record<Tier, number>>;
  /** Accesses and hook calls until then, median of the runs; null where it never came. */
  operations: number | null;
  /** The same until any clause was. */
  firstSign: number | null;
  /** Operations after set-up of the right clause's counterexample, fewest and most; null where there was none. */
  shortest: number | null;
  longest: number | null;
}

export interface VariantRecord {
  variant: string;
  layout: string;
  /** Clauses that it was accused of although it conforms, and does not say so itself; with the seeds. */
  accused: Record<string, number[]>;
  /** Runs in which it crashed, hung, or answered nonsense. */
  failures: number[];
}

export interface ClauseRecord {
  clause: string;
  layout: string;
  /** Faults that were named by it in every run. */
  faults: string[];
  /** Those for which it stood alone or before the others each time. */
  first: string[];
  /** Why there can be none, as the layout has it. */
  note?: string;
}

export interface PowerRecord {
  schema: typeof SCHEMA;
  seeds: number[];
  /** Generated programs of each run. */
  runs: number;
  /** Left out by --only or --layout. */
  narrowed?: true;
  /** Ended before all was run. */
  partial?: true;
  faults: FaultRecord[];
  variants: VariantRecord[];
  clauses: ClauseRecord[];
}

/** JSON in which each item of a list of objects has one line. */
export function stringify(record: object): string {
  const lines = Object.entries(record).flatMap(([key, value]) => {
    const isRows = Array.isArray(value) && value.some((item) => typeof item === 'object');
    const rows = isRows ? `[\n${value.map((item) => `    ${JSON.stringify(item)}`).join(',\n')}\n  ]` : undefined;
    return value === undefined ? [] : [`  ${JSON.stringify(key)}: ${rows ?? JSON.stringify(value)}`];
  });
  return `{\n${lines.join(',\n')}\n}\n`;
}

/** @returns the path of the file that was written */
export function keep(folder: string, name: string, record: object): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, stringify(record));
  return path;
}

/** @returns undefined where there is none */
export function kept<T>(folder: string, name: string): T | undefined {
  const path = join(folder, name);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as T) : undefined;
}
