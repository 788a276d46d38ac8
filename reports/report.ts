/** The report: what a run leaves behind. Plain data, no clock and no host in it; `report.schema.json` describes it. */

export type Verdict = 'pass' | 'fail' | 'warn' | 'not-applicable' | 'untestable' | 'not-run';
export type Headline = 'conformant' | 'not conformant' | 'inconclusive';

/** One line of a program as it ran. */
export interface TraceLine {
  /** 1-based number of the operation; set-up that is folded has one line. */
  step: number;
  /** The operation with register names, e.g. `write MsiQueueVector 0x00000001`. */
  operation: string;
  /** What was observed, e.g. `0x0000ffff`, or nothing for a write. */
  observed?: string;
  /** True for the line at which the violation showed. */
  violates?: boolean;
}

/** Where a program for a device came from. */
export type Tier = 'derived' | 'generated' | 'exhaustive';

/** The smallest program found that shows a violation; of a driver, the shortest log. */
export interface Counterexample {
  /** The check that found it, e.g. `mapping/refused-remap` or `generated/swarm`. */
  check: string;
  tier: Tier | 'scenario';
  expected: string;
  actual: string;
  /** Operations after set-up in the smallest program. */
  operations: number;
  trace: TraceLine[];
  /** The program as data; `conformance replay` takes it. */
  program: unknown;
  /** The command that reproduces it, complete. */
  reproduce: string;
  /** True where a second run of the same program did not show the violation again. */
  unstable?: boolean;
}

export interface ClauseResult {
  id: string;
  area: string;
  level: 'MUST' | 'SHOULD' | 'MAY';
  text: string;
  /** Where the clause comes from, e.g. `talk 14:44`. */
  origin: string[];
  verdict: Verdict;
  /** Why, for every verdict but pass. */
  reason?: string;
  /** How often an observation was compared against the clause. */
  exercised: number;
  /** Violated clauses, more specific or leant on, of which this violation may be no more than the consequence. */
  impliedBy?: string[];
  counterexample?: Counterexample;
}

/** A throw, hang, death or nonsense answer of the target: not a violation by itself. */
export interface TargetFinding {
  reason: 'died' | 'hung' | 'answer' | 'threw' | 'start';
  message: string;
  hint?: string;
  check: string;
  trace: TraceLine[];
  program: unknown;
  reproduce: string;
  /** True where the target could be started again and the run went on. */
  restarted: boolean;
}

/** How much of a small scope the exhaustive tier went through. */
export interface ScopeCoverage {
  /** What is in it, in words. */
  scope: string;
  /** Reached, and identified by what registers say and by what the device does. */
  states: Covered;
  /** Taken, with the state that they end in identified. */
  transitions: Covered;
  /** States beyond those of the model for which the guarantee holds, where everything is covered. */
  extraStates: number;
  /** Of transitions in a row, which such states need; absent where there may be none. */
  sequences?: Covered;
  /** What the device decides otherwise than most, and the model with it. */
  decisions?: string[];
  /** Transitions in which the device decides otherwise, as the text allows; they and what lies behind them alone are left out. */
  decidedOtherwise?: number;
  /** Transitions that violate a clause. */
  violations?: number;
  /** Why it did not come to its end. */
  stopped?: string;
}

export interface Covered {
  covered: number;
  total: number;
}

/** A line of a program that ran twice: what both runs saw, or where they differ what each saw. */
export interface ComparedLine {
  /** 1-based number of the operation; 0 for what is no part of a program. */
  step: number;
  operation: string;
  /** What both runs saw. */
  observed?: string;
  /** Where they differ: what the first run saw, and what the second did. */
  first?: string;
  second?: string;
}

