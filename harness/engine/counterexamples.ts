/**
 * From a program that showed a violation to the counterexample of the report: made smaller, run again without what the
 * clause is about, and with a look at every register.
 */
import type { Counterexample, Tier } from '../../reports/report.ts';
import { MOST_HANGS_SHRINKING } from './failures.ts';
import type { SessionOptions } from './options.ts';
import { operationsAfterSetUp } from './reductions.ts';
import { reproduce } from './reproduce.ts';
import type { Outcome, Runner } from './runner.ts';
import { shrink } from './shrink.ts';
import type { Sighting, Sightings } from './sightings.ts';
import { mayBeAnothers, settled, shownBefore, withLooks, withoutSuspects } from './suspects.ts';
import { traceOf } from './trace.ts';
import { inScope } from './verdicts.ts';

/** What looking for the smallest programs tells the run that it is a part of. */
export interface Host {
  /** Programs of this check are made smaller now. */
  shrinking(check: string): void;
  /** A program showed something new. */
  take(outcome: Outcome, check: string, tier: Tier): void;
}

export class Counterexamples {
  private readonly runner: Runner;
  private readonly sightings: Sightings;
  private readonly options: SessionOptions;
  private readonly host: Host;
  /** Clauses whose violation did not show again. */
  private readonly unstable = new Set<string>();

  constructor(runner: Runner, sightings: Sightings, options: SessionOptions, host: Host) {
    this.runner = runner;
    this.sightings = sightings;
    this.options = options;
    this.host = host;
  }

  /** Of each violated clause in scope; what turns out to be another clause's violation becomes one. */
  async all(): Promise<Map<string, Counterexample>> {
    const found = new Map<string, Counterexample>();
    const { runner, sightings } = this;
    const { only, exclude, signal } = this.options;
    // A look at one clause may bring another to light.
    const queue = sightings.clauses;
    for (let clause = queue.shift(); clause !== undefined; clause = queue.shift()) {
      // One that was not chosen may turn out to be the violation of one that was.
      if (!(inScope(clause, only, exclude) || mayBeAnothers(clause, runner.profile.layout)) || found.has(clause))
        continue;
      const known = sightings.of(clause);
      let last: Counterexample | undefined;
      // What does not show again by itself is shown only where no other program does better.
      let notAgain: Sighting | undefined;
      while (known[0]) {
        const sighting = known[0];
        const crashed = sighting.outcome.execution.fault !== undefined;
        const isDoubtful = runner.doubts(sighting.outcome);
        const isTooSlow = runner.hangs >= MOST_HANGS_SHRINKING && crashed;
        if (runner.lost || signal?.aborted || isTooSlow || (crashed && !runner.recovers)) {
          // What may be another request's answer is a violation only where it shows again.
          if (isDoubtful) break;
          last = this.of(sighting, sighting.outcome);
          break;
        }
        this.host.shrinking(sighting.check);
        const smallest = await this.smallest(sighting.outcome, clause);
        if (!smallest) {
          known.shift();
          if (!isDoubtful) notAgain ??= sighting;
          continue;
        }
        const other = await this.otherwise(smallest, clause);
        if (!other) {
          await this.lookBefore(smallest, clause);
          last = this.of(sighting, smallest);
          break;
        }
        // The same goes wrong without what the clause is about: it is another clause's violation.
        known.shift();
        this.host.take(other, sighting.check, sighting.tier);
        queue.push(...other.judgement.violations.map((violation) => violation.clause));
      }
      if (!last && notAgain) {
        known.push(notAgain);
        this.unstable.add(clause);
        last = this.of(notAgain, notAgain.outcome);
      }
      if (last) found.set(clause, last);
      else sightings.drop(clause);
      if (runner.target.local) await new Promise((resume) => setImmediate(resume));
    }
    return found;
  }

  /** On a device as new where that can be had: what a program begins with must not be what an earlier one left. */
  private async smallest(seen: Outcome, clause: string): Promise<Outcome | undefined> {
    const { runner } = this;
    const fresh = runner.freshly(seen.program);
    return (fresh && (await shrink(runner, { ...seen, program: fresh }, clause))) ?? shrink(runner, seen, clause);
  }

  /**
   * What the program shows without the operations that the clause is about, or with each operation settled; undefined
   * where that is nothing else.
   */
  private async otherwise(outcome: Outcome, clause: string): Promise<Outcome | undefined> {
    const { runner } = this;
    // Of two operations that were not settled in between, either may have been the cause: one by one they tell.
    for (const program of [settled(outcome.program), withoutSuspects(outcome.program, clause, runner.profile)]) {
      if (!program) continue;
      const other = await runner.one(runner.isolate(program));
      const { violations } = other.judgement;
      if (violations.length > 0 && violations.every((violation) => violation.clause !== clause)) return other;
    }
    return undefined;
  }

  /** Looks at every register after each operation: what is wrong there before explains what goes wrong after it. */
  private async lookBefore(outcome: Outcome, clause: string): Promise<void> {
    const { runner } = this;
    if (outcome.execution.fault) return;
    const { judgement, execution } = await runner.one(withLooks(outcome.program));
    if (execution.fault) return;
    const shown = shownBefore(judgement.violations, clause).filter((id) => this.sightings.has(id));
    this.sightings.explain(clause, shown);
  }

  of(sighting: Sighting, outcome: Outcome): Counterexample {
    const { clause, check, tier } = sighting;
    const violation = outcome.judgement.violations.find((candidate) => candidate.clause === clause);
    const { profile } = this.runner;
    return {
      check,
      tier,
      expected: violation?.expected ?? '',
      actual: violation?.actual ?? '',
      operations: operationsAfterSetUp(outcome.program),
      trace: traceOf(outcome.program, outcome.steps, outcome.execution, profile, violation?.step),
      program: outcome.program,
      reproduce: reproduce(this.runner.target, this.options, clause),
      ...(this.unstable.has(clause) ? { unstable: true } : {}),
    };
  }
}
