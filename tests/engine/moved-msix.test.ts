/** `--layout FILE` with MSI-X on MMIO where every number of it is another one: nothing in code knows them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { loadLayout } from '../../spec/load.ts';
import { accused, trial } from '../power/trial.ts';
import { edit, packagedText } from '../spec/helpers.ts';

const folder = mkdtempSync(join(tmpdir(), 'moved-msix-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = join(folder, 'moved.yaml');
writeFileSync(
  file,
  edit(
    packagedText('msix'),
    ['layout: msix\n', 'layout: moved\n'],
    ['offset: 0x0d8', 'offset: 0x0ec'],
    ['offset: 0x0d0', 'offset: 0x0d8'],
    ['bit: 45', 'bit: 47'],
    ['value: 0xffff,', 'value: 0xffffffff,'],
    ["table-size: { bits: '26:16'", "table-size: { bits: '29:19'"],
    ["reserved: { bits: '29:27'", "reserved: { bits: '31:30'"],
    ['function-mask: { bits: 30', 'function-mask: { bits: 17'],
    ['enable: { bits: 31', 'enable: { bits: 16'],
    ['stride: 16', 'stride: 24'],
    ['address-low: { offset: 0', 'address-low: { offset: 8'],
    ['address-high: { offset: 4', 'address-high: { offset: 12'],
    ['data: { offset: 8', 'data: { offset: 20'],
    ['        offset: 12\n', '        offset: 0\n'],
    ['default-offset: 0x1000', 'default-offset: 0x3000'],
    [/unit: 8/g, 'unit: 16'],
    [/'31:3'/g, "'31:4'"],
    [/align: 8/g, 'align: 16'],
  ),
);
const layout = loadLayout(file);

it.each([undefined, 'vectors-33', 'tables-backwards', 'reserved-kept'])(
  'variant %s is not accused',
  async (variant) => {
    const report = await trial({ layout, ...(variant === undefined ? {} : { variant }) });
    expect({ ...accused(report), findings: report.findings }).toEqual({ named: [], implied: [], findings: [] });
    expect(report.headline).toBe('conformant');
  },
);

it.each([
  ['function-mask-own-masks-lost', 'FMK-FIRE'],
  ['disable-clears-pending', 'ENA-KEEP'],
  ['bir-of-the-pba', 'HDR-BIR'],
  ['control-masks-on-any-bit', 'VCT-RSVD'],
  ['remap-keeps-old', 'MAP-MOVE'],
])('fault %s is named %s', async (fault, clause) => {
  expect(accused(await trial({ layout, fault })).named).toContain(clause);
});
