/** The logs that showed violations of driver clauses, and which of these may be no more than a consequence. */
import type { Layout } from '../../../spec/layout.ts';
import { breakCircles } from '../../engine/verdicts.ts';
import type { LogEntry } from '../log.ts';
import type { Violation } from '../monitor/judge.ts';
import type { DeviceView } from '../monitor/view.ts';

export interface Sighting {
  violation: Violation;
  log: readonly LogEntry[];
  view: DeviceView;
  scenario: string;
}

export class Sightings {
  private readonly layout: Layout;
  private readonly byClause = new Map<string, Sighting[]>();
  /** Violations of each log, in order. */
  private readonly byLog = new Map<readonly LogEntry[], Violation[]>();

  constructor(layout: Layout) {
    this.layout = layout;
  }

  get clauses(): string[] {
    return [...this.byClause.keys()];
  }

  add(sighting: Sighting): void {
    const { violation, log } = sighting;
    push(this.byClause, violation.clause, sighting);
    push(this.byLog, log, violation);
  }

  /** The shortest log that shows it, of those where nothing else explains it if there are such. */
  best(clause: string): Sighting | undefined {
    const all = this.byClause.get(clause) ?? [];
    const alone = all.filter((one) => this.causesOf(one).length === 0);
    const among = alone.length > 0 ? alone : all;
    return [...among].sort((a, b) => a.violation.at - b.violation.at)[0];
  }

  /**
   * Violated clauses that another violated one may explain: one that it refines; something that was not done after an
   * access that broke a clause; and where the driver fails on a device without surprises, that it fails elsewhere too.
   */
  impliedBy(plainScenario: string): Map<string, string[]> {
    const { layout } = this;
    const impliedBy = new Map<string, string[]>();
    const failsEverywhere = (this.byClause.get('DRV-WORK') ?? []).some(({ scenario }) => scenario === plainScenario);
    for (const [clause, all] of this.byClause) {
      const specific = this.clauses.filter((other) => layout.refinedBy(other).has(clause));
      const causes = all.map((one) => this.causesOf(one));
      const behind = causes.every((some) => some.length > 0) ? causes.flat() : [];
      const undone = all.every(({ violation }) => violation.undone);
      const general = failsEverywhere && undone && clause !== 'DRV-WORK' ? ['DRV-WORK'] : [];
      const found = [...new Set([...specific, ...behind, ...general])].filter((id) => id !== clause);
      if (found.length > 0) impliedBy.set(clause, found);
    }
    breakCircles(
      impliedBy,
      layout.data.clauses.map(({ id }) => id).filter((id) => this.byClause.has(id)),
    );
    return impliedBy;
  }

  /** Clauses that accesses of the same log broke before something was not done. */
  private causesOf({ violation, log }: Sighting): string[] {
    if (!violation.undone) return [];
    const before = (this.byLog.get(log) ?? []).filter((other) => !other.undone && other.at <= violation.at);
    return [...new Set(before.map(({ clause }) => clause))].filter((clause) => clause !== violation.clause);
  }
}

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
