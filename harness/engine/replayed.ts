/** What the replay of one program comes to: it is judged by what it puts to the test, and by nothing else. */
import type { ClauseResult, Report } from '../../reports/report.ts';
import { count } from '../../reports/text.ts';

/** A clause that the program does not put to the test is out of the question, whatever the reason. */
export function onlyExercised(clauses: readonly ClauseResult[]): ClauseResult[] {
  return clauses.map((clause) =>
    clause.exercised > 0 || clause.verdict === 'fail' || clause.verdict === 'warn'
      ? clause
      : { ...clause, verdict: 'not-run', reason: 'the program does not put it to the test' },
  );
}

export interface Replayed {
  /** What the program is known to show. */
  known: { clause?: string; finding?: number };
  strict: boolean;
  findings: number;
  aborted: boolean;
}

/** The headline of a replay, with what it says about the violation or the fault that is looked for. */
export function headlineOfReplay(
  clauses: readonly ClauseResult[],
  { known, strict, findings, aborted }: Replayed,
): Pick<Report, 'headline' | 'because'> {
  const seen = clauses.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn').map(({ id }) => id);
  const counted = clauses.filter(({ verdict }) => verdict === 'fail' || (strict && verdict === 'warn'));
  const exercised = clauses.filter((clause) => clause.exercised > 0);
  const what = known.clause ?? (known.finding === undefined ? undefined : `target fault ${known.finding}`);
  const again = known.clause === undefined ? findings > 0 : seen.includes(known.clause);
  if (counted.length > 0 || (known.clause !== undefined && again)) {
    const others = seen.filter((id) => id !== known.clause);
    const named = `${others.join(', ')} ${others.length === 1 ? 'is' : 'are'} violated`;
    const should = counted.length === 0 ? ', as a warning' : '';
    let because = named;
    if (known.clause !== undefined) {
      if (again) because = `${known.clause} shows again${should}${others.length > 0 ? `; ${named} too` : ''}`;
      else because = `${known.clause} did not show again, but ${named}`;
    }
    return { headline: counted.length > 0 ? 'not conformant' : 'conformant', because };
  }
  if (findings > 0) {
    const which = known.finding !== undefined ? 'the target fault shows again' : 'the target failed on the way';
    return { headline: 'inconclusive', because: which };
  }
  if (aborted) return { headline: 'inconclusive', because: 'the run did not come to its end' };
  const nothing = what === undefined ? 'nothing wrong showed' : `${what} did not show again`;
  if (exercised.length === 0 && known.finding === undefined) {
    return {
      headline: 'inconclusive',
      because: `${nothing}, but on this target the program puts no clause to the test`,
    };
  }
  // A mended device may give the clause no occasion: the violation itself can be all that it is about.
  const isTested = known.clause === undefined || exercised.some(({ id }) => id === known.clause);
  const occasion = isTested ? '' : `, none of them ${known.clause}, which had no occasion`;
  const warned = seen.length > 0 ? `; warnings: ${seen.join(', ')}` : '';
  const tested = `${count(exercised.length, 'clause')} ${exercised.length === 1 ? 'was' : 'were'} put to the test`;
  return { headline: 'conformant', because: `${nothing}; ${tested}${occasion}${warned}` };
}
