/** The search and the filters, which a script brings to life. */
import type { Report } from '../report.ts';
import { html, type Markup } from './markup.ts';
import { VERDICTS, verdictMark } from './verdicts.ts';

export function filterForm({ clauses, counts }: Report): Markup {
  const distinct = (values: string[]) => [...new Set(values)];
  const options = (values: string[]) => values.map((value) => html`<option>${value}</option>`);
  return html`<form class="filter needs-script" id="filter" role="search" autocomplete="off">
    <label class="search"><span class="unseen">Search clauses</span>
      <input type="search" name="q" placeholder="Search clauses" aria-keyshortcuts="/" spellcheck="false"></label>
    <details class="choices" open><summary>Filter</summary><div>
    <fieldset><legend class="unseen">Verdict</legend>${VERDICTS.filter((verdict) => counts[verdict] > 0).map((verdict) => html`<label class="chip"><input type="checkbox" name="verdict" value="${verdict}">${verdictMark(verdict)}</label>`)}</fieldset>
    <label><span class="unseen">Level</span><select name="level"><option value="">any level</option>
      ${options(distinct(clauses.map(({ level }) => level)))}</select></label>
    <label><span class="unseen">Area</span><select name="area"><option value="">any area</option>
      ${options(distinct(clauses.map(({ area }) => area)))}</select></label>
    <input type="hidden" name="place"></div></details>
    <p class="state"><output id="shown" aria-live="polite"></output> <button type="reset" hidden>Show all</button></p>
      </form>`;
}
