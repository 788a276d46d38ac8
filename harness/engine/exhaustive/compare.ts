/** What a walk must show, by the model, against what the target showed. */
import type { ModelState } from '../../../suites/device/model.ts';
import type { Machine } from '../../../suites/exhaustive/machine.ts';
import type { Spelling } from '../../../suites/exhaustive/spell.ts';
import type { Observation } from '../../execute.ts';
import type { Interrupt } from '../../target.ts';
import type { Lowering, Placed } from './lower.ts';

interface Content {
  address: bigint;
  data: number;
}

export class Comparison {
  private readonly machine: Machine;
  private readonly lowering: Lowering;
  private readonly contents: ReadonlyMap<number, readonly Content[]>;
  /** By state: what a look reads, in its order. */
  private readonly looks: readonly (readonly number[])[];
  private readonly seesLine: boolean;

  /** @param seesLine whether the target shows the line */
  constructor(machine: Machine, spelling: Spelling, lowering: Lowering, seesLine: boolean) {
    this.machine = machine;
    this.seesLine = seesLine;
    this.lowering = lowering;
    this.contents = new Map(
      [...spelling.contents].map(([vector, messages]) => [
        vector,
        messages.map(({ addressLow, addressHigh, data }) => {
          return { address: (BigInt(addressHigh) << 32n) | BigInt(addressLow), data };
        }),
      ]),
    );
    this.looks = machine.states.map((state: ModelState) => lowering.lookAt.map(({ expected }) => expected(state)));
  }

  /**
   * The first input after which the target showed something else than the model; -1 where it showed the same.
   *
   * @param end steps that were answered
   */
  deviation({ walk, collects, looks }: Placed, observations: readonly Observation[], end: number): number {
    const { machine } = this;
    const turns = new Map<number, number>();
    let state = 0;
    let level: 0 | 1 = 0;
    for (let at = 0; at < walk.inputs.length; at++) {
      const collect = collects[at] as number;
      const look = looks[at] as number;
      if ((look < 0 ? collect : look + this.lookLength - 1) >= end) return at;
      const transition = machine.transition(state, walk.inputs[at] as number);
      state = machine.next[transition] as number;
      const { action } = machine.inputs[walk.inputs[at] as number] ?? {};
      if (action === 'reset') turns.clear();
      else if (action?.kind === 'entry') turns.set(action.vector, (turns.get(action.vector) ?? 0) + 1);
      const interrupts = (observations[collect] ?? []) as Interrupt[];
      if (interrupts.length > 0 || (machine.sent[transition] ?? []).length > 0) {
        if (!this.delivers(interrupts, machine.sent[transition] ?? [], turns)) return at;
      }
      const line = machine.lineOf(state);
      if (this.seesLine && (interrupts.length > 0 || line !== level)) {
        if (!follows(interrupts, level, line)) return at;
        level = line;
      }
      if (look >= 0 && !this.reads(observations, look, state)) return at;
    }
    return -1;
  }

  private get lookLength(): number {
    return (this.lowering.lookAt.at(-1)?.at ?? 0) + 1;
  }

  /** The messages of these vectors, once each, in any order. */
  private delivers(
    interrupts: readonly Interrupt[],
    sent: readonly number[],
    turns: ReadonlyMap<number, number>,
  ): boolean {
    const left = [...sent];
    for (const interrupt of interrupts) {
      if (interrupt.kind === 'line') continue;
      const owner = left.findIndex((vector) => {
        const content = this.contents.get(vector)?.[(turns.get(vector) ?? 0) % this.contentCount(vector)];
        return content?.data === interrupt.data && content.address === BigInt(interrupt.address);
      });
      if (owner < 0) return false;
      left.splice(owner, 1);
    }
    return left.length === 0;
  }

  private contentCount(vector: number): number {
    return this.contents.get(vector)?.length ?? 1;
  }

  private reads(observations: readonly Observation[], from: number, state: number): boolean {
    const expected = this.looks[state] ?? [];
    return this.lowering.lookAt.every(
      ({ at, mask }, index) => (((observations[from + at] as number) ^ (expected[index] as number)) & mask) === 0,
    );
  }
}

/** The line goes from one level to the other, and does nothing else in between. */
function follows(interrupts: readonly Interrupt[], before: 0 | 1, after: 0 | 1): boolean {
  let level = before;
  for (const interrupt of interrupts) {
    if (interrupt.kind !== 'line') continue;
    if (interrupt.level !== after) return false;
    level = interrupt.level;
  }
  return level === after;
}
