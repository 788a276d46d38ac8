/** What loads: the shipped layouts, edited copies, chains of layouts, and what they are warned of. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { schemaCheckSource } from '../../spec/compile-schema.ts';
import { formatDiagnostics, LayoutError, loadLayout, packagedLayout, packagedNames } from '../../spec/load.ts';
import { edit, editedNative, failure, newFolder, packagedText, refusal, small, warnings, write } from './helpers.ts';
import { writeMovedLayout } from './moved-layout.ts';

describe('the shipped layouts', () => {
  test.each(packagedNames())('%s loads without a warning, and every place of its clauses is there', (name) => {
    const layout = loadLayout(name);
    expect(warnings(layout)).toBe('');
    const missing = layout.data.clauses.flatMap((c) => c.places.filter((place) => !layout.hasPlace(place)));
    expect(missing).toEqual([]);
  });

  // Stated here once more on purpose: these are facts of the specification, and of the published proposal.
  test('native holds its facts', () => {
    const native = loadLayout();
    expect(native.data.extends).toEqual(['virtio-mmio']);
    expect(native.register('Status').offset).toBe(0x70);
    expect(native.bit('Status', 'FEATURES_OK')).toBe(8);
    expect(native.register('MsiQueueVector')).toMatchObject({
      offset: 0xe4,
      reset: 0xffff,
      selector: 'QueueSel',
      layout: 'native',
    });
    expect(native.feature('VIRTIO_F_MMIO_MSI')).toMatchObject({
      bit: 44,
      requires: ['VIRTIO_F_VERSION_1'],
      driven: true,
    });
    expect(native.table('entry')).toMatchObject({ stride: 16, align: 4096, page: 'direct' });
    expect(native.tableLength('pba', 65)).toBe(16);
    expect(native.msi).toMatchObject({ noVector: 'NO_VECTOR', maskTable: 'mask', pendingTable: 'pba' });
    expect(native.clause('MAP-OFF').origin[0]).toEqual({
      source: 'MSI-X',
      at: 'no interrupt for an event that is mapped to NO_VECTOR',
    });
    expect(native.clause('HDR-RO').position.line).toBe(lineOf('native', '- id: HDR-RO'));
    expect(native.hasPlace('entry.reserved')).toBe(true);
  });

  test('a packaged layout is loaded once', () => {
    expect(loadLayout('native')).toBe(loadLayout());
  });

  test('the schema refuses what it should, by ajv itself', () => {
    const check = new Ajv({
      allErrors: true,
      allowUnionTypes: true,
      strictTypes: false,
      strictRequired: false,
    }).compile(schema());
    for (const name of packagedNames()) expect([check(parse(packagedText(name))), check.errors]).toEqual([true, null]);
    expect(check({ ...(parse(packagedText('native')) as object), colour: 'green' })).toBe(false);
  });

  test('the compiled schema is in step: else run npx tsx spec/compile-schema.ts', () => {
    const generated = readFileSync(new URL('../../spec/schema-check.generated.ts', import.meta.url), 'utf8');
    expect(generated === schemaCheckSource(schema())).toBe(true);
  });
});

describe('extends', () => {
  test('a copy in another folder finds its packaged base', () => {
    const layout = loadLayout(editedNative(['offset: 0x0e4', 'offset: 0x0f0']));
    expect(layout.register('MsiQueueVector').offset).toBe(0xf0);
    expect(layout.register('Status').position.file).toBe(packagedLayout('virtio-mmio'));
  });

  test('a file beside it comes before the packaged one', () => {
    const file = write({
      'native.yaml': packagedText('native'),
      'virtio-mmio.yaml': edit(packagedText('virtio-mmio'), ['VendorID: { offset: 0x00c', 'VendorID: { offset: 0x0f8']),
    });
    expect(loadLayout(file).register('VendorID').offset).toBe(0xf8);
  });

  test('a chain by name overrides a register, a constant and a feature', () => {
    const file = small(
      'extends: native\nconstants:\n  NO_VECTOR: { value: 0xfffe }\nfeatures:\n  VIRTIO_F_MMIO_MSI: { bit: 47 }\n' +
        'registers:\n  MsiPbaOffset: { offset: 0xe8, access: R }\n',
    );
    const layout = loadLayout(file);
    expect(layout.data.extends).toEqual(['native', 'virtio-mmio']);
    expect(layout.register('MsiPbaOffset')).toMatchObject({
      offset: 0xe8,
      layout: 'small',
      position: { file, line: 10, column: 3 },
    });
    expect(layout.register('MsiConfigVector').reset).toBe(0xfffe);
    expect(layout.feature('VIRTIO_F_MMIO_MSI').bit).toBe(47);
    expect(layout.clause('HDR-COUNT').id).toBe('HDR-COUNT');
  });

  test('a circle is refused', () => {
    const head = 'title: t\nrevision: 1\n';
    const file = write({
      'a.yaml': `layout: a\n${head}extends: ./b.yaml\n`,
      'b.yaml': `layout: b\n${head}extends: ./a.yaml\n`,
    });
    expect(refusal(file).replaceAll(/\S*\/layout-\w+\//g, '')).toBe(
      [
        'b.yaml:4:10: error: layouts extend each other in a circle: a.yaml -> b.yaml -> a.yaml',
        '  extends: ./a.yaml',
        '           ^^^^^^^^',
        'hint: one of them must stand alone',
      ].join('\n'),
    );
  });

  test('a base that is nowhere is refused, by path and by name', () => {
    expect(refusal(small('extends: ./virtio-mmoi.yaml\n'))).toMatchInlineSnapshot(`
      "small.yaml:4:10: error: there is no file './virtio-mmoi.yaml' to extend
        extends: ./virtio-mmoi.yaml
                 ^^^^^^^^^^^^^^^^^^
      hint: did you mean 'virtio-mmio'?"
    `);
    expect(refusal(small('extends: natve\n'))).toMatchInlineSnapshot(`
      "small.yaml:4:10: error: there is no packaged layout 'natve' to extend
        extends: natve
                 ^^^^^
      hint: did you mean 'native'?"
    `);
  });

  test('a fault of the base is told in its own file', () => {
    const file = write({
      'a.yaml': 'layout: a\ntitle: t\nrevision: 1\nextends: ./b.yaml\n',
      'b.yaml': 'layout: b\ntitle: t\n',
    });
    expect(refusal(file)).toMatchInlineSnapshot(`
      "b.yaml:1:1: error: the layout has no 'revision'
        layout: b
        ^^^^^^^^^"
    `);
  });
});

describe('what cannot be found', () => {
  const told = (name: string) => formatDiagnostics(failure(name).diagnostics, { cwd: join(name, '..') });
  test('a name', () =>
    expect(told('natve')).toMatchInlineSnapshot(`
    "natve: error: there is no packaged layout of this name
    hint: did you mean 'native'?"
  `));
  test('a name that is near none', () => {
    expect(failure('pci').diagnostics[0]?.hint).toMatch(/^packaged layouts: msix, native, virtio-mmio/);
  });
  test('a file', () =>
    expect(told(join(newFolder(), 'native.yaml'))).toMatchInlineSnapshot(`
    "native.yaml: error: there is no such file
    hint: 'native', without a path, is the packaged layout"
  `));
  test('a directory', () =>
    expect(told(`${newFolder()}/`)).toMatch(/: error: this is a directory, not a layout file$/));
  test('the message of the error is its text, without a stack', () => {
    const error = failure('natve');
    expect(error).toBeInstanceOf(LayoutError);
    expect(error.message).toBe(formatDiagnostics(error.diagnostics));
  });
});

describe('warnings', () => {
  test('a place that is gone makes its clause not applicable, without a word', () => {
    const layout = loadLayout(editedNative([/ {6}reserved: \{.*\n/, ''], ['stride: 16', 'stride: 12']));
    expect(layout.hasPlace('entry.reserved')).toBe(false);
    expect(warnings(layout)).toBe('');
  });

  test('a place that is nearly there is a slip', () => {
    const layout = loadLayout(
      editedNative(
        ['places: [entry.reserved]', 'places: [entry.reservd]'],
        ['places: [pba, mask]', 'places: [pba, maks]'],
      ),
    );
    expect(warnings(layout)).toMatchInlineSnapshot(`
      "native.yaml:183:14: warning: there is no 'entry.reservd', so clause ENT-RSVD does not apply
            places: [entry.reservd]
                     ^^^^^^^^^^^^^
      hint: did you mean 'entry.reserved'?

      native.yaml:274:19: warning: there is no 'maks', so clause PBA-FIRE does not apply
            places: [pba, maks]
                          ^^^^
      hint: did you mean 'mask'?"
    `);
  });
});

describe('the digest', () => {
  const digest = (file: string) => loadLayout(file).data.digest;
  const native = loadLayout().data.digest;

  test('does not depend on path, comments, or the order of keys', () => {
    const moved = editedNative(
      ['# How the behaviour', '# Some other words\n\n# How the behaviour'],
      ['  - id: HDR-COUNT\n    area: header\n', '  - area: header\n    id: HDR-COUNT\n'],
      ['NO_VECTOR: { value: 0xffff,', 'NO_VECTOR: { value: 65535,'],
    );
    expect(digest(moved)).toBe(native);
    const [first = '', second = ''] = ['MsiMaskOffset', 'MsiPbaOffset'].map(
      (name) => new RegExp(`  ${name}:\\n(?:    .*\\n)+`).exec(packagedText('native'))?.[0],
    );
    expect(digest(editedNative([first + second, second + first]))).toBe(native);
  });

  test.each([
    ['an offset', 'offset: 0x0e4', 'offset: 0x0f0'],
    ['a text', 'The line stays low.', 'The line is low.'],
    ['a level', 'level: SHOULD', 'level: MAY'],
    ['a place', 'default-offset: 0x1000', 'default-offset: 0x2000'],
  ])('depends on %s', (_what, from, to) => {
    expect(digest(editedNative([from, to]))).not.toBe(native);
  });
});

describe('the moved layout', () => {
  const layout = loadLayout(writeMovedLayout(newFolder()));
  const native = loadLayout();

  test('loads without a warning and says the same of other places', () => {
    expect(warnings(layout)).toBe('');
    expect(layout.data.clauses.map((c) => c.text)).toEqual(native.data.clauses.map((c) => c.text));
    const offsets = new Set(Object.values(native.data.registers).map((r) => r.offset));
    expect(Object.values(layout.data.registers).filter((r) => offsets.has(r.offset))).toEqual([]);
    expect(Object.keys(layout.data.registers).sort()).toEqual(Object.keys(native.data.registers).sort());
    expect(layout.data.config.offset).not.toBe(native.data.config.offset);
  });

  test('has no reserved dword, so that ENT-RSVD does not apply', () => {
    expect(layout.clause('ENT-RSVD').places.some((place) => layout.hasPlace(place))).toBe(false);
    expect(layout.tableLength('entry', 3)).toBe(36);
    expect(layout.constant('NO_VECTOR')).toBe(0xffffffff);
    expect(layout.register('MsiConfigVector').reset).toBe(0xffffffff);
    expect(layout.feature('VIRTIO_F_MMIO_MSI').bit).not.toBe(native.feature('VIRTIO_F_MMIO_MSI').bit);
  });
});

function schema(): object {
  return JSON.parse(readFileSync(new URL('../../spec/layout.schema.json', import.meta.url), 'utf8')) as object;
}

function lineOf(name: string, text: string): number {
  return (
    packagedText(name)
      .split('\n')
      .findIndex((line) => line.includes(text)) + 1
  );
}
