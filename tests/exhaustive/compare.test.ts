/** A walk that was tampered with: the comparison names the input after which the device was wrong, and no other. */
import { describe, expect, it } from 'vitest';
import { Comparison } from '../../harness/engine/exhaustive/compare.ts';
import { Lowering, type Placed } from '../../harness/engine/exhaustive/lower.ts';
import { Runner } from '../../harness/engine/runner.ts';
import { Executor, type Observation } from '../../harness/execute.ts';
import { MessagePool } from '../../harness/messages.ts';
import type { Interrupt } from '../../harness/target.ts';
import { characterisingSet } from '../../suites/exhaustive/identify.ts';
import { Machine } from '../../suites/exhaustive/machine.ts';
import { Pairs } from '../../suites/exhaustive/pairs.ts';
import { type Scope, scopesOf } from '../../suites/exhaustive/scope.ts';
import { Spelling } from '../../suites/exhaustive/spell.ts';
import { Transitions } from '../../suites/exhaustive/transitions.ts';
import { Avoided, type Walk } from '../../suites/exhaustive/walk.ts';
import { opened } from './support.ts';

type Message = Interrupt & { kind: 'message' };

/** A scope of the reference device with its walks, as the tier has it. */
class Bench {
  readonly machine: Machine;
  readonly lowering: Lowering;
  private readonly comparison: Comparison;
  private readonly executor: Executor;
  placed!: Placed;
  observations: Observation[] = [];

  private constructor(scope: Scope, runner: Runner, seesLine: boolean) {
    const spelling = new Spelling(runner.profile, scope, new MessagePool(undefined));
    this.machine = new Machine(scope);
    this.lowering = new Lowering(scope.inputs, spelling, runner.context, [{ op: 'power-cycle' }]);
    this.comparison = new Comparison(this.machine, spelling, this.lowering, seesLine);
    this.executor = runner.executor;
  }

  static async of(layout: string, id: string, seesLine = true): Promise<Bench> {
    const { target, profile } = await opened(layout);
    const scope = scopesOf(profile).find((one) => one.id === id);
    if (!scope) throw new Error(`no scope ${id}: ${scopesOf(profile).map((one) => one.id)}`);
    return new Bench(scope, new Runner(target, profile, new Executor(target)), seesLine);
  }

  /** Inputs by name, with a look after each unless `looks` says otherwise. */
  async walk(names: readonly string[], looks = (_: number) => true): Promise<this> {
    const inputs = names.map((name) => {
      const input = this.machine.inputs.findIndex((one) => one.name === name);
      if (input < 0) throw new Error(`no input ${name}: ${this.machine.inputs.map((one) => one.name).join('; ')}`);
      return input;
    });
    return this.take({ inputs, looks: inputs.map((_, at) => looks(at)), marks: [] });
  }

  async take(walk: Walk): Promise<this> {
    const steps: Parameters<Executor['run']>[0][number][] = [];
    this.placed = this.lowering.append(walk, steps);
    this.observations = (await this.executor.run(steps)).observations;
    return this;
  }

  deviation(end = this.observations.length): number {
    return this.comparison.deviation(this.placed, this.observations, end);
  }

  /** What was delivered after an input. */
  delivered(at: number): Interrupt[] {
    return this.observations[this.placed.collects[at] as number] as Interrupt[];
  }

  /** The deviation of the same walk with other interrupts after one input. */
  withInterrupts(at: number, change: (interrupts: Interrupt[]) => Interrupt[]): number {
    return this.withObservation(this.placed.collects[at] as number, (seen) => change(seen as Interrupt[]));
  }

  withObservation(step: number, change: (seen: Observation) => Observation): number {
    const before = this.observations;
    this.observations = before.with(step, change(before[step]));
    const deviation = this.deviation();
    this.observations = before;
    return deviation;
  }
}

const LIFE = ['map 0 to 0', 'masks 0:0 1:1', 'event 0'];
const LIVES = [...LIFE, 'masks 0:1 1:1', 'entry 0', 'event 0', 'masks 0:0 1:1', 'reset', ...LIFE];
/** Inputs of {@link LIVES} after which a message comes: of the first content, of the second, of the first again. */
const [FIRST, SECOND, ANEW] = [2, 6, 10];
const QUIET = 5;

