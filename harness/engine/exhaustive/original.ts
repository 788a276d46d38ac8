/** A walk as it ran in its batch, as the program that it is: for who judges it, and for who compares two runs. */
import { type CompileContext, compile, type Step } from '../../compile.ts';
import type { Execution } from '../../execute.ts';
import type { Program } from '../../program.ts';
import type { Locate } from '../determinism/recording.ts';
import { type Lowering, NO_ACCESS, type Placed } from './lower.ts';

export interface Original {
  program: Program;
  steps: Step[];
  /** What was observed in the batch; undefined where the accesses of the program are others than those of the walk. */
  execution: Execution | undefined;
  /** The step of the program that a step of the batch is; undefined where that cannot be told. */
  stepOf(step: number): number | undefined;
}

/**
 * @param last input of the walk up to which it is wanted
 * @param batch what the whole batch showed
 */
export function original(
  { walk, from }: Placed,
  last: number,
  batch: Execution,
  batchSteps: readonly Step[],
  lowering: Lowering,
  context: CompileContext,
): Original {
  const program = lowering.program(walk, last);
  const steps = compile(program, context);
  const accesses = steps.flatMap((step, index) => (NO_ACCESS.has(step.kind) ? [] : [index]));
  const isSame = accesses.every((index, at) => alike(steps[index] as Step, batchSteps[from + at] as Step));
  if (!isSame) return { program, steps, execution: undefined, stepOf: () => undefined };
  const end = batch.fault ? batch.fault.step : batch.observations.length;
  const answered = accesses.findIndex((_, at) => from + at >= end);
  const failed = answered < 0 ? undefined : accesses[answered];
  const observations: Execution['observations'] = new Array(failed ?? steps.length).fill(undefined);
  accesses.slice(0, answered < 0 ? undefined : answered).forEach((index, at) => {
    observations[index] = batch.observations[from + at];
  });
  const fault = batch.fault && failed !== undefined ? { fault: { error: batch.fault.error, step: failed } } : {};
  return { program, steps, execution: { observations, ...fault }, stepOf: (step) => accesses[step - from] };
}

/** Finds the program that a step of a batch is of. */
export function locating(
  placed: readonly Placed[],
  batchSteps: readonly Step[],
  lowering: Lowering,
  context: CompileContext,
  check: string,
): Locate {
  return (step, batch) => {
    const one = placed.find(({ to }) => step < to) as Placed;
    const { stepOf, ...ran } = original(one, one.walk.inputs.length - 1, batch, batchSteps, lowering, context);
    const execution = ran.execution ?? { observations: [] };
    return { ...ran, execution, check, tier: 'exhaustive', at: stepOf(step) };
  };
}

function alike(one: Step, other: Step | undefined): boolean {
  if (one.kind !== other?.kind) return false;
  if ('offset' in one && 'offset' in other && one.offset !== other.offset) return false;
  if ('address' in one && 'address' in other && one.address !== other.address) return false;
  return !('value' in one && 'value' in other) || one.value === other.value;
}
