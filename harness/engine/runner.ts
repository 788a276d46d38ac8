/** Runs programs on a target and judges them; gets the target back where it fails. */
import { type CompileContext, compile, type Step } from '../compile.ts';
import type { Execution, Executor } from '../execute.ts';
import { type Judgement, judge } from '../oracle/oracle.ts';
import { WORD } from '../places.ts';
import type { Profile } from '../profile.ts';
import { beginsAnew, type Operation, type Program } from '../program.ts';
import { type Target, TargetFault } from '../target.ts';
import type { Locate, Recording } from './determinism/recording.ts';
import { inStepSteps } from './in-step.ts';
import { Losses } from './losses.ts';

/** Starts in a row without one right answer, after which the target is given up. */
const FRUITLESS_STARTS = 3;
/** Steps of which the target sees nothing. */
const NO_ACCESS = new Set<Step['kind']>(['begin', 'offered', 'laid-out']);

/** Steps that go to a target in one batch at most. */
const STEPS_AT_ONCE = 20_000;

export interface Outcome {
  program: Program;
  steps: Step[];
  execution: Execution;
  judgement: Judgement;
  /** Which start of the target it ran on. */
  life: number;
  /** Set where it was not run: the operation in it at which the target fails each time. */
  avoided?: string;
}

interface Compiled {
  program: Program;
  steps: Step[];
}

export interface ManyOptions {
  stop?: () => boolean;
  /**
   * The target is tried for the first time: where it fails, what it failed at is found out exactly, and programs that
   * do what it always fails at are left out.
   */
  exploring?: boolean;
}

export class Runner {
  readonly target: Target;
  readonly context: CompileContext;
  readonly executor: Executor;
  readonly losses = new Losses();
  /** Programs run so far. */
  programs = 0;
  /** How often the target gave no answer in time. */
  hangs = 0;
  /** True once the target failed and could not be started again. */
  lost: TargetFault | undefined;
  private readonly recording: Recording | undefined;
  private readonly inStep: Step[];
  /** Starts of the target so far, but for the first. */
  life = 0;
  /** Lives in which an answer was none, or one too many: which answer belongs to what is not certain in them. */
  private readonly outOfStep = new Set<number>();
  /** Starts in a row that did not bring one right answer. */
  private fruitless = 0;
  /** Programs that are still to be run one by one, and step by step. */
  private careful = 0;
  /** The failure that made it so; reported where it does not show again. */
  private suspect: Outcome | undefined;

  constructor(target: Target, profile: Profile, executor: Executor, recording?: Recording) {
    this.target = target;
    this.recording = recording;
    const { memory } = target.adapter;
    this.context = { profile, memory: memory ? { base: memory.base, size: memory.size } : undefined };
    this.executor = executor;
    this.inStep = target.adapter.batch ? inStepSteps(profile.layout) : [];
  }

  /** Whether the target can be had again after it failed. */
  get recovers(): boolean {
    return this.target.restart !== undefined || this.target.local;
  }

  get profile(): Profile {
    return this.context.profile;
  }

  /** Whether what it showed may belong to other requests. */
  doubts(outcome: Outcome): boolean {
    return this.outOfStep.has(outcome.life);
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

  /** @param stepwise waits for each answer, so that a failure is seen exactly where it happens */
  async one(program: Program, stepwise = false): Promise<Outcome> {
    if (stepwise && this.target.adapter.batch) this.careful = 1;
    const [outcome] = await this.many([program]);
    return outcome as Outcome;
  }

  /** Runs the programs in order, in as few batches as the target allows. */
  async many(programs: readonly Program[], { stop, exploring = false }: ManyOptions = {}): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    if (this.target.adapter.batch) {
      let waiting = programs.map((program) => this.compile(program));
      while (waiting.length > 0 && !this.lost && !stop?.()) waiting = await this.some(waiting, outcomes, exploring);
      this.endCare(outcomes);
      return outcomes;
    }
    for (const program of programs) {
      if (this.lost || stop?.()) break;
      await this.some([this.compile(program)], outcomes, exploring);
    }
    return outcomes;
  }

