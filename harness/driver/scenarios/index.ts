/** All scenarios, in the order in which a driver meets them. */
import type { Layout } from '../../../spec/layout.ts';
import { eventFamilies } from './events.ts';
import { identification } from './identification.ts';
import { line } from './line.ts';
import { plain } from './plain.ts';
import type { Family, Scenario } from './scenario.ts';
import { unkind } from './unkind.ts';
import { vectors } from './vectors.ts';

export { LINE, PLAIN } from './plain.ts';
export type { Act, Ask, Expectation, Family, Scenario } from './scenario.ts';

/** Those that a layout has room for: without MSI there are no vectors. */
export function scenariosOf(layout: Layout): Scenario[] {
  const all = [...plain, ...vectors, ...unkind, ...line, ...identification];
  if (layout.msi) return all;
  return all.filter(({ needs, blames }) => needs !== 'msi' && layout.hasClause(blames));
}

/** Scenarios in which an event comes at each place of a task in turn. */
export function familiesOf(_layout: Layout): Family[] {
  return eventFamilies;
}
