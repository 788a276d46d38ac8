/** What vectors do: pending bits, mapping, delivery, reset. */
import type { Operation, Source } from '../../harness/program.ts';
import { program } from '../../harness/program.ts';
import { type Check, type CheckContext, edgeVectors, eventSources, MOST_QUEUES, spread, workQueues } from '../check.ts';
import { event, INSPECT, liveLine, liveMsi, RESET, racing, VectorOperations } from './operations.ts';
import { coarse, words32 } from './patterns.ts';

const read = (place: string): Operation => ({ op: 'read', place });
const write = (place: string, value: number): Operation => ({ op: 'write', place, value });
/** What Status holds while the device is live. */
const liveStatus = ({ profile: { layout } }: CheckContext): number =>
  ['ACKNOWLEDGE', 'DRIVER', 'FEATURES_OK', 'DRIVER_OK'].reduce((sum, name) => sum | layout.bit('Status', name), 0);

const count = (context: CheckContext) => context.profile.msi?.vectors ?? 1;

/** For each source and some vectors: the vector set up and unmasked for it, and operations on it. */
function eachVector(
  context: CheckContext,
  most: number,
  build: (source: Source, vector: number, spelled: VectorOperations, other: number) => Operation[],
) {
  return eventSources(context.profile).flatMap((source) => {
    const vectors = edgeVectors(count(context), most);
    return vectors.map((vector, index) => {
      const other = vectors[(index + 1) % vectors.length] ?? vector;
      const setups = spread([source], [vector], context.messages());
      const spelled = new VectorOperations(context.profile, setups);
      return program([liveMsi(context, setups), ...build(source, vector, spelled, other)]);
    });
  });
}

