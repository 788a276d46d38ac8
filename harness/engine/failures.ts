/** Where the target failed: what the report tells of it, by the smallest program that brings it about. */
import type { TargetFinding } from '../../reports/report.ts';
import type { Profile } from '../profile.ts';
import { program as programOf } from '../program.ts';
import type { Target, TargetFault } from '../target.ts';
import type { SessionOptions } from './options.ts';
import { reproduce } from './reproduce.ts';
import type { Outcome, Runner } from './runner.ts';
import { shrinkFault } from './shrink.ts';
import { traceOf } from './trace.ts';

/** Findings after which a target is given up. */
export const MOST_FINDINGS = 25;
/** Waits for an answer that did not come after which a target is given up. */
export const MOST_HANGS = 10;
/** The same when all is run, and only smaller programs are looked for. */
export const MOST_HANGS_SHRINKING = 20;
/** Findings that are shown by the smallest program. */
const MOST_SHRUNK = 3;

export class Failures {
  readonly findings: TargetFinding[] = [];
  /** What the findings were found with, in their order. */
  private readonly outcomes: Outcome[] = [];
  private readonly target: Target;
  private readonly options: SessionOptions;

  constructor(target: Target, options: SessionOptions) {
    this.target = target;
    this.options = options;
  }

  get tooMany(): boolean {
    return this.findings.length >= MOST_FINDINGS;
  }

  /** It failed before there was a program. */
  addProbe(error: TargetFault): void {
    this.findings.push(this.finding(error, 'probe', undefined, false, undefined));
  }

  add(error: TargetFault, check: string, outcome: Outcome, runner: Runner | undefined): void {
    this.findings.push(this.finding(error, check, outcome, runner?.lost === undefined, runner?.profile));
    this.outcomes.push(outcome);
  }

  /** Shows the first failure of each kind by the smallest program that brings it about. */
  async smallest(runner: Runner): Promise<void> {
    if (!runner.recovers) return;
    const seen = new Set<string>();
    for (const [index, outcome] of this.outcomes.entries()) {
      const { reason, message } = outcome.execution.fault?.error ?? {};
      const old = this.findings[index];
      if (!old || seen.has(`${reason} ${message}`) || runner.lost || this.options.signal?.aborted) continue;
      if (seen.size >= MOST_SHRUNK || runner.hangs >= MOST_HANGS_SHRINKING) break;
      seen.add(`${reason} ${message}`);
      const smallest = await shrinkFault(runner, outcome);
      const { error } = smallest.execution.fault ?? {};
      if (error) this.findings[index] = this.finding(error, old.check, smallest, old.restarted, runner.profile);
    }
  }

  private finding(
    error: TargetFault,
    check: string,
    outcome: Outcome | undefined,
    restarted: boolean,
    profile: Profile | undefined,
  ): TargetFinding {
    return {
      reason: error.reason,
      message: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      check,
      trace: outcome && profile ? traceOf(outcome.program, outcome.steps, outcome.execution, profile, undefined) : [],
      program: outcome?.program ?? programOf([]),
      reproduce: reproduce(this.target, this.options),
      restarted,
    };
  }
}
