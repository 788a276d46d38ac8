/** What judging one program brings: how often each clause was put to the test, and which it saw violated. */

export interface Violation {
  clause: string;
  expected: string;
  actual: string;
  /** Index of the step at which it showed. */
  step: number;
  /** True where an earlier violation in the same program may have caused it. */
  secondary: boolean;
}

export class Recorder {
  readonly exercised = new Map<string, number>();
  readonly violations: Violation[] = [];
  /** Index of the step that is being judged. */
  step = 0;
  private readonly seen = new Set<string>();

  /** The clause was compared against an observation and holds. */
  hit(clause: string): void {
    this.exercised.set(clause, (this.exercised.get(clause) ?? 0) + 1);
  }

  /** `beside`: a clause of its own, although another is violated by the same observation. */
  violate(clause: string, expected: string, actual: string, beside = false): void {
    this.hit(clause);
    if (this.seen.has(clause)) return;
    this.seen.add(clause);
    // What was seen wrong is taken as it is and what it puts in doubt is widened, so that a later violation stands by
    // itself; only what shows in the same observation may be the same thing.
    const secondary = !beside && this.violations.some((violation) => violation.step === this.step);
    this.violations.push({ clause, expected, actual, step: this.step, secondary });
  }
}
