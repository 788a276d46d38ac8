/** The fenced blocks of a Markdown page, and what a console block says. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Block {
  language: string;
  /** What follows the language: the name of the file that the block is. */
  name: string;
  text: string;
  /** Of its first line of text, from 1. */
  line: number;
}

export function blocksOf(page: string): Block[] {
  const markdown = readFileSync(`${ROOT}${page}`, 'utf8');
  return [...markdown.matchAll(/^```(\w*) ?(.*)\n([\s\S]*?)^```$/gm)].map(
    ({ 1: language = '', 2: name = '', 3: text = '', index }) => ({
      language,
      name,
      text,
      line: markdown.slice(0, index).split('\n').length + 1,
    }),
  );
}

/** A block that shows a command after `$ ` and what it prints. */
export function consoleOf({ text }: Block): { command: string; shown: string[] } {
  const [first = '', ...shown] = text.trimEnd().split('\n');
  return { command: first.replace(/^\$ /, ''), shown };
}

/**
 * The first shown line that is not printed where it should be; undefined where all are. A line `...` stands for any
 * lines, and `…` at the end of one for the rest of it.
 */
export function firstMissing(shown: readonly string[], printed: readonly string[]): string | undefined {
  const matches = (line: string, other: string | undefined) =>
    other !== undefined && (line.endsWith('…') ? other.startsWith(line.slice(0, -1)) : other === line);
  let at = 0;
  let anywhere = false;
  for (const line of shown) {
    if (line === '...') {
      anywhere = true;
      continue;
    }
    if (anywhere) while (at < printed.length && !matches(line, printed[at])) at++;
    if (!matches(line, printed[at])) return line;
    at++;
    anywhere = false;
  }
  return undefined;
}

/** The words of a command of the documents: separated by spaces, double quotes keep them together. */
export function words(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}