export const pending: Check[] = [
  {
    id: 'pending/life',
    title: 'a pending bit is set by an event, cleared by its message, and merges events',
    clauses: ['PBA-SET', 'PBA-CLEAR', 'PBA-FIRE', 'PBA-MERGE', 'PBA-NONE', 'MSK-HOLD'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) =>
      eachVector(context, 8, (source, vector, spelled) => [
        event(source),
        spelled.mask(vector),
        spelled.unmask(vector),
        spelled.mask(vector),
        event(source),
        spelled.unmask(vector),
        spelled.mask(vector),
        event(source),
        event(source),
        event(source, 2),
        spelled.unmask(vector),
        spelled.mask(vector),
        spelled.unmask(vector),
        event(source),
      ]),
  },
  {
    id: 'pending/read-only',
    title: 'writing the pending bit array changes nothing',
    clauses: ['PBA-RO'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) =>
      eachVector(context, 4, (source, vector, spelled) => {
        const place = spelled.pendingPlace(vector);
        const writes = coarse.map((value) => write(place, value));
        return [
          event(source),
          ...writes,
          spelled.mask(vector),
          ...writes,
          event(source),
          ...writes,
          write(place, 2 ** (vector & 31)),
          spelled.unmask(vector),
          event(source),
        ];
      }),
  },
  {
    id: 'pending/belongs-to-vector',
    title: 'a pending bit survives everything but its message and a reset',
    clauses: ['PBA-VECTOR', 'DLV-LOST', 'PBA-FIRE'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) =>
      eachVector(context, 3, (source, vector, spelled, other) => [
        event(source),
        spelled.mask(vector),
        event(source),
        ...(other === vector ? [] : [spelled.unmask(other), spelled.mask(other)]),
        ...spelled.map(source, other),
        ...spelled.map(source, spelled.noVector),
        spelled.unmask(vector),
        ...spelled.map(source, vector),
        event(source),
      ]),
  },
  {
    id: 'pending/others',
    title: 'a pending bit survives what is done to other vectors and sources',
    clauses: ['DLV-LOST', 'PBA-FIRE', 'PBA-MERGE'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) => {
      const vectors = edgeVectors(count(context), 4);
      const [vector = 0, second = vector, third = second] = vectors;
      if (vectors.length < 2) return [];
      const all: Source[] = [...workQueues(context.profile), 'config'];
      return eventSources(context.profile).map((source) => {
        const pool = context.messages();
        const setups = [vector, second, ...(third === second ? [] : [third])].map((v, index) => ({
          vector: v,
          message: pool.take(),
          sources: index === 0 ? [source] : [],
          unmask: true,
        }));
        const spelled = new VectorOperations(context.profile, setups);
        const rest = all.filter((other) => other !== source);
        const others = [...new Set([...rest.slice(0, 1), ...rest.slice(-1)])];
        const stops = workQueues(context.profile)
          .filter((queue) => queue !== source)
          .slice(0, 1);
        return program([
          liveMsi(context, setups),
          event(source),
          spelled.mask(vector),
          event(source),
          ...others.flatMap((other) => [
            ...spelled.map(other, second),
            ...spelled.map(other, third),
            ...spelled.map(other, spelled.noVector),
          ]),
          spelled.mask(second),
          ...spelled.entry(second, pool.take()),
          spelled.unmask(second),
          ...others.flatMap((other) => spelled.map(other, second)),
          ...others.filter((other) => eventSources(context.profile).includes(other)).map((other) => event(other)),
          ...stops.flatMap((queue) => [write('QueueSel', queue), write('QueueReady', 0), write('QueueReady', 1)]),
          // Status as it is: nothing is new in it.
          write('Status', liveStatus(context)),
          spelled.unmask(vector),
          event(source),
        ]);
      });
    },
  },
  {
    id: 'pending/own-queue',
    title: 'a pending bit survives QueueReady = 1 of its own queue, and FAILED in Status',
    clauses: ['DLV-LOST', 'PBA-FIRE'],
    needs: ['msi', 'queue-events', 'messages'],
    programs: (context) =>
      eachVector(context, 2, (source, vector, spelled) => {
        if (source === 'config') return [];
        const failed = liveStatus(context) | context.profile.layout.bit('Status', 'FAILED');
        return [
          event(source),
          write('QueueSel', source),
          spelled.mask(vector),
          event(source),
          write('QueueReady', 1),
          spelled.unmask(vector),
          spelled.mask(vector),
          event(source),
          // Whether stopping the queue clears the bit is open; starting it does not.
          write('QueueReady', 0),
          write('QueueReady', 1),
          spelled.unmask(vector),
          spelled.mask(vector),
          event(source),
          write('Status', failed),
        ];
      }),
  },
  {
    id: 'pending/needs-reset',
    title: 'a pending bit survives that the device needs a reset',
    clauses: ['DLV-LOST'],
    needs: ['msi', 'queue-events', 'needs-reset-events', 'messages'],
    programs: (context) => {
      const [vector = 0, other = vector] = edgeVectors(count(context), 2);
      if (other === vector) return [];
      return eventSources(context.profile)
        .filter((source) => source !== 'config')
        .map((source) => {
          const setups = spread([source, 'config'], [vector, other], context.messages());
          const spelled = new VectorOperations(context.profile, setups);
          return program([
            liveMsi(context, setups),
            event(source),
            spelled.mask(vector),
            event(source),
            { op: 'event', source: 'needs-reset' },
          ]);
        });
    },
  },
  {
    id: 'pending/many',
    title: 'vectors pend and fire on their own',
    clauses: ['PBA-SET', 'PBA-FIRE', 'DLV-LOST'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) => {
      const sources = eventSources(context.profile);
      const vectors = edgeVectors(count(context), sources.length);
      if (vectors.length < 2) return [];
      return [0, 1].map(() => {
        const setups = spread(sources, context.shuffle(vectors), context.messages(), false);
        const spelled = new VectorOperations(context.profile, setups);
        const order = context.shuffle(setups.map((setup) => setup.vector));
        return program([
          liveMsi(context, setups),
          ...context.shuffle(sources).map((source) => event(source)),
          ...order.map((vector) => spelled.unmask(vector)),
          ...sources.map((source) => event(source)),
          ...order.map((vector) => spelled.mask(vector)),
          ...sources.map((source) => event(source)),
          ...spelled.open(vectors),
          INSPECT,
        ]);
      });
    },
  },
];

