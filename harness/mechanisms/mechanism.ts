/**
 * How a driver reaches the vectors in one layout: the only thing about a layout that is code. Programs, compiler, oracle
 * and checks speak of vectors, and ask here for places.
 *
 * Both mechanisms so far are tables, where each access means something by itself. One that works by commands (write a
 * selector, then a value, then the command) needs a `meaning` that follows the writes before it; the rest fits as it is.
 */
import type { Spot } from '../places.ts';

/** What an aligned 32-bit access to a place of MSI is about, in the words of the vectors. */
export type Meaning =
  /** A dword of the message of a vector: `address-low`, `address-high` or `data`. */
  | { kind: 'message'; vector: number; part: string }
  /** Bit i is the mask bit of vector `first` + i, for `count` bits; bits above have no meaning, whatever they hold. */
  | { kind: 'masks'; first: number; count: number }
  /** Bit i is the pending bit of vector `first` + i. */
  | { kind: 'pending'; first: number; count: number }
  /** A dword of a vector's entry that has no meaning, whatever it holds. */
  | { kind: 'reserved'; vector: number }
  /** The switches of all vectors at once. */
  | { kind: 'switches' };

/** What holds for all vectors at once, where a layout can switch it. */
export interface Switches {
  /** Events become messages; otherwise they go to the line. */
  enabled: boolean;
  /** Every vector is masked, whatever its own mask bit is. */
  held: boolean;
}

/** A 32-bit write at a symbolic place. */
export interface PlacedWrite {
  place: string;
  value: number;
}

export interface MsiMechanism {
  /** Undefined for a place that is none of the vectors'. */
  meaning(spot: Spot): Meaning | undefined;
  /** Where the mask bits of these vectors are read, each place once. */
  maskPlaces(vectors: readonly number[]): string[];
  /** Where the pending bits of these vectors are read, each place once. */
  pendingPlaces(vectors: readonly number[]): string[];
  /**
   * The writes that give vectors these mask bits (1 masked) and leave all others as they are.
   * @param now the mask bit of any vector before
   */
  maskWrites(bits: ReadonlyMap<number, 0 | 1>, now: (vector: number) => 0 | 1): PlacedWrite[];
  /** The register with the switches; undefined where negotiated is enabled and nothing masks all vectors. */
  readonly switches: SwitchRegister | undefined;
}

export interface SwitchRegister {
  /** Its name. */
  readonly place: string;
  /** The bits of it that are switches. */
  readonly mask: number;
  decode(value: number): Switches;
  encode(switches: Switches): number;
}
