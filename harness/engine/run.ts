/** A conformance run: probe, derived checks, generated programs, shrinking, verdicts. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClauseResult, Counterexample, Report, TargetFinding } from '../../reports/report.ts';
import { shellWord } from '../../reports/text.ts';
import type { Layout } from '../../spec/layout.ts';
import { type Check, type CheckContext, MessagePool, NEED_TEXT, unmet } from '../../suites/check.ts';
import { deviceChecks } from '../../suites/device/index.ts';
import { Executor } from '../execute.ts';
import type { Profile } from '../profile.ts';
import { type Program, ProgramError, parseProgram, program as programOf } from '../program.ts';
import { type Target, TargetFault } from '../target.ts';
import type { CheckInfo, Progress, ReplayOptions, RunOptions } from './api.ts';
import { RunConfigurationError } from './api.ts';
import { inStepSteps } from './in-step.ts';
import { probe } from './probe.ts';
import { hashText, numbers, shuffled } from './random.ts';
import { headlineOfReplay, onlyExercised } from './replayed.ts';
import { type Outcome, Runner } from './runner.ts';
import { checkScope, Selection } from './selection.ts';
import { operationsAfterSetUp, shrink, shrinkFault } from './shrink.ts';
import { mayBeAnothers, shownBefore, withLooks, withoutSuspects } from './suspects.ts';
import { traceOf } from './trace.ts';
import { breakCircles, clauseResult, countVerdicts, headlineOf, inScope, restsOn } from './verdicts.ts';

/** Programs between two looks at progress, abort and bail. */
const PROGRAMS_AT_ONCE = 40;
/** Programs of one kind that are generated at once. */
const PORTION = 100;
/** Findings after which a target is given up. */
const MOST_FINDINGS = 25;
/** Waits for an answer that did not come after which a target is given up. */
const MOST_HANGS = 10;
/** The same when all is run, and only smaller programs are looked for. */
const MOST_HANGS_SHRINKING = 20;
/** Findings that are shown by the smallest program. */
const MOST_SHRUNK = 3;

/** Programs that are kept as showing a violation of one clause. */
const MOST_SIGHTINGS = 4;

/** A program that showed a violation of a clause. */
interface Sighting {
  clause: string;
  check: string;
  tier: Counterexample['tier'];
  outcome: Outcome;
  /** True where it aims at the clause. */
  aims: boolean;
  /** Clauses that the same observation violated before. */
  behind: string[];
}

/** @throws RunConfigurationError for options that cannot be; never for what the target does */
export async function run(options: RunOptions): Promise<Report> {
  checkLayout(options.target, options.layout);
  checkScope(options.layout, options);
  return new Session(options.target, options.layout, options).run(options);
}

/** Runs one program and judges it. @throws RunConfigurationError */
export async function replay(options: ReplayOptions): Promise<Report> {
  let program: Program;
  try {
    program = parseProgram(options.program);
  } catch (error) {
    if (error instanceof ProgramError)
      throw new RunConfigurationError(error.message, 'see docs/programs.md for the format');
    throw error;
  }
  checkLayout(options.target, options.layout);
  const session = new Session(options.target, options.layout, {
    ...options,
    seed: 0,
    runs: 0,
    bail: false,
    replayed: {
      ...(options.clause !== undefined && { clause: options.clause }),
      ...(options.finding !== undefined && { finding: options.finding }),
    },
  });
  return session.replay(program);
}

/** Every check, for `list`. */
export function checks(layout: Layout): CheckInfo[] {
  const derived = deviceChecks(layout).map(
    ({ id, title, clauses, needs }): CheckInfo => ({
      id,
      title,
      tier: 'derived',
      clauses,
      needs: needs.map((need) => NEED_TEXT[need]),
    }),
  );
  const all = layout.data.clauses.filter((clause) => clause.binds === 'device').map((clause) => clause.id);
  return [
    ...derived,
    {
      id: 'generated',
      title: 'programs chosen by the state of the device',
      tier: 'generated',
      clauses: all,
      needs: [NEED_TEXT.events],
    },
  ];
}

