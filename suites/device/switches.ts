/** The switches of all vectors at once, where a layout has them: enable and the function mask. */
import type { Operation, Source } from '../../harness/program.ts';
import { program } from '../../harness/program.ts';
import { type Check, type CheckContext, edgeVectors, eventSources, spread, workQueues } from '../check.ts';
import { event, INSPECT, liveMsi, POWER_CYCLE, RESET, racing, VectorOperations } from './operations.ts';

const negotiated: Operation = { op: 'initialise', msi: true, queues: [], upTo: 'features', enable: false };
const write = (place: string, value: number): Operation => ({ op: 'write', place, value });
const ALL_EVENTS = 0xffffffff;

/** For each source, a vector of its own and another, both unmasked; only in layouts that have the switches. */
function eachSource(
  context: CheckContext,
  build: (source: Source, vector: number, spelled: VectorOperations, other: number, second: Source) => Operation[],
) {
  if (!new VectorOperations(context.profile).switchable) return [];
  const sources = eventSources(context.profile);
  return sources.map((source, index) => {
    const second = sources[(index + 1) % sources.length] ?? source;
    const chosen = context.shuffle(edgeVectors(context.profile.msi?.vectors ?? 1, 8)).slice(0, 2);
    const [vector = 0, other = vector] = chosen;
    const setups = spread(
      second === source || other === vector ? [source] : [source, second],
      chosen,
      context.messages(),
    );
    const spelled = new VectorOperations(context.profile, setups);
    return program([
      liveMsi(context, setups),
      event(source),
      ...build(source, vector, spelled, other, other === vector ? source : second),
    ]);
  });
}

