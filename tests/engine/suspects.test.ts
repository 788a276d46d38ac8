import { describe, expect, it } from 'vitest';
import { shownBefore, withLooks } from '../../harness/engine/suspects.ts';
import { breakCircles } from '../../harness/engine/verdicts.ts';
import type { Violation } from '../../harness/oracle/record.ts';
import { program } from '../../harness/program.ts';

const violation = (clause: string, operation: number): Violation => ({
  clause,
  operation,
  step: operation * 10,
  expected: '',
  actual: '',
  secondary: false,
});

describe('looking first', () => {
  it('looks after each operation that is settled, and not before the program begins', () => {
    const looked = withLooks(
      program([{ op: 'power-cycle' }, { op: 'event', source: 0, race: true }, { op: 'event', source: 1 }]),
    );
    expect(looked.operations.map(({ op }) => op)).toEqual(['power-cycle', 'event', 'event', 'inspect']);
  });

  it('takes a register that was wrong before, or by the next look, for the cause', () => {
    expect(shownBefore([violation('MSK-RW', 2), violation('MSK-HOLD', 4)], 'MSK-HOLD')).toEqual(['MSK-RW']);
    expect(shownBefore([violation('MSK-HOLD', 4), violation('MSK-RW', 5)], 'MSK-HOLD')).toEqual(['MSK-RW']);
    expect(shownBefore([violation('MSK-HOLD', 4), violation('MSK-RW', 7)], 'MSK-HOLD')).toEqual([]);
  });

  it('takes a register for the cause where the clause is kept once that is known', () => {
    expect(shownBefore([violation('MSK-RW', 2)], 'MSK-HOLD')).toEqual(['MSK-RW']);
  });

  it('takes no behaviour for a cause, and asks no cause of a register', () => {
    expect(shownBefore([violation('PBA-FIRE', 2), violation('DLV-LOST', 4)], 'DLV-LOST')).toEqual([]);
    expect(shownBefore([violation('MAP-BACK', 2), violation('MSK-RW', 4)], 'MSK-RW')).toEqual([]);
  });
});

describe('clauses that imply each other', () => {
  const broken = (implied: Record<string, string[]>, violated: string[]) => {
    const impliedBy = new Map(Object.entries(implied));
    breakCircles(impliedBy, violated);
    return violated.filter((id) => !impliedBy.has(id));
  };

  it('stay implied where a cause outside explains them', () => {
    expect(broken({ B: ['C', 'A'], C: ['B'] }, ['A', 'B', 'C'])).toEqual(['A']);
  });

  it('leave the first of a circle standing', () => {
    expect(broken({ A: ['B'], B: ['C'], C: ['A'] }, ['A', 'B', 'C'])).toEqual(['A']);
    expect(broken({ A: ['B'], B: ['A'], C: ['D'], D: ['C'] }, ['A', 'B', 'C', 'D'])).toEqual(['A', 'C']);
  });
});
