/** What a verdict looks like, wherever one is shown: a sign and a word, never a colour alone. */
import type { ClauseResult, Report, Verdict } from '../report.ts';
import { html, type Markup } from './markup.ts';

/** The worst first: what a reader looks for. */
export const VERDICTS: readonly Verdict[] = ['fail', 'warn', 'untestable', 'not-run', 'pass', 'not-applicable'];

const LOOKS: Record<Verdict, { sign: string; word: string }> = {
  fail: { sign: '✕', word: 'violated' },
  warn: { sign: '!', word: 'warning' },
  untestable: { sign: '?', word: 'untestable' },
  'not-run': { sign: '○', word: 'not run' },
  pass: { sign: '✓', word: 'passed' },
  'not-applicable': { sign: '–', word: 'does not apply' },
};

export function wordOf(verdict: Verdict): string {
  return LOOKS[verdict].word;
}

export function signOf(verdict: Verdict): string {
  return LOOKS[verdict].sign;
}

/** The verdict as sign and word. */
export function verdictMark(verdict: Verdict): Markup {
  const { sign, word } = LOOKS[verdict];
  return html`<span class="verdict v-${verdict}"><i aria-hidden="true">${sign}</i>${word}</span>`;
}

/** The sign alone, for narrow places; the word is there for those who do not see it. */
export function verdictSign(verdict: Verdict): Markup {
  const { sign, word } = LOOKS[verdict];
  return html`<span class="sign v-${verdict}" title="${word}"><i aria-hidden="true">${sign}</i><span class="unseen">
    ${word}</span></span>`;
}

/** The verdict that says most about a group of clauses; nothing for none. */
export function worst(clauses: readonly ClauseResult[]): Verdict | undefined {
  return VERDICTS.find((verdict) => clauses.some((clause) => clause.verdict === verdict));
}

/** Clauses that are violated: those that need no other as their cause first, then what may be a consequence. */
export function violated({ clauses }: Report): { causes: ClauseResult[]; consequences: ClauseResult[] } {
  const all = clauses.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn');
  const failsFirst = (a: ClauseResult, b: ClauseResult) => Number(a.verdict === 'warn') - Number(b.verdict === 'warn');
  return {
    causes: all.filter(({ impliedBy }) => !impliedBy?.length).sort(failsFirst),
    consequences: all.filter(({ impliedBy }) => impliedBy?.length).sort(failsFirst),
  };
}

/** Clauses by the reason that they have in common, in the order in which the reasons come up. */
export function byReason(clauses: readonly ClauseResult[]): [reason: string, clauses: ClauseResult[]][] {
  const groups = new Map<string, ClauseResult[]>();
  for (const clause of clauses) {
    const reason = clause.reason ?? 'no reason given';
    groups.set(reason, [...(groups.get(reason) ?? []), clause]);
  }
  return [...groups];
}
