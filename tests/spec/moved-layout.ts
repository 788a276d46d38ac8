/**
 * The native layout with every number moved: what a reviewer might do to it, all at once.
 *
 * Made from the shipped YAML, so that it stays in step with it, by editing the documents as a person would: comments,
 * clauses and names stay. Code that still passes against it has taken its numbers from the layout.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Document, isMap, isScalar, parseDocument } from 'yaml';
import { packagedLayout } from '../../spec/load.ts';

/** Registers begin here, eight bytes apart: below lies nothing, so that an old offset finds no register. */
const FIRST_REGISTER = 0x200;
const REGISTER_SPACING = 8;
const CONFIG_ALIGN = 0x100;
/** Not the order of the shipped layout, and not its reverse either. */
const SHUFFLE_STEP = 17;

/**
 * Writes `moved.yaml` and the `moved-base.yaml` that it extends.
 * @returns the path of `moved.yaml`
 */
export function writeMovedLayout(directory: string): string {
  const base = open('virtio-mmio');
  const native = open('native');

  const keys = [base, native].flatMap((document) => registerNames(document).map((name) => ({ document, name })));
  for (const [index, place] of shuffledPlaces(keys.length).entries()) {
    const { document, name } = keys[index]!;
    setNumber(document, ['registers', name, 'offset'], FIRST_REGISTER + REGISTER_SPACING * place);
  }
  const end = FIRST_REGISTER + REGISTER_SPACING * keys.length;
  setNumber(base, ['config', 'offset'], Math.ceil(end / CONFIG_ALIGN) * CONFIG_ALIGN);

  setNumber(native, ['constants', 'NO_VECTOR', 'value'], 0xffffffff);
  setNumber(native, ['features', 'VIRTIO_F_MMIO_MSI', 'bit'], 46);
  // The entry without its reserved dword; the pending bits first, the entries last.
  setNumber(native, ['tables', 'entry', 'stride'], 12);
  native.deleteIn(['tables', 'entry', 'fields', 'reserved']);
  setNumber(native, ['tables', 'entry', 'default-offset'], 0x8000);
  native.setIn(['tables', 'mask', 'default-offset'], native.createNode({ after: 'pba' }, { flow: true }));
  setNumber(native, ['tables', 'pba', 'default-offset'], 0x3000);

  base.set('layout', 'moved-base');
  native.set('layout', 'moved');
  native.set('title', 'virtio-mmio MSI, every number moved');
  native.set('extends', './moved-base.yaml');

  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'moved.yaml');
  writeFileSync(join(directory, 'moved-base.yaml'), base.toString({ lineWidth: 0 }));
  writeFileSync(file, native.toString({ lineWidth: 0 }));
  return file;
}

function open(name: string): Document {
  return parseDocument(readFileSync(packagedLayout(name), 'utf8'));
}

function registerNames(document: Document): string[] {
  const registers = document.get('registers');
  return isMap(registers) ? registers.items.map((pair) => String(pair.key)) : [];
}

/** 0 to count - 1, each once, in an order that does not depend on anything else. */
function shuffledPlaces(count: number): number[] {
  const free = Array.from({ length: count }, (_, index) => index);
  return Array.from({ length: count }, (_, index) => free.splice((index * SHUFFLE_STEP + 5) % free.length, 1)[0]!);
}

/** Replaces a number in place, in the notation that it has; where there is none (a place after a table), puts it. */
function setNumber(document: Document, path: string[], value: number): void {
  const node = document.getIn(path, true);
  if (isScalar(node)) node.value = value;
  else document.setIn(path, value);
}
