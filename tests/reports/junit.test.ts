import { describe, expect, it } from 'vitest';
import { escapeXml, renderJunit } from '../../reports/junit.ts';
import { all, conformant, faulty, hostile, interrupted, notConformant } from './fixtures.ts';

/** The start tags of a name with their attributes. */
function elements(xml: string, name: string): Record<string, string>[] {
  return [...xml.matchAll(new RegExp(`<${name}((?: [a-z]+="[^"<]*")*)/?>`, 'g'))].map(([, attributes = '']) =>
    Object.fromEntries([...attributes.matchAll(/ ([a-z]+)="([^"]*)"/g)].map(([, key, value]) => [key, value])),
  );
}

/** Every tag closed, in order, with nothing around the root. */
function isWellFormed(xml: string): boolean {
  const open: string[] = [];
  const body = xml.replace(/^<\?xml[^>]*\?>/, '');
  const rest = body.replace(/<(\/?)([a-z-]+)((?: [a-z]+="[^"<]*")*)(\/?)>/g, (_, close, name, _attributes, empty) => {
    if (close) return open.pop() === name ? '' : '<';
    if (!empty) open.push(name);
    return '';
  });
  return open.length === 0 && !/[<>]/.test(rest) && !/&(?!(?:amp|lt|gt|quot|apos|#10);)/.test(rest);
}

describe('the report as JUnit XML', () => {
  it.each(Object.entries(all))('%s', (_, report) => {
    const xml = renderJunit(report);
    expect(xml).toMatchSnapshot();
    expect(isWellFormed(xml)).toBe(true);
  });

  it('counts what it holds', () => {
    for (const report of Object.values(all)) {
      const xml = renderJunit(report);
      const [root] = elements(xml, 'testsuites');
      const suites = elements(xml, 'testsuite');
      expect(Number(root?.tests)).toBe(elements(xml, 'testcase').length);
      expect(Number(root?.failures)).toBe(elements(xml, 'failure').length);
      expect(Number(root?.skipped)).toBe(elements(xml, 'skipped').length);
      for (const key of ['tests', 'failures', 'skipped'] as const) {
        expect(suites.reduce((sum, suite) => sum + Number(suite[key]), 0)).toBe(Number(root?.[key]));
      }
      expect(xml).not.toContain('<error');
    }
  });

  it('names each case once, however the texts are cut', () => {
    const names = elements(renderJunit(notConformant), 'testcase').map((each) => `${each.classname} ${each.name}`);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name.length).toBeLessThan(130);
  });

  it('is red where skips would read as green', () => {
    expect(elements(renderJunit(conformant), 'failure')).toEqual([]);
    for (const report of [faulty, interrupted]) {
      expect(elements(renderJunit(report), 'failure').map((each) => each.type)).toEqual(['verdict']);
    }
  });

  it('escapes markup, and what XML has no place for', () => {
    expect(escapeXml(`<a b="c" d='e'>&\n`)).toBe('&lt;a b=&quot;c&quot; d=&apos;e&apos;&gt;&amp;&#10;');
    expect(escapeXml('\u0000\u001b\ud800\ufffe\u{1f600}')).toBe('\\x00\\x1b\\u{d800}\\u{fffe}\u{1f600}');
    expect(renderJunit(hostile)).not.toContain('\u001b');
  });
});
