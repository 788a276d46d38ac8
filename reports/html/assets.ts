/** Style sheets and scripts of the page: files of their own, read when they are needed and put into the page. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/** `<package>/reports/html`; compiled code runs from `<package>/dist/reports/html`, and these files are not copied there. */
const directory = basename(dirname(dirname(here))) === 'dist' ? join(here, '..', '..', '..', 'reports', 'html') : here;

const STYLES = [
  'page',
  'verdicts',
  'tables',
  'filter',
  'violations',
  'pictures',
  'registers',
  'decoder',
  'coverage',
].map((name) => `${name}.css`);
/** What counts more than all of these. */
const LAST_STYLE = 'print.css';
const SCRIPTS = ['filter.js', 'keys.js', 'decoder.js', 'copy.js'];
/** Runs before anything is shown, or the page would flash in the other colours. */
const EARLY = 'theme.js';

const contents = new Map<string, string>();

function read(folder: string, name: string): string {
  const path = join(directory, folder, name);
  const found = contents.get(path) ?? readFileSync(path, 'utf8').trim();
  contents.set(path, found);
  return found;
}

/** An inline script or style sheet, with the hash by which the page's policy allows it and nothing else. */
export interface Asset {
  source: string;
  /** As a source of Content-Security-Policy, e.g. `'sha256-...'`. */
  hash: string;
}

function asset(source: string): Asset {
  return { source, hash: `'sha256-${createHash('sha256').update(source).digest('base64')}'` };
}

export interface Assets {
  style: Asset;
  early: Asset;
  scripts: Asset[];
}

export function assets(): Assets {
  return {
    style: asset(
      `@layer page {\n${STYLES.map((name) => read('styles', name)).join('\n')}\n}\n${read('styles', LAST_STYLE)}`,
    ),
    early: asset(read('client', EARLY)),
    scripts: SCRIPTS.map((name) => asset(read('client', name))),
  };
}
