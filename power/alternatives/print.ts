/** The comparison on a terminal. */
import { showSeeds } from '../seeds.ts';
import type { Way } from './compare.ts';
import type { AgainstRecord } from './record.ts';
import { type AgainstTotals, againstTotals, deepMissedByOthers } from './totals.ts';

export const NAMES: Record<Way, string> = {
  suite: 'the suite',
  commands: 'fc.commands',
  uniform: 'uniform random',
};

export function againstText(record: AgainstRecord): string {
  const budget = Object.entries(record.budget).map(([layout, operations]) => `${layout} ${operations}`);
  const missed = deepMissedByOthers(record);
  const not = missed.filter(({ bySuite }) => !bySuite).map(({ fault }) => fault);
  return [
    `seeds ${showSeeds(record.seeds)}; operations for each fault and seed: ${budget.join(', ')}${record.partial ? '; ended early' : ''}`,
    ...table('all faults', againstTotals(record)),
    ...table(
      'faults of MSI',
      againstTotals(
        record,
        record.faults.filter(({ msi }) => msi),
      ),
    ),
    ...table(
      'deep faults',
      againstTotals(
        record,
        record.faults.filter(({ deep }) => deep),
      ),
    ),
    '',
    `deep faults that another way misses with some seed: ${missed.length}; the suite finds ${missed.length - not.length} of them with every seed`,
    ...(not.length > 0 ? [`  not ${not.join(', ')}`] : []),
    '',
  ].join('\n');
}

function table(title: string, { faults, common, ways }: AgainstTotals): string[] {
  return [
    '',
    `${title}: ${faults}, of which every way finds ${common} with every seed`,
    ...ways.map(({ way, always, ever, operations, operationsOfAll }) =>
      [
        `  ${NAMES[way].padEnd(16)}`,
        `found ${String(always).padStart(3)} with every seed, ${String(ever).padStart(3)} with some;`,
        `operations ${operations ?? '-'} where all find, ${operationsOfAll ?? '-'} over all`,
      ].join(' '),
    ),
  ];
}
