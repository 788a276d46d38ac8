/** Scopes and machines of the reference device. */
import { probe } from '../../harness/engine/probe.ts';
import { Executor } from '../../harness/execute.ts';
import type { Profile } from '../../harness/profile.ts';
import type { Target } from '../../harness/target.ts';
import { openTarget } from '../../harness/targets/open.ts';
import { loadLayout } from '../../spec/load.ts';
import { Machine } from '../../suites/exhaustive/machine.ts';
import { type Scope, scopesOf } from '../../suites/exhaustive/scope.ts';

export async function opened(
  layoutName: string,
  specification = 'reference',
): Promise<{ target: Target; profile: Profile }> {
  const layout = loadLayout(layoutName);
  const target = await openTarget(specification, { layout });
  const { profile } = await probe(target, layout, new Executor(target));
  return { target, profile };
}

export async function scopes(layoutName: string, specification?: string): Promise<Scope[]> {
  return scopesOf((await opened(layoutName, specification)).profile);
}

/** The smallest machine with everything in it: one vector, the queue and the configuration. */
export async function smallMachine(): Promise<Machine> {
  const [scope] = await scopes('native', 'reference:variant=vectors-1');
  return new Machine(scope as Scope);
}
