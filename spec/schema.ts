/** One file against `layout.schema.json`: diagnostics at the exact token, and the content without what was refused. */
import { readFileSync } from 'node:fs';
import type { Diagnostic } from './diagnostics.ts';
import { schemaFile } from './packaged.ts';
import type { Path, SourceFile } from './parse.ts';
import type { RawLayout } from './raw.ts';
import { validate } from './schema-check.generated.ts';
import { didYouMean, nearest } from './suggest.ts';

/** An error as ajv reports it; `params` depend on the keyword. */
interface SchemaError {
  instancePath: string;
  keyword: string;
  params: Record<string, unknown>;
}

/** What this file needs of a JSON Schema. */
interface Schema {
  $ref?: string;
  title?: string;
  enum?: unknown[];
  properties?: Record<string, Schema | false>;
  propertyNames?: Schema;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  definitions?: Record<string, Schema>;
}

const check = validate as unknown as { (data: unknown): boolean; errors?: SchemaError[] | null };

export interface Checked {
  raw: RawLayout;
  diagnostics: Diagnostic[];
}

/** Checks the content of a file; a register, clause or other entry with a fault of its own is left out of `raw`. */
export function checkSchema(source: SourceFile): Checked {
  if (check(source.content)) return { raw: source.content as RawLayout, diagnostics: [] };
  // A name that breaks its rule is told by `propertyNames`; the rule itself reports against the map as a whole.
  const errors = (check.errors ?? []).filter(
    (error) => error.keyword !== 'pattern' || typeof valueAt(source.content, pathOf(error)) !== 'object',
  );
  const schema: Schema = JSON.parse(readFileSync(schemaFile, 'utf8'));
  return { raw: prune(source.content, errors), diagnostics: diagnose(source, schema, errors) };
}

function diagnose(source: SourceFile, schema: Schema, errors: SchemaError[]): Diagnostic[] {
  const explain = new Explainer(source, schema);
  const out: Diagnostic[] = [];
  // A key that is missing and one that is close to it are one mistake, told once.
  const guessed = new Set<string>();
  for (const error of errors.filter((e) => e.keyword === 'additionalProperties')) {
    const key = String(error.params.additionalProperty);
    const known = explain.keysAt(pathOf(error));
    const near = nearest(key, known);
    if (near !== undefined) guessed.add(`${error.instancePath}/${near}`);
    const path = [...pathOf(error), key];
    const message = `unknown key '${key}'${explain.inside(pathOf(error))}`;
    // In `{ text: first, second }` YAML reads `second` as a key without a value.
    const split = near === undefined && valueAt(source.content, path) === null;
    const hint = split ? 'a comma ends a text within { }; put the whole text in quotes' : didYouMean(key, known);
    out.push(source.diagnose('error', path, message, hint, 'key'));
  }
  for (const error of errors) {
    if (error.keyword === 'required' && guessed.has(`${error.instancePath}/${error.params.missingProperty}`)) continue;
    const diagnostic = explain.error(error);
    if (diagnostic) out.push(diagnostic);
  }
  return out;
}

/** Turns errors of ajv into sentences; the schema's titles say what would have been right. */
class Explainer {
  private readonly source: SourceFile;
  private readonly schema: Schema;

  constructor(source: SourceFile, schema: Schema) {
    this.source = source;
    this.schema = schema;
  }

  error(error: SchemaError): Diagnostic | undefined {
    const path = pathOf(error);
    switch (error.keyword) {
      case 'additionalProperties': // told before
      case 'if': // the errors of its branch say it
        return undefined;
      case 'propertyNames':
        return this.badName(path, String(error.params.propertyName));
      case 'required': {
        const key = String(error.params.missingProperty);
        return this.source.diagnose('error', path, `${this.subject(path)} has no '${key}'`, undefined, 'key');
      }
      case 'false schema':
        return this.source.diagnose(
          'error',
          path,
          `'${path.at(-1)}' does not belong in ${this.subject(path.slice(0, -1))}`,
          "a table of rows has 'stride' and 'fields'; one of bits has 'bits', 'access', 'reset' and 'round-to'",
          'key',
        );
    }
    return this.badValue(path, error);
  }

  /** The keys that the map at `path` may have. */
  keysAt(path: Path): string[] {
    const at = this.schemaAt(path);
    return Object.keys(at?.properties ?? {});
  }

  /** ` in register MsiVectorCount`, or nothing at the root. */
  inside(path: Path): string {
    return path.length === 0 ? '' : ` in ${this.subject(path)}`;
  }

  private badName(path: Path, name: string): Diagnostic {
    const names = this.resolve(this.schemaAt(path)?.propertyNames);
    const message = `'${name}' is no name for a ${this.subject([...path, ''])}; it must be ${names?.title ?? 'another one'}`;
    return this.source.diagnose('error', [...path, name], message, undefined, 'key');
  }

