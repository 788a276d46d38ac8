/** What every recorder of accesses leaves behind: who reached what, in order, of however many devices. */
import { TargetFault, type Width } from '../../target.ts';
import type { Facts } from '../log.ts';
import { type Line, linesOf } from './lines.ts';

/** The piece of the address space that a device lies in, as the recorder names it. */
export type Region = string;

/** What one or more lines of a recording say. */
export type Event =
  | { kind: 'read' | 'write'; region: Region; address: number; width: Width; value: number | bigint; line: number }
  /** The interrupt line of a device was set to a level; `region` is absent where the recorder does not say whose. */
  | { kind: 'line'; region: Region | undefined; level: 0 | 1; afterAccess: boolean; line: number }
  /** From here on the recording says nothing of this region (any region) that a driver could be judged by. */
  | { kind: 'cut'; region: Region | undefined; why: string; line: number };

/** Reads one format of recordings, line by line; it may know more at its second pass over the same file. */
export interface Recording {
  /** What the lines say. @throws BadLine */
  take(line: Line): Iterable<Event>;
  /** The address of the device in that region, as far as lines so far told. */
  baseOf(region: Region): number | undefined;
  /** Whether a device may begin at that address although no line said so; its region. */
  regionAt(address: number): Region | undefined;
  /** What can be seen in it of that region, after the first pass. */
  facts(region: Region): Facts;
  /** What is odd in the recording as a whole: in words, for errors about what is missing. */
  readonly hint: string;
}

/** A line that is none of its format. */
export class BadLine extends Error {
  override name = 'BadLine';
}

/** What reads lines of a file as that; a last line that was cut off is told and left out. */
export function* readLines<T>(
  file: string,
  take: (line: Line) => Iterable<T>,
  log?: (line: string) => void,
): Generator<T> {
  for (const line of linesOf(file)) {
    try {
      yield* take(line);
    } catch (error) {
      if (!(error instanceof BadLine)) throw error;
      if (!line.whole) {
        log?.(`${file}:${line.number}: the last line is cut off, and is left out: ${shown(line.text)}`);
        return;
      }
      throw new TargetFault('answer', `${file}:${line.number}: ${error.message}, found ${shown(line.text)}`);
    }
  }
}

const LONGEST = 120;

/** A line as messages show it. */
export function shown(text: string): string {
  return `'${text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text}'`;
}
