import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conformance } from './command.ts';

describe('doctor', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'doctor-'));
    writeFileSync(join(dir, 'zero.mjs'), 'export default { read: () => 0, write: () => undefined };');
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('is content with the reference device', async () => {
    const { code, stdout, stderr } = await conformance(['doctor']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^ok /m);
    expect(stdout).not.toMatch(/^problem /m);
    expect(stdout).toMatch(/\d+ checks: \d+ ok, 0 problem, \d+ skipped\. The target answers as it should\./);
  });

  it('ends with 3 where there is a problem, and says what to do', async () => {
    const { code, stdout } = await conformance(['doctor', '--target', './zero.mjs'], { cwd: dir });
    expect(code).toBe(3);
    expect(stdout).toMatch(/^problem /m);
    expect(stdout).toContain('next: ');
  });

  it('is JSON for programs', async () => {
    const { stdout } = await conformance(['doctor', '--format', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true });
  });

  it('ends with 2 where there is no such target', async () => {
    expect((await conformance(['doctor', '--target', './missing.ts'])).code).toBe(2);
  });
});
