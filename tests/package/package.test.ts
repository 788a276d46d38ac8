/** The package as a stranger meets it: packed, installed into a project of its own, used. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, type Packed, pack, ROOT, Stranger } from './stranger.ts';

const KB = 1024;

const STRICT = {
  compilerOptions: {
    module: 'NodeNext',
    target: 'ES2022',
    strict: true,
    noEmit: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    types: [],
  },
  files: ['adapter.ts', 'script.ts'],
};

const ADAPTER = `import { defineAdapter } from 'virtio-mmio-msi-conformance';

const registers = new Map<number, number>([[0, 0x74726976], [4, 2]]);
export default defineAdapter({
  read: (offset, width) => (width === 32 ? (registers.get(offset) ?? 0) : 0),
  write: (offset, width, value) => void (width === 32 && registers.set(offset, Number(value))),
});
`;

const SCRIPT = `import { exitCode, type Adapter, loadLayout, openTarget, renderPretty, type Report, run } from 'virtio-mmio-msi-conformance';

const layout = loadLayout('native');
const target = await openTarget('reference', { layout });
const report: Report = await run({ target, layout, seed: 1, runs: 5, strict: false, bail: false });
await target.close();
const lines: string = renderPretty(report);
console.log(lines.trimEnd().split('\\n').at(-1));
const wrong: Adapter['read'] = (offset, width) => offset + width;
console.log(exitCode(report), typeof wrong);
`;

const IN_VITEST = `import { conformance } from 'virtio-mmio-msi-conformance/vitest';
conformance({ target: './complete.ts', runs: 5 });
`;

let temporary: string;
let packed: Packed;
let stranger: Stranger;

beforeAll(() => {
  temporary = mkdtempSync(join(tmpdir(), 'conformance-pack-'));
  packed = pack(temporary);
  stranger = new Stranger({ type: 'module' });
  stranger.install(packed.file);
  stranger.take('examples/typescript/adapter.ts', 'complete.ts');
  stranger.take('examples/typescript/device.ts', 'device.ts');
  stranger.take('examples/typescript/minimal.ts', 'minimal.ts');
  stranger.write('adapter.ts', ADAPTER);
  stranger.write('script.ts', SCRIPT);
});

afterAll(() => {
  stranger?.remove();
  rmSync(temporary, { recursive: true, force: true });
});

describe('what is packed', () => {
  it('is the build, the data, the examples and the documents, and nothing else', () => {
    const folders = new Set(packed.files.map((path) => path.replace(/\/.*/, '')));
    const wanted = [
      'LICENSE',
      'README.md',
      'dist',
      'docs',
      'examples',
      'package.json',
      'qemu-bridge',
      'reports',
      'spec',
    ];
    expect([...folders].sort()).toEqual([...wanted, 'harness'].sort());
    expect(packed.files.filter((path) => path.startsWith('harness/'))).toEqual([
      'harness/driver/driver-log.schema.json',
    ]);
    const sources = packed.files.filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'));
    expect(sources.every((path) => /^examples\/(driver-)?typescript\//.test(path))).toBe(true);
    expect(packed.files.filter((path) => /\.test\.|build\/|compile-schema/.test(path))).toEqual([]);
  });

  it('is small', () => {
    expect(packed.size).toBeLessThan(800 * KB);
    expect(packed.unpackedSize).toBeLessThan(3500 * KB);
  });

  it('holds every layout, and the schemas', () => {
    for (const path of ['spec/native.yaml', 'spec/virtio-mmio.yaml', 'spec/layout.schema.json']) {
      expect(packed.files).toContain(path);
    }
    expect(packed.files).toContain('reports/report.schema.json');
    expect(packed.files).toContain('harness/driver/driver-log.schema.json');
  });

  it('asks for few packages', () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(Object.keys(dependencies).sort()).toEqual(['commander', 'fast-check', 'picocolors', 'tsx', 'yaml']);
  });
});

describe('in an empty project', () => {
  it('the command judges the reference device', () => {
    const { code, stdout } = stranger.conformance('--runs', '20');
    expect(stdout).toMatch(/^conformant: /m);
    expect(code).toBe(0);
  });

  it('the command leaves a page to look at, with its style and its scripts in it', () => {
    stranger.conformance('--runs', '5', '--out', 'kept');
    const page = readFileSync(join(stranger.folder, 'kept', 'report.html'), 'utf8');
    expect(page).toMatch(/^<!DOCTYPE html>/);
    expect(page).toContain('@media print');
    expect(page).toContain("document.getElementById('filter')");
  });

  it('the command runs a TypeScript adapter without a build', () => {
    const { code, stdout } = stranger.conformance('--target', './complete.ts', '--runs', '20');
    expect(stdout).toMatch(/^conformant: /m);
    expect(code).toBe(0);
  });

  it('an adapter that imports from the package runs, and its verdict is in the exit code', () => {
    const { code, stdout } = stranger.conformance('--target', './adapter.ts', '--runs', '5');
    expect(stdout).toMatch(/^(not conformant|inconclusive)/m);
    expect([1, 4]).toContain(code);
  });

  it('the command reads an edited layout', () => {
    stranger.write(
      'mine.yaml',
      readFileSync(join(ROOT, 'spec/native.yaml'), 'utf8').replace(/^layout: native$/m, 'layout: mine'),
    );
    const { code, stdout } = stranger.conformance('--layout', 'mine.yaml', '--runs', '5');
    expect(stdout).toMatch(/^conformant: /m);
    expect(code).toBe(0);
  });

  it('works in a project that is not a module', () => {
    const other = new Stranger({});
    try {
      other.install(packed.file);
      other.write('adapter.ts', ADAPTER);
      const { code, stdout } = other.conformance('--target', './adapter.ts', '--runs', '5');
      expect(stdout).toMatch(/^(not conformant|inconclusive)/m);
      expect([1, 4]).toContain(code);
    } finally {
      other.remove();
    }
  });
});

describe('with types', () => {
  beforeAll(() => stranger.install('typescript'));

  it('adapter and library compile in a strict NodeNext project, declarations checked', () => {
    stranger.write('tsconfig.json', JSON.stringify(STRICT));
    const { code, stdout } = stranger.npx('tsc', '-p', '.');
    expect(stdout).toBe('');
    expect(code).toBe(0);
  });

  it('a wrong adapter does not compile', () => {
    stranger.write('wrong.ts', ADAPTER.replace('registers.get(offset) ?? 0', 'String(offset)'));
    stranger.write('tsconfig.wrong.json', JSON.stringify({ ...STRICT, files: ['wrong.ts'] }));
    const { code, stdout } = stranger.npx('tsc', '-p', 'tsconfig.wrong.json');
    expect(stdout).toMatch(/^wrong\.ts\(\d+,\d+\): error TS/);
    expect(code).not.toBe(0);
  });

  it('the library runs', () => {
    const { stdout, stderr, code } = call(stranger.folder, process.execPath, '--import', 'tsx', 'script.ts');
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^conformant: .*\n0 function\n$/);
    expect(code).toBe(0);
  });
});

describe('with Vitest', () => {
  beforeAll(() => stranger.install('vitest'));

  it('one call registers the clauses as tests', () => {
    stranger.write('device.test.ts', IN_VITEST);
    const { stdout, code } = stranger.npx('vitest', 'run', '--reporter=verbose');
    expect(stdout).toMatch(/✓ .* > HDR-COUNT \(MUST\)/);
    expect(stdout).toMatch(/✓ .* > verdict/);
    expect(code).toBe(0);
  });
});
