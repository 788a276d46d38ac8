/** What an error means to the user: an exit code, and text that says what, where and what to do next. */
import { EXIT, type ExitCode } from '../../reports/exit-code.ts';
import { printable } from '../../reports/text.ts';
import { RunConfigurationError } from '../engine/api.ts';
import { TargetConfigurationError, TargetFault } from '../target.ts';

/** The command line asks for something that cannot be. */
export class UsageError extends Error {
  override name = 'UsageError';
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** A signal ended the run before there was anything to report. */
export class InterruptedError extends Error {
  override name = 'InterruptedError';
}

export interface Explained {
  code: ExitCode;
  /** Without a final line feed. */
  text: string;
}

function lines(word: string, message: string, hint?: string): string {
  const next = hint === undefined ? [] : [`  next: ${hint.replaceAll('\n', '\n        ')}`];
  return printable([`${word}: ${message}`, ...next].join('\n'));
}

/** The error's stack with those of its causes, for `--verbose`. */
function stacks(error: unknown): string {
  const parts: string[] = [];
  for (let at: unknown = error; at !== undefined && parts.length < 5; ) {
    parts.push(at instanceof Error ? (at.stack ?? String(at)) : String(at));
    at = at instanceof Error ? at.cause : undefined;
  }
  return printable(parts.join('\ncaused by '));
}

function known(error: Error): Explained | undefined {
  if (error instanceof InterruptedError) return { code: EXIT.interrupted, text: error.message };
  if (
    error instanceof UsageError ||
    error instanceof RunConfigurationError ||
    error instanceof TargetConfigurationError
  ) {
    return { code: EXIT.usage, text: lines('error', error.message, error.hint) };
  }
  if (error instanceof TargetFault) {
    const hint = error.hint ?? '`conformance doctor` with the same --target tries it step by step';
    return { code: EXIT.fault, text: lines(`target fault (${error.reason})`, error.message, hint) };
  }
  if (error.name === 'UnknownNameError') {
    const hint = 'the suite asks the layout for it; a layout of your own has to define it';
    return { code: EXIT.usage, text: lines('error', error.message, hint) };
  }
  return undefined;
}

/** A mistake in a layout is shown with file, line and caret; what does that is only loaded to do so. */
async function layoutMistake(error: Error): Promise<Explained | undefined> {
  if (error.name !== 'LayoutError') return undefined;
  const { formatDiagnostics, LayoutError } = await import('../../spec/diagnostics.ts');
  if (!(error instanceof LayoutError)) return undefined;
  return { code: EXIT.usage, text: printable(formatDiagnostics(error.diagnostics)) };
}

/** What to print, and the exit code. Never throws. */
export async function explain(thrown: unknown, verbose: boolean): Promise<Explained> {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const found = known(error) ?? (await layoutMistake(error).catch(() => undefined));
  if (found) return verbose ? { ...found, text: `${found.text}\n${stacks(error)}` } : found;
  const hint = verbose
    ? 'please report it, with the command line and what is printed below'
    : 'please report it, with the command line and what --verbose adds';
  const text = lines('internal error', `${error.message}\n  This is a defect of the suite, not of the target.`, hint);
  return { code: EXIT.fault, text: verbose ? `${text}\n${stacks(error)}` : text };
}

/** A system error in words, e.g. `no space left on the device`. */
export function systemReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const words: Record<string, string> = {
    EACCES: 'no permission',
    EPERM: 'no permission',
    EROFS: 'the file system is read-only',
    ENOSPC: 'no space left on the device',
    EDQUOT: 'the disk quota is used up',
    ENOTDIR: 'a part of the path is no directory',
    EEXIST: 'a file of that name is in the way',
    ENOENT: 'no such file or directory',
    EISDIR: 'it is a directory',
    ENAMETOOLONG: 'the name is too long',
    EMFILE: 'too many open files',
  };
  return words[code] ?? (error instanceof Error ? error.message : String(error));
}
