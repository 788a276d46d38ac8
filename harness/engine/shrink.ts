/** Makes a program smaller while it violates the same clause, with as few programs run as it can. */
import type { Program } from '../program.ts';
import { fewer, lastLives, merged, simplified, without } from './reductions.ts';
import type { Outcome, Runner } from './runner.ts';

/** Programs that one shrinking may run. */
const BUDGET = 600;
/** The same where each run costs the target. */
const FAULT_BUDGET = 80;
/** Times that one shrinking waits for an answer that does not come. */
const HANGS = 4;
/** Candidates that go to a target together where it takes batches. */
const GROUP = 24;

/** Whether the program still shows the same violation for the same reason. */
function shows(outcome: Outcome, clause: string): boolean {
  const first = outcome.judgement.violations[0];
  if (first?.clause === clause) return true;
  return outcome.judgement.violations.some((violation) => violation.clause === clause && !violation.secondary);
}

/**
 * The smallest program found that violates `clause`, with its outcome.
 *
 * @returns undefined where the program does not show the violation when it runs by itself
 */
export async function shrink(runner: Runner, seen: Outcome, clause: string): Promise<Outcome | undefined> {
  // A crash is the verdict only where it is seen at the operation that brings it about.
  const crashed = seen.execution.fault !== undefined;
  const start = await runner.one(seen.program, crashed);
  if (!start.judgement.violations.some((violation) => violation.clause === clause)) return undefined;
  // What never stands by itself is made smaller beside what it stands with.
  const alone = shows(start, clause);
  const fits = (outcome: Outcome): boolean =>
    alone ? shows(outcome, clause) : outcome.judgement.violations.some((violation) => violation.clause === clause);
  const search = new Search(runner, start, crashed, fits);
  await search.to([truncate(start, clause)]);
  if (runner.doubts(search.best)) return undefined;
  await search.shrink(clause);
  return search.best;
}

/** Goes from one program to a smaller one as long as there is one that will do. */
class Search {
  best: Outcome;
  private readonly runner: Runner;
  private readonly stepwise: boolean;
  private readonly fits: (outcome: Outcome) => boolean;
  /** Programs that were run, as text: none is run twice. */
  private readonly tried = new Set<string>();
  private readonly hangs: number;
  private budget: number;

  constructor(runner: Runner, start: Outcome, stepwise: boolean, fits: (outcome: Outcome) => boolean) {
    this.runner = runner;
    this.best = start;
    this.stepwise = stepwise;
    this.fits = fits;
    this.hangs = runner.hangs + HANGS;
    this.budget = start.execution.fault ? FAULT_BUDGET : BUDGET;
  }

  async shrink(clause: string): Promise<void> {
    // Whole lives, and events in a row, are many operations in one step.
    await this.to(lastLives(this.best.program));
    await this.to(merged(this.best.program));
    for (let chunk = this.half(); this.budget > 0; ) {
      if (await this.to(without(this.best.program, chunk))) {
        await this.to([truncate(this.best, clause)]);
        chunk = Math.min(chunk, this.half());
        continue;
      }
      if (chunk > 1) {
        chunk >>= 1;
        continue;
      }
      if (await this.to(merged(this.best.program))) continue;
      if (await this.to(simplified(this.best.program))) continue;
      if (await this.to(fewer(this.best.program))) continue;
      break;
    }
  }

  /** Tries these programs; the first that will do is the best from then on. */
  async to(candidates: readonly Program[]): Promise<boolean> {
    const { runner } = this;
    const fresh = candidates.filter((candidate) => this.isNew(candidate));
    // Where each candidate may cost a start of the target, none is run that is not looked at.
    const size = runner.target.adapter.batch && !this.best.execution.fault ? GROUP : 1;
    for (let from = 0; from < fresh.length; from += size) {
      if (this.budget <= 0 || runner.lost || runner.hangs >= this.hangs) return false;
      const group = fresh.slice(from, from + size);
      this.budget -= group.length;
      for (const { operations } of group) this.tried.add(JSON.stringify(operations));
      const [alone] = group;
      const outcomes = size === 1 && alone ? [await runner.one(alone, this.stepwise)] : await runner.many(group);
      const found = outcomes.find((outcome) => this.accepts(outcome));
      if (!found) continue;
      this.best = found;
      return true;
    }
    return false;
  }

  private isNew({ operations }: Program): boolean {
    return operations.length > 0 && !this.tried.has(JSON.stringify(operations));
  }

  /** An answer that may belong to another request shows nothing. */
  private accepts(outcome: Outcome): boolean {
    if (!outcome.execution.fault !== !this.best.execution.fault) return false;
    return this.fits(outcome) && !this.runner.doubts(outcome);
  }

  private half(): number {
    return Math.max(1, this.best.program.operations.length >> 1);
  }
}

/** The smallest program found on which the target fails for the same reason. */
export async function shrinkFault(runner: Runner, start: Outcome): Promise<Outcome> {
  const reason = start.execution.fault?.error.reason;
  const last = start.steps[start.execution.fault?.step ?? 0]?.operation ?? 0;
  let best = start;
  let budget = FAULT_BUDGET;
  const hangs = runner.hangs + HANGS;
  const attempt = async (program: Program): Promise<boolean> => {
    if (budget-- <= 0 || runner.lost || runner.hangs >= hangs) return false;
    const outcome = await runner.one(program, true);
    if (outcome.execution.fault?.error.reason !== reason) return false;
    best = outcome;
    return true;
  };
  const upToThere = { ...start.program, operations: start.program.operations.slice(0, last + 1) };
  // What does not fail again by itself does not fail by less.
  if (!(await attempt(upToThere)) && !(await attempt(start.program))) return start;
  for (let chunk = Math.max(1, best.program.operations.length >> 1); budget > 0; ) {
    let smaller = false;
    for (const candidate of without(best.program, chunk)) {
      smaller = await attempt(candidate);
      if (smaller || budget <= 0) break;
    }
    if (!smaller && chunk === 1) break;
    if (!smaller) chunk >>= 1;
  }
  return best;
}

/** Without what comes after the violation. */
function truncate(outcome: Outcome, clause: string): Program {
  const violation = outcome.judgement.violations.find((candidate) => candidate.clause === clause);
  const last = violation ? (outcome.steps[violation.step]?.operation ?? 0) : outcome.program.operations.length - 1;
  return { ...outcome.program, operations: outcome.program.operations.slice(0, last + 1) };
}
