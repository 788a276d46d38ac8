/** Walks through a machine, and what the planners of walks have in common. */
import type { Machine } from './machine.ts';

/** Inputs one after the other, from the state after set-up. */
export interface Walk {
  inputs: number[];
  /** By input: whether every register is looked at after it. */
  looks: boolean[];
  /** What is covered once the input at `at` was answered as expected; for the planner. */
  marks: { at: number; slot: number }[];
}

/** Inputs of one walk, so that a run can be interrupted and what goes wrong is found in little. */
export const WALK_LENGTH = 160;

/** Hands out walks until all that can be covered is; what turns out otherwise on the target is given back. */
export interface Planner {
  /** Undefined when nothing more can be covered. */
  next(): Walk | undefined;
  /** The walk was as expected up to the input at `at`, and no further. */
  failed(walk: Walk, at: number): void;
  readonly covered: number;
  readonly total: number;
}

/** Transitions that are not taken: there the device decides otherwise than the model, or violates a clause. */
export class Avoided {
  private readonly transitions = new Set<number>();

  has(transition: number): boolean {
    return this.transitions.has(transition);
  }

  add(transition: number): void {
    this.transitions.add(transition);
  }

  get size(): number {
    return this.transitions.size;
  }

  values(): Iterable<number> {
    return this.transitions.values();
  }
}

/** Slots that are still to be covered, with the number of them in each group. */
export class Slots {
  private readonly open: Uint8Array;
  private readonly perGroup: Int32Array;
  private readonly groupSize: number;
  readonly total: number;
  covered = 0;

  /** @param isWanted of a slot; a group is `groupSize` slots in a row */
  constructor(groups: number, groupSize: number, isWanted: (group: number, member: number) => boolean) {
    this.groupSize = groupSize;
    this.open = new Uint8Array(groups * groupSize);
    this.perGroup = new Int32Array(groups);
    let total = 0;
    for (let group = 0; group < groups; group++) {
      for (let member = 0; member < groupSize; member++) {
        if (!isWanted(group, member)) continue;
        this.open[group * groupSize + member] = 1;
        this.perGroup[group] = (this.perGroup[group] as number) + 1;
        total++;
      }
    }
    this.total = total;
  }

  slot(group: number, member: number): number {
    return group * this.groupSize + member;
  }

  isOpen(group: number, member: number): boolean {
    return this.open[group * this.groupSize + member] === 1;
  }

  left(group: number): number {
    return this.perGroup[group] as number;
  }

  cover(slot: number): void {
    this.set(slot, 0);
  }

  /** What was taken for covered is not. */
  reopen(slot: number): void {
    this.set(slot, 1);
  }

  private set(slot: number, open: 0 | 1): void {
    if (this.open[slot] === open) return;
    this.open[slot] = open;
    const group = Math.floor(slot / this.groupSize);
    this.perGroup[group] = (this.perGroup[group] as number) + (open === 1 ? 1 : -1);
    this.covered += open === 1 ? -1 : 1;
  }
}

/**
 * The shortest way from a node to one that is wanted, breadth first.
 *
 * @param edges calls back with each input that can be taken and the node that it leads to
 * @returns the inputs, none where `from` is wanted; undefined where no wanted node can be reached
 */
export function shortestWay(
  nodes: number,
  from: number,
  isWanted: (node: number) => boolean,
  edges: (node: number, visit: (input: number, to: number) => void) => void,
): number[] | undefined {
  if (isWanted(from)) return [];
  const parent = new Int32Array(nodes).fill(-1);
  const by = new Int32Array(nodes);
  parent[from] = from;
  const queue = [from];
  for (let head = 0; head < queue.length; head++) {
    const node = queue[head] as number;
    let found = -1;
    edges(node, (input, to) => {
      if (found >= 0 || parent[to] !== -1) return;
      parent[to] = node;
      by[to] = input;
      queue.push(to);
      if (isWanted(to)) found = to;
    });
    if (found < 0) continue;
    const inputs: number[] = [];
    for (let at = found; at !== from; at = parent[at] as number) inputs.unshift(by[at] as number);
    return inputs;
  }
  return undefined;
}

/** A walk in the making. */
export class WalkBuilder {
  readonly walk: Walk = { inputs: [], looks: [], marks: [] };
  /** Where it has come to. */
  state = 0;
  private readonly machine: Machine;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  get length(): number {
    return this.walk.inputs.length;
  }

  take(input: number, look: boolean): void {
    const { walk, machine } = this;
    walk.inputs.push(input);
    walk.looks.push(look);
    this.state = machine.next[machine.transition(this.state, input)] as number;
  }

  /** Covered as soon as the last input was answered as expected. */
  mark(slots: Slots, slot: number): void {
    slots.cover(slot);
    this.walk.marks.push({ at: this.length - 1, slot });
  }
}

/** Takes back what a walk was to cover from the input at `at` on. */
export function reopen(slots: Slots, { marks }: Walk, at: number): void {
  for (const mark of marks) if (mark.at >= at) slots.reopen(mark.slot);
}
