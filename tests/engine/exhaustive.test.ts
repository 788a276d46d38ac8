import { describe, expect, it } from 'vitest';
import { Lowering } from '../../harness/engine/exhaustive/lower.ts';
import { run } from '../../harness/engine/run.ts';
import { Runner } from '../../harness/engine/runner.ts';
import { Executor } from '../../harness/execute.ts';
import { MessagePool } from '../../harness/messages.ts';
import { program } from '../../harness/program.ts';
import type { Adapter, Target } from '../../harness/target.ts';
import { createReference, type ReferenceAdapter } from '../../reference-device/index.ts';
import type { Report } from '../../reports/report.ts';
import { loadLayout } from '../../spec/load.ts';
import { characterisingSet } from '../../suites/exhaustive/identify.ts';
import { Machine } from '../../suites/exhaustive/machine.ts';
import { Pairs } from '../../suites/exhaustive/pairs.ts';
import { scopesOf } from '../../suites/exhaustive/scope.ts';
import { Spelling } from '../../suites/exhaustive/spell.ts';
import { Transitions } from '../../suites/exhaustive/transitions.ts';
import { Avoided } from '../../suites/exhaustive/walk.ts';
import { opened } from '../exhaustive/support.ts';

const native = loadLayout('native');
const QUIET = { layout: native, seed: 1, runs: 0, strict: false, bail: false };

function targetOf(adapter: Adapter): Target {
  return { specification: 'reference', adapter, local: true, cheapPowerCycle: true, close: async () => {} };
}

/** The reference device with something between it and the suite. */
function wrapped(change: (device: ReferenceAdapter) => Partial<Adapter>): Target {
  const device = createReference({ layout: native });
  return targetOf({ ...device, ...change(device) });
}

function complete({ run: { exhaustive = [] } }: Report): boolean {
  return (
    exhaustive.length > 0 &&
    exhaustive.every(({ states, transitions, sequences }) =>
      [states, transitions, sequences ?? { covered: 0, total: 0 }].every(({ covered, total }) => covered === total),
    )
  );
}

describe('the exhaustive tier', () => {
  it.each([
    'maps-one',
    'maps-none',
    'unmap-clears',
    'vectors-1',
    'entropy',
    'hooked',
    'deferred',
    'release-descending',
  ])('goes through all of variant %s and accuses it of nothing more than it should', async (variant) => {
    const report = await run({ ...QUIET, target: targetOf(createReference({ layout: native, variant })) });
    expect(complete(report), JSON.stringify(report.run.exhaustive)).toBe(true);
    expect(report.run.exhaustive?.map(({ extraStates }) => extraStates)).toContain(1);
    expect(report.counts.fail).toBe(0);
  });

  it.each(['native', 'msix'])('and the oracle agree about every kind of walk, layout %s', async (name) => {
    const { target, profile } = await opened(name);
    const runner = new Runner(target, profile, new Executor(target));
    for (const scope of scopesOf(profile)) {
      const machine = new Machine(scope);
      const lowering = new Lowering(
        scope.inputs,
        new Spelling(profile, scope, new MessagePool(undefined)),
        runner.context,
        [],
      );
      const planners = [
        new Transitions(machine, characterisingSet(machine), new Avoided()),
        new Pairs(machine, new Avoided()),
      ];
      for (const planner of planners) {
        for (let count = 0; count < 12; count++) {
          const walk = planner.next();
          if (!walk) break;
          const operations = lowering.operations(walk, walk.inputs.length - 1, (at) =>
            lowering.observe(walk.looks[at] === true),
          );
          const { judgement } = await runner.one(runner.isolate(program(operations, { watch: false })));
          expect(judgement.violations).toEqual([]);
        }
      }
    }
  });

  /** Sends a message once too often, where a mask write that swaps two vectors follows a mapping, with nothing in between. */
  function swapAfterMapping(): Target {
    const offset = (name: string) => native.register(name).offset;
    return wrapped((device) => {
      const masks = Number(device.read(offset('MsiMaskOffset'), 32));
      let last: number | undefined;
      let before = 0;
      let twice = false;
      return {
        write(at, width, value) {
          if (at === offset('QueueSel')) return device.write(at, width, value);
          const isSwap = at === masks && (before & 0b11) === 0b10 && (Number(value) & 0b11) === 0b01;
          twice = last === offset('MsiConfigVector') && isSwap;
          if (at === masks) before = Number(value);
          last = at;
          device.write(at, width, value);
        },
        raise(event) {
          twice = false;
          device.raise(event);
        },
        interrupts() {
          const [first, ...others] = device.interrupts();
          return first && twice ? [first, first, ...others] : first ? [first, ...others] : [];
        },
      };
    });
  }

  it('finds what only two certain transitions in a row bring about, in one state', async () => {
    const without = await run({ ...QUIET, target: swapAfterMapping(), exhaustive: 'off' });
    expect(without.headline).toBe('conformant');
    expect(without.run.exhaustive).toBeUndefined();
    const report = await run({ ...QUIET, target: swapAfterMapping() });
    expect(report.headline).toBe('not conformant');
    const [found] = report.clauses.filter(({ verdict }) => verdict === 'fail');
    expect([found?.id, found?.counterexample?.tier, found?.counterexample?.check]).toEqual([
      'PBA-FIRE',
      'exhaustive',
      'exhaustive/2v1q',
    ]);
    expect(found?.counterexample?.operations).toBeLessThanOrEqual(5);
    const [scope] = report.run.exhaustive ?? [];
    expect(scope?.violations).toBeGreaterThan(0);
    expect(scope?.sequences?.covered).toBeLessThan(scope?.sequences?.total ?? 0);
  });

  it('is left out of a run that is narrowed to what it cannot show', async () => {
    const target = () => targetOf(createReference({ layout: native }));
    const narrow = await run({ ...QUIET, target: target(), only: ['SHM-ABSENT'] });
    expect(narrow.run.exhaustive).toBeUndefined();
    expect(complete(await run({ ...QUIET, target: target(), only: ['MAP-BACK'] }))).toBe(true);
  });

  it('goes on where the target throws, and counts nothing of what that kept from being seen', async () => {
    const throwing = wrapped((device) => {
      let events = 0;
      return {
        raise(event) {
          if (++events === 400) throw new Error('the back end is away');
          device.raise(event);
        },
      };
    });
    const report = await run({ ...QUIET, target: throwing });
    expect(report.findings.map(({ message }) => message)).toEqual(['Error: the back end is away']);
    expect(report.headline).toBe('inconclusive');
    expect(report.run.exhaustive?.length).toBe(2);
  });

  it('ends where the run is interrupted, and says how far it came', async () => {
    const abort = new AbortController();
    const report = await run({
      ...QUIET,
      target: targetOf(createReference({ layout: native })),
      signal: abort.signal,
      onProgress: ({ tier, done, total }) => {
        expect(done).toBeLessThanOrEqual(total);
        if (tier === 'exhaustive') abort.abort('enough');
      },
    });
    expect(report.run.interrupted).toBe('enough');
    const [scope] = report.run.exhaustive ?? [];
    expect(scope?.stopped).toBe('the run ended');
    expect(scope?.transitions.covered).toBeLessThan(scope?.transitions.total ?? 0);
  });
});
