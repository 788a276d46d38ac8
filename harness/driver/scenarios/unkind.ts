/** Devices that are slow, that refuse, that break down; and what is no device for the driver at all. */
import type { Device } from '../../../reference-device/device.ts';
import { futureFeature } from '../future-features.ts';
import { BOTH, CHANGED, LINE, ONE_FOR_ALL, QUEUES } from './plain.ts';
import { ask, KIND, type Scenario, WORK } from './scenario.ts';

const scenario = (one: Omit<Scenario, 'expects' | 'script'> & Partial<Scenario>): Scenario => ({
  expects: 'works',
  script: WORK,
  ...one,
  device: { ...KIND, ...one.device },
});

/** A register of the device reads something else. */
function reads(name: string, value: number) {
  return (device: Device) => device.connect(name, { read: () => value, write: () => {} });
}

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

/** Bits of InterruptStatus that the specification leaves undefined. */
const UNDEFINED_STATUS = 0xff00_0030;

export const unkind: Scenario[] = [
  scenario({
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
  scenario({
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
  scenario({
    id: 'negotiation/unknown-feature',
    title: 'a feature is offered that the specification keeps for its future',
    blames: 'DRV-WORK',
    because: 'a driver accepts what it understands and leaves the rest',
    prepare: (device) => {
      const bit = futureFeature(device.layout);
      device.transport.offered[bit >>> 5] = (device.transport.offered[bit >>> 5]! | (1 << (bit & 31))) >>> 0;
    },
  }),
  scenario({
    id: 'reset/slow',
    title: 'a reset takes a while: Status reads 0 at the fourth time only',
    blames: 'DRV-RESET',
    because: 'a driver waits until Status reads 0',
    device: { resetReads: 3 },
    script: [...WORK, ...WORK],
  }),
  scenario({
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
  scenario({
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
  scenario({
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
  ...[4, 48, 1024].map((queueSizeMax) =>
    scenario({
      id: `queues/size-${queueSizeMax}`,
      title: `queues of at most ${queueSizeMax}`,
      blames: 'DRV-WORK',
      because: 'any QueueSizeMax is right, and a split queue has a power of 2',
      device: { queueSizeMax },
    }),
  ),
  scenario({
    id: 'queues/size-1',
    title: 'a queue of one descriptor',
    blames: 'DRV-WORK',
    because: 'a queue may have as little as one descriptor',
    device: { device: 'entropy', queues: 1, queueSizeMax: 1 },
    expects: 'either',
    script: [ask({ do: 'start' }), ask({ do: 'transfer', count: 3 }), ask({ do: 'stop' })],
  }),
  scenario({
    id: ONE_FOR_ALL,
    title: 'one interrupt of the line stands for buffers of several queues',
    blames: 'DRV-QUEUES',
    tests: ['DRV-QUEUES'],
    because: 'the used buffer bit is for every queue',
    shows: ['submit', 'collect'],
    after: [LINE],
    device: { queues: 3, msi: 'withheld', backEnd: 'deferred' },
    script: [
      ask({ do: 'start' }),
      ask({ do: 'submit', count: 3 }),
      { device: 'settle' },
      ask({ do: 'collect' }),
      ask({ do: 'stop' }),
    ],
  }),
  scenario({
    id: 'line/used-while-acknowledged',
    title: 'a buffer comes back just before the driver acknowledges another',
    blames: 'DRV-ACK',
    tests: ['DRV-ACK'],
    because: 'what is acknowledged is what was handled',
    shows: ['submit', 'collect'],
    after: [LINE, QUEUES, ONE_FOR_ALL],
    device: { queues: 2, msi: 'withheld', backEnd: 'deferred' },
    script: [ask({ do: 'start' }), ask({ do: 'submit', count: 2 }), ask({ do: 'collect' }), ask({ do: 'stop' })],
    meddle(device) {
      // The first when the driver waits, the other one just before an acknowledgement.
      const next = () => device.waiting.shift()?.();
      const settle = device.settle.bind(device);
      let waited = false;
      device.settle = () => {
        if (waited) return settle();
        waited = true;
        next();
      };
      const { offset } = device.layout.register('InterruptACK');
      return {
        before(access) {
          if (access.kind !== 'write' || access.offset !== offset) return;
          next();
        },
      };
    },
  }),
  scenario({
    id: 'line/config-change',
    title: 'the configuration changes, and the line tells',
    blames: 'DRV-ACK',
    tests: ['DRV-ACK'],
    because: 'the bit of the configuration is handled and acknowledged as well',
    shows: ['notice'],
    after: [LINE, CHANGED],
    device: { msi: 'withheld' },
    script: [
      ask({ do: 'start' }),
      { device: 'config' },
      ask({ do: 'notice' }),
      ask({ do: 'transfer', count: 2 }),
      { device: 'config' },
      ask({ do: 'notice' }),
      ask({ do: 'stop' }),
    ],
  }),
  scenario({
    id: BOTH,
    title: 'one interrupt of the line is for a buffer and for a configuration change',
    blames: 'DRV-ACK',
    because: 'each bit that is acknowledged was handled',
    shows: ['submit', 'collect', 'notice'],
    after: [LINE, CHANGED],
    device: { msi: 'withheld', backEnd: 'deferred' },
    script: [
      ask({ do: 'start' }),
      ask({ do: 'submit', count: 1 }),
      { device: 'config' },
      { device: 'settle' },
      ask({ do: 'collect' }),
      ask({ do: 'notice' }),
      ask({ do: 'stop' }),
    ],
  }),
  scenario({
    id: 'line/undefined-status',
    title: 'InterruptStatus has undefined bits set',
    blames: 'DRV-STATUS',
    tests: ['DRV-STATUS'],
    because: 'undefined bits are ignored',
    survives: 'DRV-STATUS',
    after: [LINE],
    device: { msi: 'withheld' },
    prepare: (device) => {
      const original = device.interruptStatus.bind(device);
      device.interruptStatus = () => (original() | UNDEFINED_STATUS) >>> 0;
    },
  }),
  scenario({
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
  scenario({
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
  scenario({
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
  scenario({
    id: 'identification/placeholder',
    title: 'DeviceID reads 0: no device is here',
    blames: 'DRV-PLACEHOLDER',
    because: 'a placeholder is left alone',
    survives: 'DRV-PLACEHOLDER',
    expects: 'leaves-alone',
    prepare: (device) => reads('DeviceID', device.layout.constant('NO_DEVICE'))(device),
    script: [ask({ do: 'start' })],
  }),
  ...[0, 1, 2, 3].map((byte) =>
    scenario({
      id: `identification/magic-${byte}`,
      title: `byte ${byte} of MagicValue reads something else`,
      blames: 'DRV-MAGIC',
      because: 'this is no virtio device',
      expects: 'leaves-alone',
      prepare: (device) => {
        const { value = 0 } = device.layout.register('MagicValue');
        reads('MagicValue', (value ^ (1 << (8 * byte))) >>> 0)(device);
      },
      script: [ask({ do: 'start' })],
    }),
  ),
  scenario({
    id: 'identification/legacy',
    title: 'Version reads 1: a legacy device',
    blames: 'DRV-VERSION',
    because: 'the driver ignores other versions',
    expects: 'leaves-alone',
    prepare: (device) => reads('Version', device.layout.constant('VERSION_LEGACY'))(device),
    script: [ask({ do: 'start' })],
  }),
  scenario({
    id: 'identification/later',
    title: 'Version reads 3: a later device',
    blames: 'DRV-VERSION',
    because: 'the driver ignores other versions',
    expects: 'leaves-alone',
    prepare: reads('Version', 3),
    script: [ask({ do: 'start' })],
  }),
];
