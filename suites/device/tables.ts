/** The header, the entry table, the mask table and the pending bits as registers: what they hold and what they ignore. */
import { headerRegisters } from '../../harness/header.ts';
import { takesAddress } from '../../harness/messages.ts';
import { type Operation, program } from '../../harness/program.ts';
import { type Check, type CheckContext, edgeVectors, eventSources, spread } from '../check.ts';
import { event, INSPECT, liveLine, liveMsi, POWER_CYCLE, RESET, VectorOperations } from './operations.ts';
import { coarse, tag, walking, words32 } from './patterns.ts';

const read = (place: string): Operation => ({ op: 'read', place });
const write = (place: string, value: number): Operation => ({ op: 'write', place, value });
const negotiated: Operation = { op: 'initialise', msi: true, queues: [], upTo: 'features' };

const count = (context: CheckContext) => context.profile.msi?.vectors ?? 1;
const ENTRY_FIELDS = ['address-low', 'address-high', 'data'] as const;

/** Coarse patterns, and the least value of each field. */
function headerValues({ profile }: CheckContext, name: string): number[] {
  const fields = Object.values(profile.layout.register(name).fields);
  return [...coarse, 1, ...fields.map(({ low }) => 2 ** low)];
}

export const header: Check[] = [
  {
    id: 'header/values',
    title: 'the vector count and the places of the tables',
    clauses: ['HDR-COUNT', 'HDR-PLACE'],
    needs: [],
    programs: ({ profile, shuffle }) => {
      if (!profile.layout.msi) return [];
      return [program([RESET, ...shuffle(headerRegisters(profile.layout)).map(read)], { watch: false })];
    },
  },
  {
    id: 'header/constant',
    title: 'the header is the same in every state of the device',
    clauses: ['HDR-COUNT', 'HDR-PLACE'],
    needs: ['msi'],
    programs: (context) => {
      const look = headerRegisters(context.profile.layout).map(read);
      const { vectors } = { vectors: spread([], [0], context.messages()) };
      return [
        program([
          RESET,
          ...look,
          negotiated,
          ...look,
          liveMsi(context, vectors),
          ...look,
          RESET,
          ...look,
          liveLine(context),
          ...look,
        ]),
        program([POWER_CYCLE, ...look, liveMsi(context, vectors), INSPECT, POWER_CYCLE, RESET, ...look]),
      ];
    },
  },
  {
    id: 'header/read-only',
    title: 'writes to the header change nothing',
    clauses: ['HDR-RO'],
    needs: ['msi'],
    programs: (context) =>
      [RESET, negotiated, liveMsi(context, spread([], [0], context.messages()))].map((state) =>
        program([
          state,
          ...headerRegisters(context.profile.layout).flatMap((name) =>
            headerValues(context, name).map((value) => new VectorOperations(context.profile).writeHeader(name, value)),
          ),
          RESET,
          INSPECT,
        ]),
      ),
  },
  {
    id: 'header/absent',
    title: 'not offered, the registers of the feature read 0 and ignore writes',
    clauses: ['HDR-ABSENT'],
    needs: [],
    programs: ({ profile, shuffle }) => {
      const { layout, msi, msiReason } = profile;
      // Of a device that never heard of the layout these are undefined offsets.
      if (!layout.msi || msi || !profile.implementsLayout || !msiReason?.includes('does not offer')) return [];
      const { feature } = layout.msi;
      const names = Object.values(layout.data.registers)
        .filter((r) => r.feature === feature)
        .map((r) => r.name);
      const look = shuffle(names).map(read);
      const touch = names.flatMap((name) => [write(name, 0), read(name), write(name, words32.ones), read(name)]);
      return [
        program([RESET, ...look, { op: 'initialise', msi: false, queues: [] }, ...look, ...touch, ...look], {
          watch: false,
        }),
      ];
    },
  },
];

