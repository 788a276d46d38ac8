import { describe, expect, it } from 'vitest';
import { Console } from '../../../harness/driver/qemu/console.ts';
import type { Turn } from '../../../harness/driver/qemu/specification.ts';

function told(dialogue: Turn[], ...chunks: string[]) {
  const typed: string[] = [];
  const console = new Console(dialogue, (line) => typed.push(line));
  for (const chunk of chunks) console.take(chunk);
  return { console, typed };
}

describe('a console', () => {
  it('types at once what has no prompt, and what has one when it shows', () => {
    const dialogue = [
      { prompt: '', line: '' },
      { prompt: '=> ', line: 'one' },
      { prompt: '=> ', line: 'two' },
    ];
    expect(told(dialogue, 'boot').typed).toEqual(['\r']);
    expect(told(dialogue, 'boot', ' =', '> ').typed).toEqual(['\r', 'one\r']);
    const { typed, console } = told(dialogue, 'boot => ', 'one\r\ndone\r\n=', '> ');
    expect(typed).toEqual(['\r', 'one\r', 'two\r']);
    expect(console.next).toBeUndefined();
  });

  it('does not take one prompt for two', () => {
    const dialogue = [
      { prompt: '$', line: 'one' },
      { prompt: '$', line: 'two' },
    ];
    const { typed, console } = told(dialogue, '$ one');
    expect(typed).toEqual(['one\r']);
    expect(console.next).toEqual(dialogue[1]);
  });

  it('shows text without control sequences, also where one is cut', () => {
    const { console } = told([], '\x1b[1mShe', 'll\x1b', '[0', 'm> \x07', 'x\r\n');
    expect(console.text).toBe('Shell> x\n');
    expect(console.shows('Shell>')).toBe(true);
    expect(console.shows('sh>|ell>')).toBe(true);
    expect(console.shows('sh>|ksh>')).toBe(false);
  });

  it('keeps the last lines that say something', () => {
    expect(told([], 'a\r\n\r\n  \r\nb  \r\nc').console.tail(2)).toEqual(['b', 'c']);
  });
});
