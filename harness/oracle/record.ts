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
  private readonly named = new Map<string, string>();
  private readonly nameOf: (clause: string) => string;

  /** @param nameOf the clause that says in this layout what one of another says there */
  constructor(nameOf: (clause: string) => string = (clause) => clause) {
    this.nameOf = nameOf;
  }

  private name(clause: string): string {
    let name = this.named.get(clause);
    if (name === undefined) {
      name = this.nameOf(clause);
      this.named.set(clause, name);
    }
    return name;
  }

  /** The clause was compared against an observation and holds. */
  hit(general: string): void {
    const clause = this.name(general);
    this.exercised.set(clause, (this.exercised.get(clause) ?? 0) + 1);
  }

  /** `beside`: a clause of its own, although another is violated by the same observation. */
  violate(general: string, expected: string, actual: string, beside = false): void {
    const clause = this.name(general);
    this.hit(clause);
    if (this.seen.has(clause)) return;
    this.seen.add(clause);
    // What was seen wrong is taken as it is and what it puts in doubt is widened, so that a later violation stands by
    // itself; only what shows in the same observation may be the same thing.
    const secondary = !beside && this.violations.some((violation) => violation.step === this.step);
    this.violations.push({ clause, expected, actual, step: this.step, secondary });
  }
}
