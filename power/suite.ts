/** The suite on every fault and every variant. */
import { Journal } from './journal.ts';
import type { Options } from './options.ts';
import { share } from './pool.ts';
import { progressTo } from './progress.ts';
import type { PowerRecord } from './record.ts';
import { OptionError } from './seeds.ts';
import { subjectsOf } from './subjects.ts';
import { summarise } from './summarise.ts';
import type { Said } from './trial.ts';

/** @throws OptionError where nothing is left to run, WorkerError */
export async function measureSuite(options: Options, signal: AbortSignal): Promise<PowerRecord> {
  const { seeds, layouts, only } = options;
  const subjects = subjectsOf(options);
  if (subjects.length === 0) {
    throw new OptionError(
      `--only ${only.join(' --only ')}: no fault or variant of layout ${layouts.join(', ')} has such an id`,
    );
  }
  // Seed by seed, so that a run that is ended early has been through everything as often.
  const work = seeds.flatMap((seed) =>
    subjects.map((subject) => ({
      do: 'try' as const,
      trial: { ...subject, seed, ...(options.quick && { quick: true }) },
    })),
  );
  const journal = options.journal === undefined ? undefined : new Journal(options.journal);
  const said: Said[] = work.flatMap(({ trial }) => journal?.get(trial) ?? []);
  const left = work.filter(({ trial }) => !journal?.get(trial));
  const tell = progressTo(process.stderr);
  await share(left, {
    jobs: options.jobs,
    signal,
    onAnswer(answer) {
      if (!('said' in answer)) return;
      said.push(answer.said);
      journal?.add(answer.said);
      tell(said.length, work.length);
    },
  });
  return summarise(said, { seeds, layouts, narrowed: options.narrowed, partial: said.length < work.length });
}
