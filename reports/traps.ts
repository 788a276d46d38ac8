/** How many of a driver's accesses trap, beside the reference driver's with the line and with each layout; as a table. */
import type { Report, ScenarioOutcome, TrapCount } from './report.ts';

/** What is counted, and the device on which it is, so that columns can be compared. */
export const TRAP_DEVICES = {
  setUp: { msi: 'plain/work', line: 'plain/no-msi' },
  interrupt: { msi: 'plain/work', line: 'plain/no-msi' },
  retarget: { msi: 'vectors/retarget', line: undefined },
  mask: { msi: 'vectors/masked', line: undefined },
} as const;

type Key = keyof typeof TRAP_DEVICES;

const ROWS: readonly [Key, string][] = [
  ['setUp', 'set-up'],
  ['interrupt', 'an interrupt'],
  ['retarget', 'a re-target'],
  ['mask', 'a mask change'],
];
const LABEL = 8;
const GAP = 2;

interface Column {
  group: string;
  title: string;
  cells: string[];
}

/** Empty where the driver was seen with neither. */
export function trapLines({ run }: Report): string[] {
  const { scenarios = [], peers = [] } = run;
  const own = (['msi', 'line'] as const).flatMap((kind) => {
    const counts = ROWS.map(([key]) => ownCount(scenarios, kind, key));
    if (counts[0] === undefined) return [];
    return [{ group: 'this driver', title: kind === 'msi' ? 'messages' : 'the line', cells: counts.map(cell) }];
  });
  if (own.length === 0) return [];
  const others = peers.map((peer) => ({
    group: peer.driver,
    title: peer.layout ?? 'the line',
    cells: ROWS.map(([key]) => cell(peer.traps[key])),
  }));
  return table([...own, ...others]);
}

/** On the device of {@link TRAP_DEVICES}, or else on the first where the driver does this. */
function ownCount(scenarios: readonly ScenarioOutcome[], kind: 'msi' | 'line', key: Key): TrapCount | undefined {
  if (kind === 'line' && TRAP_DEVICES[key].line === undefined) return undefined;
  const all = scenarios.filter(
    ({ interrupts, outcome, traps }) => interrupts === kind && outcome !== 'failed' && traps[key].times > 0,
  );
  return (all.find(({ id }) => id === TRAP_DEVICES[key][kind]) ?? all[0])?.traps[key];
}

function cell(count: TrapCount | undefined): string {
  return count ? each(count) : '-';
}

function table(columns: readonly Column[]): string[] {
  const names = ROWS.map(([, name]) => name);
  const nameWidth = Math.max(...names.map(({ length }) => length)) + GAP;
  const widths = columns.map(({ title, cells }) => Math.max(...[title, ...cells].map(({ length }) => length)) + GAP);
  const line = (label: string, name: string, cells: readonly string[]) =>
    (
      label.padEnd(LABEL) +
      name.padEnd(nameWidth) +
      cells.map((one, at) => one.padEnd(widths[at] ?? 0)).join('')
    ).trimEnd();
  return [
    `traps   ${''.padEnd(nameWidth)}${groupTitles(columns, widths)}`.trimEnd(),
    line(
      '',
      '',
      columns.map(({ title }) => title),
    ),
    ...names.map((name, row) =>
      line(
        '',
        name,
        columns.map(({ cells }) => cells[row] ?? '-'),
      ),
    ),
  ];
}

/** Over the first column of each group, cut where the next one begins. */
function groupTitles(columns: readonly Column[], widths: readonly number[]): string {
  let text = '';
  let start = 0;
  columns.forEach(({ group }, at) => {
    if (group !== columns[at - 1]?.group) {
      const end = columns.findIndex((other, later) => later > at && other.group !== group);
      const room = (end < 0 ? columns.length : end) - at;
      const width = widths.slice(at, at + room).reduce((sum, one) => sum + one, 0);
      const isLast = end < 0;
      text = text.padEnd(start) + (isLast || group.length < width ? group : `${group.slice(0, width - GAP - 1)}…`);
    }
    start += widths[at] ?? 0;
  });
  return text;
}

/** `12 of 40` accesses that trap, for one time. */
export function each({ times, accesses, traps }: TrapCount): string {
  if (times === 0) return 'never';
  const per = (value: number) => String(Math.round((value / times) * 100) / 100);
  return `${per(traps)} of ${per(accesses)}`;
}
