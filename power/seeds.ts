/** `20`: the seeds 1 to 20. `3-7`: those. */
const RANGE = /^(?:(?<from>\d+)-)?(?<to>\d+)$/;

/** @throws OptionError for text that is neither */
export function parseSeeds(text: string): number[] {
  const groups = RANGE.exec(text)?.groups;
  const from = Number(groups?.from ?? 1);
  const to = Number(groups?.to ?? 0);
  if (!groups || to < from || to > 0xffffffff) {
    throw new OptionError(`--seeds ${text}: expected a number from 1 up, or a range such as 3-7`);
  }
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** `1-20`, or `1, 4, 5` where there are gaps. */
export function showSeeds(seeds: readonly number[]): string {
  const [first] = seeds;
  const last = seeds.at(-1);
  if (first === undefined || last === undefined) return 'none';
  if (seeds.length < 3 || seeds.some((seed, index) => seed !== first + index)) return seeds.join(', ');
  return `${first}-${last}`;
}

/** A command line that is none. Exit code 2. */
export class OptionError extends Error {
  override name = 'OptionError';
}
