/** The QEMU plugin of `qemu-bridge/`: compiled at need by the user's compiler, and kept for the next time. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { TargetConfigurationError } from '../../target.ts';
import type { GuestMachine } from './machines.ts';

/** The release whose inside the bridge leans on. */
const RELEASE = '7.2';

const FLAGS = ['-std=gnu11', '-O2', '-shared', '-fPIC', '-fvisibility=hidden'];

/**
 * Which QEMU it is, in its own words.
 *
 * @throws TargetConfigurationError where there is none, or one that the bridge does not fit
 */
export async function checkedVersion(emulator: string, { debianPackage }: GuestMachine, cwd: string): Promise<string> {
  const told = await run(emulator, ['--version'], cwd).catch((error: Failure) => {
    throw new TargetConfigurationError(
      `qemu: ${emulator} cannot be run (${error.code ?? error.message})`,
      `install it (Debian 12: apt-get install ${debianPackage}), or name one with qemu=PATH`,
      error,
    );
  });
  const version = /version (\S+)/.exec(told)?.[1] ?? told.trim();
  if (version.startsWith(`${RELEASE}.`)) return version;
  throw new TargetConfigurationError(
    `qemu: ${emulator} is version ${version}, and the bridge fits the inside of ${RELEASE} only`,
    `name a QEMU ${RELEASE} with qemu=PATH; Debian 12 has it in ${debianPackage}`,
  );
}

/**
 * The compiled plugin; compiles it where that was not done before.
 *
 * @returns its path
 * @throws TargetConfigurationError where there is no compiler, or it fails
 */
export async function builtBridge(): Promise<string> {
  const source = fileURLToPath(new URL('qemu-bridge/bridge.c', packageRoot()));
  const key = createHash('sha256')
    .update(readFileSync(source))
    .update([RELEASE, ...FLAGS].join(' '));
  const name = `bridge-${key.digest('hex').slice(0, 16)}.so`;
  const kept = join(cacheFolder(), name);
  if (existsSync(kept)) return kept;
  const fresh = `${kept}.${process.pid}`;
  const compiler = process.env.CC ?? 'cc';
  try {
    await run(compiler, [...FLAGS, '-o', fresh, source], dirname(source));
    // Another process may do the same at the same time.
    renameSync(fresh, kept);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw cannotCompile(error as Failure, compiler, source);
  }
  return kept;
}

/** The package's folder; compiled code runs from `dist` in it. */
function packageRoot(): URL {
  const above = new URL('../../../', import.meta.url);
  return existsSync(new URL('qemu-bridge/', above)) ? above : new URL('../', above);
}

/** The user's own: what is loaded from there runs as the user. */
function cacheFolder(): string {
  const name = 'virtio-mmio-msi-conformance';
  const candidates = [process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), join(tmpdir(), `cache-${process.pid}`)];
  for (const candidate of candidates) {
    const folder = join(candidate, name);
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      return folder;
    } catch {
      // A home that is not there or cannot be written.
    }
  }
  throw new TargetConfigurationError(
    `qemu: no folder for the compiled bridge could be made: neither ${candidates.join(' nor ')} can be written`,
    'set XDG_CACHE_HOME to a folder that can',
  );
}

type Failure = Error & { code?: string | number; stderr?: string };

function cannotCompile(error: Failure, compiler: string, source: string): TargetConfigurationError {
  if (error.code === 'ENOENT' || error.code === 'EACCES') {
    return new TargetConfigurationError(
      `qemu: the bridge between QEMU and the suite is compiled at first use, and ${compiler} cannot be run (${error.code})`,
      'install a C compiler (Debian: apt-get install gcc libc6-dev), or name yours in the variable CC',
      error,
    );
  }
  return new TargetConfigurationError(
    `qemu: ${compiler} does not compile ${source}: ${(error.stderr ?? error.message).trim()}`,
    'are the headers of the C library there (Debian: apt-get install libc6-dev)?',
    error,
  );
}

async function run(command: string, words: string[], cwd: string): Promise<string> {
  return (await promisify(execFile)(command, words, { cwd })).stdout;
}
