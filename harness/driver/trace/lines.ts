/** A file line by line, at a constant cost of memory whatever its size. */
import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

export interface Line {
  /** From 1. */
  number: number;
  text: string;
  /** It ends in a newline: only the last one may not, where whoever wrote the file was stopped. */
  whole: boolean;
}

const CHUNK = 2 ** 16;

/** @throws Error of the file system */
export function* linesOf(file: string): Generator<Line> {
  const descriptor = openSync(file, 'r');
  try {
    const chunk = Buffer.allocUnsafe(CHUNK);
    const decoder = new StringDecoder('utf8');
    let number = 0;
    let rest = '';
    for (;;) {
      const length = readSync(descriptor, chunk, 0, CHUNK, null);
      if (length === 0) break;
      const parts = (rest + decoder.write(chunk.subarray(0, length))).split('\n');
      rest = parts.pop() ?? '';
      for (const text of parts) yield { number: ++number, text: withoutReturn(text), whole: true };
    }
    rest += decoder.end();
    if (rest !== '') yield { number: ++number, text: withoutReturn(rest), whole: false };
  } finally {
    closeSync(descriptor);
  }
}

const withoutReturn = (text: string) => (text.endsWith('\r') ? text.slice(0, -1) : text);
