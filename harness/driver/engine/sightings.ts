/** The logs that showed violations of driver clauses, and which of these may be no more than a consequence. */
import type { Layout } from '../../../spec/layout.ts';
import { breakCircles } from '../../engine/verdicts.ts';
import type { InterruptsUsed } from '../api.ts';
import type { LogEntry } from '../log.ts';
import type { Violation } from '../monitor/judge.ts';
import type { DeviceView } from '../monitor/view.ts';

/** Clauses that one leans on: broken before in the same log, they may be all that is wrong. */
const RESTS_ON: Readonly<Record<string, readonly string[]>> = {
  'DRV-OFFERED': ['DRV-INIT', 'DRV-FEATURESOK', 'DRV-VERSION1', 'DRV-FEATURES'],
  'DRV-FEATURESOK': ['DRV-INIT'],
  'DRV-RINGRESET': ['DRV-INIT', 'DRV-FEATURESOK', 'DRV-VERSION1', 'DRV-FEATURES'],
  // Where nothing was negotiated or reset, or the tables are somewhere else, masks are not what they are taken for.
  'DRV-MASKED': ['DRV-COMPLETE', 'DRV-OFFERED', 'DRV-INIT', 'DRV-UNDEFINED'],
  'DRV-ALIGN': ['DRV-UNDEFINED'],
  'DRV-PBA': ['DRV-UNDEFINED'],
  'DRV-RSVD': ['DRV-COUNT', 'DRV-UNDEFINED'],
  'DRV-CONFIGREAD': ['DRV-WIDTH', 'DRV-UNDEFINED'],
  'DRV-QUEUESETUP': ['DRV-WIDTH', 'DRV-SELQUEUE'],
  'DRV-QUEUEORDER': ['DRV-QUEUESETUP', 'DRV-SELQUEUE', 'DRV-INIT'],
  'DRV-COMPLETE': ['DRV-ACCESS'],
};

export interface Sighting {
  violation: Violation;
  log: readonly LogEntry[];
  view: DeviceView;
  scenario: string;
  /** How the driver learnt of events there, where that is known. */
  interrupts?: InterruptsUsed | undefined;
}

interface Failure {
  clause: string;
  interrupts: InterruptsUsed | undefined;
}

export class Sightings {
  private readonly layout: Layout;
  private readonly byClause = new Map<string, Sighting[]>();
  /** Violations of each log, in order. */
  private readonly byLog = new Map<readonly LogEntry[], Violation[]>();
  /** What each scenario builds on. */
  private readonly after = new Map<string, readonly string[]>();
  /** The clauses that were named where a scenario was not gone through, by its id. */
  private readonly failed = new Map<string, Failure[]>();

  constructor(layout: Layout) {
    this.layout = layout;
  }

  get clauses(): string[] {
    return [...this.byClause.keys()];
  }

  add(sighting: Sighting): void {
    const { violation, log, scenario } = sighting;
    // The first of each in a log tells all; a driver that goes round in circles breaks the same ones without end.
    const isSame = (other: Violation) => other.clause === violation.clause && other.undone === violation.undone;
    if (this.byLog.get(log)?.some(isSame)) return;
    push(this.byClause, violation.clause, sighting);
    push(this.byLog, log, violation);
    if (violation.undone) push(this.failed, scenario, { clause: violation.clause, interrupts: sighting.interrupts });
  }

  /** Says which scenarios one builds on. */
  builds(scenario: string, after: readonly string[]): void {
    this.after.set(scenario, after);
  }

  /** The scenarios that one builds on, directly or through others. */
  behind(scenario: string): string[] {
    const found = new Set<string>();
    const visit = (id: string): void => {
      for (const other of this.after.get(id) ?? []) {
        if (other === scenario || found.has(other)) continue;
        found.add(other);
        visit(other);
      }
    };
    visit(scenario);
    return [...found];
  }

  /**
   * The clauses that were named where the driver failed at a scenario that this one builds on. What goes wrong on the line
   * says nothing of messages.
   */
  failedBefore(scenario: string, interrupts?: InterruptsUsed): string[] {
    const failures = this.behind(scenario).flatMap((id) => this.failed.get(id) ?? []);
    const telling = failures.filter((one) => !(interrupts === 'msi' && one.interrupts === 'line'));
    return [...new Set(telling.map(({ clause }) => clause))];
  }

  /** The shortest log that shows it, of those where nothing else explains it if there are such. */
  best(clause: string): Sighting | undefined {
    const all = this.byClause.get(clause) ?? [];
    const alone = all.filter((one) => this.causesOf(one).length === 0);
    const among = alone.length > 0 ? alone : all;
    return [...among].sort((a, b) => a.violation.at - b.violation.at)[0];
  }

  /**
   * Violated clauses that another violated one may explain: one that it refines or leans on; something that was not done
   * after an access that broke a clause, or where the driver failed at a simpler device already.
   */
  impliedBy(): Map<string, string[]> {
    const { layout } = this;
    const impliedBy = new Map<string, string[]>();
    for (const [clause, all] of this.byClause) {
      const specific = this.clauses.filter((other) => layout.refinedBy(other).has(clause));
      const causes = all.map((one) => this.causesOf(one));
      const behind = causes.every((some) => some.length > 0) ? causes.flat() : [];
      const found = [...new Set([...specific, ...behind])].filter((id) => id !== clause);
      if (found.length > 0) impliedBy.set(clause, found);
    }
    breakCircles(
      impliedBy,
      layout.data.clauses.map(({ id }) => id).filter((id) => this.byClause.has(id)),
    );
    return impliedBy;
  }

  /** Clauses that were broken before in the same log and may be why, or were named at a simpler device. */
  private causesOf({ violation, log, scenario, interrupts }: Sighting): string[] {
    const { clause, undone } = violation;
    const all = this.byLog.get(log) ?? [];
    const before = all.slice(0, all.indexOf(violation)).filter((other) => !other.undone);
    const causes = undone
      ? [...before.map((other) => other.clause), ...this.failedBefore(scenario, interrupts)]
      : before.map((other) => other.clause).filter((id) => RESTS_ON[clause]?.includes(id));
    return [...new Set(causes)].filter((id) => id !== clause);
  }
}

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
