/** The base transport: identification, features, status, queues, configuration, shared memory. */

import { eventQueues, offers } from '../../harness/profile.ts';
import { type Operation, program } from '../../harness/program.ts';
import { type Check, type CheckContext, MOST_QUEUES, spread, workQueues } from '../check.ts';
import { event, INSPECT, liveLine, liveMsi, RESET, VectorOperations } from './operations.ts';
import { allWords, words32 } from './patterns.ts';

const read = (place: string): Operation => ({ op: 'read', place });
const write = (place: string, value: number): Operation => ({ op: 'write', place, value });

const status = (context: CheckContext, ...names: string[]): number =>
  names.reduce((sum, name) => sum | context.profile.layout.bit('Status', name), 0);

export const identification: Check[] = [
  {
    id: 'identification/values',
    title: 'MagicValue and Version',
    clauses: ['ID-MAGIC', 'ID-VERSION'],
    needs: [],
    programs: () => [program([read('MagicValue'), read('Version'), read('MagicValue')], { watch: false })],
  },
];

export const features: Check[] = [
  {
    id: 'features/offered',
    title: 'what the device offers, word by word in shuffled order',
    clauses: ['FEAT-VERSION1', 'FEAT-REQUIRES', 'FEAT-RESERVED'],
    needs: [],
    programs: ({ shuffle }) => [
      program(
        shuffle([0, 1, 2, 3, 4, 5]).flatMap((window) => [write('DeviceFeaturesSel', window), read('DeviceFeatures')]),
        { watch: false },
      ),
    ],
  },
  {
    id: 'features/subsets',
    title: 'valid subsets are accepted, and accepted again after a reset',
    clauses: ['FEAT-SUBSET', 'FEAT-AGAIN'],
    needs: [],
    programs: ({ profile }) => {
      const ringReset = 'VIRTIO_F_RING_RESET' in profile.layout.data.features && offers(profile, 'VIRTIO_F_RING_RESET');
      const choices: Operation[] = [{ op: 'initialise', msi: false, queues: [], upTo: 'features' }];
      if (profile.msi) choices.push({ op: 'initialise', msi: true, queues: [], upTo: 'features' });
      if (ringReset) choices.push({ op: 'initialise', msi: false, ringReset, queues: [], upTo: 'features' });
      if (ringReset && profile.msi)
        choices.push({ op: 'initialise', msi: true, ringReset, queues: [], upTo: 'features' });
      const alone = choices.map((choice) => program([choice, choice, RESET, choice]));
      return [...alone, program([...choices, ...choices.toReversed(), ...choices])];
    },
  },
];

export const statusChecks: Check[] = [
  {
    id: 'status/read-back',
    title: 'Status reads back what the driver set',
    clauses: ['STAT-BACK', 'STAT-RESET'],
    needs: [],
    programs: (context) => [
      program([
        RESET,
        read('Status'),
        write('Status', status(context, 'ACKNOWLEDGE')),
        read('Status'),
        write('Status', status(context, 'ACKNOWLEDGE', 'DRIVER')),
        read('Status'),
        write('Status', status(context, 'ACKNOWLEDGE', 'DRIVER', 'FAILED')),
        read('Status'),
        RESET,
        read('Status'),
      ]),
      program([liveLine(context), read('Status'), RESET, read('Status'), liveLine(context), read('Status')]),
    ],
  },
  {
    id: 'status/reset-when-live',
    title: 'a reset in every state ends in Status 0',
    clauses: ['STAT-RESET', 'QUE-RESET', 'INT-RESET'],
    needs: [],
    programs: (context) =>
      (['driver', 'features', 'queues', 'live'] as const).map((upTo) =>
        program([
          { op: 'initialise', msi: false, queues: workQueues(context.profile), upTo },
          INSPECT,
          RESET,
          INSPECT,
          liveLine(context),
          INSPECT,
        ]),
      ),
  },
  {
    id: 'status/needs-reset',
    title: 'DEVICE_NEEDS_RESET is notified as a configuration change',
    clauses: ['STAT-NEEDS'],
    needs: ['needs-reset-events'],
    programs: (context) => {
      const need: Operation = { op: 'event', source: 'needs-reset' };
      const line = program([liveLine(context), need, RESET, liveLine(context), need, RESET, liveLine(context), need]);
      if (!context.profile.msi) return [line];
      const vector = { vector: 0, message: context.messages().take(), sources: ['config' as const], unmask: true };
      const live = liveMsi(context, [vector]);
      const masked = liveMsi(context, [{ ...vector, unmask: false }]);
      const unmask = new VectorOperations(context.profile).unmask(0);
      return [
        line,
        program([live, need, RESET, live, need, RESET, live, need]),
        program([live, event('config'), masked, need, unmask]),
      ];
    },
  },
];

