/** The record on a terminal: the figures, then everything that is not as it should be. */
import { DEEP_FROM, LONGEST } from './bar.ts';
import { OUTCOMES } from './outcome.ts';
import type { FaultRecord, PowerRecord } from './record.ts';
import { showSeeds } from './seeds.ts';
import { totalsOf } from './totals.ts';

export function print(record: PowerRecord): string {
  const totals = totalsOf(record);
  const { seeds, faults } = record;
  const lines = [
    `seeds ${showSeeds(seeds)}, ${record.runs} generated programs${record.narrowed ? '; a part of the faults' : ''}${record.partial ? '; ended early' : ''}`,
    '',
    `faults      ${totals.found} of ${totals.faults} found by their own clause with every seed`,
    `            ${totals.alone.length} by it alone, ${totals.beside.length} by it beside others`,
    `            ${totals.elsewhere.length} by another clause, ${totals.missed.length} missed`,
    `variants    ${totals.accused} of ${totals.variants} accused`,
    `first seen  ${totals.tiers.map(([tier, runs]) => `${tier} ${runs}`).join(', ') || 'never'} (runs, by tier)`,
    `operations  ${totals.operations ?? '-'} until the right clause shows, in the median; deep faults ${totals.operationsDeep ?? '-'}`,
    `deep        ${totals.deep} faults take ${DEEP_FROM} or more operations after set-up`,
    `clauses     ${totals.clausesFirst} of ${totals.clauses} named first for a fault`,
    ...section('named beside others', totals.beside.map(named)),
    ...section(
      `counterexamples of more than ${LONGEST} operations after set-up`,
      totals.long.map(({ fault, layout, longest }) => `${fault} (${layout}): ${longest}`),
    ),
    ...section(`took ${DEEP_FROM} or more operations each time, and are not said to be deep`, totals.perhapsDeep),
    ...section('not as it must be', totals.shortcomings),
  ];
  if (faults.length + record.variants.length === 0) lines.push('', 'nothing was run');
  return `${lines.join('\n')}\n`;
}

/** How one fault was named. */
export function named({ fault, layout, clause, named: how, others = [] }: FaultRecord): string {
  const counts = OUTCOMES.flatMap((outcome) => (how[outcome] ? [`${outcome} ${how[outcome]}`] : []));
  return `${fault} (${layout}): ${clause}, beside ${others.join(', ')} (${counts.join(', ')})`;
}

function section(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : ['', `${title}:`, ...items.map((item) => `  ${item}`)];
}
