/** The oracle's half for vectors, driven without a program: what is done to a device, and what it shows, call by call. */
import { type Content, Entries } from '../../harness/oracle/entries.ts';
import { Recorder } from '../../harness/oracle/record.ts';
import type { Cause } from '../../harness/oracle/state.ts';
import { type VectorContext, VectorOracle } from '../../harness/oracle/vectors.ts';
import type { Source } from '../../harness/program.ts';
import type { Interrupt } from '../../harness/target.ts';
import type { EntryTable } from '../../spec/layout.ts';
import { loadLayout } from '../../spec/load.ts';

const table = loadLayout('native').table('entry') as EntryTable;

export const NO_VECTOR = 0xffff;

/** What the entry of a vector holds. */
export const contentOf = (vector: number): Content => {
  return { 'address-low': 16 * vector, 'address-high': 1, data: 100 + vector };
};

export const message = (vector: number, change: Partial<Content> = {}): Interrupt => {
  const { 'address-low': low, 'address-high': high, data } = { ...contentOf(vector), ...change };
  return { kind: 'message', address: (BigInt(high) << 32n) | BigInt(low), data };
};

export class Bench {
  readonly record = new Recorder();
  readonly entries = new Entries(table);
  readonly oracle: VectorOracle;
  readonly context: { -readonly [K in keyof VectorContext]: VectorContext[K] };

  constructor(change: Partial<VectorContext> = {}) {
    this.context = {
      record: this.record,
      vectors: 4,
      noVector: NO_VECTOR,
      entries: this.entries,
      causes: [],
      negotiated: true,
      live: true,
      usedBefore: false,
      capturesMessages: true,
      switchable: false,
      ...change,
    };
    this.oracle = new VectorOracle(this.context);
  }

  /** The configuration on vector 0, queue 0 on 1, queue 1 on 2; all unmasked, and everything read back. */
  live(): this {
    const { oracle } = this;
    this.begin({ kind: 'initialise' });
    for (let vector = 0; vector < 4; vector++) {
      for (const [part, value] of Object.entries(contentOf(vector))) oracle.writeEntry(vector, part, value);
    }
    const maps: [Source, number][] = [
      ['config', 0],
      [0, 1],
      [1, 2],
    ];
    for (const [source, vector] of maps) oracle.map(source, vector);
    oracle.writeMasks(0, 4, 0);
    oracle.settle();
    for (const [source, vector] of maps) oracle.readMapping(source, vector);
    this.collect();
    this.record.exercised.clear();
    this.context.causes = [];
    return this;
  }

  /** What is done from now on is done since the last settled observation. */
  begin(...causes: Cause[]): this {
    this.context.causes = causes;
    return this;
  }

  /** An event, settled. */
  event(source: Source, { low = 1, high = 1, suppressed = false } = {}): this {
    this.context.causes.push({
      kind: 'event',
      source,
      effective: true,
      why: undefined,
      suppressed,
      count: high,
    });
    this.oracle.event({ source, low, high }, suppressed);
    this.oracle.settle();
    return this;
  }

  mask(vector: number, on: boolean): this {
    const bits = [0, 1, 2, 3].reduce(
      (word, v) => word + (v === vector ? Number(on) : this.oracle.masks[v] === 1 ? 1 : 0) * 2 ** v,
      0,
    );
    this.oracle.writeMasks(0, 4, bits);
    this.oracle.settle();
    return this;
  }

  map(source: Source, value: number): this {
    this.oracle.map(source, value);
    this.oracle.settle();
    return this;
  }

  collect(...interrupts: Interrupt[]): this {
    this.oracle.collect(interrupts, true);
    return this;
  }

  /** Messages of these vectors. */
  sends(...vectors: number[]): this {
    return this.collect(...vectors.map((vector) => message(vector)));
  }

  pending(...vectors: number[]): this {
    this.oracle.readPending(
      0,
      4,
      vectors.reduce((word, vector) => word + 2 ** vector, 0),
    );
    return this;
  }

  get violated(): string[] {
    return this.record.violations.map(({ clause }) => clause);
  }

  get hits(): string[] {
    return [...this.record.exercised.keys()].sort();
  }
}
