/** A device of which every access and hook call is counted, up to a budget. */
import type { Adapter } from '../../harness/target.ts';

/** No operation is left. */
export class BudgetSpent extends Error {
  override name = 'BudgetSpent';
}

export class Counter {
  /** Operations so far. */
  spent: number;
  readonly budget: number;

  constructor(budget: number, spent = 0) {
    this.budget = budget;
    this.spent = spent;
  }

  /** @throws BudgetSpent */
  count(): void {
    if (this.spent >= this.budget) throw new BudgetSpent('the budget of operations is spent');
    this.spent++;
  }
}

/** The same adapter; each of its methods counts before it acts. */
export function counting(adapter: Adapter, counter: Counter): Adapter {
  const counted = <A extends unknown[], R>(method: (...args: A) => R) => {
    return (...args: A): R => {
      counter.count();
      return method(...args);
    };
  };
  const { memory } = adapter;
  return {
    ...adapter,
    read: counted(adapter.read.bind(adapter)),
    write: counted(adapter.write.bind(adapter)),
    ...(adapter.raise && { raise: counted(adapter.raise.bind(adapter)) }),
    ...(adapter.interrupts && { interrupts: counted(adapter.interrupts.bind(adapter)) }),
    ...(adapter.settle && { settle: counted(adapter.settle.bind(adapter)) }),
    ...(adapter.powerCycle && { powerCycle: counted(adapter.powerCycle.bind(adapter)) }),
    ...(memory && {
      memory: {
        base: memory.base,
        size: memory.size,
        read: counted(memory.read.bind(memory)),
        write: counted(memory.write.bind(memory)),
      },
    }),
  };
}
