/** How generated programs lean: what they do, how often, on which vectors, and how long. The first are run first. */

export type ActionName =
  | 'event'
  | 'mask'
  | 'unmask'
  | 'word'
  | 'swap'
  | 'retarget'
  | 'tear'
  | 'entry'
  | 'map'
  | 'unmap'
  | 'bad-map'
  | 'forbidden'
  | 'acknowledge'
  | 'suppress'
  | 'needs-reset'
  | 'inspect'
  | 'reset'
  | 'power-cycle'
  | 'queue-reset'
  | 'stop'
  | 'switch';

export type ProfileName =
  | 'shallow'
  | 'vectors'
  | 'swarm'
  | 'burst'
  | 'lives'
  | 'tearing'
  | 'borders'
  | 'many'
  | 'hostile'
  | 'line'
  | 'long';

export interface Leaning {
  name: ProfileName;
  title: string;
  /** Of all generated programs, this part of the sum of shares. */
  share: number;
  needs: 'msi' | 'events';
  /** Operations after the first set-up, at least and at most. */
  length: readonly [number, number];
  /** Chance in 100 that an operation is not settled before the next. */
  race: number;
  /** At the edges of words and pages, at the borders of words alone, or as many as there are. */
  vectors: 'edges' | 'borders' | 'many';
  /** Each program leaves out a part of the actions, another one each time (swarm testing). */
  swarm?: true;
  weights: Partial<Record<ActionName, number>>;
}

/** What every program does now and then: a driver resets, power fails, an access is one that must have no effect. */
const ORDINARY = { reset: 1, 'power-cycle': 1, forbidden: 1, inspect: 1 } as const;

const VECTORS = {
  ...ORDINARY,
  event: 14,
  mask: 6,
  unmask: 8,
  word: 2,
  swap: 3,
  retarget: 4,
  tear: 2,
  entry: 2,
  map: 4,
  unmap: 2,
  'bad-map': 1,
  suppress: 1,
  switch: 5,
} as const;

export const PROFILES: readonly Leaning[] = [
  {
    ...{ name: 'shallow', title: 'a few operations', share: 4, needs: 'msi' },
    ...{ length: [2, 7], race: 0, vectors: 'edges', weights: VECTORS },
  },
  {
    ...{ name: 'vectors', title: 'events among masking, mapping and re-targeting', share: 4, needs: 'msi' },
    ...{ length: [8, 36], race: 0, vectors: 'edges', weights: VECTORS },
  },
  {
    ...{ name: 'swarm', title: 'a part of all that can be done, another one each time', share: 3, needs: 'msi' },
    ...{ length: [10, 30], race: 0, vectors: 'edges', swarm: true },
    weights: { ...VECTORS, 'needs-reset': 1, 'queue-reset': 2, stop: 1, acknowledge: 1 },
  },
  {
    ...{ name: 'burst', title: 'events that run beside the operations', share: 2, needs: 'msi' },
    ...{ length: [6, 24], race: 45, vectors: 'edges' },
    weights: { event: 20, mask: 8, unmask: 8, retarget: 4, map: 4, word: 2, swap: 2, switch: 6, reset: 1 },
  },
  {
    ...{ name: 'lives', title: 'resets, power cycles and queue resets in between', share: 2, needs: 'events' },
    ...{ length: [10, 36], race: 0, vectors: 'edges' },
    weights: {
      ...{ event: 8, mask: 4, unmask: 4, map: 2, unmap: 1, retarget: 1, reset: 3, 'power-cycle': 1, 'queue-reset': 2 },
      ...{ 'needs-reset': 1, suppress: 1, stop: 1, inspect: 1, switch: 2, forbidden: 1 },
    },
  },
  {
    ...{ name: 'tearing', title: 'entries written in parts while they are masked', share: 1, needs: 'msi' },
    ...{ length: [8, 26], race: 0, vectors: 'edges' },
    weights: { ...ORDINARY, event: 8, mask: 4, unmask: 5, tear: 8, retarget: 4, map: 2, swap: 2, switch: 2 },
  },
  {
    ...{ name: 'borders', title: 'vectors about the borders of words', share: 1, needs: 'msi' },
    ...{ length: [8, 30], race: 0, vectors: 'borders', weights: VECTORS },
  },
  {
    ...{ name: 'many', title: 'as many vectors as there are, up to a limit', share: 1, needs: 'msi' },
    ...{ length: [10, 40], race: 0, vectors: 'many', weights: VECTORS },
  },
  {
    ...{ name: 'hostile', title: 'writes that a driver must not make', share: 1, needs: 'msi' },
    ...{ length: [8, 30], race: 0, vectors: 'edges' },
    weights: {
      ...{ event: 6, mask: 3, unmask: 3, entry: 2, forbidden: 4, 'bad-map': 2, map: 2, acknowledge: 1, inspect: 1 },
      ...{ switch: 1, reset: 1 },
    },
  },
  {
    ...{ name: 'line', title: 'the single line', share: 1, needs: 'events' },
    ...{ length: [6, 24], race: 0, vectors: 'edges' },
    weights: { event: 6, acknowledge: 5, suppress: 2, inspect: 1, reset: 1, forbidden: 1, 'queue-reset': 1 },
  },
  {
    ...{ name: 'long', title: 'one life that goes on and on', share: 0.5, needs: 'msi' },
    ...{ length: [90, 140], race: 0, vectors: 'edges' },
    weights: { ...VECTORS, reset: 0, 'power-cycle': 0 },
  },
];
