import { describe, expect, it } from 'vitest';
import { conformance } from './command.ts';

const ESCAPE = '\u001b';

describe('help', () => {
  it('shows commands, the options of a run, targets, examples and exit codes', async () => {
    const { code, stdout, stderr } = await conformance(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const part of ['run', 'list', 'doctor', 'replay', '--target', '--only', 'exec:', 'Examples:', '130']) {
      expect(stdout).toContain(part);
    }
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(110);
  });

  it.each(['run', 'driver', 'list', 'doctor', 'replay'])('of %s', async (command) => {
    const { code, stdout } = await conformance([command, '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Usage: conformance ${command}`));
    expect(stdout).toContain('Examples:');
    expect((await conformance(['help', command])).stdout).toBe(stdout);
  });

  it('tells the version', async () => {
    const { code, stdout } = await conformance(['--version']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^virtio-mmio-msi-conformance \d+\.\d+\.\d+\n$/);
  });

  it('is coloured only where that is wanted', async () => {
    expect((await conformance(['--help'])).stdout).not.toContain(ESCAPE);
    expect((await conformance(['--help', '--color'])).stdout).toContain(ESCAPE);
    expect((await conformance(['--help'], { env: { FORCE_COLOR: '1' } })).stdout).toContain(ESCAPE);
    expect((await conformance(['--help', '--no-color'], { env: { FORCE_COLOR: '1' } })).stdout).not.toContain(ESCAPE);
  });
});

describe('a command line that is wrong ends with 2, says why and what to do', () => {
  const cases: [string[], string][] = [
    [['lst'], "unknown command 'lst'\n  next: did you mean 'list'?"],
    [['frobnicate'], "unknown command 'frobnicate'\n  next: commands are run, driver, list, doctor, replay, help"],
    [['./adapter.ts'], 'next: a target is given as --target ./adapter.ts'],
    [['run', './adapter.ts'], 'next: a target is given as --target ./adapter.ts'],
    [['driver', './driver.ts'], 'next: a target is given as --target ./driver.ts'],
    [['driver', '--target', 'nonsense'], "'nonsense' is no driver"],
    [['driver', '--target', 'refrence'], "did you mean 'reference'?"],
    [['driver', '--target', './missing.ts'], 'no such file'],
    [['driver', '--target', 'trace:missing.log'], 'missing.log'],
    [['driver', '--target', 'qemu:'], 'qemu'],
    [['driver', '--scenario', 'vector/*'], 'vectors/'],
    [['driver', '--scenario', ''], 'It names no scenario'],
    [['driver', '--only', 'DRV-WROK'], 'did you mean DRV-WORK?'],
    [['driver', '--log', 'package.json'], 'cannot write to'],
    [['--targt', 'x'], "unknown option '--targt'\n  next: did you mean --target?"],
    [['run', '--exclud', 'x'], 'did you mean --exclude?'],
    [['--seed', 'abc'], 'whole number from 0 to 4294967295, or random'],
    [['--seed', '4294967296'], 'whole number from 0 to 4294967295'],
    [['--runs', '-1'], 'whole number from 0'],
    [['--runs', '1e3'], 'whole number'],
    [['--timeout', '0'], 'whole number from 1'],
    [['--format', 'xml'], 'Allowed choices are pretty, json, junit'],
    [['--only', ''], 'It names no clause'],
    [['--exclude', ' , '], 'It names no clause'],
    [['--out', ''], 'It is empty'],
    [['--target'], "option '-t, --target <target>' argument missing"],
    [['--target', 'nonsense'], "'nonsense' is no target"],
    [['--target', './missing.ts'], 'no such file'],
    [['--layout', 'natve'], 'natve'],
    [['list', '--layout', './missing.yaml'], 'missing.yaml'],
    [['list', '--faults', '--variants'], 'cannot be used with'],
    [['replay'], "missing required argument 'file'"],
    [['replay', 'missing.json'], 'cannot read missing.json: no such file or directory'],
    [['replay', 'spec/native.yaml'], 'is no JSON'],
    [['replay', 'package.json', '--clause', 'MAP-RANGE'], 'is no report'],
    [['--only', 'MAP-RANG'], 'did you mean MAP-RANGE?'],
    [['doctor', '--out', 'x'], "unknown option '--out'\n  next: `conformance doctor --help` shows what there is"],
    [['--out', '/proc/conformance'], 'cannot write to --out /proc/conformance'],
    [['--out', 'package.json'], 'cannot write to --out package.json'],
    [['--out', 'package.json/deeper'], 'cannot write to --out package.json/deeper: a part of the path is no directory'],
  ];
  it.each(cases)('%j', async (args, text) => {
    const { code, stdout, stderr } = await conformance(args);
    expect(stderr).toContain(text);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

describe('list', () => {
  it('shows the clauses with their origin', async () => {
    const { code, stdout } = await conformance(['list']);
    expect(code).toBe(0);
    expect(stdout).toContain('MAP-RANGE  MUST, binds the device, holds: negotiated');
    expect(stdout).toContain('from MSI-X');
    expect(stdout).toMatch(/\n\d+ clauses\n$/);
  });

  it('shows those of another layout', async () => {
    const { stdout } = await conformance(['list', '--layout', 'virtio-mmio']);
    expect(stdout).toContain('ID-MAGIC');
    expect(stdout).not.toContain('MAP-RANGE');
  });

  it('is JSON for programs', async () => {
    const { stdout } = await conformance(['list', '--format', 'json']);
    const { clauses } = JSON.parse(stdout) as { clauses: Record<string, unknown>[] };
    expect(clauses.find((clause) => clause.id === 'MAP-RANGE')).toMatchObject({
      level: 'MUST',
      binds: 'device',
      holds: 'negotiated',
      area: 'mapping',
    });
  });

  it.each([
    ['faults', 'fault'],
    ['variants', 'variant'],
    ['checks', 'check'],
    ['scenarios', 'scenario'],
    ['driver-faults', 'fault'],
    ['driver-variants', 'variant'],
  ])('shows the %s', async (what, noun) => {
    const { code, stdout } = await conformance(['list', `--${what}`, '--format', 'json']);
    expect(code).toBe(0);
    expect(Object.keys(JSON.parse(stdout))).toEqual([`${noun}s`]);
    expect((await conformance(['list', `--${what}`])).stdout).toMatch(new RegExp(`\\d+ ${noun}s?\\n$`));
  });

  it('ends quietly when its reader has gone', async () => {
    const { code, stderr } = await conformance(['list'], { during: (child) => child.stdout?.destroy() });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});
