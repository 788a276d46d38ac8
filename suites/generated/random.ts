/** Choices at random, all from one seed. */
export interface Random {
  /** A whole number from `low` to `high`, both possible. */
  int(low: number, high: number): number;
  /** @param items at least one */
  pick<T>(items: readonly T[]): T;
  chance(percent: number): boolean;
}

/** One of the items, each as often as its weight says; undefined where no weight is above 0. */
export function weighted<T>(random: Random, items: readonly (readonly [T, number])[]): T | undefined {
  const sum = items.reduce((total, [, weight]) => total + weight, 0);
  if (sum <= 0) return undefined;
  let at = random.int(1, sum);
  for (const [item, weight] of items) {
    at -= weight;
    if (at <= 0) return item;
  }
  return undefined;
}

/** Half of the items at least, chosen at random. */
export function someOf<T>(random: Random, items: readonly T[]): T[] {
  const chosen = items.filter(() => random.chance(60));
  return chosen.length > 0 ? chosen : [random.pick(items)];
}
