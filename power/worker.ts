/** A worker process: does one piece of work for each message that it gets, and answers with what came of it. */
import { compareOn } from './alternatives/compare.ts';
import type { Answer, Work } from './pool.ts';
import { tryOut } from './trial.ts';

// Ctrl-C reaches every process of a terminal's group; when to end is for the one that has the workers to say.
process.on('SIGINT', () => {});

process.on('message', async (work: Work) => {
  let answer: Answer;
  try {
    answer = work.do === 'try' ? { said: await tryOut(work.trial) } : { compared: await compareOn(work.comparison) };
  } catch (error) {
    answer = { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  process.send?.(answer);
});
