/** The small scopes that are gone through completely: which vectors and events they have, and what a driver does. */
import { mechanismOf, type Switches } from '../../harness/mechanisms/index.ts';
import { eventQueues, type Profile } from '../../harness/profile.ts';
import type { Source } from '../../harness/program.ts';
import { type Action, initialState, isHeld, type LineBit, type ModelState } from '../device/model.ts';

/** One thing that a driver or the device's back end does. */
export interface Input {
  name: string;
  /** A reset is one that set-up follows. */
  action: Action | 'reset';
  /** Whether a driver may do it in this state. */
  isLegal(state: ModelState): boolean;
}

export interface Scope {
  /** Short, for the id of a check: `2v1q`. */
  id: string;
  /** For a reader: `2 vectors, queue 0 and configuration`. */
  title: string;
  vectors: readonly number[];
  sources: readonly Source[];
  inputs: readonly Input[];
  /** After set-up: every vector masked. */
  initial: ModelState;
}

const always = () => true;
const ON: Switches = { enabled: true, held: false };

/** What a scope lets the driver change beside masks and entries. */
interface Freedom {
  /** As far as the device has them. Two are enough for one to disturb another. */
  vectors: 1 | 2;
  mapping: 'any' | 'separate' | 'shared';
  switches: 'none' | 'function mask' | 'all';
}

/** The scopes of a device, small ones first; none where it has no MSI or no event can be made. */
export function scopesOf(profile: Profile): Scope[] {
  const mechanism = mechanismOf(profile);
  const { capabilities, msi } = profile;
  if (!mechanism || !msi || !capabilities.messages) return [];
  const queues = eventQueues(profile);
  const configuration: Source[] = capabilities.configEvents ? ['config'] : [];
  const one: Source[] = [...queues.slice(0, 1), ...configuration];
  const two: Source[] = queues.slice(0, 2);
  if (one.length === 0) return [];
  const scopes = [scope(profile, one, { vectors: 2, mapping: 'any', switches: 'none' })];
  if (queues.length > 1) scopes.push(scope(profile, two, { vectors: 2, mapping: 'any', switches: 'none' }));
  if (mechanism.switches === undefined) return scopes;
  // What masks or disables all vectors multiplies the states: each with what it meets, and not all with all.
  scopes.push(scope(profile, one.slice(0, 1), { vectors: 2, mapping: 'any', switches: 'function mask' }));
  scopes.push(scope(profile, one, { vectors: 2, mapping: 'separate', switches: 'all' }));
  if (one.length > 1) scopes.push(scope(profile, one, { vectors: 1, mapping: 'shared', switches: 'all' }));
  return scopes;
}

function scope(profile: Profile, sources: readonly Source[], freedom: Freedom): Scope {
  const vectors = Array.from({ length: Math.min(freedom.vectors, profile.msi?.vectors ?? 0) }, (_, vector) => vector);
  const mapping = new Map<Source, number>();
  if (freedom.mapping !== 'any') {
    const last = vectors.length - 1;
    sources.forEach((source, at) => {
      mapping.set(source, freedom.mapping === 'shared' ? 0 : Math.min(at, last));
    });
  }
  const queues = sources.filter((source) => source !== 'config');
  const suffix = freedom.mapping !== 'any' ? `-${freedom.mapping}` : freedom.switches === 'none' ? '' : '-masked';
  const events = [...queues.map((queue) => `queue ${queue}`), ...(sources.includes('config') ? ['configuration'] : [])];
  const fixed = freedom.mapping === 'separate' ? ', separate vectors' : '';
  const switched = { none: '', 'function mask': ', function mask', all: ', function mask and enable' };
  const count = `${vectors.length} vector${vectors.length === 1 ? '' : 's'}`;
  return {
    id: `${vectors.length}v${queues.length}q${suffix}`,
    title: `${count}, ${events.join(' and ')}${fixed}${switched[freedom.switches]}`,
    vectors,
    sources,
    inputs: [
      ...maskInputs(profile, vectors),
      ...sources.map(
        (source): Input => ({ name: `event ${source}`, action: { kind: 'event', source }, isLegal: always }),
      ),
      ...(freedom.mapping === 'any' ? mapInputs(sources, [...vectors, undefined]) : []),
      ...vectors.map(
        (vector): Input => ({
          name: `entry ${vector}`,
          action: { kind: 'entry', vector },
          isLegal: (state) => isHeld(state, vector),
        }),
      ),
      ...switchInputs(freedom.switches),
      { name: 'reset', action: 'reset', isLegal: always },
    ],
    initial: initialState(vectors, new Set(), mapping, ON),
  };
}

/** Every value of a dword that holds several mask bits; where each has a dword, one bit at a time. */
function maskInputs(profile: Profile, vectors: readonly number[]): Input[] {
  const together = (mechanismOf(profile)?.maskPlaces(vectors).length ?? 0) === 1;
  const groups: (readonly number[])[] = together ? [vectors] : vectors.map((vector) => [vector]);
  return groups.flatMap((group) =>
    Array.from({ length: 2 ** group.length }, (_, value): Input => {
      const bits = group.map((vector, at) => [vector, ((value >>> at) & 1) as 0 | 1] as const);
      const name = `masks ${bits.map(([vector, bit]) => `${vector}:${bit}`).join(' ')}`;
      return { name, action: { kind: 'masks', bits }, isLegal: always };
    }),
  );
}

function mapInputs(sources: readonly Source[], targets: readonly (number | undefined)[]): Input[] {
  return sources.flatMap((source) =>
    targets.map((to): Input => {
      return { name: `map ${source} to ${to ?? 'nothing'}`, action: { kind: 'map', source, to }, isLegal: always };
    }),
  );
}

function switchInputs(which: Freedom['switches']): Input[] {
  if (which === 'none') return [];
  const values: Switches[] = [
    { enabled: true, held: false },
    { enabled: true, held: true },
  ];
  if (which === 'all') values.push({ enabled: false, held: false }, { enabled: false, held: true });
  const inputs = values.map((to): Input => {
    const name = `switch ${to.enabled ? 'on' : 'off'}${to.held ? ', all masked' : ''}`;
    return { name, action: { kind: 'switch', to }, isLegal: always };
  });
  if (which !== 'all') return inputs;
  const bits: LineBit[][] = [['used'], ['config'], ['used', 'config']];
  return [
    ...inputs,
    ...bits.map((some): Input => {
      return {
        name: `acknowledge ${some.join(' ')}`,
        action: { kind: 'acknowledge', bits: new Set(some) },
        isLegal: always,
      };
    }),
  ];
}
