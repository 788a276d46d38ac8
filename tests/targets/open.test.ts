import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { closeAll, configurationErrorOf, layout, open, repository } from './support.ts';

afterEach(closeAll);

const cwd = mkdtempSync(join(tmpdir(), 'targets-'));
writeFileSync(join(cwd, 'device.py'), '');
writeFileSync(join(cwd, 'device'), '');
writeFileSync(join(cwd, 'adapter.ts'), '');

describe('a specification that names nothing', () => {
  it.each([
    ['', 'to see the suite at work: reference'],
    ['exec', 'a colon follows: exec:...'],
    ['exec ./device', 'a colon follows: exec:./device'],
    ['exce:./device', "did you mean 'exec:./device'?"],
    ['ref', "did you mean 'reference'?"],
    ['refernce:fault=x', "did you mean 'reference:fault=x'?"],
    ['tpc:localhost:1', "did you mean 'tcp:localhost:1'?"],
    ['http://localhost:1', 'tcp:HOST:PORT'],
    ['./device.py', 'exec:python3 ./device.py'],
    ['device', 'exec:./device'],
    ['./adapter', "did you mean './adapter.ts'?"],
    ['.', "'.' is a folder"],
    ['nothing-like-it', 'no file of that name'],
  ])('%s', async (specification, hint) => {
    const error = await configurationErrorOf(open(specification, { cwd }));
    expect(error.message).toContain('a target is one of\n');
    expect(error.hint).toContain(hint);
  });
});

describe('reference', () => {
  it('is the reference device', async () => {
    const target = await open('reference');
    expect(target).toMatchObject({ specification: 'reference', local: true, cheapPowerCycle: true });
    expect(target.adapter.batch).toBeUndefined();
    expect(target.adapter.read(0, 32)).toBe(0x74726976);
  });

  it.each([
    ['reference:colour=red', "'colour=red' is not known"],
    ['reference:varient=x', "'varient=x' is not known"],
    ['reference:fault', "'fault': expected fault=ID"],
    ['reference:fault=a,fault=b', 'fault is given twice'],
    ['reference:fault=no-such-fault', "no fault 'no-such-fault'"],
    ['reference:variant=no-such-variant', "no variant 'no-such-variant'"],
  ])('refuses %s', async (specification, message) => {
    const error = await configurationErrorOf(open(specification));
    expect(error.message).toContain(message);
    expect(error.hint).toBeTruthy();
  });

  it('takes faults and variants in any order', async () => {
    const { faults, variants } = await import('../../reference-device/index.ts');
    const fault = faults.find((one) => layout.hasClause(one.clause))?.id;
    const variant = variants[0]?.id;
    const forwards = await open(`reference:fault=${fault},variant=${variant}`);
    const backwards = await open(`reference:variant=${variant},fault=${fault}`);
    expect(forwards.adapter.name).toBe(backwards.adapter.name);
    expect(forwards.adapter.name).toContain(fault);
    const colons = await open(`reference:variant=${variant}:fault=${fault}`);
    expect(colons.adapter.name).toBe(forwards.adapter.name);
  });
});

describe('what is loaded', () => {
  /** The modules that are loaded with `file`, by its static imports and theirs. */
  function closure(file: string, seen = new Set<string>()): Set<string> {
    if (seen.has(file)) return seen;
    seen.add(file);
    if (!file.startsWith('/')) return seen;
    const source = readFileSync(file, 'utf8');
    for (const [, what, from] of source.matchAll(/^(?:import|export) ([^;]*?)from '([^']+)';/gms)) {
      if (what?.startsWith('type ') || from === undefined) continue;
      closure(from.startsWith('.') ? join(dirname(file), from) : from, seen);
    }
    return seen;
  }

  it('for the reference device neither tsx nor child processes nor sockets', () => {
    const targets = join(repository, 'harness/targets');
    const loaded = [...closure(join(targets, 'open.ts')), ...closure(join(targets, 'reference.ts'))];
    expect(loaded).toContain(join(repository, 'spec/suggest.ts'));
    expect(loaded.filter((name) => /^tsx|child_process|^node:net|exec\.ts|module\.ts|lines\.ts/.test(name))).toEqual(
      [],
    );
  });
});
