/** The registers of a device by their names: control registers are accessed by aligned 32 bits and nothing else. */
import type { DriverBus } from '../harness/driver/api.ts';
import type { Layout } from '../spec/layout.ts';

export class Registers {
  readonly bus: DriverBus;
  readonly layout: Layout;

  constructor(bus: DriverBus, layout: Layout) {
    this.bus = bus;
    this.layout = layout;
  }

  /** @throws UnknownNameError where the layout has no such register */
  read(name: string): number {
    return this.bus.read(this.layout.register(name).offset);
  }

  /** @throws UnknownNameError where the layout has no such register */
  write(name: string, value: number): void {
    this.bus.write(this.layout.register(name).offset, value);
  }

  /** A dword of a table, at so many bytes from the device's base. */
  readAt(offset: number): number {
    return this.bus.read(offset);
  }

  writeAt(offset: number, value: number): void {
    this.bus.write(offset, value);
  }
}
