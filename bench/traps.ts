/** What the layouts are about: of the accesses that a driver makes for one piece of work, how many leave the guest. */
import { type CompileContext, compile } from '../harness/compile.ts';
import { probe } from '../harness/engine/probe.ts';
import { Executor } from '../harness/execute.ts';
import { mechanismOf } from '../harness/mechanisms/index.ts';
import { MessagePool } from '../harness/messages.ts';
import type { Spot } from '../harness/places.ts';
import { type Operation, program, type VectorSetup } from '../harness/program.ts';
import { openTarget } from '../harness/targets/open.ts';
import type { Layout } from '../spec/layout.ts';
import { VectorOperations } from '../suites/device/operations.ts';

export interface Traps {
  work: string;
  trapped: number;
  all: number;
}

/** Registers trap, and so do tables whose pages the layout does not let a VMM map. */
function traps(spot: Spot, layout: Layout): boolean {
  return spot.kind !== 'entry' && spot.kind !== 'bits' ? true : layout.table(spot.table).page === 'trap';
}

export async function countTraps(layout: Layout): Promise<Traps[]> {
  const target = await openTarget('reference:variant=vectors-64', { layout });
  const { profile } = await probe(target, layout, new Executor(target));
  const context: CompileContext = { profile, memory: undefined };
  const pool = new MessagePool(target.adapter.messages);
  const vectors = Array.from({ length: 8 }, (_, vector): VectorSetup => {
    return { vector, message: pool.take(), sources: [], unmask: true };
  });
  const spelled = new VectorOperations(profile, vectors);
  const setUp = (chosen: VectorSetup[]): Operation => ({ op: 'initialise', msi: true, queues: [], vectors: chosen });
  const count = (operations: Operation[]) => {
    const steps = compile(program(operations, { watch: false }), context);
    const accesses = steps.flatMap((step) => (step.kind === 'read' || step.kind === 'write' ? [step] : []));
    return { all: accesses.length, trapped: accesses.filter(({ spot }) => traps(spot, layout)).length };
  };
  const all = Array.from({ length: profile.msi?.vectors ?? 0 }, (_, vector) => vector);
  const reads = (mechanismOf(profile)?.pendingPlaces(all) ?? []).map((place): Operation => ({ op: 'read', place }));
  const [bare, full] = [count([setUp([])]), count([setUp(vectors)])];
  return [
    { work: 'program and unmask 8 vectors', trapped: full.trapped - bare.trapped, all: full.all - bare.all },
    { work: 'mask and unmask one vector', ...count([spelled.mask(3), spelled.unmask(3)]) },
    {
      work: 'give one vector another target',
      ...count([spelled.mask(3), ...spelled.entry(3, pool.take()), spelled.unmask(3)]),
    },
    { work: `look at the pending bits of ${all.length} vectors`, ...count(reads) },
  ];
}
