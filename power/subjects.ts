/** What the suite is tried on: which faults and which variants, in which layout. */
import { matchesGlob } from '../harness/engine/verdicts.ts';
import { type Fault, faultsOf, variants } from '../reference-device/index.ts';
import type { Clause, Layout } from '../spec/layout.ts';
import { layoutNamed, type Trial } from './trial.ts';

export const LAYOUTS = ['native', 'msix'] as const;

export type Subject = Omit<Trial, 'seed'>;

/** In a layout beside the first one, only what has to do with its vectors: the transport below them is the same. */
export function isOfInterest(layout: Layout, clause: Clause): boolean {
  return layout.name === LAYOUTS[0] || !['always', 'line'].includes(clause.holds);
}

/** The faults that count in a layout, under the clause that they break there. */
export function faultsIn(layout: Layout): { fault: Fault; clause: Clause }[] {
  return faultsOf(layout)
    .map((fault) => ({ fault, clause: layout.clause(layout.clauseFor(fault.clause)) }))
    .filter(({ clause }) => isOfInterest(layout, clause));
}

/** Variants first: who is accused for nothing has nothing to say about faults. */
export function subjectsOf(chosen: { layouts: readonly string[]; only: readonly string[] }): Subject[] {
  const { only } = chosen;
  const isChosen = ({ id }: { id: string }) => only.length === 0 || only.some((glob) => matchesGlob(id, glob));
  const ofLayout = (name: string): Subject[] => [
    ...variants.filter(isChosen).map(({ id }): Subject => ({ layout: name, kind: 'variant', id })),
    ...faultsIn(layoutNamed(name))
      .filter(({ fault }) => isChosen(fault))
      .map(({ fault: { id } }): Subject => ({ layout: name, kind: 'fault', id })),
  ];
  return chosen.layouts.flatMap(ofLayout);
}
