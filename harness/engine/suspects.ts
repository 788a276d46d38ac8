/**
 * The operations that a clause is about when it says that they have no effect. A violation that stays without them was
 * not theirs.
 */
import type { Layout } from '../../spec/layout.ts';
import { headerRegisters } from '../header.ts';
import { mechanismOf } from '../mechanisms/index.ts';
import type { Violation } from '../oracle/record.ts';
import { resolvePlace, type Spot, WORD } from '../places.ts';
import type { Profile } from '../profile.ts';
import { beginsAnew, type Operation, type Program } from '../program.ts';

type Suspect = (
  operation: Operation & { op: 'read' | 'write' },
  spot: Spot,
  offset: number,
  profile: Profile,
) => boolean;

const isTable = (spot: Spot, table: string | undefined) => spot.kind === 'bits' && spot.table === table;

const SUSPECTS: Record<string, Suspect> = {
  'ENT-QUIET': (operation, spot, _, profile) =>
    operation.op === 'write' && mechanismOf(profile)?.meaning(spot)?.kind === 'message',
  'MAP-KEEP': (operation, spot, _, profile) =>
    operation.op === 'write' &&
    (mechanismOf(profile)?.meaning(spot)?.kind === 'masks' ||
      (spot.kind === 'register' && spot.register.effects.includes('starts-queue'))),
  'HDR-RO': (operation, spot, _, { layout }) =>
    operation.op === 'write' && spot.kind === 'register' && headerRegisters(layout).includes(spot.register.name),
  'PBA-RO': (operation, spot, _, { layout }) => operation.op === 'write' && isTable(spot, layout.msi?.pendingTable),
  'DLV-STATUS': (operation, spot) =>
    operation.op === 'write' && spot.kind === 'register' && spot.register.effects.includes('acknowledges'),
  'ROB-WIDTH': ({ width }, _, offset) => (width ?? 32) !== 32 || offset % WORD !== 0,
  'ROB-RANGE': (_, spot) => spot.kind === 'undefined',
};

/** Clauses about what an earlier life leaves behind: without one, what goes wrong is not theirs. */
const OF_EARLIER_LIVES = new Set(['INT-RESET', 'RST-CLEAN', 'RST-QUIET', 'QUE-RESET']);

/** The program from its last set-up on, on a device that is as fresh as can be had. */
function lastLife(program: Program): Program | undefined {
  const { operations } = program;
  const from = operations.findLastIndex((operation) => operation.op === 'initialise');
  return from <= 1 ? undefined : { ...program, operations: operations.slice(from) };
}

/** NO_VECTOR where the program maps what is no vector: an event that is then sent has MAP-OFF to blame. */
function unmappingPlainly(program: Program, { layout, msi }: Profile): Program | undefined {
  if (!msi || !layout.msi) return undefined;
  const { configVector, queueVector, noVector } = layout.msi;
  const none = layout.constant(noVector);
  const bad = (operation: Operation) =>
    operation.op === 'write' &&
    (operation.place === configVector || operation.place === queueVector) &&
    operation.value >= msi.vectors &&
    operation.value !== none;
  if (!program.operations.some(bad)) return undefined;
  return {
    ...program,
    operations: program.operations.map((operation) => (bad(operation) ? { ...operation, value: none } : operation)),
  };
}

/** The same mappings with no queue enabled and nothing masked after them: what is lost now, QueueReady did not lose. */
function mappingAlone(program: Program, keeps: (operation: Operation) => boolean): Program {
  const operations = program.operations
    .filter(keeps)
    .map(
      (operation): Operation =>
        operation.op === 'initialise' ? { ...operation, queues: [], upTo: 'queues' } : operation,
    );
  return { ...program, operations: [...operations, { op: 'inspect' }] };
}

