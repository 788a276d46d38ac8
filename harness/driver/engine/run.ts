/** The driver run: a driver meets the device of each scenario, or a log of one is judged. */

import { Ram } from '../../../reference-device/memory.ts';
import { defaults, type Settings } from '../../../reference-device/settings.ts';
import type {
  ClauseResult,
  Counterexample,
  PeerTraps,
  Report,
  ScenarioOutcome,
  TargetFinding,
} from '../../../reports/report.ts';
import { shellWord } from '../../../reports/text.ts';
import type { Layout } from '../../../spec/layout.ts';
import { RunConfigurationError } from '../../engine/api.ts';
import { suiteVersion } from '../../engine/report.ts';
import { countVerdicts, headlineOf, inScope, matchesGlob } from '../../engine/verdicts.ts';
import { TargetFault } from '../../target.ts';
import type { InterruptsUsed, TaskName } from '../api.ts';
import type { LogEntry } from '../log.ts';
import { Monitor } from '../monitor/monitor.ts';
import { type Family, familiesOf, PLAIN, type Scenario, scenariosOf } from '../scenarios/index.ts';
import type { DriverTarget, LiveDriver, RecordedDriver } from '../target.ts';
import { type Met, meet } from './meeting.ts';
import { peersOf } from './peers.ts';
import { checkSelection } from './selection.ts';
import { type Sighting, Sightings } from './sightings.ts';
import { traceOf } from './trace.ts';
import { trapsOf } from './traps.ts';
import { clauseResult } from './verdicts.ts';

export interface DriverProgress {
  scenario: string;
  done: number;
  total: number;
  failed: number;
}

export interface DriverRunOptions {
  target: DriverTarget;
  layout: Layout;
  only?: string[];
  exclude?: string[];
  /** Ids or globs of scenarios; only these are gone through. */
  scenarios?: string[];
  strict: boolean;
  bail: boolean;
  signal?: AbortSignal;
  onProgress?: (progress: DriverProgress) => void;
  /** Takes each log, for whoever keeps them. */
  onLog?: (name: string, log: readonly LogEntry[], layout: Layout) => void;
  /** The words of the command line that name the target and layout. */
  commandLine?: string[];
}

/** Families go on until a task has no such access, and no further than this. */
const MOST_PLACES = 64;

/** @throws RunConfigurationError for options that cannot be; never for what the driver does */
export async function runDriver(options: DriverRunOptions): Promise<Report> {
  checkSelection(options);
  const session = new Session(options);
  return options.target.kind === 'trace' ? session.judge(options.target) : session.run(options.target);
}

class Session {
  private readonly options: DriverRunOptions;
  private readonly layout: Layout;
  private readonly sightings: Sightings;
  private readonly exercised = new Map<string, number>();
  private readonly proven = new Map<string, boolean>();
  /** Clauses of scenarios in which the driver died, by the first of these. */
  private readonly lost = new Map<string, string>();
  private readonly died = new Set<string>();
  private readonly ram = new Ram();
  private readonly unsupported = new Set<TaskName>();
  private readonly interrupts = new Set<InterruptsUsed>();
  private readonly onLine = new Set<InterruptsUsed>();
  private readonly outcomes: ScenarioOutcome[] = [];
  private readonly findings: TargetFinding[] = [];
  private usesMsi = false;
  private declinesLine = false;
  private offered: boolean | undefined = true;
  private accesses = 0;
  private stopped: string | undefined;
  private peers: PeerTraps[] | undefined;

  constructor(options: DriverRunOptions) {
    this.options = options;
    this.layout = options.layout;
    this.sightings = new Sightings(options.layout);
  }

