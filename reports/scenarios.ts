/** What became of a driver with each device, and how many of its accesses trap; as lines of the pretty report. */
import type { Report, ScenarioOutcome, TrapCount } from './report.ts';
import type { Style } from './style.ts';
import { count, hanging, oneLine } from './text.ts';

/** Empty for a device. */
export function scenarioLines(report: Report, style: Style): string[] {
  const { scenarios } = report.run;
  if (!scenarios) return [];
  const lines: string[] = [];
  for (const outcome of Object.keys(TEXT) as ScenarioOutcome['outcome'][]) {
    const all = scenarios.filter((one) => one.outcome === outcome);
    if (all.length === 0) continue;
    const most = outcome === 'done' ? '' : `: ${namesOf(all)}`;
    lines.push(...hanging('        ', `${TEXT[outcome]} with ${count(all.length, 'device')}${most}`, style.width));
  }
  lines.push(...trapLines(scenarios));
  return lines;
}

/** What became of it, as the middle of a sentence. */
export const TEXT: Record<ScenarioOutcome['outcome'], string> = {
  done: 'did all that was asked for',
  'in-part': 'did what it has an operation for',
  'gave-up': 'gave up, as it may,',
  violated: 'violated a clause',
  failed: 'failed itself',
};

/** Families are many scenarios of one name. */
function namesOf(scenarios: readonly ScenarioOutcome[]): string {
  const names = new Map<string, number>();
  for (const { id } of scenarios) {
    const name = id.replace(/\/\d+$/, '/*');
    const isFamily = name !== id && scenarios.filter((other) => other.id.startsWith(name.slice(0, -1))).length > 1;
    names.set(isFamily ? name : id, (names.get(isFamily ? name : id) ?? 0) + 1);
  }
  return [...names].map(([name, times]) => (times > 1 ? `${oneLine(name)} (${times})` : oneLine(name))).join(', ');
}

const TRAP_ROWS = [
  ['setUp', 'set-up'],
  ['interrupt', 'an interrupt'],
  ['retarget', 'a re-target'],
  ['mask', 'a mask change'],
] as const;

/** A table of accesses that trap, of all that the driver made, with messages and with the line; empty without either. */
function trapLines(scenarios: readonly ScenarioOutcome[]): string[] {
  const columns = (['msi', 'line'] as const).filter((kind) => trapCount(scenarios, kind, 'setUp') !== undefined);
  if (columns.length === 0) return [];
  const titles = columns.map((kind) => (kind === 'msi' ? 'with messages' : 'with the line'));
  const rows = TRAP_ROWS.map(([key, name]) => [name, ...columns.map((kind) => cell(scenarios, kind, key))]);
  const width = Math.max(...[...titles, ...rows.flat()].map(({ length }) => length)) + 2;
  const line = (label: string, cells: string[]) =>
    `${label.padEnd(8)}${cells.map((one) => one.padEnd(width)).join('')}`.trimEnd();
  return [line('traps', ['', ...titles]), ...rows.map((row) => line('', row))];
}

function cell(scenarios: readonly ScenarioOutcome[], kind: InterruptsUsed, key: TrapKey): string {
  const isForMessages = key === 'retarget' || key === 'mask';
  const found = trapCount(scenarios, kind, key);
  return found === undefined || (kind === 'line' && isForMessages) ? '-' : each(found);
}

type InterruptsUsed = NonNullable<ScenarioOutcome['interrupts']>;
type TrapKey = keyof ScenarioOutcome['traps'];

/** Of the first scenario in which the driver is notified this way and does this. */
export function trapCount(
  scenarios: readonly ScenarioOutcome[],
  kind: InterruptsUsed,
  key: TrapKey,
): TrapCount | undefined {
  const one = scenarios.find(
    ({ interrupts, outcome, traps }) => interrupts === kind && outcome !== 'failed' && traps[key].times > 0,
  );
  return one?.traps[key];
}

/** `12 of 40` accesses that trap, for one time. */
export function each({ times, accesses, traps }: TrapCount): string {
  if (times === 0) return 'never';
  const per = (value: number) => String(Math.round((value / times) * 100) / 100);
  return `${per(traps)} of ${per(accesses)}`;
}
