/** Faults replace a method each: what the rest of the device never asks of itself, it has to ask of that method. */
import { expect, it } from 'vitest';
import { counterexamples } from '../../power/mutation/counterexamples.ts';
import { Judge } from '../../power/mutation/judge.ts';
import { Layout } from '../../spec/layout.ts';
import { loadLayout } from '../../spec/load.ts';

/** Registers that cannot be written, tables elsewhere, and others that hardly any other test would miss. */
const FAULTS = [
  'count-writable',
  'table-offset-writable',
  'header-answers-sizing',
  'pba-write-clears',
  'pba-write-sets',
  'pba-write-zero-clears',
  'pba-shares-page',
  'table-size-writable',
  'table-place-writable',
  'table-beyond-region',
  'control-masks-on-any-bit',
  'version1-not-offered',
];

const all = counterexamples().filter(({ fault }) => FAULTS.includes(fault));

it.each(all.map((one) => [one.fault, one.layout, one] as const))('%s (%s)', async (fault, name, one) => {
  const judge = await Judge.of({ layout: new Layout(loadLayout(name).data), fault });
  const { violations } = await judge.judgement(one.program);
  expect(violations.map(({ clause }) => clause)).toContain(one.clause);
});
