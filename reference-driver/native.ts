/** The native layout: masks are bits of a table of their own, and negotiating the feature is all that enables it. */
import { Vectors } from './vectors.ts';

const WORD = 4;
const WORD_BITS = 32;

export class NativeVectors extends Vectors {
  /** Dwords of the mask table as the driver left them; what is not here is as after a reset. */
  private shadow = new Map<number, number>();

  override open(): void {
    this.shadow.clear();
  }

  override go(): void {}

  override mask(vectors: readonly number[]): void {
    this.change(vectors, true);
  }

  override unmask(vectors: readonly number[]): void {
    this.change(vectors, false);
  }

  /** Changes the mask bits of these vectors, a dword at a time, and no others. */
  change(vectors: readonly number[], masked: boolean): void {
    const groups = this.settings.maskAccess === 'together' ? wordsOf(vectors) : vectors.flatMap((v) => wordsOf([v]));
    for (const { word, bits } of groups) this.changeWord(word, bits, masked);
  }

  changeWord(word: number, bits: number, masked: boolean): void {
    const before = this.settings.maskState === 'shadow' ? this.shadowOf(word) : this.readWord(word);
    const after = (masked ? before | bits : before & ~bits) >>> 0;
    this.shadow.set(word, after);
    this.writeWord(word, after);
  }

  readWord(word: number): number {
    return this.registers.readAt(this.placeOfMasks + word * WORD);
  }

  writeWord(word: number, value: number): void {
    this.registers.writeAt(this.placeOfMasks + word * WORD, value);
  }

  /** Bits from the vector count up are written 0. */
  shadowOf(word: number): number {
    const left = this.count - word * WORD_BITS;
    return this.shadow.get(word) ?? (left >= WORD_BITS ? 2 ** WORD_BITS - 1 : 2 ** left - 1);
  }

  private get placeOfMasks(): number {
    return this.placeOf(this.msi.maskTable ?? '');
  }
}

interface Word {
  /** Dwords from the start of the table. */
  word: number;
  bits: number;
}

/** The dwords that the vectors have their bits in. */
function wordsOf(vectors: readonly number[]): Word[] {
  const words = new Map<number, number>();
  for (const vector of vectors) {
    const word = Math.floor(vector / WORD_BITS);
    words.set(word, ((words.get(word) ?? 0) | (1 << (vector % WORD_BITS))) >>> 0);
  }
  return [...words].map(([word, bits]) => ({ word, bits }));
}
