/**
 * What a driver under test is given and asked to do: a bus with a device on it, and tasks, as the kernel above a driver
 * would set them. `defineDriver` makes a target of a driver in TypeScript; the line protocol carries the same to one in
 * another process (docs/driver-protocol.md).
 */
import type { Interrupt, MaybePromise, Width } from '../target.ts';

/** An address and data that the interrupt controller takes, as a driver writes them into an entry. */
export interface Message {
  address: number | bigint;
  data: number;
}

/** Guest memory, shared with the device; nothing in it is used by anybody else. Addresses are guest physical. */
export interface DriverMemory {
  readonly base: number;
  /** Bytes from `base`. */
  readonly size: number;
  /** @throws BusError outside of the memory */
  read(address: number, length: number): Uint8Array;
  /** @throws BusError outside of the memory */
  write(address: number, bytes: Uint8Array): void;
}

/** What a driver reaches of its machine. Every access is recorded and judged. */
export interface DriverBus {
  /** The layout of the device, e.g. `native`. */
  readonly layout: string;
  /** Bytes from the device's base that answer. */
  readonly regionSize: number;
  /** Reads `width` bits (default 32) at `offset` bytes from the device's base; unsigned, a bigint for 64 bits. */
  read(offset: number, width?: 8 | 16 | 32): number;
  read(offset: number, width: 64): bigint;
  /** Writes `width` bits (default 32). */
  write(offset: number, value: number | bigint, width?: Width): void;
  readonly memory: DriverMemory;
  /** A new pair of address and data for an entry: the target that a vector is given, or gets instead of another. */
  message(): Message;
  /**
   * Waits for the next interrupt. The line is level triggered: while it is high, every wait ends with it.
   *
   * @returns undefined where nothing will come unless the driver does something
   */
  wait(): Interrupt | undefined;
}

/** What a driver is asked to do. */
export type Task =
  /** Find the device and initialise it, up to DRIVER_OK. */
  | { do: 'start' }
  /** Give the device so many buffers, on the queues that there are in turn, and take all of them back. */
  | { do: 'transfer'; count: number }
  /** Give the device so many buffers, or as many as there is room for, and do not wait for them. */
  | { do: 'submit'; count: number }
  /** Take back every buffer that was submitted. */
  | { do: 'collect' }
  /** Give every vector in use another target: interrupt balancing. */
  | { do: 'retarget' }
  /** Mask every vector in use. */
  | { do: 'mask' }
  /** Unmask them. */
  | { do: 'unmask' }
  /** Read the whole device-specific configuration. */
  | { do: 'configuration' }
  /** Take notice of configuration changes that happened. */
  | { do: 'notice' }
  /** Stop one queue and set it up again. */
  | { do: 'restart-queue' }
  /** Stop using the device: leave it reset. */
  | { do: 'stop' };

export type TaskName = Task['do'];

/** What came of a task. */
export type TaskResult =
  /**
   * Done. `start`: MSI is used, or the line, or polling. `transfer`, `collect`: buffers that came back. `submit`: buffers
   * that were given, where it is fewer than were asked for. `notice`: configuration changes noticed. `configuration`: its bytes.
   */
  | { outcome: 'done'; interrupts?: 'msi' | 'line' | 'polling'; count?: number; bytes?: Uint8Array }
  /** The driver does not want the device, or not any more, and says why. */
  | { outcome: 'gave-up'; why: string }
  /** The driver waits for what does not come. */
  | { outcome: 'stuck'; count?: number; why: string }
  /** The driver has no such operation. */
  | { outcome: 'unsupported' };

/** Thrown in a driver to give a device up: a device that it must not use, a mapping that it cannot do without. */
export class GaveUp extends Error {
  override name = 'GaveUp';
}

/** Thrown in a driver that waits for what does not come. */
export class Stuck extends Error {
  override name = 'Stuck';
}

/** How a driver learns of buffers that came back and of changes. */
export type InterruptsUsed = 'msi' | 'line' | 'polling';

/**
 * A driver for one device. A method that is missing is a task that it cannot do. A method throws {@link GaveUp} where it
 * gives the device up and {@link Stuck} where it waits in vain, or an error of one of these names; any other error is a
 * failure of the driver itself.
 */
export interface Driver {
  /** @returns how it will learn of events */
  start(): MaybePromise<InterruptsUsed>;
  /** @returns how many buffers came back */
  transfer?(count: number): MaybePromise<number>;
  /** @returns how many it took, where it may be fewer: what the rings hold */
  submit?(count: number): MaybePromise<number> | MaybePromise<void>;
  /** @returns how many buffers came back */
  collect?(): MaybePromise<number>;
  retarget?(): MaybePromise<void>;
  mask?(): MaybePromise<void>;
  unmask?(): MaybePromise<void>;
  configuration?(): MaybePromise<Uint8Array>;
  /** @returns how many configuration changes it has taken notice of since it was asked last, at least 1 where any */
  notice?(): MaybePromise<number>;
  restartQueue?(): MaybePromise<void>;
  stop?(): MaybePromise<void>;
}

/** What a target module exports as default. */
export interface DriverModule {
  /** Shown in the report. */
  name?: string;
  version?: string;
  /** The layout that it was written for, e.g. `native`, or `virtio-mmio` for a driver that never heard of MSI. */
  layout?: string;
  /** A driver for the device on this bus; called anew for each scenario. */
  create(bus: DriverBus): MaybePromise<Driver>;
}

/** Identity with types: `export default defineDriver({ create: (bus) => ... })`. */
export function defineDriver<T extends DriverModule>(driver: T): T {
  return driver;
}

/** A driver asked its bus for what cannot be: memory that is not there, a width that no bus has. */
export class BusError extends Error {
  override name = 'BusError';
}
