/** What the loader has to say about a layout file, and how it is printed: file, line, column, source line and caret. */
import { isAbsolute, relative } from 'node:path';
import { createColors } from 'picocolors';
import type { SourcePosition } from './layout.ts';

export type Severity = 'error' | 'warning';

export interface Diagnostic {
  severity: Severity;
  message: string;
  /** Where; line and column are 0 where the file as a whole is meant (it is missing, or empty). */
  position: SourcePosition;
  /** Characters to underline, at least 1. */
  length: number;
  /** What to do next. */
  hint?: string;
  /** The line of the file that `position` names, without its end. */
  sourceLine?: string;
}

/** Thrown for a layout that cannot be loaded; `message` is the formatted text of all diagnostics, without colour. */
export class LayoutError extends Error {
  override name = 'LayoutError';
  readonly diagnostics: Diagnostic[];

  constructor(diagnostics: Diagnostic[]) {
    super(formatDiagnostics(diagnostics));
    this.diagnostics = diagnostics;
  }
}

/** A number as users see it: eight hex digits, `0x000000d0`; more only where it does not fit. */
export function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}

/** The path of a file as printed: relative to `cwd` where that is shorter. */
export function displayPath(file: string, cwd: string = process.cwd()): string {
  if (!isAbsolute(file)) return file;
  const short = relative(cwd, file);
  return short !== '' && short.length < file.length ? short : file;
}

export interface FormatOptions {
  /** ANSI colours; default false. */
  color?: boolean;
  /** What paths are printed relative to; default the process's working directory. */
  cwd?: string;
}

/** The diagnostics as text, one block each with a blank line between them, and no newline at the end. */
export function formatDiagnostics(diagnostics: readonly Diagnostic[], options: FormatOptions = {}): string {
  return diagnostics.map((diagnostic) => formatOne(diagnostic, options)).join('\n\n');
}

function formatOne(diagnostic: Diagnostic, { color = false, cwd = process.cwd() }: FormatOptions): string {
  const paint = createColors(color);
  const tone = diagnostic.severity === 'error' ? paint.red : paint.yellow;
  const { file, line, column } = diagnostic.position;
  const place = line > 0 ? `${displayPath(file, cwd)}:${line}:${column}` : displayPath(file, cwd);
  const out = [`${paint.bold(`${place}:`)} ${paint.bold(tone(`${diagnostic.severity}:`))} ${diagnostic.message}`];
  const { sourceLine } = diagnostic;
  if (line > 0 && sourceLine !== undefined && sourceLine.trim() !== '') {
    // Tabs before the token are kept, so that the caret stands under it whatever a terminal makes of them.
    const margin = sourceLine.slice(0, column - 1).replace(/[^\t]/g, ' ');
    const visible = Math.max(1, Math.min(diagnostic.length, sourceLine.length - column + 1));
    out.push(`  ${sourceLine}`, `  ${margin}${tone('^'.repeat(visible))}`);
  }
  if (diagnostic.hint !== undefined) out.push(`${paint.cyan('hint:')} ${diagnostic.hint}`);
  return out.join('\n');
}