describe('a device that does as the model', () => {
  it.each([
    ['native', '2v1q'],
    ['native', '2v2q'],
    ['msix', '2v1q-masked'],
    ['msix', '2v1q-separate'],
    ['msix', '1v1q-shared'],
  ])('does not deviate (%s, %s)', async (layout, id) => {
    const bench = await Bench.of(layout, id);
    const { machine } = bench;
    for (const planner of [
      new Transitions(machine, characterisingSet(machine), new Avoided()),
      new Pairs(machine, new Avoided()),
    ]) {
      for (let count = 0; count < 3; count++) {
        expect((await bench.take(planner.next() as Walk)).deviation()).toBe(-1);
      }
    }
  });
});

describe('a message', () => {
  it('that does not come, comes twice or when none may', async () => {
    const bench = await (await Bench.of('native', '2v1q')).walk(LIVES);
    expect(bench.deviation()).toBe(-1);
    for (const at of [FIRST, SECOND, ANEW]) {
      expect(bench.delivered(at)).toHaveLength(1);
      expect(bench.withInterrupts(at, () => [])).toBe(at);
      expect(bench.withInterrupts(at, ([one]) => [one, one] as Interrupt[])).toBe(at);
    }
    expect(bench.withInterrupts(QUIET, () => bench.delivered(SECOND))).toBe(QUIET);
  });

  it('with other content, in any bit', async () => {
    const bench = await (await Bench.of('native', '2v1q')).walk(LIVES);
    const change = (to: (message: Message) => Partial<Message>) =>
      bench.withInterrupts(SECOND, ([one]) => [{ ...(one as Message), ...to(one as Message) }]);
    expect(change(({ data }) => ({ data: (data ^ 1) >>> 0 }))).toBe(SECOND);
    expect(change(({ address }) => ({ address: BigInt(address) ^ 4n }))).toBe(SECOND);
    expect(change(({ address }) => ({ address: BigInt(address) ^ (1n << 32n) }))).toBe(SECOND);
    // A number or a bigint: as the target likes.
    expect(change(({ address }) => ({ address: BigInt(address) }))).toBe(-1);
  });

  it('with the content before the last, or of before a reset', async () => {
    const bench = await (await Bench.of('native', '2v1q')).walk(LIVES);
    expect(bench.withInterrupts(SECOND, () => bench.delivered(FIRST))).toBe(SECOND);
    expect(bench.withInterrupts(ANEW, () => bench.delivered(SECOND))).toBe(ANEW);
  });

  it('comes with the contents of an entry in turn', async () => {
    const again = ['masks 0:1 1:1', 'entry 0', 'masks 0:0 1:1', 'event 0'];
    const bench = await (await Bench.of('native', '2v1q')).walk([...LIFE, ...again, ...again, ...again]);
    expect(bench.deviation()).toBe(-1);
    const data = [2, 6, 10, 14].map((at) => (bench.delivered(at)[0] as Message).data);
    expect(new Set(data).size).toBe(3);
    expect(data[3]).toBe(data[0]);
  });

  it('and another one may come in any order, and not one of them twice', async () => {
    const both = ['map 0 to 0', 'map config to 1', 'event 0', 'event config', 'masks 0:0 1:0'];
    const bench = await (await Bench.of('native', '2v1q')).walk(both);
    expect(bench.delivered(4)).toHaveLength(2);
    expect(bench.withInterrupts(4, (all) => [...all].reverse())).toBe(-1);
    expect(bench.withInterrupts(4, ([one]) => [one, one] as Interrupt[])).toBe(4);
    expect(bench.withInterrupts(4, ([one]) => [one] as Interrupt[])).toBe(4);
    expect(bench.withInterrupts(4, ([, two]) => [two] as Interrupt[])).toBe(4);
  });
});

describe('a register', () => {
  it('that reads wrong in any bit that a look is about, and no other bit', async () => {
    const bench = await (await Bench.of('native', '2v1q')).walk(LIVES);
    const { lowering, placed } = bench;
    for (const at of [0, QUIET, LIVES.length - 1]) {
      for (const look of lowering.lookAt) {
        const step = (placed.looks[at] as number) + look.at;
        for (let bit = 0; bit < 32; bit++) {
          const flipped = bench.withObservation(step, (seen) => ((seen as number) ^ (1 << bit)) >>> 0);
          expect(flipped, `${look.kind}, bit ${bit}`).toBe((look.mask >>> bit) & 1 ? at : -1);
        }
      }
    }
  });

  it('is compared where it was looked at', async () => {
    const bench = await (await Bench.of('native', '2v1q')).walk(LIVES, (at) => at % 2 === 1);
    expect(bench.placed.looks[FIRST]).toBe(-1);
    expect(bench.deviation()).toBe(-1);
    const [look] = bench.lowering.lookAt;
    const step = (bench.placed.looks[3] as number) + (look?.at ?? 0);
    expect(bench.withObservation(step, (seen) => ((seen as number) ^ 1) >>> 0)).toBe(3);
  });
});