/** Set-up writes the entries and no mask: what changes, the mask table did not change. */
function programmingAlone(program: Program, profile: Profile): Program | undefined {
  const table = profile.layout.msi?.entryTable;
  const from = program.operations.findLastIndex((operation) => operation.op === 'initialise');
  const setUp = program.operations[from];
  if (!table || !mechanismOf(profile) || setUp?.op !== 'initialise' || !setUp.vectors?.length) return undefined;
  const parts = ['address-low', 'address-high', 'data'];
  const entries = setUp.vectors.flatMap(({ vector, message }) =>
    [message.addressLow, message.addressHigh, message.data].map((value, part): Operation => {
      return { op: 'write', place: `${table}[${vector}].${parts[part]}`, value };
    }),
  );
  const bare: Operation = { ...setUp, vectors: [] };
  const before = program.operations.slice(0, from);
  return { ...program, operations: [...before, bare, { op: 'inspect' }, ...entries, { op: 'inspect' }] };
}

/** Only the queues that the program gives something to do: what goes wrong now, no other queue disturbed. */
function usedQueuesAlone(program: Program): Program | undefined {
  const used = new Set<unknown>();
  for (const operation of program.operations) {
    if (operation.op === 'event') used.add(operation.source);
    else if (operation.op === 'offer' || operation.op === 'queue-setup' || operation.op === 'queue-reset')
      used.add(operation.queue);
    // Which queue a register access is about is not followed.
    else if (operation.op === 'write') return undefined;
  }
  let fewer = false;
  const operations = program.operations.map((operation): Operation => {
    if (operation.op !== 'initialise') return operation;
    const queues = operation.queues.filter((queue) => used.has(queue));
    fewer ||= queues.length < operation.queues.length;
    return { ...operation, queues };
  });
  return fewer ? { ...program, operations } : undefined;
}

/** Only the first queue is mapped, the others are no more than selected: what is lost now, their mapping did not lose. */
function selectingAlone(program: Program): Program | undefined {
  const from = program.operations.findLastIndex((operation) => operation.op === 'initialise');
  const setUp = program.operations[from];
  if (setUp?.op !== 'initialise') return undefined;
  const queues = (setUp.vectors ?? []).flatMap(({ sources }) => sources.filter((source) => source !== 'config'));
  const [first] = queues;
  if (first === undefined || queues.length < 2) return undefined;
  const vectors = setUp.vectors?.map((vector) => ({ ...vector, sources: vector.sources.filter((s) => s === first) }));
  const alone: Operation = { ...setUp, queues: [], upTo: 'queues', ...(vectors ? { vectors } : {}) };
  const select = queues.map((queue): Operation => ({ op: 'write', place: 'QueueSel', value: queue }));
  return { ...program, operations: [...program.operations.slice(0, from), alone, ...select, { op: 'inspect' }] };
}

/** The program without writes to the vector register of queues that do not exist. */
function withoutAbsentQueues(program: Program, { layout, queues }: Profile): Program | undefined {
  let selected = 0;
  const operations = program.operations.filter((operation) => {
    if (operation.op === 'initialise' || operation.op === 'reset' || operation.op === 'power-cycle') selected = 0;
    if (operation.op !== 'write') return true;
    if (operation.place === 'QueueSel') selected = operation.value;
    return operation.place !== layout.msi?.queueVector || selected < queues.length;
  });
  return operations.length === program.operations.length
    ? undefined
    : { ...program, operations: [...operations, { op: 'inspect' }] };
}

/** The program with no bit written that has no meaning; dwords of which nothing has one are not written. */
function withoutReserved(program: Program, profile: Profile): Program | undefined {
  const mechanism = mechanismOf(profile);
  let changed = false;
  const operations = program.operations.flatMap((operation): Operation[] => {
    if (operation.op !== 'write') return [operation];
    const meaning = mechanism?.meaning(resolvePlace(operation.place, profile).spot);
    if (meaning?.kind === 'reserved') {
      changed = true;
      return [];
    }
    if (meaning?.kind !== 'masks' || operation.value < 2 ** meaning.count) return [operation];
    changed = true;
    return [{ ...operation, value: operation.value % 2 ** meaning.count }];
  });
  return changed ? { ...program, operations: [...operations, { op: 'inspect' }] } : undefined;
}

