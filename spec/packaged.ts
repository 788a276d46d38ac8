/** The layouts that come with the package, and where they and the schema are kept. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LayoutData } from './layout.ts';
import { type Prepared, preparedData, readPrepared } from './prepared.ts';

const here = dirname(fileURLToPath(import.meta.url));

/** `<package>/spec`; compiled code runs from `<package>/dist/spec`, but YAML and schema are not copied there. */
const directory = basename(dirname(here)) === 'dist' ? join(here, '..', '..', 'spec') : here;

/** What the build prepared of the packaged layouts; not there in the sources. */
const preparedFile = join(here, 'prepared.json');

/** The file of a packaged layout, whether or not there is one of that name. */
export function packagedLayout(name: string): string {
  return join(directory, `${name}.yaml`);
}

/** The names of all packaged layouts. */
export function packagedNames(): string[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .sort();
}

/** The file of the packaged layout of that name, if there is one. */
export function findPackaged(name: string): string | undefined {
  const file = packagedLayout(name);
  return /^[\w-]+$/.test(name) && existsSync(file) ? file : undefined;
}

let prepared: Prepared | undefined;

/** The data of a packaged layout, ready for use, where the build prepared it and nobody edited its YAML since. */
export function preparedLayout(name: string): LayoutData | undefined {
  prepared ??= readPrepared(preparedFile);
  const found = prepared[name];
  return found && preparedData(found, directory);
}

export const schemaFile = join(directory, 'layout.schema.json');
