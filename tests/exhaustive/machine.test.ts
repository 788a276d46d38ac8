import { describe, expect, it } from 'vitest';
import { characterisingSet } from '../../suites/exhaustive/identify.ts';
import { ILLEGAL, Machine } from '../../suites/exhaustive/machine.ts';
import { scopes } from './support.ts';

describe('the scopes of a device', () => {
  it('native: each vector unmasked, masked or pending, each event mapped to one of two or to none', async () => {
    const machines = (await scopes('native')).map((scope) => new Machine(scope));
    expect(machines.map(({ scope, states }) => [scope.title, states.length])).toEqual([
      ['2 vectors, queue 0 and configuration', 3 ** 2 * 3 ** 2],
      ['2 vectors, queue 0 and queue 1', 3 ** 2 * 3 ** 2],
    ]);
  });

  it('native: every input in every state, but for entries of vectors that are not masked', async () => {
    const [machine] = (await scopes('native')).map((scope) => new Machine(scope));
    const { inputs, states, transitions } = machine as Machine;
    // Four values of the mask dword, two events, six mappings, a reset; an entry in two thirds of the states each.
    expect(inputs.length).toBe(4 + 2 + 6 + 1 + 2);
    expect(transitions).toBe(states.length * 13 + (2 * states.length * 2) / 3);
  });

  it('msix: a vector may be pending while another thing than its own mask bit holds it', async () => {
    const machines = (await scopes('msix')).map((scope) => new Machine(scope));
    // Function mask clear: three states a vector as above. Set: masked or not, pending or not.
    const vectors = 3 ** 2 + 4 ** 2;
    // Enabled: as above. Disabled: anything, with the function mask or without; two bits of InterruptStatus with each.
    const separate = (vectors + 2 * 4 ** 2) * 2 ** 2;
    const shared = (3 + 4 + 2 * 4) * 2 ** 2;
    expect(machines.map(({ scope, states }) => [scope.title, states.length])).toEqual([
      ['2 vectors, queue 0 and configuration', 3 ** 2 * 3 ** 2],
      ['2 vectors, queue 0 and queue 1', 3 ** 2 * 3 ** 2],
      ['2 vectors, queue 0, function mask', vectors * 3],
      ['2 vectors, queue 0 and configuration, separate vectors, function mask and enable', separate],
      ['1 vector, queue 0 and configuration, function mask and enable', shared],
    ]);
  });

  it.each([
    [
      'vectors-1',
      [
        ['1 vector, queue 0 and configuration', 3 * 2 ** 2],
        ['1 vector, queue 0 and queue 1', 3 * 2 ** 2],
      ],
    ],
    ['entropy', [['2 vectors, queue 0 and configuration', 3 ** 2 * 3 ** 2]]],
    ['plain', []],
  ])('of variant %s are what it has', async (variant, expected) => {
    const found = await scopes('native', `reference:variant=${variant}`);
    expect(found.map((scope) => [scope.title, new Machine(scope).states.length])).toEqual(expected);
  });
});

/** What a device in that state delivers for these inputs. */
function delivered(machine: Machine, from: number, inputs: readonly number[]): string {
  let state = from;
  return inputs
    .map((input) => {
      const transition = machine.transition(state, input);
      expect(machine.next[transition]).not.toBe(ILLEGAL);
      state = machine.next[transition] as number;
      return `${[...(machine.sent[transition] ?? [])].sort()}/${machine.lineOf(state)}`;
    })
    .join(';');
}

describe('the characterising set', () => {
  it.each([
    ['native', [3 ** 2 * 3 ** 2, 3 ** 2 * 3 ** 2]],
    [
      'msix',
      [
        3 ** 2 * 3 ** 2,
        3 ** 2 * 3 ** 2,
        (3 ** 2 + 4 ** 2) * 3,
        // While disabled, only the register tells whether all vectors are masked: enabling writes both bits.
        (3 ** 2 + 4 ** 2 + 4 ** 2) * 2 ** 2,
        (3 + 4 + 4) * 2 ** 2,
      ],
    ],
  ])('layout %s: tells states apart by what is delivered, and by no register', async (layout, different) => {
    const found = (await scopes(layout)).map((scope) => {
      const machine = new Machine(scope);
      const set = characterisingSet(machine);
      expect(set.length).toBeLessThanOrEqual(4);
      return new Set(machine.states.map((_, state) => set.map((inputs) => delivered(machine, state, inputs)).join('|')))
        .size;
    });
    expect(found).toEqual(different);
  });
});