/** Clauses whose operations are not just left out: what runs instead. */
const INSTEAD: Record<string, (program: Program, profile: Profile) => Program | undefined> = {
  'ENT-RSVD': withoutReserved,
  'MAP-ABSENT': withoutAbsentQueues,
  'MAP-BACK': unmappingPlainly,
  'MAP-QUEUE': selectingAlone,
  'MSK-RESET': programmingAlone,
  'MSK-RW': programmingAlone,
  'QUE-SELECT': usedQueuesAlone,
};

/** The name that these tables have for a clause, where a layout calls it by another. */
function tableName(id: string, layout: Layout): string {
  return (layout.hasClause(id) && layout.clause(id).standsFor?.[0]) || id;
}

/** Whether a violation of the clause may turn out to be another one's. */
export function mayBeAnothers(id: string, layout: Layout): boolean {
  const clause = tableName(id, layout);
  return clause in INSTEAD || clause in SUSPECTS || OF_EARLIER_LIVES.has(clause);
}

/**
 * The program without them, or with them made harmless; undefined where the clause has none, or the program has none of
 * them.
 */
export function withoutSuspects(program: Program, id: string, profile: Profile): Program | undefined {
  const clause = tableName(id, profile.layout);
  if (OF_EARLIER_LIVES.has(clause)) return lastLife(program);
  const instead = INSTEAD[clause];
  if (instead) return instead(program, profile);
  const suspect = SUSPECTS[clause];
  if (!suspect) return undefined;
  const keeps = (operation: Operation): boolean => {
    if (operation.op !== 'read' && operation.op !== 'write') return true;
    const { offset, spot } = resolvePlace(operation.place, profile);
    return !suspect(operation, spot, offset, profile);
  };
  if (clause === 'MAP-KEEP') return mappingAlone(program, keeps);
  const operations = program.operations.filter(keeps);
  if (operations.length === program.operations.length) return undefined;
  // What the removed operations' observations would have shown has still to be looked at.
  return { ...program, operations: [...operations, { op: 'inspect' }] };
}

/** The program with each operation settled before the next; undefined where each is. */
export function settled(program: Program): Program | undefined {
  if (!program.operations.some((operation) => operation.race)) return undefined;
  return { ...program, operations: program.operations.map(({ race: _, ...operation }) => operation as Operation) };
}

/** The program with a look at every register after each operation that is settled. */
export function withLooks(program: Program): Program {
  const operations = program.operations.flatMap((operation): Operation[] =>
    operation.race || beginsAnew(operation) ? [operation] : [operation, { op: 'inspect' }],
  );
  return { ...program, operations };
}

/** Clauses of what registers hold: a device that breaks one of them has its effects in what it does. */
const OF_STATE = new Set([
  'ENT-RW',
  'ENT-QUIET',
  'MSK-RESET',
  'MSK-RW',
  'VCT-RESET',
  'VCT-RW',
  'CAP-RESET',
  'CAP-RW',
  'MAP-RESET',
  'MAP-BACK',
  'MAP-RANGE',
  'MAP-QUEUE',
  'MAP-KEEP',
  'RST-CLEAN',
  'QUE-SELECT',
  'QUE-READY',
  'QUE-RESET',
  'QRST-DONE',
]);

/** What registers held wrong in the run with looks: before the clause was violated, at that moment, or instead of it. */
export function shownBefore(violations: readonly Violation[], clause: string): string[] {
  const own = violations.find((violation) => violation.clause === clause);
  if (own && OF_STATE.has(clause)) return [];
  return (
    violations
      .filter(({ clause: id }) => OF_STATE.has(id) && id !== clause)
      // The look itself is the operation after it.
      .filter(({ operation }) => !own || operation <= own.operation + 1)
      .map(({ clause: id }) => id)
  );
}
