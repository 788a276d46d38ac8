/**
 * Sequences that tell the states of a machine apart by what is delivered, and by nothing that registers say: a
 * characterising set as of the W-method. Each sequence is long and there are few of them, since every one costs a way
 * back to the state.
 */
import type { Machine } from './machine.ts';

/** Inputs of one sequence at most, before another one is begun. */
const LONGEST = 16;

/** @returns lists of inputs; states that only a register tells apart, as the function mask while disabled, stay together */
export function characterisingSet(machine: Machine): number[][] {
  const separation = new Separation(machine);
  const count = machine.states.length;
  let open: [number, number][] = [];
  for (let a = 0; a < count; a++) for (let b = a + 1; b < count; b++) if (separation.of(a, b)) open.push([a, b]);
  const sequences: number[][] = [];
  while (open.length > 0) {
    const { sequence, outputs } = buildSequence(machine, separation, open);
    sequences.push(sequence);
    open = open.filter(([a, b]) => outputs[a] === outputs[b]);
  }
  // Where nothing is ever delivered, transitions are taken all the same, once each.
  return sequences.length > 0 ? sequences : [[]];
}

/** Goes on telling pairs apart that are not yet, the nearest first, from wherever the sequence has led them. */
function buildSequence(machine: Machine, separation: Separation, open: readonly [number, number][]) {
  const { next } = machine;
  const now = machine.states.map((_, state) => state);
  const outputs: string[] = machine.states.map(() => '');
  const sequence: number[] = [];
  for (;;) {
    let best: number[] | undefined;
    for (const [a, b] of open) {
      if (outputs[a] !== outputs[b]) continue;
      const found = separation.of(now[a] as number, now[b] as number);
      if (found && (!best || found.length < best.length)) best = found;
      if (best?.length === 1) break;
    }
    if (!best || (sequence.length > 0 && sequence.length + best.length > LONGEST)) return { sequence, outputs };
    for (const input of best) {
      sequence.push(input);
      for (let state = 0; state < now.length; state++) {
        const transition = machine.transition(now[state] as number, input);
        outputs[state] += `${outputOf(machine, transition)};`;
        now[state] = next[transition] as number;
      }
    }
  }
}

/** What is delivered by a transition: the messages, and where the line is then. */
function outputOf(machine: Machine, transition: number): string {
  const sent = machine.sent[transition] ?? [];
  return `${sent.length > 1 ? [...sent].sort().join() : (sent[0] ?? '')}/${machine.lineOf(machine.next[transition] as number)}`;
}

/** For each pair of states, a shortest sequence that makes them deliver different things. */
class Separation {
  private readonly machine: Machine;
  private readonly inputs: number[];
  /** By pair: the first input of the sequence and 1, 0 where none is known. */
  private readonly first: Uint8Array;

  constructor(machine: Machine) {
    this.machine = machine;
    const { states, inputs } = machine;
    // Only what is legal in every state, so that a sequence can be tried whatever state the device is in.
    this.inputs = inputs.flatMap((input, at) =>
      input.action !== 'reset' && states.every((state) => input.isLegal(state)) ? [at] : [],
    );
    this.first = new Uint8Array(states.length ** 2);
    this.fill();
  }

  private fill(): void {
    const { machine, first, inputs } = this;
    const count = machine.states.length;
    const outputs = new Map<string, number>();
    const output = machine.sent.map((_, transition) => {
      if ((machine.next[transition] as number) < 0) return -1;
      const text = outputOf(machine, transition);
      if (!outputs.has(text)) outputs.set(text, outputs.size);
      return outputs.get(text) as number;
    });
    for (let round = 0, found = true; found; round++) {
      found = false;
      // What this round finds must not be built on in the same round: the sequences would not be shortest.
      const added: [number, number][] = [];
      for (let a = 0; a < count; a++) {
        for (let b = a + 1; b < count; b++) {
          if (first[a * count + b] !== 0) continue;
          for (const input of inputs) {
            const [ta, tb] = [machine.transition(a, input), machine.transition(b, input)];
            const [na, nb] = [machine.next[ta] as number, machine.next[tb] as number];
            const apart = round === 0 ? output[ta] !== output[tb] : na !== nb && first[na * count + nb] !== 0;
            if (!apart) continue;
            added.push([a * count + b, input + 1], [b * count + a, input + 1]);
            break;
          }
        }
      }
      for (const [pair, input] of added) first[pair] = input;
      found = added.length > 0;
    }
  }

  of(a: number, b: number): number[] | undefined {
    const { machine, first } = this;
    const count = machine.states.length;
    const sequence: number[] = [];
    for (let [x, y] = [a, b]; x !== y && first[x * count + y] !== 0; ) {
      const input = (first[x * count + y] as number) - 1;
      sequence.push(input);
      const [tx, ty] = [machine.transition(x, input), machine.transition(y, input)];
      if (outputOf(machine, tx) !== outputOf(machine, ty)) return sequence;
      [x, y] = [machine.next[tx] as number, machine.next[ty] as number];
    }
    return undefined;
  }
}
