/** Looks for a fault by `fc.commands`, until the budget is spent. */
import fc from 'fast-check';
import { probe } from '../../harness/engine/probe.ts';
import { Executor } from '../../harness/execute.ts';
import { MessagePool } from '../../harness/messages.ts';
import { openTarget } from '../../harness/targets/open.ts';
import type { Layout } from '../../spec/layout.ts';
import { edgeVectors, eventSources } from '../../suites/check.ts';
import { commands } from './commands.ts';
import { BudgetSpent, Counter, counting } from './counting.ts';
import { Device } from './device.ts';
import { Model } from './model.ts';

/** Vectors that commands are about: all of a small device, and the edges of a large one. */
const MOST_VECTORS = 8;
/** More than any budget pays for. */
const RUNS_WITHOUT_END = 2 ** 30;

export interface Search {
  layout: Layout;
  /** `reference:fault=...` */
  specification: string;
  seed: number;
  /** Operations on the target. */
  budget: number;
}

/** @returns operations until something was wrong; null where nothing was, or where the device has no MSI to test */
export async function findByCommands({ layout, specification, seed, budget }: Search): Promise<number | null> {
  const target = await openTarget(specification, { layout });
  const executor = new Executor(target);
  const { profile } = await probe(target, layout, executor);
  if (!profile.msi) return null;
  const counter = new Counter(budget, executor.operations);
  const adapter = counting(target.adapter, counter);
  const device = new Device(adapter, profile);
  const vectors = edgeVectors(profile.msi.vectors, MOST_VECTORS);
  const bench = { device, vectors, sources: eventSources(profile) };
  if (bench.sources.length === 0) return null;
  const property = fc.property(commands(bench), (sequence) => {
    fc.modelRun(() => {
      const model = new Model(new MessagePool(adapter.messages));
      device.powerCycle();
      model.begin(vectors, bench.sources);
      device.setUp(model);
      return { model, real: bench };
    }, sequence);
  });
  const result = fc.check(property, { seed, numRuns: RUNS_WITHOUT_END, endOnFailure: true });
  return result.failed && !(result.errorInstance instanceof BudgetSpent) ? counter.spent : null;
}
