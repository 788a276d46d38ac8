/** What of the device's interrupts reaches the interrupt controller of a guest, and what of that is in the log. */
import { expect, it } from 'vitest';
import { WatchedBus } from '../../harness/driver/bus.ts';
import type { LogEntry } from '../../harness/driver/log.ts';
import { Device } from '../../reference-device/device.ts';
import { Ram } from '../../reference-device/memory.ts';
import { defaults, type Settings } from '../../reference-device/settings.ts';
import { loadLayout } from '../../spec/load.ts';

const layout = loadLayout('virtio-mmio');
const offset = (name: string) => layout.register(name).offset;
const UP = { kind: 'line', level: 1 };
const DOWN = { kind: 'line', level: 0 };

/** A device with its driver up to DRIVER_OK, and what is logged. */
function live(settings: Partial<Settings> = {}) {
  const log: LogEntry[] = [];
  const device = new Device(layout, { ...defaults, guestMemory: false, ...settings }, new Ram());
  const bus = new WatchedBus(device, (entry) => log.push(entry));
  const write = (name: string, value: number) => bus.write(offset(name), value);
  write('DriverFeaturesSel', 1);
  write('DriverFeatures', 1);
  for (const status of [1, 3, 0xb, 0xf]) write('Status', status);
  log.length = 0;
  return { device, bus, write, interrupts: () => log.filter(({ kind }) => kind === 'interrupt') };
}

it('is the line as it changes, logged where it goes up', () => {
  const { device, bus, write, interrupts } = live();
  expect(bus.deliver()).toEqual([]);
  device.raise({ source: 'config' });
  expect(bus.deliver()).toEqual([UP]);
  device.raise({ source: 'config' });
  expect(bus.deliver()).toEqual([]);
  write('InterruptACK', 2);
  expect(bus.deliver()).toEqual([DOWN]);
  expect(interrupts()).toEqual([{ kind: 'interrupt', interrupt: UP }]);
});

it('is an interrupt again where the line went down and up in between', () => {
  const { device, bus, write, interrupts } = live();
  device.raise({ source: 'config' });
  bus.deliver();
  write('InterruptACK', 2);
  device.raise({ source: 'config' });
  expect(bus.deliver()).toEqual([UP]);
  expect(interrupts()).toHaveLength(2);
  write('InterruptACK', 2);
  device.raise({ source: 'config' });
  write('InterruptACK', 2);
  expect(bus.deliver()).toEqual([DOWN]);
  expect(interrupts()).toHaveLength(2);
});

it('holds messages, in order', () => {
  const { bus, interrupts } = live();
  const messages = [1, 2].map((data) => ({ kind: 'message' as const, address: 0x08020040, data }));
  for (const message of messages) bus.inject(message);
  expect(bus.deliver()).toEqual(messages);
  expect(bus.deliver()).toEqual([]);
  expect(interrupts()).toHaveLength(2);
});

it('brings what a device does in its own time, but not the end of a reset', () => {
  const { device, bus, write } = live({ backEnd: 'deferred', resetReads: 2 });
  device.raise({ source: 'config' });
  expect(bus.deliver()).toEqual([UP]);
  write('Status', 0);
  bus.deliver();
  const seen = [1, 2, 3].map(() => {
    const status = bus.read(offset('Status'));
    bus.deliver();
    return status;
  });
  expect(seen).toEqual([0xf, 0xf, 0]);
});
