/** What executing and judging add to the accesses themselves: the same compiled steps, checked and bare, in turns. */
import { type CompileContext, compile, type Step } from '../harness/compile.ts';
import { Executor } from '../harness/execute.ts';
import { judge } from '../harness/oracle/oracle.ts';
import type { Program } from '../harness/program.ts';
import type { Adapter } from '../harness/target.ts';
import { openTarget } from '../harness/targets/open.ts';
import type { Layout } from '../spec/layout.ts';
import { type Comparison, compare, time } from './measure.ts';
import { defaultPrograms } from './programs.ts';

/** Does what the step asks for and looks at nothing but a poll's end. */
function bare(adapter: Adapter, step: Step): void {
  switch (step.kind) {
    case 'read':
      adapter.read(step.offset, step.width);
      break;
    case 'write':
      adapter.write(step.offset, step.width, step.value);
      break;
    case 'poll':
      while (Number(adapter.read(step.offset, 32)) !== 0);
      break;
    case 'memory-read':
      adapter.memory?.read(step.address, step.length);
      break;
    case 'memory-write':
      adapter.memory?.write(step.address, step.bytes);
      break;
    case 'raise':
      adapter.raise?.(step.event);
      break;
    case 'interrupts':
      adapter.interrupts?.();
      break;
    case 'settle':
      adapter.settle?.();
      break;
    case 'power-cycle':
      adapter.powerCycle?.();
  }
}

export interface Checking {
  /** Executor and oracle on compiled steps, against the bare steps. */
  checked: Comparison;
  /** The same with the compilation of each program. */
  compiled: Comparison;
  programs: number;
  steps: number;
}

export async function benchChecking(layout: Layout, rounds: number): Promise<Checking> {
  const target = await openTarget('reference', { layout });
  const { adapter } = target;
  const { profile, programs } = await defaultPrograms(target, layout);
  const memory = adapter.memory && { base: adapter.memory.base, size: adapter.memory.size };
  const context: CompileContext = { profile, memory };
  const compiled = programs.map((program) => ({ program, steps: compile(program, context) }));
  const executor = new Executor(target);

  const check = async (program: Program, steps: Step[]) =>
    judge(program, steps, await executor.run(steps), profile).violations.length;
  const checked = () =>
    time(async () => {
      for (const { program, steps } of compiled) await check(program, steps);
    });
  const withCompilation = () =>
    time(async () => {
      for (const program of programs) await check(program, compile(program, context));
    });
  const floor = () =>
    time(() => {
      for (const { steps } of compiled) for (const step of steps) bare(adapter, step);
    });

  // Once each, unmeasured: all of them compiled by the engine before the first is timed.
  for (const work of [floor, checked, withCompilation]) await work();
  return {
    checked: await compare(rounds, checked, floor),
    compiled: await compare(rounds, withCompilation, floor),
    programs: programs.length,
    steps: compiled.reduce((sum, { steps }) => sum + steps.length, 0),
  };
}
