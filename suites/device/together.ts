/** What vectors, queues and lives do to each other: state that is kept in common shows only where two of them meet. */
import { acceptedFeatures } from '../../harness/compile.ts';
import { type Operation, program, type Source } from '../../harness/program.ts';
import { type Check, type CheckContext, edgeVectors, eventSources, MOST_QUEUES, spread, workQueues } from '../check.ts';
import { event, INSPECT, liveLine, liveMsi, RESET, VectorOperations } from './operations.ts';

const read = (place: string): Operation => ({ op: 'read', place });
const write = (place: string, value: number): Operation => ({ op: 'write', place, value });
const count = ({ profile }: CheckContext) => profile.msi?.vectors ?? 1;
const statusOf = ({ profile: { layout } }: CheckContext, ...names: string[]): number =>
  names.reduce((sum, name) => sum | layout.bit('Status', name), 0);
const queueSources = ({ profile }: CheckContext): number[] =>
  eventSources(profile).filter((source): source is number => source !== 'config');

/** Stops a queue by QueueReady, as a driver does: written, and read back. */
const stop = (queue: number): Operation[] => [write('QueueSel', queue), write('QueueReady', 0), read('QueueReady')];

/** As many vectors in a row as there are sources, at the beginning and at the end of the table. */
function rows(context: CheckContext): number[][] {
  const wide = Math.min(eventSources(context.profile).length, count(context));
  const row = (from: number) => Array.from({ length: wide }, (_, at) => from + at);
  return count(context) === wide ? [row(0)] : [row(0), row(count(context) - wide)];
}

/** Two vectors each: neighbours among the edges, and the first with each of the others. */
function pairs(context: CheckContext): [number, number][] {
  const edges = edgeVectors(count(context), 13);
  const neighbours = edges.slice(1).map((vector, at): [number, number] => [edges[at] as number, vector]);
  return [...neighbours, ...edges.slice(2).map((vector): [number, number] => [0, vector])];
}

