/** The line: what interrupts by it, and what is told of it. */
import { BOTH, CHANGED, LINE, ONE_FOR_ALL, QUEUES } from './plain.ts';
import { ask, type Scenario, unlike } from './scenario.ts';

/** Bits of InterruptStatus that the specification leaves undefined. */
const UNDEFINED_STATUS = 0xff00_0030;

export const line: Scenario[] = [
  unlike({
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
  unlike({
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
  unlike({
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
  unlike({
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
  unlike({
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
];
