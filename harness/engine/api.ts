/** What the command line and the library see of the engine. */
import type { Report } from '../../reports/report.ts';
import type { Layout } from '../../spec/layout.ts';
import type { Target } from '../target.ts';
import type { ExtraStates } from './exhaustive/tier.ts';

export type { ExtraStates };

export interface Progress {
  tier: 'derived' | 'generated' | 'exhaustive' | 'shrinking';
  /** The check under way, e.g. `mapping/refused-remap`. */
  check: string;
  /** Set while a run is done a second time. */
  again?: true;
  /** Programs run and to run in all. */
  done: number;
  total: number;
  /** Clauses violated so far. */
  failed: number;
}

/** A clause that a program is the first to violate; what it is in the end is not settled yet. */
export interface Sighted {
  clause: string;
  check: string;
  tier: 'derived' | 'generated' | 'exhaustive';
  /** Accesses and hook calls that the target was sent, from the first on, up to the one that showed it. */
  operations: number;
}

export interface RunOptions {
  target: Target;
  layout: Layout;
  /** 32-bit seed of everything that is chosen at random. */
  seed: number;
  /** How many generated programs; derived ones are run whatever this says. */
  runs: number;
  /**
   * Small scopes are gone through completely, and the guarantee holds for devices with so many states more than the
   * model; `off`: not at all. Default: 1, but for a target in another process 0 in all scopes but the smallest.
   */
  exhaustive?: ExtraStates | 'off';
  /** Clause ids or globs (`MAP-*`); only these are judged. */
  only?: string[];
  /** Clause ids or globs that are left out. */
  exclude?: string[];
  /** A SHOULD that is not met makes the target not conformant. */
  strict: boolean;
  /** Stop at the first violated clause. */
  bail: boolean;
  /** Does the whole run twice; a target that does not show the same again makes the report inconclusive. */
  verifyDeterminism?: boolean;
  /** Milliseconds without an answer after which an asynchronous adapter counts as hung; default 5000. */
  timeout?: number;
  /** Aborted: the run ends early with a valid partial report. */
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  /** Called when a clause is first seen to be violated, before the program is made smaller. */
  onSighting?: (sighted: Sighted) => void;
  /** The words of the command line that name the target and layout, for the `reproduce` lines of the report. */
  commandLine?: string[];
}

export interface ReplayOptions {
  target: Target;
  layout: Layout;
  /** A program as found in a report's counterexample or a file of its own. */
  program: unknown;
  /** The clause that it is known to violate. */
  clause?: string;
  /** The number of the target fault that it is known to cause, from 1. */
  finding?: number;
  strict: boolean;
  /** Runs the program twice, as a run with this option does. */
  verifyDeterminism?: boolean;
  timeout?: number;
  signal?: AbortSignal;
  /** The words of the command line, from `replay` on, for the `reproduce` lines of the report. */
  commandLine?: string[];
}

/** A check as `list` shows it. */
export interface CheckInfo {
  /** `area/name`. */
  id: string;
  title: string;
  tier: 'derived' | 'generated' | 'exhaustive';
  /** The clauses that it aims at. */
  clauses: string[];
  /** What the target must be able to do, in words (`guest memory`, `interrupt capture`, ...). */
  needs: string[];
}

/** Bad options, e.g. a glob that matches no clause, or a program that is none. Exit code 2. */
export class RunConfigurationError extends Error {
  override name = 'RunConfigurationError';
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

export type Run = (options: RunOptions) => Promise<Report>;
export type Replay = (options: ReplayOptions) => Promise<Report>;
