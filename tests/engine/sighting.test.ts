import { expect, it } from 'vitest';
import type { Sighted } from '../../harness/engine/api.ts';
import { run } from '../../harness/engine/run.ts';
import type { Adapter } from '../../harness/target.ts';
import { loadLayout } from '../../spec/load.ts';
import { referenceTarget } from '../power/trial.ts';

const layout = loadLayout('native');
const LATE = 5000;

/** Counts what it is sent; from `LATE` operations on, Version reads wrong. */
function countingAdapter(adapter: Adapter) {
  const seen = { operations: 0, firstWrong: 0 };
  const version = layout.register('Version').offset;
  const counted = <A extends unknown[], R>(method: ((...args: A) => R) | undefined) => {
    return (...args: A): R => {
      seen.operations++;
      return (method as (...args: A) => R)(...args);
    };
  };
  const { memory } = adapter;
  const counting: Adapter = {
    ...adapter,
    read: counted((offset, width) => {
      if (offset !== version || width !== 32 || seen.operations < LATE) return adapter.read(offset, width);
      seen.firstWrong ||= seen.operations;
      return 1;
    }),
    write: counted(adapter.write),
    raise: counted(adapter.raise),
    interrupts: counted(adapter.interrupts),
    settle: counted(adapter.settle),
    powerCycle: counted(adapter.powerCycle),
    ...(memory && {
      memory: {
        base: memory.base,
        size: memory.size,
        read: counted((address: number, length: number) => memory.read(address, length)),
        write: counted((address: number, bytes: Uint8Array) => memory.write(address, bytes)),
      },
    }),
  };
  return { seen, counting };
}

it('a sighting tells after how many operations on the target it was', async () => {
  const target = referenceTarget({ layout });
  const { seen, counting } = countingAdapter(target.adapter);
  const sightings: Sighted[] = [];
  await run({
    ...{
      target: { ...target, adapter: counting },
      layout,
      seed: 1,
      runs: 0,
      exhaustive: 'off',
      strict: false,
      bail: true,
    },
    onSighting: (sighted) => sightings.push(sighted),
  });
  expect(seen.firstWrong).toBeGreaterThan(0);
  expect(sightings[0]).toMatchObject({ clause: 'ID-VERSION', tier: 'derived', operations: seen.firstWrong });
});
