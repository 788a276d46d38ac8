import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checks } from '../../harness/engine/run.ts';
import { faults } from '../../reference-device/index.ts';
import type { Report } from '../../reports/report.ts';
import { loadLayout } from '../../spec/load.ts';
import { conformance } from './command.ts';

const MINUTE = 60_000;
const schema: object = JSON.parse(readFileSync(new URL('../../reports/report.schema.json', import.meta.url), 'utf8'));
const validate = new Ajv2020({ strictRequired: false }).compile(schema);

/** Without checks there is nothing that a run could do. */
const isReady = checks(loadLayout('native')).length > 0;

describe.skipIf(!isReady)('a run of the command', { timeout: 2 * MINUTE }, () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'run-'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const file = (out: string, name: string) => readFileSync(join(dir, out, name), 'utf8');

  it('finds the reference device conformant, twice in the same bytes', async () => {
    const args = ['--runs', '20', '--seed', '7', '--format', 'json'];
    const first = await conformance([...args, '--out', join(dir, 'first')]);
    const second = await conformance(['run', ...args, '--out', join(dir, 'second')]);
    expect(first.code, first.stderr + first.stdout.slice(0, 2000)).toBe(0);
    expect(file('first', 'report.json')).toBe(first.stdout);
    expect(second.stdout).toBe(first.stdout);
    expect(file('second', 'junit.xml')).toBe(file('first', 'junit.xml'));
    expect(validate(JSON.parse(first.stdout)), JSON.stringify(validate.errors)).toBe(true);
  });

  it('narrows to clauses, and says so', async () => {
    const { code, stdout } = await conformance(['--only', 'MAP-*', '--exclude', 'MAP-ABSENT', '--runs', '5']);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n').at(-1)).toContain('conformant (--only MAP-* --exclude MAP-ABSENT)');
  });

  it('refuses a glob that matches nothing', async () => {
    const { code, stderr } = await conformance(['--only', 'NOPE-*']);
    expect(code).toBe(2);
    expect(stderr).toContain('NOPE-*');
  });

  it('finds a fault; replay shows it again, from the report and from a file', async () => {
    const fault =
      faults.find(({ clause, deep }) => clause === 'MAP-RANGE' && !deep) ?? faults.find(({ deep }) => !deep);
    if (!fault) return;
    const out = join(dir, 'fault');
    const found = await conformance(['--target', `reference:fault=${fault.id}`, '--runs', '20', '--out', out]);
    expect(found.code).toBe(1);
    expect(found.stdout).toContain(`FAIL  ${fault.clause}`);
    const report = JSON.parse(file('fault', 'report.json')) as Report;
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    const replayed = await conformance(['replay', join(out, 'report.json'), '--clause', fault.clause]);
    expect(replayed.code).toBe(1);
    expect(replayed.stdout).toContain(`FAIL  ${fault.clause}`);
    const program = join(dir, 'program.json');
    const counterexample = report.clauses.find(({ id }) => id === fault.clause)?.counterexample;
    writeFileSync(program, JSON.stringify(counterexample?.program));
    expect((await conformance(['replay', program, '--target', `reference:fault=${fault.id}`])).code).toBe(1);
    const healthy = await conformance(['replay', program, '--target', 'reference']);
    expect(healthy.code).toBe(0);
    expect(healthy.stdout).toMatch(/^conformant \(replay\): nothing wrong showed; \d+ clauses were put to the test$/m);
    const mended = await conformance(['replay', join(out, 'report.json'), '-c', fault.clause, '-t', 'reference']);
    expect(mended.stdout).toContain(`${fault.clause} did not show again`);
  });

  it('prints commands that reproduce when they are pasted', async () => {
    const own = join(dir, 'my adapter.ts');
    const device = JSON.stringify(new URL('../../examples/typescript/adapter.ts', import.meta.url).pathname);
    writeFileSync(
      own,
      `import make from ${device};
export default () => {
  const adapter = make();
  return {
    ...adapter,
    read: (offset, width) => (offset === 0 && width === 32 ? 1 : adapter.read(offset, width)),
    write: (offset, width, value) => {
      if (offset === 0x64) throw new Error('no such register');
      adapter.write(offset, width, value);
    },
  };
};
`,
    );
    const args = ['-t', './my adapter.ts', '--runs', '5', '--out', 'my out', '--only', 'ID-MAGIC,INT-ACK'];
    const found = await conformance(args, { cwd: dir });
    const commands = [...found.stdout.matchAll(/^ +npx conformance (.*)$/gm)].map(([, command = '']) => command);
    expect(commands.length).toBeGreaterThanOrEqual(4);
    const words = (command: string) =>
      execFileSync('sh', ['-c', `printf '%s\\n' ${command}`], { encoding: 'utf8' })
        .trimEnd()
        .split('\n');
    for (const command of new Set(commands)) {
      const { code, stdout } = await conformance(words(command), { cwd: dir });
      if (command.includes('--finding')) expect([command, code]).toEqual([command, 3]);
      else expect([command, stdout.includes('FAIL  ID-MAGIC')]).toEqual([command, true]);
    }
  });

  it('replays on the layout of the run, and on no other', async () => {
    const layout = join(dir, 'mine.yaml');
    writeFileSync(layout, readFileSync('spec/native.yaml', 'utf8').replace(/^layout: native$/m, 'layout: mine'));
    const out = join(dir, 'mine');
    const target = 'reference:fault=unmask-drops-pending';
    const only = ['--only', 'PBA-FIRE', '--runs', '5'];
    const found = await conformance(['-t', target, '--layout', layout, '--out', out, ...only]);
    expect(found.code, found.stderr).toBe(1);
    const report = join(out, 'report.json');
    expect((await conformance(['replay', report, '--layout', layout])).code).toBe(1);
    const missing = await conformance(['replay', report]);
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('--layout FILE') });
    const other = await conformance(['replay', report, '--layout', 'native']);
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('another layout') });
  });

  it('is interrupted with a partial report', async () => {
    const target = 'tests/cli/interrupting-adapter.ts';
    const { code, stdout, stderr } = await conformance(['--target', target, '--format', 'json']);
    expect(code, stderr).toBe(130);
    const report = JSON.parse(stdout) as Report;
    expect(report.run.partial).toBe(true);
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
  });

  it('refuses a program that is none', async () => {
    expect((await conformance(['replay', 'package.json'])).code).toBe(2);
  });
});