function checkLayout(target: Target, layout: Layout): void {
  const declared = target.adapter.layout;
  if (declared === undefined || declared === layout.name || layout.data.extends.includes(declared)) return;
  throw new RunConfigurationError(
    `the target says that it implements layout '${declared}', and this run is for '${layout.name}'`,
    `add --layout ${declared}, or correct 'layout' in the adapter`,
  );
}

interface SessionOptions
  extends Pick<
    RunOptions,
    'seed' | 'runs' | 'only' | 'exclude' | 'strict' | 'bail' | 'timeout' | 'signal' | 'onProgress' | 'commandLine'
  > {
  /** One stored program is run; what it is known to show. */
  replayed?: { clause?: string; finding?: number };
}

class Session {
  private readonly target: Target;
  private readonly layout: Layout;
  private readonly options: SessionOptions;
  private readonly executor: Executor;
  private readonly exercised = new Map<string, number>();
  private readonly sightings = new Map<string, Sighting[]>();
  private readonly findings: TargetFinding[] = [];
  /** What the findings were found with, in their order. */
  private readonly failures: Outcome[] = [];
  private readonly unstable = new Set<string>();
  /** Programs that were not run because of an operation at which the target always fails. */
  private leftOut = 0;
  /** What registers showed before a clause was violated: the clauses that explain that one. */
  private readonly shownBefore = new Map<string, string[]>();
  private runner: Runner | undefined;
  private stopped: string | undefined;
  private refused: string | undefined;
  private progress: Progress = { tier: 'derived', check: '', done: 0, total: 0, failed: 0 };

  constructor(target: Target, layout: Layout, options: SessionOptions) {
    this.target = target;
    this.layout = layout;
    this.options = options;
    this.executor = new Executor(target, options.timeout === undefined ? {} : { timeout: options.timeout });
  }

  async run(options: RunOptions): Promise<Report> {
    const profile = await this.probe();
    if (profile) {
      await this.derived(profile);
      if (options.runs > 0) await this.generated(profile, options.runs);
    }
    await this.smallestFailures();
    const counterexamples = await this.counterexamples();
    return this.report(profile, counterexamples);
  }

  async replay(program: Program): Promise<Report> {
    const profile = await this.probe();
    if (profile && this.runner) {
      try {
        const outcome = await this.runner.one(program);
        this.take(outcome, 'replay', 'derived');
        if (this.runner.doubts(outcome)) this.sightings.clear();
      } catch (error) {
        if (error instanceof ProgramError)
          throw new RunConfigurationError(error.message, 'was it made for this layout and device?');
        throw error;
      }
    }
    const counterexamples = new Map<string, Counterexample>();
    for (const [clause, [sighting]] of this.sightings) {
      if (sighting) counterexamples.set(clause, this.counterexample(sighting, sighting.outcome));
    }
    return this.report(profile, counterexamples);
  }

  // --- stages ------------------------------------------------------------------------------------------------------

  private async probe(): Promise<Profile | undefined> {
    try {
      const { profile, magic, version } = await probe(this.target, this.layout, this.executor);
      if (this.target.adapter.batch) {
        const { fault } = await this.executor.run(inStepSteps(this.layout));
        if (fault) throw fault.error;
      }
      this.runner = new Runner(this.target, profile, this.executor);
      const bad = (name: string, value: number) => value !== this.layout.register(name).value;
      if (bad('MagicValue', magic) && bad('Version', version)) {
        this.stopped = 'neither MagicValue nor Version reads as it must: this is no virtio-mmio device';
      } else if (profile.deviceId === this.layout.constant('NO_DEVICE')) {
        this.stopped = 'DeviceID reads 0: a placeholder with no device behind it';
      }
      return profile;
    } catch (error) {
      if (!(error instanceof TargetFault)) throw error;
      this.stopped = 'the target failed while it was being examined';
      this.findings.push(this.finding(error, 'probe', undefined, false));
      return undefined;
    }
  }

