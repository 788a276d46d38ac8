/** A run done twice, and the one report of both: what is not the same the second time is a verdict of its own. */
import { exitCode, strongest } from '../../../reports/exit-code.ts';
import { renderJson } from '../../../reports/json.ts';
import type { Determinism, Difference, Report } from '../../../reports/report.ts';
import { Executor } from '../../execute.ts';
import type { Target } from '../../target.ts';
import type { Progress } from '../api.ts';
import type { SessionOptions } from '../options.ts';
import { differenceOf, reportDifference } from './difference.ts';
import { Recording } from './recording.ts';

/** One of the two runs. */
export type Once = (more: Pick<SessionOptions, 'recording' | 'onProgress'>) => Promise<Report>;

export interface TwiceOptions extends SessionOptions {
  target: Target;
}

export async function runTwice(options: TwiceOptions, once: Once): Promise<Report> {
  const { signal, onProgress } = options;
  const recording = new Recording();
  await makeNew(options);
  const first = await once({ recording });
  if (signal?.aborted) return unfinished(first, options);
  const again = new Recording(recording);
  await makeNew(options);
  const second = await once({
    recording: again,
    ...(onProgress && { onProgress: (now: Progress) => onProgress({ ...now, again: true }) }),
  });
  const { divergence } = again;
  const sameBytes = renderJson(first) === renderJson(second);
  if (divergence && divergence.kind !== 'course') {
    const difference = differenceOf(divergence, options);
    if (!signal?.aborted) return different(first, second, difference);
    const kept = endedEarly(first, options);
    // What an unfinished run does not say is no difference; a violation that it found is.
    return different(kept, second.headline === 'not conformant' ? second : kept, difference);
  }
  if (sameBytes) return { ...first, run: { ...first.run, determinism: { verified: true } } };
  if (signal?.aborted) return unfinished(first, options);
  return different(first, second, reportDifference(first, second, options));
}

/** Both runs begin with a device that is new, where that can be had. A failure shows again as soon as it is examined. */
async function makeNew({ target, timeout }: TwiceOptions): Promise<void> {
  if (!target.adapter.powerCycle) return;
  const executor = new Executor(target, timeout === undefined ? {} : { timeout });
  await executor.run([{ kind: 'power-cycle', operation: 0, watch: true }]);
}

/** What was asked for was not done to its end. */
function endedEarly(first: Report, { signal }: TwiceOptions): Report {
  const interrupted = first.run.interrupted ?? String(signal?.reason ?? 'interrupted');
  return { ...first, run: { ...first.run, partial: true, interrupted } };
}

/** Whether the target is deterministic is not known. */
function unfinished(first: Report, options: TwiceOptions): Report {
  const because = 'the second run did not come to its end';
  const report = endedEarly(first, options);
  report.run.determinism = { verified: false, because };
  if (report.headline !== 'conformant') return report;
  return { ...report, headline: 'inconclusive', because: `${because}; the first: ${first.because}` };
}

/** The report of the run that came out worse: what only one of them showed was seen all the same. */
function different(first: Report, second: Report, difference: Difference): Report {
  const [one, two] = [exitCode(first, false), exitCode(second, false)];
  const shown = one === strongest(one, two) ? 'first' : 'second';
  const report = shown === 'first' ? first : second;
  const verdicts = first.clauses.flatMap(({ id, verdict }, index) => {
    const other = second.clauses[index]?.verdict ?? verdict;
    return other === verdict ? [] : [{ id, first: verdict, second: other }];
  });
  const because = sentence(difference, first, second);
  const determinism: Determinism = {
    verified: false,
    because,
    shown,
    ...(verdicts.length > 0 ? { verdicts } : {}),
    difference,
  };
  const alike = one === 0 && two === 0;
  return {
    ...report,
    run: { ...report.run, determinism },
    headline: report.headline === 'not conformant' ? 'not conformant' : 'inconclusive',
    because: alike ? `no violation in either run, but ${because}` : `${report.because}; and ${because}`,
  };
}

function sentence({ kind, check }: Difference, first: Report, second: Report): string {
  const target = 'the target is not deterministic';
  if (kind === 'probe') return `${target}: the second run met another device`;
  if (kind === 'program') return `${target}: ${check ?? 'a program'} did not show the same twice`;
  if (kind === 'failure') return `${target}: in ${check ?? 'a program'} it failed in one run and not in the other`;
  if (first.findings.length + second.findings.length > 0) {
    return 'the two runs left different reports, since the target failed in them and was not met again as it was';
  }
  return 'the two runs left different reports, though the target showed the same: a defect of the suite';
}
