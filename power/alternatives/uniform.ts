/** Uniform random programs: every kind of operation as likely as every other, and so is every operand. */
import { eventQueues, offers, type Profile } from '../../harness/profile.ts';
import type { Operation, Program, Source, VectorSetup } from '../../harness/program.ts';
import { type CheckContext, edgeVectors, eventSources, workQueues } from '../../suites/check.ts';
import { INSPECT, liveMsi, POWER_CYCLE, RESET } from '../../suites/device/operations.ts';

/** Operations after set-up: as many as the longest generated program of the suite has. */
const LENGTH = 40;
const MOST_VECTORS = 8;
const MOST_BUFFERS = 3;

export class UniformPrograms {
  private readonly context: CheckContext;
  private readonly next: () => number;
  private readonly vectors: number[];
  private readonly sources: Source[];
  private readonly places: string[];
  private readonly ringReset: boolean;

  /** @param next numbers from 0 (inclusive) to 1 */
  constructor(context: CheckContext, next: () => number) {
    const { profile } = context;
    this.context = context;
    this.next = next;
    this.vectors = edgeVectors(profile.msi?.vectors ?? 0, MOST_VECTORS);
    this.sources = eventSources(profile);
    this.places = placesOf(profile, this.vectors);
    this.ringReset = offers(profile, 'VIRTIO_F_RING_RESET');
  }

  program(): Program {
    const kinds = this.kinds();
    const operations: Operation[] = [POWER_CYCLE, this.initialise()];
    for (let i = 0; i < LENGTH; i++) operations.push(this.pick(kinds)());
    return { version: 1, operations: [...operations, INSPECT] };
  }

  /** One that makes an operation for each kind that this device has a use for. */
  private kinds(): (() => Operation)[] {
    const { profile } = this.context;
    const queue = () => this.pick(workQueues(profile));
    const ring = () => this.pick(eventQueues(profile));
    const place = () => this.pick(this.places);
    const kinds: (() => Operation)[] = [
      () => this.initialise(),
      () => ({ op: 'read', place: place() }),
      () => ({ op: 'write', place: place(), value: this.value() }),
      () => ({ op: 'read', place: place(), width: this.pick([8, 16, 64]) }),
      () => ({ op: 'write', place: place(), value: this.value(), width: this.pick([8, 16, 64]) }),
      () => ({ op: 'settle' }),
      () => ({ op: 'interrupts' }),
      () => RESET,
      () => POWER_CYCLE,
      () => INSPECT,
    ];
    if (workQueues(profile).length > 0) {
      kinds.push(() => ({ op: 'queue-setup', queue: queue() }));
      if (this.ringReset) kinds.push(() => ({ op: 'queue-reset', queue: queue() }));
    }
    if (this.sources.length > 0) {
      kinds.push(() => ({ op: 'event', source: this.pick(this.sources), count: 1 + this.below(MOST_BUFFERS) }));
    }
    if (profile.capabilities.queueEvents === 'ring' && eventQueues(profile).length > 0) {
      kinds.push(
        () => ({ op: 'offer', queue: ring(), count: 1 + this.below(MOST_BUFFERS) }),
        () => ({ op: 'memory-read', place: `queue[${ring()}].used.idx` }),
        () => ({ op: 'memory-write', place: `queue[${ring()}].avail.flags`, value: this.below(2) }),
      );
    }
    return kinds;
  }

  private initialise(): Operation {
    const { context, vectors } = this;
    const pool = context.messages();
    const setups = vectors.map((vector): VectorSetup => {
      return { vector, message: pool.take(), sources: [], unmask: this.below(2) === 0 };
    });
    for (const source of this.sources) if (setups.length > 0) this.pick(setups).sources.push(source);
    return liveMsi(context, setups, this.ringReset);
  }

  /** As many bits as any number of them, so that small numbers, which are vectors and flags, come as well. */
  private value(): number {
    return this.below(2 ** this.below(33));
  }

  private below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  private pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}

/** Every register, and every dword of the tables that belongs to one of the vectors. */
function placesOf({ layout, msi }: Profile, vectors: readonly number[]): string[] {
  const tables = Object.values(layout.data.tables).flatMap((table) =>
    table.kind === 'entries'
      ? vectors.flatMap((vector) => Object.keys(table.fields).map((field) => `${table.name}[${vector}].${field}`))
      : [...new Set(vectors.map((vector) => `${table.name}[${Math.floor(vector / 32)}]`))],
  );
  return [...Object.keys(layout.data.registers), ...(msi ? tables : [])];
}
