/**
 * A program: a test case as plain data. It runs in one batch, is judged afterwards, shrinks by dropping operations,
 * prints as a trace, and can be stored and replayed.
 */
import type { DeviceEvent, Width } from './target.ts';

/** Where a vector's message goes: the three dwords of its entry, unsigned. */
export interface Message {
  addressLow: number;
  addressHigh: number;
  data: number;
}

/** The configuration change (`config`), or the used buffers of the queue with that index. */
export type Source = 'config' | number;

/** A vector as set-up programs it. */
export interface VectorSetup {
  vector: number;
  message: Message;
  /** What is mapped to it. */
  sources: Source[];
  unmask: boolean;
}

/** How far set-up goes; each stage includes those before it. */
export type Stage = 'driver' | 'features' | 'queues' | 'live';

/**
 * Set-up, shown folded: reset, features, queues, vectors and DRIVER_OK in the order that the specification gives.
 */
export interface Initialise {
  op: 'initialise';
  /** Accept the layout's MSI feature where it is offered. */
  msi: boolean;
  /** Accept VIRTIO_F_RING_RESET where it is offered. */
  ringReset?: boolean;
  queues: number[];
  vectors?: VectorSetup[];
  /** Leaves MSI disabled, where the layout has an enable bit; default: it is set as soon as MSI is negotiated. */
  enable?: false;
  /** Default: `live`. */
  upTo?: Stage;
}

/** `race`: the next operation follows without settling, so that the two are concurrent. */
interface Common {
  race?: true;
}

export type Operation = Common &
  (
    | Initialise
    /** Registers, table places (`entry[2].data`, `mask[0]`), `Config+4`, or an offset (`@0x40`); `+1` shifts by a byte. */
    | { op: 'read'; place: string; width?: Width }
    | { op: 'write'; place: string; value: number; width?: Width }
    /** Guest memory, at places in the queues: `queue[0].used.idx`. */
    | { op: 'memory-read'; place: string }
    | { op: 'memory-write'; place: string; value: number }
    /** `count` buffers at once for a queue (default 1); `times`: so often one after the other, each settled (default 1). */
    | { op: 'event'; source: Source | 'needs-reset'; count?: number; times?: number }
    /** Buffers for a queue, without telling the device. */
    | { op: 'offer'; queue: number; count?: number }
    /** Set-up of one queue by itself, e.g. after a queue reset. */
    | { op: 'queue-setup'; queue: number }
    /** Writes 1 to QueueReset of the queue and polls until it reads 0. */
    | { op: 'queue-reset'; queue: number }
    | { op: 'settle' }
    | { op: 'interrupts' }
    /** Writes 0 to Status and polls until it reads 0. */
    | { op: 'reset' }
    | { op: 'power-cycle' }
    /** Reads everything whose value is known: header, masks, pending bits, mappings, entries, QueueReady, Status. */
    | { op: 'inspect' }
  );

/** Repetitions of one event; more than any ring or counter that a program can be about. */
const MOST_TIMES = 100_000;

export interface Program {
  version: 1;
  operations: Operation[];
  /**
   * Take every observation that is free after each operation that does not race: interrupts, InterruptStatus, pending
   * bits, and a read-back of what was written. Default true.
   */
  watch?: boolean;
}

export function program(operations: Operation[], options: { watch?: boolean } = {}): Program {
  return { version: 1, operations, ...options };
}

/** Whether the operation ends whatever the device did before: as the first of a program it isolates the rest. */
export function beginsAnew(operation: Operation): boolean {
  return operation.op === 'power-cycle' || operation.op === 'reset';
}

export function eventOf(source: Source | 'needs-reset'): DeviceEvent {
  if (source === 'config' || source === 'needs-reset') return { source };
  return { source: 'queue', queue: source };
}

/** Eight digits, as everywhere in output. */
export function hex(value: number | bigint): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}

