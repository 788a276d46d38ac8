/** The single line: for devices without MSI, and for drivers that decline it. */

import { eventQueues } from '../../harness/profile.ts';
import type { Operation, Source } from '../../harness/program.ts';
import { program } from '../../harness/program.ts';
import { type Check, type CheckContext, edgeVectors, eventSources } from '../check.ts';
import { event, INSPECT, liveLine, RESET, VectorOperations } from './operations.ts';

const bitOf = (context: CheckContext, source: Source): number =>
  context.profile.layout.bit('InterruptStatus', source === 'config' ? 'CONFIG_CHANGE' : 'USED_BUFFER');

const acknowledge = (value: number): Operation => ({ op: 'write', place: 'InterruptACK', value });

export const line: Check[] = [
  {
    id: 'line/events',
    title: 'each event sets its bit and raises the line, until it is acknowledged',
    clauses: ['INT-RAISE', 'INT-KEEP', 'INT-ACK', 'INT-CLEAN', 'INT-LINE', 'FBK-LINE'],
    needs: ['events'],
    programs: (context) => {
      const sources = eventSources(context.profile);
      const each = sources.map((source) => {
        const bit = bitOf(context, source);
        const other = 3 - bit;
        return program([
          liveLine(context),
          INSPECT,
          event(source),
          acknowledge(0),
          acknowledge(other),
          INSPECT,
          acknowledge(bit),
          INSPECT,
          event(source),
          event(source),
          acknowledge(bit),
          acknowledge(bit),
        ]);
      });
      const [first, second] = [sources[0], sources.at(-1)];
      if (first === undefined || second === undefined || first === second) return each;
      const both = program([
        liveLine(context),
        event(first),
        event(second),
        acknowledge(bitOf(context, first)),
        event(first),
        acknowledge(bitOf(context, second)),
        acknowledge(bitOf(context, first)),
        event(second),
        event(first),
        acknowledge(bitOf(context, first) | bitOf(context, second)),
        INSPECT,
      ]);
      return [...each, both];
    },
  },
  {
    id: 'line/reset',
    title: 'a reset clears InterruptStatus and lowers the line',
    clauses: ['INT-RESET', 'INT-LINE'],
    needs: ['events'],
    programs: (context) =>
      eventSources(context.profile).map((source) =>
        program([liveLine(context), event(source), RESET, INSPECT, liveLine(context), INSPECT, event(source), INSPECT]),
      ),
  },
  {
    id: 'line/empty-kick',
    title: 'a kick without buffers is no event',
    clauses: ['INT-CLEAN'],
    needs: ['ring'],
    programs: (context) => {
      const [queue = 0] = eventQueues(context.profile);
      const kick: Operation = { op: 'write', place: 'QueueNotify', value: queue };
      return [program([liveLine(context), kick, event(queue), acknowledge(bitOf(context, queue)), kick, kick])];
    },
  },
  {
    id: 'line/suppressed',
    title: 'VIRTQ_AVAIL_F_NO_INTERRUPT is honoured, and ends when it is cleared',
    clauses: ['NTF-SUPPRESS'],
    needs: ['ring'],
    programs: (context) => {
      const flag = context.profile.layout.constant('VIRTQ_AVAIL_F_NO_INTERRUPT');
      return eventQueues(context.profile)
        .slice(0, 2)
        .map((queue) => {
          const place = `queue[${queue}].avail.flags`;
          return program([
            liveLine(context),
            event(queue),
            acknowledge(bitOf(context, queue)),
            { op: 'memory-write', place, value: flag },
            event(queue),
            event(queue, 2),
            acknowledge(bitOf(context, queue)),
            { op: 'memory-write', place, value: 0 },
            event(queue),
          ]);
        });
    },
  },
];

export const fallback: Check[] = [
  {
    id: 'fallback/line',
    title: 'declined, events take the line, whatever was written to the MSI registers and tables',
    clauses: ['FBK-LINE', 'INT-RAISE', 'INT-ACK', 'INT-LINE'],
    needs: ['msi', 'events'],
    programs: (context) => {
      const vectors = edgeVectors(context.profile.msi?.vectors ?? 1, 2);
      const sources = eventSources(context.profile);
      const spelled = new VectorOperations(context.profile);
      const pool = context.messages();
      const program1 = sources.map((source) =>
        program([liveLine(context), event(source), acknowledge(bitOf(context, source)), event(source)]),
      );
      const prepared = vectors.flatMap((vector, index) => [
        ...spelled.entry(vector, pool.take()),
        ...spelled.map(sources[index % sources.length] ?? 'config', vector),
        spelled.unmask(vector),
      ]);
      if (spelled.switchable) prepared.push(spelled.switch({ enabled: true }), spelled.switch({ held: true }));
      const events = sources.flatMap((source) => [event(source), acknowledge(bitOf(context, source))]);
      return [
        ...program1,
        program([liveLine(context), ...prepared, ...events]),
        // A driver with MSI, and after a reset one without.
        program([
          { op: 'initialise', msi: true, queues: [], upTo: 'features' },
          ...prepared,
          liveLine(context),
          ...events,
        ]),
      ];
    },
  },
];