export const mapping: Check[] = [
  {
    id: 'mapping/read-back',
    title: 'each vector can be mapped and read back, or is refused with NO_VECTOR',
    clauses: ['MAP-BACK', 'MAP-QUEUE', 'MAP-KEEP'],
    needs: ['msi'],
    programs: (context) => {
      const spelled = new VectorOperations(context.profile);
      const vectors = edgeVectors(count(context), 8);
      const queues = workQueues(context.profile);
      const sources: Source[] = [...queues, 'config'];
      const setUp: Operation = { op: 'initialise', msi: true, queues, upTo: 'queues' };
      return [
        ...sources.map((source) =>
          program([
            setUp,
            ...vectors.flatMap((vector) => spelled.map(source, vector)),
            ...spelled.map(source, spelled.noVector),
            INSPECT,
            ...vectors.toReversed().flatMap((vector) => spelled.map(source, vector)),
            INSPECT,
          ]),
        ),
        program([
          setUp,
          INSPECT,
          ...context
            .shuffle(sources)
            .flatMap((source, index) => [...spelled.map(source, vectors[index % vectors.length] ?? 0), INSPECT]),
          ...context.shuffle(sources).flatMap((source) => [...spelled.map(source, spelled.noVector), INSPECT]),
        ]),
      ];
    },
  },
  {
    id: 'mapping/range',
    title: 'a value that is no vector leaves NO_VECTOR',
    clauses: ['MAP-RANGE'],
    needs: ['msi'],
    programs: (context) => {
      const spelled = new VectorOperations(context.profile);
      const vectors = count(context);
      const limit = context.profile.layout.constant(context.profile.layout.msi?.vectorLimit ?? '');
      const values = [
        vectors,
        vectors + 1,
        limit,
        limit - 1,
        2 * vectors,
        0xfffe,
        0xffff,
        0x10000,
        0x100,
        0x10000 + vectors - 1,
        0x80000000,
        words32.ones,
        words32.ones - 1,
        words32.ones - 0xffff,
      ].filter((value) => value >= vectors && value !== spelled.noVector);
      const queues = workQueues(context.profile);
      const setUp: Operation = { op: 'initialise', msi: true, queues, upTo: 'queues' };
      const sources: Source[] = [queues[0] ?? 'config', 'config'];
      return sources.map((source) =>
        program([
          setUp,
          ...context.shuffle(values).flatMap((value) => [...spelled.map(source, 0), ...spelled.map(source, value)]),
          INSPECT,
        ]),
      );
    },
  },
  {
    id: 'mapping/absent-queue',
    title: 'a queue that does not exist has no vector',
    clauses: ['MAP-ABSENT'],
    needs: ['msi'],
    programs: (context) => {
      const spelled = new VectorOperations(context.profile);
      const queues = workQueues(context.profile);
      const absent = context.profile.queues.length;
      const setUp: Operation = { op: 'initialise', msi: true, queues, upTo: 'queues' };
      const place = context.profile.layout.msi?.queueVector ?? '';
      const last = count(context) - 1;
      const touch = [absent, absent + 1, 0xffff].flatMap((queue) => [
        write('QueueSel', queue),
        read(place),
        write(place, 0),
        read(place),
        INSPECT,
      ]);
      return [
        program([
          setUp,
          ...queues.flatMap((queue) => spelled.map(queue, last)),
          ...spelled.map('config', last),
          ...touch,
        ]),
        program([setUp, INSPECT, ...touch]),
      ];
    },
  },
  {
    id: 'mapping/kept',
    title: 'QueueReady, QueueSel, masking and DRIVER_OK change no mapping',
    clauses: ['MAP-KEEP'],
    needs: ['msi'],
    programs: (context) => {
      const queues = workQueues(context.profile);
      const sources: Source[] = [...queues, 'config'];
      const vectors = edgeVectors(count(context), sources.length);
      const setups = spread(sources, vectors, context.messages(), false);
      const spelled = new VectorOperations(context.profile, setups);
      return [
        program([
          liveMsi(context, setups),
          INSPECT,
          ...vectors.flatMap((vector) => [spelled.unmask(vector), INSPECT, spelled.mask(vector), INSPECT]),
          ...queues.flatMap((queue) => [write('QueueSel', queue), INSPECT, write('QueueReady', 0), INSPECT]),
        ]),
        // Enabled again, before anything was used.
        program([
          liveMsi(
            context,
            setups.map((setup) => ({ ...setup, unmask: true })),
          ),
          write('Status', liveStatus(context)),
          INSPECT,
          ...queues.flatMap((queue): Operation[] => [
            write('QueueSel', queue),
            write('QueueReady', 0),
            { op: 'queue-setup', queue },
            INSPECT,
          ]),
        ]),
        // Mapped before the queues are enabled, as some drivers do.
        program([
          { op: 'initialise', msi: true, queues: [], upTo: 'features' },
          ...sources.flatMap((source, index) => spelled.map(source, vectors[Math.min(index, vectors.length - 1)] ?? 0)),
          INSPECT,
          ...queues.flatMap((queue): Operation[] => [{ op: 'queue-setup', queue }, INSPECT]),
          write('Status', liveStatus(context)),
          INSPECT,
        ]),
      ];
    },
  },
  {
    id: 'mapping/shared',
    title: 'events that share a vector each reach it',
    clauses: ['MAP-SHARE', 'DLV-USED', 'DLV-CONFIG'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) => {
      const sources = eventSources(context.profile);
      return edgeVectors(count(context), 3).flatMap((shared, index, vectors) => {
        const own = vectors[(index + 1) % vectors.length] ?? shared;
        const setups = spread([], [shared, own], context.messages());
        const spread1 = [{ vector: shared, message: context.messages().take(), sources: [...sources], unmask: true }];
        const spelled = new VectorOperations(context.profile, spread1);
        const alone = setups.map((setup) => ({ ...setup, unmask: true }));
        const moves = new VectorOperations(context.profile, alone);
        return [
          program([
            liveMsi(context, spread1),
            ...sources.map((source) => event(source)),
            spelled.mask(shared),
            ...sources.map((source) => event(source)),
            spelled.unmask(shared),
            ...sources.toReversed().map((source) => event(source)),
          ]),
          // With the control: each source reaches a vector of its own first.
          program([
            liveMsi(context, alone),
            ...sources.flatMap((source) => [...moves.map(source, own), event(source), ...moves.map(source, shared)]),
            ...sources.map((source) => event(source)),
            ...sources.toReversed().map((source) => event(source)),
          ]),
        ];
      });
    },
  },
  {
    id: 'mapping/off',
    title: 'an event that is mapped to nothing is gone',
    clauses: ['MAP-OFF'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) =>
      eachVector(context, 3, (source, vector, spelled, other) => [
        event(source),
        ...spelled.map(source, spelled.noVector),
        event(source),
        event(source),
        spelled.mask(vector),
        event(source),
        spelled.unmask(vector),
        ...spelled.map(source, vector),
        event(source),
        ...spelled.map(source, spelled.noVector),
        event(source),
        ...spelled.map(source, other),
        ...(other === vector ? [] : [spelled.unmask(other), spelled.mask(other)]),
        ...spelled.map(source, vector),
        event(source),
      ]),
  },
  {
    id: 'mapping/moved',
    title: 'after a remap events go to the new vector only',
    clauses: ['MAP-MOVE'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) => {
      const vectors = edgeVectors(count(context), 6);
      if (vectors.length < 2) return [];
      return eventSources(context.profile).map((source) => {
        const pool = context.messages();
        const setups = vectors.map((vector) => ({ vector, message: pool.take(), sources: [], unmask: true }));
        const spelled = new VectorOperations(context.profile, setups);
        const [first = 0, second = 0] = vectors;
        return program([
          liveMsi(context, setups),
          ...[...vectors, ...context.shuffle(vectors)].flatMap((vector) => [
            ...spelled.map(source, vector),
            event(source),
          ]),
          ...spelled.map(source, first),
          spelled.mask(first),
          event(source),
          ...spelled.map(source, second),
          event(source),
          spelled.unmask(first),
          event(source),
        ]);
      });
    },
  },
  {
    id: 'mapping/refused',
    title: 'a remap that is refused leaves the event unmapped',
    clauses: ['MAP-BACK', 'MAP-RANGE', 'MAP-OFF'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) =>
      eachVector(context, 2, (source, vector, spelled) => [
        event(source),
        ...spelled.map(source, count(context)),
        event(source),
        ...spelled.map(source, vector),
        event(source),
      ]),
  },
  {
    id: 'mapping/exhausted',
    title: 'a vector that the device has no room for is refused, and its event goes nowhere',
    clauses: ['MAP-BACK', 'MAP-OFF', 'MAP-MOVE'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) => {
      const sources = eventSources(context.profile);
      const vectors = edgeVectors(count(context), sources.length + 1);
      const spare = vectors.at(-1) ?? 0;
      if (vectors.length <= 2) return [];
      const pool = context.messages();
      const setups = vectors.map((vector) => ({ vector, message: pool.take(), sources: [] as Source[], unmask: true }));
      const spelled = new VectorOperations(context.profile, setups);
      const own = (index: number) => vectors[index % (vectors.length - 1)] ?? 0;
      return [
        program([
          liveMsi(context, setups),
          // As far as there is room; what is refused stays unmapped.
          ...sources.flatMap((source, index) => [...spelled.map(source, own(index)), event(source)]),
          // To a vector that nobody has: there may be no room, and then none is left of the old mapping either.
          ...sources.flatMap((source, index) => [
            ...spelled.map(source, spare),
            event(source),
            ...spelled.map(source, own(index)),
            event(source),
          ]),
          // Two share a vector, and one leaves it: the room is not freed.
          ...sources.flatMap((source) => spelled.map(source, own(0))),
          ...sources.slice(1, 2).flatMap((source) => [...spelled.map(source, own(1)), event(source)]),
          ...sources.flatMap((source) => [...spelled.map(source, spare), event(source)]),
        ]),
      ];
    },
  },
];

