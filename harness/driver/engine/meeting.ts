/** A driver meets the device of a scenario: what happened, and what of it was not as it must be. */
import { Device } from '../../../reference-device/device.ts';
import type { Memory } from '../../../reference-device/memory.ts';
import { defaults } from '../../../reference-device/settings.ts';
import type { Layout } from '../../../spec/layout.ts';
import { hex } from '../../program.ts';
import type { InterruptsUsed, Task, TaskName, TaskResult } from '../api.ts';
import { MOST, MOST_OF_A_GUEST, WatchedBus } from '../bus.ts';
import { profileOf } from '../device-profile.ts';
import type { LogEntry } from '../log.ts';
import type { Violation } from '../monitor/judge.ts';
import { Monitor } from '../monitor/monitor.ts';
import type { Act, Ask, Scenario } from '../scenarios/index.ts';
import type { Ending, LiveDriver, Meeting } from '../target.ts';
import { Work } from './work.ts';

/** Entries of a log that are kept; a driver that does more is judged all the same. */
const MOST_ENTRIES = 200_000;

export interface Met {
  scenario: Scenario;
  log: LogEntry[];
  /** Accesses, entries of the log that are none apart. */
  accesses: number;
  /** What accesses broke, and what was not done that was asked for, in order. */
  violations: Violation[];
  exercised: Map<string, number>;
  /** Clauses that the scenario tests, each with whether the driver did what it takes to show that it keeps it. */
  tested: Map<string, boolean>;
  /** Clauses that nobody can speak of here, since the driver failed on the way. */
  lost: string[];
  /** Tasks that the driver has no operation for. */
  unsupported: TaskName[];
  /** How the driver learnt of events; undefined where it did not start, or nobody knows. */
  interrupts: InterruptsUsed | undefined;
  /** Why the driver gave the device up, where it did. */
  gaveUp: string | undefined;
  /** It does not start on a device without MSI. */
  declinesLine: boolean;
  /** That the driver died is a violation of its own, and no more to be told. */
  isJudged: boolean;
  ending: Ending;
  monitor: Monitor;
  device: Device;
}

export interface MeetOptions {
  scenario: Scenario;
  /** Guest memory, as new. */
  ram: Memory;
  /** The clause of level SHOULD that explains whatever fails here: the driver failed at a simpler scenario for it. */
  instead?: string | undefined;
  /** The driver failed at no simpler scenario. */
  isFirstToFail: boolean;
}

/** @returns never rejects; what the driver does wrong is in what it returns */
export async function meet(driver: LiveDriver, layout: Layout, options: MeetOptions): Promise<Met> {
  const session = new Session(driver, layout, options);
  return session.run();
}

/** What gives and takes buffers. */
const WORK: readonly TaskName[] = ['transfer', 'submit', 'collect'];
/** Clauses about interrupts, of whoever takes them. */
const OF_INTERRUPTS = ['DRV-SPURIOUS', 'DRV-STATUS', 'DRV-ACK', 'DRV-QUEUES'];
/** Ways to fail that are the end of a driver, whatever it meant to do. */
const DEATHS: readonly string[] = ['died', 'threw', 'hung'];

class Session implements Meeting {
  readonly bus: WatchedBus;
  private readonly driver: LiveDriver;
  private readonly options: MeetOptions;
  private readonly scenario: Scenario;
  private readonly device: Device;
  private readonly monitor: Monitor;
  private readonly log: LogEntry[] = [];
  private readonly unsupported = new Set<TaskName>();
  private readonly script: Act[];
  private accesses = 0;
  private act: Ask | undefined;
  private readonly work: Work;
  private interrupts: InterruptsUsed | undefined;
  private gaveUp: string | undefined;
  /** A task was not done: what comes after it would show no more than that. */
  private over = false;
  private done = 0;
  /** It was asked to mask every vector in use, and not to unmask them since. */
  private allMasked = false;
  private declinesLine = false;
  /** MSI was negotiated at some time; a guest leaves its device reset. */
  private hadMsi = false;
  /** The driver has given the device something to do. */
  private isNotified = false;

  constructor(driver: LiveDriver, layout: Layout, options: MeetOptions) {
    const { scenario } = options;
    this.driver = driver;
    this.options = options;
    this.scenario = scenario;
    this.script = [...scenario.script];
    // From which index a queue goes on that was stopped by QueueReady the text leaves open: from the driver's own.
    const settings = { ...defaults, readyRestarts: 'as the rings show' as const, ...scenario.device };
    this.device = new Device(layout, settings, options.ram);
    this.work = new Work(this.device, scenario.because);
    scenario.prepare?.(this.device);
    const facts = { interrupts: true, used: true, widths: true, fromTheStart: true };
    this.monitor = new Monitor(layout, { ...facts, profile: profileOf(this.device) });
    const meddling = scenario.meddle?.(
      this.device,
      () => this.bus,
      () => this.act?.ask,
    );
    const most = driver.kind === 'alone' ? MOST_OF_A_GUEST : MOST;
    this.bus = new WatchedBus(this.device, (entry) => this.take(entry), meddling, most);
  }

