/** The way that `run` and `replay` have in common: open the target, let the engine work, deliver what it found. */
import { EXIT, type ExitCode, strongest } from '../../reports/exit-code.ts';
import type { Report } from '../../reports/report.ts';
import { printable } from '../../reports/text.ts';
import type { Layout } from '../../spec/layout.ts';
import type { Target } from '../target.ts';
import { DEFAULT_LAYOUT } from './defaults.ts';
import { endNow } from './exit.ts';
import { watchInterrupts } from './interrupts.ts';
import type { OutputOptions, TargetOptions } from './options.ts';
import { deliver } from './outcome.ts';
import { divertStdout, type Io, lastWords } from './output.ts';
import { type AnyProgress, createProgress } from './progress.ts';

/** How long a target may take to close once its report is safe. */
const CLOSE_MS = 5000;
/** How long the engine may take to end after an error that nobody caught. */
const STRAY_MS = 2000;

/** Something that is tested, and closed in the end. */
interface Closable {
  close?(): Promise<void>;
}

/** What the engine's entry points take besides their own options. */
export interface Journey<T = Target> {
  target: T;
  layout: Layout;
  signal: AbortSignal;
  commandLine: string[];
  onProgress: (progress: AnyProgress) => void;
}

export interface TripOptions extends TargetOptions, OutputOptions {
  /** The command line as typed, for run-info.json. */
  words: string[];
}

/** The words that name target and layout, for the `reproduce` lines. */
export function targetWords(options: TargetOptions): string[] {
  const words = ['--target', options.target];
  if (options.layout !== undefined && options.layout !== DEFAULT_LAYOUT) words.push('--layout', options.layout);
  if (options.timeout !== undefined) words.push('--timeout', String(options.timeout));
  return words;
}

/** Loads the layout and opens the target; where no layout is named, it is found out. */
export async function openBoth(options: TargetOptions, io: Io): Promise<{ layout: Layout; target: Target }> {
  const [{ loadLayout }, { openTarget }] = await Promise.all([
    import('../../spec/load.ts'),
    import('../targets/open.ts'),
  ]);
  const layout = loadLayout(options.layout ?? DEFAULT_LAYOUT);
  if (layout.warnings.length > 0) {
    const { formatDiagnostics } = await import('../../spec/diagnostics.ts');
    io.note(printable(formatDiagnostics(layout.warnings)));
  }
  const target = await openTarget(options.target, {
    layout,
    ...(options.timeout !== undefined && { timeout: options.timeout }),
    ...(io.verbose && { log: (line: string) => io.error(printable(`target: ${line}`)) }),
  });
  if (options.layout !== undefined) return { layout, target };
  try {
    const { findLayout } = await import('../layouts.ts');
    const found = await findLayout(target, layout, options.timeout);
    if (found.because !== undefined) io.note(`layout ${found.layout.name}: ${found.because}`);
    return { layout: found.layout, target };
  } catch (error) {
    await closeTarget(target, io);
    throw error;
  }
}

/** Closes the target; what goes wrong there is told and changes no verdict. */
export async function closeTarget(target: Closable, io: Io): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not within ${CLOSE_MS} ms`)), CLOSE_MS);
  });
  try {
    await Promise.race([target.close?.(), late]);
  } catch (error) {
    io.note(`note: the target could not be closed: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Listens for an error that no call can be blamed for: the adapter started something and lost sight of it, or the suite
 * did. Node would end with code 1, which here means a violation.
 */
function watchStrayErrors(onFirst: (error: unknown) => void): () => void {
  const listener = (error: unknown) => {
    process.off('uncaughtException', listener).on('uncaughtException', ignore);
    process.off('unhandledRejection', listener).on('unhandledRejection', ignore);
    setTimeout(() => endNow(EXIT.fault), STRAY_MS).unref();
    onFirst(error);
  };
  const ignore = () => undefined;
  process.on('uncaughtException', listener).on('unhandledRejection', listener);
  return () => {
    for (const each of [listener, ignore]) process.off('uncaughtException', each).off('unhandledRejection', each);
  };
}

function strayText(error: unknown, verbose: boolean): string {
  const message = error instanceof Error ? error.message : String(error);
  const stack = verbose && error instanceof Error ? `\n${error.stack}` : '';
  const hint =
    'look for a timer, an event handler or a promise without catch in the adapter; --verbose shows the stack';
  return `target fault (threw): an error outside of any call: ${message}\n  next: ${hint}${stack}`;
}

/** A trip with a device. @returns the exit code */
export function makeTrip(options: TripOptions, io: Io, work: (journey: Journey) => Promise<Report>): Promise<ExitCode> {
  return tripWith(() => openBoth(options, io), options, io, work);
}

/** @param open what is tested, and the layout that it is about @returns the exit code */
export async function tripWith<T extends Closable>(
  open: () => Promise<{ layout: Layout; target: T }>,
  options: TripOptions,
  io: Io,
  work: (journey: Journey<T>) => Promise<Report>,
): Promise<ExitCode> {
  const started = new Date();
  if (options.out !== undefined) await (await import('./files.ts')).prepareDirectory(options.out);
  const progress = createProgress(io);
  const interrupts = watchInterrupts(
    (name) => io.note(`${name}: ending the run and keeping its report; once more ends at once, without it`),
    () => lastWords('interrupted: no report was kept'),
  );
  let stray = false;
  const unwatch = watchStrayErrors((error) => {
    stray = true;
    io.error(strayText(error, io.verbose));
    interrupts.abort('an error outside of any call');
  });
  const undivert = divertStdout();
  let target: T | undefined;
  try {
    const opened = await interrupts.orInterrupted(open());
    target = opened.target;
    const report = await work({
      ...opened,
      signal: interrupts.signal,
      commandLine: targetWords(options),
      onProgress: (now) => progress.update(now),
    });
    progress.end();
    const outcome = {
      ...options,
      layout: opened.layout,
      started,
      commandLine: options.words,
      interrupted: interrupts.byUser,
    };
    const code = await deliver(report, outcome, io);
    return stray ? strongest(code, EXIT.fault) : code;
  } finally {
    progress.end();
    if (target) await closeTarget(target, io);
    undivert();
    unwatch();
    interrupts.release();
  }
}
