import { describe, expect, it } from 'vitest';
import { hanging, oneLine, printable, wrap } from '../../reports/text.ts';

describe('text', () => {
  it('is wrapped at spaces; a long word stays whole', () => {
    expect(wrap('one two three four', 9)).toEqual(['one two', 'three', 'four']);
    expect(wrap('a /very/long/path b', 6)).toEqual(['a', '/very/long/path', 'b']);
    expect(wrap('first\nsecond', 80)).toEqual(['first', 'second']);
    expect(wrap('', 10)).toEqual(['']);
  });

  it('hangs under its label', () => {
    expect(hanging('label ', 'one two three four five six', 26)).toEqual([
      'label one two three four',
      '      five six',
    ]);
  });

  it('shows what cannot be printed', () => {
    expect(printable('a\u001b\u0000b\r\nc\td')).toBe('a\\x1b\\x00b\nc  d');
    expect(oneLine(' a \n b ')).toBe('a b');
    expect(printable('Grüße, 中文, \u{1f600}')).toBe('Grüße, 中文, \u{1f600}');
  });
});
