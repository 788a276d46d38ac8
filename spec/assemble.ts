/** The files of a chain as one: what a nearer layout defines replaces what its bases say. Nothing is judged here. */
import type { Link, Shared } from './chain.ts';
import type { Diagnostic, Severity } from './diagnostics.ts';
import type { SourcePosition } from './layout.ts';
import type { Path } from './parse.ts';
import type {
  RawClause,
  RawConfig,
  RawConstant,
  RawDeviceType,
  RawFeature,
  RawLayout,
  RawMsi,
  RawOpenPoint,
  RawRegister,
  RawStructure,
  RawTable,
} from './raw.ts';

/** A part of a layout, with the place that it has in its file. */
export class Item<T> {
  readonly name: string;
  readonly value: T;
  readonly link: Link;
  readonly path: Path;

  constructor(name: string, value: T, link: Link, path: Path) {
    this.name = name;
    this.value = value;
    this.link = link;
    this.path = path;
  }

  get position(): SourcePosition {
    return this.link.source.position(this.path);
  }

  /** An error under the value at `path` below this item; under its key where that says more. */
  error(path: Path, message: string, hint?: string, part?: 'key' | 'value'): Diagnostic {
    return this.diagnose('error', path, message, hint, part);
  }

  warning(path: Path, message: string, hint?: string): Diagnostic {
    return this.diagnose('warning', path, message, hint);
  }

  private diagnose(severity: Severity, path: Path, message: string, hint?: string, part?: 'key' | 'value'): Diagnostic {
    return this.link.source.diagnose(severity, [...this.path, ...path], message, hint, part);
  }
}

export type Items<T> = Map<string, Item<T>>;

export interface Assembled {
  /** Nearest first. */
  links: Link[];
  sources: Items<string>;
  constants: Items<RawConstant>;
  features: Items<RawFeature>;
  reservedFeatures: Item<[from: number, to: number][]> | undefined;
  registers: Items<RawRegister>;
  config: Item<RawConfig> | undefined;
  tables: Items<RawTable>;
  structures: Items<RawStructure>;
  deviceTypes: Items<RawDeviceType>;
  msi: Item<RawMsi> | undefined;
  /** Those of the farthest base first. An id may stand here twice. */
  clauses: Item<RawClause>[];
  open: Item<RawOpenPoint>[];
  /** Every name that some file defines, be its definition sound or not: nobody is accused of using it. */
  declared: Declared;
}

type MapSection = 'sources' | 'constants' | 'features' | 'registers' | 'tables' | 'structures' | 'device-types';
export type Declared = Record<MapSection, Set<string>> & { clauses: Set<string> };

/** @param shared the files that clauses are taken from word for word */
export function assemble(links: Link[], shared: Shared[] = []): Assembled {
  const basesFirst = links.toReversed();
  return {
    links,
    sources: merge(basesFirst, 'sources'),
    constants: merge(basesFirst, 'constants'),
    features: merge(basesFirst, 'features'),
    reservedFeatures: nearestSection(links, 'reserved-features'),
    registers: merge(basesFirst, 'registers'),
    config: nearestSection(links, 'config'),
    tables: merge(basesFirst, 'tables'),
    structures: merge(basesFirst, 'structures'),
    deviceTypes: merge(basesFirst, 'device-types'),
    msi: nearestSection(links, 'msi'),
    clauses: basesFirst.flatMap((link) => [...sharedClauses(link, shared), ...listed([link], 'clauses')]),
    open: basesFirst.flatMap((link) => [...sharedWith(link, shared, 'open'), ...listed([link], 'open')]),
    declared: declared(links, shared),
  };
}

function merge<K extends MapSection>(basesFirst: Link[], section: K): Items<NonNullable<RawLayout[K]>[string]> {
  type Value = NonNullable<RawLayout[K]>[string];
  const out: Items<Value> = new Map();
  for (const link of basesFirst) {
    for (const [name, value] of Object.entries(link.raw[section] ?? {})) {
      out.set(name, new Item(name, value as Value, link, [section, name]));
    }
  }
  return out;
}

type SingleSection = 'reserved-features' | 'config' | 'msi';

function nearestSection<K extends SingleSection>(
  links: Link[],
  section: K,
): Item<NonNullable<RawLayout[K]>> | undefined {
  for (const link of links) {
    const value = link.raw[section];
    if (value !== undefined) return new Item(section, value, link, [section]);
  }
  return undefined;
}

function listed<K extends 'clauses' | 'open'>(
  basesFirst: Link[],
  section: K,
): Item<NonNullable<NonNullable<RawLayout[K]>[number]>>[] {
  type Value = NonNullable<NonNullable<RawLayout[K]>[number]>;
  return basesFirst.flatMap((link) =>
    (link.raw[section] ?? []).flatMap((value, index) =>
      value === undefined ? [] : [new Item(value.id, value as Value, link, [section, index])],
    ),
  );
}

/** The clauses that a layout takes from others, with the places that they have here; each stands in its own file. */
function sharedClauses(link: Link, shared: Shared[]): Item<RawClause>[] {
  return shared
    .filter((one) => one.link === link)
    .flatMap((one) => {
      const { places = {}, reading } = link.raw['shared-clauses']?.[one.index] ?? {};
      return sharedWith(link, [one], 'clauses').map(({ name, value, link: from, path }) => {
        const here = value.places?.map((place) => places[place] ?? place);
        const text = reading === undefined ? value.text : `${value.text.trim()} ${reading.trim()}`;
        return new Item(name, { ...value, text, ...(here && { places: here }) }, from, path);
      });
    });
}

function sharedWith<K extends 'clauses' | 'open'>(link: Link, shared: Shared[], section: K) {
  return shared
    .filter((one) => one.link === link)
    .flatMap(({ index, from }) => {
      const ids = link.raw['shared-clauses']?.[index]?.ids ?? [];
      return listed([from], section).filter(({ name }) => ids.includes(name));
    });
}

function declared(links: Link[], shared: Shared[]): Declared {
  const keys = (section: MapSection): Set<string> =>
    new Set(links.flatMap((link) => Object.keys((link.source.content[section] as object | null | undefined) ?? {})));
  const own = (link: Link): string[] => {
    const clauses: unknown = link.source.content.clauses;
    return Array.isArray(clauses) ? clauses.map((clause: { id?: unknown } | null) => String(clause?.id)) : [];
  };
  const taken = shared.flatMap(({ link, index }) => link.raw['shared-clauses']?.[index]?.ids ?? []);
  const ids = [...links.flatMap(own), ...taken];
  return {
    sources: keys('sources'),
    constants: keys('constants'),
    features: keys('features'),
    registers: keys('registers'),
    tables: keys('tables'),
    structures: keys('structures'),
    'device-types': keys('device-types'),
    clauses: new Set(ids),
  };
}
