/** A conformance run: probe, derived checks, generated programs, counterexamples, report. */
import type { Counterexample, Report, ScopeCoverage, Tier } from '../../reports/report.ts';
import type { Layout } from '../../spec/layout.ts';
import { type Check, type CheckContext, MessagePool, NEED_TEXT, unmet } from '../../suites/check.ts';
import { deviceChecks } from '../../suites/device/index.ts';
import { Executor, operationsBefore } from '../execute.ts';
import type { Profile } from '../profile.ts';
import { type Program, ProgramError, parseProgram } from '../program.ts';
import { type Target, TargetFault } from '../target.ts';
import type { CheckInfo, ExtraStates, Progress, ReplayOptions, RunOptions } from './api.ts';
import { RunConfigurationError } from './api.ts';
import { Counterexamples } from './counterexamples.ts';
import { type Once, runTwice } from './determinism/twice.ts';
import { Failures, MOST_FINDINGS, MOST_HANGS } from './failures.ts';
import { inStepSteps } from './in-step.ts';
import type { SessionOptions } from './options.ts';
import { probe } from './probe.ts';
import { hashText, numbers, shuffled } from './random.ts';
import { reportOf } from './report.ts';
import { type Outcome, Runner } from './runner.ts';
import { checkScope } from './scope.ts';
import { Selection } from './selection.ts';
import { Sightings } from './sightings.ts';
import { inScope } from './verdicts.ts';

