/** What one run or replay was asked for, as the engine keeps it. */
import type { RunOptions } from './api.ts';
import type { Recording } from './determinism/recording.ts';

export interface SessionOptions
  extends Pick<
    RunOptions,
    | 'seed'
    | 'runs'
    | 'exhaustive'
    | 'only'
    | 'exclude'
    | 'strict'
    | 'bail'
    | 'timeout'
    | 'signal'
    | 'onProgress'
    | 'onSighting'
    | 'commandLine'
  > {
  /** One stored program is run; what it is known to show. */
  replayed?: { clause?: string; finding?: number };
  /** What the target shows is kept, or compared, here. */
  recording?: Recording;
}
