/**
 * What came of each trial, a line of JSON for each, so that a measurement that was ended goes on where it was. The first
 * line says of what: trials of another state of the code are not taken.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OptionError } from './seeds.ts';
import type { Said, Trial } from './trial.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** What decides about the outcome of a trial: the folders, less the parts of the harness that it does not come through. */
const FOLDERS = ['spec', 'reference-device', 'suites', 'harness'];
const APART = /^harness\/(cli|doctor|driver)\//;
const SOURCE = /\.(ts|yaml|json)$/;

interface Heading {
  journal: 'power/1';
  /** SHA-256 of the sources, hexadecimal. */
  code: string;
}

export class Journal {
  private readonly file: string;
  private readonly known = new Map<string, Said>();

  /** @throws OptionError for a file that is no journal, or one of other code */
  constructor(file: string) {
    this.file = file;
    const heading: Heading = { journal: 'power/1', code: digestOfCode() };
    if (!existsSync(file)) {
      writeFileSync(file, `${JSON.stringify(heading)}\n`);
      return;
    }
    const [first = '', ...lines] = readFileSync(file, 'utf8').split('\n');
    const found = parsed<Heading>(first);
    if (found?.journal !== heading.journal) throw new OptionError(`--journal ${file}: that is no journal of trials`);
    if (found.code !== heading.code) {
      throw new OptionError(
        `--journal ${file}: it is of another state of the code, so its trials prove nothing here; name another file`,
      );
    }
    // A line that was cut short is the trial that was under way.
    const whole = lines.flatMap((line) => parsed<Said>(line) ?? []);
    for (const said of whole) this.known.set(keyOf(said), said);
    writeFileSync(file, [heading, ...whole].map((line) => `${JSON.stringify(line)}\n`).join(''));
  }

  /** What came of that trial, if it was done. */
  get(trial: Trial): Said | undefined {
    return this.known.get(keyOf(trial));
  }

  add(said: Said): void {
    appendFileSync(this.file, `${JSON.stringify(said)}\n`);
  }
}

function keyOf({ layout, kind, id, seed, quick = false }: Trial): string {
  return JSON.stringify([layout, kind, id, seed, quick]);
}

function parsed<T>(line: string): T | undefined {
  try {
    return JSON.parse(line) as T;
  } catch {
    return undefined;
  }
}

/** The same for the same sources, wherever they are. */
export function digestOfCode(): string {
  const hash = createHash('sha256');
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`),
  ).filter((path) => SOURCE.test(path) && !APART.test(path));
  for (const path of [...files, 'power/trial.ts'].sort())
    hash
      .update(path)
      .update('\0')
      .update(readFileSync(join(ROOT, path)));
  return hash.digest('hex');
}
