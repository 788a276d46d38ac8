import { describe, expect, it } from 'vitest';
import { shellWords } from '../../harness/targets/shellwords.ts';

describe('shellWords', () => {
  it.each([
    ['./device --msi', ['./device', '--msi']],
    ['  a \t b  ', ['a', 'b']],
    [`a 'b c' "d e"`, ['a', 'b c', 'd e']],
    [`a'b'"c"d`, ['abcd']],
    [`'' ""`, ['', '']],
    ['a\\ b', ['a b']],
    [`"a\\"b" "c\\d" '\\'`, ['a"b', 'c\\d', '\\']],
    ['$HOME ~ *', ['$HOME', '~', '*']],
    [`'a|b' c\\>d`, ['a|b', 'c>d']],
    ['', []],
  ])('%s', (line, words) => {
    expect(shellWords(line)).toEqual(words);
  });

  it.each([
    [`a 'b`, `a quote (') is not closed`],
    ['a "b', 'a quote (") is not closed'],
    ['a \\', 'ends in a backslash'],
    ['a | b', `'|' at column 3 is for a shell`],
    ['a > b', `'>' at column 3 is for a shell`],
  ])('refuses %s', (line, message) => {
    expect(() => shellWords(line)).toThrow(message);
  });
});
