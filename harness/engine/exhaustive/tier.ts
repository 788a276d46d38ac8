/**
 * The exhaustive tier: a small scope is gone through completely. Walks are compared with the model as they come; what
 * deviates is given to the oracle as a program, and the oracle alone decides whether the text allows it.
 */
import type { ScopeCoverage } from '../../../reports/report.ts';
import { characterisingSet } from '../../../suites/exhaustive/identify.ts';
import { ILLEGAL, Machine } from '../../../suites/exhaustive/machine.ts';
import { Pairs } from '../../../suites/exhaustive/pairs.ts';
import type { Scope } from '../../../suites/exhaustive/scope.ts';
import { Spelling } from '../../../suites/exhaustive/spell.ts';
import { Transitions } from '../../../suites/exhaustive/transitions.ts';
import { Trees } from '../../../suites/exhaustive/trees.ts';
import { Avoided, type Planner, shortestWay, WALK_LENGTH, type Walk } from '../../../suites/exhaustive/walk.ts';
import type { Step } from '../../compile.ts';
import { MessagePool } from '../../messages.ts';
import { type Program, program } from '../../program.ts';
import type { TargetFault } from '../../target.ts';
import type { Outcome, Runner } from '../runner.ts';
import { Comparison } from './compare.ts';
import { decisionsOf } from './decisions.ts';
import { Lowering, type Placed } from './lower.ts';
import { locating, original } from './original.ts';

/** States that a device may have beyond those of the model: 0, 1 or 2. */
export type ExtraStates = 0 | 1 | 2;

/** Steps that go to the target between two looks at whether to go on. */
const STEPS_AT_ONCE = 20_000;
/** Deviations that turn out to be violations, after which a scope has shown enough. */
const MOST_VIOLATIONS = 12;
/** Deviations that the text allows, each looked at by itself: beyond this the device is not like the model. */
const MOST_CHOICES = 400;
/** Inputs at the end of a walk that are tried alone first, behind the shortest way to where they begin. */
const TAILS = [1, 2, 3];

/** What the tier tells the run that it is a part of. */
export interface Host {
  /** A program showed a violation, or the target failed in it. */
  take(outcome: Outcome, check: string): void;
  /** Whether the run is to end; asked between batches. */
  ended(): boolean;
  /** Walks done, and walks still to do as far as that is known. */
  progress(check: string, done: number, left: number): Promise<void>;
}

export class ExhaustiveScope {
  private readonly runner: Runner;
  private readonly host: Host;
  private readonly scope: Scope;
  private readonly extra: ExtraStates;
  private readonly spelling: Spelling;
  private readonly lowering: Lowering;
  private machine!: Machine;
  private comparison!: Comparison;
  private readonly avoided = new Avoided();
  private violations = 0;
  private choices = 0;
  private walks = 0;
  private stopped: string | undefined;
  /** What is left out because the target failed there before. */
  private left: string | undefined;

  constructor(runner: Runner, scope: Scope, extra: ExtraStates, host: Host) {
    const { profile, context, target } = runner;
    this.runner = runner;
    this.host = host;
    this.scope = scope;
    this.extra = extra;
    this.spelling = new Spelling(profile, scope, new MessagePool(target.adapter.messages));
    const [first] = runner.isolate(program([this.spelling.setUp])).operations;
    this.lowering = new Lowering(scope.inputs, this.spelling, context, first ? [first] : []);
  }

  get check(): string {
    return `exhaustive/${this.scope.id}`;
  }

  /** A program with every input once, for what a narrowed run asks of programs. */
  get sample(): Program {
    const inputs = this.scope.inputs.map((_, input) => input);
    return program(this.lowering.operations({ inputs }, inputs.length - 1));
  }

  async run(): Promise<ScopeCoverage> {
    const decided = await decisionsOf(this.runner, this.scope, this.lowering);
    const machine = new Machine(this.scope, decided.decisions);
    this.machine = machine;
    this.comparison = new Comparison(machine, this.spelling, this.lowering, this.runner.profile.capabilities.line);
    const { avoided } = this;
    this.avoidLosses();
    const transitions = new Transitions(machine, characterisingSet(machine), avoided);
    const deeper = this.deeper();
    await this.all(transitions, deeper?.total ?? 0);
    if (deeper) await this.all(deeper, 0);
    const sequences = deeper && { sequences: { covered: deeper.covered, total: deeper.total } };
    const stopped = this.stopped ?? this.left;
    return {
      scope: this.scope.title,
      states: { covered: transitions.states, total: machine.states.length },
      transitions: { covered: transitions.transitions, total: machine.transitions },
      extraStates: this.extra,
      ...sequences,
      ...(decided.words.length > 0 ? { decisions: decided.words } : {}),
      ...(this.choices > 0 ? { decidedOtherwise: this.choices } : {}),
      ...(this.violations > 0 ? { violations: this.violations } : {}),
      ...(stopped === undefined ? {} : { stopped }),
    };
  }

  /** What the target failed at each time is not tried again. */
  private avoidLosses(): void {
    const { machine, avoided, lowering } = this;
    for (let input = 0; input < machine.inputs.length; input++) {
      const lost = this.runner.losses.among(lowering.stepsOf(input));
      if (lost === undefined) continue;
      this.left ??= `without ${lost}: the target failed there each time`;
      machine.states.forEach((_, state) => {
        avoided.add(machine.transition(state, input));
      });
    }
  }

