/** Looks for a fault by uniform random programs, judged by the suite's own oracle, until the budget is spent. */
import { probe } from '../../harness/engine/probe.ts';
import { numbers } from '../../harness/engine/random.ts';
import { type Outcome, Runner } from '../../harness/engine/runner.ts';
import { Executor, operationsBefore } from '../../harness/execute.ts';
import { MessagePool } from '../../harness/messages.ts';
import type { Program } from '../../harness/program.ts';
import { openTarget } from '../../harness/targets/open.ts';
import type { Layout } from '../../spec/layout.ts';
import type { Search } from './by-commands.ts';
import { UniformPrograms } from './uniform.ts';

/**
 * @param innocent specification of the same device without the fault: what it is accused of, nobody is
 * @returns operations until something was wrong; null where nothing was
 */
export async function findByUniform(search: Search, innocent: string): Promise<number | null> {
  const { layout, seed, budget } = search;
  const { runner, executor } = await runnerFor(search.specification, layout);
  const { adapter } = runner.target;
  const next = numbers(seed);
  const programs = new UniformPrograms(
    { profile: runner.profile, adapter, messages: () => new MessagePool(adapter.messages), shuffle: (all) => [...all] },
    next,
  );
  const judge = await runnerFor(innocent, layout);
  while (executor.operations < budget) {
    const before = executor.operations;
    const program = programs.program();
    const outcome = await runner.one(program);
    const shown = whereWrong(outcome);
    if (shown === undefined) continue;
    const operations = before + operationsBefore(shown + 1, outcome);
    if (operations <= budget && !(await isAccused(judge.runner, program))) return operations;
  }
  return null;
}

async function runnerFor(specification: string, layout: Layout): Promise<{ runner: Runner; executor: Executor }> {
  const target = await openTarget(specification, { layout });
  const executor = new Executor(target);
  const { profile } = await probe(target, layout, executor);
  return { runner: new Runner(target, profile, executor), executor };
}

/** The first step at which the device violated a clause or failed. */
function whereWrong({ judgement, execution }: Outcome): number | undefined {
  const steps = judgement.violations.map(({ step }) => step);
  if (execution.fault) steps.push(execution.fault.step);
  return steps.length === 0 ? undefined : Math.min(...steps);
}

async function isAccused(runner: Runner, program: Program): Promise<boolean> {
  return whereWrong(await runner.one(program)) !== undefined;
}
