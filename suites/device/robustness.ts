/** Accesses that a driver must not make: they have no side effect and do not take the device down. */
import { locate, resolvePlace } from '../../harness/places.ts';
import { type Operation, program } from '../../harness/program.ts';
import type { Width } from '../../harness/target.ts';
import { type Check, type CheckContext, edgeVectors, eventSources, spread, workQueues } from '../check.ts';
import { event, INSPECT, liveLine, liveMsi, VectorOperations } from './operations.ts';
import { words32 } from './patterns.ts';

const NARROW: Width[] = [8, 16];

/** Registers that a narrow access could do harm through, were it taken for a whole one. */
function tempting(context: CheckContext): string[] {
  const { layout, msi } = context.profile;
  return Object.values(layout.data.registers)
    .filter((register) => register.feature === undefined || (msi && register.feature === layout.msi?.feature))
    .filter((register) => register.name !== 'QueueNotify')
    .map((register) => register.name);
}

function narrow(place: string): Operation[] {
  return NARROW.flatMap((width): Operation[] => [
    { op: 'write', place, value: 0, width },
    { op: 'write', place, value: 2 ** width - 1, width },
    { op: 'read', place, width },
    { op: 'write', place: `${place}+${width / 8}`, value: 2 ** width - 1, width },
    { op: 'read', place: `${place}+${width / 8}`, width },
  ]);
}

function crooked(place: string): Operation[] {
  return [
    { op: 'write', place: `${place}+2`, value: words32.even, width: 32 },
    { op: 'read', place: `${place}+2`, width: 32 },
    { op: 'write', place: `${place}+1`, value: 0xffff, width: 16 },
  ];
}

const wide = (place: string): Operation[] => [
  { op: 'write', place, value: 0x0f0f0f0f, width: 64 },
  { op: 'read', place, width: 64 },
];

/** Offsets that the layout leaves free, in a fixed choice of the gaps between registers. */
function freeOffsets(context: CheckContext): number[] {
  const { profile } = context;
  const end = Math.min(profile.layout.data.config.offset, profile.regionSize);
  const free: number[] = [];
  for (let offset = 0; offset + 4 <= end; offset += 4) {
    if (resolvePlace(`@0x${offset.toString(16)}`, profile).spot.kind === 'undefined') free.push(offset);
  }
  return context.shuffle(free).slice(0, 12);
}

/** The smallest unit in which a VMM maps memory. */
const PAGE = 0x1000;

/** Just beyond the end of each table, and the last word of its last page. */
function beyondTables(context: CheckContext): number[] {
  const { layout, msi, regionSize } = context.profile;
  if (!msi) return [];
  return Object.entries(msi.tables).flatMap(([name, base]) => {
    const length = layout.tableLength(name, msi.vectors);
    const unit = Math.max(PAGE, layout.table(name).align);
    const page = Math.ceil((base + length) / unit) * unit;
    return [...new Set([base + length, base + length + 4, page - 4])].filter(
      (offset) =>
        offset >= base + length &&
        offset + 4 <= Math.min(page, regionSize) &&
        locate(offset, context.profile).kind === 'undefined',
    );
  });
}

export const robustness: Check[] = [
  {
    id: 'robustness/width-registers',
    title: 'narrow and crooked accesses to registers change nothing',
    clauses: ['ROB-WIDTH'],
    needs: [],
    programs: (context) => {
      const base = tempting(context).map((name) =>
        program([liveLine(context), ...narrow(name), ...crooked(name), INSPECT]),
      );
      for (const source of eventSources(context.profile).slice(-1)) {
        base.push(
          program([liveLine(context), event(source), ...narrow('InterruptStatus'), ...narrow('InterruptACK'), INSPECT]),
        );
      }
      if (!context.profile.msi) return base;
      const sources = [...workQueues(context.profile), 'config' as const];
      const vectors = edgeVectors(context.profile.msi.vectors, 2);
      return [
        ...base,
        ...tempting(context).map((name) =>
          program([
            liveMsi(context, spread(sources, vectors, context.messages())),
            ...narrow(name),
            ...crooked(name),
            INSPECT,
          ]),
        ),
      ];
    },
  },
  {
    id: 'robustness/width-tables',
    title: 'narrow, crooked and wide accesses to the tables change no mask, no pending bit and send nothing',
    clauses: ['ROB-WIDTH'],
    needs: ['msi'],
    programs: (context) => {
      const sources = eventSources(context.profile);
      const vectors = edgeVectors(context.profile.msi?.vectors ?? 1, 2);
      const setups = spread(sources, vectors, context.messages(), false);
      const spelled = new VectorOperations(context.profile, setups);
      const [vector = 0] = vectors;
      const bits = [spelled.maskPlace(vector), spelled.pendingPlace(vector)];
      const dwords = ['address-low', 'address-high', 'data'].map((field) => spelled.entryPlace(vector, field));
      const pend = sources.map((source) => event(source));
      return [
        ...bits.map((place) =>
          program([liveMsi(context, setups), ...pend, ...narrow(place), ...crooked(place), INSPECT]),
        ),
        ...dwords.map((place) => program([liveMsi(context, setups), ...pend, ...narrow(place), INSPECT])),
        program([liveMsi(context, setups), ...pend, ...wide(spelled.entryPlace(vector, 'address-low')), INSPECT]),
        program([liveMsi(context, setups), ...pend, ...wide(spelled.pendingPlace(0)), INSPECT]),
      ];
    },
  },
  {
    id: 'robustness/range',
    title: 'accesses to undefined offsets and beyond the tables change nothing',
    clauses: ['ROB-RANGE'],
    needs: [],
    programs: (context) => {
      const touch = (offset: number): Operation[] => {
        const place = `@0x${offset.toString(16)}`;
        return [
          { op: 'read', place },
          { op: 'write', place, value: words32.ones },
          { op: 'write', place, value: 0 },
          { op: 'write', place, value: 1 },
        ];
      };
      const base = program([liveLine(context), ...freeOffsets(context).flatMap(touch), INSPECT]);
      if (!context.profile.msi) return [base];
      const sources = eventSources(context.profile);
      const vectors = edgeVectors(context.profile.msi.vectors, 4);
      const setups = spread(sources, vectors, context.messages(), false);
      const pend = sources.map((source) => event(source));
      return [
        base,
        program([liveMsi(context, setups), ...pend, ...freeOffsets(context).flatMap(touch), INSPECT]),
        ...beyondTables(context).map((offset) =>
          program([liveMsi(context, setups), ...pend, ...touch(offset), INSPECT, ...pend]),
        ),
      ];
    },
  },
];
