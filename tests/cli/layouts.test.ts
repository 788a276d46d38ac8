/** Which layout a run is about where --layout is not given. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { conformance, ROOT as root } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'layouts-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** An adapter of the reference device of one layout, changed. @returns its path */
function adapter(layout: string, change: string): string {
  const file = join(folder, `adapter-${layout}-${Math.abs(change.length)}.ts`);
  const from = (path: string) => JSON.stringify(pathToFileURL(join(root, path)).href);
  writeFileSync(
    file,
    `import { createReference } from ${from('reference-device/index.ts')};
import { loadLayout } from ${from('spec/load.ts')};
const device = createReference({ layout: loadLayout('${layout}') });
const read = device.read;
${change}
export default device;
`,
  );
  return file;
}

const DEVICE_FEATURES = 0x010;
const NATIVE_BIT = 1 << (44 - 32);
const few = ['--runs', '1', '--only', 'FEAT-*'];

test('the target names it', async () => {
  const { code, stdout, stderr } = await conformance(['--target', adapter('msix', ''), ...few]);
  expect(stderr).toContain('layout msix: the target names it');
  expect(stdout).toContain('layout  msix,');
  expect(code).toBe(0);
});

test('the device offers its feature', async () => {
  const { code, stdout, stderr } = await conformance([
    '--target',
    adapter('msix', 'device.layout = undefined;'),
    ...few,
  ]);
  expect(stderr).toContain('layout msix: the device offers VIRTIO_F_MMIO_MSIX');
  expect(stdout).toContain('layout  msix,');
  expect(code).toBe(0);
});

test('a device that offers both is a question, and each answer is taken', async () => {
  const both = adapter(
    'msix',
    `let window = 0;
const write = device.write;
device.layout = undefined;
device.write = (offset, width, value) => { if (offset === 0x014) window = Number(value); write(offset, width, value); };
device.read = (offset, width) => {
  const value = read(offset, width);
  return offset === ${DEVICE_FEATURES} && window === 1 ? Number(value) | ${NATIVE_BIT} : value;
};`,
  );
  const asked = await conformance(['--target', both, ...few]);
  expect(asked.code).toBe(2);
  expect(asked.stderr).toContain('VIRTIO_F_MMIO_MSIX (layout msix) and VIRTIO_F_MMIO_MSI (layout native)');
  expect(asked.stderr).toContain('--layout msix or --layout native');
  const answered = await conformance(['--target', both, '--layout', 'msix', ...few, '--exclude', 'FEAT-SUBSET']);
  expect(answered.stdout).not.toContain('FEAT-RESERVED  MUST');
  expect(answered.code).toBe(0);
});

test('a layout that is not the one that the target names is refused', async () => {
  const { code, stderr } = await conformance(['--target', adapter('msix', ''), '--layout', 'native']);
  expect(stderr).toContain("the target says that it implements layout 'msix', and this run is for 'native'");
  expect(code).toBe(2);
});
