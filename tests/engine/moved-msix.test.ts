/** `--layout FILE` with MSI-X on MMIO where every number of it is another one: nothing in code knows them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { loadLayout } from '../../spec/load.ts';
import { accused, trial } from '../power/trial.ts';
import { writeMovedMsix } from '../spec/moved-msix.ts';

const folder = mkdtempSync(join(tmpdir(), 'moved-msix-'));
afterAll(() => rmSync(folder, { recursive: true }));

const layout = loadLayout(writeMovedMsix(folder));

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