/** Thrown for data that is no program; the message names the place in it. */
export class ProgramError extends Error {
  override name = 'ProgramError';
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isIndex = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;
const isDword = (value: unknown): value is number => isIndex(value) && value <= 0xffffffff;

/** Checks that `value` (parsed JSON) is a program. @throws ProgramError naming what is wrong and where */
export function parseProgram(value: unknown): Program {
  if (!isObject(value)) throw new ProgramError('a program is an object with version and operations');
  if (value.version !== 1) {
    throw new ProgramError(`program version ${JSON.stringify(value.version)} is not known here; this suite reads 1`);
  }
  if (!Array.isArray(value.operations)) throw new ProgramError('operations: expected a list');
  value.operations.forEach((operation, index) => {
    const wrong = checkOperation(operation);
    if (wrong) throw new ProgramError(`operations[${index}]: ${wrong}`);
  });
  if (value.watch !== undefined && typeof value.watch !== 'boolean')
    throw new ProgramError('watch: expected a boolean');
  return value as unknown as Program;
}

function checkOperation(operation: unknown): string | undefined {
  if (!isObject(operation)) return 'expected an object';
  const isWidth = [undefined, 8, 16, 32, 64].includes(operation.width as number | undefined);
  if (operation.race !== undefined && operation.race !== true) return 'race: expected true or nothing';
  switch (operation.op) {
    case 'initialise':
      return checkInitialise(operation);
    case 'read':
    case 'write':
      if (typeof operation.place !== 'string') return 'place: expected a string';
      if (!isWidth) return 'width: expected 8, 16, 32 or 64';
      return operation.op === 'write' && !isIndex(operation.value) ? 'value: expected an unsigned integer' : undefined;
    case 'memory-read':
    case 'memory-write':
      if (typeof operation.place !== 'string') return 'place: expected a string';
      return operation.op === 'memory-write' && !isIndex(operation.value)
        ? 'value: expected an unsigned integer'
        : undefined;
    case 'event': {
      const { source } = operation;
      if (source !== 'config' && source !== 'needs-reset' && !isIndex(source)) {
        return 'source: expected a queue index, "config" or "needs-reset"';
      }
      const times = operation.times ?? 1;
      if (!isIndex(times) || times < 1 || times > MOST_TIMES)
        return `times: expected an integer from 1 to ${MOST_TIMES}`;
      return operation.count !== undefined && !isIndex(operation.count) ? 'count: expected an integer' : undefined;
    }
    case 'offer':
    case 'queue-setup':
    case 'queue-reset':
      return isIndex(operation.queue) ? undefined : 'queue: expected an index';
    case 'settle':
    case 'interrupts':
    case 'reset':
    case 'power-cycle':
    case 'inspect':
      return undefined;
    default:
      return `op: ${JSON.stringify(operation.op)} is no operation`;
  }
}

function checkInitialise(operation: Record<string, unknown>): string | undefined {
  if (typeof operation.msi !== 'boolean') return 'msi: expected a boolean';
  if (operation.enable !== undefined && operation.enable !== false) return 'enable: expected false or nothing';
  if (!Array.isArray(operation.queues) || !operation.queues.every(isIndex)) return 'queues: expected a list of indices';
  if (![undefined, 'driver', 'features', 'queues', 'live'].includes(operation.upTo as string | undefined)) {
    return 'upTo: expected driver, features, queues or live';
  }
  const vectors = operation.vectors ?? [];
  if (!Array.isArray(vectors)) return 'vectors: expected a list';
  for (const [index, vector] of vectors.entries()) {
    const message = isObject(vector) ? vector.message : undefined;
    const good =
      isObject(vector) &&
      isIndex(vector.vector) &&
      isObject(message) &&
      [message.addressLow, message.addressHigh, message.data].every(isDword) &&
      Array.isArray(vector.sources) &&
      vector.sources.every((source) => source === 'config' || isIndex(source)) &&
      typeof vector.unmask === 'boolean';
    if (!good) return `vectors[${index}]: expected vector, message {addressLow, addressHigh, data}, sources and unmask`;
  }
  return undefined;
}