  private badValue(path: Path, error: SchemaError): Diagnostic {
    const at = this.schemaAt(path);
    const value = valueAt(this.source.content, path);
    const what = `${this.subject(path)} must be`;
    if (at?.enum && at.enum.length > 0) {
      const options = at.enum.map(String);
      const message = `${what} ${options.length > 1 ? `one of ${options.join(', ')}` : options[0]}, not ${show(value)}`;
      const near = typeof value === 'string' ? nearest(value, options) : undefined;
      return this.source.diagnose('error', path, message, near === undefined ? undefined : `did you mean '${near}'?`);
    }
    const expected = at?.title ?? typeName(error.params.type);
    return this.source.diagnose('error', path, `${what} ${expected}, not ${show(value)}`, this.quoting(value, error));
  }

  private quoting(value: unknown, error: SchemaError): string | undefined {
    const wantsText = error.keyword === 'type' && String(error.params.type) === 'string';
    return wantsText && ['number', 'boolean'].includes(typeof value) ? `write it in quotes: '${value}'` : undefined;
  }

  /** What a path means, in words: `register MsiVectorCount`, `'access' of register MsiVectorCount`. */
  private subject(path: Path): string {
    const [section, name, ...rest] = path;
    if (section === undefined) return 'the layout';
    const noun = SECTION_NOUN[String(section)];
    if (name === undefined) return `'${section}'`;
    const below = rest.filter((segment) => typeof segment === 'string').join('.');
    if (noun === undefined) return `'${[name, below].filter((part) => part !== '').join('.')}' of '${section}'`;
    const id = valueAt(this.source.content, [section, name, 'id']);
    const known = typeof name === 'number' ? (typeof id === 'string' ? id : `${name + 1}`) : name;
    const head = `${noun} ${known}`.trimEnd();
    return below === '' ? head : `'${below}' of ${head}`;
  }

  private schemaAt(path: Path): Schema | undefined {
    let at: Schema | undefined = this.schema;
    for (const segment of path) {
      at = this.resolve(at);
      if (typeof segment === 'number') at = at?.items;
      else {
        const own = at?.properties && Object.hasOwn(at.properties, segment) ? at.properties[segment] : undefined;
        const other = at?.additionalProperties;
        at = own || (typeof other === 'object' ? other : undefined);
      }
    }
    return this.resolve(at);
  }

  private resolve(schema: Schema | undefined): Schema | undefined {
    const name = schema?.$ref?.replace('#/definitions/', '');
    return name === undefined ? schema : this.resolve(this.schema.definitions?.[name]);
  }
}

const SECTION_NOUN: Record<string, string> = {
  constants: 'constant',
  features: 'feature',
  registers: 'register',
  tables: 'table',
  structures: 'structure',
  'device-types': 'device type',
  sources: 'source',
  'reserved-features': 'range',
  clauses: 'clause',
  open: 'open point',
};

function show(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a map';
  const text = String(value);
  return `'${text.length > 40 ? `${text.slice(0, 37)}...` : text}'`;
}

function typeName(type: unknown): string {
  const names: Record<string, string> = {
    object: 'a map of keys',
    array: 'a list',
    string: 'a text',
    integer: 'a whole number',
    boolean: 'true or false',
  };
  return String(type)
    .split(',')
    .map((one) => names[one] ?? 'something else')
    .join(' or ');
}

function pathOf(error: SchemaError): Path {
  const segments = error.instancePath.split('/').slice(1);
  return segments.map((s) => (/^\d+$/.test(s) ? Number(s) : s.replaceAll('~1', '/').replaceAll('~0', '~')));
}

function valueAt(content: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, segment) => (at as Record<string, unknown> | undefined)?.[segment], content);
}

/**
 * The content without the entries that an error lies in: a register, a clause, or a whole section where its fault is
 * not in one entry. A key too many does no harm, so it costs nothing.
 */
function prune(content: Record<string, unknown>, errors: SchemaError[]): RawLayout {
  const copy: Record<string, unknown> = { ...content };
  for (const error of errors) {
    if (error.keyword === 'additionalProperties' || error.keyword === 'propertyNames') continue;
    const [section, name] = pathOf(error);
    if (section === undefined) continue;
    const entries = copy[section];
    if (Array.isArray(entries) && typeof name === 'number') {
      copy[section] = entries.map((entry, index) => (index === name ? undefined : entry));
    } else if (name !== undefined && typeof entries === 'object' && entries !== null && String(section) in ENTRY_MAPS) {
      copy[section] = Object.fromEntries(Object.entries(entries).filter(([key]) => key !== String(name)));
    } else delete copy[section];
  }
  if (Array.isArray(copy['reserved-features'])) {
    copy['reserved-features'] = copy['reserved-features'].filter((range) => range !== undefined);
  }
  return copy as RawLayout;
}

/** The sections whose entries stand on their own. */
const ENTRY_MAPS = {
  sources: true,
  constants: true,
  features: true,
  registers: true,
  tables: true,
  structures: true,
  'device-types': true,
};
