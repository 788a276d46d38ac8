/** A device whose messages take their time on the way to the collector, behind an adapter that has no power cycle. */
import { describe, expect, it } from 'vitest';
import { run } from '../../harness/engine/run.ts';
import type { Adapter, Interrupt, Target } from '../../harness/target.ts';
import { loadLayout } from '../../spec/load.ts';
import { accused, referenceTarget } from '../power/trial.ts';

const layout = loadLayout('native');

/** What is delivered can be collected only when `settle` has waited for it; a program may end before. */
function lateTarget(onLate: (count: number) => void): Target {
  const target = referenceTarget({ layout });
  const { powerCycle: _, ...inner } = target.adapter;
  let onTheWay: Interrupt[] = [];
  let arrived: Interrupt[] = [];
  const collect = () => inner.interrupts?.() as Interrupt[];
  const adapter: Adapter = {
    ...inner,
    // Forwarded by name: the methods of the device need it as their object.
    read: (offset, width) => target.adapter.read(offset, width),
    write: (offset, width, value) => {
      // A reset ends what the device does, and not what is on its way.
      onTheWay.push(...collect());
      if (offset === layout.register('Status').offset && Number(value) === 0) onLate(onTheWay.length);
      return target.adapter.write(offset, width, value);
    },
    settle() {
      arrived.push(...onTheWay, ...collect());
      onTheWay = [];
    },
    interrupts() {
      const taken = arrived;
      arrived = [];
      return taken;
    },
  };
  return { ...target, adapter, cheapPowerCycle: false };
}

describe('messages of an earlier program', () => {
  it('that arrive in the next one accuse nobody', async () => {
    let late = 0;
    const target = lateTarget((count) => {
      late += count;
    });
    const report = await run({ target, layout, seed: 1, runs: 200, strict: true, bail: false });
    expect(accused(report)).toEqual({ named: [], implied: [] });
    expect(report.headline).toBe('conformant');
    expect(late).toBeGreaterThan(0);
  });
});
