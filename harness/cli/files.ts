/** The files of `--out`: whether they can be written is found out before the run, and afterwards nothing gets lost. */
import { mkdir, mkdtemp, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { systemReason, UsageError } from './errors.ts';

/** What a large report takes; less free space than this is no way to start. */
const NEEDED_BYTES = 4 * 1024 * 1024;

/** File name to content. */
export type Files = Record<string, string>;

function temporary(dir: string, name: string): string {
  return join(dir, `.${name}.${process.pid}.tmp`);
}

/**
 * Makes the directory with its parents. Node's own way of doing that never ends where a parent refuses to have children
 * without saying so, as in `/proc`.
 */
async function makeDirectory(dir: string, parents = true): Promise<void> {
  try {
    await mkdir(dir);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST' && (await stat(dir)).isDirectory()) return;
    if (code !== 'ENOENT' || !parents || dirname(dir) === dir) throw error;
    await makeDirectory(dirname(dir));
    await makeDirectory(dir, false);
  }
}

/**
 * Makes the directory and tries to write into it.
 *
 * @throws UsageError where that does not work
 */
export async function prepareDirectory(dir: string): Promise<void> {
  const probe = temporary(dir, 'probe');
  try {
    await makeDirectory(resolve(dir));
    await writeFile(probe, Buffer.alloc(4096));
    await rm(probe);
  } catch (error) {
    await rm(probe, { force: true }).catch(() => undefined);
    throw new UsageError(
      `cannot write to --out ${dir}: ${systemReason(error)}`,
      'nothing was run; name another directory',
    );
  }
  const free = await statfs(dir).catch(() => undefined);
  // Some file systems do not count blocks at all.
  if (free && free.blocks > 0 && free.bavail * free.bsize < NEEDED_BYTES) {
    throw new UsageError(
      `no space for --out ${dir}: ${free.bavail * free.bsize} bytes are free`,
      'nothing was run; free some space or name another directory',
    );
  }
}

/** Writes each file under another name and renames it, so that no reader ever sees half of one. */
export async function writeFiles(dir: string, files: Files): Promise<void> {
  await makeDirectory(resolve(dir));
  for (const [name, content] of Object.entries(files)) {
    const under = temporary(dir, name);
    try {
      await writeFile(under, content);
      await rename(under, join(dir, name));
    } catch (error) {
      await rm(under, { force: true }).catch(() => undefined);
      throw error;
    }
  }
}

export interface Written {
  /** Where the files are; undefined where they could be written nowhere. */
  dir: string | undefined;
  /** Why they are not where they should be. */
  problem?: string;
}

/** {@link writeFiles} into a new directory for temporary files. @returns the directory */
export async function rescue(files: Files): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'conformance-'));
  await writeFiles(dir, files);
  return dir;
}

/** {@link writeFiles}, or, where that fails, {@link rescue}. */
export async function writeOrRescue(dir: string, files: Files): Promise<Written> {
  try {
    await writeFiles(dir, files);
    return { dir };
  } catch (error) {
    const problem = `cannot write to ${dir}: ${systemReason(error)}`;
    try {
      return { dir: await rescue(files), problem };
    } catch (again) {
      return { dir: undefined, problem: `${problem}; nor to ${tmpdir()}: ${systemReason(again)}` };
    }
  }
}
