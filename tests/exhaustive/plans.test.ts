import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { characterisingSet } from '../../suites/exhaustive/identify.ts';
import { ILLEGAL, Machine } from '../../suites/exhaustive/machine.ts';
import { Pairs } from '../../suites/exhaustive/pairs.ts';
import { Transitions } from '../../suites/exhaustive/transitions.ts';
import { Trees } from '../../suites/exhaustive/trees.ts';
import { Avoided, type Planner, type Walk } from '../../suites/exhaustive/walk.ts';
import { scopes, smallMachine } from './support.ts';

function walksOf(planner: Planner): Walk[] {
  const walks: Walk[] = [];
  for (let walk = planner.next(); walk; walk = planner.next()) walks.push(walk);
  return walks;
}

/** The transitions of a walk, each of them legal. */
function transitionsOf(machine: Machine, { inputs }: Walk): number[] {
  let state = 0;
  return inputs.map((input) => {
    const transition = machine.transition(state, input);
    state = machine.next[transition] as number;
    expect(state).not.toBe(ILLEGAL);
    return transition;
  });
}

function legal(machine: Machine): number[] {
  return [...machine.next.keys()].filter((transition) => machine.next[transition] !== ILLEGAL);
}

describe('walks', () => {
  it('take every transition, look at it, and go on with each sequence of the characterising set', async () => {
    for (const scope of await scopes('native')) {
      const machine = new Machine(scope);
      const set = characterisingSet(machine);
      const planner = new Transitions(machine, set, new Avoided());
      const seen = new Set<string>();
      for (const walk of walksOf(planner)) {
        transitionsOf(machine, walk).forEach((transition, at) => {
          const behind = walk.inputs.slice(at + 1).join();
          set.forEach((sequence, index) => {
            if (walk.looks[at] && `${behind},`.startsWith(`${sequence.join()},`)) seen.add(`${transition}:${index}`);
          });
        });
      }
      expect(seen.size).toBe(machine.transitions * set.length);
      expect([planner.covered, planner.transitions, planner.states]).toEqual([
        planner.total,
        machine.transitions,
        machine.states.length,
      ]);
    }
  });

  it('take every two transitions in a row and look after each; loops first only right after the state was entered', async () => {
    for (const scope of await scopes('native')) {
      const machine = new Machine(scope);
      const planner = new Pairs(machine, new Avoided());
      const seen = new Set<string>();
      for (const walk of walksOf(planner)) {
        const taken = transitionsOf(machine, walk);
        expect(walk.looks.every(Boolean)).toBe(true);
        taken.forEach((transition, at) => {
          const first = taken[at - 1];
          if (first === undefined) return;
          const entered = taken[at - 2];
          if (machine.isLoop(first) && entered !== undefined && machine.isLoop(entered)) return;
          seen.add(`${first}:${transition}`);
        });
      }
      const wanted = legal(machine).flatMap((first) =>
        legal(machine)
          .filter((second) => machine.stateOf(second) === machine.next[first])
          .map((second) => `${first}:${second}`),
      );
      expect(seen).toEqual(new Set(wanted));
      expect(planner.covered).toBe(wanted.length);
    }
  });

  it('leave out what is avoided and nothing that can be reached without it', async () => {
    const machine = await smallMachine();
    const avoided = new Avoided();
    const mapped = machine.inputs.findIndex(({ name }) => name === 'map config to 0');
    machine.states.forEach((_, state) => {
      avoided.add(machine.transition(state, mapped));
    });
    const planner = new Pairs(machine, avoided);
    for (const walk of walksOf(planner)) expect(walk.inputs).not.toContain(mapped);
    // Every state with the configuration mapped is out of reach, which is half of them, and so is the way there.
    const free = legal(machine).filter(
      (t) => !avoided.has(t) && !machine.states[machine.stateOf(t)]?.mapping.has('config'),
    );
    const pairs = free.flatMap((first) => free.filter((second) => machine.stateOf(second) === machine.next[first]));
    expect(planner.covered).toBe(pairs.length);
  });

  it('take up again what failed', async () => {
    const machine = await smallMachine();
    for (const planner of [
      new Pairs(machine, new Avoided()),
      new Transitions(machine, characterisingSet(machine), new Avoided()),
      new Trees(machine, 2, new Avoided()),
    ]) {
      const first = planner.next() as Walk;
      const covered = planner.covered;
      planner.failed(first, 3);
      expect(planner.covered).toBe(first.marks.filter(({ at }) => at < 3).length);
      expect(planner.covered).toBeLessThan(covered);
      walksOf(planner);
      expect(planner.covered).toBe(planner.total);
    }
  });
});

/** A device that is a machine: like the one of the scope but for some states more, and what goes wrong in these. */
interface Imitation {
  /** By state: which state of the scope's machine its registers show. */
  shows: number[];
  next: number[];
  delivers: string[];
}

