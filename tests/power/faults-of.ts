import { expect, it } from 'vitest';
import { faults } from '../../reference-device/index.ts';
import { loadLayout } from '../../spec/load.ts';
import { accused, trial } from './trial.ts';

const layout = loadLayout('native');

/** Half of the catalogue, so that two workers share the work: every fault is found, and its own clause is named. */
export function testFaults(half: 0 | 1): void {
  it.each(faults.filter((_, index) => index % 2 === half).map((fault) => [fault.id, fault] as const))(
    'fault %s',
    async (_, fault) => {
      const report = await trial({ layout, fault: fault.id, ...(fault.variant && { variant: fault.variant }) });
      const { named, implied } = accused(report);
      expect(named, `named ${named.join(', ')}; implied ${implied.join(', ')}`).toContain(fault.clause);
    },
  );
}
