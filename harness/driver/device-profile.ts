/** A profile of the reference device, without an access to it. */
import type { Device } from '../../reference-device/device.ts';
import { headerRegisters } from '../header.ts';
import { msiFeatureBits } from '../layouts.ts';
import type { Profile } from '../profile.ts';

export function profileOf(device: Device): Profile {
  const { layout, transport, backend } = device;
  const { msi } = layout;
  const offered = device.msiFeature !== undefined;
  const header = Object.fromEntries(
    offered ? headerRegisters(layout).map((name) => [name, device.read32(layout.register(name).offset)]) : [],
  );
  const meaning = (reference: string): number =>
    layout.meaningOf(reference, header[reference.split('.')[0] ?? ''] ?? 0);
  return {
    layout,
    deviceId: transport.options.deviceId,
    siblings: msiFeatureBits(),
    features: [...transport.offered],
    deviceType: layout.deviceType(backend.id),
    queues: device.queues.map(({ sizeMax }) => sizeMax),
    configSize: backend.config.length,
    configWords: [],
    regionSize: device.regionSize,
    msi:
      msi && offered
        ? {
            vectors: meaning(msi.vectorCount),
            tables: Object.fromEntries(Object.values(layout.data.tables).map(({ name, at }) => [name, meaning(at)])),
            header,
          }
        : undefined,
    capabilities: {
      messages: true,
      line: true,
      queueEvents: 'ring',
      configEvents: true,
      needsResetEvents: true,
      memory: true,
      powerCycle: true,
    },
    implementsLayout: true,
    msiReason: undefined,
  };
}
