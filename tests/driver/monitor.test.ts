/** Each driver clause that an access can break: a log that breaks it, and it alone, and one that keeps it. */
import { describe, expect, test } from 'vitest';
import { loadLayout } from '../../spec/load.ts';
import {
  DRIVER,
  ENTRY,
  judge,
  LIVE,
  LIVE_MSI,
  MAPPED,
  negotiate,
  PROBED,
  queue,
  RESET,
  WITH_MSI,
  type World,
} from './support.ts';

interface Case extends World {
  clause: string;
  breaks: string[];
  keeps: string[];
  /** Why a case has a place of its own. */
  note?: string;
}

const without = (lines: readonly string[], ...gone: string[]): string[] => {
  for (const line of gone) expect(lines).toContain(line);
  return lines.filter((line) => !gone.includes(line));
};
const instead = (lines: readonly string[], old: string, ...by: string[]): string[] => {
  expect(lines).toContain(old);
  return lines.flatMap((line) => (line === old ? by : [line]));
};

const SET_UP = [...DRIVER, ...negotiate(), 'w QueueSel 0'];
const LEGACY = ['r MagicValue 0x74726976', 'r Version 1', 'r DeviceID 2', 'w Status 0', 'w Status 1'];
const STOPPED = ['w QueueReady 0', 'r QueueReady 0'];
/** VERSION_1 and VIRTIO_F_RING_RESET. */
const LIVE_RESETTING = [...DRIVER, ...negotiate(0x101), ...queue(0), 'w Status 0xf'];
const NO_MSI: World = { device: { msi: 'withheld' } };
const BASE: World = { layout: loadLayout('virtio-mmio') };
const MSIX: World = { layout: loadLayout('msix') };
const REFUSED = [...DRIVER, ...negotiate(WITH_MSI), ...queue(0), 'w MsiQueueVector 0', 'r MsiQueueVector 0xffff'];
const MSIX_BITS = 0x2001;
const MSIX_LIVE = [
  ...[...DRIVER, ...negotiate(MSIX_BITS), ...queue(0), 'w MsixCapability 0xc0000000'],
  ...[...ENTRY, 'r entry[0].vector-control 1', 'w entry[0].vector-control 0', ...MAPPED],
  ...['w MsixCapability 0x80000000', 'w Status 0xf'],
];

