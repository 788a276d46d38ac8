/** The tool as it is started: worker processes, record, exit codes. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { PowerRecord } from '../../power/record.ts';
import { ROOT } from '../docs/blocks.ts';

const folder = mkdtempSync(join(tmpdir(), 'power-'));
afterAll(() => rmSync(folder, { recursive: true }));

function power(...args: string[]) {
  const tsx = import.meta.resolve('tsx');
  const command = ['--import', tsx, join(ROOT, 'power/main.ts'), ...args];
  return spawnSync(process.execPath, command, { encoding: 'utf8', cwd: folder });
}

it('tries the chosen faults and variants, prints, records, and ends with 0', () => {
  const { status, stdout, stderr } = power(
    ...['--only', 'unmask-drops-pending', '--only', 'one-per-batch', '--layout', 'native'],
    ...['--seeds', '3-4', '--jobs', '2', '--out', 'kept'],
  );
  expect(status, stderr).toBe(0);
  expect(stdout).toContain('faults      1 of 1 found by their own clause with every seed');
  expect(stdout).toContain('variants    0 of 1 accused');
  const record = JSON.parse(readFileSync(join(folder, 'kept/results.json'), 'utf8')) as PowerRecord;
  expect(record).toMatchObject({ seeds: [3, 4], narrowed: true });
  expect(record.faults[0]).toMatchObject({ fault: 'unmask-drops-pending', clause: 'PBA-FIRE', named: { alone: 2 } });
  expect(record.faults[0]?.operations).toBeGreaterThan(0);
});

it('says what is wrong with a command line, and ends with 2', () => {
  const { status, stderr } = power('--only', 'no-such-fault');
  expect(status).toBe(2);
  expect(stderr).toContain('--only no-such-fault: no fault or variant of layout native, msix has such an id');
});
