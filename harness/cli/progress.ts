/** One line on a terminal that says how far the run is. */
import type { DriverProgress } from '../driver/engine/run.ts';
import type { Progress } from '../engine/api.ts';
import { type Io, widthOf } from './output.ts';

/** Between two updates; more often than this nobody can read. */
const INTERVAL_MS = 100;
const CLEAR = '\r\x1b[2K';

/** How far a run is, of a device or of a driver. */
export type AnyProgress = Progress | DriverProgress;

/** The line's text, cut to `columns` so that it never breaks into two. */
export function progressLine(progress: AnyProgress, columns: number): string {
  const { done, total, failed } = progress;
  const [what, check] = 'tier' in progress ? [progress.tier, progress.check] : ['scenario', progress.scenario];
  const again = 'again' in progress && progress.again;
  const line = `${again ? 'second run  ' : ''}${what}  ${done}/${total}  ${failed === 0 ? 'none' : failed} violated  ${check}`;
  return line.length < columns ? line : line.slice(0, Math.max(columns - 1, 0));
}

export interface ProgressLine {
  update(progress: AnyProgress): void;
  /** Takes the line away for good. */
  end(): void;
}

/** Where the line makes sense: somebody watches, nobody asked for quiet, and no log keeps every state of it. */
export function wantsProgress(io: Io, env: NodeJS.ProcessEnv, isTty: boolean): boolean {
  return isTty && !io.quiet && !env.CI && env.TERM !== 'dumb';
}

/** The progress line; one that does nothing where it is not wanted. */
export function createProgress(io: Io): ProgressLine {
  const { stderr } = process;
  if (!wantsProgress(io, process.env, stderr.isTTY)) return { update: () => undefined, end: () => undefined };
  let shown = false;
  let last = 0;
  const clear = () => {
    if (shown) stderr.write(CLEAR);
    shown = false;
  };
  io.beforeLine = clear;
  return {
    update(progress) {
      const now = performance.now();
      if (now - last < INTERVAL_MS) return;
      last = now;
      stderr.write(`${CLEAR}${progressLine(progress, widthOf(stderr))}`);
      shown = true;
    },
    end() {
      clear();
      io.beforeLine = undefined;
    },
  };
}
