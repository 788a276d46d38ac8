/** `conformance list`: the clauses of a layout, and what there is besides. */
import pc from 'picocolors';
import { EXIT, type ExitCode } from '../../reports/exit-code.ts';
import { count, hanging } from '../../reports/text.ts';
import type { Layout } from '../../spec/layout.ts';
import type { Io } from './output.ts';

export interface ListCommandOptions {
  layout: string;
  format: 'pretty' | 'json';
  checks?: boolean;
  faults?: boolean;
  variants?: boolean;
  scenarios?: boolean;
  driverFaults?: boolean;
  driverVariants?: boolean;
}

/** One thing of a list: the data as `--format json` shows it, and its lines. */
interface Item {
  data: object;
  /** Items are grouped by it; empty for no heading. */
  group: string;
  head: string;
  body: string[];
}

/** Each group in one piece, where its first item stands: shared clauses may come in several parts. */
function byGroup(items: Item[]): Item[] {
  const groups = [...new Set(items.map(({ group }) => group))];
  return groups.flatMap((group) => items.filter((item) => item.group === group));
}

function clauses(layout: Layout): Item[] {
  return layout.data.clauses.map(({ id, area, level, binds, holds, feature, text, origin, refines, note }) => {
    const from = origin.map(({ source, at }) => `${source} ${at}`);
    const data = { id, area, level, binds, holds, feature, text, origin: from, refines, note };
    const body = [text, `from ${from.join('; ')}`];
    if (refines.length > 0) body.push(`refines ${refines.join(', ')}`);
    const terms = [level, `binds the ${binds}`, `holds: ${holds}`, ...(feature ? [`needs ${feature}`] : [])];
    return { data, group: area, head: `${id}  ${terms.join(', ')}`, body };
  });
}

async function checks(layout: Layout): Promise<Item[]> {
  const { checks: all } = await import('../engine/run.ts');
  return all(layout).map((check) => {
    const body = [check.title, `clauses ${check.clauses.join(', ') || 'none'}`];
    if (check.needs.length > 0) body.push(`needs ${check.needs.join(', ')}`);
    return { data: check, group: check.tier, head: check.id, body };
  });
}

async function faults(layout: Layout): Promise<Item[]> {
  const { faultsOf } = await import('../../reference-device/index.ts');
  return faultsOf(layout).map(({ id, summary, clause: general }) => {
    const clause = layout.clauseFor(general);
    return { data: { id, summary, clause }, group: '', head: `${id}  breaks ${clause}`, body: [summary] };
  });
}

async function variants(): Promise<Item[]> {
  const { variants: all } = await import('../../reference-device/index.ts');
  return all.map(({ id, summary }) => ({ data: { id, summary }, group: '', head: id, body: [summary] }));
}

async function scenarios(layout: Layout): Promise<Item[]> {
  const { familiesOf, scenariosOf } = await import('../driver/scenarios/index.ts');
  const single = scenariosOf(layout).map(({ id, title, because, blames, expects }) => {
    const clause = layout.hasClause(blames) ? blames : 'DRV-WORK';
    const body = [title, because];
    return {
      data: { id, title, because, clause, expects },
      group: id.split('/')[0] ?? '',
      head: `${id}  ${clause}`,
      body,
    };
  });
  const families = layout.msi ? familiesOf(layout) : [];
  const repeated = families.map(({ id, title }) => {
    const body = [`${title}, after each of its accesses in turn`];
    return { data: { id, title }, group: id.split('/')[0] ?? '', head: `${id}  DRV-WORK`, body };
  });
  return byGroup([...single, ...repeated]);
}

async function driverFaults(layout: Layout): Promise<Item[]> {
  const { driverFaultsOf } = await import('../../reference-driver/index.ts');
  return driverFaultsOf(layout).map(({ id, summary, clause }) => {
    return { data: { id, summary, clause }, group: '', head: `${id}  breaks ${clause}`, body: [summary] };
  });
}

async function driverVariants(): Promise<Item[]> {
  const { variants: all } = await import('../../reference-driver/index.ts');
  return all.map(({ id, summary }) => ({ data: { id, summary }, group: '', head: id, body: [summary] }));
}

function print(items: Item[], noun: string, io: Io): string {
  const colors = pc.createColors(io.color);
  const lines: string[] = [];
  let group = '';
  for (const item of items) {
    if (item.group !== group) lines.push(...(group === '' ? [] : ['']), colors.bold(colors.underline(item.group)));
    group = item.group;
    const [id = '', ...rest] = item.head.split('  ');
    lines.push([colors.bold(id), ...rest.map(colors.dim)].join('  '));
    lines.push(...item.body.flatMap((text) => hanging('    ', text, io.width)));
  }
  return [...lines, '', count(items.length, noun), ''].join('\n');
}

async function collect(options: ListCommandOptions): Promise<{ noun: string; items: Item[] }> {
  if (options.variants) return { noun: 'variant', items: await variants() };
  if (options.driverVariants) return { noun: 'variant', items: await driverVariants() };
  const { loadLayout } = await import('../../spec/load.ts');
  const layout = loadLayout(options.layout);
  if (options.faults) return { noun: 'fault', items: await faults(layout) };
  if (options.driverFaults) return { noun: 'fault', items: await driverFaults(layout) };
  if (options.scenarios) return { noun: 'scenario', items: await scenarios(layout) };
  if (options.checks) return { noun: 'check', items: await checks(layout) };
  return { noun: 'clause', items: byGroup(clauses(layout)) };
}

export async function listCommand(options: ListCommandOptions, io: Io): Promise<ExitCode> {
  const { noun, items } = await collect(options);
  if (options.format === 'json') {
    await io.result(`${JSON.stringify({ [`${noun}s`]: items.map((item) => item.data) }, null, 2)}\n`);
  } else await io.result(print(items, noun, io));
  return EXIT.conformant;
}
