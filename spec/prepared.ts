/**
 * Packaged layouts in the form that the build leaves beside the compiled code: normalised already, each with the
 * SHA-256 of the YAML files that it was made of. Parsing them takes longer than all else between the start of the
 * process and its first verdict. The YAML stays the one source: a file whose text is another one than at the time of
 * the build makes what was prepared of it void.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { LayoutData, SourcePosition } from './layout.ts';

export interface PreparedLayout {
  /** The chain of files, nearest first, by their names in the folder of the packaged layouts. */
  files: { name: string; sha256: string }[];
  /** As normalised, with names instead of paths of files. */
  data: LayoutData;
}

/** By the layout's name. */
export type Prepared = Record<string, PreparedLayout>;

/** The form to be stored of a layout that loads without a warning; `files` are those of its chain. */
export function prepare(data: LayoutData, files: readonly string[]): PreparedLayout {
  const copy = structuredClone(data);
  relocate(copy, (file) => basename(file));
  return { files: files.map((file) => ({ name: basename(file), sha256: hashOf(file) })), data: copy };
}

/** Reads what the build stored. @returns nothing where there is no such file, as in the sources */
export function readPrepared(file: string): Prepared {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Prepared;
  } catch {
    // Whatever is wrong with it: the YAML is there, and it counts.
    return {};
  }
}

/** The data of a packaged layout, where it was prepared from the very text that its files have now. */
export function preparedData(prepared: PreparedLayout, folder: string): LayoutData | undefined {
  try {
    if (prepared.files.some(({ name, sha256 }) => hashOf(join(folder, name)) !== sha256)) return undefined;
  } catch {
    // A file that cannot be read is told of by the loader.
    return undefined;
  }
  relocate(prepared.data, (name) => resolve(folder, name));
  return prepared.data;
}

function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/** Renames the files that positions name. */
function relocate(data: LayoutData, rename: (file: string) => string): void {
  data.file = rename(data.file);
  const placed: { position: SourcePosition }[] = [
    ...Object.values(data.registers),
    ...Object.values(data.tables),
    ...data.clauses,
    ...data.open,
  ];
  for (const { position } of placed) position.file = rename(position.file);
}
