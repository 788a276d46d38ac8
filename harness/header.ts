/** What the header of a device must say about its tables. */
import type { Layout } from '../spec/layout.ts';
import { hex } from './program.ts';

export interface HeaderProblem {
  register: string;
  clause: string;
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
  const problems: HeaderProblem[] = [...fixedProblems(layout, values)];
  const meaning = (reference: string): number | undefined => {
    const value = values.get(reference.split('.')[0] ?? '');
    return value === undefined ? undefined : layout.meaningOf(reference, value);
  };
  const vectors = meaning(msi.vectorCount);
  const most = layout.constant(msi.vectorLimit);
  if (vectors !== undefined && (vectors < 1 || vectors > most)) {
    problems.push({
      register: msi.vectorCount,
      clause: 'HDR-COUNT',
      expected: `${msi.vectorCount} tells 1 to ${most}`,
      actual: hex(vectors),
      unusable: true,
    });
  }
  const count = vectors !== undefined && vectors >= 1 && vectors <= most ? vectors : 1;
  const placed = Object.values(layout.data.tables).flatMap((table) => {
    const offset = meaning(table.at);
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
    else if (table.lowest !== undefined && offset < table.lowest)
      complain(`the ${table.title} starts at ${hex(table.lowest)} or above`, false);
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
        expected: `the ${other.table.title} ${overlap ? 'does not overlap' : `shares no ${one.table.align < 0x1000 ? `${one.table.align} bytes` : 'page'} with`} the ${one.table.title}`,
        actual: `${hex(one.offset)} to ${hex(one.end - 1)} and ${hex(other.offset)} to ${hex(other.end - 1)}`,
        unusable: overlap,
      });
    }
  });
  return problems;
}

/** Bits of the header that have one value for ever. */
function* fixedProblems(layout: Layout, values: ReadonlyMap<string, number>): Iterable<HeaderProblem> {
  for (const name of headerRegisters(layout)) {
    const value = values.get(name);
    if (value === undefined) continue;
    for (const { name: field, value: fixed, low, mask } of Object.values(layout.register(name).fields)) {
      const actual = ((value & mask) >>> 0) / 2 ** low;
      if (fixed === undefined || actual === fixed) continue;
      const place = `${name}.${field}`;
      const clause = clauseOfField(layout, place);
      if (clause)
        yield {
          register: name,
          clause,
          expected: `${place} reads ${hex(fixed)}`,
          actual: hex(actual),
          unusable: false,
        };
    }
  }
}

/** The device's clause that is about this field of a header register, if one names it. */
function clauseOfField(layout: Layout, place: string): string | undefined {
  return layout.data.clauses.find(({ binds, places }) => binds === 'device' && places.includes(place))?.id;
}

/** The clauses about what the header's fixed bits read. */
export function fixedClauses(layout: Layout, register: string): string[] {
  const fields = Object.values(layout.register(register).fields).filter(({ value }) => value !== undefined);
  return [...new Set(fields.flatMap(({ name }) => clauseOfField(layout, `${register}.${name}`) ?? []))];
}

/** The header registers of the layout: where the device tells how many vectors it has, and where their tables are. */
export function headerRegisters(layout: Layout): string[] {
  const { msi } = layout;
  if (!msi) return [];
  const references = [msi.vectorCount, ...Object.values(layout.data.tables).map((table) => table.at)];
  const named = new Set(references.map((reference) => reference.split('.')[0]));
  return Object.values(layout.data.registers)
    .filter(({ name, feature, access }) => named.has(name) || (feature === msi.feature && access === 'R'))
    .map((register) => register.name);
}
