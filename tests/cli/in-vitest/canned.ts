/** In place of the engine: results for some clauses of the native layout, a pass for all others. */
import type { RunOptions } from '../../../harness/engine/api.ts';
import type { ClauseResult, Report } from '../../../reports/report.ts';
import { clause, conformant, counterexample } from '../../reports/fixtures.ts';

const RESULTS: Record<string, ClauseResult> = {
  'MAP-RANGE': clause('MAP-RANGE', 'fail', { counterexample: counterexample('MAP-RANGE') }),
  'MAP-ABSENT': clause('MAP-ABSENT', 'warn', { level: 'SHOULD', counterexample: counterexample('MAP-ABSENT') }),
  'DLV-USED': clause('DLV-USED', 'untestable', { reason: 'the target cannot capture interrupts' }),
};

/** A run that finds the results of `ids`. */
export function cannedRun(ids: string[]): (options: RunOptions) => Promise<Report> {
  return async ({ layout, target }) => {
    await target.adapter.read(0, 32);
    const clauses = layout.data.clauses
      .filter(({ binds }) => binds === 'device')
      .map(({ id }) => (ids.includes(id) ? RESULTS[id] : undefined) ?? clause(id, 'pass'));
    const counts = { ...conformant.counts, pass: clauses.length - ids.length, 'not-applicable': 0 };
    for (const id of ids) counts[RESULTS[id]?.verdict ?? 'pass']++;
    const headline = counts.fail > 0 ? 'not conformant' : counts.untestable > 0 ? 'inconclusive' : 'conformant';
    return { ...conformant, clauses, counts, headline, because: `canned: ${ids.join(', ') || 'all pass'}` };
  };
}
