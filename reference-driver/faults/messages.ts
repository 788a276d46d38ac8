/** What a driver makes of messages. */
import type { Interrupt } from '../../harness/target.ts';
import type { Fault } from './fault.ts';
import { msi, msix, vectors, wrap } from './help.ts';

export const messageFaults: readonly Fault[] = [
  {
    id: 'interrupt-status-read',
    clause: 'DRV-NOLINE',
    summary: 'asks InterruptStatus what a message is about',
    needsMsi: true,
    apply(d) {
      wrap(msi(d), 'handle', (original) => (interrupt) => {
        d.registers.read('InterruptStatus');
        original(interrupt);
      });
    },
  },
  {
    id: 'message-acknowledged',
    clause: 'DRV-NOLINE',
    summary: 'acknowledges messages as if the line had interrupted',
    needsMsi: true,
    apply(d) {
      wrap(msi(d), 'handle', (original) => (interrupt) => {
        original(interrupt);
        d.registers.write('InterruptACK', d.line.usedBuffer);
      });
    },
  },
  {
    id: 'queue-stopped-unmasked',
    clause: 'DRV-QUIESCE',
    summary: 'stops a queue whose vector is unmasked',
    needsMsi: true,
    apply(d) {
      msi(d).quiesce = () => {};
    },
  },
  {
    id: 'queue-masked-too-late',
    clause: 'DRV-QUIESCE',
    summary: 'masks the vector of a queue after it has stopped it',
    needsMsi: true,
    apply(d) {
      const mask = msi(d).quiesce.bind(msi(d));
      msi(d).quiesce = () => {};
      for (const way of ['stop', 'resetQueue'] as const) {
        wrap(d.transport, way, (original) => (queue) => {
          original(queue);
          mask(queue);
        });
      }
    },
  },
  {
    id: 'spurious-fatal',
    clause: 'DRV-SPURIOUS',
    summary: 'gives the device up when a message comes and nothing was used',
    needsMsi: true,
    apply(d) {
      wrap(msi(d), 'serve', (original) => (source, vector) => {
        const before = d.returned;
        original(source, vector);
        if (source !== 'config' && d.returned === before) d.giveUp(`a message for nothing, of vector ${vector}`);
      });
    },
  },
  {
    id: 'spurious-masks',
    clause: 'DRV-SPURIOUS',
    summary: 'masks a vector for good whose message came for nothing',
    needsMsi: true,
    apply(d) {
      wrap(msi(d), 'serve', (original) => (source, vector) => {
        const before = d.returned;
        original(source, vector);
        if (source !== 'config' && d.returned === before) msi(d).maskNow([vector]);
      });
    },
  },
  {
    id: 'retarget-live-after-restart',
    clause: 'DRV-MASKED',
    summary: 'gives vectors another target without masking them, once a queue was stopped and set up again',
    needsMsi: true,
    apply(d) {
      let hasRestarted = false;
      wrap(d, 'restartQueue', (original) => () => {
        original();
        hasRestarted = true;
      });
      wrap(msi(d), 'retargetOne', (original) => (vector) => {
        if (hasRestarted) msi(d).give(vector, d.bus.message());
        else original(vector);
      });
    },
  },
  {
    id: 'shared-first-only',
    clause: 'DRV-SPURIOUS',
    summary: 'serves only the first source of a vector that several share',
    variant: 'two-vectors',
    needsMsi: true,
    apply(d) {
      wrap(msi(d), 'sourcesOf', (original) => (vector) => {
        const sources = original(vector);
        return isHandling ? sources.slice(0, 1) : sources;
      });
      let isHandling = false;
      wrap(msi(d), 'handle', (original) => (interrupt: Interrupt) => {
        isHandling = true;
        original(interrupt);
        isHandling = false;
      });
    },
  },
  {
    id: 'shared-config-or-queue',
    clause: 'DRV-SPURIOUS',
    summary: 'takes a message of a shared vector for a configuration change and looks at no queue',
    variant: 'config-with-queue',
    needsMsi: true,
    apply(d) {
      let isConfig = false;
      wrap(msi(d), 'serve', (original) => (source, vector) => {
        const shares = msi(d).sourcesOf(vector).length > 1;
        if (source === 'config') isConfig = shares && d.config?.hasChanged() === true;
        if (source === 'config' || !isConfig) original(source, vector);
        else isConfig = false;
      });
    },
  },
  {
    id: 'retarget-data-forgotten',
    clause: 'DRV-WORK',
    summary: "writes the address of a vector's new target and leaves the data",
    needsMsi: true,
    apply(d) {
      let isRetarget = false;
      wrap(msi(d), 'retargetOne', (original) => (vector) => {
        isRetarget = true;
        original(vector);
        isRetarget = false;
      });
      wrap(vectors(d), 'writeDword', (original) => (vector, field, value) => {
        if (!isRetarget || field !== 'data') original(vector, field, value);
      });
    },
  },
  {
    id: 'retarget-handler-late',
    clause: 'DRV-WORK',
    summary: 'does not know a message to the target that a vector had before, though it was under way',
    needsMsi: true,
    apply(d) {
      wrap(msi(d), 'give', (original) => (vector, message) => {
        for (const [key, owner] of msi(d).targets) if (owner === vector) msi(d).targets.delete(key);
        original(vector, message);
      });
    },
  },
  {
    id: 'left-masked',
    clause: 'DRV-WORK',
    summary: 'masks a vector when its message comes and forgets to unmask it',
    variant: 'masks-while-handling',
    needsMsi: true,
    apply(d) {
      wrap(msi(d), 'handle', (original) => (interrupt) => {
        const unmask = msi(d).unmaskNow;
        msi(d).unmaskNow = () => {};
        original(interrupt);
        msi(d).unmaskNow = unmask;
      });
    },
  },
  {
    id: 'left-masked-when-idle',
    clause: 'DRV-WORK',
    summary: 'masks the vectors of queues when nothing is under way, and forgets to unmask them for the next buffers',
    variant: 'lazy-unmask',
    needsMsi: true,
    apply(d) {
      let isFirst = true;
      wrap(msi(d), 'expect', (original) => (queue) => {
        if (isFirst) original(queue);
      });
      wrap(msi(d), 'expectNothing', (original) => () => {
        original();
        isFirst = false;
      });
    },
  },
  {
    id: 'left-masked-after-retarget',
    clause: 'DRV-WORK',
    summary: 'masks a vector to give it another target and does not unmask it',
    needsMsi: true,
    apply(d) {
      msi(d).retargetOne = (vector) => {
        vectors(d).mask([vector]);
        msi(d).give(vector, d.bus.message());
      };
    },
  },
  {
    id: 'first-vector-only',
    clause: 'DRV-WORK',
    summary: 'unmasks its first vector only',
    needsMsi: true,
    apply(d) {
      wrap(msi(d), 'go', (original) => () => {
        const unmask = msi(d).unmaskNow.bind(msi(d));
        msi(d).unmaskNow = (list) => unmask(list.slice(0, 1));
        original();
        msi(d).unmaskNow = unmask;
      });
    },
  },
  {
    id: 'function-mask-left',
    clause: 'DRV-WORK',
    summary: 'leaves the function mask set',
    mechanism: 'vector-control',
    apply(d) {
      msix(d).go = () => {};
    },
  },
  {
    id: 'enable-forgotten',
    clause: 'DRV-WORK',
    summary: 'never sets enable and waits for messages',
    mechanism: 'vector-control',
    apply(d) {
      wrap(msix(d), 'writeSwitches', (original) => (switches) => original({ ...switches, enable: false }));
    },
  },
];
