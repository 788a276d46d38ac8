/** A layout and what it extends, nearest first, each file parsed and checked against the schema. */
import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { type Diagnostic, displayPath } from './diagnostics.ts';
import { findPackaged, packagedNames } from './packaged.ts';
import { aboutFile, parseFile, type SourceFile } from './parse.ts';
import type { RawLayout } from './raw.ts';
import { checkSchema } from './schema.ts';
import { nearest } from './suggest.ts';

/** One file of the chain. */
export interface Link {
  source: SourceFile;
  raw: RawLayout;
  /** The layout's name; the file's where it gives none. */
  name: string;
}

export interface Chain {
  links: Link[];
  /** Files that clauses are shared with, by the `from` that names them, as seen from each link. */
  shared: Shared[];
  diagnostics: Diagnostic[];
  /** False where a file of the chain could not be read as YAML: what the others say of names cannot be judged then. */
  complete: boolean;
}

/** A file that a link shares clauses with. */
export interface Shared {
  link: Link;
  /** Index in `shared-clauses` of the link. */
  index: number;
  from: Link;
}

/** What a user gave: a path, or the name of a packaged layout. */
export function locate(nameOrFile: string): { file: string } | { diagnostic: Diagnostic } {
  if (isPath(nameOrFile)) {
    const file = resolve(nameOrFile);
    if (existsSync(file)) return { file };
    const name = packagedBaseName(nameOrFile);
    const hint = name === undefined ? undefined : `'${name}', without a path, is the packaged layout`;
    return { diagnostic: aboutFile(file, 'there is no such file', hint) };
  }
  const file = findPackaged(nameOrFile);
  return file === undefined ? { diagnostic: unknownName(nameOrFile) } : { file };
}

/** Follows `extends` from a file on. Never throws: what is wrong is among the diagnostics. */
export function readChain(file: string): Chain {
  const chain = readLinks(file);
  for (const link of chain.links) readShared(link, chain);
  return chain;
}

function readLinks(file: string): Chain {
  const links: Link[] = [];
  const shared: Shared[] = [];
  const diagnostics: Diagnostic[] = [];
  const seen = [file];
  for (let next: string | undefined = file; next !== undefined; ) {
    const parsed = parseFile(next);
    diagnostics.push(...parsed.diagnostics);
    if (!parsed.source) return { links, shared, diagnostics, complete: false };
    const { raw, diagnostics: refused } = checkSchema(parsed.source);
    diagnostics.push(...refused);
    links.push({ source: parsed.source, raw, name: raw.layout ?? basename(next).replace(/\.ya?ml$/, '') });
    if (raw.extends === undefined)
      return { links, shared, diagnostics, complete: !('extends' in parsed.source.content) };
    const base = findBase(next, raw.extends);
    if (base === undefined || seen.includes(base)) {
      const problem = base === undefined ? noBase(raw.extends) : circle([...seen, base]);
      diagnostics.push(parsed.source.diagnose('error', ['extends'], problem.message, problem.hint));
      return { links, shared, diagnostics, complete: false };
    }
    seen.push(base);
    next = base;
  }
  return { links, shared, diagnostics, complete: true };
}

/** Reads the files whose clauses hold here too. */
function readShared(link: Link, chain: Chain): void {
  for (const [index, entry] of (link.raw['shared-clauses'] ?? []).entries()) {
    if (!entry) continue;
    const file = findBase(link.source.file, entry.from);
    if (file === undefined) {
      const { message, hint } = noBase(entry.from);
      chain.diagnostics.push(
        link.source.diagnose('error', ['shared-clauses', index, 'from'], message.replace(' to extend', ''), hint),
      );
      chain.complete = false;
      continue;
    }
    const parsed = parseFile(file);
    chain.diagnostics.push(...parsed.diagnostics);
    if (!parsed.source) {
      chain.complete = false;
      continue;
    }
    const { raw, diagnostics } = checkSchema(parsed.source);
    chain.diagnostics.push(...diagnostics);
    const name = raw.layout ?? basename(file).replace(/\.ya?ml$/, '');
    chain.shared.push({ link, index, from: { source: parsed.source, raw, name } });
  }
}

/**
 * The file that `extends` means. A path comes before a name; where the file is not there, as in a copy of a packaged
 * layout in another folder, the packaged layout of that name is meant.
 */
function findBase(from: string, wanted: string): string | undefined {
  if (!isPath(wanted)) return findPackaged(wanted);
  const file = resolve(dirname(from), wanted);
  if (existsSync(file)) return file;
  const name = packagedBaseName(wanted);
  return name === undefined ? undefined : findPackaged(name);
}

function noBase(wanted: string): { message: string; hint: string } {
  const name = basename(wanted).replace(/\.ya?ml$/, '');
  const near = nearest(name, packagedNames());
  const path = isPath(wanted);
  return {
    message: path ? `there is no file '${wanted}' to extend` : `there is no packaged layout '${wanted}' to extend`,
    hint:
      near === undefined
        ? `give a file relative to this one, or a packaged layout: ${packagedNames().join(', ')}`
        : `did you mean '${near}'?`,
  };
}

function circle(files: string[]): { message: string; hint: string } {
  const start = files.indexOf(files.at(-1)!);
  const round = files.slice(start).map((file) => displayPath(file));
  return {
    message: `layouts extend each other in a circle: ${round.join(' -> ')}`,
    hint: 'one of them must stand alone',
  };
}

function unknownName(name: string): Diagnostic {
  const near = nearest(name, packagedNames());
  const hint =
    near === undefined
      ? `packaged layouts: ${packagedNames().join(', ')}; a file ends in .yaml or has a '/' in its path`
      : `did you mean '${near}'?`;
  return aboutFile(name, 'there is no packaged layout of this name', hint);
}

function isPath(nameOrFile: string): boolean {
  return /\.ya?ml$/.test(nameOrFile) || /[/\\]/.test(nameOrFile);
}

function packagedBaseName(path: string): string | undefined {
  const name = basename(path).replace(/\.ya?ml$/, '');
  return findPackaged(name) === undefined ? undefined : name;
}