export const queues: Check[] = [
  {
    id: 'queues/ready',
    title: 'QueueReady of each queue is its own, reads back, and is cleared by a reset',
    clauses: ['QUE-READY', 'QUE-SELECT', 'QUE-RESET'],
    needs: [],
    programs: (context) => {
      const all = workQueues(context.profile);
      const stops = all.flatMap((queue) => [write('QueueSel', queue), write('QueueReady', 0), INSPECT]);
      return [
        program([{ op: 'initialise', msi: false, queues: all }, INSPECT, ...stops, RESET, INSPECT]),
        program([{ op: 'initialise', msi: false, queues: all }, INSPECT, RESET, INSPECT, liveLine(context), INSPECT]),
        ...all.map((queue) =>
          program([{ op: 'initialise', msi: false, queues: [queue] }, INSPECT, RESET, INSPECT], { watch: false }),
        ),
        // Stopped before it was used: that it starts from index 0 again needs no reading between the lines.
        program([
          liveLine(context),
          ...all.flatMap((queue) => [
            write('QueueSel', queue),
            write('QueueReady', 0),
            { op: 'queue-setup' as const, queue },
            INSPECT,
            event(queue),
          ]),
        ]),
      ];
    },
  },
  {
    id: 'queues/selection',
    title: 'QueueSizeMax follows QueueSel',
    clauses: ['QUE-SELECT'],
    needs: [],
    programs: ({ profile, shuffle }) => {
      const order = shuffle(profile.queues.map((_, queue) => queue)).slice(0, 2 * MOST_QUEUES);
      return [
        program(
          [...order, ...order].flatMap((q) => [write('QueueSel', q), read('QueueSizeMax')]),
          { watch: false },
        ),
      ];
    },
  },
  {
    id: 'queues/work',
    title: 'buffers are used when they may be: alone, in bursts, round the ring',
    clauses: ['QUE-WORKS', 'INT-RAISE'],
    needs: ['ring'],
    programs: (context) =>
      eventQueues(context.profile)
        .slice(0, MOST_QUEUES)
        .map((queue) =>
          program([
            liveLine(context),
            event(queue),
            event(queue, 2),
            ...Array.from({ length: 18 }, () => event(queue)),
            event(queue, 3),
          ]),
        ),
  },
  {
    id: 'queues/long',
    title: 'a queue goes on when its indices need a second byte',
    clauses: ['QUE-WORKS'],
    needs: ['ring'],
    programs: (context) =>
      eventQueues(context.profile)
        .slice(0, 1)
        .map((queue) =>
          program([liveLine(context), ...Array.from({ length: 60 }, () => event(queue, 5)), event(queue)]),
        ),
  },
  {
    id: 'queues/alone-and-together',
    title: 'a queue works as well with the others set up as alone',
    clauses: ['QUE-SELECT', 'QUE-WORKS'],
    needs: ['ring'],
    programs: (context) => {
      if (workQueues(context.profile).length < 2) return [];
      const round = (queue: number) => Array.from({ length: 18 }, () => event(queue));
      return eventQueues(context.profile)
        .slice(0, MOST_QUEUES)
        .map((queue) =>
          program([
            { op: 'initialise', msi: false, queues: [queue] },
            ...round(queue),
            liveLine(context),
            ...round(queue),
          ]),
        );
    },
  },
  {
    id: 'queues/idle',
    title: 'a queue that is not ready is left alone',
    clauses: ['QUE-IDLE'],
    needs: ['ring'],
    programs: (context) =>
      eventQueues(context.profile)
        .slice(0, MOST_QUEUES)
        .flatMap((queue) => {
          const stop = [write('QueueSel', queue), write('QueueReady', 0)];
          const others = eventQueues(context.profile)
            .filter((other) => other !== queue)
            .slice(0, 1)
            .map((other) => event(other));
          const line = program([
            liveLine(context),
            event(queue),
            { op: 'offer', queue },
            ...stop,
            INSPECT,
            event(queue),
            ...others,
            event(queue),
            ...others,
          ]);
          if (!context.profile.msi) return [line];
          const vector = { vector: 0, message: context.messages().take(), sources: [queue], unmask: true };
          return [line, program([liveMsi(context, [vector]), event(queue), ...stop, event(queue), event(queue)])];
        }),
  },
  {
    id: 'queues/early',
    title: 'nothing happens before DRIVER_OK',
    clauses: ['QUE-EARLY', 'DLV-READY'],
    needs: ['queue-events'],
    programs: (context) => {
      const [queue = 0] = eventQueues(context.profile);
      const all = workQueues(context.profile);
      const driverOk = write('Status', status(context, 'ACKNOWLEDGE', 'DRIVER', 'FEATURES_OK', 'DRIVER_OK'));
      const line = program([
        liveLine(context),
        event(queue),
        { op: 'initialise', msi: false, queues: all, upTo: 'queues' },
        event(queue),
        event(queue, 2),
        driverOk,
        event(queue),
        { op: 'initialise', msi: false, queues: all, upTo: 'queues' },
        write('QueueSel', queue),
        write('QueueReady', 0),
        event(queue),
        write('QueueReady', 1),
        driverOk,
        event(queue),
      ]);
      if (!context.profile.msi) return [line];
      const pool = context.messages();
      const vectors = [{ vector: 0, message: pool.take(), sources: [queue], unmask: true }];
      return [
        line,
        program([
          liveMsi(context, vectors),
          event(queue),
          { op: 'initialise', msi: true, queues: all, vectors, upTo: 'queues' },
          event(queue),
          event(queue, 2),
          driverOk,
          event(queue),
        ]),
      ];
    },
  },
  {
    id: 'queues/after-reset',
    title: 'once Status has read 0, queues and driver are left alone',
    clauses: ['QUE-AFTER', 'RST-QUIET'],
    needs: ['queue-events'],
    programs: (context) => {
      const [queue = 0] = eventQueues(context.profile);
      const changes = context.profile.capabilities.configEvents ? [event('config')] : [];
      const line = program([
        liveLine(context),
        event(queue),
        ...changes,
        RESET,
        ...changes,
        event(queue),
        event(queue),
        liveLine(context),
        event(queue),
      ]);
      if (!context.profile.msi) return [line];
      const vectors = [{ vector: 0, message: context.messages().take(), sources: [queue], unmask: true }];
      return [line, program([liveMsi(context, vectors), event(queue), RESET, event(queue), event(queue)])];
    },
  },
];

