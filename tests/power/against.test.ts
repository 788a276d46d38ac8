import { describe, expect, it } from 'vitest';
import { findByCommands } from '../../power/alternatives/by-commands.ts';
import { findBySuite } from '../../power/alternatives/by-suite.ts';
import { compareOn } from '../../power/alternatives/compare.ts';
import { recordOf } from '../../power/alternatives/record.ts';
import { againstTotals, deepMissedByOthers } from '../../power/alternatives/totals.ts';
import { layoutNamed } from '../../power/trial.ts';
import { against } from './fixtures.ts';

describe('what the comparison comes down to', () => {
  it('is counted over faults and seeds', () => {
    const { faults, common, ways } = againstTotals(against);
    expect({ faults, common }).toEqual({ faults: 3, common: 1 });
    expect(ways).toEqual([
      // Over all: 10 20 40 40 50 and the budget; and so on.
      { way: 'suite', always: 2, ever: 3, operations: 15, operationsOfAll: 40, deepMissed: ['three'] },
      { way: 'commands', always: 2, ever: 3, operations: 150, operationsOfAll: 150, deepMissed: ['two'] },
      { way: 'uniform', always: 1, ever: 2, operations: 400, operationsOfAll: 800, deepMissed: ['two', 'three'] },
    ]);
  });

  it('names the deep faults that others miss, and whether the suite finds them each time', () => {
    expect(deepMissedByOthers(against)).toEqual([
      { fault: 'two', bySuite: true },
      { fault: 'three', bySuite: false },
    ]);
  });

  it('leaves out what was not tried with every seed', () => {
    const compared = { layout: 'native', fault: 'used-silent', seed: 1, suite: 1, commands: 2, uniform: null };
    const options = { budget: { native: 10 }, narrowed: true, partial: true };
    expect(recordOf([compared], { ...options, seeds: [1, 2] }).faults).toEqual([]);
    expect(recordOf([compared], { ...options, seeds: [1] }).faults).toEqual([
      { fault: 'used-silent', layout: 'native', deep: false, msi: true, suite: [1], commands: [2], uniform: [null] },
    ]);
  });
});

describe('the other ways', () => {
  const budget = 30_000;

  it('find what is plain to see, and stay within the budget', async () => {
    const found = await compareOn({ layout: 'native', fault: 'used-silent', seed: 1, budget });
    for (const at of [found.suite, found.commands, found.uniform]) {
      expect(at).toBeGreaterThan(0);
      expect(at).toBeLessThanOrEqual(budget);
    }
  });

  it('accuse no device without a fault', async () => {
    for (const name of ['native', 'msix']) {
      const search = { layout: layoutNamed(name), specification: 'reference', seed: 1, budget };
      expect([name, await findBySuite(search), await findByCommands(search)]).toEqual([name, null, null]);
    }
  });

  it('give up when the budget is spent', async () => {
    const { commands, uniform, suite } = await compareOn({
      layout: 'native',
      fault: 'used-silent',
      seed: 1,
      budget: 1,
    });
    expect([suite, commands, uniform]).toEqual([null, null, null]);
  });
});