  private async derived(profile: Profile): Promise<void> {
    const { seed } = this.options;
    const planned: { check: Check; program: Program }[] = [];
    const selection = new Selection(this.options, profile);
    const all = deviceChecks(this.layout);
    const usable = this.stopped ? all.slice(0, 1) : all;
    for (const check of usable) {
      if (!selection.hasCheck(check) || unmet(check.needs, profile).length > 0) continue;
      const next = numbers(seed ^ hashText(check.id));
      for (const program of check.programs(this.context(profile, next))) {
        if (selection.hasProgram(program)) planned.push({ check, program });
      }
    }
    this.progress = {
      ...this.progress,
      tier: 'derived',
      total: planned.length + (this.stopped ? 0 : this.options.runs),
    };
    await this.all(
      planned.map(({ check, program }) => ({ id: check.id, program })),
      'derived',
    );
  }

  private async generated(profile: Profile, runs: number): Promise<void> {
    if (this.ended()) return;
    const fc = (await import('fast-check')).default;
    const { GENERATED, programs } = await import('../../suites/device/generated.ts');
    const selection = new Selection(this.options, profile);
    const usable = GENERATED.filter(
      ({ needs }) => unmet(needs === 'msi' ? ['msi', 'events'] : ['events'], profile).length === 0,
    );
    const shares = usable.reduce((sum, { share }) => sum + share, 0);
    const plan = usable.map(({ name, share }) => ({ name, left: Math.max(1, Math.round((runs * share) / shares)) }));
    const total = plan.reduce((sum, { left }) => sum + left, 0);
    this.progress = { ...this.progress, tier: 'generated', total: this.progress.done + total };
    // In portions, so that a long run neither fills the memory nor keeps from being interrupted.
    for (let portion = 0; plan.some(({ left }) => left > 0) && !this.ended(); portion++) {
      const planned: { id: string; program: Program }[] = [];
      for (const item of plan) {
        const numRuns = Math.min(item.left, PORTION);
        if (numRuns === 0) continue;
        item.left -= numRuns;
        const id = `generated/${item.name}`;
        const seed = (this.options.seed ^ hashText(`${id}:${portion}`)) | 0;
        const arbitrary = programs(this.context(profile, numbers(seed)), item.name);
        for (const program of fc.sample(arbitrary, { seed, numRuns })) {
          if (selection.hasProgram(program)) planned.push({ id, program });
          else this.progress = { ...this.progress, total: this.progress.total - 1 };
        }
      }
      await this.all(planned, 'generated');
    }
  }

  private context(profile: Profile, next: () => number): CheckContext {
    const { adapter } = this.target;
    return {
      profile,
      adapter,
      messages: () => new MessagePool(adapter.messages),
      shuffle: (items) => shuffled(items, next),
    };
  }

  private ended(): boolean {
    if (this.options.signal?.aborted || this.runner?.lost || this.findings.length >= MOST_FINDINGS) return true;
    if ((this.runner?.hangs ?? 0) >= MOST_HANGS) return true;
    return this.stopped !== undefined || (this.options.bail && this.violatedInScope().length > 0);
  }