/** What was not the same the second time, where it was first seen. */
export interface Difference {
  /**
   * `program`: the target answered the same program in another way; `failure`: it failed in one run and answered in the
   * other; `probe`: it was another device when it was examined; `report`: no program showed anything else, and the
   * reports differ.
   */
  kind: 'program' | 'failure' | 'probe' | 'report';
  /** Of a program: the check that made it, and its tier; `shrinking` while a smaller counterexample was looked for. */
  check?: string;
  tier?: Tier | 'shrinking';
  /** Up to the first step that differs. */
  trace: ComparedLine[];
  /** The program as data; `conformance replay` takes it. */
  program?: unknown;
  /** What to do about it. */
  next: string;
  /** The command that does the two runs again, complete. */
  reproduce: string;
}

/** What came of doing the whole run a second time with the same seed. */
export interface Determinism {
  /** True where the target showed the same in every program, and the reports were the same bytes. */
  verified: boolean;
  /** Why not, one sentence. */
  because?: string;
  /** Which of the two runs this report is of: the one that came out worse. Absent where it is told by `verified`. */
  shown?: 'first' | 'second';
  /** Clauses that have another verdict in the other run. */
  verdicts?: { id: string; first: Verdict; second: Verdict }[];
  /** Absent where the second run did not come to its end. */
  difference?: Difference;
}

/** Accesses that a driver made for one purpose, and how many of them trap. */
export interface TrapCount {
  /** How often it was done; 0: never. */
  times: number;
  accesses: number;
  traps: number;
}

/** What became of a driver with the device of one scenario. */
export interface ScenarioOutcome {
  /** `area/name`. */
  id: string;
  title: string;
  /**
   * `done`: all that was asked for; `in-part`: what the driver has an operation for; `gave-up`: as it may; `violated`: a
   * clause; `failed`: the driver itself failed.
   */
  outcome: 'done' | 'in-part' | 'gave-up' | 'violated' | 'failed';
  accesses: number;
  /** How the driver learnt of events, where it started. */
  interrupts?: 'msi' | 'line' | 'polling';
  /** Why it gave the device up, in its own words. */
  why?: string;
  /** How many accesses trap, by what they were for. */
  traps: Record<'setUp' | 'mask' | 'retarget' | 'interrupt' | 'all', TrapCount>;
}

/** What the reference driver does on the same devices, to compare with. */
export interface PeerTraps {
  driver: string;
  /** Of the messages; absent: the line. */
  layout?: string;
  interrupts: 'msi' | 'line';
  traps: Partial<Record<'setUp' | 'interrupt' | 'retarget' | 'mask', TrapCount>>;
}

export interface Report {
  schema: 'virtio-mmio-msi-conformance/report/1';
  /** What was judged; absent: a device. */
  subject?: 'driver';
  suite: { name: string; version: string };
  layout: { name: string; title: string; revision: number; digest: string };
  target: {
    specification: string;
    name: string;
    version?: string;
    /** What was found out about the device: DeviceID, vectors, queues, features, capabilities; for reading. */
    properties: Record<string, string>;
  };
  run: {
    seed: number;
    /** Generated programs. */
    runs: number;
    strict: boolean;
    /** How the user narrowed the run; absent for a whole one. */
    narrowed?: { only?: string[]; exclude?: string[]; bail?: boolean; scenarios?: string[] };
    /** Set where one stored program was run, and what it was known to show. */
    replay?: { clause?: string; finding?: number };
    /** True where the run did not come to its end. */
    partial: boolean;
    /** Why it did not. */
    interrupted?: string;
    /** Small scopes that were gone through; absent where the tier was left out or the device has none. */
    exhaustive?: ScopeCoverage[];
    /** Of a driver: the devices that it met. */
    scenarios?: ScenarioOutcome[];
    /** Of a driver, where the run was not narrowed: the reference driver with the line and with each layout. */
    peers?: PeerTraps[];
    programs: number;
    /** Single accesses and requests that the target was sent for them. */
    operations: number;
    /** Present where the run was done twice to see whether the target is deterministic. */
    determinism?: Determinism;
  };
  headline: Headline;
  /** What the headline rests on, one sentence. */
  because: string;
  counts: Record<Verdict, number>;
  /** In the layout's order. */
  clauses: ClauseResult[];
  findings: TargetFinding[];
}
