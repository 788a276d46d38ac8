/** How a clause is named in running text. */
import type { ClauseResult } from '../report.ts';
import { anchor, html, type Markup } from './markup.ts';

/** The ids, each a link to its row. */
export function clauseLinks(clauses: readonly Pick<ClauseResult, 'id'>[]): Markup {
  return html`${clauses.map(({ id }, at) => [at > 0 && ', ', clauseLink(id)])}`;
}

export function clauseLink(id: string): Markup {
  return html`<a class="id" href="#${anchor('clause', id)}">${id}</a>`;
}

/** What the filter goes by, as attributes of whatever shows the clause. */
export function clauseData({ id, verdict, level, area }: ClauseResult, places: readonly string[]): Markup {
  return html` data-clause="${id}" data-verdict="${verdict}" data-level="${level}" data-area="${area}" data-places="${places.join(' ')}"`;
}
