/** The layouts that come with the package, and where they and the schema are kept. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `<package>/spec`; compiled code runs from `<package>/dist/spec`, but YAML and schema are not copied there. */
const directory = (() => {
  const here = dirname(fileURLToPath(import.meta.url));
  const above = dirname(here);
  return basename(above) === 'dist' ? join(dirname(above), 'spec') : here;
})();

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

export const schemaFile = join(directory, 'layout.schema.json');