  /**
   * Runs steps that are looked at elsewhere, of `programs` programs; gets the target back where it fails.
   *
   * @param locate the program that a step is of, where two runs differ there
   */
  async plain(steps: readonly Step[], programs: number, locate: Locate): Promise<Execution> {
    const execution = await this.execute(steps, false);
    this.programs += programs;
    this.recording?.batch(steps.length, execution, locate);
    if (execution.fault) {
      this.noteFault(execution.fault, steps);
      await this.recover(execution.fault.error);
    } else this.fruitless = 0;
    return execution;
  }

  /** The outcome of a program at whose end the target failed, in a run of its steps beside others. */
  failedAtEnd(program: Program, error: TargetFault): Outcome {
    const { steps } = this.compile(program);
    const fault = { error, step: Math.max(0, steps.length - 1) };
    const judgement = { exercised: new Map(), violations: [] };
    return { program, steps, execution: { observations: [], fault }, judgement, life: this.life };
  }

  /** What ran elsewhere, as if it had run here. */
  judged({ program, steps, execution, life }: Omit<Outcome, 'judgement'>): Outcome {
    return { program, steps, execution, life, judgement: judge(program, steps, execution, this.profile) };
  }

  private compile(program: Program): Compiled {
    return { program, steps: compile(program, this.context) };
  }

  /** Runs the first of those that wait, as many as go into one batch; returns those that have still to run. */
  private async some(waiting: Compiled[], outcomes: Outcome[], exploring: boolean): Promise<Compiled[]> {
    const avoided = ({ steps }: Compiled) => (exploring ? this.losses.among(steps) : undefined);
    const first = waiting[0] as Compiled;
    const operation = avoided(first);
    if (operation !== undefined) {
      outcomes.push(this.leftOut(first, operation));
      if (this.careful > 0 && --this.careful === 0) this.endCare(outcomes);
      return waiting.slice(1);
    }
    let count = 1;
    if (this.careful === 0) {
      let size = first.steps.length;
      for (let next = waiting[1]; next && !avoided(next); next = waiting[count]) {
        size += next.steps.length;
        if (size > STEPS_AT_ONCE) break;
        count++;
      }
    }
    const left = await this.group(waiting.slice(0, count), outcomes, exploring);
    return [...left, ...waiting.slice(count)];
  }

  /** Runs a group in one go; returns those that have still to run because the target failed before them. */
  private async group(group: Compiled[], outcomes: Outcome[], exploring: boolean): Promise<Compiled[]> {
    const stepwise = this.careful > 0;
    const all =
      group.length === 1 ? (group[0]?.steps ?? []) : ([] as Step[]).concat(...group.map(({ steps }) => steps));
    const execution = await this.execute(all, stepwise);
    const { fault } = execution;
    if (fault) this.noteFault(fault, all);
    else if (all.length > 0) this.fruitless = 0;
    // Where in the batch it happened is certain only where each answer was waited for.
    const isCertain = !this.target.adapter.batch || stepwise;
    const again = fault !== undefined && exploring && !isCertain;
    const results: Outcome[] = [];
    let from = 0;
    for (const { program, steps } of group) {
      const to = from + steps.length;
      const failed = fault !== undefined && fault.step < to;
      const own: Execution =
        group.length === 1
          ? execution
          : {
              observations: execution.observations.slice(from, to),
              ...(failed && fault ? { fault: { error: fault.error, step: fault.step - from } } : {}),
            };
      const outcome = {
        program,
        steps,
        execution: own,
        judgement: judge(program, steps, own, this.profile),
        life: this.life,
      };
      if (failed) crashVerdict(outcome, this.profile);
      results.push(outcome);
      if (failed) break;
      from = to;
    }
    if (fault) await this.recover(fault.error);
    const blamed = results.at(-1)?.execution.fault;
    if (blamed && this.lost) blamed.error = this.lost;
    const believed = again && !this.lost ? this.tryAgain(group.length, results) : results.length;
    for (const outcome of results.slice(0, believed)) this.accept(outcome, outcomes, isCertain);
    if (stepwise && --this.careful === 0) this.endCare(outcomes);
    return group.slice(believed);
  }

