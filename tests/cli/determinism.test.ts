import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conformance } from './command.ts';

const TARGET = 'tests/cli/undecided-adapter.ts';
const SMALL = ['--exhaustive', 'off', '--verify-determinism'];

describe('--verify-determinism', { timeout: 120_000 }, () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'determinism-'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('says of the reference device that it is deterministic, and of one with a fault that it is not conformant', async () => {
    const healthy = await conformance([...SMALL, '--runs', '10']);
    expect(healthy).toMatchObject({ code: 0, stderr: '' });
    expect(healthy.stdout).toContain('twice   done again, and the target showed the same: it is deterministic');
    const broken = await conformance([
      'run',
      ...SMALL,
      '--runs',
      '10',
      '-t',
      'reference:fault=unmask-sends-twice',
      '-q',
    ]);
    expect(broken.code).toBe(1);
    expect(broken.stdout).toMatch(/^not conformant: (?!.*deterministic)/);
  });

  it('is inconclusive on a device that decides otherwise the second time, and says what both runs saw', async () => {
    const { code, stdout, stderr } = await conformance([...SMALL, '--target', TARGET, '--out', dir]);
    expect(code, stderr).toBe(4);
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^inconclusive: no violation in either run, but the target is/);
    expect(stdout).toMatch(/first run {3}-> message .*, message .*\n +second run {2}-> message .*, message /);
    expect(stdout).toContain(`npx conformance replay ${join(dir, 'report.json')} --verify-determinism`);
    const junit = readFileSync(join(dir, 'junit.xml'), 'utf8');
    expect(junit).toMatch(
      /<testcase name="verdict"[^>]*>\s*<failure message="inconclusive: no violation in either run/,
    );
    expect(junit).toContain('second run  -');
    expect(junit).toContain('<property name="deterministic" value="not verified"/>');
  });

  it('replays the program that differed, twice', async () => {
    const report = join(dir, 'report.json');
    const healthy = await conformance(['replay', report, '--verify-determinism', '--target', 'reference']);
    expect(healthy.code, healthy.stderr).toBe(0);
    expect(healthy.stdout).toContain('done again, and the target showed the same');
    const without = await conformance(['replay', report, '--target', 'reference']);
    expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining('holds no counterexample') });
    expect(without.stderr).toContain('--verify-determinism');
  });

  it('is in the help', async () => {
    for (const args of [['--help'], ['run', '--help'], ['replay', '--help']]) {
      expect((await conformance(args)).stdout).toContain('--verify-determinism');
    }
  });
});
