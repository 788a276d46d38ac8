/** What every part of the page is made from. */
import type { Layout } from '../../spec/layout.ts';
import type { Report } from '../report.ts';
import type { RunInfo } from '../run-info.ts';
import { type Content, html, type Markup } from './markup.ts';
import type { ClausesByPlace } from './places.ts';

export interface Context {
  report: Report;
  layout: Layout;
  /** Times and host; absent where nobody kept them. */
  runInfo: RunInfo | undefined;
  places: ClausesByPlace;
}

/** A numbered part of the page, as the list of contents names it. */
export interface Section {
  id: string;
  title: string;
  /** Beside the title in the list of contents, e.g. how many there are. */
  aside?: Content;
  /** Further lines under the title in the list of contents. */
  entries?: Markup[];
  body: Content;
}

export function section({ id, title, body }: Section, number: number): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title"><span class="number">${number}</span> ${title}</h2>${body}</section>`;
}

/** A whole number with a thin space between thousands. */
export function grouped(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}