  async run(driver: LiveDriver): Promise<Report> {
    const { layout, options } = this;
    const chosen = scenariosOf(layout).filter(({ id }) => this.isChosen(id));
    const families =
      driver.kind === 'alone' || !layout.msi ? [] : familiesOf(layout).filter((one) => this.isInPart(one));
    const driven = chosen.filter(({ device }) => drives(driver, device?.device ?? defaults.device));
    const usable = driver.kind === 'alone' ? driven.filter(isForGuests) : driven;
    if (usable.length + families.length === 0) {
      throw new RunConfigurationError(
        `${options.target.specification} can meet none of the devices that --scenario asks for`,
        driver.kind === 'alone' ? 'a guest does by itself what it does; leave --scenario out' : 'leave --scenario out',
      );
    }
    const total = usable.length + families.length;
    for (const scenario of usable) {
      if (this.ended()) break;
      this.tell(scenario.id, this.outcomes.length, total);
      await this.meet(driver, scenario);
    }
    for (const [index, family] of families.entries()) {
      this.tell(family.id, usable.length + index, total);
      for (let at = 0; at < MOST_PLACES && !this.ended(); at++) {
        const { scenario, reached } = family.make(at);
        if (!this.isChosen(family.id) && !this.isChosen(scenario.id)) continue;
        const met = await this.meet(driver, scenario);
        if (!reached() || met.unsupported.length > 0) break;
      }
    }
    if (!this.isNarrowed && !this.ended()) this.peers = await peersOf(layout);
    return this.report(driver);
  }

  /** A log of a driver that ran somewhere else. */
  async judge(driver: RecordedDriver): Promise<Report> {
    const monitor = new Monitor(this.layout, driver.facts);
    const log: LogEntry[] = [];
    try {
      for await (const entry of driver.entries()) {
        if (entry.kind === 'read' || entry.kind === 'write') this.accesses++;
        log.push(entry);
        monitor.take(entry);
      }
    } catch (error) {
      if (!(error instanceof TargetFault)) throw error;
      this.stopped = error.message;
      this.finding(error.reason, error.message, error.hint, 'trace');
    }
    monitor.end();
    this.count(monitor);
    this.usesMsi =
      monitor.view.msiNegotiated || log.some((entry) => entry.kind === 'write' && this.isMsi(entry.offset, monitor));
    const { msi } = this.layout;
    this.offered = msi ? monitor.view.offers(msi.feature) : undefined;
    for (const scenario of scenariosOf(this.layout))
      for (const clause of scenario.tests ?? []) this.proven.set(clause, false);
    for (const violation of monitor.violations)
      this.sightings.add({ violation, log, view: monitor.view, scenario: 'trace' });
    this.outcomes.push({
      id: 'trace',
      title: 'the device that it was recorded with',
      outcome: monitor.violations.length > 0 ? 'violated' : 'done',
      accesses: this.accesses,
      traps: trapsOf(log, monitor.view),
    });
    return this.report(driver);
  }

  // --- one scenario ---

  private async meet(driver: LiveDriver, scenario: Scenario): Promise<Met> {
    const { sightings, layout } = this;
    sightings.builds(scenario.id, [PLAIN, ...(scenario.after ?? [])]);
    const explained = sightings.failedBefore(scenario.id);
    const isShould = (id: string) => layout.clause(id).level === 'SHOULD';
    const isOnLine = scenario.device?.msi === 'withheld' || scenario.device?.msi === 'unknown';
    this.ram.clear();
    const met = await meet(driver, layout, {
      scenario,
      ram: driver.memory?.() ?? this.ram,
      instead: isOnLine && explained.length > 0 && explained.every(isShould) ? explained[0] : undefined,
      isFirstToFail: explained.length === 0 && !sightings.behind(scenario.id).some((id) => this.died.has(id)),
    });
    const { ending, monitor, log } = met;
    this.accesses += met.accesses;
    this.count(monitor);
    for (const task of met.unsupported) this.unsupported.add(task);
    if (met.interrupts) {
      this.interrupts.add(met.interrupts);
      if (isOnLine) this.onLine.add(met.interrupts);
      if (met.interrupts === 'msi') this.usesMsi = true;
    }
    if (monitor.view.msiNegotiated) this.usesMsi = true;
    for (const [clause, isShown] of met.tested) this.proven.set(clause, this.proven.get(clause) === true || isShown);
    for (const clause of met.lost) if (!this.lost.has(clause)) this.lost.set(clause, scenario.id);
    this.declinesLine ||= met.declinesLine;
    for (const violation of met.violations)
      sightings.add({ violation, log, view: monitor.view, scenario: scenario.id, interrupts: met.interrupts });
    this.options.onLog?.(scenario.id, log, this.layout);
    if (ending.how === 'failed') this.died.add(scenario.id);
    if (ending.how === 'failed' && !met.isJudged)
      this.finding(ending.reason, ending.message, ending.hint, scenario.id, met);
    this.outcomes.push({
      id: scenario.id,
      title: scenario.title,
      outcome: outcomeOf(met),
      accesses: met.accesses,
      ...(met.interrupts === undefined ? {} : { interrupts: met.interrupts }),
      ...(met.gaveUp === undefined ? {} : { why: met.gaveUp }),
      traps: trapsOf(log, monitor.view),
    });
    return met;
  }

