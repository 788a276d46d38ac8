/** The report as JSON: the same report is the same bytes, whoever built it and in whatever order. */
import type { Report } from './report.ts';

/** Keys of the report's objects in the order in which they are written; a key that is not here follows, by name. */
const ORDER = [
  ['schema', 'suite', 'layout', 'target', 'run', 'headline', 'because', 'counts', 'clauses', 'findings'],
  ['id', 'area', 'level', 'text', 'origin', 'verdict', 'reason', 'exercised', 'impliedBy', 'counterexample'],
  ['kind'],
  ['check', 'tier', 'expected', 'actual', 'operations', 'unstable', 'restarted', 'reproduce', 'trace', 'program'],
  ['message', 'hint'],
  ['verified', 'shown', 'verdicts', 'next', 'difference'],
  ['step', 'operation', 'observed', 'violates', 'first', 'second'],
  ['pass', 'fail', 'warn', 'not-applicable', 'untestable', 'not-run'],
  ['name', 'title', 'revision', 'version', 'digest', 'specification', 'properties'],
  ['seed', 'runs', 'strict', 'narrowed', 'partial', 'interrupted', 'exhaustive', 'programs', 'operations'],
  ['determinism'],
  [
    'scope',
    'states',
    'transitions',
    'extraStates',
    'sequences',
    'decisions',
    'decidedOtherwise',
    'violations',
    'stopped',
  ],
  ['covered', 'total'],
  ['only', 'exclude', 'bail'],
].flat();
const RANK = new Map(ORDER.map((key, at) => [key, at]));

/** Objects that are data of others: their own order is kept, since it may be meant for the reader. */
const OPAQUE = new Set(['program', 'properties']);

function compareKeys(a: string, b: string): number {
  const byRank = (RANK.get(a) ?? RANK.size) - (RANK.get(b) ?? RANK.size);
  if (byRank !== 0) return byRank;
  return a < b ? -1 : a > b ? 1 : 0;
}

function ordered(value: unknown, opaque = false): unknown {
  if (Array.isArray(value)) return value.map((item) => ordered(item, opaque));
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  if (!opaque) entries.sort(([a], [b]) => compareKeys(a, b));
  return Object.fromEntries(entries.map(([key, item]) => [key, ordered(item, opaque || OPAQUE.has(key))]));
}

/** `report.json`. */
export function renderJson(report: Report): string {
  return `${JSON.stringify(ordered(report), null, 2)}\n`;
}
