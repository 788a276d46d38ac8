/** How a driver learns of what its device did. */
import type { InterruptsUsed } from '../harness/driver/api.ts';
import type { Interrupt } from '../harness/target.ts';
import type { SplitQueue } from './split-queue.ts';

/** What a driver does about events. */
export interface Events {
  /** The queues that are in use. */
  readonly queues: readonly SplitQueue[];
  /** Buffers of the queue may have been used. */
  queueUsed(queue: SplitQueue): void;
  /**
   * The configuration changed, or the device needs a reset.
   *
   * @param isSure false where the notification may have been for something else
   */
  configChanged(isSure: boolean): void;
  /** What was noticed last is not the last: the configuration changed again. */
  configChangedSince(): boolean;
  /** The device was found to need a reset: it is not used any more. */
  readonly needsReset: boolean;
}

export interface Interrupts {
  readonly kind: InterruptsUsed;
  /** Before DRIVER_OK, with the queues known. @returns false where the device does not let it be done like this */
  setUp(): boolean;
  /** Lets interrupts come. */
  go(): void;
  handle(interrupt: Interrupt): void;
  /** Buffers of the queue are about to be under way; none are any more. */
  expect(queue: SplitQueue): void;
  expectNothing(): void;
  mask(): void;
  unmask(): void;
  retarget(): void;
  /** Silences a queue that is about to be stopped. */
  quiesce(queue: SplitQueue): void;
  /** Hears a queue again that was set up again. @returns as {@link setUp} */
  resume(queue: SplitQueue): boolean;
}
