import { expect, it } from 'vitest';
import { outcomeOf } from '../../power/outcome.ts';

it.each([
  [['A'], [], 'alone'],
  [['A'], ['B'], 'alone'],
  [['A', 'B'], [], 'beside'],
  [['B', 'A'], ['C'], 'beside'],
  [['B'], ['A'], 'elsewhere'],
  [['B'], [], 'elsewhere'],
  [[], ['A'], 'elsewhere'],
  [[], [], 'missed'],
])('named %j, implied %j: %s', (named, implied, outcome) => {
  expect(outcomeOf('A', { named, implied })).toBe(outcome);
});
