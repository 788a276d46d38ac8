/** The search, the filters and the keys, which scripts bring to life. */
import type { Report } from '../report.ts';
import { html, type Markup } from './markup.ts';
import { VERDICTS, verdictMark } from './verdicts.ts';

export function filterForm({ clauses, counts }: Report): Markup {
  const verdicts = VERDICTS.filter((verdict) => counts[verdict] > 0);
  return html`<div class="tools needs-script">
    <form class="filter" id="filter" role="search" autocomplete="off">
      <label class="search"><span class="unseen">Search clauses</span>
        <input type="search" name="q" placeholder="Search clauses" aria-keyshortcuts="/" spellcheck="false">
      </label>
      <details class="choices" open><summary>Filter</summary><div>
        <fieldset><legend class="unseen">Verdict</legend>
          ${verdicts.map((verdict) => html`<label class="chip"><input type="checkbox" name="verdict" value="${verdict}">${verdictMark(verdict)}</label>`)}
        </fieldset>
        ${choice(
          'Level',
          'level',
          clauses.map(({ level }) => level),
        )}
        ${choice(
          'Area',
          'area',
          clauses.map(({ area }) => area),
        )}
        <input type="hidden" name="place">
      </div></details>
      <p class="state"><output id="shown" aria-live="polite"></output> <button type="reset" hidden>Show all</button></p>
    </form>
    <p class="keys">
      ${key('/', 'search')}${key('j', 'next failure')}${key('k', 'previous failure')}${key('Esc', 'show all')}${key('t', 'colours')}
      <label><input type="checkbox" id="keys" checked> keys on</label>
    </p></div>`;
}

function choice(label: string, name: string, values: readonly string[]): Markup {
  return html`<label><span class="unseen">${label}</span><select name="${name}"><option value="">any ${name}</option>
    ${[...new Set(values)].map((value) => html`<option>${value}</option>`)}</select></label>`;
}

function key(name: string, does: string): Markup {
  return html`<span><kbd>${name}</kbd> ${does}</span>`;
}
