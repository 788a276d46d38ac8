/**
 * The operations that a clause is about when it says that they have no effect. A violation that stays without them was
 * not theirs.
 */
import { headerRegisters } from '../compile.ts';
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
  'ENT-RSVD': (operation, spot) =>
    operation.op === 'write' && spot.kind === 'entry' && spot.field?.access === 'reserved',
  'HDR-RO': (operation, spot, _, { layout }) =>
    operation.op === 'write' && spot.kind === 'register' && headerRegisters(layout).includes(spot.register.name),
  'PBA-RO': (operation, spot, _, { layout }) => operation.op === 'write' && isTable(spot, layout.msi?.pendingTable),
  'DLV-STATUS': (operation, spot) =>
    operation.op === 'write' && spot.kind === 'register' && spot.register.effects.includes('acknowledges'),
  'ROB-WIDTH': ({ width }, _, offset) => (width ?? 32) !== 32 || offset % WORD !== 0,
  'ROB-RANGE': (_, spot) => spot.kind === 'undefined',
};

/** The program without them; undefined where the clause has none, or the program has none of them. */
export function withoutSuspects(program: Program, clause: string, profile: Profile): Program | undefined {
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
