/** Worker processes that share a list of work. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Compared, Comparison } from './alternatives/compare.ts';
import type { Said, Trial } from './trial.ts';

export type Work = { do: 'try'; trial: Trial } | { do: 'compare'; comparison: Comparison };
export type Answer = { said: Said } | { compared: Compared } | { failed: string };

/** A worker died, or what it ran threw. Exit code 3. */
export class WorkerError extends Error {
  override name = 'WorkerError';
}

export interface PoolOptions {
  jobs: number;
  /** Aborted: nothing more is begun, what is under way comes to its end. */
  signal: AbortSignal;
  onAnswer: (answer: Answer, done: number, total: number) => void;
}

/** Resolves when all is done, or what was under way when it was aborted. @throws WorkerError */
export async function share(work: readonly Work[], { jobs, signal, onAnswer }: PoolOptions): Promise<void> {
  let next = 0;
  let done = 0;
  let failed = false;
  const one = async (): Promise<void> => {
    const child = fork(fileURLToPath(new URL('./worker.ts', import.meta.url)));
    try {
      while (next < work.length && !signal.aborted && !failed) {
        const piece = work[next++] as Work;
        const answer = await ask(child, piece);
        if ('failed' in answer) throw new WorkerError(`${nameOf(piece)}: ${answer.failed}`);
        onAnswer(answer, ++done, work.length);
      }
    } catch (error) {
      failed = true;
      throw error;
    } finally {
      child.kill();
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, work.length) }, one));
}

function ask(child: ChildProcess, piece: Work): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null, by: string | null) =>
      reject(new WorkerError(`${nameOf(piece)}: the worker process ended (${by ?? `exit code ${code}`})`));
    child.once('exit', ended);
    child.once('message', (answer: Answer) => {
      child.off('exit', ended);
      resolve(answer);
    });
    child.send(piece);
  });
}

function nameOf(work: Work): string {
  const { layout, id, seed } = work.do === 'try' ? work.trial : { id: work.comparison.fault, ...work.comparison };
  return `${id}, layout ${layout}, seed ${seed}`;
}
