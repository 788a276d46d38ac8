/** What Stryker found out of a mutant, in words that outlive the number of its line. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { MutantResult } from '@stryker-mutator/api/core';
import { CONFORMS, ROOT } from './parts.ts';

export type Fate = 'killed' | 'timedOut' | 'survived' | 'noCoverage' | 'invalid' | 'ignored';

export interface Mutant {
  /** Relative to the project. */
  file: string;
  /** 1-based; for a reader, never to find it again. */
  lineNumber: number;
  /** The line that it begins in, without the space around it. */
  line: string;
  mutator: string;
  /** `old => new`, each on one line, long ones cut. */
  change: string;
  fate: Fate;
  /** The suite noticed it by itself, before any test of the part was asked. */
  bySuite: boolean;
}

const FATES: Readonly<Record<MutantResult['status'], Fate>> = {
  Killed: 'killed',
  Timeout: 'timedOut',
  Survived: 'survived',
  NoCoverage: 'noCoverage',
  CompileError: 'invalid',
  RuntimeError: 'invalid',
  Ignored: 'ignored',
  Pending: 'invalid',
};

const LONGEST = 72;

function squeeze(text: string): string {
  const flat = text.replace(/\s+/g, ' ').trim();
  return flat.length > LONGEST ? `${flat.slice(0, LONGEST - 3)}...` : flat;
}

/** @param source the text of the file that was mutated */
export function describeMutant(
  { fileName, location: { start, end }, mutatorName, replacement, status, killedBy = [] }: MutantResult,
  source: string,
): Mutant {
  const lines = source.split('\n');
  const at = ({ line, column }: { line: number; column: number }) =>
    lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0) + column - 1;
  const original = source.slice(at(start), at(end));
  return {
    file: relative(ROOT, fileName),
    lineNumber: start.line,
    line: (lines[start.line - 1] ?? '').trim(),
    mutator: mutatorName,
    change: `${squeeze(original)} => ${squeeze(replacement ?? '')}`,
    fate: FATES[status],
    bySuite: killedBy[0]?.startsWith(CONFORMS) === true,
  };
}

export function describeMutants(results: readonly MutantResult[]): Mutant[] {
  const sources = new Map<string, string>();
  return results.map((result) => {
    const source = sources.get(result.fileName) ?? readFileSync(result.fileName, 'utf8');
    sources.set(result.fileName, source);
    return describeMutant(result, source);
  });
}

/** Of a file as it is now; a figure holds for the text that it was measured with. */
export function digestOf(file: string): string {
  return createHash('sha256')
    .update(readFileSync(`${ROOT}${file}`))
    .digest('hex')
    .slice(0, 16);
}

/** Nothing noticed it. */
export function isSurvivor({ fate }: Mutant): boolean {
  return fate === 'survived' || fate === 'noCoverage';
}