export const switches: Check[] = [
  {
    id: 'switches/bits',
    title: 'enable and the function mask read back, each on its own, and are 0 after a reset',
    clauses: ['CAP-RW', 'CAP-RESET', 'HDR-RO'],
    needs: ['msi'],
    programs: (context) => {
      const spelled = new VectorOperations(context.profile);
      if (!spelled.switchable) return [];
      const all = [0, 1, 2, 3].map((bits) => ({ enabled: (bits & 1) === 1, held: (bits & 2) === 2 }));
      // From each to each.
      const pairs = all.flatMap((from) => all.flatMap((to) => [from, to]));
      const walk = () => pairs.map((one) => spelled.switch(one));
      const live = liveMsi(context, spread([], [0], context.messages()));
      return [
        program([POWER_CYCLE, negotiated, INSPECT]),
        program([negotiated, ...walk(), INSPECT]),
        program([live, ...walk(), spelled.switch({ enabled: true, held: true }), RESET, negotiated, INSPECT]),
        ...all.map((one) => program([live, spelled.switch(one), negotiated, INSPECT])),
      ];
    },
  },
  {
    id: 'function-mask/hold',
    title: 'the function mask holds back every vector, and lets go of what is pending',
    clauses: ['FMK-HOLD', 'FMK-FIRE', 'PBA-CLEAR'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) =>
      eachSource(context, (source, vector, spelled, other, second) => [
        spelled.switch({ held: true }),
        spelled.switch({ held: false }),
        spelled.switch({ held: true }),
        event(source),
        event(source),
        event(second),
        spelled.switch({ held: false }),
        event(source),
        // What was pending by its own mask bit stays so while the function mask comes and goes.
        spelled.mask(vector),
        event(source),
        spelled.switch({ held: true }),
        event(second),
        spelled.switch({ held: false }),
        spelled.unmask(vector),
        event(source),
        spelled.switch({ held: true }),
        ...(other === vector ? [] : [spelled.mask(other)]),
        event(source),
        event(second),
        spelled.switch({ held: false }),
        ...(other === vector ? [] : [spelled.unmask(other)]),
        event(source),
        // Set twice, it is cleared at once all the same.
        spelled.switch({ held: true }),
        spelled.switch({ held: true }),
        event(source),
        spelled.switch({ held: false }),
        event(source),
        INSPECT,
      ]),
  },
  {
    id: 'switches/needs-reset',
    title: 'that the device needs a reset comes by the way that configuration changes take',
    clauses: ['STAT-NEEDS'],
    needs: ['msi', 'config-events', 'needs-reset-events', 'messages'],
    programs: (context) => {
      if (!new VectorOperations(context.profile).switchable) return [];
      return [{ held: true }, { enabled: false }].map((change) => {
        const setups = spread(['config'], [0], context.messages());
        const spelled = new VectorOperations(context.profile, setups);
        return program([
          liveMsi(context, setups),
          event('config'),
          spelled.switch(change),
          event('needs-reset'),
          INSPECT,
          spelled.switch({ enabled: true, held: false }),
        ]);
      });
    },
  },
  {
    id: 'function-mask/own',
    title: 'own mask bits are kept, and can be written, while the function mask is set',
    clauses: ['FMK-OWN', 'FMK-HOLD', 'FMK-FIRE', 'MSK-HOLD'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) =>
      eachSource(context, (source, vector, spelled, other, second) => [
        spelled.mask(vector),
        spelled.switch({ held: true }),
        INSPECT,
        spelled.switch({ held: false }),
        INSPECT,
        event(source),
        spelled.switch({ held: true }),
        spelled.unmask(vector),
        INSPECT,
        spelled.switch({ held: false }),
        event(source),
        spelled.switch({ held: true }),
        event(source),
        spelled.mask(vector),
        spelled.switch({ held: false }),
        event(second),
        spelled.unmask(vector),
        ...(other === vector
          ? []
          : [spelled.switch({ held: true }), spelled.mask(other), spelled.switch({ held: false })]),
        event(second),
        ...(other === vector ? [] : [spelled.unmask(other)]),
        INSPECT,
      ]),
  },
  {
    id: 'function-mask/many',
    title: 'clearing the function mask sends one message for each pending vector and none for others',
    clauses: ['FMK-FIRE'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) => {
      if (!new VectorOperations(context.profile).switchable) return [];
      const sources = eventSources(context.profile);
      const vectors = edgeVectors(context.profile.msi?.vectors ?? 1, 8);
      return [0, 1].map(() => {
        const setups = spread(sources, context.shuffle(vectors), context.messages());
        const spelled = new VectorOperations(context.profile, setups);
        const masked = setups.slice(1, 2).map((setup) => spelled.mask(setup.vector));
        return program([
          liveMsi(context, setups),
          ...sources.map((source) => event(source)),
          ...masked,
          spelled.switch({ held: true }),
          ...context.shuffle(sources).map((source) => event(source)),
          ...context.shuffle(sources).map((source) => event(source)),
          spelled.switch({ held: false }),
          ...setups.slice(1, 2).map((setup) => spelled.unmask(setup.vector)),
          ...sources.map((source) => event(source)),
          INSPECT,
        ]);
      });
    },
  },
  {
    id: 'function-mask/fresh',
    title: 'an entry that was written behind the function mask, or while disabled, is what is sent',
    clauses: ['ENT-FRESH', 'ENT-QUIET'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) =>
      eachSource(context, (source, vector, spelled) => {
        const pool = context.messages();
        for (let used = 0; used < 4; used++) pool.take();
        return [
          spelled.switch({ held: true }),
          ...spelled.entry(vector, pool.take()),
          spelled.switch({ held: false }),
          event(source),
          spelled.switch({ held: true }),
          event(source),
          ...spelled.entry(vector, pool.take()),
          spelled.switch({ held: false }),
          spelled.switch({ enabled: false }),
          ...spelled.entry(vector, pool.take()),
          spelled.switch({ enabled: true }),
          event(source),
        ];
      }),
  },
  {
    id: 'enable/line',
    title: 'disabled, events go to InterruptStatus and the line, and not to the vectors',
    clauses: ['ENA-OFF', 'ENA-LINE', 'ENA-ONCE', 'DLV-STATUS', 'DLV-LINE'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) =>
      eachSource(context, (source, vector, spelled, _other, second) => [
        spelled.switch({ enabled: false }),
        event(source),
        write('InterruptACK', ALL_EVENTS),
        event(source),
        event(second),
        write('InterruptACK', 1),
        write('InterruptACK', 2),
        event(source),
        // What InterruptStatus shows stays, the line does not, and it comes back.
        spelled.switch({ enabled: true }),
        event(source),
        spelled.switch({ enabled: false }),
        write('InterruptACK', ALL_EVENTS),
        event(second),
        spelled.switch({ enabled: true }),
        write('InterruptACK', ALL_EVENTS),
        spelled.switch({ enabled: false }),
        spelled.mask(vector),
        event(source),
        write('InterruptACK', ALL_EVENTS),
        spelled.switch({ enabled: true }),
        spelled.unmask(vector),
        event(source),
        INSPECT,
      ]),
  },
  {
    id: 'enable/late',
    title: 'enabled only after events came to the line',
    clauses: ['ENA-OFF', 'ENA-LINE', 'ENA-ONCE', 'DLV-STATUS'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) => {
      if (!new VectorOperations(context.profile).switchable) return [];
      return eventSources(context.profile).map((source) => {
        const setups = spread([source], [0], context.messages());
        const spelled = new VectorOperations(context.profile, setups);
        const disabled = spelled.switch({ enabled: false });
        return program([
          { op: 'initialise', msi: true, queues: workQueues(context.profile), vectors: setups, enable: false },
          event(source),
          disabled,
          spelled.switch({ enabled: true }),
          event(source),
          write('InterruptACK', ALL_EVENTS),
          event(source),
          RESET,
          negotiated,
          INSPECT,
        ]);
      });
    },
  },
  {
    id: 'enable/pending',
    title: 'what is pending stays while disabled, and is sent once when enabled',
    clauses: ['ENA-KEEP', 'ENA-FIRE', 'ENA-ONCE', 'PBA-CLEAR'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) =>
      eachSource(context, (source, vector, spelled, other, second) => [
        spelled.mask(vector),
        event(source),
        spelled.switch({ enabled: false }),
        spelled.switch({ enabled: true }),
        spelled.switch({ enabled: false }),
        spelled.unmask(vector),
        INSPECT,
        spelled.switch({ enabled: true }),
        event(source),
        spelled.switch({ held: true }),
        event(source),
        event(second),
        spelled.switch({ enabled: false }),
        spelled.switch({ held: false }),
        INSPECT,
        ...(other === vector ? [] : [spelled.mask(other)]),
        spelled.switch({ enabled: true }),
        ...(other === vector ? [] : [spelled.unmask(other)]),
        event(source),
        // Both at once.
        spelled.switch({ held: true }),
        event(source),
        spelled.switch({ enabled: false, held: false }),
        spelled.switch({ enabled: true }),
        spelled.switch({ held: true }),
        event(source),
        spelled.switch({ enabled: false }),
        spelled.switch({ enabled: true, held: false }),
        event(second),
        // Enabled and held in one write: nothing may slip out in between, nor get lost.
        spelled.switch({ held: true }),
        event(source),
        spelled.switch({ enabled: false, held: false }),
        spelled.switch({ enabled: true, held: true }),
        INSPECT,
        spelled.switch({ enabled: false, held: true }),
        spelled.switch({ enabled: true, held: false }),
        event(source),
        spelled.mask(vector),
        event(source),
        spelled.switch({ enabled: false, held: true }),
        spelled.unmask(vector),
        spelled.switch({ enabled: false, held: false }),
        spelled.switch({ enabled: true, held: true }),
        spelled.switch({ held: false }),
        event(source),
        INSPECT,
      ]),
  },
  {
    id: 'switches/driver-ok',
    title: 'DRIVER_OK changes neither the switches nor InterruptStatus',
    clauses: ['CAP-RW', 'ENA-LINE', 'FMK-HOLD'],
    needs: ['msi', 'config-events', 'messages'],
    programs: (context) => {
      const spelled = new VectorOperations(context.profile);
      if (!spelled.switchable) return [];
      const { layout } = context.profile;
      const names = ['ACKNOWLEDGE', 'DRIVER', 'FEATURES_OK', 'DRIVER_OK'];
      const live = names.reduce((sum, name) => sum | layout.bit('Status', name), 0);
      return [true, false].map((enabled) => {
        const vectors = spread(['config'], [0], context.messages());
        return program([
          { op: 'initialise', msi: true, queues: workQueues(context.profile), vectors, upTo: 'queues', enable: false },
          spelled.switch({ enabled, held: true }),
          event('config'),
          write('Status', live),
          INSPECT,
          event('config'),
          spelled.switch({ enabled: true, held: false }),
          INSPECT,
        ]);
      });
    },
  },
  {
    id: 'enable/races',
    title: 'an event beside a switch is neither lost nor doubled',
    clauses: ['ENA-ONCE', 'ENA-FIRE', 'FMK-FIRE', 'DLV-LOST', 'ENA-LINE'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) =>
      eachSource(context, (source, vector, spelled) => [
        racing(event(source)),
        spelled.switch({ enabled: false }),
        write('InterruptACK', ALL_EVENTS),
        racing(event(source)),
        spelled.switch({ enabled: true }),
        write('InterruptACK', ALL_EVENTS),
        racing(event(source)),
        spelled.switch({ held: true }),
        racing(event(source)),
        spelled.switch({ held: false }),
        racing(event(source)),
        racing(spelled.mask(vector)),
        racing(spelled.switch({ enabled: false })),
        spelled.unmask(vector),
        write('InterruptACK', ALL_EVENTS),
        spelled.switch({ enabled: true }),
        event(source),
        INSPECT,
      ]),
  },
  {
    id: 'enable/mapping',
    title: 'mapping while disabled delivers nothing later',
    clauses: ['ENA-KEEP', 'ENA-OFF', 'MAP-OFF'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) =>
      eachSource(context, (source, vector, spelled, other) => [
        spelled.switch({ enabled: false }),
        ...spelled.map(source, spelled.noVector),
        event(source),
        ...spelled.map(source, other),
        INSPECT,
        event(source),
        write('InterruptACK', ALL_EVENTS),
        spelled.switch({ enabled: true }),
        event(source),
        ...spelled.map(source, vector),
        event(source),
        INSPECT,
      ]),
  },
];

export const vectorControl: Check[] = [
  {
    id: 'vector-control/reserved',
    title: 'bits of vector control above the mask bit act on nothing',
    clauses: ['ENT-RSVD'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) => {
      const { layout } = context.profile;
      if (!layout.msi?.other['vector-control']) return [];
      return eachSource(context, (source, vector, spelled, other, second) => {
        const control = (one: number, masked: 0 | 1) =>
          [1, 2, 16, 31].map((bit) => spelled.writeMaskPlace(spelled.maskPlace(one), 2 ** bit + masked));
        return [
          ...control(vector, 0),
          event(source),
          ...control(vector, 1),
          event(source),
          ...control(other, 0),
          event(second),
          ...control(vector, 0),
          event(source),
          INSPECT,
        ];
      });
    },
  },
];
