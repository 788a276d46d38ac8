/** What the checks share: the assembled layout, where they report to, and values behind names of constants. */
import { basename } from 'node:path';
import type { Assembled, Item, Items } from '../assemble.ts';
import type { Diagnostic } from '../diagnostics.ts';
import { findPackaged } from '../packaged.ts';
import { parseFile } from '../parse.ts';
import type { Quantity, RawLayout } from '../raw.ts';
import { checkSchema } from '../schema.ts';
import { didYouMean } from '../suggest.ts';

export class Context {
  readonly layout: Assembled;
  readonly diagnostics: Diagnostic[] = [];
  private readonly references = new Map<string, RawLayout>();

  constructor(layout: Assembled) {
    this.layout = layout;
  }

  report(diagnostic: Diagnostic): void {
    this.diagnostics.push(diagnostic);
  }

  /** The number that a quantity stands for; undefined where there is none, or where it names no sound constant. */
  number(quantity: Quantity | undefined): number | undefined {
    return typeof quantity === 'string' ? this.layout.constants.get(quantity)?.value.value : quantity;
  }

  /** Reports a quantity that names a constant which does not exist. */
  checkQuantity<T>(item: Item<T>, path: (string | number)[], quantity: Quantity | undefined): void {
    if (typeof quantity === 'string') this.checkName(item, path, 'constant', quantity, this.layout.declared.constants);
  }

  /** Reports a name that is not among the known ones. @returns whether it is known */
  checkName<T>(item: Item<T>, path: (string | number)[], noun: string, name: string, known: Set<string>): boolean {
    if (known.has(name)) return true;
    this.report(item.error(path, `there is no ${noun} '${name}'`, didYouMean(name, known)));
    return false;
  }

  /**
   * Which of two items that collide was edited, and so is the one to point at: the one that differs from the packaged
   * layout it was copied from; else the one in the nearer file; else the one that breaks the ascending order of its
   * section; else the later.
   * @returns the edited one and the other
   */
  edited<T>(a: Item<T>, b: Item<T>, section: Items<T>, numberOf: (item: T) => number): [Item<T>, Item<T>] {
    const changed = [a, b].filter((item) => this.differsFromPackaged(item, numberOf));
    if (changed.length === 1) return changed[0] === a ? [a, b] : [b, a];
    const depth = (item: Item<T>) => this.layout.links.indexOf(item.link);
    if (depth(a) !== depth(b)) return depth(a) < depth(b) ? [a, b] : [b, a];
    const own = [...section.values()].filter((item) => item.link === a.link).sort(byPosition);
    const ascendsWithout = (left: Item<T>) =>
      ascends(own.filter((item) => item !== left).map((i) => numberOf(i.value)));
    const [first, second] = byPosition(a, b) < 0 ? [a, b] : [b, a];
    return ascendsWithout(first) && !ascendsWithout(second) ? [first, second] : [second, first];
  }

  private differsFromPackaged<T>(item: Item<T>, numberOf: (item: T) => number): boolean {
    const [section, name] = item.path;
    const reference = this.packagedContent(item) as Record<string, Record<string, T> | undefined>;
    const original = reference[String(section)]?.[String(name)];
    return original !== undefined && numberOf(original) !== numberOf(item.value);
  }

  /** The packaged layout that an item's file is a copy of, going by its name; empty where it is none. */
  private packagedContent<T>(item: Item<T>): RawLayout {
    const { file } = item.link.source;
    const packaged = findPackaged(item.link.name) ?? findPackaged(basename(file).replace(/\.ya?ml$/, ''));
    if (packaged === undefined || packaged === file) return {};
    let reference = this.references.get(packaged);
    if (!reference) {
      const { source } = parseFile(packaged);
      reference = source ? checkSchema(source).raw : {};
      this.references.set(packaged, reference);
    }
    return reference;
  }
}

/** `line 12`, or `line 12 of base.yaml` where the other item is in another file. */
export function whereIs(other: Item<unknown>, seenFrom: Item<unknown>): string {
  const { file, line } = other.position;
  return other.link === seenFrom.link ? `line ${line}` : `line ${line} of ${basename(file)}`;
}

function byPosition(a: Item<unknown>, b: Item<unknown>): number {
  return a.position.line - b.position.line || a.position.column - b.position.column;
}

function ascends(values: number[]): boolean {
  return values.every((value, index) => index === 0 || values[index - 1]! < value);
}
