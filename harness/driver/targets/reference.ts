/** `reference[:variant=ID][:fault=ID]`: the reference driver, in this process; a comma separates as well as a colon. */
import { createDriver, type ReferenceDriverOptions } from '../../../reference-driver/index.ts';
import { parseReferenceSettings } from '../../targets/reference-settings.ts';
import type { DriverTarget } from '../target.ts';
import type { ResolvedDriverOptions } from './open.ts';
import { meetInProcess } from './tasks.ts';

/** @throws TargetConfigurationError for settings that are none, and ids that do not exist */
export async function openReferenceDriver(settings: string, options: ResolvedDriverOptions): Promise<DriverTarget> {
  const chosen: ReferenceDriverOptions = parseReferenceSettings(settings, 'driver');
  const module = createDriver(options.layout, chosen);
  return {
    kind: 'tasks',
    specification: settings === '' ? 'reference' : `reference:${settings}`,
    name: module.name,
    layout: options.layout.name,
    meet: (meeting) => meetInProcess(module, meeting),
    close: async () => {},
  };
}
