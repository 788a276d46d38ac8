/** Every fault has a smallest program that shows it (`power/mutation/collect.ts`); the oracle names its clause from that. */
import { describe, expect, it } from 'vitest';
import { counterexamples } from '../../power/mutation/counterexamples.ts';
import { Judge } from '../../power/mutation/judge.ts';
import { faultsIn, LAYOUTS } from '../../power/subjects.ts';
import { faults, variants } from '../../reference-device/index.ts';
import { loadLayout } from '../../spec/load.ts';

const all = counterexamples();
const ANEW = 'npx tsx power/mutation/collect.ts FAULT makes a program for it';

describe('the oracle names the clause that a fault breaks', () => {
  it.each(all.map((one) => [one.fault, one.layout, one] as const))('%s (%s)', async (fault, layout, one) => {
    const judge = await Judge.of({ layout: loadLayout(layout), fault });
    const { violations } = await judge.judgement(one.program);
    expect([...new Set(violations.map(({ clause }) => clause))], ANEW).toEqual(one.named);
  });
});

describe('the same program accuses nobody without the fault', () => {
  it.each(all.map((one) => [one.fault, one.layout, one] as const))('%s (%s)', async (id, layout, { program }) => {
    const variant = faults.find((fault) => fault.id === id)?.variant;
    const { warns = [] } = variants.find((one) => one.id === variant) ?? {};
    const judge = await Judge.of({ layout: loadLayout(layout), ...(variant !== undefined && { variant }) });
    expect((await judge.accusations([program])).filter((clause) => !warns.includes(clause))).toEqual([]);
  });
});

it('there is a program for every fault', () => {
  const missing = LAYOUTS.flatMap((name) =>
    faultsIn(loadLayout(name))
      .filter(({ fault }) => !all.some((one) => one.layout === name && one.fault === fault.id))
      .map(({ fault }) => `${fault.id} (${name})`),
  );
  expect(missing, ANEW).toEqual([]);
});
