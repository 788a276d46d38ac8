/** Runs programs on a target and judges them; gets the target back where it fails. */
import { type CompileContext, compile, type Step } from '../compile.ts';
import type { Execution, Executor } from '../execute.ts';
import { type Judgement, judge } from '../oracle/oracle.ts';
import { WORD } from '../places.ts';
import type { Profile } from '../profile.ts';
import { beginsAnew, type Operation, type Program, ProgramError } from '../program.ts';
import type { Target, TargetFault } from '../target.ts';

/** Steps that go to a target in one batch at most. */
const STEPS_AT_ONCE = 20_000;

export interface Outcome {
  program: Program;
  steps: Step[];
  execution: Execution;
  judgement: Judgement;
}

export class Runner {
  readonly target: Target;
  readonly context: CompileContext;
  readonly executor: Executor;
  /** Programs run so far. */
  programs = 0;
  /** True once the target failed and could not be started again. */
  lost: TargetFault | undefined;

  constructor(target: Target, profile: Profile, executor: Executor) {
    this.target = target;
    const { memory } = target.adapter;
    this.context = { profile, memory: memory ? { base: memory.base, size: memory.size } : undefined };
    this.executor = executor;
  }

  /** Whether the target can be had again after it failed. */
  get recovers(): boolean {
    return this.target.restart !== undefined || this.target.local;
  }

  get profile(): Profile {
    return this.context.profile;
  }

  /**
   * Begins with a power cycle where that is cheap, and else with a reset, so that a program depends on as little before
   * it as can be; what an earlier program left undelivered is taken away there.
   */
  isolate(program: Program): Program {
    const cheap = this.target.cheapPowerCycle && this.target.adapter.powerCycle;
    const [first] = program.operations;
    if (first && beginsAnew(first)) return program;
    return { ...program, operations: [{ op: cheap ? 'power-cycle' : 'reset' }, ...program.operations] };
  }

  /** The program on a newly created device; undefined where it is one already, or where that costs too much. */
  freshly(program: Program): Program | undefined {
    const cheap = this.target.cheapPowerCycle && this.target.adapter.powerCycle;
    if (!cheap || program.operations[0]?.op === 'power-cycle') return undefined;
    return { ...program, operations: [{ op: 'power-cycle' }, ...program.operations] };
  }

  async one(program: Program): Promise<Outcome> {
    const [outcome] = await this.many([program]);
    return outcome as Outcome;
  }

  /** Runs the programs in order, in as few batches as the target allows. */
  async many(programs: readonly Program[], stop?: () => boolean): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    if (!this.target.adapter.batch) {
      for (const program of programs) {
        if (this.lost || stop?.()) break;
        await this.group([{ program, steps: this.compile(program) }], outcomes);
      }
      return outcomes;
    }
    const waiting = programs.map((program) => ({ program, steps: this.compile(program) }));
    while (waiting.length > 0 && !this.lost && !stop?.()) {
      const group = [waiting.shift() as { program: Program; steps: Step[] }];
      let size = group[0]?.steps.length ?? 0;
      while (waiting[0] && size + waiting[0].steps.length <= STEPS_AT_ONCE) {
        const next = waiting.shift() as { program: Program; steps: Step[] };
        size += next.steps.length;
        group.push(next);
      }
      const left = await this.group(group, outcomes);
      waiting.unshift(...left);
    }
    return outcomes;
  }

  private compile(program: Program): Step[] {
    return compile(program, this.context);
  }

  /** Runs a group in one go; returns those that have still to run because the target failed before them. */
  private async group(
    group: { program: Program; steps: Step[] }[],
    outcomes: Outcome[],
  ): Promise<{ program: Program; steps: Step[] }[]> {
    const all = group.length === 1 ? (group[0]?.steps ?? []) : group.flatMap(({ steps }) => steps);
    const execution = await this.executor.run(all);
    let from = 0;
    for (const [index, { program, steps }] of group.entries()) {
      const to = from + steps.length;
      const { fault } = execution;
      const failed = fault !== undefined && fault.step < to;
      const own: Execution =
        group.length === 1
          ? execution
          : {
              observations: execution.observations.slice(from, to),
              ...(failed && fault ? { fault: { error: fault.error, step: fault.step - from } } : {}),
            };
      this.programs++;
      const judgement = judge(program, steps, own, this.profile);
      const outcome = { program, steps, execution: own, judgement };
      if (failed) crashVerdict(outcome, this.profile);
      outcomes.push(outcome);
      if (failed && fault) {
        await this.recover(fault.error);
        return group.slice(index + 1);
      }
      from = to;
    }
    return [];
  }

  private async recover(fault: TargetFault): Promise<void> {
    if (!this.target.restart) {
      // What threw may go on all the same; what is gone will not.
      if (fault.reason === 'died' || fault.reason === 'hung') this.lost = fault;
      return;
    }
    try {
      await this.target.restart();
    } catch {
      this.lost = fault;
    }
  }
}

/** An operation that a driver must not do, and what it would violate to fall over on it. */
function illegalClause(operation: Operation | undefined, steps: readonly Step[], index: number): string | undefined {
  if (operation?.op !== 'read' && operation?.op !== 'write') return undefined;
  const step = steps.find((candidate) => candidate.operation === index && !candidate.watch && 'offset' in candidate);
  if (step?.kind !== 'read' && step?.kind !== 'write') return undefined;
  if (step.width !== 32 || step.offset % WORD !== 0) return 'ROB-WIDTH';
  return step.spot.kind === 'undefined' ? 'ROB-RANGE' : undefined;
}

/** A crash on an access that a ROB clause is about is that clause's verdict; it shows at once or at the next answer. */
function crashVerdict(outcome: Outcome, profile: Profile): void {
  const { execution, steps, program, judgement } = outcome;
  const fault = execution.fault;
  if (!fault || fault.error.reason === 'answer') return;
  const at = steps[fault.step]?.operation ?? 0;
  const clause = illegalClause(program.operations[at], steps, at);
  if (!clause || !profile.layout.hasClause(clause)) return;
  judgement.violations.push({
    clause,
    expected: 'the device stays up',
    actual: fault.error.message,
    step: fault.step,
    secondary: judgement.violations.length > 0,
  });
  judgement.exercised.set(clause, (judgement.exercised.get(clause) ?? 0) + 1);
}

export { ProgramError };
