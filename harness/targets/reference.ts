/** `reference[:variant=ID][:fault=ID]`: the reference device, in this process; a comma separates as well as a colon. */
import { createReference } from '../../reference-device/index.ts';
import type { Target } from '../target.ts';
import type { ResolvedOptions } from './open.ts';
import { parseReferenceSettings } from './reference-settings.ts';

/** @throws TargetConfigurationError for settings that are none, and ids that do not exist */
export async function openReference(settings: string, options: ResolvedOptions): Promise<Target> {
  const adapter = createReference({ layout: options.layout, ...parseReferenceSettings(settings, 'device') });
  return {
    specification: settings === '' ? 'reference' : `reference:${settings}`,
    adapter,
    local: true,
    cheapPowerCycle: true,
    restart: async () => adapter.powerCycle(),
    close: async () => {},
  };
}
