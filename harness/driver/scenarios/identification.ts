/** What is no device for the driver at all. */
import type { Device } from '../../../reference-device/device.ts';
import { ask, type Scenario, unlike } from './scenario.ts';

/** A register of the device reads something else. */
function reads(name: string, value: number) {
  return (device: Device) => device.connect(name, { read: () => value, write: () => {} });
}

export const identification: Scenario[] = [
  unlike({
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
    unlike({
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
  unlike({
    id: 'identification/legacy',
    title: 'Version reads 1: a legacy device',
    blames: 'DRV-VERSION',
    because: 'the driver ignores other versions',
    expects: 'leaves-alone',
    // As a legacy device, which cannot offer VIRTIO_F_VERSION_1, for a driver that can drive one.
    prepare: (device) => {
      reads('Version', device.layout.constant('VERSION_LEGACY'))(device);
      reads('DeviceFeatures', 0)(device);
    },
    script: [ask({ do: 'start' })],
  }),
  unlike({
    id: 'identification/later',
    title: 'Version reads 3: a later device',
    blames: 'DRV-VERSION',
    because: 'the driver ignores other versions',
    expects: 'leaves-alone',
    prepare: reads('Version', 3),
    script: [ask({ do: 'start' })],
  }),
];
