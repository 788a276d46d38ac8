/** What a driver in a generated program knows: what it set up, and what the device should hold by now. */
import type { Switches } from '../../harness/mechanisms/index.ts';
import type { Source, VectorSetup } from '../../harness/program.ts';
import { type Action, initialState, isHeld, type ModelState, react } from '../device/model.ts';

export class Knowledge {
  private state: ModelState;
  /** The vectors of the program. */
  readonly vectors: readonly number[];

  constructor(vectors: readonly number[], setups: readonly VectorSetup[] = []) {
    this.vectors = vectors;
    const mapping = new Map<Source, number>();
    for (const { vector, sources } of setups) for (const source of sources) mapping.set(source, vector);
    const unmasked = new Set(setups.filter(({ unmask }) => unmask).map(({ vector }) => vector));
    this.state = initialState(vectors, unmasked, mapping);
  }

  /** Follows what the driver or the device did. */
  follow(action: Action): void {
    this.state = react(this.state, action).state;
  }

  get switches(): Switches {
    return this.state.switches;
  }

  isMasked(vector: number): boolean {
    return this.state.masked.has(vector);
  }

  isPending(vector: number): boolean {
    return this.state.pending.has(vector);
  }

  /** It keeps its messages back, for whatever reason. */
  isHeld(vector: number): boolean {
    return isHeld(this.state, vector);
  }

  vectorOf(source: Source): number | undefined {
    return this.state.mapping.get(source);
  }

  get masked(): number[] {
    return this.vectors.filter((vector) => this.isMasked(vector));
  }

  get unmasked(): number[] {
    return this.vectors.filter((vector) => !this.isMasked(vector));
  }

  get held(): number[] {
    return this.vectors.filter((vector) => this.isHeld(vector));
  }
}