export const delivery: Check[] = [
  {
    id: 'delivery/each',
    title: 'each source on each vector gives its message',
    clauses: ['DLV-USED', 'DLV-CONFIG', 'DLV-SPURIOUS', 'DLV-LINE', 'DLV-STATUS'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) => {
      const sources = eventSources(context.profile);
      const vectors = edgeVectors(count(context), 13);
      const rounds = Math.max(1, Math.ceil(vectors.length / Math.max(1, sources.length)));
      return Array.from({ length: rounds }, (_, round) => {
        const turned = sources.map((_, index) => vectors[(index + round * sources.length) % vectors.length] ?? 0);
        const setups = spread(sources, [...new Set(turned)], context.messages());
        return program([
          liveMsi(context, setups),
          ...sources.map((source) => event(source)),
          ...context.shuffle(sources).map((source) => event(source, 2)),
          ...sources.map((source) => event(source)),
          INSPECT,
        ]);
      });
    },
  },
  {
    id: 'delivery/status',
    title: 'with MSI, InterruptStatus stays 0, InterruptACK does nothing and the line is low',
    clauses: ['DLV-STATUS', 'DLV-LINE'],
    needs: ['msi', 'events'],
    programs: (context) =>
      eachVector(context, 5, (source, vector, spelled) => [
        event(source),
        write('InterruptACK', 3),
        spelled.mask(vector),
        event(source),
        write('InterruptACK', 3),
        write('InterruptACK', 1),
        spelled.unmask(vector),
        ...spelled.map(source, spelled.noVector),
        event(source),
        write('InterruptACK', 3),
        ...spelled.map(source, vector),
        event(source),
      ]),
  },
  {
    id: 'delivery/no-event',
    title: 'a kick without buffers, a queue that starts, and a write to the configuration are no events',
    clauses: ['DLV-SPURIOUS', 'DLV-LOST'],
    needs: ['msi', 'queue-events', 'messages'],
    programs: (context) =>
      eventSources(context.profile)
        .filter((source) => source !== 'config')
        .flatMap((queue) => {
          const setups = spread([queue], [0], context.messages());
          const both = spread([queue, 'config'], [0], context.messages());
          const kick = write('QueueNotify', queue);
          const [word] = context.profile.configWords;
          // As it reads: whatever the field is, it does not change.
          const touch = word === undefined ? [] : [write('Config', word)];
          return [
            program([liveMsi(context, both), kick, event(queue), kick, kick, ...touch]),
            program([
              liveMsi(context, setups),
              write('QueueSel', queue),
              write('QueueReady', 0),
              { op: 'queue-setup', queue },
              event(queue),
              event(queue),
            ]),
          ];
        }),
  },
  {
    id: 'delivery/round-the-ring',
    title: 'notifications go on when the rings wrap',
    clauses: ['DLV-USED'],
    needs: ['msi', 'ring', 'messages'],
    programs: (context) =>
      eventSources(context.profile)
        .filter((source) => source !== 'config')
        .map((queue) =>
          program([
            liveMsi(context, spread([queue], [0], context.messages())),
            ...Array.from({ length: 34 }, () => event(queue)),
            event(queue, 3),
          ]),
        ),
  },
  {
    id: 'delivery/suppressed',
    title: 'VIRTQ_AVAIL_F_NO_INTERRUPT holds for messages, and ends when it is cleared',
    clauses: ['NTF-SUPPRESS', 'DLV-LOST'],
    needs: ['msi', 'ring', 'messages'],
    programs: (context) => {
      const flag = context.profile.layout.constant('VIRTQ_AVAIL_F_NO_INTERRUPT');
      return eventSources(context.profile)
        .filter((source) => source !== 'config')
        .slice(0, 2)
        .map((queue) => {
          const setups = spread([queue], [0], context.messages());
          const spelled = new VectorOperations(context.profile, setups);
          const place = `queue[${queue}].avail.flags`;
          return program([
            liveMsi(context, setups),
            event(queue),
            { op: 'memory-write', place, value: flag },
            event(queue),
            spelled.mask(0),
            event(queue),
            { op: 'memory-write', place, value: 0 },
            event(queue),
            // What is pending by now stays so.
            { op: 'memory-write', place, value: flag },
            event(queue),
            { op: 'memory-write', place, value: 0 },
            spelled.unmask(0),
            event(queue),
          ]);
        });
    },
  },
  {
    id: 'delivery/races',
    title: 'nothing is lost or doubled when events run beside masking, re-targeting and remapping',
    clauses: ['DLV-LOST', 'DLV-SPURIOUS', 'PBA-FIRE'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) =>
      eventSources(context.profile).flatMap((source) => {
        const [vector = 0, other = vector] = edgeVectors(count(context), 2);
        const pool = context.messages();
        const setups = [vector, ...(other === vector ? [] : [other])].map((v, index) => ({
          vector: v,
          message: pool.take(),
          sources: index === 0 ? [source] : [],
          unmask: true,
        }));
        const spelled = new VectorOperations(context.profile, setups);
        const start = [liveMsi(context, setups), event(source)];
        return [
          program([
            ...start,
            racing(event(source)),
            spelled.mask(vector),
            racing(event(source)),
            spelled.unmask(vector),
            event(source),
          ]),
          program([
            ...start,
            racing(event(source)),
            racing(spelled.mask(vector)),
            racing(event(source)),
            spelled.unmask(vector),
            event(source),
          ]),
          program([
            ...start,
            racing(event(source)),
            racing(spelled.mask(vector)),
            ...spelled.entry(vector, pool.take()).map(racing),
            racing(spelled.unmask(vector)),
            event(source),
            event(source),
          ]),
          program([
            ...start,
            racing(event(source)),
            ...spelled.map(source, other),
            event(source),
            ...spelled.map(source, vector),
            event(source),
          ]),
        ];
      }),
  },
  {
    id: 'delivery/config-before-driver-ok',
    title: 'a configuration change between FEATURES_OK and DRIVER_OK',
    clauses: ['DLV-CONFIG', 'DLV-SPURIOUS'],
    needs: ['msi', 'config-events', 'messages'],
    programs: (context) => {
      const vectors = spread(['config'], [0], context.messages());
      const live = liveStatus(context);
      return [
        program([
          liveMsi(context, vectors),
          event('config'),
          { op: 'initialise', msi: true, queues: workQueues(context.profile), vectors, upTo: 'queues' },
          event('config'),
          write('Status', live),
          event('config'),
        ]),
        program([
          { op: 'initialise', msi: true, queues: workQueues(context.profile), vectors, upTo: 'queues' },
          write('Status', live),
          event('config'),
        ]),
      ];
    },
  },
];

