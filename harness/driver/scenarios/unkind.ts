/** Devices that are slow, that refuse, that break down;. */
import type { Device } from '../../../reference-device/device.ts';
import { futureFeature } from '../future-features.ts';
import { LINE, QUEUES } from './plain.ts';
import { ask, type Scenario, unlike, WORK } from './scenario.ts';

/** It uses one buffer at a time, and all that is left when the driver is about to allow notifications again. */
function usesWhileSuppressed(device: Device): void {
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
  const { ram } = device;
  const write = ram.write.bind(ram);
  ram.write = (address, bytes) => {
    const isFlags = device.queues.some(
      ({ driver, ready, format }) => ready === 1 && address === driver.value + format.availableFlags[0],
    );
    if (isFlags && bytes.every((byte) => byte === 0)) settle();
    write(address, bytes);
  };
}

export const unkind: Scenario[] = [
  unlike({
    id: 'negotiation/refused',
    title: 'FEATURES_OK does not stay set',
    blames: 'DRV-FEATURESOK',
    tests: ['DRV-FEATURESOK'],
    because: 'a device may refuse the features',
    expects: 'gives-up',
    prepare: (device) => {
      device.transport.acceptable = () => false;
    },
    script: [ask({ do: 'start' })],
  }),
  unlike({
    id: 'negotiation/msi-refused',
    title: 'FEATURES_OK does not stay set where MSI is accepted',
    blames: 'DRV-FEATURESOK',
    after: [LINE],
    because: 'a device may refuse the features',
    needs: 'msi',
    expects: 'either',
    prepare: (device) => {
      const { transport, msiFeature } = device;
      const original = transport.acceptable.bind(transport);
      transport.acceptable = () =>
        original() &&
        (msiFeature === undefined || ((transport.accepted[msiFeature >>> 5]! >>> (msiFeature & 31)) & 1) === 0);
    },
  }),
  unlike({
    id: 'negotiation/unknown-feature',
    title: 'a feature is offered that the specification keeps for its future',
    blames: 'DRV-WORK',
    because: 'a driver accepts what it understands and leaves the rest',
    prepare: (device) => {
      const bit = futureFeature(device.layout);
      device.transport.offered[bit >>> 5] = (device.transport.offered[bit >>> 5]! | (1 << (bit & 31))) >>> 0;
    },
  }),
  unlike({
    id: 'reset/slow',
    title: 'a reset takes a while: Status reads 0 at the fourth time only',
    blames: 'DRV-RESET',
    because: 'a driver waits until Status reads 0',
    device: { resetReads: 3 },
    script: [...WORK, ...WORK],
  }),
  unlike({
    id: 'queues/slow-reset',
    title: 'a queue reset takes a while',
    blames: 'DRV-WORK',
    because: 'a queue reset is done when QueueReset reads 0',
    device: { ringReset: true, queueResetReads: 3 },
    script: [
      ask({ do: 'start' }),
      ask({ do: 'transfer', count: 3 }),
      ask({ do: 'restart-queue' }),
      ask({ do: 'transfer', count: 3 }),
      ask({ do: 'stop' }),
    ],
  }),
  unlike({
    id: 'queues/used-while-allowed-again',
    title: 'a buffer comes back just before the driver allows notifications again',
    blames: 'DRV-WORK',
    because: 'what comes back while nobody is notified is looked for afterwards',
    device: { backEnd: 'deferred' },
    prepare: usesWhileSuppressed,
    script: [
      ask({ do: 'start' }),
      ask({ do: 'submit', count: 3 }),
      ask({ do: 'collect' }),
      ask({ do: 'transfer', count: 3 }),
      ask({ do: 'stop' }),
    ],
  }),
  unlike({
    id: 'queues/restart',
    title: 'a queue is stopped and set up again',
    blames: 'DRV-WORK',
    because: 'QueueReady stops a queue',
    after: [QUEUES],
    device: { queues: 3 },
    script: [
      ask({ do: 'start' }),
      ask({ do: 'transfer', count: 3 }),
      ask({ do: 'restart-queue' }),
      ask({ do: 'transfer', count: 3 }),
      ask({ do: 'stop' }),
    ],
  }),
  ...[4, 1024].map((queueSizeMax) =>
    unlike({
      id: `queues/size-${queueSizeMax}`,
      title: `queues of at most ${queueSizeMax}`,
      blames: 'DRV-WORK',
      because: 'any QueueSizeMax is right, and a split queue has a power of 2',
      device: { queueSizeMax },
    }),
  ),
  unlike({
    id: 'queues/size-48',
    title: 'queues of at most 48',
    blames: 'DRV-WORK',
    because: 'a split queue has a power of 2, which the largest that there may be need not be',
    device: { queueSizeMax: 48 },
    // A driver rounds down; no text obliges one that wants a power of 2 there to use the device.
    expects: 'either',
  }),
  unlike({
    id: 'queues/size-1',
    title: 'a queue of one descriptor',
    blames: 'DRV-WORK',
    because: 'a queue may have as little as one descriptor',
    device: { device: 'entropy', queues: 1, queueSizeMax: 1 },
    expects: 'either',
    script: [ask({ do: 'start' }), ask({ do: 'transfer', count: 3 }), ask({ do: 'stop' })],
  }),
  unlike({
    id: 'configuration/changes-while-read',
    title: 'the configuration changes between two reads of it',
    blames: 'DRV-CONFIGREAD',
    tests: ['DRV-CONFIGREAD'],
    because: 'what is longer than 32 bits may be torn, and ConfigGeneration tells',
    shows: ['configuration'],
    script: [ask({ do: 'start' }), ask({ do: 'configuration' }), ask({ do: 'stop' })],
    meddle(device, _bus, asked) {
      const start = device.layout.data.config.offset;
      let left = 3;
      return {
        after(access) {
          if (asked()?.do !== 'configuration' || access.kind !== 'read' || access.offset < start || left === 0) return;
          if (access.offset >= start + device.backend.config.length) return;
          left--;
          device.changeConfig();
        },
      };
    },
  }),
  unlike({
    id: 'errors/needs-reset',
    title: 'the device breaks down and asks for a reset',
    blames: 'DRV-NEEDSRESET',
    tests: ['DRV-NEEDSRESET'],
    because: 'a device that has set DEVICE_NEEDS_RESET works again after a reset',
    expects: 'either',
    device: { backEnd: 'deferred', haltsWhenBroken: true },
    script: [
      ask({ do: 'start' }),
      ask({ do: 'transfer', count: 2 }),
      { device: 'needs-reset' },
      ask({ do: 'transfer', count: 2 }),
      ask({ do: 'stop' }),
    ],
  }),
  unlike({
    id: 'errors/needs-slow-reset',
    title: 'the device breaks down, and its reset takes a while',
    blames: 'DRV-RESET',
    because: 'a driver waits until Status reads 0',
    expects: 'either',
    device: { backEnd: 'deferred', haltsWhenBroken: true, resetReads: 3 },
    script: [
      ask({ do: 'start' }),
      { device: 'needs-reset' },
      ask({ do: 'transfer', count: 2 }, 'DRV-NEEDSRESET'),
      ask({ do: 'stop' }),
    ],
  }),
];
