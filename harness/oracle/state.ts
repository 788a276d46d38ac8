/** What the suite knows for certain about the device at one point of a program, as far as it is the same in all worlds. */
import type { Switches } from '../mechanisms/index.ts';
import type { Source } from '../program.ts';

/** What an operation since the last settled observation did; names the clause when something unexpected shows. */
export type Cause =
  | { kind: 'initialise' }
  | { kind: 'reset' }
  | { kind: 'power-cycle' }
  | { kind: 'event'; source: Source; effective: boolean; why: Idle | undefined; suppressed: boolean; count: number }
  | { kind: 'needs-reset' }
  | { kind: 'mask'; vector: number }
  /** `by`: what let it go; `held`: something else still keeps it from sending. */
  | { kind: 'unmask'; vector: number; pending: boolean; events: number; by: 'own' | 'switches'; held: boolean }
  | { kind: 'switches'; before: Switches; now: Switches }
  | { kind: 'entry'; vector: number; part: string }
  | { kind: 'entry-reserved'; vector: number }
  | { kind: 'map'; source: Source; from: number; value: number }
  | { kind: 'map-absent' }
  | { kind: 'select' }
  | { kind: 'ready'; queue: number; value: number }
  | { kind: 'queue-reset'; queue: number }
  | { kind: 'acknowledge'; bits: number }
  | { kind: 'driver-ok' }
  | { kind: 'write-header' }
  | { kind: 'write-pending' }
  | { kind: 'illegal'; clause: 'ROB-WIDTH' | 'ROB-RANGE' }
  /** A write that the text forbids the driver and gives no clause for. */
  | { kind: 'forbidden' };

/** Why buffers that are offered must stay where they are. */
export type Idle = 'not-ready' | 'early' | 'after-reset' | 'queue-reset';

export interface QueueState {
  ready: number;
  /** Rings laid out by the program; without, nothing is known of used buffers. */
  laidOut: boolean;
  /** Buffers offered since the rings were laid out. */
  offered: number;
  /** Bounds of the used index, as a count. */
  usedLow: number;
  usedHigh: number;
  /** How many of them the device was told of while it could use them: these it must use. */
  due: number;
  suppressed: boolean;
  /** First descriptors of what was offered, oldest first. */
  heads: number[];
  /** How many of them were compared with the used ring. */
  seen: number;
  /** The program stopped the queue by QueueReady. */
  stopped: boolean;
  /** It has used a buffer in this life, or since a queue reset. */
  usedOnce: boolean;
  /** Stopped after use and started again: from which index it goes on is open, so nothing is expected of it. */
  vague: boolean;
  idle: Idle | undefined;
  /** True after a queue reset, until it is set up again. */
  wasReset: boolean;
}

export function freshQueue(): QueueState {
  return {
    ready: 0,
    laidOut: false,
    offered: 0,
    usedLow: 0,
    usedHigh: 0,
    due: 0,
    suppressed: false,
    heads: [],
    seen: 0,
    stopped: false,
    usedOnce: false,
    vague: false,
    idle: undefined,
    wasReset: false,
  };
}

/** What happened to a source in this life, for naming the clause. */
export interface SourceHistory {
  /** It has reached a vector that it had to itself. */
  deliveredAlone: boolean;
  /** Vectors that it was mapped to before, in this life. */
  earlier: Set<number>;
  /** It was delivered, and nothing was masked, mapped or written since. */
  undisturbed: boolean;
  /** The value last written was no vector and not NO_VECTOR, or was refused. */
  refused: boolean;
  /** It was delivered in this life. */
  delivered: boolean;
  /** An event came while it was mapped to nothing. */
  eventWhileOff: boolean;
}
