/** What the sections of the printed report have in common: colours, columns, labels. */
import pc from 'picocolors';
import { hanging, oneLine, shellWord } from './text.ts';

export interface PrettyOptions {
  /** Default: false. */
  color?: boolean;
  /** Columns to wrap at. Default: 100. */
  width?: number;
  /** Where report.json was written to; what can be replayed from it is said. */
  file?: string;
}

/** Where the text of a clause starts; `FAIL  ` and `WARN  ` are as wide. */
export const INDENT = 6;
const DEFAULT_WIDTH = 100;
const MINIMAL_WIDTH = 40;

type Colors = ReturnType<typeof pc.createColors>;

export interface Style {
  colors: Colors;
  width: number;
  file: string | undefined;
}

export function styleOf(options: PrettyOptions): Style {
  return {
    colors: pc.createColors(options.color ?? false),
    width: Math.max(options.width ?? DEFAULT_WIDTH, MINIMAL_WIDTH),
    file: options.file,
  };
}

export function indent(lines: string[], by = INDENT): string[] {
  return lines.map((line) => (line === '' ? '' : ' '.repeat(by) + line));
}

export function heading(text: string, { colors }: Style): string[] {
  return [colors.bold(colors.underline(text)), ''];
}

export function labelled(label: string, text: string, style: Style): string[] {
  const lines = hanging(label.padEnd(10), text, style.width - INDENT);
  return lines.map((line, at) => (at === 0 ? style.colors.bold(label) + line.slice(label.length) : line));
}

/** Not wrapped: it is there to be copied. `which` is what replays this program alone from the report, where there is one. */
export function reproduceLines(command: string, which: string | undefined, { colors, file }: Style): string[] {
  const commands = [oneLine(command)];
  if (file !== undefined && which !== undefined) commands.push(`npx conformance replay ${shellWord(file)} ${which}`);
  return [colors.bold('reproduce'), ...commands.map((each) => `  ${colors.cyan(each)}`)];
}
