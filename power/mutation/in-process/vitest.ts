/**
 * What test files import as `vitest` where mutants are tried: the same words, run in this process, as often as asked and
 * without loading anything again. {@link expect} is vitest's own.
 */
import { expect } from 'vitest';

export { expect };

type Run = () => unknown;

export interface Test {
  /** File, suites and title. */
  id: string;
  file: string;
  run: Run;
  /** Suites around it, outermost first. */
  suites: readonly Suite[];
}

export interface Suite {
  name: string;
  beforeAll: Run[];
  beforeEach: Run[];
  afterEach: Run[];
  afterAll: Run[];
}

/** All tests that files have declared so far. */
export const tests: Test[] = [];

let file = '';
let suites: Suite[] = [];

function suite(name: string): Suite {
  return { name, beforeAll: [], beforeEach: [], afterEach: [], afterAll: [] };
}

/** What is declared from now on belongs to this file. */
export function beginFile(name: string): void {
  file = name;
  suites = [suite(name)];
}

function declareSuite(name: string, body: Run): void {
  const outer = suites;
  suites = [...outer, suite(name)];
  body();
  suites = outer;
}

function declareTest(name: string, run: Run): void {
  const id = [...suites.map((one) => one.name), name].join(' > ');
  if (tests.some((test) => test.id === id)) throw new Error(`two tests are called '${id}'`);
  tests.push({ id, file, run, suites });
}

/** As vitest's `each`: arrays are spread, `%s` takes the next argument, `$name` a property. */
function each(declare: (name: string, run: Run) => void) {
  return (rows: readonly unknown[]) => (name: string, body: (...row: never[]) => unknown) => {
    rows.forEach((row, index) => {
      const values = Array.isArray(row) ? (row as unknown[]) : [row];
      const left = [...values];
      const title = name
        .replace(/%[sdijo#]/g, (sign) => (sign === '%#' ? String(index) : String(left.shift())))
        .replace(/\$(\w+)/g, (_, key: string) => String((row as Record<string, unknown>)[key]));
      const isTold = title !== name || rows.length === 1;
      declare(isTold ? title : `${title} ${index}`, () => body(...(values as never[])));
    });
  };
}

export const describe = Object.assign(declareSuite, { each: each(declareSuite) });
export const it = Object.assign(declareTest, { each: each(declareTest) });
export const test = it;

type Hook = 'beforeAll' | 'beforeEach' | 'afterEach' | 'afterAll';

function hook(when: Hook) {
  return (run: Run) => {
    suites.at(-1)?.[when].push(run);
  };
}

export const beforeAll = hook('beforeAll');
export const beforeEach = hook('beforeEach');
export const afterEach = hook('afterEach');
export const afterAll = hook('afterAll');