export const entries: Check[] = [
  {
    id: 'entries/bits',
    title: 'every bit of an entry reads back, each entry on its own',
    clauses: ['ENT-RW', 'ENT-QUIET'],
    needs: ['msi'],
    programs: (context) => {
      const spelled = new VectorOperations(context.profile);
      return edgeVectors(count(context), 6).map((vector, index) =>
        program(
          [
            negotiated,
            ...(index < 2 ? walking : coarse).flatMap((value) =>
              ENTRY_FIELDS.flatMap((field) => {
                const place = spelled.entryPlace(vector, field);
                return [write(place, value), read(place)];
              }),
            ),
          ],
          { watch: false },
        ),
      );
    },
  },
  {
    id: 'entries/aliasing',
    title: 'all entries hold a value of their own at once',
    clauses: ['ENT-RW', 'ENT-QUIET', 'MSK-RESET'],
    needs: ['msi'],
    programs: (context) => {
      const spelled = new VectorOperations(context.profile);
      const vectors =
        count(context) <= 64 ? Array.from({ length: count(context) }, (_, v) => v) : edgeVectors(count(context), 13);
      const places = vectors.flatMap((vector) =>
        ENTRY_FIELDS.map((field, column) => [spelled.entryPlace(vector, field), tag(vector, column) & ~3] as const),
      );
      const filled = [
        ...context.shuffle(places).map(([place, value]) => write(place, value >>> 0)),
        ...context.shuffle(places).map(([place]) => read(place)),
        INSPECT,
      ];
      return [
        program([negotiated, ...filled], { watch: false }),
        program([negotiated, INSPECT, ...filled.slice(0, 12), INSPECT]),
      ];
    },
  },
  {
    id: 'entries/reserved',
    title: 'the reserved dword acts on nothing',
    clauses: ['ENT-RSVD'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) => {
      if (!context.profile.layout.hasPlace('entry.reserved')) return [];
      return eventSources(context.profile).map((source) => {
        const [vector = 0, other = 0] = context.shuffle(edgeVectors(count(context), 6));
        const setups = spread([source], [vector], context.messages());
        const spelled = new VectorOperations(context.profile, setups);
        const place = spelled.entryPlace(vector, 'reserved');
        const touch = [1, 0, words32.ones, words32.even, 0, 3];
        return program([
          liveMsi(context, setups),
          event(source),
          ...touch.flatMap((value) => [write(place, value), event(source)]),
          spelled.mask(vector),
          ...touch.flatMap((value) => [write(place, value), event(source)]),
          write(spelled.entryPlace(other, 'reserved'), 1),
          spelled.unmask(vector),
          event(source),
          INSPECT,
        ]);
      });
    },
  },
  {
    id: 'entries/quiet',
    title: 'writing an entry sends nothing and leaves masks and pending bits',
    clauses: ['ENT-QUIET', 'ENT-FRESH', 'PBA-FIRE'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) =>
      eventSources(context.profile).map((source) => {
        const [vector = 0] = context.shuffle(edgeVectors(count(context), 6));
        const pool = context.messages();
        const setups = spread([source], [vector], pool);
        const spelled = new VectorOperations(context.profile, setups);
        return program([
          liveMsi(context, setups),
          event(source),
          spelled.mask(vector),
          ...spelled.entry(vector, pool.take()),
          event(source),
          ...spelled.entry(vector, pool.take()),
          ...spelled.entry(vector, pool.take()).toReversed(),
          spelled.unmask(vector),
          event(source),
          INSPECT,
        ]);
      }),
  },
  {
    id: 'entries/fresh',
    title: 'a message carries what its entry held when it was unmasked',
    clauses: ['ENT-FRESH', 'DLV-USED', 'DLV-CONFIG'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) =>
      eventSources(context.profile).flatMap((source) => {
        const [vector = 0] = context.shuffle(edgeVectors(count(context), 6));
        const pool = context.messages();
        const setups = spread([source], [vector], pool);
        const whole = new VectorOperations(context.profile, setups);
        const retarget = (): Operation[] => [
          whole.mask(vector),
          ...whole.entry(vector, pool.take()),
          whole.unmask(vector),
          event(source),
        ];
        const unmasked = new VectorOperations(context.profile, setups);
        const [, , data] = unmasked.entry(vector, pool.take());
        return [
          program([liveMsi(context, setups), event(source), ...retarget(), ...retarget(), ...retarget()]),
          program([
            liveMsi(context, setups),
            event(source),
            ...(data ? [data] : []),
            event(source),
            unmasked.mask(vector),
            unmasked.unmask(vector),
            event(source),
          ]),
        ];
      }),
  },
  {
    id: 'entries/parts',
    title: 'a re-target counts though it changes one dword of the entry alone',
    clauses: ['ENT-FRESH', 'DLV-USED', 'DLV-CONFIG'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) =>
      eventSources(context.profile).map((source) => {
        const [vector = 0] = context.shuffle(edgeVectors(count(context), 6));
        const pool = context.messages();
        const old = pool.take();
        const next = pool.take();
        const setups = [{ vector, message: old, sources: [source], unmask: true }];
        const spelled = new VectorOperations(context.profile, setups);
        const [low, high, data] = spelled.entry(vector, next);
        // Only what the interrupt controller takes may be sent, and that is half of one address and half of another.
        const isUsable = takesAddress(context.adapter.messages, { ...old, addressHigh: next.addressHigh });
        return program([
          liveMsi(context, setups),
          event(source),
          ...[...(isUsable ? [high, low] : []), data].flatMap((part) =>
            part ? [spelled.mask(vector), part, spelled.unmask(vector), event(source)] : [],
          ),
        ]);
      }),
  },
];

/** Dwords of masks with an edge in them: the first, the last, and those beyond that rounding adds. */
function edgePlaces(context: CheckContext): string[] {
  const vectors = count(context);
  const some = new VectorOperations(context.profile).maskPlaces([0, Math.min(32, vectors - 1), 1, vectors - 1]);
  return [...new Set([...some, ...beyondMasks(context).slice(-1)])];
}