  private async all(planned: { id: string; program: Program }[], tier: Counterexample['tier']): Promise<void> {
    const { runner } = this;
    if (!runner) return;
    const identified = this.stopped;
    for (let from = 0; from < planned.length; from += PROGRAMS_AT_ONCE) {
      if (!identified && this.ended()) break;
      const group = planned.slice(from, from + PROGRAMS_AT_ONCE);
      this.report_progress(group[0]?.id ?? '');
      let done = 0;
      const ids = new Map(group.map(({ id, program }) => [runner.isolate(program), id]));
      const stop = () => this.options.signal?.aborted === true || runner.hangs >= MOST_HANGS;
      for (const outcome of await runner.many([...ids.keys()], { stop, exploring: true })) {
        this.take(outcome, ids.get(outcome.program) ?? '', tier);
        done++;
        if (this.options.bail && this.violatedInScope().length > 0) break;
      }
      this.progress = { ...this.progress, done: this.progress.done + done, failed: this.violatedInScope().length };
      if (runner.target.local) await new Promise((resume) => setImmediate(resume));
    }
    if (runner.lost) this.stopped ??= `the target was lost (${runner.lost.reason}): ${runner.lost.message}`;
    else if (this.findings.length >= MOST_FINDINGS) this.stopped ??= `the target failed ${MOST_FINDINGS} times`;
    else if (runner.hangs >= MOST_HANGS) this.stopped ??= `the target gave no answer in time ${MOST_HANGS} times`;
    this.report_progress('');
  }

  private report_progress(check: string): void {
    this.progress = { ...this.progress, check: check || this.progress.check };
    this.options.onProgress?.(this.progress);
  }

  private violatedInScope(): string[] {
    const { only, exclude } = this.options;
    const isCertain = (id: string) => this.sightings.get(id)?.some(({ outcome }) => !this.runner?.doubts(outcome));
    return [...this.sightings.keys()].filter(
      (id) => inScope(id, only, exclude) && this.layout.clause(id).level === 'MUST' && isCertain(id),
    );
  }

  private take(outcome: Outcome, check: string, tier: Counterexample['tier']): void {
    const { judgement, execution } = outcome;
    if (outcome.avoided !== undefined) this.leftOut++;
    for (const [clause, count] of judgement.exercised) {
      this.exercised.set(clause, (this.exercised.get(clause) ?? 0) + count);
    }
    if (judgement.refused !== undefined) this.refused ??= judgement.refused;
    for (const violation of judgement.violations) {
      const { clause, operation, secondary } = violation;
      if (!this.layout.hasClause(clause)) continue;
      const same = judgement.violations.filter((other) => other.operation === operation && other !== violation);
      const behind = secondary ? same.map((other) => other.clause) : [];
      const aims = deviceChecks(this.layout).some((one) => one.id === check && one.clauses.includes(clause));
      this.sight({ clause, check, tier, outcome, aims, behind });
    }
    const { fault } = execution;
    if (!fault) return;
    const isVerdict = judgement.violations.some((v) => v.step === fault.step && v.clause.startsWith('ROB-'));
    if (isVerdict) return;
    this.findings.push(this.finding(fault.error, check, outcome, this.runner?.lost === undefined));
    this.failures.push(outcome);
  }

  /** Shows the first failure of each kind by the smallest program that brings it about. */
  private async smallestFailures(): Promise<void> {
    const { runner } = this;
    if (!runner?.recovers) return;
    const seen = new Set<string>();
    for (const [index, outcome] of this.failures.entries()) {
      const { reason, message } = outcome.execution.fault?.error ?? {};
      const old = this.findings[index];
      if (!old || seen.has(`${reason} ${message}`) || runner.lost || this.options.signal?.aborted) continue;
      if (seen.size >= MOST_SHRUNK || runner.hangs >= MOST_HANGS_SHRINKING) break;
      seen.add(`${reason} ${message}`);
      const smallest = await shrinkFault(runner, outcome);
      const { error } = smallest.execution.fault ?? {};
      if (error) this.findings[index] = this.finding(error, old.check, smallest, old.restarted);
    }
  }

  /** Keeps a few programs for each clause: those that aim at it first, then the earliest. */
  private sight(sighting: Sighting): void {
    const known = this.sightings.get(sighting.clause);
    if (!known) {
      this.sightings.set(sighting.clause, [sighting]);
      return;
    }
    if (known.filter((one) => one.check === sighting.check).length >= 2) return;
    known.push(sighting);
    const rank = ({ behind, aims }: Sighting) => (behind.length > 0 ? 2 : 0) + (aims ? 0 : 1);
    known.sort((a, b) => rank(a) - rank(b));
    known.length = Math.min(known.length, MOST_SIGHTINGS);
  }

