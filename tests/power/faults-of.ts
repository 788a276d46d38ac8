import { expect, it } from 'vitest';
import { faultsOf } from '../../reference-device/index.ts';
import type { Layout } from '../../spec/layout.ts';
import { loadLayout } from '../../spec/load.ts';
import { accused, trial } from './trial.ts';

/** In a layout beside the default one, only what has to do with its vectors: the transport below them is the same. */
function ofInterest(layout: Layout) {
  const all = faultsOf(layout);
  if (layout.name === 'native') return all;
  return all.filter(({ clause }) => !['always', 'line'].includes(layout.clause(layout.clauseFor(clause)).holds));
}

/** Half of a layout's catalogue, so that two workers share the work: every fault is found, by its own clause. */
export function testFaults(layoutName: string, half: 0 | 1): void {
  const layout = loadLayout(layoutName);
  const faults = ofInterest(layout).filter((_, index) => index % 2 === half);
  it.each(faults.map((fault) => [fault.id, fault] as const))(`${layoutName}: fault %s`, async (_, fault) => {
    const report = await trial({ layout, fault: fault.id, ...(fault.variant && { variant: fault.variant }) });
    const { named, implied } = accused(report);
    expect(named, `named ${named.join(', ')}; implied ${implied.join(', ')}`).toContain(layout.clauseFor(fault.clause));
  });
}
