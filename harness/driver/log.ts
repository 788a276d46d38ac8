/**
 * What was seen of a driver, in order. A monitor judges it as it comes, a trace file holds it, and the report shows it:
 * a line of NDJSON for each entry (driver-log.schema.json).
 */
import type { Profile } from '../profile.ts';
import type { Interrupt, Width } from '../target.ts';
import type { Task, TaskResult } from './api.ts';

export type LogEntry =
  /** The driver read a register, a table or the configuration. */
  | { kind: 'read'; offset: number; width: Width; value: number | bigint }
  | { kind: 'write'; offset: number; width: Width; value: number | bigint }
  /** An interrupt was delivered to the driver. */
  | { kind: 'interrupt'; interrupt: Interrupt }
  /** A message went to an address and data that nobody gave a vector: no interrupt comes of it. */
  | { kind: 'astray'; interrupt: Interrupt }
  /** The driver waits, and nothing will come unless it does something. */
  | { kind: 'idle' }
  /** The device used buffers of a queue: the used index that is visible from now on. */
  | { kind: 'used'; queue: number; index: number }
  /** The device did something of itself, in words: a configuration change, an error. */
  | { kind: 'device'; what: 'config' | 'needs-reset' | 'spurious' }
  /** The driver was asked to do something, and what came of it. */
  | { kind: 'task'; task: Task }
  | { kind: 'result'; task: Task; result: TaskResult };

/** What whoever watches knows of the device and of the log, beside what the driver reads; a trace may know little. */
export interface Facts {
  /** The device, where it is known whole; otherwise it is known as far as the driver reads it. */
  profile?: Profile;
  /** Bytes of the configuration space, where that is known. */
  configSize?: number;
  /** Whether interrupts are in the log. */
  interrupts: boolean;
  /** Whether used buffers are. */
  used: boolean;
  /** Widths of accesses are what the driver made, not what the recorder split them into. */
  widths: boolean;
  /** The log begins before the driver's first access. */
  fromTheStart: boolean;
}
