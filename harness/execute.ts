/** Runs compiled steps on a target and takes the observations; an answer that is none is a {@link TargetFault}. */
import type { Step } from './compile.ts';
import {
  type Adapter,
  type Interrupt,
  type Target,
  type TargetAnswer,
  TargetFault,
  type TargetOperation,
} from './target.ts';

/** How often a register that must become 0 (Status after a reset) is read before the suite gives up. */
export const POLL_BOUND = 10_000;
/** Resets that completed at once before the executor puts whole programs into one batch. */
const TRUST_AFTER = 3;

export type Observation =
  | number
  | bigint
  | Uint8Array
  | Interrupt[]
  /** Of a poll: the last value, and how many reads it took. */
  | { value: number; reads: number }
  | undefined;

/** What was observed, aligned with the steps; shorter where the target failed on the way. */
export interface Execution {
  observations: Observation[];
  /** Set where the target failed; `step` is the first without a good answer. */
  fault?: { error: TargetFault; step: number };
}

export class Executor {
  /** Operations sent to the target so far. */
  operations = 0;
  private readonly target: Target;
  /** Milliseconds without an answer after which an asynchronous target counts as hung. */
  private readonly timeout: number;
  private promptResets = 0;
  private slowResets = false;

  constructor(target: Target, options: { timeout?: number } = {}) {
    this.target = target;
    this.timeout = options.timeout ?? 5000;
  }

  async run(steps: readonly Step[]): Promise<Execution> {
    const observations: Observation[] = new Array(steps.length);
    try {
      if (this.target.adapter.batch) await this.runBatched(steps, observations);
      else await this.runSingly(steps, observations);
      return { observations };
    } catch (error) {
      const step = error instanceof StepFault ? error.step : 0;
      const cause = error instanceof StepFault ? error.cause : error;
      observations.length = step;
      return { observations, fault: { error: asFault(cause), step } };
    }
  }

  // --- one by one --------------------------------------------------------------------------------------------------

  private async runSingly(steps: readonly Step[], observations: Observation[]): Promise<void> {
    const { adapter } = this.target;
    for (let index = 0; index < steps.length; index++) {
      const step = steps[index] as Step;
      try {
        if (step.kind === 'poll') {
          observations[index] = await this.poll(step.offset);
          continue;
        }
        const answer = perform(adapter, step);
        if (answer === NO_ACCESS) continue;
        this.operations++;
        const value = answer instanceof Promise ? await this.inTime(answer) : answer;
        const wrong = checkAnswer(step, value);
        if (wrong) throw new TargetFault('answer', wrong);
        observations[index] = value as Observation;
      } catch (error) {
        throw new StepFault(index, error);
      }
    }
  }

  private async poll(offset: number): Promise<{ value: number; reads: number }> {
    for (let reads = 1; ; reads++) {
      const answer = this.target.adapter.read(offset, 32);
      this.operations++;
      const value = answer instanceof Promise ? await this.inTime(answer) : answer;
      const wrong = checkValue(value, 32);
      if (wrong) throw new TargetFault('answer', wrong);
      if (Number(value) === 0 || reads >= POLL_BOUND) return { value: Number(value), reads };
    }
  }

  private inTime<T>(answer: Promise<T>): Promise<T> {
    const { timeout } = this;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(hung(timeout)), timeout);
      answer.then(
        (value) => {
          clearTimeout(timer);
          resolve(value);
        },
        (error) => {
          clearTimeout(timer);
          reject(error);
        },
      );
    });
  }

  // --- in batches --------------------------------------------------------------------------------------------------

  private async runBatched(steps: readonly Step[], observations: Observation[]): Promise<void> {
    let from = 0;
    while (from < steps.length) {
      const to = this.slowResets || this.promptResets < TRUST_AFTER ? segmentEnd(steps, from) : steps.length;
      const late = await this.runSegment(steps, from, to, observations);
      if (late === undefined) {
        from = to;
        continue;
      }
      if (late === to - 1) {
        observations[late] = await this.pollOn(steps[late] as Step & { kind: 'poll' }, late);
        from = to;
        continue;
      }
      // A reset took its time though none had before: what followed it in this batch came too early. Begin again,
      // and wait for each reset from now on.
      this.slowResets = true;
      from = 0;
    }
  }

  /** Runs steps in one batch; returns the index of a poll that had not come to its end, if any. */
  private async runSegment(
    steps: readonly Step[],
    from: number,
    to: number,
    observations: Observation[],
  ): Promise<number | undefined> {
    const operations: TargetOperation[] = [];
    const origin: number[] = [];
    for (let index = from; index < to; index++) {
      const operation = operationOf(steps[index] as Step);
      if (!operation) continue;
      operations.push(operation);
      origin.push(index);
    }
    if (operations.length === 0) return undefined;
    const { adapter } = this.target;
    this.operations += operations.length;
    let answers: TargetAnswer[];
    let failure: unknown;
    try {
      const batch = adapter.batch as NonNullable<Adapter['batch']>;
      const answered = batch.call(adapter, operations);
      // A process or socket times each answer itself; an adapter in this process is timed here, as a whole.
      const timed = answered instanceof Promise && this.target.local;
      answers = timed ? await this.inTime(answered) : await answered;
    } catch (error) {
      failure = error;
      answers = error instanceof TargetFault ? error.answers : [];
    }
    if (failure === undefined && (!Array.isArray(answers) || answers.length !== operations.length)) {
      const count = Array.isArray(answers) ? String(answers.length) : 'no list of';
      failure = new TargetFault('answer', `batch returned ${count} answers to ${operations.length} operations`);
      answers = [];
    }
    for (let i = 0; i < answers.length; i++) {
      const index = origin[i] as number;
      const step = steps[index] as Step;
      const wrong = checkAnswer(step, answers[i]);
      if (wrong) throw new StepFault(index, new TargetFault('answer', wrong));
      if (step.kind !== 'poll') {
        observations[index] = answers[i] as Observation;
        continue;
      }
      const value = Number(answers[i]);
      observations[index] = { value, reads: 1 };
      if (value !== 0) return index;
      this.promptResets++;
    }
    if (failure !== undefined) throw new StepFault(origin[answers.length] ?? from, failure);
    return undefined;
  }

  private async pollOn(step: Step & { kind: 'poll' }, index: number): Promise<{ value: number; reads: number }> {
    this.slowResets = true;
    try {
      const { value, reads } = await this.poll(step.offset);
      return { value, reads: reads + 1 };
    } catch (error) {
      throw new StepFault(index, error);
    }
  }
}

