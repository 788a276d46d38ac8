/** What judging leaves behind: how often a clause was put to the test, and its first violation. */
import { describe, expect, it } from 'vitest';
import { Recorder } from '../../harness/oracle/record.ts';
import { freshQueue } from '../../harness/oracle/state.ts';

describe('a record', () => {
  it('counts what was put to the test, under the name that it has in the layout', () => {
    const record = new Recorder((clause) => (clause === 'MSK-HOLD' ? 'VCT-HOLD' : clause));
    record.hit('MSK-HOLD');
    record.hit('PBA-SET');
    record.hit('MSK-HOLD');
    record.violate('MSK-HOLD', 'a', 'b');
    expect([...record.exercised]).toEqual([
      ['VCT-HOLD', 3],
      ['PBA-SET', 1],
    ]);
    expect(record.violations.map(({ clause }) => clause)).toEqual(['VCT-HOLD']);
  });

  it('has names as they are where nothing else is said', () => {
    const record = new Recorder();
    record.hit('PBA-SET');
    expect([...record.exercised.keys()]).toEqual(['PBA-SET']);
  });

  it('keeps the first violation of a clause, with what was seen and where', () => {
    const record = new Recorder();
    record.step = 7;
    record.operation = 2;
    record.violate('PBA-SET', 'one', 'two');
    record.step = 9;
    record.operation = 3;
    record.violate('PBA-SET', 'three', 'four');
    expect(record.violations).toEqual([
      { clause: 'PBA-SET', expected: 'one', actual: 'two', step: 7, operation: 2, secondary: false },
    ]);
    expect(record.exercised.get('PBA-SET')).toBe(2);
  });

  it('takes what shows after the same operation for perhaps the same thing, unless it stands beside it', () => {
    const record = new Recorder();
    const violate = (operation: number, clause: string, beside?: boolean) => {
      record.operation = operation;
      record.violate(clause, '', '', beside);
    };
    violate(1, 'A');
    violate(1, 'B');
    violate(2, 'C');
    violate(1, 'D', true);
    violate(2, 'E', false);
    expect(record.violations.map(({ clause, secondary }) => [clause, secondary])).toEqual([
      ['A', false],
      ['B', true],
      ['C', false],
      ['D', false],
      ['E', true],
    ]);
  });
});

it('nothing was seen of a queue at first, and nothing is expected of it', () => {
  const queue = freshQueue();
  const { laidOut, confirmed, suppressed, stopped, usedOnce, vague, wasReset, idle } = queue;
  for (const known of [laidOut, confirmed, suppressed, stopped, usedOnce, vague, wasReset, idle ?? false])
    expect(known).toBe(false);
  const { ready, offered, usedLow, usedHigh, due, seen, heads } = queue;
  expect([ready, offered, usedLow, usedHigh, due, seen, heads]).toEqual([0, 0, 0, 0, 0, 0, []]);
  expect(freshQueue().heads).not.toBe(heads);
});