const cases: Case[] = [
  { clause: 'DRV-PROBE', breaks: ['r DeviceID 2', 'r MagicValue 0x74726976'], keeps: LIVE },
  {
    clause: 'DRV-PROBE',
    note: 'either first',
    breaks: ['w Status 0'],
    keeps: ['r Version 2', 'r MagicValue 0x74726976', 'r DeviceID 2'],
  },
  {
    clause: 'DRV-MAGIC',
    breaks: ['r MagicValue 0', 'r Version 2', 'r DeviceID 2', 'w Status 0'],
    keeps: ['r MagicValue 0', 'r Version 2'],
  },
  {
    clause: 'DRV-VERSION',
    breaks: ['r MagicValue 0x74726976', 'r Version 1', 'r DeviceID 2', 'w Status 0'],
    keeps: ['r MagicValue 0x74726976', 'r Version 1'],
  },
  {
    clause: 'DRV-VERSION',
    note: 'a transitional driver, by the interface of today and by the legacy one',
    breaks: [...LEGACY, 'w Status 3', 'w QueueSel 0', 'w QueueDescLow 0x1000'],
    keeps: [...LEGACY, 'w @0x28 0x1000', 'w Status 3', 'w QueueSel 0', 'w QueueSize 8', 'w @0x3c 4096', 'w @0x40 1'],
  },
  {
    clause: 'DRV-VERSION',
    note: 'not by what shows no interface',
    breaks: [...LEGACY, 'w Status 3'],
    keeps: ['r Version 1', 'r MagicValue 0x74726976', 'r DeviceID 2', 'r VendorID 0'],
  },
  {
    clause: 'DRV-PLACEHOLDER',
    breaks: ['r MagicValue 0x74726976', 'r Version 2', 'r DeviceID 0', 'r VendorID 0'],
    keeps: ['r MagicValue 0x74726976', 'r Version 2', 'r DeviceID 0'],
  },
  { clause: 'DRV-INIT', note: 'reset first', breaks: [...PROBED, 'w Status 1'], keeps: LIVE },
  {
    clause: 'DRV-INIT',
    note: 'order',
    breaks: [...PROBED, ...RESET, 'w Status 2'],
    keeps: [...PROBED, ...RESET, 'w Status 3'],
  },
  {
    clause: 'DRV-INIT',
    note: 'no bit cleared',
    breaks: [...DRIVER, 'w Status 1'],
    keeps: [...LIVE, ...RESET, 'w Status 1'],
  },
  {
    clause: 'DRV-INIT',
    note: 'a bit of the device is none of the driver',
    breaks: [...LIVE, 'w Status 0xb'],
    keeps: [...LIVE, 'r Status 0x4f', 'w Status 0xf'],
  },
  {
    clause: 'DRV-INIT',
    note: 'no notification early',
    breaks: instead(LIVE, 'w Status 0xf', 'w QueueNotify 0', 'w Status 0xf'),
    keeps: [...LIVE, 'w QueueNotify 0'],
  },
  {
    clause: 'DRV-INIT',
    note: 'queues before DRIVER_OK, but those that are set up again',
    breaks: [...LIVE, ...queue(1)],
    keeps: [...LIVE, 'w QueueSel 0', ...STOPPED, ...queue(0)],
  },
  { clause: 'DRV-INIT', note: 'queues after features', breaks: [...DRIVER, ...queue(0)], keeps: LIVE },
  {
    clause: 'DRV-RESET',
    breaks: [...PROBED, 'w Status 0', 'w Status 1', 'w Status 3'],
    keeps: [...PROBED, 'w Status 0', 'r Status 3', 'r Status 0', 'w Status 1'],
  },
  {
    clause: 'DRV-RESET',
    note: 'queues taken down after the last reset, as Linux does',
    breaks: [...LIVE, 'w Status 0', 'w QueueSel 0', 'w QueueReady 0', 'r QueueReady 0', 'w Status 1'],
    keeps: [...LIVE, 'w Status 0', 'w QueueSel 0', 'w QueueReady 0', 'r QueueReady 0', 'r Status 0', 'w Status 1'],
  },
  { clause: 'DRV-FEATURES', note: 'offered', breaks: [...DRIVER, ...negotiate(3)], keeps: LIVE },
  {
    clause: 'DRV-FEATURES',
    note: 'late',
    breaks: [...LIVE, 'w DriverFeaturesSel 1', 'w DriverFeatures 0x1001'],
    keeps: [...LIVE, 'w DriverFeaturesSel 1', 'w DriverFeatures 1'],
  },
  { clause: 'DRV-VERSION1', breaks: [...DRIVER, ...negotiate(0)], keeps: LIVE },
  { clause: 'DRV-SELFEATURES', breaks: [...DRIVER, 'r DeviceFeatures 0'], keeps: LIVE },
  {
    clause: 'DRV-SELFEATURES',
    note: 'again after a reset',
    breaks: [...LIVE, ...RESET, 'w Status 1', 'r DeviceFeatures 0'],
    keeps: [...LIVE, ...RESET],
  },
  {
    clause: 'DRV-FEATURESOK',
    note: 'read back',
    breaks: [...without([...DRIVER, ...negotiate()], 'r Status 0xb'), 'w QueueSel 0'],
    keeps: LIVE,
  },
  {
    clause: 'DRV-FEATURESOK',
    note: 'refused',
    breaks: [...instead([...DRIVER, ...negotiate()], 'r Status 0xb', 'r Status 3'), 'w QueueSel 0'],
    keeps: [...instead([...DRIVER, ...negotiate()], 'r Status 0xb', 'r Status 3'), 'w Status 0x83'],
  },
  {
    clause: 'DRV-FEATURESOK',
    note: 'both at once',
    breaks: instead([...DRIVER, ...negotiate()].slice(0, -1), 'w Status 0xb', 'w Status 0xf'),
    keeps: LIVE,
  },
  { clause: 'DRV-CONFIGWRITE', breaks: [...DRIVER, 'w8 Config+32 1'], keeps: [...LIVE, 'w8 Config+32 1'] },
  {
    clause: 'DRV-FAILED',
    breaks: [...LIVE, 'w Status 0x8f', 'w Status 0xf'],
    keeps: [...LIVE, 'w Status 0x8f', ...RESET, 'w Status 1'],
  },
  { clause: 'DRV-UNDEFINED', breaks: [...PROBED, 'r @0x18 0'], keeps: LIVE },
  {
    clause: 'DRV-UNDEFINED',
    note: 'behind the configuration',
    breaks: [...LIVE, 'r @0x1f0 0'],
    keeps: [...LIVE, 'r8 Config+59 0'],
  },
  { clause: 'DRV-DIRECTION', note: 'write', breaks: [...DRIVER, 'w VendorID 1'], keeps: LIVE },
  { clause: 'DRV-DIRECTION', note: 'read', breaks: [...DRIVER, 'r QueueSel 0'], keeps: LIVE },
  { clause: 'DRV-DIRECTION', note: 'without MSI', ...BASE, breaks: [...DRIVER, 'w VendorID 1'], keeps: LIVE },
  { clause: 'DRV-WIDTH', breaks: [...DRIVER, 'r8 VendorID 0'], keeps: LIVE },
  { clause: 'DRV-WIDTH', note: 'without MSI', ...BASE, breaks: [...DRIVER, 'r8 VendorID 0'], keeps: LIVE },
  {
    clause: 'DRV-WIDTH',
    note: 'a field of 64 bits',
    breaks: [...LIVE, 'r64 Config+0 0'],
    keeps: [...LIVE, 'r ConfigGeneration 1', 'r Config+0 1', 'r Config+4 0', 'r ConfigGeneration 1'],
  },
  {
    clause: 'DRV-WIDTH',
    note: 'a field of 16 bits',
    breaks: [...LIVE, 'r Config+32 0'].map((line) => line.replace('Config+32', 'Config+34')),
    keeps: [...LIVE, 'r16 Config+34 3'],
  },
  {
    clause: 'DRV-WIDTH',
    note: 'a field of 16 bits as part of a dword',
    breaks: [...LIVE, 'r Config+32 0'],
    keeps: [...LIVE, 'r8 Config+32 0', 'r8 Config+33 0', 'r16 Config+34 3'],
  },
  { clause: 'DRV-SHM', breaks: [...LIVE, 'w SHMSel 0'], keeps: LIVE },
  {
    clause: 'DRV-CONFIGREAD',
    note: 'not at all',
    breaks: [...LIVE, 'r Config+0 1', 'r Config+4 0'],
    keeps: [...LIVE, 'r ConfigGeneration 1', 'r Config+0 1', 'r Config+4 0', 'r ConfigGeneration 1'],
  },
  {
    clause: 'DRV-CONFIGREAD',
    note: 'a part of it read before is no reading, nor does what the device does end one',
    breaks: [...LIVE, 'r Config+0 1', 'r Config+4 0', 'r ConfigGeneration 1'],
    keeps: [
      ...[...LIVE, 'r Config+0 1', 'r ConfigGeneration 1', 'r Config+0 1', 'astray'],
      ...['r Config+4 0', 'r ConfigGeneration 1'],
    ],
  },
  {
    clause: 'DRV-CONFIGREAD',
    note: 'not after',
    breaks: [...LIVE, 'r ConfigGeneration 1', 'r Config+0 1', 'r Config+4 0', 'w QueueNotify 0'],
    keeps: [
      ...LIVE,
      'r ConfigGeneration 1',
      'r Config+0 1',
      'r Config+4 0',
      'r ConfigGeneration 2',
      'r Config+0 1',
      'r Config+4 0',
      'r ConfigGeneration 2',
    ],
  },
  {
    clause: 'DRV-CONFIGREAD',
    note: 'what was read before may be from long ago',
    breaks: [...LIVE, 'r Config+0 1', 'r Config+4 0', 'r ConfigGeneration 1', 'w QueueNotify 0'],
    keeps: [...LIVE, 'r ConfigGeneration 1', 'w QueueNotify 0', 'r Config+0 1', 'r Config+4 0', 'r ConfigGeneration 1'],
  },
  { clause: 'DRV-QUEUESIZE', breaks: [...SET_UP, 'r QueueSizeMax 64', 'w QueueSize 128'], keeps: LIVE },
  { clause: 'DRV-POWER2', breaks: [...SET_UP, 'r QueueSizeMax 64', 'w QueueSize 48'], keeps: LIVE },
  { clause: 'DRV-SELQUEUE', breaks: [...DRIVER, ...negotiate(), 'r QueueSizeMax 64'], keeps: LIVE },
  {
    clause: 'DRV-QUEUESETUP',
    breaks: [...DRIVER, ...negotiate(), ...without(queue(0), 'w QueueDeviceHigh 0')],
    keeps: LIVE,
  },
  { clause: 'DRV-QUEUEORDER', breaks: [...LIVE, 'w QueueSize 4'], keeps: [...LIVE, ...STOPPED, 'w QueueSize 4'] },
  { clause: 'DRV-QUEUESTOP', breaks: [...LIVE, 'w QueueReady 0', ...RESET], keeps: [...LIVE, ...STOPPED] },
  {
    clause: 'DRV-QUEUERESET',
    device: { ringReset: true },
    breaks: [...LIVE_RESETTING, 'w QueueReset 1', 'r QueueReset 1', ...queue(0)],
    keeps: [...LIVE_RESETTING, 'w QueueReset 1', 'r QueueReset 1', 'r QueueReset 0', ...queue(0)],
  },
  {
    clause: 'DRV-RINGRESET',
    device: { ringReset: true },
    breaks: [...LIVE, 'w QueueReset 1', 'r QueueReset 0'],
    keeps: [...LIVE_RESETTING, 'w QueueReset 1', 'r QueueReset 0'],
  },
  {
    clause: 'DRV-STATUS',
    breaks: [...LIVE, 'line', 'line', 'r InterruptStatus 1', 'w InterruptACK 1'],
    keeps: [...LIVE, 'line', 'r InterruptStatus 1', 'w InterruptACK 1', 'idle'],
  },
  {
    clause: 'DRV-STATUS',
    note: 'before anything is acknowledged',
    breaks: [...LIVE, 'line', 'w InterruptACK 3'],
    keeps: [...LIVE, 'line', 'r InterruptStatus 3', 'w InterruptACK 3'],
  },
  {
    clause: 'DRV-ACK',
    note: 'the bit of the configuration as well',
    breaks: [
      ...LIVE,
      'line',
      'r InterruptStatus 3',
      'w InterruptACK 1',
      'line',
      'r InterruptStatus 2',
      'w InterruptACK 2',
    ],
    keeps: [
      ...LIVE,
      'line',
      'r InterruptStatus 2',
      'w InterruptACK 2',
      'line',
      'r InterruptStatus 1',
      'w InterruptACK 1',
    ],
  },
  {
    clause: 'DRV-ACK',
    note: 'undefined bits',
    breaks: [...LIVE, 'line', 'r InterruptStatus 0x11', 'w InterruptACK 0x11'],
    keeps: [...LIVE, 'line', 'r InterruptStatus 0x11', 'w InterruptACK 1'],
  },
  {
    clause: 'DRV-ACK',
    note: 'not seen',
    breaks: [...LIVE, 'line', 'r InterruptStatus 1', 'w InterruptACK 3'],
    keeps: [...LIVE, 'line', 'r InterruptStatus 3', 'w InterruptACK 1', 'w InterruptACK 2'],
  },
  {
    clause: 'DRV-ACK',
    note: 'never',
    breaks: [...LIVE, 'line', 'r InterruptStatus 1', 'line', 'r InterruptStatus 1', 'w InterruptACK 1'],
    keeps: [...LIVE, 'line', 'r InterruptStatus 1', 'w InterruptACK 1', 'idle'],
  },
  // --- MSI ---
  { clause: 'DRV-OFFERED', ...NO_MSI, breaks: [...LIVE, 'r MsiVectorCount 0'], keeps: LIVE },
  { clause: 'DRV-OFFERED', note: 'maps early', breaks: [...DRIVER, 'w MsiConfigVector 0'], keeps: LIVE_MSI },
  {
    clause: 'DRV-OFFERED',
    note: 'unmapping early is no mapping, where there is something to unmap',
    ...NO_MSI,
    breaks: [...DRIVER, 'w MsiConfigVector 0xffff', ...negotiate()],
    keeps: LIVE,
  },
  { clause: 'DRV-OFFERED', note: 'unmasks early', breaks: [...DRIVER, 'w mask[0] 0x1e'], keeps: LIVE_MSI },
  { clause: 'DRV-ACCESS', note: 'width', breaks: [...LIVE_MSI, 'w16 entry[1].data 1'], keeps: LIVE_MSI },
  { clause: 'DRV-ACCESS', note: 'direction', breaks: [...LIVE_MSI, 'w MsiVectorCount 1'], keeps: LIVE_MSI },
  { clause: 'DRV-PBA', breaks: [...LIVE_MSI, 'w pba[0] 0'], keeps: [...LIVE_MSI, 'r pba[0] 0'] },
  {
    clause: 'DRV-COUNT',
    note: 'maps',
    breaks: [...LIVE_MSI, 'w MsiConfigVector 5'],
    keeps: [...LIVE_MSI, 'w MsiConfigVector 4', 'r MsiConfigVector 4'],
  },
  {
    clause: 'DRV-COUNT',
    note: 'entries',
    breaks: [...LIVE_MSI, 'w entry[5].data 1'],
    keeps: [...LIVE_MSI, 'w entry[4].data 1'],
  },
  {
    clause: 'DRV-MASKED',
    breaks: [...LIVE_MSI, 'w entry[0].data 0x21'],
    keeps: [...LIVE_MSI, 'w mask[0] 0x1f', 'w entry[0].data 0x21', 'w mask[0] 0x1e'],
  },
  { clause: 'DRV-COMPLETE', breaks: without(LIVE_MSI, 'w entry[0].address-high 0'), keeps: LIVE_MSI },
  {
    clause: 'DRV-COMPLETE',
    note: 'before FEATURES_OK does not count',
    breaks: [...DRIVER, ...ENTRY, ...negotiate(WITH_MSI), 'w mask[0] 0x1e'],
    keeps: LIVE_MSI,
  },
  {
    clause: 'DRV-ALIGN',
    breaks: instead(LIVE_MSI, 'w entry[0].address-low 0xfee00000', 'w entry[0].address-low 0xfee00001'),
    keeps: LIVE_MSI,
  },
  {
    clause: 'DRV-RSVD',
    note: 'the reserved dword',
    breaks: [...LIVE_MSI, 'w entry[1].reserved 1'],
    keeps: [...LIVE_MSI, 'r entry[1].reserved 7', 'w entry[1].reserved 7', 'w entry[1].reserved 0'],
  },
  {
    clause: 'DRV-RSVD',
    note: 'mask bits',
    breaks: [...LIVE_MSI, 'w mask[0] 0x3f'],
    keeps: [...LIVE_MSI, 'w mask[0] 0x1f'],
  },
  { clause: 'DRV-READBACK', breaks: without(LIVE_MSI, 'r MsiQueueVector 0'), keeps: LIVE_MSI },
  {
    clause: 'DRV-READBACK',
    note: 'refused, and the driver walks away',
    breaks: [...REFUSED, 'gave-up so'],
    keeps: [...REFUSED, 'w Status 0x8b', 'gave-up so'],
  },
  {
    clause: 'DRV-READBACK',
    note: 'of the queue that was mapped',
    breaks: [...instead(LIVE_MSI, 'r MsiQueueVector 0', 'w QueueSel 1', 'r MsiQueueVector 0xffff')],
    keeps: [...LIVE_MSI, 'w QueueSel 1', 'w MsiQueueVector 0xffff'],
  },
  {
    clause: 'DRV-NOLINE',
    breaks: [...LIVE_MSI, 'message', 'r InterruptStatus 0'],
    keeps: [...LIVE_MSI, 'message', 'idle'],
  },
  {
    clause: 'DRV-QUIESCE',
    note: 'masked',
    breaks: [...LIVE_MSI, ...STOPPED],
    keeps: [...LIVE_MSI, 'w mask[0] 0x1f', ...STOPPED],
  },
  {
    clause: 'DRV-QUIESCE',
    note: 'unmapped',
    breaks: [...LIVE_MSI, ...STOPPED],
    keeps: [
      ...LIVE_MSI,
      'w QueueSel 1',
      'w MsiQueueVector 0',
      'r MsiQueueVector 0',
      'w MsiQueueVector 0xffff',
      'w QueueSel 0',
      'w MsiQueueVector 0xffff',
      'r MsiQueueVector 0xffff',
      'w mask[0] 0x1f',
      ...STOPPED,
    ],
  },
  // --- the second layout ---
  {
    clause: 'DRV-MASKED',
    note: 'msix',
    ...MSIX,
    breaks: [...MSIX_LIVE, 'w entry[0].data 1'],
    keeps: [...MSIX_LIVE, 'w MsixCapability 0xc0000000', 'w entry[0].data 1', 'w MsixCapability 0x80000000'],
  },
  {
    clause: 'DRV-COMPLETE',
    note: 'msix, when the function mask is lifted',
    ...MSIX,
    breaks: without(MSIX_LIVE, 'w entry[0].data 0x20'),
    keeps: MSIX_LIVE,
  },
  {
    clause: 'DRV-RSVD',
    note: 'msix, vector control',
    ...MSIX,
    breaks: [...MSIX_LIVE, 'r entry[1].vector-control 0xf1', 'w entry[1].vector-control 1'],
    keeps: [...MSIX_LIVE, 'r entry[1].vector-control 0xf1', 'w entry[1].vector-control 0xf1'],
  },
  {
    clause: 'DRV-RSVD',
    note: 'msix, vector control that was never read',
    ...MSIX,
    breaks: [...MSIX_LIVE, 'w entry[1].vector-control 1'],
    keeps: [...MSIX_LIVE, 'r entry[1].vector-control 1', 'w entry[1].vector-control 1'],
  },
  {
    clause: 'DRV-RSVD',
    note: 'msix, the capability',
    ...MSIX,
    breaks: [...MSIX_LIVE, 'w MsixCapability 0xa0000000'],
    keeps: MSIX_LIVE,
  },
  {
    clause: 'DRV-NOLINE',
    note: 'msix, what was raised before may be acknowledged',
    ...MSIX,
    breaks: [...MSIX_LIVE, 'message', 'w InterruptACK 1'],
    keeps: [
      ...DRIVER,
      ...negotiate(MSIX_BITS),
      ...queue(0),
      'w Status 0xf',
      'r InterruptStatus 1',
      'w MsixCapability 0x80000000',
      'message',
      'w InterruptACK 1',
    ],
  },
  {
    clause: 'DRV-OFFERED',
    note: 'msix, enables early',
    ...MSIX,
    breaks: [...DRIVER, 'w MsixCapability 0x80000000'],
    keeps: MSIX_LIVE,
  },
];

