/** A check: what it looks at, which clauses it aims at, what the target must be able to do, and its programs. */

import { MessagePool } from '../harness/messages.ts';
import { eventQueues, offers, type Profile } from '../harness/profile.ts';
import type { Program, Source, VectorSetup } from '../harness/program.ts';
import type { Adapter } from '../harness/target.ts';

/** What a check cannot do without. */
export type Need =
  | 'msi'
  | 'events'
  | 'queue-events'
  | 'ring'
  | 'config-events'
  | 'needs-reset-events'
  | 'messages'
  | 'line'
  | 'config-space'
  | 'ring-reset'
  | 'shared-memory-known';

export interface CheckContext {
  profile: Profile;
  adapter: Adapter;
  /** Messages that the target takes, all different within one program. */
  messages(): MessagePool;
  /** The items in an order that depends on the seed alone. */
  shuffle<T>(items: readonly T[]): T[];
}

export interface Check {
  /** `area/name`. */
  id: string;
  title: string;
  clauses: string[];
  needs: Need[];
  programs(context: CheckContext): Program[];
}

/** In words, for `list` and for the reason of an untestable clause. */
export const NEED_TEXT: Record<Need, string> = {
  msi: 'the MSI feature, with a header that can be used',
  events: 'an event: guest memory for a known device type, or `raise`',
  'queue-events': 'queue events: guest memory for a known device type, or `raise` with the event queue',
  ring: 'guest memory, and a device type that the layout knows',
  'config-events': '`raise` with the event config',
  'needs-reset-events': '`raise` with the event needs-reset',
  messages: '`interrupts` that captures messages',
  line: '`interrupts` that captures the line',
  'config-space': 'a configuration space of which the size is known',
  'ring-reset': 'VIRTIO_F_RING_RESET',
  'shared-memory-known': 'a device type that the layout knows',
};

/** The needs that this target does not meet. */
export function unmet(needs: readonly Need[], profile: Profile): Need[] {
  const { capabilities } = profile;
  const met: Record<Need, () => boolean> = {
    msi: () => profile.msi !== undefined,
    events: () => capabilities.configEvents || eventQueues(profile).length > 0,
    'queue-events': () => eventQueues(profile).length > 0,
    ring: () => capabilities.queueEvents === 'ring' && eventQueues(profile).length > 0,
    'config-events': () => capabilities.configEvents,
    'needs-reset-events': () => capabilities.needsResetEvents,
    messages: () => capabilities.messages,
    line: () => capabilities.line,
    'config-space': () => profile.configSize >= 4,
    'ring-reset': () => 'VIRTIO_F_RING_RESET' in profile.layout.data.features && offers(profile, 'VIRTIO_F_RING_RESET'),
    'shared-memory-known': () => profile.deviceType !== undefined,
  };
  return needs.filter((need) => !met[need]());
}

/** What the suite can make the device notify of, queues first. */
export function eventSources(profile: Profile): Source[] {
  const queues: Source[] = eventQueues(profile).slice(0, MOST_QUEUES);
  return profile.capabilities.configEvents ? [...queues, 'config'] : queues;
}

/** Queues that one program sets up at most; a device of hundreds behaves as one of a few. */
export const MOST_QUEUES = 4;

/** The queues that programs set up. */
export function workQueues(profile: Profile): number[] {
  const all = profile.queues.map((_, queue) => queue).slice(0, MOST_QUEUES);
  const events = eventQueues(profile).slice(0, MOST_QUEUES);
  return [...new Set([...events, ...all])].slice(0, MOST_QUEUES).sort((a, b) => a - b);
}

/** Vectors at which an implementation changes its ways: first, last, and about the edges of words and pages. */
export function edgeVectors(vectors: number, most: number): number[] {
  const edges = [0, vectors - 1, 1, 31, 32, 33, 63, 64, 255, 256, 1023, 1024, vectors - 2];
  const inside = edges.filter((vector) => vector >= 0 && vector < vectors);
  return [...new Set(inside)].slice(0, most).sort((a, b) => a - b);
}

/** One vector for each source, as far as there are vectors; the rest share the last. */
export function spread(
  sources: readonly Source[],
  vectors: readonly number[],
  pool: MessagePool,
  unmask = true,
): VectorSetup[] {
  const setups = vectors
    .slice(0, Math.max(1, sources.length))
    .map((vector): VectorSetup => ({ vector, message: pool.take(), sources: [], unmask }));
  sources.forEach((source, index) => {
    setups[Math.min(index, setups.length - 1)]?.sources.push(source);
  });
  return setups;
}

export { MessagePool };