export const together: Check[] = [
  {
    id: 'together/one-write',
    title: 'as many vectors as there are events pend, and one write lets go of all of them',
    clauses: ['PBA-SET', 'PBA-FIRE', 'PBA-CLEAR', 'DLV-LOST'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) =>
      rows(context).map((vectors) => {
        const sources = eventSources(context.profile);
        const setups = spread(sources, vectors, context.messages(), false);
        const spelled = new VectorOperations(context.profile, setups);
        const events = () => context.shuffle(sources).map((source) => event(source));
        const close = () => spelled.setMasks(vectors.map((vector) => [vector, 1] as const));
        return program([
          liveMsi(context, setups),
          ...events(),
          ...spelled.open(vectors),
          ...close(),
          ...events(),
          ...events(),
          ...spelled.open(vectors),
          ...events(),
        ]);
      }),
  },
  {
    id: 'together/two-pending',
    title: 'of two vectors that pend, the message of one leaves the other as it is, in whatever words they are',
    clauses: ['PBA-SET', 'PBA-FIRE', 'PBA-CLEAR', 'DLV-LOST'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) => {
      const [first, second] = eventSources(context.profile);
      if (first === undefined || second === undefined) return [];
      return pairs(context).map(([low, high]) => {
        const setups = spread([first, second], [low, high], context.messages(), false);
        const spelled = new VectorOperations(context.profile, setups);
        return program([
          liveMsi(context, setups),
          event(first),
          event(second),
          spelled.unmask(low),
          ...spelled.look([low, high]),
          spelled.mask(low),
          event(first),
          spelled.unmask(high),
          ...spelled.look([low, high]),
          spelled.unmask(low),
          event(second),
        ]);
      });
    },
  },
  {
    id: 'together/stop-beside-config',
    title: 'stopping a queue leaves alone what the configuration shares with it',
    clauses: ['MAP-KEEP', 'DLV-LOST'],
    needs: ['msi', 'queue-events', 'config-events', 'messages'],
    programs: (context) =>
      queueSources(context).map((queue) => {
        const pool = context.messages();
        const [vector = 0] = context.shuffle(edgeVectors(count(context), 8));
        const setups = [{ vector, message: pool.take(), sources: [queue, 'config' as Source], unmask: true }];
        const spelled = new VectorOperations(context.profile, setups);
        return program([
          liveMsi(context, setups),
          event(queue),
          event('config'),
          spelled.mask(vector),
          event(queue),
          event('config'),
          ...stop(queue),
          INSPECT,
          // Started again, it may find old buffers to notify of; nothing of the vector changes.
          write('QueueReady', 1),
          ...spelled.look([vector]),
          spelled.unmask(vector),
          event('config'),
        ]);
      }),
  },
  {
    id: 'together/join',
    title: 'an event that is mapped to a vector leaves alone what others made pending there',
    clauses: ['DLV-LOST', 'PBA-FIRE', 'MAP-QUEUE'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) => {
      const sources = eventSources(context.profile);
      return sources.slice(0, MOST_QUEUES).map((last) => {
        const others = sources.filter((source) => source !== last);
        const [vector = 0] = context.shuffle(edgeVectors(count(context), 8));
        const setups = [{ vector, message: context.messages().take(), sources: others, unmask: false }];
        const spelled = new VectorOperations(context.profile, setups);
        return program([
          liveMsi(context, setups),
          ...others.slice(0, 1).map((source) => event(source)),
          ...spelled.map(last, vector),
          ...spelled.look([vector]),
          spelled.unmask(vector),
          ...sources.map((source) => event(source)),
        ]);
      });
    },
  },
  {
    id: 'together/stopped-over-reset',
    title: 'a queue that was stopped begins anew in the next life, as any other',
    clauses: ['QUE-WORKS', 'QUE-RESET'],
    needs: ['queue-events'],
    programs: (context) =>
      queueSources(context).map((queue) =>
        program([
          liveLine(context),
          event(queue),
          event(queue, 2),
          ...stop(queue),
          liveLine(context),
          event(queue),
          event(queue),
          ...stop(queue),
          RESET,
          liveLine(context),
          event(queue),
        ]),
      ),
  },
  {
    id: 'together/reset-in-trouble',
    title: 'a reset is one whatever state the device is in',
    clauses: ['RST-CLEAN', 'RST-QUIET', 'STAT-RESET'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) => {
      const sources: Source[] = [...workQueues(context.profile), 'config'];
      const vectors = edgeVectors(count(context), sources.length);
      const setups = spread(sources, vectors, context.messages());
      const fresh: Operation = { op: 'initialise', msi: true, queues: [], upTo: 'features', enable: false };
      const dirty = () => {
        const spelled = new VectorOperations(context.profile, setups);
        return [
          liveMsi(context, setups),
          ...vectors.slice(1).map((vector) => spelled.mask(vector)),
          ...eventSources(context.profile).map((source) => event(source)),
        ];
      };
      const after = [fresh, ...new VectorOperations(context.profile).look(edgeVectors(count(context), 13)), INSPECT];
      const live = ['ACKNOWLEDGE', 'DRIVER', 'FEATURES_OK', 'DRIVER_OK'];
      const failed = write('Status', statusOf(context, ...live, 'FAILED'));
      const stopped = queueSources(context).flatMap((queue) => stop(queue));
      const programs = [program([...dirty(), failed, ...after]), program([...dirty(), ...stopped, ...after])];
      if (context.profile.capabilities.needsResetEvents) {
        programs.push(program([...dirty(), event('needs-reset'), ...after]));
      }
      return programs;
    },
  },
  {
    id: 'together/features-taken-back',
    title: 'what a driver wrote last are the features that it accepts',
    clauses: ['FBK-LINE', 'FEAT-SUBSET'],
    needs: ['msi', 'events'],
    programs: (context) => {
      const { profile } = context;
      const words = (msi: boolean) =>
        acceptedFeatures({ msi }, profile).flatMap((word, window) => [
          write('DriverFeaturesSel', window),
          write('DriverFeatures', word),
        ]);
      const begin = [
        RESET,
        write('Status', statusOf(context, 'ACKNOWLEDGE')),
        write('Status', statusOf(context, 'ACKNOWLEDGE', 'DRIVER')),
      ];
      const negotiated = write('Status', statusOf(context, 'ACKNOWLEDGE', 'DRIVER', 'FEATURES_OK'));
      return [
        program([
          ...begin,
          ...words(true),
          ...words(false),
          negotiated,
          read('Status'),
          ...workQueues(profile).map((queue): Operation => ({ op: 'queue-setup', queue })),
          write('Status', statusOf(context, 'ACKNOWLEDGE', 'DRIVER', 'FEATURES_OK', 'DRIVER_OK')),
          ...eventSources(profile).flatMap((source) => [event(source), write('InterruptACK', 3)]),
        ]),
      ];
    },
  },
  {
    id: 'together/entry-as-it-is',
    title: 'to write to an entry what it holds already changes nothing',
    clauses: ['ENT-QUIET', 'ENT-FRESH'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) =>
      eventSources(context.profile)
        .slice(0, MOST_QUEUES)
        .map((source) => {
          const [vector = 0] = context.shuffle(edgeVectors(count(context), 8));
          const setups = spread([source], [vector], context.messages());
          const [message] = setups.map((setup) => setup.message);
          const spelled = new VectorOperations(context.profile, setups);
          const again = message ? spelled.entry(vector, message) : [];
          return program([
            liveMsi(context, setups),
            event(source),
            ...again.flatMap((dword) => [dword, ...spelled.look([vector])]),
            event(source),
            spelled.mask(vector),
            event(source),
            ...again.flatMap((dword) => [dword, ...spelled.look([vector])]),
            spelled.unmask(vector),
          ]);
        }),
  },
  {
    id: 'together/queue-reset-beside',
    title: 'a queue reset leaves other queues as they are: told of nothing new, they have nothing new to do',
    clauses: ['QRST-DONE'],
    needs: ['queue-events', 'ring', 'ring-reset'],
    programs: (context) => {
      const queues = queueSources(context);
      return queues.flatMap((queue) =>
        queues
          .filter((other) => other !== queue)
          .map((other) =>
            program([
              liveLine(context, true),
              event(queue),
              event(queue),
              write('InterruptACK', context.profile.layout.bit('InterruptStatus', 'USED_BUFFER')),
              { op: 'queue-reset', queue: other },
              write('QueueNotify', queue),
              event(queue),
            ]),
          ),
      );
    },
  },
  {
    id: 'together/suppressed-then-reset',
    title: 'a queue whose notifications were suppressed works after a queue reset, as any other',
    clauses: ['QRST-AGAIN'],
    needs: ['ring', 'ring-reset'],
    programs: (context) => {
      const flag = context.profile.layout.constant('VIRTQ_AVAIL_F_NO_INTERRUPT');
      return queueSources(context).map((queue) =>
        program([
          liveLine(context, true),
          event(queue),
          { op: 'memory-write', place: `queue[${queue}].avail.flags`, value: flag },
          event(queue),
          { op: 'queue-reset', queue },
          { op: 'queue-setup', queue },
          event(queue),
          event(queue),
        ]),
      );
    },
  },
];
