/** Stryker on some files of a part. */
import { fileURLToPath } from 'node:url';
import type { LogLevel, MutantResult, PartialStrykerOptions } from '@stryker-mutator/api/core';
import { Stryker } from '@stryker-mutator/core';
import { IGNORER } from './ignore.ts';
import { RUNNER } from './in-process/runner.ts';
import { LIVE } from './live.ts';
import { CONFORMS, type Part, PLANS, ROOT } from './parts.ts';

/** A bound against endless loops that no counter of Stryker's ends, not a measure. */
const TIMEOUT_MS = 60_000;

/** Kinds of mutants that tell nothing here, and why; `ignore.ts` leaves out texts one by one. */
const EXCLUDED: Readonly<Record<string, string>> = {
  OptionalChaining:
    'a `?.` is there because the type of an index or a lookup has undefined in it, mostly where it cannot be',
};

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export interface MutateOptions {
  /** Forgets what an earlier run found out of mutants that did not change, nor their tests. */
  anew: boolean;
}

/** @throws where the tests fail without a mutant */
export async function mutate(part: Part, files: readonly string[], { anew }: MutateOptions): Promise<MutantResult[]> {
  const { testFiles, without } = PLANS[part];
  // What the suite killed before it is not asked about again; of the rest it killed nothing, and costs most.
  const inOrder = anew ? testFiles : [...testFiles].sort((a, b) => Number(a === CONFORMS) - Number(b === CONFORMS));
  process.chdir(ROOT);
  const options: PartialStrykerOptions = {
    testRunner: RUNNER,
    plugins: [path('./in-process/runner.ts'), path('./ignore.ts'), path('./live.ts')],
    testRunnerNodeArgs: ['--import', 'tsx'],
    checkerNodeArgs: ['--import', 'tsx'],
    inProcess: { testFiles: inOrder, without },
    mutate: [...files],
    mutator: { plugins: null, excludedMutations: Object.keys(EXCLUDED) },
    ignorers: [IGNORER],
    coverageAnalysis: 'perTest',
    checkers: [],
    concurrency: 1,
    timeoutMS: TIMEOUT_MS,
    tempDirName: `.stryker/${part}-${process.pid}`,
    incremental: true,
    incrementalFile: `.stryker/${part}.json`,
    force: anew,
    ignorePatterns: ['.stryker', 'dist', 'docs', 'examples', 'bench', 'soak', '/power/*.json'],
    reporters: ['progress-append-only', LIVE],
    allowConsoleColors: false,
    logLevel: 'warn' as LogLevel,
    thresholds: { high: 100, low: 100, break: null },
  };
  return new Stryker(options).runMutationTest();
}
