/**
 * The YAML parser, loaded when a layout is first parsed: it is the dearest of all modules to load, and a packaged layout
 * that nobody edited comes in its prepared form. By `require`, since `loadLayout` returns no promise.
 */
import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';

let loaded: typeof Yaml | undefined;

export function yaml(): typeof Yaml {
  loaded ??= createRequire(import.meta.url)('yaml') as typeof Yaml;
  return loaded;
}
