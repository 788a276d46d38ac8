import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { print } from '../../power/print.ts';
import { stringify } from '../../power/record.ts';
import { documentFrom, render } from '../../power/render.ts';
import { summarise } from '../../power/summarise.ts';
import { ROOT } from '../docs/blocks.ts';
import { against, said, scope } from './fixtures.ts';

const record = summarise([...said(1), ...said(2, { 'used-silent': { named: ['DLV-USED', 'PBA-SET'] } })], scope);
const json = (path: string): unknown => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));

function problems(schema: string, data: unknown): unknown {
  const ajv = new Ajv2020();
  return ajv.validate(json(schema) as object, data) ? [] : ajv.errors;
}

describe('the record', () => {
  it('has a line for each fault, and reads back as it was', () => {
    const text = stringify(record);
    expect(JSON.parse(text)).toEqual(record);
    expect(text.split('\n').filter((line) => line.startsWith('    {"fault":'))).toHaveLength(3);
  });

  it('is as its schema says, as is the one of the comparison', () => {
    expect(problems('power/results.schema.json', record)).toEqual([]);
    expect(problems('power/alternatives/against.schema.json', against)).toEqual([]);
    expect(problems('power/results.schema.json', { ...record, seeds: [] })).not.toEqual([]);
  });
});

describe('what is kept in the repository', () => {
  it('is as its schema says', () => {
    expect(problems('power/results.schema.json', json('power/results.json'))).toEqual([]);
    // The document does without it.
    if (existsSync(join(ROOT, 'power/against.json'))) {
      expect(problems('power/alternatives/against.schema.json', json('power/against.json'))).toEqual([]);
    }
  });

  it('is what docs/power.md shows: npm run power -- --render', () => {
    expect(readFileSync(join(ROOT, 'docs/power.md'), 'utf8')).toBe(documentFrom(join(ROOT, 'power')));
  });
});

describe('as text', () => {
  it('a record on a terminal', () => {
    expect(print(record)).toMatchInlineSnapshot(`
      "seeds 1, 2, 200 generated programs; a part of the faults

      faults      3 of 3 found by their own clause with every seed
                  2 by it alone, 1 by it beside others
                  0 by another clause, 0 missed
      variants    0 of 1 accused
      first seen  derived 6 (runs, by tier)
      operations  150 until the right clause shows, in the median; deep faults 1500
      deep        1 faults take 4 or more operations after set-up
      clauses     3 of 72 named first for a fault

      named beside others:
        used-silent (native): DLV-USED, beside PBA-SET (alone 1, beside 1)
      "
    `);
  });

  it('a record and a comparison as a document', () => {
    const sections = render(record, against).split('\n## ').slice(1);
    expect(sections.join('\n## ').replace(/### Clauses[\s\S]*?## Against/, '## Against')).toMatchSnapshot();
  });
});