  // --- counterexamples ---------------------------------------------------------------------------------------------

  private async counterexamples(): Promise<Map<string, Counterexample>> {
    const found = new Map<string, Counterexample>();
    const { runner } = this;
    const { only, exclude, signal } = this.options;
    // A look at one clause may bring another to light.
    const queue = [...this.sightings.keys()];
    for (let clause = queue.shift(); clause !== undefined; clause = queue.shift()) {
      // One that was not chosen may turn out to be the violation of one that was.
      if (!(inScope(clause, only, exclude) || mayBeAnothers(clause, this.layout)) || found.has(clause)) continue;
      const known = this.sightings.get(clause) ?? [];
      let last: Counterexample | undefined;
      while (known[0]) {
        const sighting = known[0];
        const crashed = sighting.outcome.execution.fault !== undefined;
        const isDoubtful = runner?.doubts(sighting.outcome);
        const isTooSlow = runner && runner.hangs >= MOST_HANGS_SHRINKING && crashed;
        if (!runner || runner.lost || signal?.aborted || isTooSlow || (crashed && !runner.recovers)) {
          // What may be another request's answer is a violation only where it shows again.
          if (isDoubtful) break;
          last = this.counterexample(sighting, sighting.outcome);
          break;
        }
        this.progress = { ...this.progress, tier: 'shrinking', failed: this.violatedInScope().length };
        this.report_progress(sighting.check);
        const smallest = await this.smallest(runner, sighting.outcome, clause);
        if (!smallest && isDoubtful) {
          known.shift();
          continue;
        }
        if (!smallest) {
          this.unstable.add(clause);
          last = this.counterexample(sighting, sighting.outcome);
          break;
        }
        const other = await this.otherwise(smallest, clause);
        if (!other) {
          await this.lookBefore(smallest, clause);
          last = this.counterexample(sighting, smallest);
          break;
        }
        // The same goes wrong without what the clause is about: it is another clause's violation.
        known.shift();
        this.take(other, sighting.check, sighting.tier);
        queue.push(...other.judgement.violations.map((violation) => violation.clause));
      }
      if (last) found.set(clause, last);
      else this.sightings.delete(clause);
      if (runner?.target.local) await new Promise((resume) => setImmediate(resume));
    }
    return found;
  }

  /** On a device as new where that can be had: what a program begins with must not be what an earlier one left. */
  private async smallest(runner: Runner, seen: Outcome, clause: string): Promise<Outcome | undefined> {
    const fresh = runner.freshly(seen.program);
    return (fresh && (await shrink(runner, { ...seen, program: fresh }, clause))) ?? shrink(runner, seen, clause);
  }

  /** What the program shows without the operations that the clause is about; undefined where it shows nothing else. */
  private async otherwise(outcome: Outcome, clause: string): Promise<Outcome | undefined> {
    const { runner } = this;
    const program = runner ? withoutSuspects(outcome.program, clause, runner.profile) : undefined;
    if (!runner || !program) return undefined;
    const other = await runner.one(runner.isolate(program));
    const { violations } = other.judgement;
    if (violations.length === 0 || violations.some((violation) => violation.clause === clause)) return undefined;
    return other;
  }

  /** Looks at every register after each operation: what is wrong there before explains what goes wrong after it. */
  private async lookBefore(outcome: Outcome, clause: string): Promise<void> {
    const { runner } = this;
    if (!runner || outcome.execution.fault) return;
    const { judgement, execution } = await runner.one(withLooks(outcome.program));
    if (execution.fault) return;
    const shown = shownBefore(judgement.violations, clause).filter((id) => this.sightings.has(id));
    if (shown.length > 0) this.shownBefore.set(clause, shown);
  }

