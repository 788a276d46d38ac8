/**
 * The operations that a clause is about when it says that they have no effect. A violation that stays without them was
 * not theirs.
 */
import type { Layout } from '../../spec/layout.ts';
import { headerRegisters } from '../header.ts';
import { mechanismOf } from '../mechanisms/index.ts';
import { resolvePlace, type Spot, WORD } from '../places.ts';
import type { Profile } from '../profile.ts';
import type { Operation, Program } from '../program.ts';

type Suspect = (
  operation: Operation & { op: 'read' | 'write' },
  spot: Spot,
  offset: number,
  profile: Profile,
) => boolean;

const isTable = (spot: Spot, table: string | undefined) => spot.kind === 'bits' && spot.table === table;

const SUSPECTS: Record<string, Suspect> = {
  'ENT-QUIET': (operation, spot) => operation.op === 'write' && spot.kind === 'entry',
  'MAP-KEEP': (operation, spot, _, { layout }) =>
    operation.op === 'write' &&
    (isTable(spot, layout.msi?.maskTable) ||
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

/** The program from its last set-up on, on a fresh device. */
function lastLife(program: Program): Program | undefined {
  const { operations } = program;
  if (operations[0]?.op !== 'power-cycle') return undefined;
  const from = operations.findLastIndex((operation) => operation.op === 'initialise');
  return from <= 1 ? undefined : { ...program, operations: [{ op: 'power-cycle' }, ...operations.slice(from)] };
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

/** Whether a violation of the clause may turn out to be another one's. */
export function mayBeAnothers(clause: string, layout: Layout): boolean {
  if (clause === 'MAP-ABSENT' || clause === layout.clauseFor('ENT-RSVD')) return true;
  return clause in SUSPECTS || OF_EARLIER_LIVES.has(clause);
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

/** The program without them; undefined where the clause has none, or the program has none of them. */
export function withoutSuspects(program: Program, clause: string, profile: Profile): Program | undefined {
  if (OF_EARLIER_LIVES.has(clause)) return lastLife(program);
  if (clause === profile.layout.clauseFor('ENT-RSVD')) return withoutReserved(program, profile);
  if (clause === 'MAP-ABSENT') return withoutAbsentQueues(program, profile);
  const suspect = SUSPECTS[clause];
  if (!suspect) return undefined;
  const operations = program.operations.filter((operation) => {
    if (operation.op !== 'read' && operation.op !== 'write') return true;
    const { offset, spot } = resolvePlace(operation.place, profile);
    return !suspect(operation, spot, offset, profile);
  });
  if (operations.length === program.operations.length) return undefined;
  // What the removed operations' observations would have shown has still to be looked at.
  return { ...program, operations: [...operations, { op: 'inspect' }] };
}
