/** The section of `docs/power.md` about mutants. */
import { PARTS, type Part, PLANS } from './parts.ts';
import type { FileRecord, MutationRecord } from './record.ts';

type Counts = Pick<FileRecord, 'mutants' | 'killed' | 'bySuite' | 'timedOut' | 'survived' | 'noCoverage' | 'argued'>;

/** Mutants of a hundred that a test noticed, one decimal. */
export function score({ mutants, killed, timedOut }: Counts): string {
  return mutants === 0 ? '-' : ((100 * (killed + timedOut)) / mutants).toFixed(1);
}

function sum(files: readonly FileRecord[]): Counts {
  const of = (key: keyof Counts) => files.reduce((total, one) => total + one[key], 0);
  return {
    mutants: of('mutants'),
    killed: of('killed'),
    bySuite: of('bySuite'),
    timedOut: of('timedOut'),
    survived: of('survived'),
    noCoverage: of('noCoverage'),
    argued: of('argued'),
  };
}

function cells(counts: Counts): string[] {
  const { mutants, killed, bySuite, timedOut, survived, noCoverage, argued } = counts;
  const open = survived + noCoverage - argued;
  return [
    ...[mutants, killed, bySuite, timedOut, survived, noCoverage, argued, open].map(String),
    `${score(counts)} %`,
  ];
}

const HEAD = [
  '',
  'mutants',
  'killed',
  'by the suite',
  'timed out',
  'survived',
  'not covered',
  'argued',
  'open',
  'score',
];

/** @param table heads and rows as Markdown */
export function mutationSection(record: MutationRecord, table: Table): string[] {
  const rowsOf = (part: Part): string[][] => {
    const files = record.files.filter((one) => one.part === part);
    if (files.length === 0) return [];
    return [
      [`**${PLANS[part].title}**`, ...cells(sum(files))],
      ...files.map((one) => [`\`${one.file}\``, ...cells(one)]),
    ];
  };
  const { unmeasured } = record;
  return [
    '## Mutants of its own code',
    `Small changes made by a machine to the reference device, to the oracle and to the comparison of the exhaustive tier, one
at a time (\`npm run mutation\`, with [Stryker](https://stryker-mutator.io)). A mutant of the reference device is a fault that nobody thought
of: **by the suite** counts those that a few of its programs notice, before any test of the device is asked. The score is
what was killed or ran for ever, of all. A mutant that nothing notices is either argued to be no other program, in
[power/mutation/equivalent.yaml](../power/mutation/equivalent.yaml), or open; \`npm run mutation\` ends with 1 while any is
open. See [mutation.md](mutation.md).`,
    table(HEAD, PARTS.flatMap(rowsOf)),
    ...(unmeasured.length > 0 ? [`Not measured: ${unmeasured.map((file) => `\`${file}\``).join(', ')}.`] : []),
  ];
}

type Table = (head: readonly string[], rows: readonly (readonly string[])[]) => string;
