/** The programs that showed violations, and which violation may be no more than a consequence of which. */
import type { Tier } from '../../reports/report.ts';
import type { Layout } from '../../spec/layout.ts';
import type { Outcome } from './runner.ts';
import { breakCircles, restsOn } from './verdicts.ts';

/** Programs that are kept as showing a violation of one clause. */
const MOST_SIGHTINGS = 4;

/** A program that showed a violation of a clause. */
export interface Sighting {
  clause: string;
  check: string;
  tier: Tier;
  outcome: Outcome;
  /** True where it aims at the clause. */
  aims: boolean;
  /** Clauses that the same observation violated before. */
  behind: string[];
}

export class Sightings {
  private readonly byClause = new Map<string, Sighting[]>();
  /** What registers showed before a clause was violated: the clauses that explain that one. */
  private readonly shownBefore = new Map<string, string[]>();

  /** The clauses that are violated, in the order in which that was seen. */
  get clauses(): string[] {
    return [...this.byClause.keys()];
  }

  has(clause: string): boolean {
    return this.byClause.has(clause);
  }

  /** The best to show first; what is taken out of the list is not seen as a violation of the clause any more. */
  of(clause: string): Sighting[] {
    return this.byClause.get(clause) ?? [];
  }

  /** Keeps a few programs for each clause: those that aim at it first, then the earliest. */
  add(sighting: Sighting): void {
    const known = this.byClause.get(sighting.clause);
    if (!known) {
      this.byClause.set(sighting.clause, [sighting]);
      return;
    }
    if (known.filter((one) => one.check === sighting.check).length >= 2) return;
    known.push(sighting);
    const rank = ({ behind, aims }: Sighting) => (behind.length > 0 ? 2 : 0) + (aims ? 0 : 1);
    known.sort((a, b) => rank(a) - rank(b));
    known.length = Math.min(known.length, MOST_SIGHTINGS);
  }

  /** None of them was a violation of the clause. */
  drop(clause: string): void {
    this.byClause.delete(clause);
  }

  clear(): void {
    this.byClause.clear();
  }

  explain(clause: string, causes: string[]): void {
    if (causes.length > 0) this.shownBefore.set(clause, causes);
  }

  /** Violated clauses that another violated one may explain: by which. */
  impliedBy(layout: Layout): Map<string, string[]> {
    const violated = this.clauses;
    const impliedBy = new Map<string, string[]>();
    for (const [clause, known] of this.byClause) {
      const behind = known.every((one) => one.behind.length > 0)
        ? (known[0]?.behind ?? []).filter((id) => !layout.refinedBy(clause).has(id))
        : [];
      const specific = violated.filter(
        (other) => layout.refinedBy(other).has(clause) && !restsOn(other, layout).includes(clause),
      );
      const leans = restsOn(clause, layout).filter((other) => this.has(other));
      const shown = this.shownBefore.get(clause) ?? [];
      const causes = [...new Set([...specific, ...leans, ...behind, ...shown])].filter((id) => id !== clause);
      if (causes.length > 0) impliedBy.set(clause, causes);
    }
    const inOrder = layout.data.clauses.map(({ id }) => id).filter((id) => this.has(id));
    breakCircles(impliedBy, inOrder);
    return impliedBy;
  }
}
