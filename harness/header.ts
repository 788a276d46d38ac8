/** What the header of a device must say about its tables. */
import type { Layout } from '../spec/layout.ts';
import { hex } from './program.ts';

export interface HeaderProblem {
  register: string;
  clause: 'HDR-COUNT' | 'HDR-PLACE';
  expected: string;
  actual: string;
  /** True where nothing can be tested through it. */
  unusable: boolean;
}

export interface HeaderLimits {
  /** Bytes that accesses reach. */
  regionSize: number;
  configSize: number;
}

/**
 * Problems in the values of the header registers, by name; registers that are missing from `values` are left out.
 */
export function headerProblems(
  layout: Layout,
  values: ReadonlyMap<string, number>,
  limits: HeaderLimits,
): HeaderProblem[] {
  const { msi } = layout;
  if (!msi) return [];
  const problems: HeaderProblem[] = [];
  const vectors = values.get(msi.vectorCount);
  const most = layout.constant(msi.vectorLimit);
  if (vectors !== undefined && (vectors < 1 || vectors > most)) {
    problems.push({
      register: msi.vectorCount,
      clause: 'HDR-COUNT',
      expected: `${msi.vectorCount} reads 1 to ${most}`,
      actual: hex(vectors),
      unusable: true,
    });
  }
  const count = vectors !== undefined && vectors >= 1 && vectors <= most ? vectors : 1;
  const placed = Object.values(layout.data.tables).flatMap((table) => {
    const offset = values.get(table.at);
    if (offset === undefined) return [];
    const end = offset + layout.tableLength(table.name, count);
    return [{ table, offset, end }];
  });
  const floor = layout.data.config.offset + limits.configSize;
  for (const { table, offset, end } of placed) {
    const complain = (expected: string, unusable: boolean) =>
      problems.push({ register: table.at, clause: 'HDR-PLACE', expected, actual: hex(offset), unusable });
    if (offset % table.align !== 0) complain(`${table.at} is a multiple of ${hex(table.align)}`, offset % 4 !== 0);
    if (offset < floor) complain(`the ${table.title} lies above the registers and the configuration space`, true);
    if (end > limits.regionSize) {
      complain(`the ${table.title} ends inside the device's region of ${hex(limits.regionSize)} bytes`, true);
    }
  }
  placed.forEach((one, index) => {
    for (const other of placed.slice(index + 1)) {
      const overlap = one.offset < other.end && other.offset < one.end;
      const page = (value: number) => Math.floor(value / one.table.align);
      const shares = page(one.offset) <= page(other.end - 1) && page(other.offset) <= page(one.end - 1);
      if (!overlap && !shares) continue;
      problems.push({
        register: other.table.at,
        clause: 'HDR-PLACE',
        expected: `the ${other.table.title} ${overlap ? 'does not overlap' : 'shares no page with'} the ${one.table.title}`,
        actual: `${hex(one.offset)} to ${hex(one.end - 1)} and ${hex(other.offset)} to ${hex(other.end - 1)}`,
        unusable: overlap,
      });
    }
  });
  return problems;
}
