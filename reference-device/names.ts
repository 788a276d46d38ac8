import { editDistance } from '../spec/suggest.ts';

/** Up to three of the names that look most like `name`; none where nothing comes near. */
export function nearest(name: string, known: readonly string[]): string[] {
  const limit = Math.max(2, Math.floor(name.length / 3));
  const near = known
    .map((candidate) => ({ candidate, distance: distance(name, candidate) }))
    .filter((one) => one.distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, 3);
  // One that is clearly nearer needs no company.
  return near.filter((one) => one.distance <= near[0]!.distance + 1).map((one) => one.candidate);
}

/** Part of a name counts as near. */
function distance(name: string, candidate: string): number {
  return name.length > 2 && candidate.includes(name) ? 1 : editDistance(name, candidate);
}
