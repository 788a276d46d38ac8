import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { renderJson } from '../../reports/json.ts';
import type { Report } from '../../reports/report.ts';
import { all, conformant, notConformant } from './fixtures.ts';

const schema: object = JSON.parse(readFileSync(new URL('../../reports/report.schema.json', import.meta.url), 'utf8'));
const validate = new Ajv2020({ allErrors: true, strict: true, strictRequired: false }).compile(schema);

/** The value with the keys of every object the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(
    entries.map(([key, item]) => [key, key === 'program' || key === 'properties' ? item : reversed(item)]),
  );
}

describe('report.json', () => {
  it.each(Object.entries(all))('%s is what the schema says', (_, report) => {
    expect(validate(JSON.parse(renderJson(report))), JSON.stringify(validate.errors)).toBe(true);
  });

  it('reads as before', () => {
    expect(renderJson(notConformant)).toMatchSnapshot();
    for (const report of Object.values(all)) expect(JSON.parse(renderJson(report))).toEqual(report);
  });

  it('is the same bytes in whatever order the report was built', () => {
    for (const report of Object.values(all)) expect(renderJson(reversed(report) as Report)).toBe(renderJson(report));
    expect(renderJson(conformant).endsWith('}\n')).toBe(true);
  });

  it('keeps the order inside a program, and writes a big number as text', () => {
    const report = structuredClone(notConformant);
    const [found] = report.clauses.flatMap((each) => each.counterexample ?? []);
    if (found) found.program = { z: 1, a: 0x1_0000_0000n };
    expect(renderJson(report)).toContain('"z": 1,\n          "a": "0x100000000"');
  });
});

describe('the schema catches', () => {
  const broken: Record<string, (report: Report) => void> = {
    'an unknown verdict': (r) => Object.assign(r.clauses[0] ?? {}, { verdict: 'maybe' }),
    'a verdict without its reason': (r) => delete r.clauses.find((c) => c.verdict === 'fail')?.reason,
    'a pass that nothing exercised': (r) => Object.assign(r.clauses[0] ?? {}, { exercised: 0 }),
    'a pass with a counterexample': (r) =>
      Object.assign(r.clauses[0] ?? {}, { counterexample: r.clauses.find((c) => c.counterexample)?.counterexample }),
    'a key that is not known': (r) => Object.assign(r, { time: 1 }),
    'a missing headline': (r) => Object.assign(r, { headline: undefined }),
    'a seed of more than 32 bits': (r) => Object.assign(r.run, { seed: 2 ** 32 }),
    'a negative count': (r) => Object.assign(r.counts, { pass: -1 }),
    'a second run that was the same, with a reason why not': (r) =>
      Object.assign(r.run, { determinism: { verified: true, because: 'of something' } }),
    'a second run that was not the same, without a reason': (r) =>
      Object.assign(r.run, { determinism: { verified: false } }),
    'another version of the report': (r) => Object.assign(r, { schema: 'virtio-mmio-msi-conformance/report/2' }),
    'a counterexample without its program': (r) =>
      Object.assign(r.clauses.find((c) => c.counterexample)?.counterexample ?? {}, { program: undefined }),
  };
  it.each(Object.entries(broken))('%s', (_, breakIt) => {
    const report = structuredClone(notConformant);
    breakIt(report);
    expect(validate(JSON.parse(JSON.stringify(report)))).toBe(false);
  });
});
