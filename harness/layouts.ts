/** Which layout a run is about where nobody says: the one that the target names, or whose feature the device offers. */
import type { Layout } from '../spec/layout.ts';
import { loadLayout, packagedNames } from '../spec/load.ts';
import { Executor } from './execute.ts';
import { type Target, TargetConfigurationError } from './target.ts';

/** The packaged layouts that bring MSI. */
export function msiLayouts(): Layout[] {
  return packagedNames()
    .map((name) => loadLayout(name))
    .filter((layout) => layout.msi !== undefined);
}

/** The bits of the features that bring MSI in the packaged layouts: a device may offer one that a run is not about. */
export function msiFeatureBits(): Set<number> {
  return new Set(msiLayouts().flatMap((layout) => (layout.msi ? layout.feature(layout.msi.feature).bit : [])));
}

/** A layout that was found out, and by what. */
export interface Found {
  layout: Layout;
  /** In words, for whoever runs the suite; absent where it is what it would be anyway. */
  because?: string;
}

/**
 * Looks at what the adapter says, then at the features that the device offers.
 *
 * @param fallback the layout where neither names one
 * @throws TargetConfigurationError where the device offers more than one
 */
export async function findLayout(target: Target, fallback: Layout, timeout?: number): Promise<Found> {
  const declared = target.adapter.layout;
  if (declared === fallback.name) return { layout: fallback };
  const known = msiLayouts();
  const named = known.find((layout) => layout.name === declared);
  if (named) return { layout: named, because: 'the target names it' };
  const words = await featureWords(target, fallback, timeout);
  if (!words) return { layout: fallback };
  const offered = known.filter(({ msi, data }) => {
    if (!msi) return false;
    const { bit } = data.features[msi.feature] ?? { bit: -1 };
    return bit >= 0 && (((words[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 1;
  });
  const [first, second] = offered;
  if (first && second) {
    const features = offered.map(({ msi, name }) => `${msi?.feature} (layout ${name})`).join(' and ');
    throw new TargetConfigurationError(
      `the device offers ${features}, and a run is about one of them`,
      `say which: ${offered.map(({ name }) => `--layout ${name}`).join(' or ')}; or let the adapter name its layout`,
    );
  }
  if (!first || first === fallback) return { layout: fallback };
  return { layout: first, because: `the device offers ${first.msi?.feature}` };
}

/** The first feature words of the device; undefined where it does not answer, which the run will tell of. */
async function featureWords(target: Target, layout: Layout, timeout?: number): Promise<number[] | undefined> {
  const step = (name: string) => {
    const register = layout.register(name);
    return {
      operation: 0,
      watch: false,
      offset: register.offset,
      width: 32 as const,
      spot: { kind: 'register' as const, register },
    };
  };
  const steps = [0, 1].flatMap((value) => [
    { ...step('DeviceFeaturesSel'), kind: 'write' as const, value },
    { ...step('DeviceFeatures'), kind: 'read' as const },
  ]);
  const { observations, fault } = await new Executor(target, timeout === undefined ? {} : { timeout }).run(steps);
  return fault ? undefined : [observations[1], observations[3]].map(Number);
}
