/**
 * The adapter interface: how the suite reaches a device under test.
 *
 * `read` and `write` are enough to start. Everything else is optional; what is missing narrows what can be tested, and
 * the report names it as untestable with the reason. Every method may be synchronous or return a promise.
 */

/** Access width in bits. */
export type Width = 8 | 16 | 32 | 64;

export type MaybePromise<T> = T | Promise<T>;

/** Something that a device notifies its driver of. */
export type DeviceEvent =
  /** A buffer of this queue was used. */
  | { source: 'queue'; queue: number }
  /** The configuration space changed. */
  | { source: 'config' }
  /** The device got into an error that only a reset ends. */
  | { source: 'needs-reset' };

export type EventSource = DeviceEvent['source'];

/** What the device did towards the interrupt controller, in order of delivery. */
export type Interrupt =
  /** A message signalled interrupt: a 32-bit write of `data` to the 64-bit `address`. */
  | { kind: 'message'; address: number | bigint; data: number }
  /** The single line changed its level. */
  | { kind: 'line'; level: 0 | 1 };

export type InterruptKind = Interrupt['kind'];

/** Inclusive bounds; `step` (default 4 for addresses, 1 for data) counts from `from`. */
export interface Range {
  from: number | bigint;
  to: number | bigint;
  step?: number;
}

/** What message addresses and data the interrupt controller behind the device takes. */
export interface MessageRules {
  /** Default: any 4-byte aligned 64-bit address. */
  addresses?: Range[];
  /** Default: any 32-bit value. */
  data?: Range[];
}

/** Guest memory that the device uses for its virtqueues. */
export interface GuestMemory {
  /** First guest physical address that the suite may use; 4096-byte aligned. */
  base: number;
  /** Bytes from `base` that the suite may use; 64 KiB a queue is plenty. */
  size: number;
  read(address: number, length: number): MaybePromise<Uint8Array>;
  write(address: number, bytes: Uint8Array): MaybePromise<void>;
}

/** One operation of a batch, in device terms. */
export type TargetOperation =
  | { kind: 'read'; offset: number; width: Width }
  | { kind: 'write'; offset: number; width: Width; value: number | bigint }
  | { kind: 'memory-read'; address: number; length: number }
  | { kind: 'memory-write'; address: number; bytes: Uint8Array }
  | { kind: 'raise'; event: DeviceEvent }
  | { kind: 'settle' }
  | { kind: 'interrupts' }
  | { kind: 'power-cycle' };

/** The answer to one operation: a value for `read`, bytes for `memory-read`, interrupts for `interrupts`, else nothing. */
export type TargetAnswer = number | bigint | Uint8Array | Interrupt[] | undefined;

/** A device under test. */
export interface Adapter {
  /** Shown in the report; default: the target's specification as typed. */
  name?: string;
  /** Version of the implementation, shown in the report. */
  version?: string;
  /** The layout it implements: `native` or `msix`, or `virtio-mmio` for a device that never heard of MSI. */
  layout?: string;
  /** Bytes from the device's base that accesses reach; default 64 KiB. No access is made beyond. */
  regionSize?: number;
  /** Length in bytes of the device-specific configuration space; default: what the device type has, else 0. */
  configSize?: number;
  messages?: MessageRules;
  /** Which kinds of interrupt `interrupts` can see. Required with `interrupts`. */
  captures?: InterruptKind[];
  /** Which events `raise` can make the device raise. Required with `raise`. */
  events?: EventSource[];

  /** Reads `width` bits at `offset` bytes from the device's base; the value is unsigned. */
  read(offset: number, width: Width): MaybePromise<number | bigint>;
  /** Writes `width` bits. */
  write(offset: number, width: Width, value: number | bigint): MaybePromise<void>;

  /** Puts the device into the state of a newly created one. */
  powerCycle?(): MaybePromise<void>;
  /**
   * Makes the device's back end report the event, in whatever state the device is; what follows from it (a message, a
   * pending bit, the line, nothing at all before DRIVER_OK) is the device's own decision and is what is tested.
   */
  raise?(event: DeviceEvent): MaybePromise<void>;
  /** Takes what was delivered since the last call, oldest first. */
  interrupts?(): MaybePromise<Interrupt[]>;
  memory?: GuestMemory;
  /** Resolves when nothing that was started is still under way. A device without it is taken to act at once. */
  settle?(): MaybePromise<void>;
  /** Runs several operations in one go; answers come in the same order. Default: one by one. */
  batch?(operations: readonly TargetOperation[]): MaybePromise<TargetAnswer[]>;
  /** Releases what the adapter holds. */
  close?(): MaybePromise<void>;
}

/** What a target module exports as default: an adapter, or a function that makes one. */
export type AdapterModule = Adapter | (() => MaybePromise<Adapter>);

/** Identity with types: `export default defineAdapter({ read, write })`. */
export function defineAdapter<T extends AdapterModule>(adapter: T): T {
  return adapter;
}

/**
 * The target, or what lies between it and the suite, failed: it threw, died, hung, or gave an answer that is none.
 * Never a violation by itself.
 */
export class TargetFault extends Error {
  override name = 'TargetFault';
  /** `died`: gone, `hung`: no answer in time, `answer`: an answer that is none, `threw`: an error of its own. */
  readonly reason: 'died' | 'hung' | 'answer' | 'threw' | 'start';
  /** What to do about it. */
  readonly hint: string | undefined;
  /** Index in the batch of the first operation without a good answer, if known. */
  readonly operation: number | undefined;
  /** Answers before that operation. */
  readonly answers: TargetAnswer[];

  constructor(
    reason: TargetFault['reason'],
    message: string,
    more: { hint?: string; operation?: number; answers?: TargetAnswer[]; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.reason = reason;
    this.hint = more.hint;
    this.operation = more.operation;
    this.answers = more.answers ?? [];
  }
}

/** The user named a target that cannot be: wrong syntax, missing file, bad adapter. Exit code 2. */
export class TargetConfigurationError extends Error {
  override name = 'TargetConfigurationError';
  readonly hint: string | undefined;
  constructor(message: string, hint?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.hint = hint;
  }
}

/** A target as the engine uses it: an adapter with its batch, and how to get it back when it is lost. */
export interface Target {
  /** As typed by the user, e.g. `exec:./device`. */
  readonly specification: string;
  readonly adapter: Adapter;
  /** True where every operation acts at once and in this process, so that batches gain nothing. */
  readonly local: boolean;
  /** True where a power cycle costs little enough to begin each program with one. */
  readonly cheapPowerCycle: boolean;
  /** Starts it again after a {@link TargetFault}; absent where that cannot be done (an attached socket, say). */
  restart?(): Promise<void>;
  close(): Promise<void>;
}
