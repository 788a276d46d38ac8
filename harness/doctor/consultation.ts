/** What the checks have in hand: the target, its registers by name, and what is found out about it on the way. */
import type { Layout } from '../../spec/layout.ts';
import { compile, type Step } from '../compile.ts';
import { probe } from '../engine/probe.ts';
import { Executor, type Observation } from '../execute.ts';
import { eventQueues, type Profile } from '../profile.ts';
import { hex, type Operation, program, type Source } from '../program.ts';
import type { Adapter, Interrupt, Target } from '../target.ts';

/** A check found a problem. */
export class Found extends Error {
  override name = 'Found';
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** A check has nothing to look for. */
export class Skipped extends Error {
  override name = 'Skipped';
}

/** What a program showed, without the accesses that nobody asked about. */
export interface Shown {
  /** One for each `interrupts`. */
  interrupts: Interrupt[][];
  /** The last value that each register read, by name. */
  registers: Map<string, number>;
  /** One for each `memory-read`. */
  memory: Uint8Array[];
}

/** Times that a register is read which has to become 0. */
export const POLL_BOUND = 10_000;

export class Consultation {
  readonly target: Target;
  readonly layout: Layout;
  /** False once it is known that no device that could be set up is behind the adapter. */
  reached = true;
  private readonly executor: Executor;
  private found: Profile | undefined;

  constructor(target: Target, layout: Layout, timeout: number) {
    this.target = target;
    this.layout = layout;
    this.executor = new Executor(target, { timeout });
  }

  get adapter(): Adapter {
    return this.target.adapter;
  }

  /** A 32-bit read of a register, as it was answered: not even a number for certain. */
  async answer(register: string): Promise<unknown> {
    return this.adapter.read(this.layout.register(register).offset, 32);
  }

  /** A 32-bit read of a register. @throws Found where the answer is no integer */
  async read(register: string): Promise<number> {
    const answer = await this.answer(register);
    const value = asInteger(answer);
    if (value === undefined) throw new Found(`the adapter answered ${show(answer)} to ${this.what(register)}`);
    return Number(value);
  }

  async write(register: string, value: number): Promise<void> {
    await this.adapter.write(this.layout.register(register).offset, 32, value);
  }

  /** Writes 0 to Status and polls until it reads 0. @throws Found */
  async reset(): Promise<void> {
    await this.write('Status', 0);
    let value = await this.read('Status');
    for (let reads = 1; value !== 0; reads++) {
      if (reads === POLL_BOUND) {
        throw new Found(
          `after the adapter wrote 0 to Status it read ${hex(value)} from it, ${POLL_BOUND} times`,
          'does the write reach the device, and can the device go on while Status is polled?',
        );
      }
      value = await this.read('Status');
    }
  }

  /** `a 32-bit read of MagicValue (offset 0x00000000)` */
  what(register: string): string {
    return `a 32-bit read of ${register} (offset ${hex(this.layout.register(register).offset)})`;
  }

  /** What the device is. @throws Skipped where none was reached; TargetFault */
  async profile(): Promise<Profile> {
    if (!this.reached) throw new Skipped('no device was reached');
    this.found ??= (await probe(this.target, this.layout, this.executor)).profile;
    return this.found;
  }

  /** An event that the suite can provoke, queues first. @throws Skipped where there is none */
  async source(): Promise<Source> {
    const profile = await this.profile();
    const [queue] = eventQueues(profile);
    if (queue !== undefined) return queue;
    if (profile.capabilities.configEvents) return 'config';
    const { name } = profile.deviceType ?? {};
    throw new Skipped(
      name === undefined
        ? `no event can be provoked: the layout does not know what a device of type ${profile.deviceId} does with a buffer, and the adapter has no raise`
        : 'no event can be provoked: the adapter gives neither guest memory nor raise',
    );
  }

  /** Runs a program without observations of its own. @throws TargetFault, Skipped */
  async play(operations: Operation[]): Promise<Shown> {
    const profile = await this.profile();
    const steps = compile(program(operations, { watch: false }), { profile, memory: this.adapter.memory });
    const { observations, fault } = await this.executor.run(steps);
    if (fault) throw fault.error;
    return shown(steps, observations);
  }
}

function shown(steps: readonly Step[], observations: readonly Observation[]): Shown {
  const result: Shown = { interrupts: [], registers: new Map(), memory: [] };
  steps.forEach((step, index) => {
    const seen = observations[index];
    if (step.kind === 'interrupts' && Array.isArray(seen)) result.interrupts.push(seen);
    if (step.kind === 'memory-read' && seen instanceof Uint8Array) result.memory.push(seen);
    if (step.kind === 'read' && step.spot.kind === 'register') {
      result.registers.set(step.spot.register.name, Number(seen));
    }
  });
  return result;
}

/** The value where it is an unsigned integer, of whatever size. */
export function asInteger(value: unknown): number | bigint | undefined {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0 ? value : undefined;
  if (typeof value === 'bigint') return value >= 0n ? value : undefined;
  return undefined;
}

/** A value that need not be a number, in one line. */
export function show(value: unknown): string {
  const integer = asInteger(value);
  if (integer !== undefined) return hex(integer);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80));
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
