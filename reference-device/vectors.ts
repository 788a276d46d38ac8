import { Bits } from './bits.ts';

/** What raises events: the configuration, or queue q as `1 + q`. */
export const CONFIG = 0;

/** The source that stands for a queue. */
export function queueSource(queue: number): number {
  return 1 + queue;
}

const UNMAPPED = -1;
const NOBODY = -1;
const SEVERAL = -2;

export interface VectorOptions {
  /** N. */
  count: number;
  /** Configuration and queues. */
  sources: number;
  /** The mask bits after a reset. */
  maskedAtReset: boolean;
  fetch: 'send' | 'unmask' | 'mixed';
  unmapClears: boolean;
  entriesAfterReset: 'zero' | 'keep' | 'garbage';
  /** How many distinct vectors can be mapped at a time. */
  mappable: number;
  /** Hands a message to the interrupt controller: 32-bit halves of the address, and the data. */
  send(low: number, high: number, data: number): void;
}

/**
 * The vectors of a device: their entries, mask and pending bits, which event is mapped to which, and delivery. How a
 * driver reaches them is a layout's business and is not known here.
 *
 * Each step is a method of its own, so that a fault can replace one.
 */
export class Vectors {
  readonly count: number;
  readonly options: VectorOptions;
  /** The entries as they were written. */
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  readonly data: Uint32Array;
  /** The entries as they were when the vector was last unmasked. */
  readonly latchedLow: Uint32Array;
  readonly latchedHigh: Uint32Array;
  readonly latchedData: Uint32Array;
  readonly masks: Bits;
  readonly pending: Bits;
  /** By source; -1 is unmapped. */
  readonly mapping: Int32Array;
  /** Who set a pending bit: a source, -1 nobody, -2 several. */
  readonly causes: Int32Array;
  /** Where a layout can hold back every vector at once (a function mask). */
  held = false;

  constructor(options: VectorOptions) {
    this.options = options;
    this.count = options.count;
    this.low = new Uint32Array(this.count);
    this.high = new Uint32Array(this.count);
    this.data = new Uint32Array(this.count);
    this.latchedLow = new Uint32Array(this.count);
    this.latchedHigh = new Uint32Array(this.count);
    this.latchedData = new Uint32Array(this.count);
    this.masks = new Bits(this.count);
    this.pending = new Bits(this.count);
    this.mapping = new Int32Array(options.sources).fill(UNMAPPED);
    this.causes = new Int32Array(this.count).fill(NOBODY);
    this.masks.fill(options.maskedAtReset);
    if (options.entriesAfterReset === 'garbage') this.resetEntries();
  }

  // --- entries ---

  writeLow(v: number, value: number): void {
    this.low[v] = value;
  }
  writeHigh(v: number, value: number): void {
    this.high[v] = value;
  }
  writeData(v: number, value: number): void {
    this.data[v] = value;
  }
  readLow(v: number): number {
    return this.low[v]!;
  }
  readHigh(v: number): number {
    return this.high[v]!;
  }
  readData(v: number): number {
    return this.data[v]!;
  }

  // --- masks ---

  setMask(v: number, masked: boolean): void {
    if (this.masks.get(v) === masked) return;
    this.masks.set(v, masked);
    if (!masked) this.unmasked(v);
  }

  /** The vector's own mask bit went from 1 to 0. */
  unmasked(v: number): void {
    this.latch(v);
    if (!this.blocked(v)) this.release(v);
  }

  latch(v: number): void {
    this.latchedLow[v] = this.low[v]!;
    this.latchedHigh[v] = this.high[v]!;
    this.latchedData[v] = this.data[v]!;
  }

  /** Whether an event of this vector has to wait. */
  blocked(v: number): boolean {
    return this.held || this.masks.get(v);
  }

  /** Holds every vector back, or lets go of what became pending. */
  hold(held: boolean): void {
    this.held = held;
    if (held) return;
    for (let v = 0; v < this.count; v++) if (!this.blocked(v)) this.letGo(v);
  }

