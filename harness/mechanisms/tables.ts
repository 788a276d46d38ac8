import type { Layout, MsiBinding } from '../../spec/layout.ts';
import type { Spot } from '../places.ts';
import type { Meaning, MsiMechanism, PlacedWrite, SwitchRegister } from './mechanism.ts';

/** Bits of one dword of a bit table. */
const BITS = 32;

/** Every mask bit of that dword that a vector has. */
export function allMasked(word: number, vectors: number): number {
  const left = vectors - word * BITS;
  if (left >= BITS) return 0xffffffff;
  return left <= 0 ? 0 : 2 ** left - 1;
}

const wordsOf = (vectors: readonly number[]): number[] =>
  [...new Set(vectors.map((vector) => vector >>> 5))].sort((a, b) => a - b);

/** What both kinds of tables share: messages in an entry table, pending bits in an array. */
abstract class Tables implements MsiMechanism {
  protected readonly msi: MsiBinding;
  protected readonly vectors: number;
  abstract readonly switches: SwitchRegister | undefined;

  /** @param vectors N */
  constructor(msi: MsiBinding, vectors: number) {
    this.msi = msi;
    this.vectors = vectors;
  }

  abstract maskPlaces(vectors: readonly number[]): string[];
  abstract maskWrites(bits: ReadonlyMap<number, 0 | 1>, now: (vector: number) => 0 | 1): PlacedWrite[];

  pendingPlaces(vectors: readonly number[]): string[] {
    return wordsOf(vectors).map((word) => `${this.msi.pendingTable}[${word}]`);
  }

  meaning(spot: Spot): Meaning | undefined {
    if (spot.kind === 'bits') {
      return spot.table === this.msi.pendingTable
        ? { kind: 'pending', first: spot.word * BITS, count: BITS }
        : undefined;
    }
    if (spot.kind !== 'entry' || !spot.field) return undefined;
    return spot.field.access === 'reserved'
      ? { kind: 'reserved', vector: spot.row }
      : { kind: 'message', vector: spot.row, part: spot.field.name };
  }
}

/** The native layout: mask bits in a table of their own, so that only they trap. */
export class MaskTable extends Tables {
  readonly switches = undefined;

  override meaning(spot: Spot): Meaning | undefined {
    if (spot.kind === 'bits' && spot.table === this.msi.maskTable) {
      return { kind: 'masks', first: spot.word * BITS, count: BITS };
    }
    return super.meaning(spot);
  }

  maskPlaces(vectors: readonly number[]): string[] {
    return wordsOf(vectors).map((word) => this.place(word));
  }

  maskWrites(bits: ReadonlyMap<number, 0 | 1>, now: (vector: number) => 0 | 1): PlacedWrite[] {
    return wordsOf([...bits.keys()]).map((word) => {
      let value = 0;
      for (let bit = 0; bit < BITS; bit++) {
        const vector = word * BITS + bit;
        if (vector < this.vectors && (bits.get(vector) ?? now(vector)) === 1) value += 2 ** bit;
      }
      return { place: this.place(word), value };
    });
  }

  private place(word: number): string {
    return `${this.msi.maskTable ?? ''}[${word}]`;
  }
}

/** MSI-X as of PCI: the mask bit in the entry's vector control, a function mask and an enable bit. */
export class VectorControl extends Tables {
  readonly switches: SwitchRegister;
  private readonly field: string;

  constructor(msi: MsiBinding, vectors: number, layout: Layout) {
    super(msi, vectors);
    this.field = (msi.other['vector-control'] ?? '').split('.')[1] ?? '';
    const [place = '', enable = ''] = (msi.other.enable ?? '').split('.');
    const [, functionMask = ''] = (msi.other['function-mask'] ?? '').split('.');
    const [enabled, held] = [layout.bit(place, enable), layout.bit(place, functionMask)];
    this.switches = {
      place,
      mask: (enabled | held) >>> 0,
      decode: (value) => ({ enabled: (value & enabled) !== 0, held: (value & held) !== 0 }),
      encode: (wanted) => ((wanted.enabled ? enabled : 0) | (wanted.held ? held : 0)) >>> 0,
    };
  }

  override meaning(spot: Spot): Meaning | undefined {
    if (spot.kind === 'register') return spot.register.name === this.switches.place ? { kind: 'switches' } : undefined;
    if (spot.kind === 'entry' && spot.field?.name === this.field) return { kind: 'masks', first: spot.row, count: 1 };
    return super.meaning(spot);
  }

  maskPlaces(vectors: readonly number[]): string[] {
    return [...new Set(vectors)].map((vector) => this.place(vector));
  }

  maskWrites(bits: ReadonlyMap<number, 0 | 1>): PlacedWrite[] {
    return [...bits].map(([vector, value]) => ({ place: this.place(vector), value }));
  }

  private place(vector: number): string {
    return `${this.msi.entryTable}[${vector}].${this.field}`;
  }
}
