import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { renderHtml } from '../../reports/html/index.ts';
import { renderJson } from '../../reports/json.ts';
import { renderJunit } from '../../reports/junit.ts';
import { renderPretty } from '../../reports/pretty.ts';
import type { RunInfo } from '../../reports/run-info.ts';
import { loadLayout } from '../../spec/load.ts';
import { conformant, interrupted, notConformant } from '../reports/fixtures.ts';
import { conformance, ROOT, standIn } from './command.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'endings-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('the exit code', () => {
  it.each([
    ['conformant', 0],
    ['violation', 1],
    ['died', 3],
    ['fault', 3],
    ['inconclusive', 4],
  ])('%s is %i', async (behaviour, expected) => {
    const { code, stderr } = await standIn(behaviour);
    expect(code).toBe(expected);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe('the report', () => {
  it('goes to stdout, and nothing else does', async () => {
    expect(await standIn('violation')).toMatchObject({ stdout: renderPretty(notConformant), stderr: '' });
    expect((await standIn('violation', ['--format', 'json'])).stdout).toBe(renderJson(notConformant));
    expect((await standIn('violation', ['--format', 'junit'])).stdout).toBe(renderJunit(notConformant));
  });

  it('is one line with --quiet', async () => {
    const { stdout, stderr } = await standIn('conformant', ['--quiet', '--out', dir]);
    expect(stdout).toBe('conformant: every MUST in scope passed or does not apply\n');
    expect(stderr).toBe('');
  });

  it('goes to the directory of --out, which is made, and the user is told where it is', async () => {
    const out = join(dir, 'new', 'report');
    const { code, stderr } = await standIn('violation', ['--out', out]);
    expect(code).toBe(1);
    expect(stderr).toContain(`report: ${join(out, 'report.json')}`);
    expect(readdirSync(out).sort()).toEqual(['junit.xml', 'report.html', 'report.json', 'run-info.json']);
    expect(readFileSync(join(out, 'report.json'), 'utf8')).toBe(renderJson(notConformant));
    expect(readFileSync(join(out, 'junit.xml'), 'utf8')).toBe(renderJunit(notConformant));
    const info: RunInfo = JSON.parse(readFileSync(join(out, 'run-info.json'), 'utf8'));
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toBe(renderHtml(notConformant, loadLayout('native'), info));
    expect(info).toMatchObject({ exitCode: 1, commandLine: ['--out', out], node: process.version });
  });

  it('is saved elsewhere where the directory has gone meanwhile', async () => {
    const out = join(dir, 'report');
    const { code, stdout, stderr } = await standIn('loses-directory', ['--out', out], { env: { TMPDIR: dir } });
    expect(code).toBe(3);
    expect(stdout).toBe(renderPretty(conformant));
    const saved = /the report is safe in (\S+);/.exec(stderr)?.[1] ?? '';
    expect(readFileSync(join(saved, 'report.json'), 'utf8')).toBe(renderJson(conformant));
  });

  it('is on stdout where it can be saved nowhere', async () => {
    const { code, stdout, stderr } = await standIn('loses-everything', ['--out', join(dir, 'report')]);
    expect(code).toBe(3);
    expect(stdout).toBe(renderJson(conformant));
    expect(stderr).toContain('report.json is printed on stdout');
  });

  it.skipIf(!existsSync('/dev/full'))('is saved where stdout takes nothing', () => {
    const script = `"$0" --import tsx tests/cli/stand-in.ts conformant > /dev/full; echo $?`;
    const options = { cwd: ROOT, encoding: 'utf8', env: { ...process.env, TMPDIR: dir } } as const;
    const code = execFileSync('sh', ['-c', `(${script}) 2> ${join(dir, 'stderr')}`, process.execPath], options);
    expect(code).toBe('3\n');
    const saved = /the report is safe in (\S+)/.exec(readFileSync(join(dir, 'stderr'), 'utf8'))?.[1] ?? '';
    expect(readFileSync(join(saved, 'report.json'), 'utf8')).toBe(renderJson(conformant));
  });

  it('ends quietly when its reader has gone, with the code of the verdict', async () => {
    const { code, stderr } = await standIn('violation', [], { during: (child) => child.stdout?.destroy() });
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  });
});

describe('an interruption', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('by %s leaves a partial report and 130', async (signal) => {
    const { code, stdout, stderr } = await standIn('interrupted', ['--out', dir], {
      during: (child) => child.stderr?.once('data', () => child.kill(signal)),
    });
    expect(code).toBe(130);
    expect(stdout).toBe(renderPretty(interrupted));
    expect(stderr).toContain(`${signal}: ending the run and keeping its report`);
    expect(readFileSync(join(dir, 'report.json'), 'utf8')).toBe(renderJson(interrupted));
  });

  it('that comes twice ends at once', async () => {
    const { code, stdout, stderr } = await standIn('deaf', [], {
      // Again and again: what follows the first at once is taken for its echo.
      during: (child) =>
        child.stderr?.on('data', (text: string) => {
          if (!text.includes('under way')) return;
          const again = setInterval(() => child.kill('SIGINT'), 200);
          child.once('exit', () => clearInterval(again));
        }),
    });
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(stderr).toContain('no report was kept');
  });
});

describe('a target that misbehaves in this process', () => {
  it('and prints does not get into the results', async () => {
    const { code, stdout, stderr } = await standIn('prints', ['--format', 'json']);
    expect(code).toBe(0);
    expect(stdout).toBe(renderJson(conformant));
    expect(stderr).toContain('printed by the adapter');
  });

  it('and throws outside of any call is a fault, with a report', async () => {
    const { code, stdout, stderr } = await standIn('stray');
    expect(code).toBe(3);
    expect(stdout).toContain('inconclusive');
    expect(stderr).toContain('target fault (threw): an error outside of any call: thrown by a timer');
  });

  it.each(['exits', 'pending'])('and %s is no pass', async (behaviour) => {
    const { code, stderr } = await standIn(behaviour);
    expect(code).toBe(3);
    expect(stderr).toContain('the process ends in the middle of the work');
  });

  it('and leaves something running does not keep the process', async () => {
    expect((await standIn('lingers')).code).toBe(0);
  });
});

describe('an error', () => {
  it('of the target has a hint', async () => {
    const { stderr } = await standIn('died');
    expect(stderr).toBe('target fault (died): the device exited with status 1\n  next: start it by hand\n');
  });

  it('of the suite itself says so, and shows its stack when asked', async () => {
    const { code, stderr } = await standIn('defect');
    expect(code).toBe(3);
    expect(stderr).toContain('internal error: x is undefined');
    expect(stderr).toContain('please report it');
    expect((await standIn('defect', [], { env: { DEBUG: '1' } })).stderr).toMatch(/TypeError: x is undefined\n\s+at /);
  });

  it('that is found before the run leaves nothing behind', async () => {
    const { code } = await conformance(['--target', 'nonsense', '--out', dir]);
    expect(code).toBe(2);
    expect(readdirSync(dir)).toEqual([]);
  });
});
