/** Which features a driver accepts: those that it drives, with all that they require. */
import type { DeviceType, Feature, Layout } from '../spec/layout.ts';
import type { Settings } from './settings.ts';

/** Features that the driver makes use of, whether they are offered or not. */
export function featuresWanted(
  layout: Layout,
  type: DeviceType | undefined,
  settings: Settings,
  msi: boolean,
): Feature[] {
  const names = ['VIRTIO_F_VERSION_1'];
  if (settings.ringReset) names.push('VIRTIO_F_RING_RESET');
  if (msi && layout.msi) names.push(layout.msi.feature);
  const ofType = settings.multiQueue ? Object.values(type?.features ?? {}) : [];
  return [...names.map((name) => layout.feature(name)), ...ofType];
}

/** The bits to accept: wanted, offered, and everything that they require is accepted too. */
export function featuresToAccept(
  layout: Layout,
  wanted: readonly Feature[],
  offered: ReadonlySet<number>,
): Set<number> {
  const accepted = new Set(wanted.filter(({ bit }) => offered.has(bit)));
  const bits = () => new Set([...accepted].map(({ bit }) => bit));
  for (let changed = true; changed; ) {
    const now = bits();
    const lacking = [...accepted].filter(
      ({ requires }) => !requires.every((name) => now.has(layout.feature(name).bit)),
    );
    for (const feature of lacking) accepted.delete(feature);
    changed = lacking.length > 0;
  }
  return bits();
}
