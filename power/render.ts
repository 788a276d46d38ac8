/** `docs/power.md`: the records in words and tables. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { NAMES } from './alternatives/print.ts';
import type { AgainstRecord } from './alternatives/record.ts';
import { type AgainstTotals, againstTotals, deepMissedByOthers } from './alternatives/totals.ts';
import { DEEP_FROM, depths, LONGEST } from './bar.ts';
import { groupBy } from './figures.ts';
import type { MutationRecord } from './mutation/record.ts';
import { mutationSection } from './mutation/section.ts';
import type { ClauseRecord, PowerRecord } from './record.ts';
import { kept } from './record.ts';
import { showSeeds } from './seeds.ts';
import { totalsOf } from './totals.ts';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const DOCUMENT = fileURLToPath(new URL('../docs/power.md', import.meta.url));

/** From the records in this folder. @returns the path of the document. @throws where there is no record */
export function renderDocument(): string {
  writeFileSync(DOCUMENT, documentFrom(FOLDER));
  return DOCUMENT;
}

export function documentFrom(folder: string): string {
  const record = kept<PowerRecord>(folder, 'results.json');
  if (!record) throw new Error(`there is no results.json in ${folder}: npm run power, or with few seeds and --out`);
  return render(record, kept<AgainstRecord>(folder, 'against.json'), kept<MutationRecord>(folder, 'mutation.json'));
}

export function render(record: PowerRecord, against: AgainstRecord | undefined, mutation?: MutationRecord): string {
  const sections = [
    INTRODUCTION,
    ...found(record),
    ...(against ? compared(against) : []),
    ...(mutation ? mutationSection(mutation, table) : []),
  ];
  return sections.join('\n\n').concat('\n');
}

const INTRODUCTION = `<!-- Written by \`npm run power -- --render\` from the records in power/. -->

# What the suite finds

The reference device can be given a deliberate fault, or decide otherwise where the text leaves a choice
(\`conformance list --faults\`, \`--variants\`). \`npm run power\` runs the suite, as it runs by default, on every fault and
every conformant variant, in both layouts and with several seeds. A fault is **found** where the report names the clause
that it breaks, and not only as what another violation may have caused; for a SHOULD a warning counts. A variant is
**accused** where the report names any clause that it does not declare. The faults that the layouts share are tried in
\`msix\` only where they have to do with its vectors.

\`\`\`sh
npm run power                                    # 20 seeds; four to eight hours on two cores; writes power/results.json
npm run power -- --journal trials.ndjson         # the same, which goes on where it was if it is ended
npm run power -- --seeds 1 --quick               # some minutes, with fewer programs; what CI runs
npm run power -- --only "unmask-*" --seeds 3-7   # these faults and variants, these seeds
npm run power -- --against                       # the same faults given to other ways of testing; power/against.json
npm run power -- --render                        # this page, from the records
\`\`\`

It ends with 0 where every fault is found and no variant accused, else with 1, and names what is missing. The records
hold no clock: the same suite gives the same bytes.`;

