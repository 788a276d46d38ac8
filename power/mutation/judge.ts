/** Programs on the reference device, judged one by one, with as little around them as can be: a mutant costs milliseconds. */
import fc from 'fast-check';
import { probe } from '../../harness/engine/probe.ts';
import { hashText, numbers, shuffled } from '../../harness/engine/random.ts';
import { Runner } from '../../harness/engine/runner.ts';
import { Executor } from '../../harness/execute.ts';
import type { Judgement } from '../../harness/oracle/oracle.ts';
import type { Profile } from '../../harness/profile.ts';
import type { Program } from '../../harness/program.ts';
import type { Adapter, Target } from '../../harness/target.ts';
import { createReference, type ReferenceOptions } from '../../reference-device/index.ts';
import { type CheckContext, MessagePool, unmet } from '../../suites/check.ts';
import { deviceChecks } from '../../suites/device/index.ts';
import { programs } from '../../suites/generated/arbitrary.ts';
import { PROFILES } from '../../suites/generated/profiles.ts';

export function targetOf(adapter: Adapter): Target {
  return { specification: 'reference', adapter, local: true, cheapPowerCycle: true, close: async () => {} };
}

export function referenceTarget(options: ReferenceOptions): Target {
  return targetOf(createReference(options));
}

export class Judge {
  readonly runner: Runner;
  readonly profile: Profile;

  private constructor(runner: Runner) {
    this.runner = runner;
    this.profile = runner.profile;
  }

  static async of(options: ReferenceOptions): Promise<Judge> {
    return Judge.on(referenceTarget(options), options.layout);
  }

  static async on(target: Target, layout: ReferenceOptions['layout']): Promise<Judge> {
    const executor = new Executor(target);
    const { profile } = await probe(target, layout, executor);
    return new Judge(new Runner(target, profile, executor));
  }

  /** What the oracle says of a program on a device that was just switched on. @throws what the device throws, where no clause is about that */
  async judgement(program: Program): Promise<Judgement> {
    const { execution, judgement } = await this.runner.one(this.runner.isolate(program));
    if (execution.fault && judgement.violations.length === 0) throw execution.fault.error;
    return judgement;
  }

  /** The clauses that each of these programs violates, as far as it violates any. */
  async accusations(all: readonly Program[]): Promise<string[]> {
    const found = new Set<string>();
    for (const program of all) for (const { clause } of (await this.judgement(program)).violations) found.add(clause);
    return [...found];
  }

  /** The programs of the derived checks whose id `wanted` takes, as a run with this seed has them. */
  derived(wanted: (id: string) => boolean = () => true, seed = 1): Program[] {
    return deviceChecks(this.profile.layout)
      .filter(({ id, needs }) => wanted(id) && unmet(needs, this.profile).length === 0)
      .flatMap((check) => check.programs(this.context(seed ^ hashText(check.id))));
  }

  /** So many programs of each kind of the generated tier. */
  generated(each: number, seed = 1): Program[] {
    return PROFILES.filter(
      ({ needs }) => unmet(needs === 'msi' ? ['msi', 'events'] : ['events'], this.profile).length === 0,
    ).flatMap(({ name }) => fc.sample(programs(this.context(seed), name), { seed, numRuns: each }));
  }

  private context(seed: number): CheckContext {
    const next = numbers(seed);
    const { adapter } = this.runner.target;
    return {
      profile: this.profile,
      adapter,
      messages: () => new MessagePool(adapter.messages),
      shuffle: (items) => shuffled(items, next),
    };
  }
}