  /** What held the vector back beside its own mask bit is gone. */
  letGo(v: number): void {
    this.latch(v);
    this.release(v);
  }

  // --- events ---

  /** An event of this source happened. */
  notify(source: number): void {
    const v = this.mapping[source]!;
    if (v === UNMAPPED) this.unheard(source);
    else this.fire(v, source);
  }

  /** An event that is mapped to no vector: it is gone. */
  unheard(_source: number): void {}

  fire(v: number, source: number): void {
    if (this.blocked(v)) this.pend(v, source);
    else this.send(v);
  }

  pend(v: number, source: number): void {
    this.pending.set(v, true);
    this.causes[v] = this.causes[v] === NOBODY || this.causes[v] === source ? source : SEVERAL;
  }

  clearPending(v: number): void {
    this.pending.set(v, false);
    this.causes[v] = NOBODY;
  }

  /** Sends what is pending, if it is. */
  release(v: number): void {
    if (!this.pending.get(v)) return;
    this.clearPending(v);
    this.send(v);
  }

  send(v: number): void {
    const { fetch } = this.options;
    const stale = fetch !== 'send';
    const low = stale ? this.latchedLow[v]! : this.low[v]!;
    const high = stale ? this.latchedHigh[v]! : this.high[v]!;
    const data = fetch === 'unmask' ? this.latchedData[v]! : this.data[v]!;
    this.options.send(low, high, data);
  }

  // --- mapping ---

  /** Maps a source; anything that is no vector unmaps it, and so does a mapping that is refused. */
  map(source: number, value: number): void {
    const old = this.mapping[source]!;
    if (this.isVector(value) && value === old) return this.mappedAgain(old);
    this.mapping[source] = UNMAPPED;
    if (this.isVector(value) && this.accepts(source, value)) this.mapping[source] = value;
    if (old !== UNMAPPED) this.left(old);
  }

  /** A source was mapped to the vector that it had: an end and a beginning, where the pending bit goes with the last use. */
  mappedAgain(v: number): void {
    const users = this.mapping.filter((other) => other === v).length;
    if (this.options.unmapClears && users === 1) this.clearPending(v);
  }

  isVector(value: number): boolean {
    return value < this.count;
  }

  /** Whether the device can make this mapping. */
  accepts(_source: number, v: number): boolean {
    if (this.options.mappable === Number.POSITIVE_INFINITY || this.mapping.includes(v)) return true;
    let used = 0;
    for (let other = 0; other < this.count && used < this.options.mappable; other++)
      if (this.mapping.includes(other)) used++;
    return used < this.options.mappable;
  }

  /** A source was mapped away from this vector. */
  left(v: number): void {
    if (this.options.unmapClears && !this.mapping.includes(v)) this.clearPending(v);
  }

  /** The vector of a source, or undefined. */
  mapped(source: number): number | undefined {
    const v = this.mapping[source]!;
    return v === UNMAPPED ? undefined : v;
  }

  /** Forgets pending bits that nothing but this source set. */
  forget(source: number): void {
    for (let v = 0; v < this.count; v++) if (this.causes[v] === source) this.clearPending(v);
  }

  // --- reset ---

  reset(): void {
    this.resetMasks();
    this.resetPending();
    this.resetMapping();
    this.resetEntries();
    this.held = false;
  }

  resetMasks(): void {
    this.masks.fill(this.options.maskedAtReset);
  }

  resetPending(): void {
    this.pending.fill(false);
    this.causes.fill(NOBODY);
  }

  resetMapping(): void {
    this.mapping.fill(UNMAPPED);
  }

  resetEntries(): void {
    const { entriesAfterReset } = this.options;
    if (entriesAfterReset === 'keep') return;
    for (let v = 0; v < this.count; v++) {
      const garbage = entriesAfterReset === 'garbage' ? (0xdeadbe00 + v) >>> 0 : 0;
      this.writeLow(v, garbage);
      this.writeHigh(v, garbage);
      this.writeData(v, garbage);
      this.latch(v);
    }
  }
}