export const queueReset: Check[] = [
  {
    id: 'queue-reset/one-queue',
    title: 'a queue is reset alone, stays silent, and works again after set-up',
    clauses: ['QRST-RESET', 'QRST-ENABLE', 'QRST-DONE', 'QRST-QUIET', 'QRST-AGAIN'],
    needs: ['ring-reset', 'ring'],
    programs: (context) => {
      const sources = eventQueues(context.profile).slice(0, MOST_QUEUES);
      const on = (queue: number, setUp: Operation, remap: Operation[]): Operation[] => [
        setUp,
        INSPECT,
        event(queue),
        write('QueueSel', queue),
        read('QueueReset'),
        { op: 'queue-reset', queue },
        INSPECT,
        write('QueueSel', queue),
        read('QueueReset'),
        { op: 'memory-read', place: `queue[${queue}].used.idx` },
        event(queue === sources[0] ? (sources[1] ?? queue) : (sources[0] ?? queue)),
        { op: 'queue-setup', queue },
        read('QueueReset'),
        ...remap,
        INSPECT,
        event(queue),
        event(queue, 2),
        RESET,
        { op: 'initialise', msi: false, ringReset: true, queues: [], upTo: 'features' },
        write('QueueSel', queue),
        read('QueueReset'),
        setUp,
        write('QueueSel', queue),
        read('QueueReset'),
        { op: 'queue-reset', queue },
        RESET,
        { op: 'initialise', msi: false, ringReset: true, queues: [], upTo: 'features' },
        write('QueueSel', queue),
        read('QueueReset'),
        // A reset that overtakes a queue reset.
        setUp,
        write('QueueSel', queue),
        { op: 'write', place: 'QueueReset', value: 1, race: true },
        { op: 'initialise', msi: false, ringReset: true, queues: [], upTo: 'features' },
        write('QueueSel', queue),
        read('QueueReset'),
      ];
      const line = sources.map((queue) => program(on(queue, liveLine(context, true), [])));
      if (!context.profile.msi) return line;
      const msi = context.profile.layout.msi?.queueVector ?? '';
      return [
        ...line,
        ...sources.map((queue) => {
          const vectors = [{ vector: 0, message: context.messages().take(), sources: [queue], unmask: true }];
          const remap = [write('QueueSel', queue), write(msi, 0)];
          return program(on(queue, liveMsi(context, vectors, true), remap));
        }),
      ];
    },
  },
  {
    id: 'queue-reset/silence',
    title: 'buffers offered to a queue that was reset stay where they are',
    clauses: ['QRST-QUIET'],
    needs: ['ring-reset', 'ring'],
    programs: (context) =>
      eventQueues(context.profile)
        .slice(0, MOST_QUEUES)
        .flatMap((queue) => {
          const after: Operation[] = [event(queue), { op: 'queue-reset', queue }, event(queue), event(queue)];
          const line = program([liveLine(context, true), ...after]);
          if (!context.profile.msi) return [line];
          const vectors = [{ vector: 0, message: context.messages().take(), sources: [queue], unmask: true }];
          return [line, program([liveMsi(context, vectors, true), ...after])];
        }),
  },
];