  private accept(outcome: Outcome, outcomes: Outcome[], isCertain: boolean): void {
    const { execution, steps } = outcome;
    this.programs++;
    this.recording?.ran(outcome);
    outcomes.push(outcome);
    const failed = execution.fault?.step;
    this.losses.note(steps, failed ?? steps.length, isCertain ? failed : undefined);
    if (failed !== undefined) this.suspect = undefined;
  }

  /** Where a batch failed: how many of the programs before it stand; the others are run again with more care. */
  private tryAgain(size: number, results: Outcome[]): number {
    const blamed = results.at(-1) as Outcome;
    const believed = this.doubts(blamed) ? 0 : results.length - 1;
    this.careful = size - believed;
    this.suspect = { ...blamed, judgement: { exercised: new Map(), violations: [] } };
    return believed;
  }

  /** A failure that did not show again is told all the same. */
  private endCare(outcomes: Outcome[]): void {
    this.careful = 0;
    if (this.suspect) outcomes.push(this.suspect);
    this.suspect = undefined;
  }

  private leftOut({ program, steps }: Compiled, avoided: string): Outcome {
    const judgement: Judgement = { exercised: new Map(), violations: [] };
    return { program, steps, execution: { observations: [] }, judgement, life: this.life, avoided };
  }

  /** Runs the steps, and makes sure that the answers are in step with the requests at their end. */
  private async execute(steps: readonly Step[], stepwise: boolean): Promise<Execution> {
    const { length } = steps;
    const execution = stepwise
      ? await this.stepByStep([...steps.map((step) => [step]), this.inStep])
      : await this.executor.run(this.inStep.length > 0 ? [...steps, ...this.inStep] : steps);
    const { fault, observations } = execution;
    // What shows only behind the last step is that step's.
    const last = Math.max(0, length - 1);
    if (fault && fault.step > last) fault.step = last;
    observations.length = Math.min(observations.length, fault ? fault.step : length);
    return execution;
  }

  private async stepByStep(parts: readonly (readonly Step[])[]): Promise<Execution> {
    const observations: Execution['observations'] = [];
    for (const [step, part] of parts.entries()) {
      const { observations: own, fault } = await this.executor.run(part);
      if (fault) return { observations, fault: { error: fault.error, step } };
      observations.push(...own);
    }
    return { observations };
  }

  private noteFault({ error, step }: NonNullable<Execution['fault']>, steps: readonly Step[]): void {
    if (error.reason === 'hung') this.hangs++;
    // Without a stream that can begin anew, a wrong answer is that one answer.
    const isStream = this.target.adapter.batch !== undefined && this.target.restart !== undefined;
    if (error.reason === 'answer' && isStream) this.outOfStep.add(this.life);
    const first = steps.findIndex((candidate) => !NO_ACCESS.has(candidate.kind));
    this.fruitless = step <= first && error.reason !== 'threw' ? this.fruitless + 1 : 0;
  }

  private async recover(fault: TargetFault): Promise<void> {
    if (!this.target.restart) {
      // What threw may go on all the same; what is gone will not.
      if (fault.reason === 'died' || fault.reason === 'hung') this.lost = fault;
      return;
    }
    if (this.fruitless >= FRUITLESS_STARTS) {
      this.lost = givenUp(fault);
      return;
    }
    this.life++;
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

function givenUp(fault: TargetFault): TargetFault {
  const message = `given up: ${FRUITLESS_STARTS} starts in a row did not bring one right answer; ${fault.message}`;
  const hint = 'see with conformance doctor, or by hand, whether it answers the first request of a new start at all';
  return new TargetFault(fault.reason, message, { hint, cause: fault });
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
    operation: at,
    secondary: judgement.violations.length > 0,
  });
  judgement.exercised.set(clause, (judgement.exercised.get(clause) ?? 0) + 1);
}
