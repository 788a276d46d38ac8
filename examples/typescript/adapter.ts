/**
 * An adapter with everything that the suite can use.
 *
 *     conformance run -t ./adapter.ts
 */
import type { Adapter, Interrupt } from 'virtio-mmio-msi-conformance';
import { Device, MEMORY_BASE, MEMORY_SIZE, REGION_SIZE } from './device.ts';

export default function makeAdapter(): Adapter {
  // What was delivered since the suite asked last.
  let delivered: Interrupt[] = [];
  const makeDevice = () =>
    new Device({
      message: (address, data) => delivered.push({ kind: 'message', address, data }),
      line: (level) => delivered.push({ kind: 'line', level }),
    });
  let device = makeDevice();

  return {
    name: 'entropy device in TypeScript',
    layout: 'native',
    regionSize: REGION_SIZE,
    configSize: 0,

    read: (offset, width) => device.read(offset, width),
    write: (offset, width, value) => device.write(offset, width, Number(value)),

    captures: ['message', 'line'],
    interrupts() {
      const taken = delivered;
      delivered = [];
      return taken;
    },

    // A queue's event needs no hook here: the suite puts buffers into the ring and notifies the device.
    events: ['config', 'needs-reset'],
    raise(event) {
      if (event.source === 'config') device.configChanged();
      if (event.source === 'needs-reset') device.needsReset();
    },

    memory: {
      base: MEMORY_BASE,
      size: MEMORY_SIZE,
      read: (address, length) => device.guest(address, length).slice(),
      write: (address, bytes) => device.guest(address, bytes.length).set(bytes),
    },

    powerCycle() {
      device = makeDevice();
      delivered = [];
    },
  };
}
