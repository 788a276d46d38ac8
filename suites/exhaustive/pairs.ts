/**
 * Every two transitions in a row, with a look at every register after each: complete for devices with one state more
 * than the machine, without a reset in between.
 *
 * Why: looks tell the states of the machine apart, so each state of the device counts as one of the machine's, and only
 * one of these can be two of the device's. The second of the two, where it can be reached, is entered from a state that
 * is one alone, and then the pairs try every input in it; or it is entered by a loop at the first of the two, and then
 * that loop has to be tried in the first one. So a pair that begins with a loop counts only where the state was
 * entered, just before, by no loop.
 */
import { ILLEGAL, type Machine } from './machine.ts';
import { type Avoided, type Planner, reopen, Slots, WALK_LENGTH, type Walk, WalkBuilder } from './walk.ts';

/** No transition was taken yet. */
const BEGIN = -1;

/**
 * A position is the last transition, times two, plus 1 where a pair that begins with it counts.
 */
type Position = number;

export class Pairs implements Planner {
  private readonly machine: Machine;
  private readonly avoided: Avoided;
  /** Groups are transitions, members the inputs that follow. */
  private readonly slots: Slots;
  /** By transition: 1 for a loop. */
  private readonly loops: Uint8Array;
  // Of the search for the nearest open pair, kept from one to the next: when a position was met, from where, by what.
  private readonly met: Int32Array;
  private readonly from: Int32Array;
  private readonly by: Int32Array;
  private searches = 0;

  constructor(machine: Machine, avoided: Avoided) {
    this.machine = machine;
    this.avoided = avoided;
    const { next, inputs } = machine;
    this.slots = new Slots(next.length, inputs.length, (transition, input) => {
      const state = next[transition] as number;
      return state !== ILLEGAL && next[machine.transition(state, input)] !== ILLEGAL;
    });
    this.loops = Uint8Array.from(next, (_, transition) => (machine.isLoop(transition) ? 1 : 0));
    this.met = new Int32Array(2 * next.length);
    this.from = new Int32Array(2 * next.length);
    this.by = new Int32Array(2 * next.length);
  }

  get covered(): number {
    return this.slots.covered;
  }

  get total(): number {
    return this.slots.total;
  }

  next(): Walk | undefined {
    const builder = new WalkBuilder(this.machine);
    let position: Position = BEGIN;
    while (builder.length < WALK_LENGTH) {
      const input = this.openInput(position);
      if (input >= 0) {
        const begun = position >> 1;
        position = this.take(builder, input, position);
        builder.mark(this.slots, this.slots.slot(begun, input));
        continue;
      }
      const way = this.way(builder.state, position);
      if (!way) break;
      for (const step of way) position = this.take(builder, step, position);
    }
    // What leads to no pair any more covers nothing.
    const last = builder.walk.marks.at(-1);
    if (!last) return undefined;
    builder.walk.inputs.length = last.at + 1;
    builder.walk.looks.length = last.at + 1;
    return builder.walk;
  }

  failed(walk: Walk, at: number): void {
    reopen(this.slots, walk, at);
  }

  private take(builder: WalkBuilder, input: number, before: Position): Position {
    const position = this.after(before, this.machine.transition(builder.state, input));
    builder.take(input, true);
    return position;
  }

  /** After set-up, and after a transition from another state, a loop is tried in the state that was entered. */
  private after(before: Position, transition: number): Position {
    const counts = this.loops[transition] === 0 || before === BEGIN || this.loops[before >> 1] === 0;
    return 2 * transition + (counts ? 1 : 0);
  }

  /** Of the inputs that make an open pair, the one with the most open pairs behind it; -1 where there is none. */
  private openInput(position: Position): number {
    if (!this.hasOpen(position)) return -1;
    const { machine, slots, avoided } = this;
    const transition = position >> 1;
    const state = machine.next[transition] as number;
    let best = -1;
    let most = -1;
    for (let input = 0; input < machine.inputs.length; input++) {
      const following = machine.transition(state, input);
      if (!slots.isOpen(transition, input) || avoided.has(following)) continue;
      const after = this.after(position, following);
      const left = (after & 1) === 1 ? slots.left(following) : 0;
      if (left > most) [best, most] = [input, left];
    }
    return best;
  }

  /** Whether some pair that begins here is open; it may still be one that is avoided. */
  private hasOpen(position: Position): boolean {
    return position !== BEGIN && (position & 1) === 1 && this.slots.left(position >> 1) > 0;
  }

  /** The shortest way to a position that begins an open pair, breadth first. */
  private way(state: number, start: Position): number[] | undefined {
    const { machine, avoided, met, from, by } = this;
    const { next, inputs } = machine;
    const search = ++this.searches;
    const isFree = avoided.size === 0;
    const queue: Position[] = [start];
    if (start !== BEGIN) met[start] = search;
    for (let head = 0; head < queue.length; head++) {
      const position = queue[head] as Position;
      const at = position === BEGIN ? state : (next[position >> 1] as number);
      for (let input = 0; input < inputs.length; input++) {
        const transition = machine.transition(at, input);
        if (next[transition] === ILLEGAL || (!isFree && avoided.has(transition))) continue;
        const to = this.after(position, transition);
        if (met[to] === search) continue;
        met[to] = search;
        from[to] = position;
        by[to] = input;
        if (this.hasOpen(to) && (isFree || this.openInput(to) >= 0)) return this.inputsTo(to, start);
        queue.push(to);
      }
    }
    return undefined;
  }

  private inputsTo(end: Position, start: Position): number[] {
    const inputs: number[] = [];
    for (let at = end; at !== start; at = this.from[at] as number) inputs.push(this.by[at] as number);
    return inputs.reverse();
  }
}
