/**
 * Walks as accesses. Every input is compiled once, as a program of its own would be, and its steps are strung together:
 * walks are many, and their inputs few.
 */
import type { Input } from '../../../suites/exhaustive/scope.ts';
import { CONTENTS, type Look, type Spelling } from '../../../suites/exhaustive/spell.ts';
import { WALK_LENGTH, type Walk } from '../../../suites/exhaustive/walk.ts';
import { type CompileContext, compile, type Step } from '../../compile.ts';
import { type Operation, type Program, program } from '../../program.ts';

/** Events of one source that a walk may have: it ends with a sequence that is begun before {@link WALK_LENGTH}. */
const MOST_EVENTS = 2 * WALK_LENGTH;

/** Steps of which the target sees nothing; here nobody else looks at them either. */
export const NO_ACCESS: ReadonlySet<Step['kind']> = new Set<Step['kind']>(['begin', 'offered', 'laid-out']);

const COLLECT: Operation[] = [{ op: 'settle' }, { op: 'interrupts' }];

/** Where the answers of a walk are among those of its batch. */
export interface Placed {
  walk: Walk;
  /** First step of the walk, and the one behind its last. */
  from: number;
  to: number;
  /** By input: the step that collects interrupts after it. */
  collects: number[];
  /** By input: the first step of the look after it; -1 where there is none. */
  looks: number[];
}

/** What a look reads, by its position among the steps of the look. */
export type LookAt = Omit<Look, 'operations'> & { at: number };

export class Lowering {
  readonly lookAt: readonly LookAt[];
  private readonly choices: readonly Input[];
  private readonly spelling: Spelling;
  private readonly context: CompileContext;
  private readonly opening: Operation[];
  private readonly begin: Step[];
  private readonly look: Step[];
  /** By input and turn: the n-th event of a source, the n-th message of an entry; one for all others. */
  private readonly inputs: (readonly Step[])[][];

  /**
   * @param choices the inputs of the scope
   * @param begin what a walk begins with, before its set-up: a power cycle or nothing
   */
  constructor(choices: readonly Input[], spelling: Spelling, context: CompileContext, begin: Operation[]) {
    this.choices = choices;
    this.spelling = spelling;
    this.context = context;
    this.opening = [...begin, ...COLLECT, spelling.setUp, ...COLLECT];
    this.begin = this.steps(this.opening, 0);
    const looks = spelling.looks.map(({ operations }) => this.steps([spelling.setUp, ...operations], 1));
    this.look = looks.flat();
    let end = 0;
    this.lookAt = spelling.looks.map(({ kind, mask, expected }, index) => {
      end += looks[index]?.length ?? 0;
      return { at: end - 1, kind, mask, expected };
    });
    this.inputs = choices.map((input) => {
      const { action } = input;
      if (action !== 'reset' && action.kind === 'event') return this.events(spelling.operations(input));
      const turns = action !== 'reset' && action.kind === 'entry' ? CONTENTS : 1;
      return Array.from({ length: turns }, (_, turn) =>
        this.steps([spelling.setUp, ...spelling.operations(input, turn), ...COLLECT], 1),
      );
    });
  }

  /** Appends the steps of a walk. */
  append(walk: Walk, steps: Step[]): Placed {
    const placed: Placed = { walk, from: steps.length, to: 0, collects: [], looks: [] };
    for (const step of this.begin) steps.push(step);
    const turns = new Map<number, number>();
    walk.inputs.forEach((input, at) => {
      const { action } = this.choices[input] ?? {};
      if (action === 'reset') turns.clear();
      const choices = this.inputs[input] ?? [];
      const turn = (turns.get(input) ?? firstTurn(action)) % choices.length;
      turns.set(input, turn + 1);
      for (const step of choices[turn] ?? []) steps.push(step);
      placed.collects.push(steps.length - 1);
      placed.looks.push(walk.looks[at] ? steps.length : -1);
      if (walk.looks[at]) for (const step of this.look) steps.push(step);
    });
    placed.to = steps.length;
    return placed;
  }

  /** The operations of a walk up to the input at `last`. */
  operations(
    { inputs }: Pick<Walk, 'inputs'>,
    last: number,
    after: (at: number) => Operation[] = () => [],
  ): Operation[] {
    const { choices, spelling } = this;
    const turns = new Map<number, number>();
    const operations: Operation[] = [spelling.setUp];
    inputs.slice(0, last + 1).forEach((index, at) => {
      const input = choices[index];
      if (!input) return;
      if (input.action === 'reset') turns.clear();
      const turn = turns.get(index) ?? firstTurn(input.action);
      turns.set(index, turn + 1);
      operations.push(...spelling.operations(input, turn), ...after(at));
    });
    return operations;
  }

  /** The walk as one program, with the very accesses that it has in a batch. */
  program(walk: Walk, last: number): Program {
    const [, ...inputs] = this.operations(walk, last, (at) => this.observe(walk.looks[at] === true));
    return program([...this.opening, ...inputs], { watch: false });
  }

  /** Operations that take every observation that a walk takes after an input. */
  observe(look: boolean): Operation[] {
    return look ? [...COLLECT, ...this.spelling.looks.flatMap(({ operations }) => operations)] : COLLECT;
  }

  /** The accesses of an input, by its index. */
  stepsOf(input: number): readonly Step[] {
    return this.inputs[input]?.[0] ?? [];
  }

  /** The accesses of these operations, from the one at `first` on. */
  private steps(operations: Operation[], first: number): Step[] {
    const steps = compile(program(operations, { watch: false }), this.context);
    return steps.filter(({ operation, kind }) => operation >= first && !NO_ACCESS.has(kind));
  }

  /** The n-th event of a source has a place of its own in the ring. */
  private events(operations: Operation[]): Step[][] {
    const one = [...operations, ...COLLECT];
    const all: Operation[] = [this.spelling.setUp];
    for (let turn = 0; turn < MOST_EVENTS; turn++) all.push(...one);
    const byTurn: Step[][] = Array.from({ length: MOST_EVENTS }, () => []);
    for (const step of this.steps(all, 1)) byTurn[Math.floor((step.operation - 1) / one.length)]?.push(step);
    return byTurn;
  }
}

/** Set-up has written the first message of every entry. */
function firstTurn(action: Input['action'] | undefined): number {
  return action !== undefined && action !== 'reset' && action.kind === 'entry' ? 1 : 0;
}
