import { expect, test } from 'vitest';
import { type Diagnostic, displayPath, formatDiagnostics, hex } from '../../spec/diagnostics.ts';
import { didYouMean, editDistance, nearest, nearestFew, strictLimit } from '../../spec/suggest.ts';
import { editedBase, editedNative, failure } from './helpers.ts';

const diagnostic: Diagnostic = {
  severity: 'warning',
  message: 'this looks odd',
  position: { file: '/a/b/c.yaml', line: 2, column: 3 },
  length: 4,
  sourceLine: '\t\tword',
  hint: 'write another one',
};

test('the caret stands under the token, tabs and all', () => {
  expect(formatDiagnostics([diagnostic], { cwd: '/a' })).toBe(
    'b/c.yaml:2:3: warning: this looks odd\n  \t\tword\n  \t\t^^^^\nhint: write another one',
  );
});

test('colour changes no character', () => {
  const colored = formatDiagnostics([diagnostic], { cwd: '/a', color: true });
  expect(colored).toContain('\u001b[');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what colours are made of
  expect(colored.replaceAll(/\u001b\[\d+m/g, '')).toBe(formatDiagnostics([diagnostic], { cwd: '/a' }));
});

test('a caret never runs over the end of its line', () => {
  expect(formatDiagnostics([{ ...diagnostic, length: 99 }]).split('\n')[2]).toBe('  \t\t^^^^');
});

test('paths are relative where that is shorter', () => {
  expect(displayPath('/a/b/c.yaml', '/a/b')).toBe('c.yaml');
  expect(displayPath('/a/c.yaml', '/x/y/z')).toBe('/a/c.yaml');
});

test('numbers have eight digits', () => expect(hex(0xd0)).toBe('0x000000d0'));

test('each position names the token that it means', () => {
  const files = [
    editedNative(['offset: 0x0d8', 'offset: 0x0d4'], ['feature: VIRTIO_F_MMIO_MSI', 'feature: VIRTIO_F_MSI_MMIO']),
    editedNative(['offset: 0x0d8', 'offest: 0x0d8'], ['reset: NO_VECTOR', 'reset: NO_VECTR']),
    editedBase(["FAILED: { bits: '7' }", "FAILED: { bits: '8:6' }"]),
  ];
  const tokens = files.flatMap((file) =>
    failure(file).diagnostics.map(({ sourceLine = '', position, length }) =>
      sourceLine.slice(position.column - 1, position.column - 1 + length),
    ),
  );
  expect(tokens).toEqual(['VIRTIO_F_MSI_MMIO', '0x0d4', 'offest', 'NO_VECTR', "'8:6'"]);
});

test('the distance counts insertions, deletions, replacements and swaps', () => {
  expect(editDistance('', 'abc')).toBe(3);
  expect(editDistance('offest', 'offset')).toBe(1);
  expect(editDistance('kitten', 'sitting')).toBe(3);
});

test('a guess is made only where it is near', () => {
  expect(nearest('WR', ['R', 'W', 'RW'])).toBe('RW');
  expect(nearest('must', ['MUST', 'MAY'])).toBe('MUST');
  expect(nearest('elephant', ['MUST', 'MAY'])).toBeUndefined();
  expect(didYouMean('elephant', ['MUST', 'MAY'])).toBe('one of: MUST, MAY');
  expect(didYouMean('elephant', [])).toBeUndefined();
});

test('what was only begun counts as one slip where the name is wrong anyway', () => {
  expect(nearest('ref', ['exec', 'reference'])).toBe('reference');
  expect(nearest('Queue', ['QueueReady'], strictLimit('Queue'))).toBeUndefined();
});

test('a part of a name brings up to three names that hold it', () => {
  expect(nearestFew('mask', ['unmask-twice', 'masks-reset', 'entry-alias', 'remask'])).toHaveLength(3);
  expect(nearestFew('entry-alais', ['unmask-twice', 'entry-alias'])).toEqual(['entry-alias']);
  expect(nearestFew('elephant', ['unmask-twice'])).toEqual([]);
});
