/** Makes a program smaller while it violates the same clause. */
import { beginsAnew, type Operation, type Program, type VectorSetup } from '../program.ts';
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
  let best = await runner.one(seen.program, crashed);
  // An answer that may belong to another request shows nothing.
  const accepts = (outcome: Outcome): boolean => shows(outcome, clause) && !runner.doubts(outcome);
  if (!best.judgement.violations.some((violation) => violation.clause === clause)) return undefined;
  best = (await adopt(runner, truncate(best, clause), crashed, accepts)) ?? best;
  if (runner.doubts(best)) return undefined;
  let budget = best.execution.fault ? FAULT_BUDGET : BUDGET;
  const hangs = runner.hangs + HANGS;
  const attempt = async (candidates: Program[]): Promise<boolean> => {
    // Where each candidate may cost a start of the target, none is run that is not looked at.
    const size = runner.target.adapter.batch && !best.execution.fault ? GROUP : 1;
    const goesOn = () => budget > 0 && !runner.lost && runner.hangs < hangs;
    for (let from = 0; from < candidates.length && goesOn(); from += size) {
      const group = candidates.slice(from, from + size);
      budget -= group.length;
      const [alone] = group;
      const outcomes = size === 1 && alone ? [await runner.one(alone, crashed)] : await runner.many(group);
      const found = outcomes.find((outcome) => !outcome.execution.fault === !best.execution.fault && accepts(outcome));
      if (found) {
        best = found;
        return true;
      }
    }
    return false;
  };
  for (let chunk = Math.max(1, best.program.operations.length >> 1); budget > 0; ) {
    const smaller = await attempt(without(best.program, chunk));
    if (smaller) {
      chunk = Math.min(chunk, Math.max(1, best.program.operations.length >> 1));
      continue;
    }
    if (chunk > 1) {
      chunk >>= 1;
      continue;
    }
    if (await attempt(simplified(best.program))) continue;
    break;
  }
  return best;
}

async function adopt(
  runner: Runner,
  program: Program,
  stepwise: boolean,
  accepts: (o: Outcome) => boolean,
): Promise<Outcome | undefined> {
  const outcome = await runner.one(program, stepwise);
  return accepts(outcome) ? outcome : undefined;
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

/** Every program that lacks `chunk` operations in a row; what begins it stays. */
function without(program: Program, chunk: number): Program[] {
  const { operations } = program;
  const first = operations[0] && beginsAnew(operations[0]) ? 1 : 0;
  const candidates: Program[] = [];
  for (let from = operations.length - chunk; from >= first; from -= chunk > 1 ? chunk >> 1 || 1 : 1) {
    candidates.push({ ...program, operations: [...operations.slice(0, from), ...operations.slice(from + chunk)] });
  }
  return candidates;
}

/** The same operations with less in them. */
function simplified(program: Program): Program[] {
  const replace = (index: number, operation: Operation): Program => ({
    ...program,
    operations: program.operations.map((old, at) => (at === index ? operation : old)),
  });
  const candidates: Program[] = [];
  program.operations.forEach((operation, index) => {
    if (operation.race) {
      const { race: _, ...settled } = operation;
      candidates.push(replace(index, settled as Operation));
    }
    if (operation.op === 'event' && (operation.count ?? 1) > 1) {
      const { count: _, ...single } = operation;
      candidates.push(replace(index, single as Operation));
    }
    if (operation.op === 'initialise') {
      candidates.push(...fewer(operation).map((smaller) => replace(index, smaller)));
    }
  });
  return candidates;
}

function fewer(operation: Operation & { op: 'initialise' }): Operation[] {
  const smaller: Operation[] = [];
  const vectors = operation.vectors ?? [];
  vectors.forEach((_, at) => {
    smaller.push({ ...operation, vectors: vectors.filter((_, other) => other !== at) });
  });
  operation.queues.forEach((queue) => {
    const mapped = vectors.some((vector) => vector.sources.includes(queue));
    if (!mapped) smaller.push({ ...operation, queues: operation.queues.filter((other) => other !== queue) });
  });
  vectors.forEach((vector, at) => {
    for (const source of vector.sources) {
      const less: VectorSetup = { ...vector, sources: vector.sources.filter((other) => other !== source) };
      smaller.push({ ...operation, vectors: vectors.map((old, other) => (other === at ? less : old)) });
    }
  });
  return smaller;
}

/** Operations after set-up: what a reader has to follow. */
export function operationsAfterSetUp(program: Program): number {
  const folded = program.operations.findIndex((operation) => !beginsAnew(operation) && operation.op !== 'initialise');
  return folded < 0 ? 0 : program.operations.length - folded;
}
