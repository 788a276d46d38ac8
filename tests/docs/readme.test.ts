/** What README.md shows is what happens: its files are written out, its commands are run. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createReference, faults, variants } from '../../reference-device/index.ts';
import { faults as driverFaults, variants as driverVariants } from '../../reference-driver/index.ts';
import { loadLayout } from '../../spec/load.ts';
import { blocksOf, consoleOf, firstMissing, ROOT, words } from './blocks.ts';

const LONG = 120_000;
const blocks = blocksOf('README.md');
const files = blocks.filter(({ name }) => name !== '');
const consoles = blocks.filter(({ language }) => language === 'console').map(consoleOf);
const shell = blocks
  .filter(({ language }) => language === 'sh')
  .flatMap(({ text }) => text.trimEnd().split('\n'))
  .map((line) => line.replace(/\s+#.*/, ''));
const MAIN = join(ROOT, 'harness/cli/main.ts');
const TSX = import.meta.resolve('tsx');

/** Inside the repository, so that the package's own name leads to it; git ignores the folder. */
let folder: string;

function node(...args: string[]): { stdout: string; status: number | null } {
  const { stdout, status, error } = spawnSync(process.execPath, ['--import', TSX, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
    timeout: LONG,
    maxBuffer: 1 << 26,
  });
  if (error) throw error;
  return { stdout, status };
}

function conformance(command: string): { stdout: string; status: number | null } {
  const [npx, name, ...args] = words(command);
  expect([npx, name]).toEqual(['npx', 'conformance']);
  return node(MAIN, ...args);
}

beforeAll(() => {
  mkdirSync(join(ROOT, '.vitest'), { recursive: true });
  folder = mkdtempSync(join(ROOT, '.vitest/readme-'));
  for (const { name, text } of files) writeFileSync(join(folder, name), text);
  cpSync(join(ROOT, 'examples/typescript/device.ts'), join(folder, 'device.ts'));
  for (const shared of ['spec', 'examples']) cpSync(join(ROOT, shared), join(folder, shared), { recursive: true });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the README', () => {
  it('shows four commands with what they print, and the files that they use', () => {
    expect(consoles.length).toBe(4);
    expect(files.map(({ name }) => name)).toEqual(['adapter.ts', 'complete.ts', 'device.test.ts', 'script.ts']);
  });

  it('has the example adapter as it is', () => {
    const shown = files.find(({ name }) => name === 'complete.ts');
    expect(shown?.text).toBe(readFileSync(join(ROOT, 'examples/typescript/adapter.ts'), 'utf8'));
  });

  it.each(consoles)(
    'prints what it shows for $command',
    ({ command, shown }) => {
      const { stdout } = conformance(command);
      // A difference is shown whole; where there is none, both are empty.
      const missing = firstMissing(shown, stdout.split('\n'));
      expect(missing === undefined ? '' : `not printed:\n${missing}\nbut:\n${stdout}`).toBe('');
    },
    LONG,
  );

  it('counts its faults and variants modestly', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    const said = (pattern: RegExp) => Number(pattern.exec(readme)?.[1]);
    expect(faults.length).toBeGreaterThan(said(/more than\s+(\d+) faults have/));
    expect(driverFaults.length).toBeGreaterThan(said(/more than (\d+) faults of the reference driver/));
    expect(driverVariants.length).toBeGreaterThan(said(/more than (\d+) variants of it/));
    expect(variants.length).toBeGreaterThan(said(/More than (\d+) variants/));
  });

  it(
    'runs an edited layout as it says',
    () => {
      const at = shell.indexOf('cp spec/native.yaml mine.yaml');
      expect(at).toBeGreaterThanOrEqual(0);
      cpSync(join(folder, 'spec/native.yaml'), join(folder, 'mine.yaml'));
      const { stdout, status } = conformance(shell[at + 1] ?? '');
      expect(stdout).toMatch(/^conformant: /m);
      expect(status).toBe(0);
    },
    LONG,
  );

  // The package by its own name is its build, which `npm ci` makes.
  it.skipIf(!existsSync(join(ROOT, 'dist')))(
    'has a script that runs',
    () => {
      const { stdout, status } = node('script.ts');
      expect(stdout).toMatch(/^conformant: /m);
      expect(status).toBe(0);
    },
    LONG,
  );

  it.skipIf(!existsSync(join(ROOT, 'dist')))(
    'has a Vitest file that passes',
    () => {
      // Without one of its own it would take the repository's.
      writeFileSync(join(folder, 'vitest.config.mjs'), 'export default {};\n');
      const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
      const { stdout, status } = node(vitest, 'run', '--root', folder, '--reporter=json', 'device.test.ts');
      const { numFailedTests, numPassedTests } = JSON.parse(stdout) as Record<string, number>;
      expect(numFailedTests).toBe(0);
      expect(numPassedTests).toBeGreaterThan(50);
      expect(status).toBe(0);
    },
    LONG,
  );

  it('names nothing that is not there', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)(#[^)]*)?\)/g)].map(([, path = '']) => path);
    expect(links.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    for (const target of [...readme.matchAll(/reference:(fault|variant)=([a-z][\w-]*)/g)]) {
      const [, kind, id = ''] = target;
      if (kind === 'fault' && driverFaults.some((fault) => fault.id === id)) continue;
      const options = kind === 'fault' ? { fault: id } : { variant: id };
      const ofMsix = faults.some((fault) => fault.id === id && fault.mechanism === 'vector-control');
      expect(() => createReference({ layout: loadLayout(ofMsix ? 'msix' : 'native'), ...options })).not.toThrow();
    }
  });
});

describe('links between documents', () => {
  const pages = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  it.each(pages)('docs/%s leads to files and headings that are there', (page) => {
    const file = join(ROOT, 'docs', page);
    const anchorsOf = (path: string) =>
      [...readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
        title
          .toLowerCase()
          .replace(/[^\w\- ]/g, '')
          .replaceAll(' ', '-'),
      );
    const broken = [...readFileSync(file, 'utf8').matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].filter(
      ([, path = '', anchor]) => {
        const target = path === '' ? file : join(dirname(file), path);
        if (!existsSync(target)) return true;
        return anchor !== undefined && !anchorsOf(target).includes(anchor);
      },
    );
    expect(broken.map(([link]) => link)).toEqual([]);
  });
});
