/** How the suite named a fault in one run. */
import type { Said } from './trial.ts';

/**
 * `alone`: by its own clause and no other; `beside`: by its own clause and others; `elsewhere`: others are named, its
 * own is not, or only as what another one may have caused; `missed`: nothing is accused.
 */
export type Outcome = 'alone' | 'beside' | 'elsewhere' | 'missed';

export const OUTCOMES: readonly Outcome[] = ['alone', 'beside', 'elsewhere', 'missed'];

/** @param clause the most specific one that the fault breaks, by its name in the layout of the run */
export function outcomeOf(clause: string, { named, implied }: Pick<Said, 'named' | 'implied'>): Outcome {
  if (named.includes(clause)) return named.length === 1 ? 'alone' : 'beside';
  return named.length + implied.length > 0 ? 'elsewhere' : 'missed';
}
