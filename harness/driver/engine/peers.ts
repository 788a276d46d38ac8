/**
 * The reference driver's traps on the same devices, for the line and for each layout with MSI: what the traps of the
 * driver under test are compared with.
 */

import { Ram } from '../../../reference-device/memory.ts';
import { createDriver } from '../../../reference-driver/index.ts';
import type { PeerTraps } from '../../../reports/report.ts';
import { TRAP_DEVICES } from '../../../reports/traps.ts';
import type { Layout } from '../../../spec/layout.ts';
import { loadLayout, packagedNames } from '../../../spec/load.ts';
import { scenariosOf } from '../scenarios/index.ts';
import type { LiveDriver } from '../target.ts';
import { meetInProcess } from '../targets/tasks.ts';
import { meet } from './meeting.ts';
import { trapsOf } from './traps.ts';

const known = new Map<string, Promise<PeerTraps[]>>();

/**
 * Found out once for a layout.
 *
 * @param own the layout of the run, which may be none of those in the package
 */
export function peersOf(own: Layout): Promise<PeerTraps[]> {
  const { digest } = own.data;
  const found = known.get(digest) ?? measure(own);
  known.set(digest, found);
  return found;
}

async function measure(own: Layout): Promise<PeerTraps[]> {
  const packaged = packagedNames().map((name) => (name === own.name ? own : loadLayout(name)));
  const layouts = packaged.filter(({ msi }) => msi !== undefined);
  const [first] = layouts;
  const line = first ? [await peer(first, 'line')] : [];
  return [...line, ...(await Promise.all(layouts.map((layout) => peer(layout, 'msi'))))];
}

async function peer(layout: Layout, interrupts: 'line' | 'msi'): Promise<PeerTraps> {
  const module = createDriver(layout);
  const driver: LiveDriver = {
    kind: 'tasks',
    specification: 'reference',
    name: module.name,
    meet: (meeting) => meetInProcess(module, meeting),
    close: async () => {},
  };
  const traps: PeerTraps['traps'] = {};
  for (const [key, devices] of Object.entries(TRAP_DEVICES)) {
    const scenario = scenariosOf(layout).find(({ id }) => id === devices[interrupts]);
    if (!scenario) continue;
    const met = await meet(driver, layout, { scenario, ram: new Ram(), isFirstToFail: true });
    traps[key as keyof typeof TRAP_DEVICES] = trapsOf(met.log, met.monitor.view)[key as keyof typeof TRAP_DEVICES];
  }
  return { driver: module.name, ...(interrupts === 'msi' && { layout: layout.name }), interrupts, traps };
}