  private count(monitor: Monitor): void {
    for (const [clause, times] of monitor.exercised)
      this.exercised.set(clause, (this.exercised.get(clause) ?? 0) + times);
  }

  private isMsi(offset: number, monitor: Monitor): boolean {
    const spot = monitor.view.spot(offset);
    return spot.kind === 'entry' || spot.kind === 'bits';
  }

  private isChosen(id: string): boolean {
    const { scenarios } = this.options;
    return !scenarios?.length || scenarios.some((glob) => matchesGlob(id, glob));
  }

  /** Whether the family, or one of its scenarios, is chosen. */
  private isInPart({ id }: Family): boolean {
    const places = Array.from({ length: MOST_PLACES }, (_, at) => `${id}/${at}`);
    return [id, ...places].some((one) => this.isChosen(one));
  }

  private ended(): boolean {
    const { signal, bail } = this.options;
    if (signal?.aborted) return true;
    const isBad = (id: string) => this.layout.clause(id).level === 'MUST' && this.isInScope(id);
    return bail && this.sightings.clauses.some(isBad);
  }

  private isInScope(id: string): boolean {
    return inScope(id, this.options.only, this.options.exclude);
  }

  private tell(scenario: string, done: number, total: number): void {
    const failed = this.sightings.clauses.filter((id) => this.isInScope(id)).length;
    this.options.onProgress?.({ scenario, done, total, failed });
  }

  private finding(
    reason: TargetFinding['reason'],
    message: string,
    hint: string | undefined,
    scenario: string,
    met?: Met,
  ): void {
    this.findings.push({
      reason,
      message,
      ...(hint === undefined ? {} : { hint }),
      check: scenario,
      trace: met ? traceOf(met.log, met.log.length - 1, met.monitor.view) : [],
      program: { scenario },
      reproduce: this.reproduce(scenario),
      restarted: true,
    });
  }

  // --- the report ---

  private get isNarrowed(): boolean {
    const { only, exclude, scenarios, bail } = this.options;
    return Boolean(only?.length || exclude?.length || scenarios?.length || bail);
  }

  private report(driver: DriverTarget): Report {
    const { options, layout, findings } = this;
    const aborted = options.signal?.aborted === true;
    const bailed = options.bail && this.ended() && !aborted;
    const partial = aborted || bailed;
    const ending = aborted ? String(options.signal?.reason ?? 'interrupted') : 'the run stopped at the first violation';
    const stopped = this.stopped ?? (partial ? ending : undefined);
    const narrowed = this.isNarrowed;
    const evidence = this.evidence(driver, stopped);
    const clauses = layout.data.clauses
      .filter(({ binds }) => binds === 'driver')
      .map((clause): ClauseResult => {
        const result = clauseResult(clause, evidence, layout, this.isInScope(clause.id));
        const shown = this.sightings.best(clause.id);
        const isBad = result.verdict === 'fail' || result.verdict === 'warn';
        return isBad && shown ? { ...result, counterexample: this.counterexample(shown) } : result;
      });
    const { name, specification } = driver;
    return {
      schema: 'virtio-mmio-msi-conformance/report/1',
      subject: 'driver',
      suite: suiteVersion(),
      layout: {
        name: layout.name,
        title: layout.data.title,
        revision: layout.data.revision,
        digest: layout.data.digest,
      },
      target: {
        specification,
        name,
        ...('version' in driver && driver.version !== undefined ? { version: driver.version } : {}),
        properties: this.properties(driver),
      },
      run: {
        seed: 0,
        runs: 0,
        strict: options.strict,
        ...(narrowed
          ? {
              narrowed: {
                ...(options.only?.length ? { only: options.only } : {}),
                ...(options.exclude?.length ? { exclude: options.exclude } : {}),
                ...(options.scenarios?.length ? { scenarios: options.scenarios } : {}),
                ...(options.bail ? { bail: true } : {}),
              },
            }
          : {}),
        partial,
        ...(partial ? { interrupted: ending } : {}),
        scenarios: this.outcomes,
        ...(this.peers && { peers: this.peers }),
        programs: this.outcomes.length,
        operations: this.accesses,
      },
      ...headlineOf(clauses, { strict: options.strict, narrowed, findings: findings.length, partial }),
      counts: countVerdicts(clauses),
      clauses,
      findings,
    };
  }

