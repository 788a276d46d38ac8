/** What rules say of an entry of the log. */
import type { LogEntry } from '../log.ts';
import type { DeviceView } from './view.ts';

export interface Violation {
  clause: string;
  /** Index in the log of the entry that broke the clause, or at which it was too late to keep it. */
  at: number;
  expected: string;
  actual: string;
  /** No access broke it: something was not done. What accesses broke before, in the same log, may be why. */
  undone?: true;
}

/** Takes what rules find; `index` is of the entry that is looked at unless another is given. */
export interface Judge {
  /** The clause was put to the test. */
  hit(clause: string): void;
  violate(clause: string, expected: string, actual: string, index?: number): void;
  readonly index: number;
}

/** Some clauses, watched over one log. `look` sees the device as it was before the entry. */
export interface Rule {
  look?(entry: LogEntry, view: DeviceView, judge: Judge): void;
  /** The log is over. */
  end?(view: DeviceView, judge: Judge): void;
}
