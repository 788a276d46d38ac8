/** Text to YAML: one file read, its syntax checked, and the place of each of its nodes at hand. */
import { readFileSync } from 'node:fs';
import type { Document, LineCounter, Node, Pair, YAMLError, YAMLMap } from 'yaml';
import type { Diagnostic, Severity } from './diagnostics.ts';
import type { SourcePosition } from './layout.ts';
import { yaml } from './yaml.ts';

/** Keys and indices from the root of a file to a node. */
export type Path = readonly (string | number)[];

/** A layout file whose YAML is sound: a map at its root. */
export class SourceFile {
  readonly file: string;
  private readonly text: string;
  private readonly lines: LineCounter;
  private readonly document: Document;
  /** The content as plain objects, not yet checked against the schema. */
  readonly content: Record<string, unknown>;

  constructor(file: string, text: string, lines: LineCounter, document: Document) {
    this.file = file;
    this.text = text;
    this.lines = lines;
    this.document = document;
    this.content = document.toJS() as Record<string, unknown>;
  }

  /** Where the key at `path` stands, or the list item; the nearest node above it where there is none. */
  position(path: Path): SourcePosition {
    return this.positionOf(this.rangeOf(path, 'key')[0]);
  }

  /** A diagnostic that underlines the value at `path`, or its key. */
  diagnose(
    severity: Severity,
    path: Path,
    message: string,
    hint?: string,
    part: 'key' | 'value' = 'value',
  ): Diagnostic {
    const [start, end] = this.rangeOf(path, part);
    const position = this.positionOf(start);
    const sourceLine = this.lineText(position.line);
    // A node over several lines is underlined to the end of its first one.
    const length = Math.max(1, Math.min(end - start, sourceLine.trimEnd().length - position.column + 1));
    return { severity, message, position, length, sourceLine, ...(hint !== undefined && { hint }) };
  }

  /** A diagnostic at an offset of the text, as the YAML parser reports them. */
  diagnoseAt(offset: number, length: number, message: string, hint?: string): Diagnostic {
    const position = this.positionOf(Math.min(offset, Math.max(0, this.text.trimEnd().length - 1)));
    const sourceLine = this.lineText(position.line);
    return { severity: 'error', message, position, length, sourceLine, ...(hint !== undefined && { hint }) };
  }

  /** Each key that stands twice in one map, with the line of the first; the later of them counts elsewhere. */
  duplicateKeys(): Diagnostic[] {
    const { isMap, isSeq } = yaml();
    const out: Diagnostic[] = [];
    const visit = (node: unknown): void => {
      if (isSeq(node)) for (const item of node.items) visit(item);
      if (!isMap(node)) return;
      const first = new Map<string, number>();
      for (const pair of node.items) {
        const [start, end] = rangeOfNode(pair.key) ?? [0, 1];
        const key = keyText(pair);
        const earlier = first.get(key);
        if (earlier === undefined) first.set(key, start);
        else {
          const line = this.positionOf(earlier).line;
          out.push(this.diagnoseAt(start, end - start, `key '${key}' is here twice; the first is in line ${line}`));
        }
        visit(pair.value);
      }
    };
    visit(this.document.contents);
    return out;
  }

  private lineText(line: number): string {
    const start = this.lines.lineStarts[line - 1] ?? 0;
    const end = this.lines.lineStarts[line] ?? this.text.length;
    return this.text.slice(start, end).replace(/\r?\n$/, '');
  }

  private positionOf(offset: number): SourcePosition {
    const { line, col } = this.lines.linePos(offset);
    return { file: this.file, line: Math.max(1, line), column: Math.max(1, col) };
  }

  /** Start and end in the text. Descends as far as the path exists. */
  private rangeOf(path: Path, part: 'key' | 'value'): [number, number] {
    const { isAlias, isMap, isSeq } = yaml();
    let node: unknown = this.document.contents;
    let range: [number, number] = rangeOfNode(node) ?? [0, 1];
    for (const [depth, segment] of path.entries()) {
      if (isAlias(node)) node = node.resolve(this.document);
      if (isMap(node)) {
        const pair = findPair(node, segment);
        if (!pair) break;
        const key = rangeOfNode(pair.key);
        // Of a map or list in block style the key is what a reader looks for; its first line is another statement.
        const wanted = part === 'value' || depth < path.length - 1 ? scalarOrFlowRange(pair.value) : undefined;
        range = wanted ?? key ?? range;
        node = pair.value;
      } else if (isSeq(node)) {
        const item = node.items[Number(segment)];
        if (item === undefined) break;
        range = itemRange(item) ?? range;
        node = item;
      } else break;
    }
    return range;
  }
}

function findPair(map: YAMLMap, key: string | number): Pair | undefined {
  // The last one: it is the one that counts where a key stands twice.
  return map.items.findLast((pair) => keyText(pair) === String(key));
}

function keyText(pair: Pair): string {
  return yaml().isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

function rangeOfNode(node: unknown): [number, number] | undefined {
  const range = (node as Node | null)?.range;
  return range ? [range[0], range[1]] : undefined;
}

/** Undefined for a block collection, a block text and an absent value. */
function scalarOrFlowRange(node: unknown): [number, number] | undefined {
  const { isMap, isScalar, isSeq } = yaml();
  if ((isMap(node) || isSeq(node)) && !node.flow) return undefined;
  if (isScalar(node) && (node.type === 'BLOCK_FOLDED' || node.type === 'BLOCK_LITERAL')) return undefined;
  const range = rangeOfNode(node);
  return range && range[1] > range[0] ? range : undefined;
}

/** An item of a list that is a map in block style is known by its first pair: `- id: MAP-RESET`. */
function itemRange(item: unknown): [number, number] | undefined {
  const { isMap, isPair } = yaml();
  if (isMap(item) && !item.flow) {
    const first = item.items[0];
    const key = first && rangeOfNode(first.key);
    const value = first && rangeOfNode(first.value);
    if (key) return [key[0], Math.max(key[1], value?.[1] ?? 0)];
  }
  return rangeOfNode(isPair(item) ? item.key : item);
}

/** The parser counts lines too, but loses some where it gives up on a token. */
function countLines(text: string): LineCounter {
  const lines = new (yaml().LineCounter)();
  lines.addNewLine(0);
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) lines.addNewLine(end + 1);
  return lines;
}

