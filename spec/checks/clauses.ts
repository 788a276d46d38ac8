/** Clauses and open points: ids given once, names that exist, no circle of refinements. */
import type { Assembled, Item } from '../assemble.ts';
import type { Shared } from '../chain.ts';
import type { RawClause } from '../raw.ts';
import { didYouMean, nearest, strictLimit } from '../suggest.ts';
import { type Context, whereIs } from './context.ts';

export function checkClauses(context: Context): void {
  const { clauses, open, declared } = context.layout;
  const places = knownPlaces(context.layout);
  checkIds(context, [...clauses, ...open]);
  for (const item of clauses) {
    const { feature, refines = [] } = item.value;
    if (feature !== undefined) context.checkName(item, ['feature'], 'feature', feature, declared.features);
    for (const [index, id] of refines.entries()) {
      if (declared.clauses.has(id)) continue;
      context.report(item.error(['refines', index], `there is no clause '${id}'`, didYouMean(id, declared.clauses)));
    }
    checkPlaces(context, item, places);
  }
  checkCircles(context);
}

/** What is shared must be there to share. */
export function checkShared(context: Context, shared: Shared[]): void {
  for (const { link, index, from } of shared) {
    const there = new Set([...(from.raw.clauses ?? []), ...(from.raw.open ?? [])].flatMap((one) => one?.id ?? []));
    for (const [at, id] of (link.raw['shared-clauses']?.[index]?.ids ?? []).entries()) {
      if (there.has(id)) continue;
      const message = `layout ${from.name} has no clause '${id}' of its own`;
      const path = ['shared-clauses', index, 'ids', at];
      context.report(link.source.diagnose('error', path, message, didYouMean(id, there)));
    }
  }
}

function checkIds(context: Context, items: Item<{ id: string }>[]): void {
  const first = new Map<string, Item<unknown>>();
  for (const item of items) {
    const other = first.get(item.name);
    if (other) context.report(item.error(['id'], `id ${item.name} is taken, in ${whereIs(other, item)}`, ID_HINT));
    else first.set(item.name, item);
  }
}

const ID_HINT = 'ids are unique across all layouts that extend each other; give it one of its own';

/** Registers, tables, their fields, and Config: what `places` may name. */
function knownPlaces({ registers, tables, config, declared }: Assembled): Set<string> {
  const out = new Set<string>([...declared.registers, ...declared.tables]);
  if (config) out.add('Config');
  for (const { name, value } of registers.values()) {
    for (const field of Object.keys(value.fields ?? {})) out.add(`${name}.${field}`);
  }
  for (const { name, value } of tables.values()) {
    if (value.bits === undefined) for (const field of Object.keys(value.fields)) out.add(`${name}.${field}`);
  }
  return out;
}

/**
 * A place that is not there makes its clause not applicable, which is what whoever takes a field out of a layout wants.
 * One that is nearly there is more likely a slip, and a clause that nobody checks by accident deserves a warning.
 */
function checkPlaces(context: Context, item: Item<RawClause>, known: Set<string>): void {
  const heads = new Set([...known].filter((place) => !place.includes('.')));
  for (const [index, place] of (item.value.places ?? []).entries()) {
    if (known.has(place)) continue;
    const [head = '', field] = place.split('.');
    // Name and field are compared apart, or a long name would excuse any field.
    const slip = heads.has(head)
      ? nearest(place, within(known, `${head}.`), strictLimit(field ?? ''))
      : nearestPlace(head, field, heads);
    if (slip === undefined) continue;
    const message = `there is no '${place}', so clause ${item.name} does not apply`;
    context.report(item.warning(['places', index], message, `did you mean '${slip}'?`));
  }
}

function nearestPlace(head: string, field: string | undefined, heads: Set<string>): string | undefined {
  const near = nearest(head, heads, strictLimit(head));
  return near === undefined || field === undefined ? near : `${near}.${field}`;
}

function within(known: Set<string>, prefix: string): string[] {
  return [...known].filter((place) => place.startsWith(prefix));
}

/** Reports each circle of `refines` once, at its first clause. */
function checkCircles(context: Context): void {
  const byId = new Map(context.layout.clauses.map((item) => [item.name, item]));
  const done = new Set<string>();
  const walk = (item: Item<RawClause>, trail: string[]): void => {
    for (const [index, id] of (item.value.refines ?? []).entries()) {
      const start = [...trail, item.name].indexOf(id);
      if (start >= 0) {
        const circle = [...trail, item.name].slice(start);
        const message = `clauses refine each other in a circle: ${[...circle, id].join(' -> ')}`;
        context.report(item.error(['refines', index], message, 'a clause refines only what is more general'));
      } else if (!done.has(id)) {
        const next = byId.get(id);
        if (next) walk(next, [...trail, item.name]);
      }
    }
    done.add(item.name);
  };
  for (const item of context.layout.clauses) if (!done.has(item.name)) walk(item, []);
}
