/** The head of a table. */
import { html, type Markup } from './markup.ts';

export function columns(...names: string[]): Markup {
  return html`<thead><tr>${names.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>`;
}
