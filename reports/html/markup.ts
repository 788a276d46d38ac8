/** HTML with everything escaped that is not markup of our own: the one way by which text gets into the page. */
import { printable } from '../text.ts';

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text as element content or as the value of an attribute in quotes. Characters that nobody sees are spelled out. */
export function escapeHtml(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** A piece of HTML that is safe as it is; {@link html} alone makes it. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What may stand in a template: markup as it is, text escaped, nothing for `undefined` and `false`. */
export type Content = Markup | string | number | undefined | false | readonly Content[];

function textOf(content: Content): string {
  if (content === undefined || content === false) return '';
  if (content instanceof Markup) return content.text;
  if (typeof content === 'object') return content.map(textOf).join('');
  return escapeHtml(String(content));
}

/**
 * A template whose values are escaped. Line breaks with the indentation behind them are taken out: they are for the
 * reader of the template, and there are many of them in a page.
 */
export function html(strings: TemplateStringsArray, ...values: Content[]): Markup {
  let text = '';
  strings.forEach((string, at) => {
    text += string.replace(/\n\s*/g, '') + textOf(values[at]);
  });
  return new Markup(text);
}

/** A style sheet or a script that comes with the package; it must not hold what would end its element. */
export function trusted(source: string): Markup {
  if (/<\/(style|script)/i.test(source)) throw new Error('an asset of the report holds the end of its own element');
  return new Markup(source);
}

/** Data for a script, as the content of `<script type="application/json">`. */
export function json(data: unknown): Markup {
  return new Markup(JSON.stringify(data).replaceAll('<', '\\u003c'));
}

/** An id for `href="#..."`: letters, digits, `_`, `.` and `-` alone. */
export function anchor(kind: string, name: string | number): string {
  return `${kind}-${String(name).replace(/[^\w.-]/g, '_')}`;
}
