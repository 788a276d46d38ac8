/** Messages: each source of events is mapped to a vector, and each vector's entry holds an address and data of its own. */
import type { DriverBus, InterruptsUsed, Message } from '../harness/driver/api.ts';
import type { Interrupt } from '../harness/target.ts';
import type { Events, Interrupts } from './interrupts.ts';
import type { Settings } from './settings.ts';
import type { SplitQueue } from './split-queue.ts';
import type { Vectors } from './vectors.ts';

/** The configuration, or a queue by its number. */
export type Source = 'config' | number;

export class MsiInterrupts implements Interrupts {
  readonly kind: InterruptsUsed;
  readonly vectors: Vectors;
  readonly bus: DriverBus;
  readonly settings: Settings;
  readonly events: Events;
  /** What is mapped, by vector. */
  readonly sources = new Map<number, Source[]>();
  /** The vectors by the messages that they were given since the device was reset: an old one may still be under way. */
  readonly targets = new Map<string, number>();
  /** Vectors in use that the driver has masked. */
  readonly masked = new Set<number>();
  /** It was asked to keep everything masked. */
  isHeld = false;

  constructor(vectors: Vectors, settings: Settings, events: Events) {
    this.kind = settings.learns === 'by polling' ? 'polling' : 'msi';
    this.vectors = vectors;
    this.bus = vectors.registers.bus;
    this.settings = settings;
    this.events = events;
  }

  /** The vectors that something is mapped to. */
  get used(): number[] {
    return [...this.sources.keys()];
  }

  // --- setting up ---

  setUp(): boolean {
    this.sources.clear();
    this.targets.clear();
    this.masked.clear();
    if (!this.vectors.readHeader()) return false;
    this.vectors.open();
    // Whoever polls maps nothing, and every vector stays masked.
    if (this.kind === 'polling') return true;
    const wanted = this.plan(this.vectors.count);
    const early = this.settings.entries === 'before mapping';
    if (early) this.writeEntries([...new Set(wanted.values())]);
    for (const [source, vector] of wanted) if (!this.attach(source, vector)) return false;
    if (!early) this.writeEntries(this.used);
    return true;
  }

  /** Which vector each source is to have: one each where there are so many, else the queues share what there is. */
  plan(count: number): Map<Source, number> {
    const { queues } = this.events;
    const { sharing } = this.settings;
    const wanted = new Map<Source, number>([['config', 0]]);
    queues.forEach((queue, turn) => {
      const own = { each: 1 + turn, queues: 1, all: 0, 'config with a queue': turn }[sharing];
      // From 0 again would give the configuration's vector to a queue, which is right only where there is no other.
      wanted.set(queue.index, own < count ? own : count === 1 ? 0 : 1 + ((own - 1) % (count - 1)));
    });
    if (this.settings.vectorsFrom === 'highest') for (const [s, v] of wanted) wanted.set(s, count - 1 - v);
    return wanted;
  }

  /** Maps a source to the vector, or to one in use where the device has no room for another. @returns whether it took one */
  attach(source: Source, wanted: number): boolean {
    const vector = [wanted, ...this.used].find((candidate) => this.map(source, candidate));
    if (vector === undefined) return false;
    this.sources.set(vector, [...(this.sources.get(vector) ?? []), source]);
    this.masked.add(vector);
    return true;
  }

  map(source: Source, vector: number): boolean {
    return source === 'config' ? this.vectors.mapConfig(vector) : this.vectors.mapQueue(source, vector);
  }

  writeEntries(vectors: readonly number[]): void {
    for (const vector of vectors) this.give(vector, this.bus.message());
  }

  /** Gives a vector, which is masked, a target. */
  give(vector: number, message: Message): void {
    this.vectors.writeEntry(vector, message);
    this.targets.set(keyOf(message), vector);
  }

  go(): void {
    const idle = this.settings.lazyUnmask ? this.ofQueuesAlone() : [];
    if (!this.isHeld) this.unmaskNow(this.used.filter((vector) => !idle.includes(vector)));
    this.vectors.go();
  }

  // --- handling ---

  handle(interrupt: Interrupt): void {
    if (interrupt.kind !== 'message') return;
    const vector = this.targets.get(keyOf(interrupt));
    // A message that means nothing to this driver is no error.
    if (vector === undefined) return;
    const holds = this.settings.masksWhileHandling && !this.masked.has(vector);
    if (holds) this.maskNow([vector]);
    for (const source of this.sourcesOf(vector)) this.serve(source, vector);
    if (holds && !this.events.needsReset) this.unmaskNow([vector]);
  }

  /** A message may be for any source of its vector, for several of them, or for none. */
  sourcesOf(vector: number): readonly Source[] {
    return this.sources.get(vector) ?? [];
  }

  serve(source: Source, vector: number): void {
    if (source === 'config') this.events.configChanged(this.sourcesOf(vector).length === 1);
    else for (const queue of this.events.queues) if (queue.index === source) this.events.queueUsed(queue);
  }

  // --- masks and targets ---

  mask(): void {
    this.isHeld = true;
    this.maskNow(this.used);
  }

  unmask(): void {
    this.isHeld = false;
    this.unmaskNow(this.used);
  }

  expect(queue: SplitQueue): void {
    if (!this.settings.lazyUnmask || this.isHeld) return;
    this.unmaskNow(this.vectorsOf(queue).filter((vector) => this.masked.has(vector)));
  }

  expectNothing(): void {
    if (this.settings.lazyUnmask && !this.isHeld) this.maskNow(this.ofQueuesAlone());
  }

  /** A new target for each vector in use: masked while its entry is written, so that no message is half old. */
  retarget(): void {
    for (const vector of this.used) this.retargetOne(vector);
  }

  retargetOne(vector: number): void {
    const wasMasked = this.masked.has(vector);
    if (!wasMasked) this.maskNow([vector]);
    this.give(vector, this.bus.message());
    if (!wasMasked) this.unmaskNow([vector]);
  }

  maskNow(vectors: readonly number[]): void {
    for (const vector of vectors) this.masked.add(vector);
    this.vectors.mask(vectors);
  }

  unmaskNow(vectors: readonly number[]): void {
    for (const vector of vectors) this.masked.delete(vector);
    this.vectors.unmask(vectors);
  }

  // --- stopping a queue ---

  quiesce(queue: SplitQueue): void {
    if (this.settings.quiesces === 'unmapping') this.map(queue.index, this.vectors.noVector);
    else this.vectors.mask(this.vectorsOf(queue));
  }

  /** The vector that the queue had; whether a reset of the queue unmapped it is open. */
  resume(queue: SplitQueue): boolean {
    for (const vector of this.vectorsOf(queue)) if (!this.map(queue.index, vector)) return false;
    const masked = this.vectorsOf(queue).filter((vector) => !this.masked.has(vector));
    if (this.settings.quiesces === 'masking') this.vectors.unmask(masked);
    return true;
  }

  /** The vectors of a queue: none, or one. */
  vectorsOf({ index }: SplitQueue): number[] {
    return this.used.filter((vector) => this.sourcesOf(vector).includes(index));
  }

  /** Vectors that only queues are mapped to. */
  ofQueuesAlone(): number[] {
    return this.used.filter((vector) => !this.sourcesOf(vector).includes('config'));
  }
}

const keyOf = ({ address, data }: Message) => `${address}:${data}`;
