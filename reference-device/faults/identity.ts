/** Identification, feature negotiation. */
import type { Device } from '../device.ts';
import { readOnly } from '../port.ts';
import type { Fault } from './fault.ts';
import { lives, onReset, wrap } from './help.ts';

/** Whether the driver's features hold this bit; before FEATURES_OK too. */
function accepted(device: Device, bit: number): boolean {
  return ((device.transport.accepted[bit >>> 5]! >>> (bit & 31)) & 1) === 1;
}

/** The first bit from `from` that the specification keeps to itself and the layout does not name. */
function reservedBit(device: Device, range: 'first' | 'last'): number {
  const { reservedFeatures, features } = device.layout.data;
  const named = new Set(Object.values(features).map((f) => f.bit));
  const [from, to] = reservedFeatures.at(range === 'first' ? 0 : -1)!;
  for (let bit = to; bit >= from; bit--) if (!named.has(bit)) return bit;
  return to;
}

export const identityFaults: readonly Fault[] = [
  {
    id: 'magic-byte-swapped',
    clause: 'ID-MAGIC',
    summary: 'MagicValue reads in the wrong byte order',
    deep: false,
    apply(d) {
      const magic = d.read32(d.layout.register('MagicValue').offset);
      const view = new DataView(new ArrayBuffer(4));
      view.setUint32(0, magic, true);
      d.connect(
        'MagicValue',
        readOnly(() => view.getUint32(0)),
      );
    },
  },
  {
    id: 'magic-gone-when-live',
    clause: 'ID-MAGIC',
    summary: 'MagicValue reads 0 once DRIVER_OK is set',
    deep: false,
    apply(d) {
      const magic = d.read32(d.layout.register('MagicValue').offset);
      d.connect(
        'MagicValue',
        readOnly(() => (d.transport.driverOk ? 0 : magic)),
      );
    },
  },
  {
    id: 'version-legacy',
    clause: 'ID-VERSION',
    summary: 'Version reads that of a legacy device',
    deep: false,
    apply(d) {
      d.connect(
        'Version',
        readOnly(() => d.layout.constant('VERSION_LEGACY')),
      );
    },
  },
  {
    id: 'version1-not-offered',
    clause: 'FEAT-VERSION1',
    summary: 'VIRTIO_F_VERSION_1 is missing from the offered features',
    deep: false,
    // Where MSI is offered, FEAT-REQUIRES would be broken as well.
    variant: 'plain',
    apply(d) {
      d.transport.withdraw(d.transport.version1);
      d.transport.acceptable = () => d.transport.accepted.every((word, w) => (word & ~d.transport.offered[w]!) === 0);
    },
  },
  {
    id: 'features-ignore-selector',
    clause: 'FEAT-REQUIRES',
    summary: 'DeviceFeatures shows the first 32 bits whatever DeviceFeaturesSel says',
    deep: false,
    apply(d) {
      d.transport.readDeviceFeatures = () => d.transport.offered[0]!;
    },
  },
  {
    id: 'msi-without-version1',
    clause: 'FEAT-REQUIRES',
    summary: 'the MSI feature is offered without VIRTIO_F_VERSION_1, which it requires',
    deep: false,
    needsMsi: true,
    apply(d) {
      d.transport.withdraw(d.transport.version1);
    },
  },
  {
    id: 'reserved-feature-offered',
    clause: 'FEAT-RESERVED',
    summary: 'a feature bit is offered that the specification keeps for its own future',
    deep: false,
    apply(d) {
      d.transport.offer(reservedBit(d, 'first'));
    },
  },
  {
    id: 'reserved-feature-offered-high',
    clause: 'FEAT-RESERVED',
    summary: 'a reserved feature bit is offered in one of the windows that drivers seldom look at',
    deep: false,
    apply(d) {
      d.transport.offer(reservedBit(d, 'last'));
    },
  },
  {
    id: 'features-msi-forced',
    clause: 'FEAT-SUBSET',
    summary: 'FEATURES_OK is refused to a driver without MSI',
    deep: false,
    needsMsi: true,
    apply(d) {
      wrap(d.transport, 'acceptable', (original) => () => original() && accepted(d, d.msiFeature!));
    },
  },
  {
    id: 'features-either-or',
    clause: 'FEAT-SUBSET',
    summary: 'FEATURES_OK is refused to a driver that accepts MSI and VIRTIO_F_RING_RESET together',
    deep: false,
    needsMsi: true,
    variant: 'ring-reset',
    apply(d) {
      const ringReset = d.layout.feature('VIRTIO_F_RING_RESET').bit;
      wrap(
        d.transport,
        'acceptable',
        (original) => () => original() && !(accepted(d, ringReset) && accepted(d, d.msiFeature!)),
      );
    },
  },
  {
    id: 'features-once',
    clause: 'FEAT-AGAIN',
    summary: 'a second negotiation is refused',
    deep: false,
    apply(d) {
      let negotiations = 0;
      wrap(d.transport, 'acceptable', (original) => () => negotiations === 0 && original());
      wrap(d, 'negotiated', (original) => () => {
        negotiations++;
        original();
      });
    },
  },
  {
    id: 'features-not-after-use',
    clause: 'FEAT-AGAIN',
    summary: 'negotiation is refused after a life in which a queue was used',
    deep: false,
    apply(d) {
      let used = false;
      let refuse = false;
      wrap(d, 'use', (original) => (queue, chain) => {
        used = true;
        original(queue, chain);
      });
      onReset(d, () => {
        refuse = used;
      });
      wrap(d.transport, 'acceptable', (original) => () => !refuse && original());
    },
  },
  {
    id: 'features-third-life-refused',
    clause: 'FEAT-AGAIN',
    summary: 'a driver that comes for the third time is refused',
    deep: false,
    apply(d) {
      const life = lives(d);
      wrap(d.transport, 'acceptable', (original) => () => life() < 2 && original());
    },
  },
];