/** Dwords of a mask table that hold no vector's bit. */
function beyondMasks(context: CheckContext): string[] {
  const { layout } = context.profile;
  const table = layout.msi?.maskTable;
  if (table === undefined) return [];
  const words = layout.tableLength(table, count(context)) / 4;
  const used = Math.ceil(count(context) / 32);
  return Array.from({ length: words - used }, (_, index) => `${table}[${used + index}]`);
}

/** Runs before anything uses the vectors: a target without a power cycle is fresh only once. */
export const fresh: Check[] = [
  {
    id: 'masks/fresh',
    title: 'in a fresh device all vectors are masked, none is pending, nothing is mapped',
    clauses: ['MSK-RESET', 'MAP-RESET', 'PBA-CLEAR', 'MSK-RSVD', 'PBA-RO'],
    needs: ['msi'],
    programs: (context) => {
      const spelled = new VectorOperations(context.profile);
      const vectors = count(context);
      const all = Array.from({ length: vectors }, (_, vector) => vector);
      const beyond = beyondMasks(context);
      const { pendingTable = '' } = context.profile.layout.msi ?? {};
      const pending = Array.from(
        { length: context.profile.layout.tableLength(pendingTable, vectors) / 4 },
        (_, word) => `${pendingTable}[${word}]`,
      );
      return [
        program([
          POWER_CYCLE,
          negotiated,
          ...context.shuffle([...spelled.maskPlaces(all), ...beyond, ...pending]).map(read),
          INSPECT,
        ]),
      ];
    },
  },
];

export const masks: Check[] = [
  {
    id: 'masks/bits',
    title: 'each mask bit reads back and is its own; bits beyond the last vector stay 0',
    clauses: ['MSK-RW', 'MSK-RSVD'],
    needs: ['msi'],
    programs: (context) => {
      const spelled = new VectorOperations(context.profile);
      const all = edgePlaces(context);
      const allMasked = (place: string) => 2 ** spelled.vectorsAt(place).length - 1;
      return all.map((place) =>
        program(
          [
            negotiated,
            ...walking.flatMap((value) => [write(place, value), ...all.map(read)]),
            ...all.flatMap((other) => [write(other, allMasked(other)), ...all.map(read)]),
            INSPECT,
          ],
          { watch: false },
        ),
      );
    },
  },
  {
    id: 'masks/hold',
    title: 'a masked vector holds its message, a neighbour does not',
    clauses: ['MSK-HOLD', 'PBA-SET', 'PBA-FIRE', 'DLV-USED', 'DLV-CONFIG'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) => {
      const sources = eventSources(context.profile);
      const vectors = edgeVectors(count(context), 8);
      return sources.flatMap((source) =>
        vectors.map((vector, index) => {
          const neighbour = vectors[(index + 1) % vectors.length] ?? vector;
          const second = sources.find((other) => other !== source);
          const pool = context.messages();
          const chosen = neighbour === vector || second === undefined ? [vector] : [vector, neighbour];
          const setups = spread(
            second === undefined || chosen.length === 1 ? [source] : [source, second],
            chosen,
            pool,
          );
          const spelled = new VectorOperations(context.profile, setups);
          const beside = second !== undefined && chosen.length === 2 ? [event(second)] : [];
          return program([
            liveMsi(context, setups),
            event(source),
            ...beside,
            spelled.mask(vector),
            event(source),
            ...beside,
            spelled.unmask(vector),
            event(source),
            ...(chosen.length === 2
              ? [spelled.mask(neighbour), event(source), ...beside, spelled.mask(vector), ...beside, event(source)]
              : []),
            ...(chosen.length === 2 ? [spelled.unmask(neighbour), spelled.unmask(vector)] : []),
            INSPECT,
          ]);
        }),
      );
    },
  },
  {
    id: 'masks/one-word',
    title: 'one write masks some vectors and unmasks others',
    clauses: ['MSK-RW', 'PBA-FIRE', 'PBA-NONE', 'MSK-HOLD'],
    needs: ['msi', 'events', 'messages'],
    programs: (context) => {
      const sources = eventSources(context.profile);
      const [a, b] = [0, 1];
      if (count(context) < 2 || sources.length === 0) return [];
      const first = sources[0] ?? 'config';
      const second = sources.at(-1) ?? first;
      const setups = spread(first === second ? [first] : [first, second], [a, b], context.messages());
      const spelled = new VectorOperations(context.profile, setups);
      const swap = () => spelled.setMasks([a, b].map((vector) => [vector, spelled.isMasked(vector) ? 0 : 1] as const));
      const all = (value: number) => spelled.maskPlaces([a, b]).map((place) => spelled.writeMaskPlace(place, value));
      return [
        program([
          liveMsi(context, setups),
          event(first),
          event(second),
          spelled.mask(a),
          event(first),
          event(second),
          ...swap(),
          event(second),
          event(first),
          ...swap(),
          event(first),
          ...swap(),
          ...all(words32.ones),
          event(first),
          event(second),
          ...all(0),
          INSPECT,
        ]),
      ];
    },
  },
];
