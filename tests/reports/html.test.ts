/** report.html as a document: what is in it before any script has run. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderHtml } from '../../reports/html/index.ts';
import { escapeHtml, html } from '../../reports/html/markup.ts';
import type { Report } from '../../reports/report.ts';
import { all, conformant } from './fixtures.ts';
import { attacking, driven, large, msix, native, reportOf, results, runInfo, whole } from './html-fixtures.ts';

const page = renderHtml(whole, native, runInfo);

/** What a reader gets to read. */
function words(text: string): string {
  return text
    .replace(/<(script|style)[\s\S]*?<\/\1>/g, ' ')
    .replace(/<[^>]+>/g, ' ')
    .replace(/[ \n]+/g, ' ');
}

/** Names of elements with how often each begins. */
function elements(text: string): Record<string, number> {
  const counts: Record<string, number> = {};
  const outside = text.replace(/(<(?:script|style)[^>]*>)[\s\S]*?<\/(?:script|style)>/g, '$1');
  for (const [, name = ''] of outside.matchAll(/<([a-z][\w-]*)/g)) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

describe('the document', () => {
  it('names every clause with its verdict, its text and where it comes from', () => {
    for (const { id, text, origin } of whole.clauses) {
      expect(page).toContain(`id="clause-${id}"`);
      expect(page).toContain(escapeHtml(text));
      for (const one of origin) expect(page).toContain(escapeHtml(one.split(' ').slice(1).join(' ')));
    }
    expect(page).toContain('does not offer VIRTIO_F_RING_RESET');
    expect(page).toContain('1\u202f234');
  });

  it('says what the headline rests on', () => {
    const text = words(page);
    expect(text).toContain('Not conformant 2 clauses are violated');
    expect(text).toMatch(/Of \d+ MUSTs, \d+ passed, 3 are violated and 1 does not apply\./);
    expect(text).toContain(
      '1 MUST untestable its control DLV-CONFIG is violated, so silence proves nothing: DLV-READY',
    );
    expect(text).toContain('1 MUST not run left out by --only or --exclude: MAP-MOVE');
    expect(text).toContain('1 SHOULD is not met, which does not count against the verdict: PBA-VECTOR');
    expect(text).toContain('The run was narrowed by --exclude DLV-LINE');
    expect(text).toContain('The target failed: 1 fault');
  });

  it('shows what others rest on before what may be a consequence', () => {
    const order = [...page.matchAll(/id="violation-([\w-]+)"/g)].map(([, id]) => id);
    expect(order).toEqual(['PBA-CLEAR', 'DLV-CONFIG', 'PBA-VECTOR', 'DLV-LOST']);
  });

  it('has every register and table of the layout with its clauses', () => {
    for (const layout of [native, msix]) {
      const text = renderHtml(reportOf(layout, results(layout, {})), layout);
      for (const name of [...Object.keys(layout.data.registers), ...Object.keys(layout.data.tables)])
        expect(text).toContain(`id="place-${name}"`);
    }
    const status = page.slice(page.indexOf('id="place-Status"'), page.indexOf('id="place-QueueDescLow"'));
    for (const name of ['DRIVER_OK', 'FEATURES_OK', 'STAT-RESET', 'DLV-READY']) expect(status).toContain(name);
  });

  it('tells the coverage of each scope, and the run', () => {
    const text = words(page);
    expect(text).toContain('transitions 1\u202f100 of 1\u202f161');
    expect(text).toContain('2 transitions violated a clause');
    expect(text).toContain('stopped: the target failed');
    expect(text).toContain('duration 1 min 5 s');
    expect(text).toContain('2030-01-02 03:04:05 UTC');
  });

  it('tells what became of a driver with each device, and what traps', () => {
    const text = words(renderHtml(driven, native));
    expect(text).toContain('Devices met 5');
    expect(text).toContain('plain/gave-up a device without surprises – gave up, as it may too few &lt;vectors&gt; msi');
    expect(text).toContain('30.5 of 40');
    expect(text).toContain('never');
    expect(text).toContain('The log as text and as data');
  });

  it('has no clock in it without a run-info, and the same bytes for the same report', () => {
    const once = renderHtml(whole, native);
    expect(renderHtml(structuredClone(whole), native)).toBe(once);
    expect(once).not.toContain('When and where');
  });

  it.each(Object.entries({ ...all, whole, driven, large: large(3) }))(
    '%s links to nothing that is not there',
    (_, report: Report) => {
      const text = renderHtml(report, native);
      const ids = new Set([...text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id));
      for (const [, target] of text.matchAll(/ href="#([^"]*)"/g)) {
        // A made-up clause may be behind another that is not in the report.
        if (!target?.startsWith('clause-')) expect(ids, target).toContain(target);
      }
      expect(text.match(/ id="/g)?.length).toBe(ids.size);
    },
  );

  it('has a space between the attributes of an element', () => {
    const markup = page.replace(/<(script|style)[^>]*>[\s\S]*?<\/\1>/g, '');
    expect(markup.match(/<[^<>]*="[^"<>]*"[^\s/>][^<>]*>/g)).toBeNull();
  });

  it('says of a run without any violation that there is none', () => {
    const text = renderHtml(conformant, native);
    expect(text).toContain('No clause is violated.');
    expect(text).not.toContain('id="faults"');
  });
});

describe('nothing gets into the page but as text', () => {
  it('not from a target that tries', () => {
    const text = renderHtml(attacking, native, { ...runInfo, commandLine: ['<script>alert(4)</script>'] });
    const calm = JSON.parse(JSON.stringify(attacking).replace(/[<>']|\\"(?=')/g, '.'));
    expect(elements(text)).toEqual(elements(renderHtml(calm, native, runInfo)));
    expect(text).not.toContain('<script>alert');
    expect(text).not.toContain('\u202e');
    expect(text).not.toContain('\u0007');
  });

  it('not by a template', () => {
    expect(html`<p title="${'"><b>'}">${['<i>', html`<b>${'&'}</b>`, undefined, false, 0]}</p>`.text).toBe(
      '<p title="&quot;&gt;&lt;b&gt;">&lt;i&gt;<b>&amp;</b>0</p>',
    );
  });

  it('and a policy forbids the network, and every script but those of the page', () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-/);
    for (const [, attributes = '', source = ''] of page.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/g)) {
      if (attributes.includes('application/json')) continue;
      expect(policy).toContain(createHash('sha256').update(source).digest('base64'));
    }
    expect(page).not.toMatch(/(?:src|href|action|url)\s*[=(]\s*["']?(?:https?:)?\/\//i);
    expect(page).not.toMatch(/ (?:style|on\w+)="/);
  });
});

it('stays small where there is much: some kilobytes for each of 500 violations', () => {
  const [small, big] = [large(1), large(500)].map((report) => renderHtml(report, native).length);
  expect(((big ?? 0) - (small ?? 0)) / 499).toBeLessThan(8 * 1024);
});

describe('the colours of the page have a contrast of 4.5 to 1', () => {
  const css = readFileSync(new URL('../../reports/html/styles/page.css', import.meta.url), 'utf8');
  const colours = [...css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);/g)];
  /** Relative luminance, as WCAG 2 defines it. */
  const luminance = (colour: string) => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a: string, b: string) => {
    const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };

  it.each([
    ['light', 2],
    ['dark', 3],
  ] as const)('%s', (_, at) => {
    const named = new Map(colours.map((match) => [match[1] ?? '', match[at] ?? '']));
    const grounds = [...named.keys()].filter((name) => /^(paper|panel|.*-wash)$/.test(name));
    expect(grounds).toHaveLength(7);
    for (const ground of grounds) {
      const state = /^(.*)-wash$/.exec(ground)?.[1];
      const inks = ['ink', 'soft', ...(named.has(state ?? '') ? [state ?? ''] : [])];
      if (ground === 'paper' || ground === 'panel') inks.push('link', 'fail', 'warn', 'pass', 'doubt');
      for (const ink of inks)
        expect(contrast(named.get(ink) ?? '', named.get(ground) ?? ''), `${ink} on ${ground}`).toBeGreaterThanOrEqual(
          4.5,
        );
    }
  });
});
