/** A project of somebody else's, with nothing in it but the packed package. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const LONGEST_MS = 240_000;

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The environment without what `npm test` adds to it, and without colours. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|VITEST|NODE_OPTIONS|NODE_ENV|FORCE_COLOR|DEBUG|INIT_CWD)/i.test(name),
  );
  return { ...Object.fromEntries(kept), NO_COLOR: '1' };
}

export function call(cwd: string, command: string, ...args: string[]): Ended {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env: environment(),
    encoding: 'utf8',
    timeout: LONGEST_MS,
    maxBuffer: 1 << 26,
  });
  if (error) throw error;
  return { code: status, stdout, stderr };
}

/** The same, where everything but success is the end of the test. */
export function must(cwd: string, command: string, ...args: string[]): string {
  const { code, stdout, stderr } = call(cwd, command, ...args);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}\n${stdout}\n${stderr}`);
  return stdout;
}

export interface Packed {
  file: string;
  size: number;
  unpackedSize: number;
  files: string[];
}

interface PackOutput {
  filename: string;
  size: number;
  unpackedSize: number;
  files: { path: string }[];
}

/** Packs what is there; `prepare` builds it first. */
export function pack(into: string): Packed {
  const text = must(ROOT, 'npm', 'pack', '--json', '--pack-destination', into);
  // What the build prints stands before the answer.
  const answer: unknown = JSON.parse(text.slice(text.search(/^[[{]/m)));
  // A list up to npm 10, by name since.
  const [output] = (Array.isArray(answer) ? answer : Object.values(answer as object)) as PackOutput[];
  if (!output) throw new Error(`npm pack said nothing:\n${text}`);
  const { filename, size, unpackedSize, files } = output;
  return { file: join(into, filename), size, unpackedSize, files: files.map(({ path }) => path) };
}

/** Versions of development tools that this package uses, so that the test asks for nothing else. */
function versionOf(tool: string): string {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules', tool, 'package.json'), 'utf8')) as {
    version: string;
  };
  return `${tool}@${version}`;
}

export class Stranger {
  readonly folder = mkdtempSync(join(tmpdir(), 'conformance-package-'));

  constructor(description: Record<string, unknown>) {
    this.write('package.json', JSON.stringify({ name: 'stranger', private: true, ...description }));
  }

  write(path: string, text: string): void {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** Copies a file that came with the package to where its user works. */
  take(path: string, as: string): void {
    cpSync(join(this.folder, 'node_modules/virtio-mmio-msi-conformance', path), join(this.folder, as));
  }

  install(...what: string[]): void {
    const args = what.map((each) => (each.endsWith('.tgz') ? each : versionOf(each)));
    must(this.folder, 'npm', 'install', '--no-audit', '--no-fund', ...args);
  }

  /** The package's command, as a user types it. */
  conformance(...args: string[]): Ended {
    return call(this.folder, 'npx', '--no-install', 'conformance', ...args);
  }

  /** A program of an installed tool. */
  npx(...args: string[]): Ended {
    return call(this.folder, 'npx', '--no-install', ...args);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
