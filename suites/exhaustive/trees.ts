/**
 * From every state, every sequence of `depth` inputs, each on a device that was reset before, with a look at every
 * register after each of them: complete for devices with `depth - 1` states more than the machine (the W-method, with
 * the look as what tells states apart).
 */
import { ILLEGAL, type Machine } from './machine.ts';
import { type Avoided, type Planner, reopen, Slots, shortestWay, WALK_LENGTH, type Walk, WalkBuilder } from './walk.ts';

export class Trees implements Planner {
  private readonly machine: Machine;
  private readonly avoided: Avoided;
  private readonly depth: number;
  /** Groups are states, members the sequences as numbers in base `inputs.length`. */
  private readonly slots: Slots;
  private readonly ways: (number[] | undefined)[];
  private readonly reset: number;
  private state = 0;
  private sequence = 0;

  constructor(machine: Machine, depth: number, avoided: Avoided) {
    this.machine = machine;
    this.depth = depth;
    this.avoided = avoided;
    this.reset = machine.inputs.findIndex(({ action }) => action === 'reset');
    const size = machine.inputs.length ** depth;
    this.slots = new Slots(machine.states.length, size, (state, sequence) => this.isLegal(state, sequence));
    this.ways = machine.states.map((_, state) => this.wayTo(state));
  }

  get covered(): number {
    return this.slots.covered;
  }

  get total(): number {
    return this.slots.total;
  }

  next(): Walk | undefined {
    const builder = new WalkBuilder(this.machine);
    while (builder.length < WALK_LENGTH) {
      const one = this.advance();
      if (!one) break;
      const { state, sequence } = one;
      if (builder.length > 0) builder.take(this.reset, false);
      for (const input of this.ways[state] ?? []) builder.take(input, false);
      for (const input of this.inputsOf(sequence)) builder.take(input, true);
      builder.mark(this.slots, this.slots.slot(state, sequence));
    }
    return builder.length > 0 ? builder.walk : undefined;
  }

  failed(walk: Walk, at: number): void {
    reopen(this.slots, walk, at);
    // What came after it in the walk was never tried.
    const first = walk.marks.find((mark) => mark.at >= at);
    if (!first) return;
    const size = this.machine.inputs.length ** this.depth;
    const [state, sequence] = [Math.floor(first.slot / size), first.slot % size];
    if (state < this.state || (state === this.state && sequence < this.sequence))
      [this.state, this.sequence] = [state, sequence];
  }

  /** The next sequence that is open and meets nothing that is avoided. */
  private advance(): { state: number; sequence: number } | undefined {
    const { machine, slots } = this;
    const size = machine.inputs.length ** this.depth;
    for (; this.state < machine.states.length; this.state++, this.sequence = 0) {
      for (; slots.left(this.state) > 0 && this.sequence < size; this.sequence++) {
        if (!slots.isOpen(this.state, this.sequence) || !this.isFree(this.state, this.sequence)) continue;
        return { state: this.state, sequence: this.sequence++ };
      }
    }
    return undefined;
  }

  private inputsOf(sequence: number): number[] {
    const { length } = this.machine.inputs;
    const inputs: number[] = [];
    for (let rest = sequence, at = 0; at < this.depth; at++, rest = Math.floor(rest / length))
      inputs.push(rest % length);
    return inputs;
  }

  private follow(state: number, inputs: readonly number[], visit: (transition: number) => boolean): boolean {
    let now = state;
    for (const input of inputs) {
      const transition = this.machine.transition(now, input);
      if (!visit(transition)) return false;
      now = this.machine.next[transition] as number;
    }
    return true;
  }

  private isLegal(state: number, sequence: number): boolean {
    return this.follow(state, this.inputsOf(sequence), (transition) => this.machine.next[transition] !== ILLEGAL);
  }

  private isFree(state: number, sequence: number): boolean {
    const { avoided } = this;
    if (avoided.size === 0) return true;
    const inputs = [...(this.ways[state] ?? []), ...this.inputsOf(sequence)];
    return this.ways[state] !== undefined && this.follow(0, inputs, (transition) => !avoided.has(transition));
  }

  private wayTo(wanted: number): number[] | undefined {
    const { machine } = this;
    return shortestWay(
      machine.states.length,
      0,
      (state) => state === wanted,
      (state, visit) => {
        for (let input = 0; input < machine.inputs.length; input++) {
          const to = machine.next[machine.transition(state, input)] as number;
          if (to !== ILLEGAL && input !== this.reset) visit(input, to);
        }
      },
    );
  }
}