  async run(): Promise<Met> {
    const { driver, scenario, monitor, log, device } = this;
    const ending = await driver.meet(this);
    if (ending.how === 'ended') this.conclude(driver, ending);
    const isJudged = ending.how === 'failed' && this.dies(ending);
    monitor.end();
    const tested = new Map<string, boolean>();
    for (const clause of scenario.tests ?? []) tested.set(clause, ending.how === 'ended' && this.shows(clause));
    for (const [clause, isShown] of tested) if (isShown) monitor.hit(clause);
    return {
      ...{ scenario, log, accesses: this.accesses, violations: monitor.violations, exercised: monitor.exercised },
      tested,
      lost: ending.how === 'failed' ? [this.scenario.blames, ...(scenario.tests ?? [])] : [],
      unsupported: [...this.unsupported],
      interrupts: this.interrupts,
      gaveUp: this.gaveUp,
      declinesLine: this.declinesLine,
      ...{ isJudged, ending, monitor, device },
    };
  }

  /** A legacy device that is driven as one: this one does nothing more, as it is none. */
  isOver(): boolean {
    return this.monitor.drivesLegacy && this.isNotified;
  }

  next(result: TaskResult | undefined): Task | undefined {
    if (result && this.act) this.judge(this.act, result);
    this.act = undefined;
    this.bus.begin();
    for (let act = this.script.shift(); act && !this.over; act = this.script.shift()) {
      if ('ask' in act) {
        // Buffers that the driver never submitted do not come back.
        if (act.ask.do === 'collect' && this.unsupported.has('submit')) continue;
        this.act = act;
        this.take({ kind: 'task', task: act.ask });
        return act.ask;
      }
      this.ofItself(act.device);
    }
    return undefined;
  }

  /** Whether the driver did what the scenario takes to test a clause. */
  private shows(clause: string): boolean {
    if (this.declinesLine) return clause === 'DRV-FALLBACK' && this.done > 0;
    const cameToItsEnd = this.gaveUp === undefined ? !this.over : this.scenario.expects !== 'works';
    const needed = this.scenario.shows ?? WORK;
    const lacks = this.scenario.script.some(
      (act) => 'ask' in act && needed.includes(act.ask.do) && this.unsupported.has(act.ask.do),
    );
    return cameToItsEnd && this.done > 0 && !lacks;
  }

  private take(entry: LogEntry): void {
    if (entry.kind === 'write') this.isNotified ||= this.monitor.view.register(entry)?.name === 'QueueNotify';
    if (entry.kind === 'read' || entry.kind === 'write') this.accesses++;
    if (this.log.length < MOST_ENTRIES) this.log.push(entry);
    this.monitor.take(entry);
    this.hadMsi ||= this.monitor.view.msiNegotiated;
  }

  private ofItself(what: 'config' | 'needs-reset' | 'spurious' | 'settle'): void {
    if (what === 'settle') this.bus.settle();
    else if (what === 'spurious') this.spurious();
    else {
      this.take({ kind: 'device', what });
      this.device.raise({ source: what });
      // It is about what the driver does then, not about when a device gets round to it.
      if (what === 'needs-reset') this.bus.settle();
    }
  }

  /** A message of each vector in use that stands for nothing. */
  private spurious(): void {
    const { vectors } = this.device;
    for (let vector = 0; vector < vectors.count; vector++) {
      if (vectors.blocked(vector) || !vectors.mapping.includes(vector) || !this.device.messages()) continue;
      this.take({ kind: 'device', what: 'spurious' });
      const address = vectors.readLow(vector) + vectors.readHigh(vector) * 2 ** 32;
      this.bus.inject({ kind: 'message', address, data: vectors.readData(vector) });
    }
  }

  // --- what came of it ---

  private judge(act: Ask, result: TaskResult): void {
    this.take({ kind: 'result', task: act.ask, result });
    if (result.outcome === 'unsupported') {
      this.unsupported.add(act.ask.do);
      // Nothing goes without it.
      if (act.ask.do === 'start') this.over = true;
      return;
    }
    if (result.outcome === 'gave-up') {
      this.givesUp(act, result.why);
      return;
    }
    if (result.outcome === 'stuck' && act.ask.do === 'submit' && this.allMasked) {
      // How many buffers a driver takes at once is its own choice, and none comes back to make room.
      this.over = true;
      return;
    }
    const problem =
      result.outcome === 'stuck' ? this.work.stuck(act.ask, result) : this.work.problemWith(act.ask, result);
    if (problem) {
      this.fail(act, ...problem);
      return;
    }
    this.done++;
    if (['start', 'mask', 'unmask'].includes(act.ask.do)) this.allMasked = act.ask.do === 'mask';
    if (act.ask.do === 'start' && result.outcome === 'done') {
      this.interrupts = result.interrupts;
      this.started(act);
    }
  }