class StepFault extends Error {
  readonly step: number;
  override readonly cause: unknown;
  constructor(step: number, cause: unknown) {
    super('step failed');
    this.step = step;
    this.cause = cause;
  }
}

const NO_ACCESS = Symbol('no access');

function perform(adapter: Adapter, step: Step): unknown {
  switch (step.kind) {
    case 'read':
      return adapter.read(step.offset, step.width);
    case 'write':
      return adapter.write(step.offset, step.width, step.value);
    case 'memory-read':
      return adapter.memory?.read(step.address, step.length);
    case 'memory-write':
      return adapter.memory?.write(step.address, step.bytes);
    case 'raise':
      return adapter.raise?.(step.event);
    case 'settle':
      return adapter.settle?.();
    case 'interrupts':
      return adapter.interrupts ? adapter.interrupts() : NO_ACCESS;
    case 'power-cycle':
      return adapter.powerCycle?.();
    default:
      return NO_ACCESS;
  }
}

function operationOf(step: Step): TargetOperation | undefined {
  switch (step.kind) {
    case 'read':
    case 'write':
    case 'memory-read':
    case 'memory-write':
    case 'raise':
    case 'settle':
    case 'interrupts':
    case 'power-cycle':
      return step;
    case 'poll':
      return { kind: 'read', offset: step.offset, width: 32 };
    default:
      return undefined;
  }
}

/** How many operations the target was sent for the steps before `end`. */
export function operationsBefore(end: number, ran: { steps: readonly Step[]; execution: Execution }): number {
  const { steps, execution } = ran;
  let operations = 0;
  for (let index = 0; index < Math.min(end, steps.length); index++) {
    const step = steps[index] as Step;
    if (step.kind === 'poll')
      operations += (execution.observations[index] as { reads: number } | undefined)?.reads ?? 0;
    else if (operationOf(step)) operations++;
  }
  return operations;
}

/** The end of the batch that begins at `from`: just behind the next poll. */
function segmentEnd(steps: readonly Step[], from: number): number {
  for (let index = from; index < steps.length; index++) if (steps[index]?.kind === 'poll') return index + 1;
  return steps.length;
}

function checkAnswer(step: Step, answer: unknown): string | undefined {
  switch (step.kind) {
    case 'read':
      return checkValue(answer, step.width);
    case 'poll':
      return checkValue(answer, 32);
    case 'memory-read':
      if (!(answer instanceof Uint8Array)) return `memory.read returned ${show(answer)}, not bytes`;
      return answer.length === step.length
        ? undefined
        : `memory.read returned ${answer.length} bytes where ${step.length} were asked for`;
    case 'interrupts':
      return checkInterrupts(answer);
    default:
      return undefined;
  }
}

function checkValue(value: unknown, width: number): string | undefined {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** width) return undefined;
  if (typeof value === 'bigint' && value >= 0n && value < 1n << BigInt(width)) return undefined;
  const negative = typeof value === 'number' && Number.isInteger(value) && value < 0;
  return `read of ${width} bits returned ${show(value)}, not an unsigned ${width}-bit integer${negative ? ' (use >>> 0)' : ''}`;
}

function checkInterrupts(answer: unknown): string | undefined {
  if (!Array.isArray(answer)) return `interrupts returned ${show(answer)}, not a list`;
  for (const interrupt of answer as Partial<Interrupt & { address: unknown; data: unknown; level: unknown }>[]) {
    const { kind } = interrupt ?? {};
    if (kind === 'line' && (interrupt.level === 0 || interrupt.level === 1)) continue;
    const { address, data } = interrupt ?? {};
    const goodAddress = (Number.isInteger(address) || typeof address === 'bigint') && (address as number) >= 0;
    if (kind === 'message' && goodAddress && Number.isInteger(data) && (data as number) >= 0) continue;
    return `interrupts returned ${show(interrupt)}; expected { kind: 'message', address, data } or { kind: 'line', level: 0 | 1 }`;
  }
  return undefined;
}

function show(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number' || value === undefined) return String(value);
  try {
    return (
      JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? `${inner}n` : inner)) ?? typeof value
    ).slice(0, 100);
  } catch {
    return typeof value;
  }
}

function hung(timeout: number): TargetFault {
  return new TargetFault('hung', `the target gave no answer within ${timeout} ms`, {
    hint: 'if it is only slow, raise the bound with --timeout',
  });
}

function asFault(error: unknown): TargetFault {
  if (error instanceof TargetFault) return error;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new TargetFault('threw', message, { cause: error });
}
