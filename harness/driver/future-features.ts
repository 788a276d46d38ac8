/** Feature bits that the specification keeps for its future: nobody can understand them, so that no driver may accept one. */
import type { Layout } from '../../spec/layout.ts';
import { msiFeatureBits } from '../layouts.ts';

/** Bits that are read by every driver, which looks at two windows. */
const SEEN_BY_ALL = 64;

/** Whether a bit is kept, and no layout has taken it. */
export function isFuture(layout: Layout, bit: number, taken: ReadonlySet<number> = msiFeatureBits()): boolean {
  return layout.data.reservedFeatures.some(([from, to]) => bit >= from && bit <= to) && !taken.has(bit);
}

/** The last such bit that every driver sees. @throws Error where the layout keeps none */
export function futureFeature(layout: Layout): number {
  for (let bit = SEEN_BY_ALL - 1; bit >= 0; bit--) if (isFuture(layout, bit)) return bit;
  throw new Error(`layout '${layout.name}' reserves no feature bit below ${SEEN_BY_ALL}`);
}
