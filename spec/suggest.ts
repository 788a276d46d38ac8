/** Did-you-mean: the nearest of the names that would have been right. */

/** Characters from which on the beginning of a name, or a part of it, says which one is meant. */
const SHORTEST_PART = 3;

/** Insertions, deletions, replacements and swaps of neighbours that make `a` into `b`. */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, before[j - 2]! + 1);
      row.push(best);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length]!;
}

/**
 * The candidate nearest to `name` within `limit` edits, if there is one; a difference in case alone counts as none.
 * Without a limit the name is wrong anyway, and one that was only begun (`ref` for `reference`) counts as one slip.
 */
export function nearest(name: string, candidates: Iterable<string>, limit?: number): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let bestDistance = (limit ?? looseLimit(name)) + 0.5;
  for (const candidate of candidates) {
    if (candidate === name) continue;
    const known = candidate.toLowerCase();
    const isBegun = limit === undefined && wanted.length >= SHORTEST_PART && known.startsWith(wanted);
    // Among equals the one of the same length: `WR` is `RW` rather than `R`.
    const tie = Math.min(0.4, Math.abs(candidate.length - name.length) / 10);
    const distance = (isBegun ? 1 : editDistance(wanted, known)) + tie;
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Up to three of the names that look most like `name`, of which it may be a part; none where nothing comes near. */
export function nearestFew(name: string, known: readonly string[]): string[] {
  const limit = Math.max(2, Math.floor(name.length / 3));
  const isPart = (candidate: string) => name.length >= SHORTEST_PART && candidate.includes(name);
  const near = known
    .map((candidate) => ({ candidate, distance: isPart(candidate) ? 1 : editDistance(name, candidate) }))
    .filter((one) => one.distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, 3);
  // One that is clearly nearer needs no company.
  return near.filter((one) => one.distance <= near[0]!.distance + 1).map((one) => one.candidate);
}

/** Edits within which a name that is wrong anyway is worth a guess. */
function looseLimit(name: string): number {
  return Math.min(4, Math.max(1, Math.floor(name.length / 3)));
}

/** Edits within which a name that may well be right is still taken for a slip. */
export function strictLimit(name: string): number {
  return Math.min(2, Math.max(1, Math.floor(name.length / 5)));
}

/** A hint for an unknown name: the nearest one, or all of them where they are few. */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  const known = [...candidates];
  const near = nearest(name, known);
  if (near !== undefined) return `did you mean '${near}'?`;
  return known.length > 0 && known.length <= 12 ? `one of: ${known.join(', ')}` : undefined;
}
