/** What became of a driver with each device, and how many of its accesses trap; as lines of the pretty report. */
import type { Report, ScenarioOutcome } from './report.ts';
import type { Style } from './style.ts';
import { count, hanging, oneLine } from './text.ts';
import { trapLines } from './traps.ts';

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
  lines.push(...trapLines(report));
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