/** What came of one file: its content where the YAML is sound, and what is wrong with it. */
export interface Parsed {
  source?: SourceFile;
  diagnostics: Diagnostic[];
}

/** A diagnostic about a file as a whole. */
export function aboutFile(file: string, message: string, hint?: string): Diagnostic {
  return {
    severity: 'error',
    message,
    position: { file, line: 0, column: 0 },
    length: 1,
    ...(hint !== undefined && { hint }),
  };
}

/** Reads and parses one file. Every failure is a diagnostic; nothing is thrown. */
export function parseFile(file: string): Parsed {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return { diagnostics: [aboutFile(file, unreadable(error))] };
  }
  return parseText(file, text);
}

/** Parses the text of a file. */
export function parseText(file: string, text: string): Parsed {
  const { isMap, isScalar, isSeq, parseDocument } = yaml();
  const lines = countLines(text);
  // Keys that stand twice are found by SourceFile, which also tells where the first one is.
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: false, logLevel: 'error' });
  // Content is made only of what is sound; until then the text alone has to do.
  const bare = new SourceFile(file, text, lines, parseDocument('{}'));
  if (document.errors.length > 0) {
    return { diagnostics: syntaxDiagnostics(bare, document, text, lines) };
  }
  // Walking every node takes as long as all the checks together, and hardly any layout has an alias.
  const aliases = text.includes('*') ? unresolvedAliases(bare, document) : [];
  if (aliases.length > 0) return { diagnostics: aliases };
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) {
    return {
      diagnostics: [aboutFile(file, 'the file is empty', "a layout starts with 'layout:', 'title:', 'revision:'")],
    };
  }
  const source = new SourceFile(file, text, lines, document);
  if (!isMap(document.contents)) {
    const kind = isSeq(document.contents) ? 'a list' : 'a single value';
    return { diagnostics: [source.diagnose('error', [], `a layout is a map of keys, not ${kind}`)] };
  }
  return { source, diagnostics: source.duplicateKeys() };
}

/** One mistake makes the parser stumble many times after it: what follows from another is left out. */
function syntaxDiagnostics(source: SourceFile, document: Document, text: string, lines: LineCounter): Diagnostic[] {
  const tabs = new Map<number, Diagnostic>();
  const others = new Map<string, Diagnostic>();
  for (const error of document.errors) {
    const [start, end] = error.pos;
    const indent = indentOf(text, lines, lines.linePos(start).line);
    const tab = indent.text.indexOf('\t');
    if (tab >= 0) {
      const message = 'the line is indented with a tab';
      tabs.set(indent.start, source.diagnoseAt(indent.start + tab, 1, message, 'YAML is indented with spaces only'));
      continue;
    }
    const opening = openingOf(error, document);
    if (opening !== undefined) {
      const message = `this ${text[opening]} is never closed`;
      others.set(message, source.diagnoseAt(opening, 1, message));
    } else {
      // The parser quotes the token, which the caret shows.
      const message = lowerFirst(error.message.replace(/ in YAML stream: .*$/s, ' here'));
      const hint = message.endsWith('at node end') ? 'put the whole value in quotes' : undefined;
      if (!others.has(message)) others.set(message, source.diagnoseAt(start, Math.max(1, end - start), message, hint));
    }
    // Behind a token that fits nowhere nothing fits.
    if (error.code === 'UNEXPECTED_TOKEN') break;
  }
  return [...(tabs.size > 0 ? tabs : others).values()];
}

/** Each `*name` without an `&name` before it; turned into content it would throw. */
function unresolvedAliases(source: SourceFile, document: Document): Diagnostic[] {
  const out: Diagnostic[] = [];
  yaml().visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) !== undefined) return;
      const [start, end] = rangeOfNode(alias) ?? [0, 1];
      const hint = `define it with '&${alias.source}', or put the value in quotes if it is a text`;
      out.push(source.diagnoseAt(start, end - start, `there is no anchor '${alias.source}' before this alias`, hint));
    },
  });
  return out;
}

/** Where the bracket or quote begins whose end the parser misses; it complains far behind it. */
function openingOf(error: YAMLError, document: Document): number | undefined {
  if (!/^(Flow |Missing closing )/.test(error.message)) return undefined;
  let opening: number | undefined;
  const { isMap, isScalar, isSeq, visit } = yaml();
  visit(document, {
    Node(_key, node) {
      const [start, end] = rangeOfNode(node) ?? [0, 0];
      const delimited =
        (isScalar(node) && node.type?.startsWith('QUOTE')) || ((isMap(node) || isSeq(node)) && node.flow);
      if (delimited && start < error.pos[0] && error.pos[0] <= end + 1) opening = start;
    },
  });
  return opening;
}

/** The white space at the start of a line. */
function indentOf(text: string, lines: LineCounter, line: number): { start: number; text: string } {
  const start = lines.lineStarts[line - 1] ?? 0;
  return { start, text: /^[ \t]*/.exec(text.slice(start, start + 200))?.[0] ?? '' };
}

function lowerFirst(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}

function unreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'this is a directory, not a layout file';
  if (code === 'EACCES') return 'the file may not be read';
  return `the file cannot be read${code === '' ? '' : ` (${code})`}`;
}
