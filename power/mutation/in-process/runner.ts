/**
 * A test runner for Stryker that runs tests in the process that it is in. A mutant is switched on by a variable that the
 * instrumented code looks at, so nothing has to be loaded again for it: trying one costs milliseconds, where a run of
 * vitest costs seconds.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { StrykerOptions } from '@stryker-mutator/api/core';
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin';
import {
  type DryRunOptions,
  type DryRunResult,
  DryRunStatus,
  determineHitLimitReached,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import { standInForVitest } from './resolve.ts';
import { beginFile, type Suite, type Test, tests } from './vitest.ts';

export const RUNNER = 'in-process';

/** The variable of Stryker's that instrumented code looks at. */
interface Instrumented {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  mutantCoverage?: NonNullable<(DryRunResult & { status: DryRunStatus.Complete })['mutantCoverage']>;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
}

const all = globalThis as { __stryker__?: Instrumented };
const instrumented: Instrumented = all.__stryker__ ?? {};
all.__stryker__ = instrumented;

export interface InProcessOptions {
  /** Test files, relative to the project; run in this order, and the strong and cheap ones best come first. */
  testFiles: string[];
  /** Tests whose name has one of these in it are left out. */
  without: string[];
}

class InProcessRunner implements TestRunner {
  static inject = tokens(commonTokens.options);
  private readonly options: InProcessOptions;
  private tests: readonly Test[] = [];
  private loaded = false;

  constructor(options: StrykerOptions) {
    this.options = options.inProcess as InProcessOptions;
    standInForVitest();
  }

  /** What has been loaded stays: for a mutant that has its effect while loading, Stryker takes a new process. */
  capabilities() {
    return { reloadEnvironment: false };
  }

  async dryRun({ disableBail }: DryRunOptions): Promise<DryRunResult> {
    await this.load();
    const results = await this.run(this.tests, disableBail, (test) => {
      instrumented.currentTestId = test?.id;
    });
    const coverage = instrumented.mutantCoverage;
    return {
      status: DryRunStatus.Complete,
      tests: results,
      ...(coverage && { mutantCoverage: coverage }),
    };
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, mutantActivation, testFilter, hitLimit, disableBail } = options;
    instrumented.hitCount = hitLimit === undefined ? undefined : 0;
    instrumented.hitLimit = hitLimit;
    if (mutantActivation === 'static') instrumented.activeMutant = activeMutant.id;
    const broken = await this.loadWith(mutantActivation === 'static');
    if (broken) return toMutantRunResult({ status: DryRunStatus.Complete, tests: [broken] });
    instrumented.activeMutant = activeMutant.id;
    const wanted = testFilter && new Set(testFilter);
    const results = await this.run(wanted ? this.tests.filter(({ id }) => wanted.has(id)) : this.tests, disableBail);
    instrumented.activeMutant = undefined;
    const endless = determineHitLimitReached(instrumented.hitCount, hitLimit);
    instrumented.hitCount = undefined;
    return toMutantRunResult(endless ?? { status: DryRunStatus.Complete, tests: results });
  }

  /** A mutant with which no test can be loaded is one that is noticed. */
  private async loadWith(isMutated: boolean): Promise<TestResult | undefined> {
    try {
      await this.load();
      return undefined;
    } catch (error) {
      if (!isMutated) throw error;
      const failureMessage = error instanceof Error ? error.message : String(error);
      return { id: 'loading', name: 'loading', timeSpentMs: 0, status: TestStatus.Failed, failureMessage };
    }
  }

  private async load(): Promise<void> {
    if (this.loaded) return;
    this.loaded = true;
    for (const name of this.options.testFiles) {
      beginFile(name);
      await import(pathToFileURL(resolve(name)).href);
    }
    this.tests = tests.filter(({ id }) => !this.options.without.some((part) => id.includes(part)));
  }

  private async run(
    chosen: readonly Test[],
    disableBail: boolean,
    announce: (test: Test | undefined) => void = () => {},
  ): Promise<TestResult[]> {
    const results: TestResult[] = [];
    const begun = new Map<Suite, Promise<void>>();
    for (const test of chosen) {
      announce(test);
      const failureMessage = await failureOf(test, begun);
      announce(undefined);
      const { id, file } = test;
      const result = { id, name: id, fileName: file, timeSpentMs: 0 };
      results.push(
        failureMessage === undefined
          ? { ...result, status: TestStatus.Success }
          : { ...result, status: TestStatus.Failed, failureMessage },
      );
      if (failureMessage !== undefined && !disableBail) break;
    }
    for (const suite of [...begun.keys()].reverse()) for (const run of suite.afterAll) await run();
    return results;
  }
}

/** @returns what a test threw, or undefined */
async function failureOf({ run, suites }: Test, begun: Map<Suite, Promise<void>>): Promise<string | undefined> {
  try {
    for (const suite of suites) {
      if (!begun.has(suite)) begun.set(suite, inOrder(suite.beforeAll));
      await begun.get(suite);
    }
    for (const suite of suites) await inOrder(suite.beforeEach);
    await run();
    for (const suite of [...suites].reverse()) await inOrder(suite.afterEach);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message || error.name : String(error);
  }
}

async function inOrder(runs: readonly (() => unknown)[]): Promise<void> {
  for (const run of runs) await run();
}

export const strykerValidationSchema = {
  properties: {
    inProcess: {
      type: 'object',
      properties: {
        testFiles: { type: 'array', items: { type: 'string' } },
        without: { type: 'array', items: { type: 'string' } },
      },
      required: ['testFiles', 'without'],
    },
  },
};

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, RUNNER, InProcessRunner)];
