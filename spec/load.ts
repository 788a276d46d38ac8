import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LineCounter, parseDocument, isMap, isSeq } from 'yaml';
import type { BitField, LayoutData } from './layout.ts';
import { Layout } from './layout.ts';

/* biome-ignore-all lint/suspicious/noExplicitAny: raw YAML */
const camel = (s: string) => s.replace(/-([a-z])/g, (_, c: string) => c.toUpperCase());

export function packagedLayout(name: string): string {
  let dir = dirname(fileURLToPath(import.meta.url));
  if (dir.endsWith('/dist/spec')) dir = resolve(dir, '../../spec');
  return resolve(dir, `${name}.yaml`);
}

/** Loads a layout by packaged name or file. Interim; see issue. */
export function loadLayout(nameOrFile = 'native'): Layout {
  const file = /\.ya?ml$/.test(nameOrFile) ? resolve(nameOrFile) : packagedLayout(nameOrFile);
  const data = normalise(file);
  data.digest = createHash('sha256').update(JSON.stringify({ ...data, file: '' })).digest('hex');
  return new Layout(data);
}

function origins(raw: any): any[] {
  return (raw ?? []).flatMap((o: any) => Object.entries(o).map(([source, at]) => ({ source, at: String(at) })));
}

function fieldsOf(raw: any): Record<string, BitField> {
  const out: Record<string, BitField> = {};
  for (const [name, f] of Object.entries<any>(raw ?? {})) {
    const [high = 0, low = high] = String(f.bits).split(':').map(Number);
    out[name] = { ...f, name, high, low, mask: (2 ** (high + 1) - 2 ** low) >>> 0 };
  }
  return out;
}

function normalise(file: string): LayoutData {
  const text = readFileSync(file, 'utf8');
  const counter = new LineCounter();
  const doc = parseDocument(text, { lineCounter: counter });
  const raw = doc.toJS() as any;
  const where = (path: (string | number)[]) => {
    const node = doc.getIn(path, true) as any;
    const at = counter.linePos((isMap(node) || isSeq(node) || node?.range ? node.range[0] : 0) as number);
    return { file, line: at.line, column: at.col };
  };
  const base: LayoutData | undefined = raw.extends ? normalise(resolve(dirname(file), raw.extends)) : undefined;
  const constants = { ...base?.constants, ...raw.constants };
  const num = (v: any): any => (typeof v === 'string' ? constants[v].value : v);
  const data: any = {
    name: raw.layout, title: raw.title, revision: raw.revision, extends: base ? [base.name, ...base.extends] : [],
    digest: '', file, sources: { ...base?.sources, ...raw.sources }, constants,
    features: { ...base?.features }, reservedFeatures: raw['reserved-features'] ?? base?.reservedFeatures ?? [],
    registers: { ...base?.registers }, config: raw.config ?? base?.config, tables: { ...base?.tables },
    structures: { ...base?.structures }, deviceTypes: { ...base?.deviceTypes },
    clauses: [...(base?.clauses ?? [])], open: [...(base?.open ?? [])],
  };
  for (const [name, f] of Object.entries<any>(raw.features ?? {})) data.features[name] = { name, requires: [], driven: false, ...f };
  for (const [name, r] of Object.entries<any>(raw.registers ?? {}))
    data.registers[name] = { constant: false, ...r, reset: num(r.reset), name, fields: fieldsOf(r.fields), effects: r.effects ?? [], origin: origins(r.origin), layout: raw.layout, position: where(['registers', name]) };
  for (const [name, t] of Object.entries<any>(raw.tables ?? {})) {
    const common = { name, title: t.title, at: t.at, defaultOffset: t['default-offset'], rows: t.rows, align: num(t.align), page: t.page, origin: origins(t.origin), position: where(['tables', name]) };
    const unspec = (v: any) => (v === 'unspecified' ? undefined : num(v));
    data.tables[name] = t.stride
      ? { ...common, kind: 'entries', stride: t.stride, fields: Object.fromEntries(Object.entries<any>(t.fields).map(([n, f]) => [n, { name: n, offset: f.offset, access: f.access, reset: unspec(f.reset), mayReadZero: f['may-read-zero'] ?? 0, fields: fieldsOf(f.fields) }])) }
      : { ...common, kind: 'bits', access: t.access, reset: num(t.reset), roundTo: t['round-to'] };
  }
  for (const [name, s] of Object.entries<any>(raw.structures ?? {})) data.structures[name] = { name, ...s };
  for (const [name, t] of Object.entries<any>(raw['device-types'] ?? {})) {
    const { size, ...config } = t.config ?? {};
    data.deviceTypes[name] = { name, ...t, config, configSize: size, features: Object.fromEntries(Object.entries<any>(t.features ?? {}).map(([n, f]) => [n, { name: n, requires: [], driven: false, ...f }])) };
  }
  (raw.clauses ?? []).forEach((c: any, i: number) => {
    data.clauses.push({ refines: [], places: [], ...c, text: String(c.text).trim(), origin: origins(c.origin), position: where(['clauses', i]) });
  });
  (raw.open ?? []).forEach((o: any, i: number) => data.open.push({ ...o, position: where(['open', i]) }));
  if (raw.msi) {
    const known = ['mechanism', 'feature', 'noVector', 'vectorLimit', 'vectorCount', 'configVector', 'queueVector', 'entryTable', 'maskTable', 'pendingTable'];
    data.msi = { other: {} };
    for (const [k, v] of Object.entries(raw.msi)) known.includes(camel(k)) ? (data.msi[camel(k)] = v) : (data.msi.other[k] = v);
  } else if (base?.msi) data.msi = base.msi;
  return data;
}
