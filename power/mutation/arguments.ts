/**
 * `equivalent.yaml`: why a mutant that no test notices is no other program. An argument names file, line and change by
 * their text, so that it outlives other edits, and ends with the code that it is about.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { isSurvivor, type Mutant } from './mutants.ts';

export interface Argument {
  file: string;
  /** The line that the mutants begin in, without the space around it. */
  line: string;
  /** `Mutator: old => new` of each. */
  mutants: string[];
  why: string;
  /** How many mutants are alike in all of this, where it is not one of each. */
  times?: number;
}

const FILE = fileURLToPath(new URL('./equivalent.yaml', import.meta.url));

/** @throws where the file is not what it must be */
export function readArguments(text = readFileSync(FILE, 'utf8')): Argument[] {
  const byFile = (parse(text) ?? {}) as Record<string, Omit<Argument, 'file'>[]>;
  return Object.entries(byFile).flatMap(([file, all]) =>
    all.map((one) => {
      const isWhole = typeof one.line === 'string' && Array.isArray(one.mutants) && typeof one.why === 'string';
      if (!isWhole || one.why.trim() === '')
        throw new Error(`equivalent.yaml, ${file}: an argument needs line, mutants and why: ${JSON.stringify(one)}`);
      return { file, ...one };
    }),
  );
}

export function nameOf({ mutator, change }: Pick<Mutant, 'mutator' | 'change'>): string {
  return `${mutator}: ${change}`;
}

export interface Weighed {
  /** Survivors that are neither noticed nor argued. */
  open: Mutant[];
  argued: Mutant[];
  /** What an argument says that is not so any more, a line each. */
  stale: string[];
}

/** @param mutants all that was measured; arguments about other files are left alone */
export function weigh(mutants: readonly Mutant[], all: readonly Argument[]): Weighed {
  const files = new Set(mutants.map(({ file }) => file));
  const argued = new Set<Mutant>();
  const stale: string[] = [];
  for (const { file, line, mutants: names, times = 1 } of all) {
    if (!files.has(file)) continue;
    for (const name of names) {
      const alike = mutants.filter((one) => one.file === file && one.line === line && nameOf(one) === name);
      const survivors = alike.filter(isSurvivor);
      const where = `${file}: '${line}', ${name}`;
      if (alike.length === 0) stale.push(`${where}: there is no such mutant any more`);
      else if (survivors.length === 0) stale.push(`${where}: a test notices it now`);
      else if (survivors.length !== times)
        stale.push(`${where}: ${survivors.length} such mutants survive, not ${times}`);
      else for (const one of survivors) argued.add(one);
    }
  }
  const survivors = mutants.filter(isSurvivor);
  return { open: survivors.filter((one) => !argued.has(one)), argued: [...argued], stale };
}
