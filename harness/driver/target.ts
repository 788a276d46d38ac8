/** Where the driver under test comes from. */
import type { Memory } from '../../reference-device/memory.ts';
import type { Settings } from '../../reference-device/settings.ts';
import type { Interrupt } from '../target.ts';
import type { DriverBus, Task, TaskResult } from './api.ts';
import type { Facts, LogEntry } from './log.ts';

/** The bus of a guest, which has an interrupt controller of its own and never waits. */
export interface GuestBus extends DriverBus {
  /** Takes the interrupts that are to reach the guest's controller; after each access, before the guest goes on. */
  deliver(): Interrupt[];
}

/** One meeting of a driver and a device. */
export interface Meeting {
  readonly bus: GuestBus;
  /** Takes the result of the task before, and says what to do next; undefined: that was all. */
  next(result: TaskResult | undefined): Task | undefined;
  /** Whether a guest has shown all that it can: what comes then would be in vain. */
  isOver?(): boolean;
}

/** How a meeting ended, the verdicts apart. */
export type Ending = Shown &
  (
    | { how: 'ended' }
    /** It died, hung, threw or spoke nonsense. */
    | { how: 'failed'; reason: 'died' | 'hung' | 'answer' | 'threw' | 'start'; message: string; hint?: string }
  );

/** What a guest let see of itself, beside its accesses. */
export interface Shown {
  /** All that its console showed. */
  console?: string;
  /** Whether the console showed what it shows when the guest has done its work; absent where nobody said what that is. */
  didItsWork?: boolean;
}

/** A driver that is run: it does tasks (`tasks`), or does by itself what it does (`alone`: a guest that boots). */
export interface LiveDriver {
  readonly kind: 'tasks' | 'alone';
  readonly specification: string;
  readonly name: string;
  readonly version?: string;
  /** The layout that it was written for. */
  readonly layout?: string;
  /** The device types that it drives; absent: every one that it meets. */
  readonly devices?: readonly Settings['device'][];
  /**
   * Guest memory for the next meeting, where it is the driver's and the device is to use it; asked for before each.
   */
  memory?(): Memory;
  /** A new instance of the driver meets the device on the bus; resolves when it has ended. Never rejects. */
  meet(meeting: Meeting): Promise<Ending>;
  close(): Promise<void>;
}

/** A driver that ran once, somewhere else. */
export interface RecordedDriver {
  readonly kind: 'trace';
  readonly specification: string;
  readonly name: string;
  /** The layout of the device, where the trace tells. */
  readonly layout?: string;
  readonly facts: Facts;
  /** @throws TargetFault where the file turns out to be broken */
  entries(): Iterable<LogEntry> | AsyncIterable<LogEntry>;
}

export type DriverTarget = LiveDriver | RecordedDriver;
