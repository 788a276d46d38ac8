/** `power/mutation.json`, as `mutation.schema.json` has it: what came of the mutants of each file. No clock in it. */
import { fileURLToPath } from 'node:url';
import { keep, kept } from '../record.ts';
import type { Weighed } from './arguments.ts';
import { digestOf, type Fate, type Mutant } from './mutants.ts';
import { PARTS, type Part, PLANS, partOf } from './parts.ts';

export const SCHEMA = 'virtio-mmio-msi-conformance/mutation/1';

export interface FileRecord {
  file: string;
  part: Part;
  /** Of the text that was mutated. */
  digest: string;
  /** That could be told from the file, so without those that are no program. */
  mutants: number;
  killed: number;
  /** Of those killed: by the suite on conformant devices alone. */
  bySuite: number;
  timedOut: number;
  survived: number;
  noCoverage: number;
  /** Of those that survived or are not covered: argued to be equivalent. */
  argued: number;
}

export interface MutationRecord {
  schema: typeof SCHEMA;
  files: FileRecord[];
  /** Files that are to be mutated and were not yet. */
  unmeasured: string[];
}

const FOLDER = fileURLToPath(new URL('../', import.meta.url));
const NAME = 'mutation.json';

export function fileRecord(
  file: string,
  part: Part,
  mutants: readonly Mutant[],
  argued: readonly Mutant[],
): FileRecord {
  const own = mutants.filter((one) => one.file === file && one.fate !== 'ignored' && one.fate !== 'invalid');
  const count = (fate: Fate) => own.filter((one) => one.fate === fate).length;
  return {
    file,
    part,
    digest: digestOf(file),
    mutants: own.length,
    killed: count('killed'),
    bySuite: own.filter(({ bySuite }) => bySuite).length,
    timedOut: count('timedOut'),
    survived: count('survived'),
    noCoverage: count('noCoverage'),
    argued: argued.filter((one) => one.file === file).length,
  };
}

export function keptMutation(folder = FOLDER): MutationRecord | undefined {
  return kept<MutationRecord>(folder, NAME);
}

/** Puts what was measured now in the place of what was known of these files. @returns the path */
export function keepMutation(files: readonly string[], mutants: readonly Mutant[], { argued }: Weighed): string {
  const known = new Map(keptMutation()?.files.map((one) => [one.file, one]));
  for (const file of files) known.set(file, fileRecord(file, partOf(file) as Part, mutants, argued));
  const all = PARTS.flatMap((part) => PLANS[part].files);
  const record: MutationRecord = {
    schema: SCHEMA,
    files: all.flatMap((file) => known.get(file) ?? []),
    unmeasured: all.filter((file) => !known.has(file)),
  };
  return keep(FOLDER, NAME, record);
}
