/** Times, and what to make of them. Everything here is relative: a machine's speed is in both numbers of a ratio. */

/** Milliseconds that the work takes. */
export async function time(work: () => unknown): Promise<number> {
  const from = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - from) / 1e6;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

export interface Comparison {
  /** Milliseconds, medians. */
  measured: number;
  floor: number;
  ratio: number;
}

/**
 * Two ways of doing something, in turns, so that what else the machine does hits both. Each returns its milliseconds.
 * The ratio is the median of the pairs' ratios.
 */
export async function compare(
  rounds: number,
  measured: () => Promise<number>,
  floor: () => Promise<number>,
): Promise<Comparison> {
  const pairs: [number, number][] = [];
  for (let round = 0; round < rounds; round++) {
    // Whoever comes second finds caches warm and memory used; so each comes second as often.
    if (round % 2 === 0) {
      const first = await measured();
      pairs.push([first, await floor()]);
    } else {
      const first = await floor();
      pairs.push([await measured(), first]);
    }
  }
  return {
    measured: median(pairs.map(([one]) => one)),
    floor: median(pairs.map(([, other]) => other)),
    ratio: median(pairs.map(([one, other]) => one / other)),
  };
}
