/** One fault, one seed, three ways of looking for it, each with the same number of operations on the target. */
import { faults } from '../../reference-device/index.ts';
import { layoutNamed } from '../trial.ts';
import { findByCommands, type Search } from './by-commands.ts';
import { findBySuite } from './by-suite.ts';
import { findByUniform } from './by-uniform.ts';

export interface Comparison {
  layout: string;
  fault: string;
  seed: number;
  budget: number;
}

export const WAYS = ['suite', 'commands', 'uniform'] as const;
export type Way = (typeof WAYS)[number];

/** Operations until something was wrong; null where nothing was within the budget. */
export type Compared = Pick<Comparison, 'layout' | 'fault' | 'seed'> & Record<Way, number | null>;

/** Whether the plain model accuses a device without a fault; the same for all faults of a variant. */
const misjudged = new Map<string, Promise<boolean>>();

export async function compareOn({ layout: name, fault: id, seed, budget }: Comparison): Promise<Compared> {
  const layout = layoutNamed(name);
  const variant = faults.find((fault) => fault.id === id)?.variant;
  const innocent = variant === undefined ? 'reference' : `reference:variant=${variant}`;
  const search: Search = { layout, specification: `reference:fault=${id}`, seed, budget };
  const key = `${name} ${innocent} ${seed}`;
  const accuses =
    misjudged.get(key) ?? findByCommands({ ...search, specification: innocent }).then((at) => at !== null);
  misjudged.set(key, accuses);
  return {
    ...{ layout: name, fault: id, seed },
    suite: await findBySuite(search),
    // What the plain model says of every device of this kind says nothing about the fault.
    commands: (await accuses) ? null : await findByCommands(search),
    uniform: await findByUniform(search, innocent),
  };
}
