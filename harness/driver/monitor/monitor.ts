/** Judges what a driver does, entry by entry: each driver clause that an access can break. */
import type { Layout } from '../../../spec/layout.ts';
import type { Facts, LogEntry } from '../log.ts';
import type { Judge, Rule, Violation } from './judge.ts';
import { AccessRule } from './rules/access.ts';
import { ConfigurationRule } from './rules/configuration.ts';
import { IdentificationRule } from './rules/identification.ts';
import { InitialisationRule } from './rules/initialisation.ts';
import { InterruptRule } from './rules/interrupts.ts';
import { QueueRule } from './rules/queues.ts';
import { VectorRule } from './rules/vectors.ts';
import { DeviceView } from './view.ts';

export type { Violation } from './judge.ts';

export class Monitor implements Judge {
  /** In the order in which they were found out. */
  readonly violations: Violation[] = [];
  /** How often each clause was put to the test. */
  readonly exercised = new Map<string, number>();
  readonly view: DeviceView;
  /** Of the entry that is looked at. */
  index = -1;
  private readonly layout: Layout;
  private readonly identification = new IdentificationRule();
  private readonly rules: Rule[];

  constructor(layout: Layout, facts: Facts) {
    this.layout = layout;
    this.view = new DeviceView(layout, facts);
    this.rules = [
      new AccessRule(),
      new InitialisationRule(),
      new QueueRule(),
      new ConfigurationRule(),
      new InterruptRule(),
      new VectorRule(),
    ];
  }

  take(entry: LogEntry): void {
    this.index++;
    // The access by which a driver learns that there is no device for it is judged like any other.
    const { isToBeIgnored } = this.identification;
    this.identification.look(entry, this.view, this);
    if (!isToBeIgnored) for (const rule of this.rules) rule.look?.(entry, this.view, this);
    this.view.take(entry);
  }

  /** The driver is a transitional one, on a legacy device. */
  get drivesLegacy(): boolean {
    return this.identification.drivesLegacy;
  }

  /** The log is over. */
  end(): void {
    this.identification.end(this.view, this);
    for (const rule of this.rules) rule.end?.(this.view, this);
  }

  hit(clause: string): void {
    if (this.layout.hasClause(clause)) this.exercised.set(clause, (this.exercised.get(clause) ?? 0) + 1);
  }

  violate(clause: string, expected: string, actual: string, at = this.index): void {
    if (!this.layout.hasClause(clause)) return;
    this.hit(clause);
    this.violations.push({ clause, at, expected, actual });
  }

  /** Something that was asked for was not done, whatever accesses there were. */
  undone(clause: string, expected: string, actual: string): void {
    if (!this.layout.hasClause(clause)) return;
    this.hit(clause);
    this.violations.push({ clause, at: this.index, expected, actual, undone: true });
  }
}