export const reset: Check[] = [
  {
    id: 'reset/clean',
    title: 'a used device is as new after a reset',
    clauses: ['RST-CLEAN', 'RST-QUIET'],
    needs: ['msi'],
    programs: (context) => {
      const sources: Source[] = [...workQueues(context.profile), 'config'];
      const vectors = edgeVectors(count(context), sources.length);
      const setups = spread(sources, vectors, context.messages());
      const spelled = new VectorOperations(context.profile, setups);
      const negotiated: Operation = { op: 'initialise', msi: true, queues: [], upTo: 'features' };
      const edges = edgeVectors(count(context), 13);
      const look = spelled.look(edges);
      const dirty = eventSources(context.profile).map((source) => event(source));
      return [
        program([liveMsi(context, setups), RESET, negotiated, ...look, INSPECT]),
        program([
          liveMsi(context, setups),
          ...vectors.map((vector) => spelled.mask(vector)),
          ...dirty,
          RESET,
          negotiated,
          ...look,
          INSPECT,
        ]),
        program([
          liveMsi(context, setups),
          ...vectors.slice(0, 1).map((vector) => new VectorOperations(context.profile, setups).mask(vector)),
          ...dirty,
          negotiated,
          ...look,
          INSPECT,
        ]),
        program([
          liveMsi(context, setups),
          ...spelled.open(edges),
          ...dirty,
          negotiated,
          ...look,
          INSPECT,
          liveLine(context),
          negotiated,
          ...look,
        ]),
      ];
    },
  },
  {
    id: 'reset/quiet',
    title: 'what was pending before a reset is not delivered in the next life',
    clauses: ['RST-QUIET', 'RST-CLEAN'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) =>
      eachVector(context, 6, (source, vector, spelled, other) => {
        const pool = context.messages();
        pool.take();
        const again = [{ vector, message: pool.take(), sources: [source], unmask: false }];
        const next = new VectorOperations(context.profile, again);
        return [
          event(source),
          spelled.mask(vector),
          spelled.unmask(vector),
          spelled.mask(vector),
          event(source),
          ...(other === vector ? [] : spelled.map(source, other)),
          RESET,
          liveMsi(context, again),
          next.unmask(vector),
          event(source),
          next.mask(vector),
          event(source),
          liveLine(context),
          event(source),
          liveMsi(context, again),
          ...next.open([vector]),
        ];
      }),
  },
  {
    id: 'reset/held',
    title: 'a configuration change that waits for DRIVER_OK does not wait over a reset',
    clauses: ['RST-QUIET'],
    needs: ['msi', 'config-events', 'messages'],
    programs: (context) => {
      const vectors = spread(['config'], [0], context.messages());
      const early: Operation = {
        op: 'initialise',
        msi: true,
        queues: workQueues(context.profile),
        vectors,
        upTo: 'queues',
      };
      return [
        program([
          liveMsi(context, vectors),
          event('config'),
          early,
          event('config'),
          RESET,
          liveMsi(context, vectors),
          event('config'),
        ]),
        program([
          liveMsi(context, vectors),
          event('config'),
          early,
          event('config'),
          liveMsi(context, vectors),
          event('config'),
        ]),
      ];
    },
  },
  {
    id: 'reset/under-way',
    title: 'an event that a reset overtakes is not delivered after it',
    clauses: ['RST-QUIET'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) =>
      eventSources(context.profile)
        .slice(0, MOST_QUEUES)
        .map((source) => {
          const pool = context.messages();
          const setups = spread([source], [0], pool);
          const again = spread([source], [0], pool);
          return program([
            liveMsi(context, setups),
            event(source),
            racing(event(source)),
            RESET,
            liveMsi(context, again),
            { op: 'settle' },
            { op: 'interrupts' },
            event(source),
          ]);
        }),
  },
];
