/**
 * The smallest adapter: registers and tables are tested, delivery is reported as untestable.
 *
 *     conformance run -t ./minimal.ts
 */
import type { Adapter } from 'virtio-mmio-msi-conformance';
import { Device } from './device.ts';

const device = new Device({ message() {}, line() {} });

export default {
  read: (offset, width) => device.read(offset, width),
  write: (offset, width, value) => device.write(offset, width, Number(value)),
} satisfies Adapter;
