/**
 * Every transition, once with each sequence of the characterising set behind it: whether the state reached is the right
 * one is seen by what the registers say, and by what the device does from there.
 */
import { ILLEGAL, type Machine } from './machine.ts';
import { type Avoided, type Planner, reopen, Slots, shortestWay, WALK_LENGTH, type Walk, WalkBuilder } from './walk.ts';

export class Transitions implements Planner {
  private readonly machine: Machine;
  private readonly sequences: readonly (readonly number[])[];
  private readonly avoided: Avoided;
  /** Groups are transitions, members the sequences. */
  private readonly slots: Slots;

  constructor(machine: Machine, sequences: readonly (readonly number[])[], avoided: Avoided) {
    this.machine = machine;
    this.sequences = sequences;
    this.avoided = avoided;
    this.slots = new Slots(machine.next.length, sequences.length, (group) => machine.next[group] !== ILLEGAL);
  }

  get covered(): number {
    return this.slots.covered;
  }

  get total(): number {
    return this.slots.total;
  }

  /** Transitions behind which every sequence was as expected. */
  get transitions(): number {
    const { machine, slots } = this;
    let count = 0;
    for (let t = 0; t < machine.next.length; t++) if (machine.next[t] !== ILLEGAL && slots.left(t) === 0) count++;
    return count;
  }

  /** States that were reached and identified: the one after set-up, and where these transitions end. */
  get states(): number {
    const { machine, slots } = this;
    const reached = new Set([0]);
    machine.next.forEach((to, t) => {
      if (to !== ILLEGAL && slots.left(t) < this.sequences.length) reached.add(to);
    });
    return reached.size;
  }

  next(): Walk | undefined {
    const builder = new WalkBuilder(this.machine);
    while (builder.length < WALK_LENGTH && this.goOn(builder));
    return builder.length > 0 ? builder.walk : undefined;
  }

  failed(walk: Walk, at: number): void {
    reopen(this.slots, walk, at);
  }

  private goOn(builder: WalkBuilder): boolean {
    const { machine, avoided } = this;
    const way = shortestWay(
      machine.states.length,
      builder.state,
      (state) => this.best(state) !== undefined,
      (state, visit) => {
        for (let input = 0; input < machine.inputs.length; input++) {
          const transition = machine.transition(state, input);
          const to = machine.next[transition] as number;
          if (to !== ILLEGAL && !avoided.has(transition)) visit(input, to);
        }
      },
    );
    if (!way) return false;
    for (const input of way) builder.take(input, false);
    const [transition, sequence] = this.best(builder.state) as [number, number];
    builder.take(machine.inputOf(transition), true);
    for (const input of this.sequences[sequence] ?? []) builder.take(input, false);
    builder.mark(this.slots, this.slots.slot(transition, sequence));
    return true;
  }

  /** A transition of the state and a sequence that is still to follow it. */
  private best(state: number): [number, number] | undefined {
    const { machine, slots, sequences, avoided } = this;
    for (let input = 0; input < machine.inputs.length; input++) {
      const transition = machine.transition(state, input);
      if (slots.left(transition) === 0 || avoided.has(transition)) continue;
      for (let sequence = 0; sequence < sequences.length; sequence++) {
        if (slots.isOpen(transition, sequence) && this.isOpenWay(machine.next[transition] as number, sequence)) {
          return [transition, sequence];
        }
      }
    }
    return undefined;
  }

  private isOpenWay(from: number, sequence: number): boolean {
    const { machine, avoided } = this;
    if (avoided.size === 0) return true;
    let state = from;
    for (const input of this.sequences[sequence] ?? []) {
      const transition = machine.transition(state, input);
      if (avoided.has(transition)) return false;
      state = machine.next[transition] as number;
    }
    return true;
  }
}
