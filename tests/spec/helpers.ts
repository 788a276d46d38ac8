/** Edits of the shipped layouts in a folder of their own, and what the loader says of them. */
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { formatDiagnostics } from '../../spec/diagnostics.ts';
import type { Layout } from '../../spec/layout.ts';
import { LayoutError, loadLayout, packagedLayout } from '../../spec/load.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A new folder that is removed after the tests of the file. */
export function newFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'layout-')));
  folders.push(folder);
  return folder;
}

/** Writes files into a new folder. @returns the path of the first */
export function write(files: Record<string, string>): string {
  const folder = newFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return join(folder, Object.keys(files)[0]!);
}

export function packagedText(name: string): string {
  return readFileSync(packagedLayout(name), 'utf8');
}

/** A text with replacements; one that finds nothing is a mistake of the test. */
export function edit(text: string, ...replacements: [from: string | RegExp, to: string][]): string {
  return replacements.reduce((before, [from, to]) => {
    const after = before.replace(from, () => to);
    if (after === before) throw new Error(`nothing to replace: ${from}`);
    return after;
  }, text);
}

/** A copy of the native layout in a folder of its own, edited. @returns its path */
export function editedNative(...replacements: [from: string | RegExp, to: string][]): string {
  return write({ 'native.yaml': edit(packagedText('native'), ...replacements) });
}

/** The same of the base layout. */
export function editedBase(...replacements: [from: string | RegExp, to: string][]): string {
  return write({ 'virtio-mmio.yaml': edit(packagedText('virtio-mmio'), ...replacements) });
}

/** A layout of its own from a few lines, with the three keys that each one has. */
export function small(lines: string): string {
  return write({ 'small.yaml': `layout: small\ntitle: a small one\nrevision: 1\n${lines}` });
}

/** What the loader says of a file that it refuses, with paths relative to the file's folder. */
export function refusal(file: string): string {
  return formatDiagnostics(failure(file).diagnostics, { cwd: join(file, '..') });
}

/** The error that loading a file ends in. @throws Error where it loads */
export function failure(file: string): LayoutError {
  try {
    loadLayout(file);
  } catch (error) {
    if (error instanceof LayoutError) return error;
    throw error;
  }
  throw new Error(`${file} loads`);
}

/** What a layout that loads is warned of. */
export function warnings(layout: Layout): string {
  return formatDiagnostics(layout.warnings, { cwd: join(layout.data.file, '..') });
}
