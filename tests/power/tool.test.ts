/** The tool as it is started: worker processes, record, exit codes. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

it('goes on from a journal, a line that was cut short apart, and takes none of other code', () => {
  const args = ['--only', 'one-per-batch', '--layout', 'native', '--quick', '--journal', 'trials.ndjson'];
  const file = join(folder, 'trials.ndjson');
  const lines = () => readFileSync(file, 'utf8').trimEnd().split('\n');
  const first = power(...args, '--seeds', '2');
  expect(first.status, first.stderr).toBe(0);
  expect(lines().length).toBe(3);
  const whole = readFileSync(file, 'utf8');
  // What is there is not done again: a trial that says otherwise shows.
  const [heading, one = ''] = lines();
  const changed = JSON.stringify({ ...JSON.parse(one), named: ['PBA-FIRE'] });
  writeFileSync(file, `${heading}\n${changed}\n{"layout":"nati`);
  const second = power(...args, '--seeds', '2', '--out', 'again');
  expect(second.status, second.stderr).toBe(1);
  expect(second.stdout).toContain('variants    1 of 1 accused');
  expect(lines().slice(2)).toEqual(whole.trimEnd().split('\n').slice(2));
  writeFileSync(file, whole.replace(/"code":"[0-9a-f]{4}/, '"code":"0000'));
  const other = power(...args);
  expect(other.status).toBe(2);
  expect(other.stderr).toContain('of another state of the code');
  writeFileSync(file, 'something else\n');
  expect(power(...args).stderr).toContain('no journal of trials');
});
