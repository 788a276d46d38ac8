/** Every derived check of a device, in the order in which they run: what others lean on comes first. */
import type { Layout } from '../../spec/layout.ts';
import type { Check } from '../check.ts';
import { fallback, line } from './line.ts';
import { robustness } from './robustness.ts';
import { switches, vectorControl } from './switches.ts';
import { entries, fresh, header, masks } from './tables.ts';
import { together } from './together.ts';
import {
  configuration,
  features,
  identification,
  queueReset,
  queues,
  sharedMemory,
  statusChecks,
} from './transport.ts';
import { delivery, mapping, pending, reset } from './vectors.ts';

const all: readonly Check[] = [
  ...identification,
  ...fresh,
  ...features,
  ...header,
  ...masks,
  ...statusChecks,
  ...queues,
  ...queueReset,
  ...configuration,
  ...sharedMemory,
  ...line,
  ...fallback,
  ...entries,
  ...mapping,
  ...delivery,
  ...pending,
  ...switches,
  ...vectorControl,
  ...reset,
  ...together,
  // Last: these may take a device down.
  ...robustness,
];

const byLayout = new WeakMap<Layout, readonly Check[]>();

/** The checks that aim at a clause of this layout, with the names that their clauses have in it. */
export function deviceChecks(layout: Layout): readonly Check[] {
  let checks = byLayout.get(layout);
  if (!checks) {
    checks = all.flatMap((check) => {
      const clauses = [...new Set(check.clauses.map((id) => layout.clauseFor(id)))].filter((id) =>
        layout.hasClause(id),
      );
      return clauses.length > 0 ? [{ ...check, clauses }] : [];
    });
    byLayout.set(layout, checks);
  }
  return checks;
}