/** Programs between two looks at progress, abort and bail. */
const PROGRAMS_AT_ONCE = 40;
/** Programs of one kind that are generated at once. */
const PORTION = 100;
/** @throws RunConfigurationError for options that cannot be; never for what the target does */
export async function run(options: RunOptions): Promise<Report> {
  checkLayout(options.target, options.layout);
  checkScope(options.layout, options);
  const once: Once = (recording) =>
    new Session(options.target, options.layout, { ...options, ...recording }).run(options);
  return options.verifyDeterminism ? runTwice(options, once) : once({});
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
  const asked: SessionOptions = {
    ...options,
    seed: 0,
    runs: 0,
    bail: false,
    replayed: {
      ...(options.clause !== undefined && { clause: options.clause }),
      ...(options.finding !== undefined && { finding: options.finding }),
    },
  };
  const once: Once = (recording) =>
    new Session(options.target, options.layout, { ...asked, ...recording }).replay(program);
  return options.verifyDeterminism ? runTwice({ ...asked, target: options.target }, once) : once({});
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
    {
      id: 'exhaustive',
      title: 'every state and transition of a small scope',
      tier: 'exhaustive',
      clauses: all.filter((id) => layout.clause(id).holds === 'live' || layout.clause(id).holds === 'negotiated'),
      needs: [NEED_TEXT.msi, NEED_TEXT.events, NEED_TEXT.messages],
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

class Session {
  private readonly target: Target;
  private readonly layout: Layout;
  private readonly options: SessionOptions;
  private readonly executor: Executor;
  private readonly exercised = new Map<string, number>();
  private readonly sightings = new Sightings();
  private readonly failures: Failures;
  /** Operations that the target was sent for what was taken so far. */
  private taken = 0;
  /** Programs that were not run because of an operation at which the target always fails. */
  private leftOut = 0;
  private readonly coverage: ScopeCoverage[] = [];
  private runner: Runner | undefined;
  private stopped: string | undefined;
  private refused: string | undefined;
  private progress: Progress = { tier: 'derived', check: '', done: 0, total: 0, failed: 0 };

  constructor(target: Target, layout: Layout, options: SessionOptions) {
    this.target = target;
    this.layout = layout;
    this.options = options;
    this.failures = new Failures(target, options);
    this.executor = new Executor(target, options.timeout === undefined ? {} : { timeout: options.timeout });
  }

  async run(options: RunOptions): Promise<Report> {
    const profile = await this.probe();
    if (profile) {
      await this.derived(profile);
      if (options.runs > 0) await this.generated(profile, options.runs);
      if (options.exhaustive !== 'off') await this.exhaustive(profile, options.exhaustive);
    }
    if (this.runner) await this.failures.smallest(this.runner);
    const counterexamples = (await this.counterexamples(this.runner)?.all()) ?? new Map();
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
    const shown = this.counterexamples(this.runner);
    const counterexamples = new Map<string, Counterexample>();
    for (const clause of this.sightings.clauses) {
      const [sighting] = this.sightings.of(clause);
      if (shown && sighting) counterexamples.set(clause, shown.of(sighting, sighting.outcome));
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
      this.options.recording?.probed(profile);
      this.runner = new Runner(this.target, profile, this.executor, this.options.recording);
      const bad = (name: string, value: number) => value !== this.layout.register(name).value;
      if (bad('MagicValue', magic) && bad('Version', version)) {
        this.stopped = 'neither MagicValue nor Version reads as it must: this is no virtio-mmio device';
      } else if (profile.deviceId === this.layout.constant('NO_DEVICE')) {
        this.stopped = 'DeviceID reads 0: a placeholder with no device behind it';
      }
      return profile;
    } catch (error) {
      if (!(error instanceof TargetFault)) throw error;
      this.options.recording?.probed(error);
      this.stopped = 'the target failed while it was being examined';
      this.failures.addProbe(error);
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
    const [{ programs }, { PROFILES }] = await Promise.all([
      import('../../suites/generated/arbitrary.ts'),
      import('../../suites/generated/profiles.ts'),
    ]);
    const selection = new Selection(this.options, profile);
    const usable = PROFILES.filter(
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

  private async exhaustive(profile: Profile, extra: ExtraStates | undefined): Promise<void> {
    const { runner } = this;
    if (!runner || this.ended()) return;
    const [{ scopesOf }, { ExhaustiveScope }] = await Promise.all([
      import('../../suites/exhaustive/scope.ts'),
      import('./exhaustive/tier.ts'),
    ]);
    const selection = new Selection(this.options, profile);
    const before = this.progress.done;
    let walks = 0;
    for (const [index, scope] of scopesOf(profile).entries()) {
      if (this.ended()) return;
      // Another process answers slowly: there, only the smallest scope is gone through for more than its transitions.
      const states = extra ?? (this.target.local || index === 0 ? 1 : 0);
      const tier = new ExhaustiveScope(runner, scope, states, {
        take: (outcome, check) => this.takeLast(outcome, check, 'exhaustive'),
        ended: () => this.ended(),
        progress: async (check, done, left) => {
          const failed = this.violatedInScope().length;
          const total = before + walks + done + left;
          this.progress = { tier: 'exhaustive', check, done: before + walks + done, total, failed };
          this.tellProgress(check);
          if (runner.target.local) await new Promise((resume) => setImmediate(resume));
        },
      });
      if (!selection.hasProgram(tier.sample)) continue;
      this.coverage.push(await tier.run());
      walks = this.progress.done - before;
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
    if (this.options.signal?.aborted || this.runner?.lost || this.failures.tooMany) return true;
    if ((this.runner?.hangs ?? 0) >= MOST_HANGS) return true;
    return this.stopped !== undefined || (this.options.bail && this.violatedInScope().length > 0);
  }

  private async all(planned: { id: string; program: Program }[], tier: Tier): Promise<void> {
    const { runner } = this;
    if (!runner) return;
    const identified = this.stopped;
    for (let from = 0; from < planned.length; from += PROGRAMS_AT_ONCE) {
      if (!identified && this.ended()) break;
      const group = planned.slice(from, from + PROGRAMS_AT_ONCE);
      this.tellProgress(group[0]?.id ?? '');
      let done = 0;
      const ids = new Map(group.map(({ id, program }) => [runner.isolate(program), id]));
      this.taken = this.executor.operations;
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
    else if (this.failures.tooMany) this.stopped ??= `the target failed ${MOST_FINDINGS} times`;
    else if (runner.hangs >= MOST_HANGS) this.stopped ??= `the target gave no answer in time ${MOST_HANGS} times`;
    this.tellProgress('');
  }

  private tellProgress(check: string): void {
    this.progress = { ...this.progress, check: check || this.progress.check };
    this.options.onProgress?.(this.progress);
  }

  private violatedInScope(): string[] {
    const { only, exclude } = this.options;
    const isCertain = (id: string) => this.sightings.of(id).some(({ outcome }) => !this.runner?.doubts(outcome));
    return this.sightings.clauses.filter(
      (id) => inScope(id, only, exclude) && this.layout.clause(id).level === 'MUST' && isCertain(id),
    );
  }

  private take(outcome: Outcome, check: string, tier: Tier): void {
    const { judgement, execution } = outcome;
    this.options.recording?.named(outcome, check, tier);
    const { onSighting } = this.options;
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
      if (!this.sightings.has(clause)) {
        onSighting?.({ clause, check, tier, operations: this.taken + operationsBefore(violation.step + 1, outcome) });
      }
      this.sightings.add({ clause, check, tier, outcome, aims, behind });
    }
    if (onSighting) this.taken += operationsBefore(outcome.steps.length, outcome);
    const { fault } = execution;
    if (!fault) return;
    const isVerdict = judgement.violations.some((v) => v.step === fault.step && v.clause.startsWith('ROB-'));
    if (isVerdict) return;
    this.failures.add(fault.error, check, outcome, this.runner);
  }

  /** Takes what ran last, after others that were not taken. */
  private takeLast(outcome: Outcome, check: string, tier: Tier): void {
    this.taken = this.executor.operations - operationsBefore(outcome.steps.length, outcome);
    this.take(outcome, check, tier);
  }

  private counterexamples(runner: Runner | undefined): Counterexamples | undefined {
    if (!runner) return undefined;
    return new Counterexamples(runner, this.sightings, this.options, {
      shrinking: (check) => {
        this.progress = { ...this.progress, tier: 'shrinking', failed: this.violatedInScope().length };
        this.tellProgress(check);
      },
      take: (outcome, check, tier) => this.takeLast(outcome, check, tier),
    });
  }

  private report(profile: Profile | undefined, counterexamples: Map<string, Counterexample>): Report {
    const { target, layout, options, runner, exercised, sightings, stopped, leftOut, refused } = this;
    const { findings } = this.failures;
    const { operations } = this.executor;
    return reportOf({
      ...{ target, layout, options, profile, runner, exercised, sightings, counterexamples },
      ...{ findings, stopped, leftOut, refused, operations, coverage: this.coverage },
    });
  }
}
