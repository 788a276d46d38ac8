import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../reports/report.ts';
import { conformance } from './command.ts';

const MINUTE = 60_000;
const schema: object = JSON.parse(readFileSync(new URL('../../reports/report.schema.json', import.meta.url), 'utf8'));
const validate = new Ajv2020({ strictRequired: false }).compile(schema);

describe('conformance driver', { timeout: 2 * MINUTE }, () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'driver-'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('finds the reference driver conformant, twice in the same bytes', async () => {
    const first = await conformance(['driver', '--format', 'json', '--out', join(dir, 'first')]);
    const second = await conformance(['driver', '--format', 'json']);
    expect(first.code, first.stderr).toBe(0);
    expect(second.stdout).toBe(first.stdout);
    expect(readdirSync(join(dir, 'first')).sort()).toEqual([
      ...['junit.xml', 'report.html', 'report.json', 'run-info.json'],
    ]);
    const report = JSON.parse(first.stdout) as Report;
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    expect(report.subject).toBe('driver');
    expect(report.run.scenarios?.length).toBeGreaterThan(50);
  });

  it('finds a fault by its clause, and the command that it prints shows it again', async () => {
    const target = 'reference:fault=ack-undefined';
    const found = await conformance(['driver', '--target', target]);
    expect(found.code).toBe(1);
    expect(found.stdout).toMatch(/^FAIL {2}DRV-ACK/m);
    expect(found.stdout).toContain('not conformant: 1 clause is violated: DRV-ACK');
    const command = /^ +npx conformance (driver .*)$/m.exec(found.stdout)?.[1] ?? '';
    expect(command).toContain('--scenario');
    const again = await conformance(command.split(' '));
    expect(again.code).toBe(1);
    expect(again.stdout).toMatch(/^FAIL {2}DRV-ACK/m);
  });

  it('takes only the devices and clauses that are asked for, and says so', async () => {
    const { code, stdout } = await conformance([
      'driver',
      '--scenario',
      'identification/magic-0',
      '--only',
      'DRV-MAGIC',
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain('1 device met');
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(
      /^conformant \(--only DRV-MAGIC --scenario identification\/magic-0\)/,
    );
  });

  it('keeps a log of each device, which is a trace that can be judged', async () => {
    const logs = join(dir, 'logs');
    const target = 'reference:fault=ack-undefined';
    const live = await conformance(['driver', '-t', target, '--scenario', 'line/undefined-status', '--log', logs]);
    expect(live.code).toBe(1);
    const file = join(logs, 'line-undefined-status.ndjson');
    expect(readdirSync(logs)).toEqual(['line-undefined-status.ndjson']);
    const judged = await conformance(['driver', '-t', `trace:${file}`]);
    expect(judged.stdout).toMatch(/^FAIL {2}DRV-ACK/m);
    expect(judged.code).toBe(1);
  });

  it('takes the layout from the driver that names it', async () => {
    const file = join(dir, 'msix.ts');
    const api = JSON.stringify(new URL('../../harness/index.ts', import.meta.url).pathname);
    writeFileSync(
      file,
      `import { defineDriver, GaveUp } from ${api};
export default defineDriver({
  name: 'gives up',
  layout: 'msix',
  create: () => ({
    start() {
      throw new GaveUp('wants nothing');
    },
  }),
});
`,
    );
    const { code, stdout, stderr } = await conformance(['driver', '-t', file, '--scenario', 'plain/work']);
    expect(stderr).toContain('layout msix: the driver names it');
    expect(stdout).toMatch(/^layout {2}msix/);
    expect(code).toBe(1);
  });

  it('a driver that throws is a failure of its own, with code 3, and no stack', async () => {
    const file = join(dir, 'throws.mjs');
    writeFileSync(file, "export default { create: () => ({ start() { throw new Error('not today'); } }) };\n");
    const { code, stdout, stderr } = await conformance(['driver', '-t', file, '--scenario', 'plain/*']);
    expect(code).toBe(3);
    expect(stdout + stderr).toMatch(/not\s+today/);
    expect(stdout + stderr).not.toMatch(/\n\s+at /);
  });

  it('a program that is no driver is told apart from a driver that breaks a clause', async () => {
    for (const target of ['exec:true', 'exec:echo hello', 'exec:no-such-program']) {
      const { code, stdout, stderr } = await conformance(['driver', '-t', target, '--scenario', 'plain/work']);
      expect([target, code], stdout + stderr).toEqual([target, expect.toSatisfy((c) => c === 2 || c === 3)]);
      expect(stdout + stderr).toContain('next: ');
    }
  });

  it('ends at the first violated clause with --bail', async () => {
    const target = 'reference:fault=magic-unchecked';
    const { code, stdout } = await conformance(['driver', '-t', target, '--bail', '--format', 'json']);
    expect(code).toBe(1);
    const all = await conformance(['driver', '-t', target, '--format', 'json']);
    const met = (text: string) => (JSON.parse(text) as Report).run.scenarios?.length ?? 0;
    expect(met(stdout)).toBeLessThan(met(all.stdout));
  });

  it('is interrupted with its report kept, and code 130', async () => {
    const file = join(dir, 'endless.mjs');
    writeFileSync(
      file,
      `export default { create: (bus) => ({ start() { process.stderr.write('begun\\n'); for (;;) bus.read(0x70); } }) };
`,
    );
    const out = join(dir, 'interrupted');
    const ended = await conformance(['driver', '-t', file, '--out', out, '--scenario', 'plain/*'], {
      during: (child) => child.stderr?.once('data', () => child.kill('SIGINT')),
    });
    expect([1, 130], ended.stderr).toContain(ended.code);
    expect(existsSync(join(out, 'report.json'))).toBe(true);
  });
});