function found(record: PowerRecord): string[] {
  const totals = totalsOf(record);
  const { faults } = record;
  const deep = [...depths(faults)].filter(([, depth]) => depth !== null && depth >= DEEP_FROM);
  const some = record.narrowed || record.partial ? ' Only a part of the faults and variants was tried.' : '';
  const seeds = `Seeds ${showSeeds(record.seeds)}, ${record.runs} generated programs in each run.${some}`;
  return [
    '## Faults and variants',
    seeds,
    table(
      ['measured', 'figure'],
      [
        ['faults found by their own clause with every seed', `${totals.found} of ${totals.faults}`],
        ['of these by it alone', String(totals.alone.length)],
        ['of these by it beside others', String(totals.beside.length)],
        ['found by another clause only, with some seed', String(totals.elsewhere.length)],
        ['missed with some seed', String(totals.missed.length)],
        ['variants accused', `${totals.accused} of ${totals.variants}`],
        ['first seen by tier, in runs', totals.tiers.map(([tier, runs]) => `${tier} ${runs}`).join(', ')],
        ['operations on the device until the right clause shows, median', show(totals.operations)],
        ['the same for deep faults', show(totals.operationsDeep)],
        [`faults that take ${DEEP_FROM} or more operations after set-up`, String(totals.deep)],
        [`counterexamples longer than ${LONGEST} operations after set-up`, String(totals.long.length)],
        ['clauses that are named first for some fault', `${totals.clausesFirst} of ${totals.clauses}`],
      ],
    ),
    `An operation is one access, or one call of a hook of the adapter. Every fault has its line in
[power/results.json](../power/results.json), described by [its schema](../power/results.schema.json).`,
    ...list('Not as it must be', totals.shortcomings),
    ...list(
      `Counterexamples of more than ${LONGEST} operations after set-up`,
      totals.long.map(({ fault, layout, longest }) => `\`${fault}\` (${layout}): ${longest}`),
    ),
    '### Faults named beside others',
    totals.beside.length === 0
      ? 'None.'
      : table(
          ['fault', 'layout', 'its clause', 'beside it, with some seed'],
          totals.beside.map(({ fault, layout, clause, others = [] }) => [
            `\`${fault}\``,
            layout,
            clause,
            others.join(', '),
          ]),
        ),
    '### Deep faults',
    `Faults of which the shortest counterexample, over all seeds and layouts, has ${DEEP_FROM} or more operations after set-up:
${deep.map(([fault, depth]) => `\`${fault}\` (${depth})`).join(', ')}.`,
    '### Clauses',
    'For each clause that binds the device, the faults that are named by it with every seed; in bold those for which it stands\nalone or first.',
    table(['clause', 'layout', 'faults'], clauseRows(record.clauses)),
  ];
}

function clauseRows(clauses: readonly ClauseRecord[]): string[][] {
  const ids = ({ faults, first, note }: ClauseRecord) => [
    ...faults.map((fault) => (first.includes(fault) ? `**${fault}**` : fault)),
    ...(note ? [`none first: ${note}`] : []),
  ];
  return [...groupBy(clauses, ({ clause }) => clause).values()].flatMap((same) =>
    same.map((one) => [one.clause, one.layout, ids(one).join(', ') || 'none']),
  );
}

function compared(record: AgainstRecord): string[] {
  const missed = deepMissedByOthers(record);
  const not = missed.filter(({ bySuite }) => !bySuite);
  const budget = Object.entries(record.budget).map(([layout, operations]) => `${operations} in \`${layout}\``);
  const rows = (title: string, { faults, common, ways }: AgainstTotals) =>
    ways.map(({ way, always, ever, operations, operationsOfAll }, index) => [
      index === 0 ? `${title} (${faults}; all find ${common})` : '',
      NAMES[way],
      String(always),
      String(ever),
      show(operations),
      show(operationsOfAll),
    ]);
  return [
    '## Against other ways of testing',
    `The same faults and seeds (${showSeeds(record.seeds)}), and for each the same number of operations on the device
(${budget.join(', ')}), given to

- **fc.commands**: fast-check's model-based testing as somebody who knows MSI-X would write it. Commands for mask, unmask,
  map, unmap, event, re-target and reset, a plain model of masks, pending bits, mapping and messages, everything compared
  after each command ([power/alternatives/commands.ts](../power/alternatives/commands.ts));
- **uniform random**: programs in which every kind of operation is as likely as every other, and so is every operand, judged
  by the suite's own oracle ([uniform.ts](../power/alternatives/uniform.ts)).

Found means here that anything is wrong, under whatever name. What a way says of a device without the fault does not count.`,
    table(
      [
        'faults',
        'way',
        'found with every seed',
        'with some',
        'operations where all find',
        'over all, not found as the budget',
      ],
      [
        ...rows('all', againstTotals(record)),
        ...rows(
          'of MSI',
          againstTotals(
            record,
            record.faults.filter(({ msi }) => msi),
          ),
        ),
        ...rows(
          'deep',
          againstTotals(
            record,
            record.faults.filter(({ deep }) => deep),
          ),
        ),
      ],
    ),
    `Operations are medians. Of the deep faults another way misses ${missed.length} with some seed; the suite finds
${missed.length - not.length} of these with every seed${not.length > 0 ? `, and not ${not.map(({ fault }) => `\`${fault}\``).join(', ')}` : ''}.`,
    ...againstTotals(record).ways.flatMap(({ way, deepMissed }) =>
      list(
        `Deep faults that ${NAMES[way]} misses with some seed`,
        deepMissed.length > 0 ? [deepMissed.join(', ')] : [],
      ),
    ),
  ];
}

function show(figure: number | null): string {
  return figure === null ? '-' : String(figure);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function list(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`### ${title}`, items.map((item) => `- ${item}`).join('\n')];
}
