import { TargetConfigurationError } from '../target.ts';

/** Unquoted, these mean something to a shell; taken literally they would surprise. */
const OPERATORS = new Set('|&;<>()`');
/** What a backslash escapes inside double quotes; before anything else it stands for itself. */
const IN_DOUBLE_QUOTES = new Set('"\\$`');

/**
 * Splits a command line into words the way a POSIX shell splits simple words: white space separates, single quotes,
 * double quotes and backslashes keep together. Nothing is expanded.
 *
 * @throws TargetConfigurationError for an open quote, a trailing backslash or a shell operator
 */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: '"' | "'" | undefined;
  for (let at = 0; at < line.length; at++) {
    const char = line[at] ?? '';
    if (quote === "'") {
      if (char === quote) quote = undefined;
      else word += char;
    } else if (char === '\\') {
      at++;
      const next = line[at];
      if (next === undefined) throw new TargetConfigurationError(`exec:${line}: the command ends in a backslash`);
      word = (word ?? '') + (quote === '"' && !IN_DOUBLE_QUOTES.has(next) ? char : '') + next;
    } else if (quote === '"') {
      if (char === quote) quote = undefined;
      else word += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (OPERATORS.has(char)) {
      throw new TargetConfigurationError(
        `exec:${line}: '${char}' at column ${at + 1} is for a shell, and no shell is involved`,
        `quote it if it belongs to a word, or run a shell yourself: exec:sh -c '...'`,
      );
    } else {
      word = (word ?? '') + char;
    }
  }
  if (quote) throw new TargetConfigurationError(`exec:${line}: a quote (${quote}) is not closed`);
  if (word !== undefined) words.push(word);
  return words;
}
