/** Bit patterns that tell a register from one that drops, sticks or swaps bits. */

export const words32 = { zeros: 0, ones: 0xffffffff, byte: 0xff, even: 0x55555555, odd: 0xaaaaaaaa };

export const coarse = [words32.ones, words32.zeros, words32.even, words32.odd];

/** One bit at a time, and the coarse ones. */
export const walking = [...coarse, ...Array.from({ length: 32 }, (_, bit) => 2 ** bit)];

/** Byte offsets of the whole words in a space of `size` bytes. */
export function allWords(size: number): number[] {
  return Array.from({ length: Math.floor(size / 4) }, (_, index) => index * 4);
}

/** A word that is different for each place that it is written to. */
export function tag(row: number, column: number): number {
  return (Math.imul(row + 1, 0x01000193) ^ Math.imul(column + 1, 0x9e3779b1)) >>> 0;
}
