import { TargetConfigurationError } from '../harness/target.ts';
import type { Layout, MsiBinding } from '../spec/layout.ts';
import type { Mechanism, MechanismOptions } from './mechanism.ts';
import { Msix } from './msix.ts';
import { Native } from './native.ts';

const mechanisms: Readonly<Record<string, (options: MechanismOptions) => Mechanism>> = {
  'mask-table': (options) => new Native(options),
  'vector-control': (options) => new Msix(options),
};

/** The mask bit of a vector after a reset, as the layout has it. */
export function maskedAtReset(layout: Layout, msi: MsiBinding): boolean {
  if (msi.maskTable !== undefined) {
    const table = layout.table(msi.maskTable);
    return table.kind !== 'bits' || table.reset !== 0;
  }
  const entries = layout.table(msi.entryTable);
  return entries.kind !== 'entries' || entries.fields['vector-control']?.fields.mask?.reset !== 0;
}

/** The layout's mechanism. @throws TargetConfigurationError where the reference device does not have it */
export function makeMechanism(options: MechanismOptions): Mechanism {
  const make = mechanisms[options.msi.mechanism];
  if (make) return make(options);
  throw new TargetConfigurationError(
    `layout '${options.layout.name}': the reference device does not know the mechanism '${options.msi.mechanism}'`,
    `use one of: ${Object.keys(mechanisms).join(', ')}`,
  );
}