  private counterexample(sighting: Sighting, outcome: Outcome): Counterexample {
    const { clause, check, tier } = sighting;
    const violation = outcome.judgement.violations.find((candidate) => candidate.clause === clause);
    const profile = (this.runner as Runner).profile;
    return {
      check,
      tier,
      expected: violation?.expected ?? '',
      actual: violation?.actual ?? '',
      operations: operationsAfterSetUp(outcome.program),
      trace: traceOf(outcome.program, outcome.steps, outcome.execution, profile, violation?.step),
      program: outcome.program,
      reproduce: this.reproduce(clause),
      ...(this.unstable.has(clause) ? { unstable: true } : {}),
    };
  }

  /** The command that leads to the clause's violation, or to what the whole run came upon. */
  private reproduce(clause?: string): string {
    const { seed, runs, only, exclude, strict, commandLine, replayed } = this.options;
    const named = commandLine ?? ['--target', this.target.specification];
    const scope = clause ? [clause] : (only ?? []);
    const words = replayed
      ? (commandLine ?? ['replay', 'PROGRAM.json', ...named])
      : [
          ...named,
          ...(scope.length > 0 ? ['--only', scope.join(',')] : []),
          ...(exclude?.length ? ['--exclude', exclude.join(',')] : []),
          ...(strict ? ['--strict'] : []),
          ...['--seed', String(seed), '--runs', String(runs)],
        ];
    return ['npx', 'conformance', ...words].map(shellWord).join(' ');
  }

  private finding(error: TargetFault, check: string, outcome: Outcome | undefined, restarted: boolean): TargetFinding {
    const profile = this.runner?.profile;
    return {
      reason: error.reason,
      message: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      check,
      trace: outcome && profile ? traceOf(outcome.program, outcome.steps, outcome.execution, profile, undefined) : [],
      program: outcome?.program ?? programOf([]),
      reproduce: this.reproduce(),
      restarted,
    };
  }

  // --- the report --------------------------------------------------------------------------------------------------