const configWords = (size: number) => allWords(size).map((at) => read(`Config+${at}`));

export const configuration: Check[] = [
  {
    id: 'configuration/early',
    title: 'the configuration space can be read before FEATURES_OK',
    clauses: ['CFG-EARLY'],
    needs: ['config-space'],
    programs: (context) => {
      const words = configWords(context.profile.configSize);
      return [
        program(
          [
            RESET,
            read('ConfigGeneration'),
            ...words,
            write('Status', status(context, 'ACKNOWLEDGE')),
            read('ConfigGeneration'),
            ...words,
            { op: 'initialise', msi: false, queues: [], upTo: 'driver' },
            read('ConfigGeneration'),
            ...words,
            liveLine(context),
            read('ConfigGeneration'),
            ...words,
          ],
          { watch: false },
        ),
      ];
    },
  },
  {
    id: 'configuration/generation',
    title: 'ConfigGeneration changes with a configuration that could be torn',
    clauses: ['CFG-GENERATION'],
    needs: ['config-space', 'config-events'],
    programs: (context) => {
      const look = [read('ConfigGeneration'), ...configWords(context.profile.configSize)];
      const rounds = Array.from({ length: 4 }, (): Operation[] => [event('config'), { op: 'settle' }, ...look]).flat();
      const states: Operation[] = [
        liveLine(context),
        { op: 'initialise', msi: false, queues: [], upTo: 'features' },
        { op: 'initialise', msi: false, queues: [], upTo: 'driver' },
      ];
      if (context.profile.msi) {
        states.push(liveMsi(context, spread(['config'], [0], context.messages())));
        states.push(liveMsi(context, spread(['config'], [0], context.messages(), false)));
        states.push(liveMsi(context, []));
      }
      return states.map((state) => program([state, ...look, ...rounds], { watch: false }));
    },
  },
];

export const sharedMemory: Check[] = [
  {
    id: 'shared-memory/absent',
    title: 'a region that does not exist reads all ones',
    clauses: ['SHM-ABSENT'],
    needs: ['shared-memory-known'],
    programs: ({ shuffle }) => [
      program(
        [0, 1, words32.byte].flatMap((region) => [
          write('SHMSel', region),
          ...shuffle(['SHMLenLow', 'SHMLenHigh', 'SHMBaseLow', 'SHMBaseHigh']).map(read),
        ]),
        { watch: false },
      ),
    ],
  },
];
