/**
 * What the vectors of a device do, as far as a driver has to know to choose what it does next: one state, and for each
 * action the next state and the messages that it brings. It decides as most devices do where the text leaves a choice;
 * it judges nobody (that is the oracle's, which keeps every state that the text allows).
 *
 * Masks and pending bits are sets of vectors, so that the small scopes of the exhaustive tier and programs over
 * thousands of vectors use the same model. What an entry holds is not in it: an entry that is written anew gets a
 * message never used before, and whoever compares knows which vector holds which.
 */
import type { Switches } from '../../harness/mechanisms/index.ts';
import type { Source } from '../../harness/program.ts';

/** Never changed in place. */
export interface ModelState {
  readonly masked: ReadonlySet<number>;
  readonly pending: ReadonlySet<number>;
  /** Sources that are mapped; others have no vector. */
  readonly mapping: ReadonlyMap<Source, number>;
  readonly switches: Switches;
  /** Kinds of events that InterruptStatus holds; only where events can be switched to the line. */
  readonly line: ReadonlySet<LineBit>;
}

export type LineBit = 'used' | 'config';

export type Action =
  | { kind: 'event'; source: Source }
  /** Mask bits that are written together, 1 masked. */
  | { kind: 'masks'; bits: readonly (readonly [vector: number, bit: 0 | 1])[] }
  /** `to` undefined: no vector. */
  | { kind: 'map'; source: Source; to: number | undefined }
  /** The entry of a masked vector gets another message. */
  | { kind: 'entry'; vector: number }
  | { kind: 'switch'; to: Switches }
  | { kind: 'acknowledge'; bits: ReadonlySet<LineBit> };

/** What the text leaves to the device, or no more than advises against: the model has to know how this one decides. */
export interface Decisions {
  /** How many vectors can be mapped at a time; a mapping beyond that is refused, and the event is mapped to nothing. */
  mappable: number;
  /** The last event that is mapped away from a vector takes its pending bit along. */
  dropsPending: boolean;
}

export const USUAL: Decisions = { mappable: Number.POSITIVE_INFINITY, dropsPending: false };

export interface Reaction {
  readonly state: ModelState;
  /** Vectors whose message is sent, once each, in no order. */
  readonly sent: readonly number[];
}

/** As set-up leaves it: these vectors unmasked, and nothing pending. */
export function initialState(
  vectors: Iterable<number>,
  unmasked: ReadonlySet<number>,
  mapping: ReadonlyMap<Source, number>,
  switches: Switches = { enabled: true, held: false },
): ModelState {
  const masked = new Set([...vectors].filter((vector) => !unmasked.has(vector)));
  return { masked, pending: new Set(), mapping, switches, line: new Set() };
}

/** Whether an event of the vector has to wait. */
export function isHeld(state: ModelState, vector: number): boolean {
  return !state.switches.enabled || state.switches.held || state.masked.has(vector);
}

export function react(state: ModelState, action: Action, decisions: Decisions = USUAL): Reaction {
  switch (action.kind) {
    case 'event':
      return event(state, action.source);
    case 'masks': {
      const masked = new Set(state.masked);
      for (const [vector, bit] of action.bits) {
        if (bit === 1) masked.add(vector);
        else masked.delete(vector);
      }
      return release({ ...state, masked });
    }
    case 'map':
      return { state: map(state, action.source, action.to, decisions), sent: [] };
    case 'entry':
      return { state, sent: [] };
    case 'switch':
      return release({ ...state, switches: action.to });
    case 'acknowledge': {
      const line = new Set([...state.line].filter((bit) => !action.bits.has(bit)));
      return { state: { ...state, line }, sent: [] };
    }
  }
}

function map(state: ModelState, source: Source, to: number | undefined, decisions: Decisions): ModelState {
  const mapping = new Map(state.mapping);
  const before = mapping.get(source);
  mapping.delete(source);
  const used = new Set(mapping.values());
  if (to !== undefined && (used.has(to) || used.size < decisions.mappable)) mapping.set(source, to);
  if (!decisions.dropsPending || before === undefined || used.has(before)) return { ...state, mapping };
  const pending = new Set(state.pending);
  pending.delete(before);
  return { ...state, mapping, pending };
}

function event(state: ModelState, source: Source): Reaction {
  if (!state.switches.enabled) {
    return { state: { ...state, line: new Set(state.line).add(source === 'config' ? 'config' : 'used') }, sent: [] };
  }
  const vector = state.mapping.get(source);
  if (vector === undefined) return { state, sent: [] };
  if (!isHeld(state, vector)) return { state, sent: [vector] };
  return { state: { ...state, pending: new Set(state.pending).add(vector) }, sent: [] };
}

/** What nothing keeps back any more is sent. */
function release(state: ModelState): Reaction {
  const sent = [...state.pending].filter((vector) => !isHeld(state, vector));
  if (sent.length === 0) return { state, sent };
  return { state: { ...state, pending: new Set([...state.pending].filter((vector) => !sent.includes(vector))) }, sent };
}

/** Two states with the same text are one. */
export function keyOf({ masked, pending, mapping, switches, line }: ModelState): string {
  const vectors = (set: ReadonlySet<number>) => [...set].sort((a, b) => a - b).join();
  const maps = [...mapping].map(([source, vector]) => `${source}:${vector}`).sort();
  const flags = `${switches.enabled ? 1 : 0}${switches.held ? 1 : 0}`;
  return `${vectors(masked)}|${vectors(pending)}|${maps.join()}|${flags}|${[...line].sort().join()}`;
}