  private report(profile: Profile | undefined, counterexamples: Map<string, Counterexample>): Report {
    const { layout, options, target } = this;
    const { only, exclude } = options;
    const device = layout.data.clauses.filter((clause) => clause.binds === 'device');
    const violated = new Set(this.sightings.keys());
    const impliedBy = new Map<string, string[]>();
    for (const [clause, known] of this.sightings) {
      const behind = known.every((one) => one.behind.length > 0)
        ? (known[0]?.behind ?? []).filter((id) => !layout.refinedBy(clause).has(id))
        : [];
      const specific = [...violated].filter(
        (other) => layout.refinedBy(other).has(clause) && !restsOn(other, layout).includes(clause),
      );
      const leans = restsOn(clause, layout).filter((other) => violated.has(other));
      const shown = this.shownBefore.get(clause) ?? [];
      const causes = [...new Set([...specific, ...leans, ...behind, ...shown])].filter((id) => id !== clause);
      if (causes.length > 0) impliedBy.set(clause, causes);
    }
    breakCircles(
      impliedBy,
      device.map(({ id }) => id).filter((id) => violated.has(id)),
    );
    const judged = device.map((clause): ClauseResult => {
      const scope = inScope(clause.id, only, exclude);
      const result = clauseResult(
        clause,
        {
          exercised: this.exercised,
          violated,
          impliedBy,
          checks: deviceChecks(layout),
          stopped:
            this.stopped ??
            (options.signal?.aborted
              ? 'the run was interrupted'
              : options.bail && violated.size > 0
                ? 'the run stopped at the first violation'
                : undefined),
          leftOut:
            this.leftOut > 0
              ? `programs with ${this.runner?.losses.avoided.join(', ')} were left out: the target failed there each time`
              : undefined,
          refused: this.refused,
        },
        profile,
        target.adapter,
        layout,
        scope,
      );
      const counterexample = counterexamples.get(clause.id);
      return counterexample && (result.verdict === 'fail' || result.verdict === 'warn')
        ? { ...result, counterexample }
        : result;
    });
    const { replayed } = options;
    const clauses = replayed ? onlyExercised(judged) : judged;
    const aborted = options.signal?.aborted === true;
    const partial = aborted || this.runner?.lost !== undefined || (options.bail && violated.size > 0);
    const ending = aborted
      ? String(options.signal?.reason ?? 'interrupted')
      : (this.stopped ?? 'stopped at the first violation');
    const narrowed = only?.length || exclude?.length || options.bail;
    const { name, version } = target.adapter;
    return {
      schema: 'virtio-mmio-msi-conformance/report/1',
      suite: suiteVersion(),
      layout: {
        name: layout.name,
        title: layout.data.title,
        revision: layout.data.revision,
        digest: layout.data.digest,
      },
      target: {
        specification: target.specification,
        name: name ?? target.specification,
        ...(version === undefined ? {} : { version }),
        properties: profile ? describeProfile(profile) : {},
      },
      run: {
        seed: options.seed,
        runs: options.runs,
        strict: options.strict,
        ...(narrowed
          ? {
              narrowed: {
                ...(only?.length ? { only } : {}),
                ...(exclude?.length ? { exclude } : {}),
                ...(options.bail ? { bail: true } : {}),
              },
            }
          : {}),
        ...(replayed ? { replay: replayed } : {}),
        partial,
        ...(partial ? { interrupted: ending } : {}),
        programs: this.runner?.programs ?? 0,
        operations: this.executor.operations,
      },
      ...(replayed
        ? headlineOfReplay(clauses, {
            known: replayed,
            strict: options.strict,
            findings: this.findings.length,
            aborted,
          })
        : headlineOf(clauses, {
            strict: options.strict,
            narrowed: Boolean(narrowed),
            findings: this.findings.length,
            partial,
          })),
      counts: countVerdicts(clauses),
      clauses,
      findings: this.findings,
    };
  }
}

function describeProfile(profile: Profile): Record<string, string> {
  const { capabilities, deviceType, msi, queues, layout } = profile;
  const offered = Object.values(layout.data.features)
    .filter(({ bit }) => (((profile.features[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 1)
    .map(({ name }) => name);
  const events = [
    capabilities.queueEvents === 'ring'
      ? 'queue (by its ring)'
      : capabilities.queueEvents === 'raise'
        ? 'queue (raised)'
        : '',
    capabilities.configEvents ? 'config' : '',
    capabilities.needsResetEvents ? 'needs-reset' : '',
  ].filter(Boolean);
  const captures = [capabilities.messages ? 'messages' : '', capabilities.line ? 'the line' : ''].filter(Boolean);
  return {
    device: `${deviceType?.name ?? 'type'} (DeviceID ${profile.deviceId})`,
    queues: queues.length === 0 ? 'none' : `${queues.length}, of size ${queues.join(', ')}`,
    features: offered.join(', ') || 'none that the layout names',
    vectors: msi ? String(msi.vectors) : `none, ${profile.msiReason ?? 'the layout has none'}`,
    events: events.join(', ') || 'none',
    captures: captures.join(', ') || 'nothing',
  };
}

let suite: { name: string; version: string } | undefined;

function suiteVersion(): { name: string; version: string } {
  if (suite) return suite;
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let up = 0; up < 5; up++, folder = resolve(folder, '..')) {
    try {
      const found = JSON.parse(readFileSync(resolve(folder, 'package.json'), 'utf8')) as {
        name?: string;
        version?: string;
      };
      if (found.name && found.version) {
        suite = { name: found.name, version: found.version };
        return suite;
      }
    } catch {
      // Not in this folder; the next one up has it.
    }
  }
  return { name: 'virtio-mmio-msi-conformance', version: '0.0.0' };
}
