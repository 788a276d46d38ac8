/**
 * A conformance run inside a Vitest suite, one test per clause.
 *
 *     import { conformance } from 'virtio-mmio-msi-conformance/vitest';
 *     conformance({ target: './adapter.ts' });
 */
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { renderDeterminism } from '../reports/determinism.ts';
import { exitCode } from '../reports/exit-code.ts';
import { renderClause, renderFindings, renderHeadline } from '../reports/pretty.ts';
import type { ClauseResult, Report } from '../reports/report.ts';
import type { Clause, Layout } from '../spec/layout.ts';
import { loadLayout, packagedNames } from '../spec/load.ts';
import { adaptTarget } from './adapt.ts';
import { DEFAULT_LAYOUT, DEFAULT_RUNS, DEFAULT_SEED } from './cli/defaults.ts';
import { explain } from './cli/errors.ts';
import type { RunOptions } from './engine/api.ts';
import type { AdapterModule, Target } from './target.ts';
import { openTarget } from './targets/open.ts';

export interface ConformanceOptions {
  /** As on the command line (paths count from the working directory), or an adapter, or a function that makes one. */
  target: string | AdapterModule;
  /** Name of a packaged layout, or a YAML file. Default: the one that an adapter object names, else `native`. */
  layout?: string;
  seed?: number;
  /** How many generated programs. */
  runs?: number;
  /** States beyond those of the model for which small scopes are gone through completely; `off`: not at all. */
  exhaustive?: RunOptions['exhaustive'];
  /** Clause ids or globs; only these are judged. */
  only?: string[];
  /** Clause ids or globs that are left out. */
  exclude?: string[];
  /** A SHOULD that is not met fails its test. */
  strict?: boolean;
  /** Does the whole run twice; a target that does not show the same again fails the test of the verdict. */
  verifyDeterminism?: boolean;
  /** The verdict may be inconclusive: what the target has no way to show is no failure. */
  allowInconclusive?: boolean;
  /** Title of the block. Default: `conformance of` with the target. */
  title?: string;
}

/** A failure whose message says everything; where in the suite it was thrown is of no use to anybody. */
class ConformanceError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
    this.stack = '';
  }
}

function titleOf({ title, target }: ConformanceOptions): string {
  if (title !== undefined) return title;
  if (typeof target === 'string') return `conformance of ${target}`;
  return `conformance of ${(typeof target === 'object' && target.name) || 'the adapter'}`;
}

function open(target: ConformanceOptions['target'], layout: Layout): Promise<Target> {
  return typeof target === 'string' ? openTarget(target, { layout }) : adaptTarget(target, layout);
}

async function runOnce(target: Target, layout: Layout, options: ConformanceOptions): Promise<Report> {
  const { run } = await import('./engine/run.ts');
  const {
    seed = DEFAULT_SEED,
    runs = DEFAULT_RUNS,
    strict = false,
    exhaustive,
    only,
    exclude,
    verifyDeterminism,
  } = options;
  const words = typeof options.target === 'string' ? ['--target', options.target] : undefined;
  if (words && options.layout !== undefined) words.push('--layout', options.layout);
  return run({
    target,
    layout,
    seed,
    runs,
    strict,
    bail: false,
    ...(exhaustive !== undefined && { exhaustive }),
    ...(verifyDeterminism && { verifyDeterminism }),
    ...(only && { only }),
    ...(exclude && { exclude }),
    ...(words && { commandLine: words }),
  });
}

/** Turns a clause's result into what Vitest knows: a pass, a failure, a skip with its reason. */
async function settle(context: TestContext, report: Report, result: ClauseResult | undefined, strict: boolean) {
  if (result === undefined) return context.skip('this run does not judge it');
  switch (result.verdict) {
    case 'pass':
      return;
    case 'warn':
      if (strict) throw new ConformanceError('violated', `\n${renderClause(report, result)}\n`);
      await context.annotate(renderClause(report, result), 'warning');
      return;
    case 'fail':
      throw new ConformanceError('violated', `\n${renderClause(report, result)}\n`);
    default:
      context.skip(`${result.verdict}: ${result.reason ?? 'no reason given'}`);
  }
}

function testName({ id, level, text }: Clause): string {
  return `${id} (${level}) ${text}`;
}

/** The packaged layout that an adapter names; of a path or a function it is not known before the tests run. */
function namedBy(target: ConformanceOptions['target']): string | undefined {
  const name = typeof target === 'object' && 'layout' in target ? target.layout : undefined;
  return typeof name === 'string' && packagedNames().includes(name) ? name : undefined;
}

/** Registers a block in which each of the layout's clauses for devices is a test, and the verdict as a whole is one. */
export function conformance(options: ConformanceOptions): void {
  const layout = loadLayout(options.layout ?? namedBy(options.target) ?? DEFAULT_LAYOUT);
  const { strict = false, allowInconclusive = false } = options;
  describe(titleOf(options), () => {
    let target: Target | undefined;
    let report: Report | undefined;
    const reported = (): Report => {
      if (!report) throw new ConformanceError('verdict', 'there is no report');
      return report;
    };
    // The run has bounds of its own; how long it takes depends on the target.
    beforeAll(async () => {
      try {
        target = await open(options.target, layout);
        report = await runOnce(target, layout, options);
      } catch (error) {
        throw new ConformanceError('no run', (await explain(error, false)).text);
      }
    }, 0);
    afterAll(() => target?.close());

    for (const clause of layout.data.clauses.filter((each) => each.binds === 'device')) {
      it(testName(clause), async (context) => {
        const found = reported().clauses.find((result) => result.id === clause.id);
        await settle(context, reported(), found, strict);
      });
    }
    it('verdict', () => {
      const now = reported();
      const isWhole = now.findings.length === 0 && now.run.determinism?.verified !== false;
      const tolerated = allowInconclusive && now.headline === 'inconclusive' && isWhole;
      const text = [renderHeadline(now), ...renderFindings(now), ...renderDeterminism(now)].join('\n');
      if (exitCode(now) !== 0 && !tolerated) throw new ConformanceError('verdict', text);
      expect(now.counts.pass + now.counts.warn).toBeGreaterThan(0);
    });
  });
}
