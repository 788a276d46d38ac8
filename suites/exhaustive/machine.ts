/** A scope as a finite state machine: every state that the model reaches, and every transition. */
import { type Decisions, keyOf, type ModelState, react, USUAL } from '../device/model.ts';
import type { Input, Scope } from './scope.ts';

/** No transition: a driver may not do it in this state. */
export const ILLEGAL = -1;

/** States and inputs by index; state 0 is the one after set-up. A transition is `state * inputs.length + input`. */
export class Machine {
  readonly scope: Scope;
  readonly inputs: readonly Input[];
  readonly states: readonly ModelState[];
  /** By transition: the next state, or {@link ILLEGAL}. */
  readonly next: Int32Array;
  /** By transition: the vectors whose message is sent. */
  readonly sent: readonly (readonly number[])[];
  /** How many transitions are legal. */
  readonly transitions: number;

  constructor(scope: Scope, decisions: Decisions = USUAL) {
    this.scope = scope;
    this.inputs = scope.inputs;
    const states: ModelState[] = [scope.initial];
    const index = new Map([[keyOf(scope.initial), 0]]);
    const next: number[] = [];
    const sent: (readonly number[])[] = [];
    let legal = 0;
    for (let at = 0; at < states.length; at++) {
      const state = states[at] as ModelState;
      for (const { action, isLegal } of scope.inputs) {
        if (!isLegal(state)) {
          next.push(ILLEGAL);
          sent.push([]);
          continue;
        }
        legal++;
        const reaction = action === 'reset' ? { state: scope.initial, sent: [] } : react(state, action, decisions);
        const key = keyOf(reaction.state);
        let to = index.get(key);
        if (to === undefined) {
          to = states.length;
          index.set(key, to);
          states.push(reaction.state);
        }
        next.push(to);
        sent.push(reaction.sent);
      }
    }
    this.states = states;
    this.next = Int32Array.from(next);
    this.sent = sent;
    this.transitions = legal;
  }

  transition(state: number, input: number): number {
    return state * this.inputs.length + input;
  }

  stateOf(transition: number): number {
    return Math.floor(transition / this.inputs.length);
  }

  inputOf(transition: number): number {
    return transition % this.inputs.length;
  }

  /** It ends in the state in which it began. */
  isLoop(transition: number): boolean {
    return this.next[transition] === this.stateOf(transition);
  }

  /** Whether the line is high: events were reported there and not acknowledged, and it is not silenced. */
  lineOf(state: number): 0 | 1 {
    const { switches, line } = this.states[state] as ModelState;
    return !switches.enabled && line.size > 0 ? 1 : 0;
  }
}
