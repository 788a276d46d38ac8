/** The programs that a default run consists of, in its order, for measuring parts of what a run does with them. */
import fc from 'fast-check';
import { DEFAULT_RUNS, DEFAULT_SEED } from '../harness/cli/defaults.ts';
import { probe } from '../harness/engine/probe.ts';
import { hashText, numbers, shuffled } from '../harness/engine/random.ts';
import { Executor } from '../harness/execute.ts';
import { MessagePool } from '../harness/messages.ts';
import type { Profile } from '../harness/profile.ts';
import type { Program } from '../harness/program.ts';
import type { Target } from '../harness/target.ts';
import type { Layout } from '../spec/layout.ts';
import { type CheckContext, unmet } from '../suites/check.ts';
import { deviceChecks } from '../suites/device/index.ts';
import { programs } from '../suites/generated/arbitrary.ts';
import { PROFILES } from '../suites/generated/profiles.ts';

function contextOf({ adapter }: Target, profile: Profile, seed: number): CheckContext {
  const next = numbers(seed);
  return {
    profile,
    adapter,
    messages: () => new MessagePool(adapter.messages),
    shuffle: (items) => shuffled(items, next),
  };
}

export async function defaultPrograms(
  target: Target,
  layout: Layout,
): Promise<{ profile: Profile; programs: Program[] }> {
  const { profile } = await probe(target, layout, new Executor(target));
  const derived = deviceChecks(layout)
    .filter(({ needs }) => unmet(needs, profile).length === 0)
    .flatMap((check) => check.programs(contextOf(target, profile, DEFAULT_SEED ^ hashText(check.id))));
  const usable = PROFILES.filter(
    ({ needs }) => unmet(needs === 'msi' ? ['msi', 'events'] : ['events'], profile).length === 0,
  );
  const shares = usable.reduce((sum, { share }) => sum + share, 0);
  const generated = usable.flatMap(({ name, share }) => {
    const seed = (DEFAULT_SEED ^ hashText(`generated/${name}:0`)) | 0;
    const numRuns = Math.max(1, Math.round((DEFAULT_RUNS * share) / shares));
    return fc.sample(programs(contextOf(target, profile, seed), name), { seed, numRuns });
  });
  const isolated = [...derived, ...generated].map((program): Program => {
    if (!target.cheapPowerCycle || program.operations[0]?.op === 'power-cycle') return program;
    return { ...program, operations: [{ op: 'power-cycle' }, ...program.operations] };
  });
  return { profile, programs: isolated };
}