  private deeper(): Planner | undefined {
    if (this.extra === 0) return undefined;
    return this.extra === 1
      ? new Pairs(this.machine, this.avoided)
      : new Trees(this.machine, this.extra + 1, this.avoided);
  }

  private async all(planner: Planner, later: number): Promise<void> {
    while (!this.stopped) {
      if (this.host.ended()) {
        this.stopped = 'the run ended';
        return;
      }
      const steps: Step[] = [];
      const placed: Placed[] = [];
      while (steps.length < STEPS_AT_ONCE) {
        const walk = planner.next();
        if (!walk) break;
        placed.push(this.lowering.append(walk, steps));
      }
      if (placed.length === 0) return;
      this.walks += placed.length;
      const left = Math.ceil((planner.total - planner.covered + later) / WALK_LENGTH);
      await this.host.progress(this.check, this.walks, left);
      await this.batch(planner, placed, steps);
    }
  }

  private async batch(planner: Planner, placed: readonly Placed[], steps: Step[]): Promise<void> {
    const { life } = this.runner;
    const locate = locating(placed, steps, this.lowering, this.runner.context, this.check);
    const execution = await this.runner.plain(steps, placed.length, locate);
    const { fault, observations } = execution;
    const end = fault ? fault.step : steps.length;
    for (const one of placed) {
      if (one.from >= end) {
        planner.failed(one.walk, 0);
        continue;
      }
      const at = this.comparison.deviation(one, observations, end);
      if (at < 0) continue;
      this.avoided.add(this.transitionAt(one.walk, at));
      planner.failed(one.walk, at);
      const failed = fault !== undefined && one.to > end;
      const asItWas = () => {
        const ran = original(one, at, execution, steps, this.lowering, this.runner.context);
        return ran.execution && this.runner.judged({ ...ran, execution: ran.execution, life });
      };
      await this.explain(one.walk, at, asItWas, failed ? fault.error : undefined);
    }
  }

  private transitionAt(walk: Walk, at: number): number {
    return this.machine.transition(this.stateBefore(walk, at), walk.inputs[at] as number);
  }

  private stateBefore({ inputs }: Walk, at: number): number {
    const { machine } = this;
    return inputs.slice(0, at).reduce((state, input) => machine.next[machine.transition(state, input)] as number, 0);
  }

  /**
   * Whether the text allows it: a violation of some clause, or a choice of the device.
   *
   * @param asItWas what was seen in the first place, which counts where it does not show again
   */
  private async explain(
    walk: Walk,
    at: number,
    asItWas: () => Outcome | undefined,
    failure: TargetFault | undefined,
  ): Promise<void> {
    const isBad = ({ judgement, execution }: Outcome) => judgement.violations.length > 0 || execution.fault;
    let bad: Outcome | undefined;
    const candidates = this.candidates(walk, at);
    for (const candidate of candidates) {
      if (this.runner.lost || bad) break;
      const outcome = await this.runner.one(this.runner.isolate(candidate));
      if (isBad(outcome)) bad = outcome;
    }
    const first = bad ? undefined : asItWas();
    bad ??= first && isBad(first) ? first : undefined;
    if (bad) {
      this.host.take(bad, this.check);
      if (++this.violations >= MOST_VIOLATIONS) this.stopped ??= `${MOST_VIOLATIONS} transitions violate a clause`;
      return;
    }
    if (failure) {
      // A failure that does not show again is told all the same.
      const [last] = candidates.slice(-1);
      if (last) this.host.take(this.runner.failedAtEnd(last, failure), this.check);
      return;
    }
    if (this.runner.lost) return;
    if (++this.choices >= MOST_CHOICES) this.stopped ??= `the device decides otherwise in ${MOST_CHOICES} transitions`;
  }

  /** Short ways to what deviated first, and last the walk with the very accesses that it had. */
  private candidates(walk: Walk, at: number): Program[] {
    const { lowering } = this;
    const tails = TAILS.filter((tail) => tail <= at).map((tail) => {
      const from = at + 1 - tail;
      const way = this.wayTo(this.stateBefore(walk, from)) ?? walk.inputs.slice(0, from);
      return [...way, ...walk.inputs.slice(from, at + 1)];
    });
    const inspected = [...tails, walk.inputs.slice(0, at + 1)].map((inputs) =>
      program([...lowering.operations({ inputs }, inputs.length - 1), { op: 'inspect' }]),
    );
    const exact = lowering.operations(walk, at, (index) => lowering.observe(walk.looks[index] === true));
    return [...inspected, program(exact, { watch: false })];
  }

  private wayTo(wanted: number): number[] | undefined {
    const { machine, avoided } = this;
    return shortestWay(
      machine.states.length,
      0,
      (state) => state === wanted,
      (state, visit) => {
        for (let input = 0; input < machine.inputs.length; input++) {
          const transition = machine.transition(state, input);
          const to = machine.next[transition] as number;
          if (to !== ILLEGAL && !avoided.has(transition)) visit(input, to);
        }
      },
    );
  }
}
