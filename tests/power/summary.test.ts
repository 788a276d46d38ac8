import { describe, expect, it } from 'vitest';
import { shortcomings } from '../../power/bar.ts';
import { medianOf } from '../../power/figures.ts';
import { summarise } from '../../power/summarise.ts';
import { totalsOf } from '../../power/totals.ts';
import type { Said } from '../../power/trial.ts';
import { said, scope } from './fixtures.ts';

const both = (second: Partial<Record<string, Partial<Said>>> = {}) =>
  summarise([...said(2, second), ...said(1)], scope);

describe('a median', () => {
  it.each([
    [[], null],
    [[3], 3],
    [[9, 1, 5], 5],
    [[1, 4], 3],
  ])('of %j is %s', (values, expected) => {
    expect(medianOf(values)).toBe(expected);
  });
});

describe('the record of runs in which all is well', () => {
  const record = both();

  it('has a line for each fault, in the order of the catalogue, with figures over the seeds', () => {
    expect(record.faults.map(({ fault }) => fault)).toEqual([
      'unmask-drops-pending',
      'used-silent',
      'lost-while-other-pending',
    ]);
    expect(record.faults[0]).toEqual({
      fault: 'unmask-drops-pending',
      layout: 'native',
      clause: 'PBA-FIRE',
      deep: false,
      named: { alone: 2 },
      tiers: { derived: 2 },
      operations: 15,
      firstSign: 15,
      shortest: 3,
      longest: 4,
    });
  });

  it('says for each clause which faults are named by it', () => {
    const clause = record.clauses.find((one) => one.clause === 'DLV-USED');
    expect(clause).toEqual({ clause: 'DLV-USED', layout: 'native', faults: ['used-silent'], first: ['used-silent'] });
  });

  it('meets the bar', () => {
    expect(shortcomings(record)).toEqual([]);
    expect(totalsOf(record)).toMatchObject({ faults: 3, found: 3, missed: [], variants: 1, accused: 0, deep: 1 });
  });

  it('does not depend on the order in which the runs came in', () => {
    expect(summarise([...said(1), ...said(2)].reverse(), scope)).toEqual(record);
  });
});

describe('the bar is not met', () => {
  it('where a fault is missed with one seed', () => {
    const record = both({ 'used-silent': { named: [], sightings: [], lengths: {} } });
    expect(shortcomings(record)).toEqual(['fault used-silent (native), which breaks DLV-USED: missed in 1 run']);
    expect(record.clauses.find((one) => one.clause === 'DLV-USED')?.faults).toEqual([]);
  });

  it('where it is named otherwise, or only implied', () => {
    const record = both({ 'used-silent': { named: ['PBA-SET'], implied: ['DLV-USED'] } });
    expect(record.faults.find(({ fault }) => fault === 'used-silent')).toMatchObject({
      named: { alone: 1, elsewhere: 1 },
      others: ['PBA-SET'],
    });
    expect(shortcomings(record)).toEqual([
      'fault used-silent (native), which breaks DLV-USED: named PBA-SET instead in 1 run',
    ]);
  });

  it('where a variant is accused of what it does not declare, or fails', () => {
    const record = both({ entropy: { named: ['NTF-SUPPRESS'], implied: ['DLV-LOST'], failures: ['it died'] } });
    expect(shortcomings(record)).toEqual([
      'variant entropy (native): accused of DLV-LOST with seed 2',
      'variant entropy (native): accused of NTF-SUPPRESS with seed 2',
      'variant entropy (native): failed with seed 2',
    ]);
  });

  it('where a fault is called deep and is not', () => {
    const record = both({ 'lost-while-other-pending': { lengths: { 'DLV-LOST': 3 } } });
    expect(shortcomings(record)).toEqual([
      'fault lost-while-other-pending: said to be deep, and shows in less than 4 operations',
    ]);
  });

  it('where a clause has no fault that it is named first for, in a run over all of them', () => {
    const whole = summarise([...said(1), ...said(2)], { ...scope, narrowed: false });
    const lacking = shortcomings(whole);
    expect(lacking).toContain('clause ID-MAGIC: no fault is named by it first, and no note says why');
    expect(lacking.some((line) => line.startsWith('clause DLV-USED '))).toBe(false);
  });
});

it('a fault named beside others is found, and its clause is not first where another stands before it', () => {
  const record = both({ 'used-silent': { named: ['PBA-SET', 'DLV-USED'] } });
  expect(record.faults.find(({ fault }) => fault === 'used-silent')?.named).toEqual({ alone: 1, beside: 1 });
  expect(record.clauses.find((one) => one.clause === 'DLV-USED')).toMatchObject({ faults: ['used-silent'], first: [] });
  expect(shortcomings(record)).toEqual([]);
});
