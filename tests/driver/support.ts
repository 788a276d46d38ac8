/** Logs of drivers written as lines: `w Status 1`, `r8 Config+0 0x12`, `line`, `message`, `astray`, `idle`. */

import type { InterruptsUsed } from '../../harness/driver/api.ts';
import { profileOf } from '../../harness/driver/device-profile.ts';
import type { LogEntry } from '../../harness/driver/log.ts';
import { Monitor } from '../../harness/driver/monitor/monitor.ts';
import { resolvePlace } from '../../harness/places.ts';
import { Device } from '../../reference-device/device.ts';
import { Ram } from '../../reference-device/memory.ts';
import { defaults, type Settings } from '../../reference-device/settings.ts';
import type { Layout } from '../../spec/layout.ts';
import { loadLayout } from '../../spec/load.ts';

const native = loadLayout('native');

export interface World {
  layout?: Layout;
  device?: Partial<Settings>;
}

export interface Judged {
  /** The clauses that were broken, in order. */
  broken: string[];
  /** Those that were put to the test. */
  tested: Set<string>;
  monitor: Monitor;
}

/** Judges a log against the reference device as it would be met; its answers are those of the lines. */
export function judge(lines: readonly string[], { layout = native, device = {} }: World = {}): Judged {
  const profile = profileOf(new Device(layout, { ...defaults, ...device }, new Ram()));
  const facts = { profile, interrupts: true, used: true, widths: true, fromTheStart: true };
  const monitor = new Monitor(layout, facts);
  const entries = lines.map((line): LogEntry => {
    const [word = '', place = '', value = '0'] = line.split(' ');
    if (word === 'idle') return { kind: 'idle' };
    if (word === 'started') {
      const result = { outcome: 'done', interrupts: place as InterruptsUsed } as const;
      return { kind: 'result', task: { do: 'start' }, result };
    }
    if (word === 'gave-up') return { kind: 'result', task: { do: 'start' }, result: { outcome: word, why: place } };
    if (word === 'astray') return { kind: 'astray', interrupt: { kind: 'message', address: 0xfee00000, data: 0 } };
    if (word === 'line') return { kind: 'interrupt', interrupt: { kind: 'line', level: 1 } };
    if (word === 'message')
      return { kind: 'interrupt', interrupt: { kind: 'message', address: 0xfee00000, data: 0x20 } };
    const width = Number(word.slice(1) || 32) as 8 | 16 | 32 | 64;
    const { offset } = resolvePlace(place, profile);
    return { kind: word.startsWith('r') ? 'read' : 'write', offset, width, value: Number(value) };
  });
  for (const entry of entries) monitor.take(entry);
  monitor.end();
  return {
    broken: monitor.violations.map(({ clause }) => clause),
    tested: new Set(monitor.exercised.keys()),
    monitor,
  };
}

// --- pieces of a conformant log ---

export const PROBED = ['r MagicValue 0x74726976', 'r Version 2', 'r DeviceID 2'];
export const RESET = ['w Status 0', 'r Status 0'];
export const DRIVER = [...PROBED, ...RESET, 'w Status 1', 'w Status 3'];

/** Accepts VERSION_1, and the feature of bit 44 or 45 in the second window where `high` has it. */
export const negotiate = (high = 1): string[] => [
  ...['w DeviceFeaturesSel 1', 'r DeviceFeatures 0xffffffff'],
  ...['w DriverFeaturesSel 0', 'w DriverFeatures 0', 'w DriverFeaturesSel 1', `w DriverFeatures ${high}`],
  ...['w Status 0xb', 'r Status 0xb'],
];

export const queue = (index: number, size = 8): string[] => [
  ...[`w QueueSel ${index}`, 'r QueueReady 0', 'r QueueSizeMax 64', `w QueueSize ${size}`],
  ...['w QueueDescLow 0x1000', 'w QueueDescHigh 0', 'w QueueDriverLow 0x2000', 'w QueueDriverHigh 0'],
  ...['w QueueDeviceLow 0x3000', 'w QueueDeviceHigh 0', 'w QueueReady 1'],
];

/** Up to DRIVER_OK, with the line. */
export const LIVE = [...DRIVER, ...negotiate(), ...queue(0), 'w Status 0xf'];

/** VERSION_1 and VIRTIO_F_MMIO_MSI. */
export const WITH_MSI = 0x1001;

export const ENTRY = ['w entry[0].address-low 0xfee00000', 'w entry[0].address-high 0', 'w entry[0].data 0x20'];
export const MAPPED = ['w QueueSel 0', 'w MsiQueueVector 0', 'r MsiQueueVector 0'];

/** Up to DRIVER_OK, with queue 0 on vector 0, which is unmasked. */
export const LIVE_MSI = [
  ...[...DRIVER, ...negotiate(WITH_MSI), ...queue(0)],
  ...[...ENTRY, ...MAPPED, 'w mask[0] 0x1e', 'w Status 0xf'],
];
