/** Devices, kind and unkind, on which a driver can show what it is worth. */

import type { Meddling } from '../../harness/driver/bus.ts';
import { futureFeature } from '../../harness/driver/future-features.ts';
import type { Device } from '../../reference-device/device.ts';
import { Msix } from '../../reference-device/msix.ts';
import type { Settings } from '../../reference-device/settings.ts';
import { CONFIG } from '../../reference-device/vectors.ts';
import { type MeetOptions, type Scene, wholeLife } from './meet.ts';

export interface Stage {
  name: string;
  settings?: Partial<Settings>;
  prepare?(device: Device): void;
  meddling?(scene: () => Scene): Meddling;
  steps: MeetOptions['steps'];
}

/** What a register reads instead, from the access that `from` counts to. */
function reads(name: string, change: (value: number, turn: number) => number) {
  return (device: Device): void => {
    const port = (device as unknown as { table: ({ read(): number } | undefined)[] }).table[
      device.layout.register(name).offset >>> 2
    ];
    if (!port) return;
    const original = port.read.bind(port);
    let turn = 0;
    port.read = () => change(original(), turn++) >>> 0;
  };
}

/** Does something whenever this register was accessed. */
const at =
  (name: string, kind: 'read' | 'write', when: 'before' | 'after', act: (scene: Scene) => void) =>
  (scene: () => Scene): Meddling => ({
    [when](access: { kind: string; offset: number }) {
      const { device } = scene();
      if (access.kind === kind && access.offset === device.layout.register(name).offset) act(scene());
    },
  });

const raise =
  (source: 'config' | 'needs-reset') =>
  ({ device, bus }: Scene) => {
    device.raise({ source });
    bus.settle();
  };

const start = { do: 'start' } as const;
const transfer = (count: number) => ({ do: 'transfer', count }) as const;
const short: MeetOptions['steps'] = [start, transfer(6), transfer(6), { do: 'stop' }];

/** Kicks of all queues but the first are taken only when somebody writes InterruptACK. */
function slowQueues(device: Device): void {
  const serve = device.kick.bind(device);
  device.kick = (index) => {
    if (index === 0) serve(index);
    else device.waiting.push(() => serve(index));
  };
}

