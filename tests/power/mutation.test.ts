/** What is made of Stryker's results: names of mutants, arguments about them, the record and its section. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MutantResult } from '@stryker-mutator/api/core';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { nameOf, readArguments, weigh } from '../../power/mutation/arguments.ts';
import { describeMutant, type Mutant } from '../../power/mutation/mutants.ts';
import { parseOptions } from '../../power/mutation/options.ts';
import { CONFORMS, PARTS, PLANS, ROOT } from '../../power/mutation/parts.ts';
import { fileRecord, type MutationRecord } from '../../power/mutation/record.ts';
import { mutationSection, score } from '../../power/mutation/section.ts';
import { documentFrom } from '../../power/render.ts';
import { OptionError } from '../../power/seeds.ts';

const FILE = 'reference-device/line.ts';

const mutant = (change: Partial<Mutant> = {}): Mutant => ({
  file: FILE,
  lineNumber: 3,
  line: 'return a && b;',
  mutator: 'LogicalOperator',
  change: 'a && b => a || b',
  fate: 'survived',
  bySuite: false,
  ...change,
});

const argument = { file: FILE, line: 'return a && b;', mutants: ['LogicalOperator: a && b => a || b'], why: 'a is b' };

describe('a mutant', () => {
  const source = 'function f(a, b) {\n  if (a) {\n    return   b;\n  }\n}\n';
  const result = (change: Partial<MutantResult>) =>
    describeMutant(
      {
        id: '1',
        fileName: `${ROOT}${FILE}`,
        location: { start: { line: 2, column: 10 }, end: { line: 4, column: 4 } },
        mutatorName: 'BlockStatement',
        replacement: '{}',
        status: 'Survived',
        ...change,
      } as MutantResult,
      source,
    );

  it('is named by its line and what became of it, in one line', () => {
    const { file, line, lineNumber, mutator, change, fate } = result({});
    expect([file, lineNumber, line, fate]).toEqual([FILE, 2, 'if (a) {', 'survived']);
    expect(nameOf({ mutator, change })).toBe('BlockStatement: { return b; } => {}');
  });

  it('is cut where it is long', () => {
    expect(result({ replacement: 'x'.repeat(100) }).change).toBe(`{ return b; } => ${'x'.repeat(69)}...`);
  });

  it('is found by the suite where that noticed it first', () => {
    expect(result({ status: 'Killed', killedBy: [`${CONFORMS} > some test`] }).bySuite).toBe(true);
    expect(result({ status: 'Killed', killedBy: ['tests/some.test.ts > some test'] }).bySuite).toBe(false);
  });
});

describe('a survivor', () => {
  it('is open unless it is argued', () => {
    const other = mutant({ change: 'a && b => true' });
    const { open, argued, stale } = weigh([mutant(), other, mutant({ line: 'x', fate: 'killed' })], [argument]);
    expect([open, argued, stale]).toEqual([[other], [mutant()], []]);
    expect(weigh([mutant({ fate: 'noCoverage' })], []).open).toHaveLength(1);
  });

  it.each([
    ['that a test notices', [mutant({ fate: 'killed' })], /a test notices it now/],
    ['whose line is another', [mutant({ line: 'return b && a;' })], /there is no such mutant any more/],
    ['that there are two of', [mutant(), mutant()], /2 such mutants survive, not 1/],
  ])('%s makes its argument stale', (_, mutants, told) => {
    const { stale, argued } = weigh(mutants, [argument]);
    expect(stale).toEqual([expect.stringMatching(told)]);
    expect(argued).toEqual([]);
  });

  it('of another file than those that were measured is let be', () => {
    expect(weigh([mutant({ file: 'other.ts', fate: 'killed' })], [argument])).toEqual({
      open: [],
      argued: [],
      stale: [],
    });
    expect(weigh([mutant(), mutant()], [{ ...argument, times: 2 }]).argued).toHaveLength(2);
  });
});

describe('the arguments', () => {
  it('are about lines that exist, in files that are mutated', () => {
    const files = new Set(PARTS.flatMap((part) => PLANS[part].files));
    for (const { file, line, mutants } of readArguments()) {
      expect(files, file).toContain(file);
      const lines = readFileSync(join(ROOT, file), 'utf8').split('\n');
      expect(
        lines.map((text) => text.trim()),
        file,
      ).toContain(line);
      expect(mutants.length, line).toBeGreaterThan(0);
    }
  });

  it('need a reason', () => {
    expect(() => readArguments('a.ts:\n  - { line: x, mutants: [y], why: "" }\n')).toThrow(
      /needs line, mutants and why/,
    );
    expect(() => readArguments('a.ts:\n  - { line: x, why: z }\n')).toThrow(/a\.ts/);
  });
});

describe('the record', () => {
  const all = [
    mutant(),
    mutant({ fate: 'killed', bySuite: true }),
    mutant({ fate: 'killed' }),
    mutant({ fate: 'timedOut' }),
    mutant({ fate: 'noCoverage' }),
    mutant({ fate: 'ignored' }),
    mutant({ fate: 'invalid' }),
    mutant({ file: 'other.ts', fate: 'killed' }),
  ];
  const one = fileRecord(FILE, 'device', all, [all[0] as Mutant]);
  const record: MutationRecord = {
    schema: 'virtio-mmio-msi-conformance/mutation/1',
    files: [one],
    unmeasured: ['harness/oracle/oracle.ts'],
  };
  const schema = JSON.parse(readFileSync(join(ROOT, 'power/mutation.schema.json'), 'utf8')) as object;
  const problems = (data: unknown) => {
    const ajv = new Ajv2020();
    return ajv.validate(schema, data) ? [] : ajv.errors;
  };

  it('counts what is a program', () => {
    expect(one).toMatchObject({
      mutants: 5,
      killed: 2,
      bySuite: 1,
      timedOut: 1,
      survived: 1,
      noCoverage: 1,
      argued: 1,
    });
    expect(score(one)).toBe('60.0');
  });

  it('is as its schema says, and so is the one that is kept', () => {
    expect(problems(record)).toEqual([]);
    expect(problems({ ...record, files: [{ ...one, digest: 'x' }] })).not.toEqual([]);
    expect(problems(JSON.parse(readFileSync(join(ROOT, 'power/mutation.json'), 'utf8')))).toEqual([]);
  });

  it('shows what is open and what was not measured', () => {
    const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
      [head, ...rows].map((row) => row.join(' | ')).join('\n');
    const [, , rows, unmeasured] = mutationSection(record, table);
    expect(rows).toBe(
      [
        ' | mutants | killed | by the suite | timed out | survived | not covered | argued | open | score',
        '**the reference device** | 5 | 2 | 1 | 1 | 1 | 1 | 1 | 1 | 60.0 %',
        `\`${FILE}\` | 5 | 2 | 1 | 1 | 1 | 1 | 1 | 1 | 60.0 %`,
      ].join('\n'),
    );
    expect(unmeasured).toBe('Not measured: `harness/oracle/oracle.ts`.');
    expect(documentFrom(join(ROOT, 'power'))).toContain('## Mutants of its own code');
  });
});

describe('the command line', () => {
  it('takes parts and files, and everything without', () => {
    expect(parseOptions([])?.chosen.map(({ part }) => part)).toEqual([...PARTS]);
    expect(parseOptions(['exhaustive', FILE])?.chosen).toEqual([
      { part: 'device', files: [FILE] },
      { part: 'exhaustive', files: PLANS.exhaustive.files },
    ]);
    expect(parseOptions(['--quick'])).toMatchObject({ chosen: [{ part: 'device', files: [FILE] }], keep: false });
    expect(parseOptions(['--help'])).toBeUndefined();
  });

  it('refuses what it does not know', () => {
    for (const args of [['harness/oracle'], ['--quick', FILE], ['--slow']])
      expect(() => parseOptions(args)).toThrow(OptionError);
  });
});
