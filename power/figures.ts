/** Figures over runs. */
import { median } from '../bench/measure.ts';

/** Rounded; null of nothing. */
export function medianOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.round(median(values));
}

export function leastOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.min(...values);
}

export function mostOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.max(...values);
}

/** The items by what `keyOf` says of them, in the order in which they came. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** How often each key comes, in the order of `keys`; those that do not come are left out. */
export function tally<K extends string>(keys: readonly K[], found: readonly K[]): Partial<Record<K, number>> {
  const counts: Partial<Record<K, number>> = {};
  for (const key of keys) {
    const count = found.filter((one) => one === key).length;
    if (count > 0) counts[key] = count;
  }
  return counts;
}