  private evidence(driver: DriverTarget, stopped: string | undefined) {
    const facts = driver.kind === 'trace' ? driver.facts : undefined;
    return {
      exercised: this.exercised,
      violated: new Set(this.sightings.clauses),
      impliedBy: this.sightings.impliedBy(),
      proven: this.proven,
      lost: this.lost,
      declinesLine: this.declinesLine,
      unsupported: [...this.unsupported],
      interrupts: this.interrupts,
      onLine: this.onLine,
      usesMsi: this.usesMsi,
      recorded: facts !== undefined,
      lacks: { interrupts: facts?.interrupts ?? true, widths: facts?.widths ?? true },
      offered: this.offered,
      stopped,
    };
  }

  private properties(driver: DriverTarget): Record<string, string> {
    if (driver.kind === 'trace') return { kind: 'a recorded log' };
    const { interrupts, unsupported } = this;
    return {
      kind: driver.kind === 'alone' ? 'does by itself what it does' : 'does what it is asked for',
      interrupts: [...interrupts].join(', ') || 'unknown',
      ...(unsupported.size > 0 ? { lacks: [...unsupported].join(', ') } : {}),
    };
  }

  private counterexample({ violation, log, view, scenario }: Sighting): Counterexample {
    const upTo = log.slice(0, violation.at + 1);
    return {
      check: scenario,
      tier: 'scenario',
      expected: violation.expected,
      actual: violation.actual,
      operations: upTo.filter(({ kind }) => kind === 'read' || kind === 'write').length,
      trace: traceOf(log, violation.at, view),
      program: { scenario, log: upTo.map(plain) },
      reproduce: this.reproduce(scenario),
    };
  }

  private reproduce(scenario: string): string {
    const { commandLine, target, strict } = this.options;
    const named = commandLine ?? ['--target', target.specification];
    const chosen = target.kind === 'trace' ? [] : ['--scenario', scenario];
    return ['npx', 'conformance', 'driver', ...named, ...chosen, ...(strict ? ['--strict'] : [])]
      .map(shellWord)
      .join(' ');
  }
}

function drives({ devices }: LiveDriver, device: Settings['device']): boolean {
  return devices === undefined || devices.includes(device);
}

/** What a guest that boots does by itself is enough for: it starts, transfers, and nothing is done to it meanwhile. */
function isForGuests({ id, script }: Scenario): boolean {
  return (
    id === PLAIN ||
    script.every((act) => 'ask' in act && ['start', 'transfer', 'configuration', 'stop'].includes(act.ask.do))
  );
}

function outcomeOf(met: Met): ScenarioOutcome['outcome'] {
  if (met.ending.how === 'failed' && !met.isJudged) return 'failed';
  if (met.violations.length > 0) return 'violated';
  if (met.gaveUp !== undefined) return 'gave-up';
  return met.unsupported.length > 0 ? 'in-part' : 'done';
}

/** 64-bit values as JSON has them: hexadecimal text. */
function plain(entry: LogEntry): unknown {
  return JSON.parse(
    JSON.stringify(entry, (_key, value: unknown) => (typeof value === 'bigint' ? `0x${value.toString(16)}` : value)),
  );
}
