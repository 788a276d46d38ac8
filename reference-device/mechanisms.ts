import { TargetConfigurationError } from '../harness/target.ts';
import type { Mechanism, MechanismOptions } from './mechanism.ts';
import { Native } from './native.ts';

const mechanisms: Readonly<Record<string, (options: MechanismOptions) => Mechanism>> = {
  'mask-table': (options) => new Native(options),
};

/** The layout's mechanism. @throws TargetConfigurationError where the reference device does not have it */
export function makeMechanism(options: MechanismOptions): Mechanism {
  const make = mechanisms[options.msi.mechanism];
  if (make) return make(options);
  throw new TargetConfigurationError(
    `layout '${options.layout.name}': the reference device does not know the mechanism '${options.msi.mechanism}'`,
    `use one of: ${Object.keys(mechanisms).join(', ')}`,
  );
}
