/** A guest's console: what it showed, as text, and what is typed when. */
import { stripVTControlCharacters } from 'node:util';
import type { Turn } from './specification.ts';

const ESCAPE = String.fromCharCode(0x1b);
/** Control characters that say nothing in a text. */
const INVISIBLE = /[^\P{Cc}\n\t]/gu;

export class Console {
  /** Everything that was shown, without control sequences. */
  text = '';
  private pending = '';
  private readonly turns: Turn[];
  /** What was shown up to here has been answered. */
  private answered = 0;
  private readonly type: (line: string) => void;

  /** @param type takes a line that is to be typed, with its end */
  constructor(dialogue: readonly Turn[], type: (line: string) => void) {
    this.turns = [...dialogue];
    this.type = type;
  }

  /** The guest shows something. */
  take(chunk: string): void {
    this.pending += chunk;
    const whole = this.pending.slice(0, beforeUnfinished(this.pending));
    this.pending = this.pending.slice(whole.length);
    this.text += stripVTControlCharacters(whole).replace(INVISIBLE, '');
    this.answer();
  }

  /** @param text with `|` between texts of which one is enough */
  shows(text: string): boolean {
    return text.split('|').some((one) => this.text.includes(one));
  }

  /** What is not typed yet, since its prompt did not show. */
  get next(): Turn | undefined {
    return this.turns[0];
  }

  /** The last lines that are not blank, for a message. */
  tail(lines: number): string[] {
    return this.text
      .split('\n')
      .map((line) => line.trimEnd())
      .filter((line) => line !== '')
      .slice(-lines);
  }

  private answer(): void {
    for (let turn = this.turns[0]; turn; turn = this.turns[0]) {
      const at = this.text.indexOf(turn.prompt, this.answered);
      if (at < 0) return;
      // What was shown behind the prompt was shown before anybody could have answered it.
      this.answered = at + turn.prompt.length;
      this.turns.shift();
      this.type(`${turn.line}\r`);
    }
  }
}

/** Where a control sequence begins whose end has not come yet; else the end. */
function beforeUnfinished(text: string): number {
  const last = text.lastIndexOf(ESCAPE);
  return last < 0 || /[a-zA-Z]/.test(text.slice(last)) ? text.length : last;
}