describe('what was not answered', () => {
  it('deviates at the first input that lacks an answer', async () => {
    const bench = await (await Bench.of('native', '2v1q')).walk(LIVES, (at) => at !== 1);
    const { placed, lowering } = bench;
    const length = (lowering.lookAt.at(-1)?.at ?? 0) + 1;
    expect(bench.deviation(0)).toBe(0);
    // Without a look, the collection is the last answer; with one, the last read of it.
    expect(bench.deviation(placed.collects[1] as number)).toBe(1);
    expect(bench.deviation((placed.collects[1] as number) + 1)).toBe(2);
    expect(bench.deviation((placed.looks[2] as number) + length - 1)).toBe(2);
    expect(bench.deviation((placed.looks[2] as number) + length)).toBe(3);
  });
});

describe('the line', () => {
  const SWITCHED = ['switch off', 'event 0', 'event 0', 'acknowledge used', 'event config', 'switch on', 'switch off'];
  const [RISES, AGAIN, FALLS, SILENCED, BACK] = [1, 2, 3, 5, 6];
  const line = (...levels: (0 | 1)[]) => levels.map((level): Interrupt => ({ kind: 'line', level }));

  it('rises, falls, and is followed over inputs that leave it', async () => {
    const bench = await (await Bench.of('msix', '2v1q-separate')).walk(SWITCHED);
    expect(bench.deviation()).toBe(-1);
    expect([RISES, AGAIN, FALLS, SILENCED, BACK].map((at) => bench.delivered(at))).toEqual([
      line(1),
      [],
      line(0),
      line(0),
      line(1),
    ]);
    for (const at of [RISES, FALLS, SILENCED, BACK]) expect(bench.withInterrupts(at, () => [])).toBe(at);
  });

  it('that goes where it must not, or there and back', async () => {
    const bench = await (await Bench.of('msix', '2v1q-separate')).walk(SWITCHED);
    expect(bench.withInterrupts(AGAIN, () => line(0))).toBe(AGAIN);
    expect(bench.withInterrupts(AGAIN, () => line(0, 1))).toBe(AGAIN);
    expect(bench.withInterrupts(RISES, () => line(1, 0))).toBe(RISES);
    expect(bench.withInterrupts(RISES, () => line(0))).toBe(RISES);
    expect(bench.withInterrupts(0, () => line(1))).toBe(0);
    // To be told of a level that it has already is no change of it.
    expect(bench.withInterrupts(AGAIN, () => line(1))).toBe(-1);
    expect(bench.withInterrupts(RISES, () => line(1, 1))).toBe(-1);
  });

  it('beside messages does not stand for one, nor hides one', async () => {
    const held = ['switch on, all masked', 'event 0', 'masks 0:0', 'switch off', 'event config', 'switch on'];
    const bench = await (await Bench.of('msix', '2v1q-separate')).walk(held);
    expect(bench.deviation()).toBe(-1);
    const last = held.length - 1;
    const kinds = bench.delivered(last).map(({ kind }) => kind);
    expect(kinds.sort()).toEqual(['line', 'message']);
    expect(bench.withInterrupts(last, (all) => all.filter(({ kind }) => kind === 'line'))).toBe(last);
    expect(bench.withInterrupts(last, (all) => all.filter(({ kind }) => kind === 'message'))).toBe(last);
    expect(bench.withInterrupts(last, (all) => [...all].reverse())).toBe(-1);
  });

  it('is not looked at where the target does not show it', async () => {
    const bench = await (await Bench.of('msix', '2v1q-separate', false)).walk(SWITCHED);
    for (const at of [RISES, FALLS]) expect(bench.withInterrupts(at, () => [])).toBe(-1);
    expect(bench.withInterrupts(AGAIN, () => line(0))).toBe(-1);
  });
});
