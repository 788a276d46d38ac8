/** The examples are templates: each one has to be a conformant device. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../harness/engine/run.ts';
import { closeAll, layout, open, repository } from './support.ts';

afterEach(closeAll);

/** Where this program is missing, its example is skipped, and the reason printed. */
function isMissing(program: string): boolean {
  const missing = spawnSync(program, ['--version']).status !== 0;
  if (missing) console.warn(`example not tested: there is no ${program} here`);
  return missing;
}

async function expectConformant(specification: string): Promise<void> {
  const target = await open(specification);
  const report = await run({ target, layout, seed: 1, runs: 40, strict: true, bail: false });
  expect(report.clauses.filter((clause) => clause.verdict === 'fail' || clause.verdict === 'warn')).toEqual([]);
  expect(report.headline).toBe('conformant');
}

function make(language: string): void {
  const { status, stderr } = spawnSync('make', ['-C', join(repository, 'examples', language)], { encoding: 'utf8' });
  expect(stderr).not.toMatch(/warning|error/);
  expect(status).toBe(0);
}

const LONG = 120_000;

describe.skipIf(isMissing('cc') || isMissing('make'))('C', () => {
  beforeAll(() => make('c'), LONG);
  it('is conformant', () => expectConformant('exec:examples/c/build/device'), LONG);
});

describe.skipIf(isMissing('rustc') || isMissing('make'))('Rust', () => {
  beforeAll(() => make('rust'), LONG);
  it('is conformant', () => expectConformant('exec:examples/rust/build/device'), LONG);
});

describe.skipIf(isMissing('python3'))('Python', () => {
  it('is conformant', () => expectConformant('exec:python3 examples/python/device.py'), LONG);
});

describe('TypeScript', () => {
  it('is conformant', () => expectConformant('./examples/typescript/adapter.ts'), LONG);

  it('the smallest one violates nothing, and leaves much untestable', async () => {
    const target = await open('./examples/typescript/minimal.ts');
    const report = await run({ target, layout, seed: 1, runs: 40, strict: true, bail: false });
    expect(report.headline).toBe('inconclusive');
  });

  it('is shown in docs/adapter.md as it is', () => {
    const page = readFileSync(join(repository, 'docs/adapter.md'), 'utf8');
    const code = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text]) => text ?? '');
    expect(code.length).toBeGreaterThan(1);
    const sources = ['minimal.ts', 'adapter.ts'].map((name) =>
      readFileSync(join(repository, 'examples/typescript', name), 'utf8'),
    );
    for (const text of code) expect(sources.some((source) => source.includes(text))).toBe(true);
  });
});

describe('every device in the examples', () => {
  it.each([
    'exec:examples/c/build/device',
    'exec:examples/rust/build/device',
    'exec:python3 examples/python/device.py',
  ])('%s refuses what it does not understand, and stays in step', async (specification) => {
    const program = specification.slice('exec:'.length).split(' ') as [string, ...string[]];
    const input = [
      'hello 2',
      'nonsense',
      'r32',
      'r32 banana',
      'r31 0x0',
      'w32 0x0',
      'mr 0x0 4',
      'mr 0x80000000 0x1000001',
      'mr 0xffffffffffffffff 4',
      'mw 0x80000000 123',
      'mw 0x80000000 zz',
      'mw 0x800fffff 0102',
      'raise nothing',
      'r32 0x0',
      'bye',
    ];
    const [command, ...args] = program;
    const { stdout, error } = spawnSync(command, args, {
      cwd: repository,
      input: `${input.join('\n')}\n`,
      encoding: 'utf8',
    });
    if (error) return; // Not built here; the tests above say so.
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe('err version 1');
    expect(lines.length).toBe(input.length);
    for (const line of lines.slice(1, -2)) expect(line).toMatch(/^err ./);
    expect(lines.slice(-2)).toEqual(['ok 0x74726976', 'ok']);
  });
});
