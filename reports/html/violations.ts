/** Each violated clause with its program: what others rest on first, what may be no more than a consequence folded. */
import type { ClauseResult, Counterexample, Report } from '../report.ts';
import { count } from '../text.ts';
import { clauseData, clauseLinks } from './clause-links.ts';
import type { Context, Section } from './context.ts';
import { difference, versus } from './difference.ts';
import { anchor, type Content, html, type Markup } from './markup.ts';
import { programText, reproduce } from './program.ts';
import { timeline } from './timeline.ts';
import { verdictMark, verdictSign, violated } from './verdicts.ts';

/** Violations that the list of contents names. */
const LISTED = 60;

export function violations(context: Context): Section {
  const { causes, consequences } = violated(context.report);
  const all = [...causes, ...consequences];
  return {
    id: 'violations',
    title: 'Violations',
    aside: all.length,
    ...(all.length > 0 && {
      entries: all
        .slice(0, LISTED)
        .map(
          ({ id, verdict }) =>
            html`<a href="#${anchor('violation', id)}" data-entry="${id}">${verdictSign(verdict)} ${id}</a>`,
        ),
    }),
    body:
      all.length === 0
        ? html`<p class="none">No clause is violated.</p>`
        : html`${causes.map((clause) => article(clause, context))}${consequences.length > 0 && aside(consequences.length)}
          ${consequences.map((clause) => article(clause, context))}`,
  };
}

function aside(number: number): Markup {
  const which = `${count(number, 'clause')} that ${number === 1 ? 'is' : 'are'} violated too`;
  return html`<h3 class="consequences">May be no more than a consequence</h3>
    <p class="lead">${which}, each along with one that is more specific or that it leans on.</p>`;
}

function article(clause: ClauseResult, context: Context): Markup {
  const { id, level, area, text, verdict, impliedBy, counterexample } = clause;
  const others = context.report.clauses.filter((other) => other.impliedBy?.includes(id));
  const behind = impliedBy?.map((each) => ({ id: each })) ?? [];
  const body = html`<p class="text">${text}</p>
    ${behind.length > 0 && html`<p class="note">Behind it may be ${clauseLinks(behind)}.</p>`}
    ${others.length > 0 && html`<p class="note">Violated along with it: ${clauseLinks(others)}.</p>`}
    ${counterexample ? shown(id, counterexample, context) : html`<p>${clause.reason}</p>`}`;
  const where = html`<span class="level">${level}</span> <span class="area">${area}</span>`;
  const head = html`<h3><span class="id">${id}</span> ${verdictMark(verdict)} ${where}</h3>`;
  const data = clauseData(clause, context.places.placesOf(id));
  return html`<article class="violation"${data} id="${anchor('violation', id)}" tabindex="-1">
    ${behind.length > 0 ? html`<details><summary>${head}</summary>${body}</details>` : html`${head}${body}`}</article>`;
}

function shown(id: string, found: Counterexample, { layout, report }: Context): Content {
  const { expected, trace, unstable } = found;
  return html`<div class="case"><figure class="picture"><figcaption>${size(found)}</figcaption>
    ${timeline(trace, { title: `how ${id} is violated, step by step`, expected })}</figure>
    <div class="facts">${versus(found)}
    ${unstable && html`<p class="note">It was seen, and not again when the program ran by itself: ${why(report)}.</p>`}
    ${difference(found, layout)}${reproduce(found, isReplayable(report) ? `--clause ${id}` : undefined)}</div></div>
    ${programText(trace, found.program, !isReplayable(report))}`;
}

/** A driver's log is no program that could be run again. */
export function isReplayable({ subject }: Report): boolean {
  return subject !== 'driver';
}

function size({ operations, check, tier }: Counterexample): string {
  if (tier === 'scenario') return `${count(operations, 'access', 'accesses')} of the driver, with ${check}`;
  const what = operations === 0 ? 'Set-up alone' : `${count(operations, 'operation')} after set-up`;
  return `${what}, found by ${check} (${tier})`;
}

function why({ run: { determinism } }: Report): string {
  if (determinism?.verified) return 'it hangs on what ran before, since the whole run shows it each time';
  if (determinism?.difference) return 'the target is not deterministic';
  return 'it hangs on what ran before, or the target is not deterministic (--verify-determinism tells)';
}
