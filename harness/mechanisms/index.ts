/** The mechanism of a device's layout. */
import type { Layout, MsiBinding } from '../../spec/layout.ts';
import type { Profile } from '../profile.ts';
import { TargetConfigurationError } from '../target.ts';
import type { MsiMechanism } from './mechanism.ts';
import { MaskTable, VectorControl } from './tables.ts';

export type { Meaning, MsiMechanism, PlacedWrite, Switches, SwitchRegister } from './mechanism.ts';
export { allMasked } from './tables.ts';

const mechanisms: Readonly<Record<string, (msi: MsiBinding, vectors: number, layout: Layout) => MsiMechanism>> = {
  'mask-table': (msi, vectors) => new MaskTable(msi, vectors),
  'vector-control': (msi, vectors, layout) => new VectorControl(msi, vectors, layout),
};

const made = new WeakMap<Profile, MsiMechanism>();

/**
 * How this device's vectors are reached; undefined where it offers none.
 * @throws TargetConfigurationError for a layout whose mechanism nobody has written
 */
export function mechanismOf(profile: Profile): MsiMechanism | undefined {
  const { layout } = profile;
  if (!profile.msi || !layout.msi) return undefined;
  let mechanism = made.get(profile);
  if (!mechanism) {
    const make = mechanisms[layout.msi.mechanism];
    if (!make) {
      throw new TargetConfigurationError(
        `layout '${layout.name}': the suite does not know the mechanism '${layout.msi.mechanism}'`,
        `msi.mechanism is one of: ${Object.keys(mechanisms).join(', ')}`,
      );
    }
    mechanism = make(layout.msi, profile.msi.vectors, layout);
    made.set(profile, mechanism);
  }
  return mechanism;
}
