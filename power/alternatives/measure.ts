/** The same faults given to the suite and to other ways of testing. */
import type { Options } from '../options.ts';
import { share } from '../pool.ts';
import { progressTo } from '../progress.ts';
import { OptionError } from '../seeds.ts';
import { subjectsOf } from '../subjects.ts';
import { layoutNamed } from '../trial.ts';
import { budgetOf } from './by-suite.ts';
import type { Compared } from './compare.ts';
import { type AgainstRecord, recordOf } from './record.ts';

/** @throws OptionError where nothing is left to run, WorkerError */
export async function measureAgainst(options: Options, signal: AbortSignal): Promise<AgainstRecord> {
  const { seeds, layouts, jobs, narrowed } = options;
  const subjects = subjectsOf(options).filter(({ kind }) => kind === 'fault');
  if (subjects.length === 0) throw new OptionError(`--only ${options.only.join(' --only ')}: there is no such fault`);
  const budget: Record<string, number> = {};
  for (const layout of layouts) budget[layout] = options.budget ?? (await budgetOf(layoutNamed(layout)));
  const work = seeds.flatMap((seed) =>
    subjects.map(({ layout, id }) => {
      return { do: 'compare' as const, comparison: { layout, fault: id, seed, budget: budget[layout] ?? 0 } };
    }),
  );
  const compared: Compared[] = [];
  const tell = progressTo(process.stderr);
  await share(work, {
    jobs,
    signal,
    onAnswer(answer, done, total) {
      if ('compared' in answer) compared.push(answer.compared);
      tell(done, total);
    },
  });
  return recordOf(compared, { seeds, budget, narrowed, partial: compared.length < work.length });
}
