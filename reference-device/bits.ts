/** A row of bits, kept in 32-bit words: bit i is bit i % 32 of word i / 32. */
export class Bits {
  readonly length: number;
  readonly words: Uint32Array;

  constructor(length: number) {
    this.length = length;
    this.words = new Uint32Array(Math.ceil(length / 32));
  }

  get(i: number): boolean {
    return ((this.words[i >>> 5]! >>> (i & 31)) & 1) === 1;
  }

  set(i: number, on: boolean): void {
    const bit = 1 << (i & 31);
    if (on) this.words[i >>> 5]! |= bit;
    else this.words[i >>> 5]! &= ~bit;
  }

  /** Word `w`, 0 beyond the last. */
  word(w: number): number {
    return this.words[w] ?? 0;
  }

  /** Which bits of word `w` exist, unsigned. */
  valid(w: number): number {
    const left = this.length - w * 32;
    if (left >= 32) return 0xffffffff;
    return left <= 0 ? 0 : 2 ** left - 1;
  }

  fill(on: boolean): void {
    for (let w = 0; w < this.words.length; w++) this.words[w] = on ? this.valid(w) : 0;
  }
}