describe('the monitor', () => {
  test.each(cases.map((one) => [`${one.clause}${one.note ? `, ${one.note}` : ''}`, one] as const))('%s', (_, one) => {
    const world: World = { ...(one.layout && { layout: one.layout }), ...(one.device && { device: one.device }) };
    const broken = judge(one.breaks, world);
    expect([...new Set(broken.broken)]).toEqual([one.clause]);
    const kept = judge(one.keeps, world);
    expect(kept.broken).toEqual([]);
    expect([...kept.tested]).toContain(one.clause);
  });

  test('lets a driver unmap before it negotiates, where MSI is offered', () => {
    expect(judge([...DRIVER, 'w MsiConfigVector 0xffff', ...negotiate()]).broken).toEqual([]);
  });

  test.each(['polling', 'msi'])('asks nothing of the line of a driver that learns of events by %s', (how) => {
    const waits = ['line', 'line', 'r InterruptStatus 1', 'line', 'idle'];
    expect(judge([...LIVE, `started ${how}`, ...waits]).broken).toEqual([]);
    expect([...new Set(judge([...LIVE, 'started line', ...waits]).broken)]).toEqual(['DRV-STATUS', 'DRV-ACK']);
    expect(judge([...LIVE, `started ${how}`, 'r InterruptStatus 1', 'w InterruptACK 0x11']).broken).toEqual([
      'DRV-ACK',
    ]);
  });

  test('says of a driver that goes on with a Status of before a reset only that', () => {
    const hasty = [...LIVE, 'w Status 0', 'r Status 0xf', 'w Status 0xf', 'w Status 0xf', 'w QueueNotify 0'];
    expect(judge(hasty).broken).toEqual(['DRV-RESET']);
    const again = [...hasty, ...RESET, 'w Status 1', 'w Status 3', ...negotiate(0)];
    expect(judge(again).broken).toEqual(['DRV-RESET', 'DRV-VERSION1']);
  });

  test('judges features though FEATURES_OK is never set', () => {
    const legacy = [...DRIVER, 'w DriverFeaturesSel 0', 'w DriverFeatures 0', 'w Status 7'];
    expect(judge(legacy).broken).toEqual(['DRV-INIT', 'DRV-FEATURESOK', 'DRV-VERSION1']);
  });

  test('judges the access that shows that there is no device', () => {
    expect(judge(['r16 MagicValue 0', 'r Version 2']).broken).toEqual(['DRV-WIDTH']);
  });

  test('has a case for every clause that is not about what a scenario alone can show', () => {
    const shown = new Set(cases.map(({ clause }) => clause));
    const byScenarios = ['DRV-NEEDSRESET', 'DRV-QUEUES', 'DRV-WORK', 'DRV-FALLBACK', 'DRV-SPURIOUS'];
    for (const name of ['native', 'msix']) {
      const { clauses } = loadLayout(name).data;
      const all = clauses.filter(({ binds }) => binds === 'driver').map(({ id }) => id);
      expect(all.filter((id) => !shown.has(id))).toEqual(byScenarios.filter((id) => all.includes(id)));
    }
  });
});