export const stages: readonly Stage[] = [
  { name: 'whole life', steps: wholeLife },
  { name: 'whole life on the line', settings: { msi: 'withheld' }, steps: wholeLife },
  { name: 'whole life with ring reset', settings: { ringReset: true, queueResetReads: 3 }, steps: wholeLife },
  { name: 'one vector', settings: { vectors: 1 }, steps: short },
  { name: 'two vectors', settings: { vectors: 2 }, steps: short },
  { name: 'a size that is no power of two', settings: { queueSizeMax: 24 }, steps: short },
  {
    name: 'a slow reset',
    settings: { resetReads: 3 },
    steps: [start, transfer(2), start, transfer(2), { do: 'stop' }],
  },
  { name: 'no mapping', settings: { mappable: 0 }, steps: short },
  { name: 'one mapping', settings: { mappable: 1 }, steps: short },
  {
    name: 'reserved bits that hold something',
    settings: { keepsReserved: true, entriesAfterReset: 'garbage' },
    prepare(device) {
      if (!(device.msi instanceof Msix)) return;
      const { table } = device.msi;
      table.readReserved = () => (0xa5a5a5a5 & ~table.mask) >>> 0;
    },
    steps: short,
  },
  { name: 'another magic', prepare: reads('MagicValue', (value) => value + 1), steps: [start] },
  {
    name: 'another magic in its high half',
    prepare: reads('MagicValue', (value) => value ^ 0x01000000),
    steps: [start],
  },
  {
    name: 'an entropy device',
    settings: { device: 'entropy', queues: 1 },
    steps: [start, transfer(3), { do: 'configuration' }],
  },
  {
    name: 'a feature of the future',
    prepare(device) {
      const bit = futureFeature(device.layout);
      device.transport.offered[bit >>> 5]! |= 1 << (bit & 31);
    },
    steps: short,
  },
  {
    name: 'no mapping for the configuration',
    prepare({ vectors }) {
      const map = vectors.map.bind(vectors);
      vectors.map = (source, value) => map(source, source === CONFIG ? Number.POSITIVE_INFINITY : value);
    },
    steps: short,
  },
  {
    name: 'other targets after a queue was set up again',
    steps: [start, transfer(3), { do: 'restart-queue' }, { do: 'retarget' }, transfer(3)],
  },
  {
    name: 'messages for nothing',
    steps: [
      start,
      transfer(3),
      ({ device, bus }: Scene) => {
        for (const vector of new Set(device.vectors.mapping)) {
          if (vector < 0 || vector >= device.vectors.count || !device.messages()) continue;
          const address = device.vectors.readLow(vector);
          bus.inject({ kind: 'message', address, data: device.vectors.readData(vector) });
        }
      },
      transfer(3),
      transfer(3),
    ],
  },
  { name: 'a legacy device', prepare: reads('Version', (value) => value - 1), steps: [start] },
  { name: 'a placeholder', prepare: reads('DeviceID', () => 0), steps: [start] },
  {
    name: 'features refused with MSI',
    prepare(device) {
      const bit = device.msiFeature ?? 0;
      const { transport } = device;
      const write = transport.writeStatus.bind(transport);
      transport.writeStatus = (value) => {
        const isMsi = transport.accepted[bit >>> 5]! & (1 << (bit & 31));
        write(isMsi ? value & ~device.layout.bit('Status', 'FEATURES_OK') : value);
      };
    },
    steps: short,
  },
  {
    name: 'undefined bits of InterruptStatus',
    settings: { msi: 'withheld' },
    prepare: reads('InterruptStatus', (value) => (value | 0x80000000) >>> 0),
    steps: short,
  },
  {
    name: 'a configuration that changes while it is read',
    meddling: (scene) => {
      let left = 0;
      return {
        after(access) {
          const { device } = scene();
          if (access.kind !== 'read' || access.offset !== device.layout.data.config.offset) return;
          if (left++ % 3 === 1) device.raise({ source: 'config' });
        },
      };
    },
    steps: [start, { do: 'configuration' }, { do: 'configuration' }, { do: 'configuration' }],
  },
  {
    name: 'used before the acknowledgement is written',
    settings: { msi: 'withheld' },
    prepare: slowQueues,
    meddling: at('InterruptACK', 'write', 'before', ({ bus }) => bus.settle()),
    steps: short,
  },
  {
    name: 'used and changed at once',
    settings: { msi: 'withheld' },
    steps: [start, { do: 'submit', count: 3 }, raise('config'), { do: 'collect' }, { do: 'notice' }],
  },
  {
    name: 'used and changed at once, with MSI',
    steps: [start, { do: 'mask' }, { do: 'submit', count: 3 }, raise('config'), { do: 'unmask' }, { do: 'collect' }],
  },
  { name: 'one notification for many', settings: { notifications: 'batch' }, steps: short },
  { name: 'nothing at once', settings: { backEnd: 'deferred' }, steps: short },
  {
    name: 'a needed reset with buffers under way',
    settings: { backEnd: 'deferred', haltsWhenBroken: true },
    steps: [
      start,
      transfer(3),
      { do: 'submit', count: 4 },
      ({ device, bus }) => {
        device.waiting = [];
        raise('needs-reset')({ device, bus } as Scene);
      },
      { do: 'collect' },
      transfer(2),
    ],
  },
  {
    name: 'targets changed with messages under way',
    steps: [start, { do: 'submit', count: 5 }, { do: 'retarget' }, { do: 'collect' }, transfer(3)],
  },
  {
    name: 'used while notifications are being allowed again',
    settings: { notifications: 'batch', backEnd: 'deferred' },
    prepare(device) {
      // It uses one buffer at a time, and what is left while the driver allows notifications again.
      device.useAll = (queue) => {
        const chain = queue.pop();
        if (!chain) return;
        device.use(queue, chain);
        device.used(queue);
        device.waiting.push(() => device.serve(queue));
      };
      const settle = device.settle.bind(device);
      device.settle = () => {
        while (device.delivered.length === 0 && device.waiting.length > 0) device.waiting.shift()?.();
      };
      const write = device.ram.write.bind(device.ram);
      const { availableFlags } = device.queues[0]!.format;
      device.ram.write = (address, bytes) => {
        const isFlags = device.queues.some(
          ({ driver, ready }) => ready && address === driver.value + availableFlags[0],
        );
        if (isFlags && bytes.every((byte) => byte === 0)) settle();
        write(address, bytes);
      };
    },
    steps: [start, { do: 'submit', count: 4 }, { do: 'submit', count: 4 }, { do: 'collect' }],
  },
];