function imitate(machine: Machine): Imitation {
  const states = [...machine.states.keys()];
  return {
    shows: states,
    next: [...machine.next],
    delivers: machine.sent.map((sent) => [...sent].sort().join()),
  };
}

/** Doubles a state: transitions that lead to it lead to its twin where `lead` says so. */
function twin(machine: Machine, device: Imitation, state: number, lead: (transition: number) => boolean): number {
  const { length } = machine.inputs;
  const added = device.shows.length;
  device.shows.push(device.shows[state] as number);
  for (let input = 0; input < length; input++) {
    device.next.push(device.next[state * length + input] as number);
    device.delivers.push(device.delivers[state * length + input] as string);
  }
  device.next.forEach((to, transition) => {
    if (to === state && lead(transition)) device.next[transition] = added;
  });
  return added;
}

/** Whether the device is told from the machine by these walks. */
function isFound(machine: Machine, device: Imitation, walks: readonly Walk[]): boolean {
  const { length } = machine.inputs;
  return walks.some(({ inputs, looks }) => {
    let [is, must] = [0, 0];
    return inputs.some((input, at) => {
      const [wrong, right] = [is * length + input, machine.transition(must, input)];
      is = device.next[wrong] as number;
      must = machine.next[right] as number;
      if (device.delivers[wrong] !== [...(machine.sent[right] ?? [])].sort().join()) return true;
      return looks[at] === true && device.shows[is] !== must;
    });
  });
}

/** Whether any program at all tells them apart. */
function isWrong(machine: Machine, device: Imitation): boolean {
  const { length } = machine.inputs;
  const met = new Set(['0:0']);
  const queue: [number, number][] = [[0, 0]];
  for (const [is, must] of queue) {
    if (device.shows[is] !== must) return true;
    for (let input = 0; input < length; input++) {
      const right = machine.transition(must, input);
      if (machine.next[right] === ILLEGAL) continue;
      const wrong = is * length + input;
      if (device.delivers[wrong] !== [...(machine.sent[right] ?? [])].sort().join()) return true;
      const key = `${device.next[wrong]}:${machine.next[right]}`;
      if (met.has(key)) continue;
      met.add(key);
      queue.push([device.next[wrong] as number, machine.next[right] as number]);
    }
  }
  return false;
}

describe('the guarantee', () => {
  let machine: Machine;
  let pairs: Walk[];
  let trees: Walk[];
  beforeAll(async () => {
    machine = await smallMachine();
    pairs = walksOf(new Pairs(machine, new Avoided()));
    trees = walksOf(new Trees(machine, 3, new Avoided()));
  });

  const twins = (most: number) =>
    fc.record({
      twins: fc.array(fc.record({ state: fc.nat(), bits: fc.bigInt({ min: 0n, max: 2n ** 400n }) }), {
        minLength: 1,
        maxLength: most,
      }),
      in: fc.nat(),
      input: fc.nat(),
      change: fc.oneof(fc.record({ to: fc.nat() }), fc.record({ delivers: fc.constantFrom('', '0', '1', '0,1') })),
    });
  type Defect = typeof twins extends (most: number) => fc.Arbitrary<infer T> ? T : never;

  const defective = (defect: Defect): Imitation => {
    const device = imitate(machine);
    let last = 0;
    for (const { state, bits } of defect.twins) {
      last = twin(
        machine,
        device,
        state % device.shows.length,
        (transition) => ((bits >> BigInt(transition)) & 1n) === 1n,
      );
    }
    // The defect is in a twin, where it hides best.
    const at = last * machine.inputs.length + (defect.input % machine.inputs.length);
    if ('to' in defect.change) device.next[at] = defect.change.to % device.shows.length;
    else device.delivers[at] = defect.change.delivers;
    return device;
  };

  it.each([
    ['every pair of transitions finds every device with one state more that is wrong', 1, () => pairs],
    ['every sequence of three finds every device with two states more that is wrong', 2, () => trees],
  ] as const)('%s', (_, states, walks) => {
    let wrong = 0;
    fc.assert(
      fc.property(twins(states), (defect) => {
        const device = defective(defect);
        const must = isWrong(machine, device);
        if (must) wrong++;
        expect(isFound(machine, device, walks())).toBe(must);
      }),
      { numRuns: 3000, seed: 1 },
    );
    expect(wrong).toBeGreaterThan(1000);
  });

  it('does not come from single transitions: some device with one state more passes these', () => {
    const single = walksOf(new Transitions(machine, [[]], new Avoided()));
    const missed = fc
      .sample(twins(1), { numRuns: 3000, seed: 1 })
      .map(defective)
      .filter((device) => isWrong(machine, device) && !isFound(machine, device, single));
    expect(missed.length).toBeGreaterThan(0);
  });
});
