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

/** A file with a trace. */
export interface TraceFile {
  path: string;
  /** As the user typed it, for messages. */
  name: string;
  /** Takes what is odd about the file and no error. */
  tell: (line: string) => void;
}

/**
 * What `take` makes of each line; a last line that was cut off is told and left out.
 *
 * @throws TargetFault with file and line where `take` throws a {@link BadLine}
 */
export function* readLines<T>({ path, name, tell }: TraceFile, take: (line: Line) => Iterable<T>): Generator<T> {
  for (const line of linesOf(path)) {
    try {
      yield* take(line);
    } catch (error) {
      if (!(error instanceof BadLine)) throw error;
      if (line.whole) {
        throw new TargetFault('answer', `${name}:${line.number}: ${error.message}, found ${shown(line.text)}`);
      }
      tell(`${name}:${line.number}: the last line is cut off, and is left out: ${shown(line.text)}`);
      return;
    }
  }
}

const LONGEST = 120;

/** A line as messages show it. */
export function shown(text: string): string {
  return `'${text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text}'`;
}
