/** What judging one program brings: how often each clause was put to the test, and which it saw violated. */

export interface Violation {
  clause: string;
  expected: string;
  actual: string;
  /** Index of the step at which it showed. */
  step: number;
  /** Index of the operation after which it showed. */
  operation: number;
  /** True where another violation shows after the same operation: the two may be one. */
  secondary: boolean;
}

export class Recorder {
  readonly exercised = new Map<string, number>();
  readonly violations: Violation[] = [];
  /** Index of the step that is being judged. */
  step = 0;
  /** Index of the operation that the step belongs to. */
  operation = 0;
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
    // itself; only what shows after the same operation may be the same thing.
    const { step, operation } = this;
    const secondary = !beside && this.violations.some((violation) => violation.operation === operation);
    this.violations.push({ clause, expected, actual, step, operation, secondary });
  }
}
