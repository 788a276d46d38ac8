/** Text helpers of the renderers: what is safe to print, and how it is broken into lines. */

/** Steer the direction of text; they could make a printed line read as something else. */
const BIDIRECTIONAL = [0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069];

function isUnprintable(code: number): boolean {
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return true;
  if (code >= 0xd800 && code <= 0xdfff) return true;
  if (code === 0x2028 || code === 0x2029 || code === 0xfeff || (code & 0xfffe) === 0xfffe) return true;
  return BIDIRECTIONAL.includes(code);
}

function escaped(code: number): string {
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/**
 * The text with every character that a terminal or an XML parser would act upon spelled out, but for line feeds. Names
 * and messages come from the target, which must not be able to move the cursor or to break a file.
 */
export function printable(text: string): string {
  let out = '';
  for (const character of text.replaceAll('\r\n', '\n').replaceAll('\t', '  ')) {
    const code = character.codePointAt(0) ?? 0;
    out += character !== '\n' && isUnprintable(code) ? escaped(code) : character;
  }
  return out;
}

/** {@link printable}, on one line. */
export function oneLine(text: string): string {
  return printable(text)
    .replace(/\s*\n\s*/g, ' ')
    .trim();
}

/**
 * Breaks text at spaces into lines of at most `width` characters. A word that is longer stays whole, since most such
 * words are paths and commands that somebody wants to copy. Line feeds in the text are kept.
 */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of printable(text).split('\n')) {
    let line = '';
    for (const word of paragraph.split(/ +/)) {
      if (line === '') line = word;
      else if ([...line].length + 1 + [...word].length <= width) line += ` ${word}`;
      else {
        lines.push(line);
        line = word;
      }
    }
    lines.push(line);
  }
  return lines;
}

/** {@link wrap} with a hanging indent: the first line after `first`, the others under it. */
export function hanging(first: string, text: string, width: number): string[] {
  const indent = ' '.repeat([...first].length);
  return wrap(text, Math.max(width - indent.length, 20)).map((line, at) =>
    ((at === 0 ? first : indent) + line).trimEnd(),
  );
}

/** `1 clause`, `2 clauses`. */
export function count(number: number, noun: string, nouns = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : nouns}`;
}

/** The word as a POSIX shell has to be given it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
