/** Where text goes: results to stdout, everything else to stderr, and colour only where it is wanted. */
import { writeSync } from 'node:fs';

export interface Io {
  /** Writes results to stdout; resolves when they are handed over, rejects where they cannot be (a full disk, say). */
  result(text: string): Promise<void>;
  /** Writes a line to stderr, whatever `quiet` says. */
  error(text: string): void;
  /** Writes a line to stderr unless quiet. */
  note(text: string): void;
  /** Before each line on stderr; the progress line clears itself with it. */
  beforeLine: (() => void) | undefined;
  quiet: boolean;
  readonly verbose: boolean;
  /** Colour on stdout. */
  readonly color: boolean;
  /** Columns of stdout. */
  readonly width: number;
}

export const DEFAULT_WIDTH = 100;

/** Columns of a stream; a terminal may not know its own and say 0. */
export function widthOf(stream: NodeJS.WriteStream): number {
  return (stream.isTTY && stream.columns) || DEFAULT_WIDTH;
}

export interface IoOptions {
  /** `--color` or `--no-color`; undefined where neither was given. */
  color?: boolean | undefined;
  quiet?: boolean;
  verbose?: boolean;
}

/** The command line decides, then NO_COLOR, then FORCE_COLOR, then whether anybody is watching. */
export function wantsColor(flag: boolean | undefined, env: NodeJS.ProcessEnv, isTty: boolean): boolean {
  if (flag !== undefined) return flag;
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return isTty && env.TERM !== 'dumb';
}

/** Taken before anybody can replace it, see {@link divertStdout}. */
const writeStdout = process.stdout.write.bind(process.stdout);

export function createIo(options: IoOptions): Io {
  const line = (io: Io, text: string) => {
    io.beforeLine?.();
    process.stderr.write(`${text}\n`);
  };
  return {
    result: (text) =>
      new Promise((resolve, reject) => {
        writeStdout(text, (error) => (error && !isClosedPipe(error) ? reject(error) : resolve()));
      }),
    error(text) {
      line(this, text);
    },
    note(text) {
      if (!this.quiet) line(this, text);
    },
    beforeLine: undefined,
    quiet: options.quiet ?? false,
    verbose: (options.verbose ?? false) || isSet(process.env.DEBUG),
    color: wantsColor(options.color, process.env, process.stdout.isTTY),
    width: widthOf(process.stdout),
  };
}

function isSet(variable: string | undefined): boolean {
  return variable !== undefined && variable !== '' && variable !== '0' && variable !== 'false';
}

/**
 * Sends what is written to stdout to stderr until the returned function is called. An adapter runs in this process and
 * may print; its prints must not end up inside the results.
 */
export function divertStdout(): () => void {
  const { stdout } = process;
  const before = stdout.write;
  stdout.write = process.stderr.write.bind(process.stderr);
  return () => {
    stdout.write = before;
  };
}

function isClosedPipe(error: Error): boolean {
  return 'code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED');
}

/**
 * Keeps Node from dying of a failed write. A reader that has gone (`| head`) is no error at all; of everything else the
 * write's own callback learns.
 */
export function surviveFailedWrites(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}

/** Resolves when everything written so far is handed over. */
export async function flush(): Promise<void> {
  const flushed = (write: typeof writeStdout) => new Promise<void>((resolve) => void write('', () => resolve()));
  await Promise.all([flushed(writeStdout), flushed(process.stderr.write.bind(process.stderr))]);
}

/** For the moments in which nothing asynchronous runs any more. */
export function lastWords(text: string): void {
  try {
    writeSync(2, `${text}\n`);
  } catch {
    // Nobody listens, and there is nobody left to tell.
  }
}
