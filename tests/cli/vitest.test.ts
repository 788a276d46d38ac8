import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { renderClause } from '../../reports/pretty.ts';
import { clause, counterexample, notConformant } from '../reports/fixtures.ts';

const VITEST = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
const CONFIG = fileURLToPath(new URL('./in-vitest/vitest.config.ts', import.meta.url));

interface Test {
  title: string;
  status: string;
  failureMessages: string[];
}
interface Suite {
  name: string;
  message: string;
  assertionResults: Test[];
}

async function vitest(...args: string[]): Promise<string> {
  const { VITEST: _, VITEST_POOL_ID: _1, VITEST_WORKER_ID: _2, ...env } = process.env;
  const all = [VITEST, 'run', '--config', CONFIG, ...args];
  const options = { env: { ...env, NO_COLOR: '1' }, maxBuffer: 1e8 };
  return promisify(execFile)(process.execPath, all, options).then(
    ({ stdout }) => stdout,
    (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
  );
}

describe('conformance() in a Vitest suite', () => {
  let suites: Suite[];
  beforeAll(async () => {
    suites = (JSON.parse((await vitest('--reporter=json')).replace(/\n[^{}\n]*$/, '')) as { testResults: Suite[] })
      .testResults;
  }, 60_000);
  const suite = (name: string) => suites.find((each) => each.name.endsWith(`/${name}.suite.ts`));
  const test = (name: string, id: string) =>
    suite(name)?.assertionResults.find(({ title }) => title === id || title.startsWith(`${id} `));

  it('has a test for each clause that binds a device, and one for the verdict', () => {
    const titles = suite('violated')?.assertionResults.map(({ title }) => title) ?? [];
    expect(titles.length).toBeGreaterThan(50);
    expect(titles.at(-1)).toBe('verdict');
    expect(titles.some((title) => title.startsWith('DRV-'))).toBe(false);
  });

  it('is about the layout that an adapter names', () => {
    expect(test('tolerated', 'FMK-HOLD')?.status).toBe('passed');
    expect(test('violated', 'FMK-HOLD')).toBeUndefined();
  });

  it('fails a violated clause with the text of the report and no stack', () => {
    const result = clause('MAP-RANGE', 'fail', { counterexample: counterexample('MAP-RANGE') });
    const [message = ''] = test('violated', 'MAP-RANGE')?.failureMessages ?? [];
    expect(message).toContain(renderClause({ ...notConformant, clauses: [result] }, result));
    expect(message).not.toMatch(/\n\s+at /);
  });

  it('passes, warns and skips', () => {
    expect(test('violated', 'MAP-BACK')?.status).toBe('passed');
    expect(test('violated', 'MAP-ABSENT')?.status).toBe('passed');
    expect(test('violated', 'DLV-USED')?.status).toBe('skipped');
    expect(test('violated', 'verdict')?.status).toBe('failed');
  });

  it('fails the verdict of an inconclusive run, unless that is allowed', () => {
    expect(test('inconclusive', 'verdict')?.failureMessages[0]).toContain('inconclusive: canned: DLV-USED');
    expect(test('tolerated', 'verdict')?.status).toBe('passed');
  });

  it('fails a warning where it is strict', () => {
    expect(test('strict', 'MAP-ABSENT')?.status).toBe('failed');
    expect(test('tolerated', 'MAP-ABSENT')?.status).toBe('passed');
  });

  it('says once what is wrong with a target', async () => {
    const text = await vitest('broken.suite.ts');
    expect(text.match(/no such file/g)?.length).toBe(1);
  });

  it('shows the reason of a skip and the note of a warning', async () => {
    const text = await vitest('tolerated.suite.ts', '--reporter=verbose');
    expect(text).toContain('untestable: the target cannot capture interrupts');
    expect(text).toContain('WARN  MAP-ABSENT');
  });
});
