/** What the driver does, access by access, as a reader of the layouts would expect it. */
import { expect, it } from 'vitest';
import { profileOf } from '../../harness/driver/device-profile.ts';
import { placeName } from '../../harness/places.ts';
import { createDriver } from '../../reference-driver/index.ts';
import type { Layout } from '../../spec/layout.ts';
import { type MeetOptions, meet, msix, native } from './meet.ts';

const SMALL = { device: 'entropy', queues: 1, queueSizeMax: 2, vectors: 2 } as const;

/** The accesses of the last task, `r PLACE VALUE` or `w PLACE VALUE`. */
function accesses(layout: Layout, steps: MeetOptions['steps'], settings: MeetOptions['settings'] = {}): string[] {
  const { log, device } = meet(createDriver(layout), { layout, settings: { ...SMALL, ...settings }, steps });
  const profile = profileOf(device);
  const from = log.findLastIndex(({ kind }) => kind === 'task');
  return log.slice(from).flatMap((entry) => {
    if (entry.kind !== 'read' && entry.kind !== 'write') return [];
    return `${entry.kind[0]} ${placeName(entry.offset, profile)} 0x${entry.value.toString(16)}`;
  });
}

const PROBE = ['r MagicValue 0x74726976', 'r Version 0x2', 'r DeviceID 0x4'];
const ACKNOWLEDGED = [
  ...['w Status 0x0', 'r Status 0x0', 'r Status 0x0', 'w Status 0x1', 'r Status 0x1', 'w Status 0x3'],
  ...['w DeviceFeaturesSel 0x0', 'r DeviceFeatures 0x0', 'w DeviceFeaturesSel 0x1'],
];
const accepted = (word: string) => [
  ...[`r DeviceFeatures ${word}`, 'w DriverFeaturesSel 0x0', 'w DriverFeatures 0x0', 'w DriverFeaturesSel 0x1'],
  ...[`w DriverFeatures ${word}`, 'r Status 0x3', 'w Status 0xb', 'r Status 0xb'],
];
const QUEUE = [
  ...['w QueueSel 0x0', 'r QueueReady 0x0', 'r QueueSizeMax 0x2', 'w QueueSel 0x0', 'w QueueSize 0x2'],
  ...['w QueueDescLow 0x40000000', 'w QueueDescHigh 0x0', 'w QueueDriverLow 0x40000020', 'w QueueDriverHigh 0x0'],
  ...['w QueueDeviceLow 0x4000002c', 'w QueueDeviceHigh 0x0', 'w QueueReady 0x1'],
];
const MAPPED = [
  ...['w MsiConfigVector 0x0', 'r MsiConfigVector 0x0'],
  ...['w QueueSel 0x0', 'w MsiQueueVector 0x1', 'r MsiQueueVector 0x1'],
];
const ENTRIES = [
  ...['w entry[0].address-low 0xfee00000', 'w entry[0].address-high 0x0', 'w entry[0].data 0x20'],
  ...['w entry[1].address-low 0xfee01000', 'w entry[1].address-high 0x0', 'w entry[1].data 0x21'],
];
const LIVE = ['r Status 0xb', 'w Status 0xf'];

it('starts a device with the native layout', () => {
  // Queues: the one there is; the next number has none.
  const queues = [...QUEUE.slice(0, 3), 'w QueueSel 0x1', 'r QueueReady 0x0', 'r QueueSizeMax 0x0', ...QUEUE.slice(3)];
  const header = ['r MsiVectorCount 0x2', 'r MsiTableOffset 0x1000', 'r MsiMaskOffset 0x2000', 'r MsiPbaOffset 0x3000'];
  expect(accesses(native, [{ do: 'start' }])).toEqual([
    ...[...PROBE, ...ACKNOWLEDGED, ...accepted('0x1001'), ...queues, ...header, ...MAPPED, ...ENTRIES],
    ...['r mask[0] 0x3', 'w mask[0] 0x0', ...LIVE],
  ]);
});

it('starts a device with MSI-X on MMIO', () => {
  const queues = [...QUEUE.slice(0, 3), 'w QueueSel 0x1', 'r QueueReady 0x0', 'r QueueSizeMax 0x0', ...QUEUE.slice(3)];
  const header = ['r MsixCapability 0x10011', 'r MsixTable 0x1000', 'r MsixPba 0x2000'];
  expect(accesses(msix, [{ do: 'start' }])).toEqual([
    ...[...PROBE, ...ACKNOWLEDGED, ...accepted('0x2001'), ...queues, ...header],
    ...['r MsixCapability 0x10011', 'w MsixCapability 0xc0010011', ...MAPPED, ...ENTRIES],
    ...['r entry[0].vector-control 0x1', 'w entry[0].vector-control 0x0'],
    ...['r entry[1].vector-control 0x1', 'w entry[1].vector-control 0x0'],
    ...['r MsixCapability 0xc0010011', 'w MsixCapability 0x80010011', ...LIVE],
  ]);
});

it('starts a device without MSI with the line', () => {
  const started = accesses(native, [{ do: 'start' }], { msi: 'withheld' });
  expect(started.filter((access) => access.includes('Msi') || access.includes('mask'))).toEqual([]);
  expect(started.slice(-2)).toEqual(LIVE);
});

it('gives a vector another target while it is masked', () => {
  expect(accesses(native, [{ do: 'start' }, { do: 'retarget' }])).toEqual([
    ...['r mask[0] 0x0', 'w mask[0] 0x1'],
    ...['w entry[0].address-low 0xfee02000', 'w entry[0].address-high 0x0', 'w entry[0].data 0x22'],
    ...['r mask[0] 0x1', 'w mask[0] 0x0'],
    ...['r mask[0] 0x0', 'w mask[0] 0x2'],
    ...['w entry[1].address-low 0xfee03000', 'w entry[1].address-high 0x0', 'w entry[1].data 0x23'],
    ...['r mask[0] 0x2', 'w mask[0] 0x0'],
  ]);
});

it('touches no register for a message of a queue, and two for an interrupt of the line', () => {
  const steps: MeetOptions['steps'] = [{ do: 'start' }, { do: 'transfer', count: 1 }];
  expect(accesses(native, steps)).toEqual(['w QueueNotify 0x0']);
  expect(accesses(native, steps, { msi: 'withheld' })).toEqual([
    ...['w QueueNotify 0x0', 'r InterruptStatus 0x1', 'w InterruptACK 0x1'],
  ]);
});

it('resets a queue where that is offered, silenced before and heard again afterwards', () => {
  const restarted = accesses(native, [{ do: 'start' }, { do: 'restart-queue' }], { ringReset: true });
  expect(restarted.slice(0, 5)).toEqual([
    ...['r mask[0] 0x0', 'w mask[0] 0x2', 'w QueueSel 0x0', 'w QueueReset 0x1', 'r QueueReset 0x0'],
  ]);
  expect(restarted.slice(-6)).toEqual([
    ...['w QueueReady 0x1', 'w QueueSel 0x0', 'w MsiQueueVector 0x1', 'r MsiQueueVector 0x1'],
    ...['r mask[0] 0x2', 'w mask[0] 0x0'],
  ]);
});

it('leaves a device reset', () => {
  expect(accesses(native, [{ do: 'start' }, { do: 'stop' }])).toEqual([
    ...['r mask[0] 0x0', 'w mask[0] 0x3', 'w Status 0x0', 'r Status 0x0'],
  ]);
});
