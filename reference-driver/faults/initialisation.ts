/** Status and features. */
import { msiFeatureBits } from '../../harness/layouts.ts';
import type { Fault } from './fault.ts';
import { beforeFeaturesOk, wrap } from './help.ts';

export const initialisationFaults: readonly Fault[] = [
  {
    id: 'first-reset-forgotten',
    clause: 'DRV-INIT',
    summary: 'takes a device that it has just found as reset',
    apply(d) {
      let isFirst = true;
      wrap(d.transport, 'reset', (original) => () => {
        if (!isFirst) original();
        isFirst = false;
      });
    },
  },
  {
    id: 'acknowledge-skipped',
    clause: 'DRV-INIT',
    summary: 'never sets ACKNOWLEDGE',
    apply(d) {
      wrap(d.transport, 'addStatus', (original) => (flag) => {
        if (flag !== 'ACKNOWLEDGE') original(flag);
      });
    },
  },
  {
    id: 'status-overwritten',
    clause: 'DRV-INIT',
    summary: 'writes each bit of Status by itself, which clears those before',
    apply(d) {
      d.transport.addStatus = (flag) => d.transport.writeStatus(d.layout.bit('Status', flag));
    },
  },
  {
    id: 'features-ok-skipped',
    clause: 'DRV-INIT',
    summary: 'goes from features to DRIVER_OK as a legacy driver does, without FEATURES_OK',
    apply(d) {
      wrap(d.transport, 'addStatus', (original) => (flag) => {
        if (flag !== 'FEATURES_OK') original(flag);
      });
      d.featuresKept = () => true;
    },
  },
  {
    id: 'features-before-driver',
    clause: 'DRV-INIT',
    summary: 'accepts features before it sets DRIVER',
    apply(d) {
      wrap(d.transport, 'addStatus', (original) => (flag) => {
        if (flag !== 'DRIVER') original(flag);
      });
      wrap(d, 'negotiate', (original) => (msi) => {
        original(msi);
        d.transport.writeStatus(d.transport.status() | d.layout.bit('Status', 'DRIVER'));
      });
    },
  },
  {
    id: 'notifies-before-driver-ok',
    clause: 'DRV-INIT',
    summary: 'notifies its queues as soon as they are enabled',
    apply(d) {
      wrap(d, 'enableQueues', (original) => () => {
        original();
        for (const queue of d.queues) d.transport.notify(queue);
      });
    },
  },
  {
    id: 'driver-ok-before-set-up',
    clause: 'DRV-INIT',
    summary: 'sets DRIVER_OK right after FEATURES_OK and sets up queues and vectors then',
    apply(d) {
      wrap(d, 'setUp', (original) => () => {
        d.transport.addStatus('DRIVER_OK');
        return original();
      });
    },
  },
  {
    id: 'accepts-unoffered',
    clause: 'DRV-FEATURES',
    summary: 'accepts every feature that it could use, offered or not',
    apply(d) {
      wrap(d.transport, 'accept', (original) => (_bits, known) => original(new Set(known), known));
    },
  },
  {
    id: 'accepts-unknown',
    clause: 'DRV-FEATURES',
    summary: 'accepts what is offered, whether it understands it or not',
    apply(d) {
      wrap(d.transport, 'writeFeatures', (original) => (window, word) => {
        const reserved = d.layout.data.reservedFeatures.reduce(
          (bits, [from, to]) => bits | bitsOf(from, to, window),
          0,
        );
        original(window, (word | (d.transport.readFeatures(window) & reserved)) >>> 0);
      });
    },
  },
  {
    id: 'accepts-late',
    clause: 'DRV-FEATURES',
    summary: 'accepts the MSI feature after FEATURES_OK',
    needsMsi: true,
    apply(d) {
      const { bit } = d.layout.feature(d.layout.msi?.feature ?? '');
      wrap(d.transport, 'accept', (original) => (bits, known) => original(without(bits, bit), known));
      wrap(d, 'featuresKept', (original) => () => {
        const kept = original();
        if (kept && d.usesMsi) d.transport.writeFeatures(Math.floor(bit / 32), wordOf(d.features, bit));
        return kept;
      });
    },
  },
  {
    id: 'device-selector-stuck',
    clause: 'DRV-WORK',
    summary: 'selects only the first window of DeviceFeatures, and takes its word for the second one too',
    apply(d) {
      d.transport.readFeatures = (window) => {
        if (window === 0) d.registers.write('DeviceFeaturesSel', window);
        return d.registers.read('DeviceFeatures');
      };
    },
  },
  {
    id: 'driver-selector-stuck',
    clause: 'DRV-VERSION1',
    summary: 'selects only the first window of DriverFeatures, so that the second word lands there too',
    apply(d) {
      d.transport.writeFeatures = (window, word) => {
        if (window === 0) d.registers.write('DriverFeaturesSel', window);
        d.registers.write('DriverFeatures', word);
      };
    },
  },
  {
    id: 'version-1-forgotten',
    clause: 'DRV-VERSION1',
    summary: 'accepts what it uses and not VIRTIO_F_VERSION_1',
    apply(d) {
      const { bit } = d.layout.feature('VIRTIO_F_VERSION_1');
      wrap(d.transport, 'accept', (original) => (bits, known) => original(without(bits, bit), known));
    },
  },
  {
    id: 'second-window-forgotten',
    clause: 'DRV-VERSION1',
    summary: 'writes the first window of DriverFeatures only',
    apply(d) {
      wrap(d.transport, 'writeFeatures', (original) => (window, word) => {
        if (window === 0) original(window, word);
      });
    },
  },
  {
    id: 'features-ok-unread',
    clause: 'DRV-FEATURESOK',
    summary: 'does not read FEATURES_OK back',
    apply(d) {
      d.featuresKept = () => true;
      // What sets the next bit of Status would read it.
      d.transport.addStatus = (flag) => {
        status = flag === 'ACKNOWLEDGE' ? 0 : status;
        status |= d.layout.bit('Status', flag);
        d.transport.writeStatus(status);
      };
      let status = 0;
    },
  },
  {
    id: 'features-ok-ignored',
    clause: 'DRV-FEATURESOK',
    summary: 'reads FEATURES_OK back and goes on whatever it is',
    apply(d) {
      wrap(d, 'featuresKept', (original) => () => {
        original();
        return true;
      });
    },
  },
  {
    id: 'device-selector-assumed',
    clause: 'DRV-SELFEATURES',
    summary: 'takes DeviceFeaturesSel to be 0 after a reset',
    apply(d) {
      wrap(d.transport, 'readFeatures', (original) => (window) => {
        return window === 0 ? d.registers.read('DeviceFeatures') : original(window);
      });
    },
  },
  {
    id: 'driver-selector-assumed',
    clause: 'DRV-SELFEATURES',
    summary: 'takes DriverFeaturesSel to be 0 after a reset',
    apply(d) {
      wrap(d.transport, 'writeFeatures', (original) => (window, word) => {
        if (window === 0) d.registers.write('DriverFeatures', word);
        else original(window, word);
      });
    },
  },
  {
    id: 'reset-not-awaited',
    clause: 'DRV-RESET',
    summary: 'writes 0 to Status and goes on at once',
    apply(d) {
      d.transport.awaitReset = () => {};
      // What sets the first bit would read Status.
      wrap(d.transport, 'addStatus', (original) => (flag) => {
        if (flag === 'ACKNOWLEDGE') d.transport.writeStatus(d.layout.bit('Status', flag));
        else original(flag);
      });
    },
  },
  {
    id: 'reset-read-once',
    clause: 'DRV-RESET',
    summary: 'reads Status once after a reset, whatever it reads',
    apply(d) {
      d.transport.awaitReset = () => {
        d.transport.status();
      };
      wrap(d.transport, 'addStatus', (original) => (flag) => {
        if (flag === 'ACKNOWLEDGE') d.transport.writeStatus(d.layout.bit('Status', flag));
        else original(flag);
      });
    },
  },
  {
    id: 'config-written-early',
    clause: 'DRV-CONFIGWRITE',
    summary: 'writes configuration before FEATURES_OK',
    apply(d) {
      beforeFeaturesOk(d, () => {
        const last = (d.config?.size ?? 0) - 1;
        if (last >= 0) d.bus.write(d.layout.data.config.offset + last, 0, 8);
      });
    },
  },
  {
    id: 'failed-then-again',
    clause: 'DRV-FAILED',
    summary: 'sets FAILED where features are refused, and tries others without a reset in between',
    needsMsi: true,
    apply(d) {
      let failed = false;
      wrap(d, 'featuresKept', (original) => () => {
        const kept = original();
        failed = !kept;
        if (failed) d.transport.addStatus('FAILED');
        return kept;
      });
      wrap(d.transport, 'reset', (original) => () => {
        if (!failed) original();
      });
      wrap(d.transport, 'addStatus', (original) => (flag) => {
        if (failed && flag === 'ACKNOWLEDGE') d.transport.writeStatus(d.layout.bit('Status', flag));
        else original(flag);
      });
    },
  },
  {
    id: 'needs-reset-ignored',
    clause: 'DRV-NEEDSRESET',
    summary: 'never looks at DEVICE_NEEDS_RESET',
    apply(d) {
      wrap(d.transport, 'has', (original) => (flag) => flag !== 'DEVICE_NEEDS_RESET' && original(flag));
    },
  },
  {
    id: 'needs-reset-cleared',
    clause: 'DRV-NEEDSRESET',
    summary: 'writes Status without DEVICE_NEEDS_RESET, as if that healed the device',
    apply(d) {
      d.recover = () => {
        d.needsReset = false;
        d.transport.writeStatus(d.transport.status() & ~d.layout.bit('Status', 'DEVICE_NEEDS_RESET'));
      };
    },
  },
];

/** Bits `from` to `to` as far as they are in a window, but for those that layouts use. */
function bitsOf(from: number, to: number, window: number): number {
  let word = 0;
  for (let bit = from; bit <= to; bit++)
    if (Math.floor(bit / 32) === window && !msiFeatureBits().has(bit)) word |= 1 << (bit % 32);
  return word;
}

function without(bits: ReadonlySet<number>, bit: number): Set<number> {
  return new Set([...bits].filter((one) => one !== bit));
}

/** The feature word that `bit` is in. */
function wordOf(bits: ReadonlySet<number>, bit: number): number {
  const window = Math.floor(bit / 32);
  return [...bits].reduce((word, one) => (Math.floor(one / 32) === window ? word + 2 ** (one % 32) : word), 0);
}
