/** The TypeScript example's device behind a line protocol that it speaks badly, in one of several ways. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll } from 'vitest';
import { run } from '../../harness/engine/run.ts';
import type { Report } from '../../reports/report.ts';
import { fixture, layout, open, repository } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'misbehaving-'));
const module = join(folder, 'device.mjs');

beforeAll(() => {
  const source = readFileSync(join(repository, 'examples/typescript/device.ts'), 'utf8');
  const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  writeFileSync(module, ts.transpileModule(source, { compilerOptions: options }).outputText);
});
afterAll(() => rmSync(folder, { recursive: true }));

export function specificationOf(behaviour: string): string {
  const words = [process.execPath, fixture('misbehaving-device.mjs'), module, behaviour, join(folder, 'marker')];
  return `exec:${words.map((word) => `'${word}'`).join(' ')}`;
}

export async function runOn(behaviour: string, { timeout = 20_000, runs = 10 } = {}): Promise<Report> {
  const target = await open(specificationOf(behaviour), { timeout });
  return run({ target, layout, seed: 1, runs, strict: false, bail: false });
}
