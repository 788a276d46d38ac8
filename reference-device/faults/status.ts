/** Status and reset, shared memory, the configuration space. */
import type { Fault } from './fault.ts';
import { CONFIG, lives, onReset, queueSource, wrap } from './help.ts';

export const statusFaults: readonly Fault[] = [
  {
    id: 'status-loses-acknowledge',
    clause: 'STAT-BACK',
    summary: 'Status does not read ACKNOWLEDGE back',
    deep: false,
    apply(d) {
      const bit = d.layout.bit('Status', 'ACKNOWLEDGE');
      wrap(d.transport, 'readStatus', (original) => () => original() & ~bit);
    },
  },
  {
    id: 'status-loses-failed',
    clause: 'STAT-BACK',
    summary: 'Status does not keep FAILED',
    deep: false,
    apply(d) {
      const bit = d.layout.bit('Status', 'FAILED');
      wrap(d.transport, 'setStatus', (original) => (value) => original(value & ~bit));
    },
  },
  {
    id: 'status-loses-driver-after-event',
    clause: 'STAT-BACK',
    summary: 'a configuration change while DRIVER_OK is set clears DRIVER in Status',
    deep: false,
    apply(d) {
      const bit = d.layout.bit('Status', 'DRIVER');
      wrap(d, 'configEvent', (original) => () => {
        original();
        if (d.transport.driverOk) d.transport.status &= ~bit;
      });
    },
  },
  {
    id: 'status-survives-reset',
    clause: 'STAT-RESET',
    summary: 'a reset leaves ACKNOWLEDGE in Status',
    deep: false,
    apply(d) {
      const bit = d.layout.bit('Status', 'ACKNOWLEDGE');
      d.transport.clearStatus = () => {
        d.transport.status &= bit;
      };
    },
  },
  {
    id: 'needs-reset-survives-reset',
    clause: 'STAT-RESET',
    summary: 'a reset does not clear DEVICE_NEEDS_RESET',
    deep: false,
    apply(d) {
      d.transport.clearStatus = () => {
        d.transport.status &= d.transport.NEEDS_RESET;
      };
    },
  },
  {
    id: 'reset-hangs-after-failed',
    clause: 'STAT-RESET',
    summary: 'a reset after FAILED never completes',
    deep: false,
    apply(d) {
      const failed = d.layout.bit('Status', 'FAILED');
      wrap(d.transport, 'requestReset', (original) => () => {
        if ((d.transport.status & failed) === 0) original();
      });
    },
  },
  {
    id: 'needs-reset-silent',
    clause: 'STAT-NEEDS',
    summary: 'DEVICE_NEEDS_RESET is set without a notification',
    deep: false,
    apply(d) {
      d.breakDown = () => d.transport.setNeedsReset();
    },
  },
  {
    id: 'needs-reset-silent-on-line',
    clause: 'STAT-NEEDS',
    summary: 'DEVICE_NEEDS_RESET is notified by messages only, not by the line',
    deep: false,
    apply(d) {
      wrap(d, 'breakDown', (original) => () => {
        if (d.messages()) original();
        else d.transport.setNeedsReset();
      });
    },
  },
  {
    id: 'needs-reset-notifies-queue',
    clause: 'STAT-NEEDS',
    summary: 'DEVICE_NEEDS_RESET is notified as if queue 0 had used a buffer',
    deep: false,
    apply(d) {
      d.breakDown = () => {
        d.transport.setNeedsReset();
        if (d.transport.driverOk) d.notify(queueSource(0));
      };
    },
  },
  {
    id: 'needs-reset-silent-second-life',
    clause: 'STAT-NEEDS',
    summary: 'DEVICE_NEEDS_RESET is notified in the first life of the device only',
    deep: false,
    apply(d) {
      const life = lives(d);
      wrap(d, 'breakDown', (original) => () => {
        if (life() === 0) original();
        else d.transport.setNeedsReset();
      });
    },
  },
  {
    id: 'config-dead-before-features',
    clause: 'CFG-EARLY',
    summary: 'the configuration space reads 0 before FEATURES_OK',
    deep: false,
    apply(d) {
      wrap(d.config, 'load', (original) => (at, size) => (d.transport.featuresOk ? original(at, size) : 0));
    },
  },
  {
    id: 'config-wrong-before-driver',
    clause: 'CFG-EARLY',
    summary: 'the configuration space reads all ones until the driver has said DRIVER',
    deep: false,
    apply(d) {
      const driver = d.layout.bit('Status', 'DRIVER');
      wrap(
        d.config,
        'load',
        (original) => (at, size) => ((d.transport.status & driver) !== 0 ? original(at, size) : 2 ** (8 * size) - 1),
      );
    },
  },
  {
    id: 'generation-stuck',
    clause: 'CFG-GENERATION',
    summary: 'ConfigGeneration never changes',
    deep: false,
    apply(d) {
      d.transport.configChanged = () => {};
    },
  },
  {
    id: 'generation-one-bit',
    clause: 'CFG-GENERATION',
    summary: 'ConfigGeneration moves by two when it should by one, and shows its low bit only',
    deep: false,
    apply(d) {
      wrap(d.transport, 'configChanged', (original) => () => {
        original();
        original();
      });
      wrap(d.transport, 'readConfigGeneration', (original) => () => original() & 1);
    },
  },
  {
    id: 'generation-stuck-with-msi',
    clause: 'CFG-GENERATION',
    summary: 'ConfigGeneration moves with the line interrupt and stands still with messages',
    deep: false,
    needsMsi: true,
    apply(d) {
      wrap(d.transport, 'configChanged', (original) => () => {
        if (!d.messages()) original();
      });
    },
  },
  {
    id: 'generation-waits-for-driver',
    clause: 'CFG-GENERATION',
    summary: 'ConfigGeneration moves only once DRIVER_OK is set, while the configuration changes before it too',
    deep: false,
    apply(d) {
      wrap(d.transport, 'configChanged', (original) => () => {
        if (d.transport.driverOk) original();
      });
    },
  },
  {
    id: 'generation-every-third-missed',
    clause: 'CFG-GENERATION',
    summary: 'every third configuration change leaves ConfigGeneration as it is',
    deep: true,
    apply(d) {
      let changes = 0;
      wrap(d.transport, 'configChanged', (original) => () => {
        if (++changes % 3 !== 0) original();
      });
    },
  },
  {
    id: 'shm-length-zero',
    clause: 'SHM-ABSENT',
    summary: 'an absent shared memory region has length 0',
    deep: false,
    apply(d) {
      wrap(d.transport, 'readSharedMemory', (original) => (name) => (name.startsWith('SHMLen') ? 0 : original(name)));
    },
  },
  {
    id: 'shm-base-high-zero',
    clause: 'SHM-ABSENT',
    summary: "the high half of an absent shared memory region's base is 0",
    deep: false,
    apply(d) {
      wrap(d.transport, 'readSharedMemory', (original) => (name) => (name === 'SHMBaseHigh' ? 0 : original(name)));
    },
  },
  {
    id: 'shm-absent-beyond-first',
    clause: 'SHM-ABSENT',
    summary: 'only region 0 reads as absent; the others read 0',
    deep: false,
    apply(d) {
      wrap(d.transport, 'readSharedMemory', (original) => (name) => (d.transport.shmSel === 0 ? original(name) : 0));
    },
  },
  {
    id: 'config-event-kept-after-reset',
    clause: 'RST-QUIET',
    summary: 'a configuration change that waited for DRIVER_OK is notified in the next life',
    deep: false,
    variant: 'early-config-held',
    apply(d) {
      d.dropWaiting = () => {
        d.waiting = [];
      };
    },
  },
  {
    id: 'back-end-survives-reset',
    clause: 'RST-QUIET',
    summary: 'what the back end had under way at a reset is notified once the device is live again',
    deep: false,
    variant: 'deferred',
    apply(d) {
      let late = false;
      wrap(d, 'dropWaiting', (original) => () => {
        late ||= d.waiting.length > 0;
        original();
      });
      wrap(d, 'settle', (original) => () => {
        original();
        if (!late || !d.transport.driverOk) return;
        late = false;
        d.notify(CONFIG);
      });
    },
  },
  {
    id: 'notifies-after-reset',
    clause: 'QUE-AFTER',
    summary: 'a device that was in use goes on raising the line for configuration changes after a reset',
    deep: false,
    apply(d) {
      let used = false;
      onReset(d, () => {
        used = true;
      });
      wrap(d, 'configEvent', (original) => () => {
        original();
        if (used && d.transport.status === 0) d.line.raise(d.configChange);
      });
    },
  },
];
