/** The plain model of somebody who tests vectors with fast-check: masks, pending bits, mapping, and what is sent. */
import type { MessagePool } from '../../harness/messages.ts';
import type { Message, Source } from '../../harness/program.ts';

export class Model {
  readonly masked = new Set<number>();
  readonly pending = new Set<number>();
  readonly mapping = new Map<Source, number>();
  readonly entries = new Map<number, Message>();
  /** Buffers used, by queue, since it was set up. */
  readonly used = new Map<number, number>();
  private readonly pool: MessagePool;

  constructor(pool: MessagePool) {
    this.pool = pool;
  }

  /** A message that no vector had before. */
  fresh(): Message {
    return this.pool.take();
  }

  /** As set-up leaves it: everything unmasked, and sources spread over the vectors. */
  begin(vectors: readonly number[], sources: readonly Source[]): void {
    for (const state of [this.masked, this.pending, this.mapping, this.entries, this.used]) state.clear();
    for (const vector of vectors) this.entries.set(vector, this.fresh());
    for (const [index, source] of sources.entries()) {
      this.mapping.set(source, vectors[index % vectors.length] as number);
      if (source !== 'config') this.used.set(source, 0);
    }
  }

  /** @returns the messages that must come */
  event(source: Source): Message[] {
    if (source !== 'config') this.used.set(source, (this.used.get(source) ?? 0) + 1);
    const vector = this.mapping.get(source);
    if (vector === undefined) return [];
    if (!this.masked.has(vector)) return this.messagesOf(vector);
    this.pending.add(vector);
    return [];
  }

  /** @returns the messages that must come */
  unmask(vector: number): Message[] {
    this.masked.delete(vector);
    return this.pending.delete(vector) ? this.messagesOf(vector) : [];
  }

  private messagesOf(vector: number): Message[] {
    const message = this.entries.get(vector);
    return message ? [message] : [];
  }
}
