/** Setting up, stopping and resetting queues. */
import type { Fault } from './fault.ts';
import { wrap } from './help.ts';

export const queueFaults: readonly Fault[] = [
  {
    id: 'queue-size-its-own',
    clause: 'DRV-QUEUESIZE',
    summary: 'gives each queue 256 entries, whatever QueueSizeMax is',
    apply(d) {
      d.ringSize = () => 256;
    },
  },
  {
    id: 'queue-size-rounded-up',
    clause: 'DRV-QUEUESIZE',
    summary: 'rounds QueueSizeMax up to a power of two',
    apply(d) {
      d.ringSize = (sizeMax) => 2 ** Math.ceil(Math.log2(sizeMax));
    },
  },
  {
    id: 'queue-size-not-rounded',
    clause: 'DRV-POWER2',
    summary: 'gives a split queue QueueSizeMax entries as it is',
    apply(d) {
      d.ringSize = (sizeMax) => sizeMax;
    },
  },
  {
    id: 'queue-size-by-requests',
    clause: 'DRV-POWER2',
    summary: 'gives a queue as many entries as so many requests need',
    apply(d) {
      wrap(d, 'ringSize', (original) => (sizeMax) => {
        const needed = d.type?.chain.length ?? 1;
        return original(sizeMax) > needed ? needed * Math.floor(original(sizeMax) / needed) : original(sizeMax);
      });
    },
  },
  {
    id: 'queue-select-assumed',
    clause: 'DRV-SELQUEUE',
    summary: 'takes QueueSel to be 0 after a reset and writes it for other queues only',
    apply(d) {
      let seen = false;
      wrap(d.transport, 'reset', (original) => () => {
        seen = false;
        original();
      });
      wrap(d.transport, 'selectQueue', (original) => (index) => {
        if (index !== 0 || seen) original(index);
        if (index !== 0) seen = true;
      });
    },
  },
  {
    id: 'queue-select-remembered',
    clause: 'DRV-SELQUEUE',
    summary: 'writes QueueSel only where it is another than last time, and remembers that over a reset',
    variant: 'single-queue',
    apply(d) {
      let last: number | undefined;
      wrap(d.transport, 'selectQueue', (original) => (index) => {
        if (index !== last) original(index);
        last = index;
      });
    },
  },
  {
    id: 'queue-select-late',
    clause: 'DRV-SELQUEUE',
    summary: 'looks at QueueReady before it selects the queue',
    apply(d) {
      wrap(d.transport, 'sizeMax', (original) => (index) => {
        d.registers.read('QueueReady');
        return original(index);
      });
    },
  },
  {
    id: 'queue-enabled-first',
    clause: 'DRV-QUEUESETUP',
    summary: 'enables a queue and tells where it is then',
    apply(d) {
      d.transport.enable = (queue) => {
        d.transport.selectQueue(queue.index);
        d.registers.write('QueueReady', 1);
        d.transport.describe(queue);
      };
    },
  },
  {
    id: 'queue-high-halves-forgotten',
    clause: 'DRV-QUEUESETUP',
    summary: 'writes the low halves of queue addresses only: its memory lies below 4 GiB',
    apply(d) {
      d.transport.writeAddress = (part, address) => d.registers.write(`${part}Low`, address % 2 ** 32);
    },
  },
  {
    id: 'queue-size-forgotten',
    clause: 'DRV-QUEUESETUP',
    summary: 'does not write QueueSize: it takes what QueueSizeMax says',
    apply(d) {
      d.ringSize = (sizeMax) => 2 ** Math.floor(Math.log2(sizeMax));
      d.transport.describe = ({ desc, avail, used }) => {
        d.transport.writeAddress('QueueDesc', desc);
        d.transport.writeAddress('QueueDriver', avail);
        d.transport.writeAddress('QueueDevice', used);
      };
    },
  },
  {
    id: 'queue-described-again',
    clause: 'DRV-QUEUEORDER',
    summary: 'writes the addresses of a queue once more after it has enabled it',
    apply(d) {
      wrap(d.transport, 'enable', (original) => (queue) => {
        original(queue);
        d.transport.describe(queue);
      });
    },
  },
  {
    id: 'queue-moved-live',
    clause: 'DRV-QUEUEORDER',
    summary: 'writes the size of a queue before it stops it',
    apply(d) {
      wrap(d.transport, 'stop', (original) => (queue) => {
        d.transport.selectQueue(queue.index);
        d.registers.write('QueueSize', queue.size);
        original(queue);
      });
      wrap(d.transport, 'resetQueue', (original) => (queue) => {
        d.transport.selectQueue(queue.index);
        d.registers.write('QueueSize', queue.size);
        original(queue);
      });
    },
  },
  {
    id: 'queue-stop-unread',
    clause: 'DRV-QUEUESTOP',
    summary: 'stops a queue and does not read QueueReady back',
    apply(d) {
      d.transport.awaitStop = () => {};
    },
  },
  {
    id: 'queue-stop-another-read',
    clause: 'DRV-QUEUESTOP',
    summary: 'stops a queue and reads QueueReady of the first one back',
    apply(d) {
      wrap(d.transport, 'awaitStop', () => () => {
        d.transport.selectQueue(0);
        d.registers.read('QueueReady');
      });
    },
  },
  {
    id: 'queue-reset-unnegotiated',
    clause: 'DRV-RINGRESET',
    summary: 'resets a queue whether it may or not, and goes on with QueueReady where that did nothing',
    apply(d) {
      wrap(d.transport, 'stop', (original) => (queue) => {
        d.transport.selectQueue(queue.index);
        d.registers.write('QueueReset', 1);
        d.registers.read('QueueReset');
        original(queue);
      });
    },
  },
  {
    id: 'queue-reset-not-awaited',
    clause: 'DRV-QUEUERESET',
    summary: 'resets a queue and sets it up again at once',
    apply(d) {
      d.transport.awaitQueueReset = () => {};
    },
  },
  {
    id: 'queue-reset-read-once',
    clause: 'DRV-QUEUERESET',
    summary: 'reads QueueReset once, whatever it reads',
    apply(d) {
      d.transport.awaitQueueReset = () => {
        d.registers.read('QueueReset');
      };
    },
  },
  {
    id: 'queue-reset-ready-read',
    clause: 'DRV-QUEUERESET',
    summary: 'takes a queue reset as done when QueueReady reads 0',
    apply(d) {
      d.transport.awaitQueueReset = () => d.transport.await('the reset', () => d.registers.read('QueueReady') === 0);
    },
  },
];
