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
  const traps = trapText(scenarios);
  if (traps !== undefined) lines.push(...hanging('traps   ', traps, style.width));
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

/** Of the first scenario in which the driver uses MSI, else the line. */
export function trapText(scenarios: readonly ScenarioOutcome[]): string | undefined {
  const best = (interrupts: string) =>
    scenarios.find((one) => one.interrupts === interrupts && one.outcome !== 'failed');
  const parts = (['msi', 'line'] as const).flatMap((interrupts) => {
    const shown = best(interrupts);
    if (!shown) return [];
    const { setUp, interrupt } = shown.traps;
    const figures = [`set-up ${each(setUp)}`, `an interrupt ${each(interrupt)}`];
    const re = scenarios.find((one) => one.interrupts === interrupts && one.traps.retarget.times > 0)?.traps.retarget;
    const mask = scenarios.find((one) => one.interrupts === interrupts && one.traps.mask.times > 0)?.traps.mask;
    if (re && interrupts === 'msi') figures.push(`a re-target ${each(re)}`);
    if (mask && interrupts === 'msi') figures.push(`a mask change ${each(mask)}`);
    return [`with ${interrupts === 'msi' ? 'messages' : 'the line'}: ${figures.join(', ')}`];
  });
  return parts.length === 0 ? undefined : parts.join('; ');
}

/** `12 of 40` accesses that trap, for one time. */
export function each({ times, accesses, traps }: TrapCount): string {
  if (times === 0) return 'never';
  const per = (value: number) => String(Math.round((value / times) * 100) / 100);
  return `${per(traps)} of ${per(accesses)}`;
}
