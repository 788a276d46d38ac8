/** `reference[:variant=ID][:fault=ID]`: the reference device, in this process; a comma separates as well as a colon. */
import { createReference, type ReferenceOptions } from '../../reference-device/index.ts';
import { nearest } from '../../spec/suggest.ts';
import { type Target, TargetConfigurationError } from '../target.ts';
import type { ResolvedOptions } from './open.ts';

const KEYS = ['variant', 'fault'] as const;
const SYNTAX = 'reference[:variant=ID][:fault=ID]';

/** @throws TargetConfigurationError for settings that are none, and ids that do not exist */
export async function openReference(settings: string, options: ResolvedOptions): Promise<Target> {
  const specification = settings === '' ? 'reference' : `reference:${settings}`;
  const chosen: ReferenceOptions = { layout: options.layout };
  for (const setting of settings === '' ? [] : settings.split(/[:,]/)) {
    const [key = '', id = '', more] = setting.split('=');
    const known = KEYS.find((name) => name === key);
    if (known === undefined) {
      const meant = nearest(key, KEYS);
      const guess = meant === undefined ? '' : `did you mean '${meant}'? `;
      throw new TargetConfigurationError(`${specification}: '${setting}' is not known`, `${guess}it is ${SYNTAX}`);
    }
    if (id === '' || more !== undefined) {
      throw new TargetConfigurationError(`${specification}: '${setting}': expected ${known}=ID`, `it is ${SYNTAX}`);
    }
    if (chosen[known] !== undefined) {
      throw new TargetConfigurationError(`${specification}: ${known} is given twice`, 'a device has one of each');
    }
    chosen[known] = id;
  }
  const adapter = createReference(chosen);
  return {
    specification,
    adapter,
    local: true,
    cheapPowerCycle: true,
    restart: async () => adapter.powerCycle(),
    close: async () => {},
  };
}