  private givesUp(act: Ask, why: string): void {
    this.gaveUp = why;
    this.over = true;
    const { expects } = this.scenario;
    if (expects === 'works' && act.ask.do === 'start' && !this.offersMsi) {
      this.withoutMsi(act, why);
    } else if (expects === 'works')
      this.fail(act, `the driver works with ${this.what}: ${this.scenario.because}`, `it gives the device up: ${why}`);
    else this.done++;
  }

  /** A driver that needs MSI does not start without: DRV-FALLBACK lets it, if it says so or leaves nothing behind. */
  private withoutMsi(act: Ask, why: string): void {
    const { view } = this.monitor;
    this.declinesLine = true;
    if (view.has('FAILED') || (view.status ?? 0) === 0) {
      this.done++;
      return;
    }
    const expected = 'the driver works without MSI, sets FAILED or leaves the device reset';
    const actual = `it gives the device up with Status ${hex(view.status ?? 0)}: ${why}`;
    this.fail({ ...act, blames: 'DRV-FALLBACK' }, expected, actual);
  }

  /** Whether the device offers the MSI of the layout; true where the layout has none, so that nobody can miss it. */
  private get offersMsi(): boolean {
    const { layout } = this.monitor.view;
    return layout.msi === undefined || this.device.msiFeature !== undefined;
  }

  /** The driver means to use the device. */
  private started(act: Ask): void {
    const { expects, title, because } = this.scenario;
    if (this.monitor.drivesLegacy) return;
    if (expects === 'leaves-alone' || expects === 'gives-up') {
      this.fail(act, `the driver does not use the device (${title}): ${because}`, 'it says that it has started');
    } else if (!this.monitor.view.has('DRIVER_OK')) {
      this.fail(
        act,
        'the driver has set DRIVER_OK once it has started',
        `Status was written ${hex(this.monitor.view.status ?? 0)}`,
      );
    }
  }

  private get what(): string {
    return `a device where ${this.scenario.title}`;
  }

  private fail(act: Ask, expected: string, actual: string): void {
    this.over = true;
    const unserved = ['transfer', 'collect'].includes(act.ask.do) ? this.work.neverHeardOf() : undefined;
    if (unserved === undefined) this.monitor.undone(this.named(act.blames ?? this.scenario.blames), expected, actual);
    else this.monitor.undone(this.named('DRV-WORK'), expected, `${actual}; ${unserved}`);
  }

  /** The clause that is named instead of one that cannot be what was broken. */
  private named(clause: string): string {
    const { layout } = this.monitor.view;
    if (this.options.instead !== undefined) return this.options.instead;
    if (!layout.hasClause(clause)) return 'DRV-WORK';
    const { holds } = layout.clause(clause);
    const usesMsi = this.interrupts === 'msi' || this.monitor.view.msiNegotiated;
    // Of a driver that does not use MSI, no clause about its use is broken; of one that polls, none about interrupts.
    if ((holds === 'negotiated' || holds === 'live') && !usesMsi) return 'DRV-WORK';
    if (this.interrupts === 'polling' && OF_INTERRUPTS.includes(clause)) return 'DRV-WORK';
    return clause;
  }

  /**
   * The driver died. Where a clause says that it copes with this very device, and it got on with simpler ones, that clause
   * is broken. @returns whether it is
   */
  private dies({ reason, message }: Extract<Ending, { how: 'failed' }>): boolean {
    const { survives, because } = this.scenario;
    if (survives === undefined || !DEATHS.includes(reason) || !this.options.isFirstToFail) return false;
    const clause = this.named(survives);
    if (clause !== survives || this.monitor.violations.length > 0) return false;
    this.monitor.undone(clause, `the driver goes on: ${because}`, message);
    return true;
  }

  /** A driver that does by itself what it does has no tasks: what it did is seen on the bus. */
  private conclude(driver: LiveDriver, ending: Ending): void {
    if (driver.kind !== 'alone') return;
    const { expects, title, because } = this.scenario;
    const used =
      this.device.queues.some(({ nextUsed }) => nextUsed > 0) || this.log.some(({ kind }) => kind === 'used');
    this.interrupts = this.hadMsi ? 'msi' : this.isNotified ? 'line' : undefined;
    if (expects === 'works' && !used) {
      this.monitor.violate(
        this.named(this.scenario.blames),
        `the driver works with the device (${title}): ${because}`,
        'no buffer was used',
      );
      this.over = true;
    } else if (expects === 'works' && ending.didItsWork === false) {
      this.monitor.violate(
        this.named(this.scenario.blames),
        `the guest does its work with the device (${title}): ${because}`,
        'its console did not show what it shows then',
      );
      this.over = true;
    } else if (expects === 'leaves-alone' && this.isNotified && !this.monitor.drivesLegacy) {
      this.monitor.violate(
        this.named(this.scenario.blames),
        `the driver does not use the device (${title}): ${because}`,
        'it notified it',
      );
    }
    this.done++;
  }
}
