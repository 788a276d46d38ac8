/** report.html as people use it: in a browser, from a file, with and without scripts, by mouse and by keyboard. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { renderHtml } from '../../reports/html/index.ts';
import { missing, Pages } from './chromium.ts';
import { attacking, driven, large, msix, native, reportOf, results, runInfo, whole } from './html-fixtures.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

let pages: Pages;
let url: string;

/** Ids of the clauses whose rows are shown, or that the articles are about. */
const shown = (page: Page, what: 'tr' | 'article') =>
  page
    .locator(`${what}[data-clause]:not([hidden])`)
    .evaluateAll((all) => all.map((one) => one.getAttribute('data-clause')));
/** The clause of the article that has the focus. */
const focused = (page: Page) => page.evaluate('document.activeElement.closest("article")?.id');
/** What a page does in its own time. It must not be asked by code in the page, which its policy refuses. */
const eventually = <T>(read: () => T | Promise<T>, value: T) => expect.poll(read, { timeout: 30_000 }).toEqual(value);
const query = (page: Page) => Object.fromEntries(new URL(page.url()).searchParams);

describe.skipIf(missing !== undefined)(
  `the page in Chromium${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    beforeAll(async () => {
      pages = await Pages.start();
      url = pages.file(renderHtml(whole, native, runInfo));
    });
    afterAll(() => pages?.close());
    // No test may leave an error, a warning or a request behind.
    afterEach(async () => {
      await pages.closeAll();
      expect(pages.problems.splice(0)).toEqual([]);
    });

    describe('the filter', () => {
      it('shows the clauses of a verdict, and their programs', async () => {
        const page = await pages.open(url);
        await page.locator('#filter input[value=fail]').check();
        expect(await shown(page, 'tr')).toEqual(['PBA-CLEAR', 'DLV-CONFIG', 'DLV-LOST']);
        expect(await shown(page, 'article')).toEqual(['PBA-CLEAR', 'DLV-CONFIG', 'DLV-LOST']);
        expect(await page.locator('#shown').textContent()).toBe(`3 of ${whole.clauses.length} clauses`);
        await page.locator('#filter input[value=warn]').check();
        expect(await shown(page, 'tr')).toContain('PBA-VECTOR');
        await page.locator('#filter select[name=level]').selectOption('SHOULD');
        expect(await shown(page, 'tr')).toEqual(['PBA-VECTOR']);
        await page.locator('#filter [type=reset]').click();
        await eventually(() => page.locator('tr[data-clause][hidden]').count(), 0);
        await eventually(() => query(page), {});
      });

      it('finds text, all words of it, and says when there is nothing', async () => {
        const page = await pages.open(url);
        await page.locator('#filter [name=q]').fill('MAGICvalue 0x74726976');
        expect(await shown(page, 'tr')).toEqual(['ID-MAGIC']);
        await page.locator('#filter [name=q]').fill('no clause says this');
        expect(await shown(page, 'tr')).toEqual([]);
        expect(await page.locator('#nothing').isVisible()).toBe(true);
      });

      it('stands in the address, so that a link shares it', async () => {
        const page = await pages.open(url);
        await page.locator('#filter [name=q]').fill('vector');
        await page.locator('#filter input[value=fail]').check();
        await page.locator('#filter input[value=warn]').check();
        await page.locator('#filter select[name=area]').selectOption('pending bits');
        await eventually(() => query(page), { q: 'vector', verdict: 'fail,warn', area: 'pending bits' });
        const other = await pages.open(page.url());
        expect(await shown(other, 'tr')).toEqual(await shown(page, 'tr'));
        expect(await shown(other, 'tr')).not.toEqual([]);
        expect(await other.locator('#filter input[value=warn]').isChecked()).toBe(true);
      });

      it('gives way to a link to a clause that it hides', async () => {
        const page = await pages.open(`${url}?verdict=pass#violation-DLV-LOST`);
        expect(await page.locator('#violation-DLV-LOST').isVisible()).toBe(true);
        expect(await page.locator('#violation-DLV-LOST details').first().getAttribute('open')).not.toBeNull();
      });

      it('follows the table of counts', async () => {
        const page = await pages.open(url);
        await page.locator('.counts a', { hasText: 'untestable' }).click();
        expect(await shown(page, 'tr')).toEqual(['DLV-READY']);
        await eventually(() => query(page), { verdict: 'untestable' });
      });
    });

    it('the register map opens a register and leads to the clauses about it', async () => {
      const page = await pages.open(url);
      const status = page.locator('#place-Status');
      expect(await status.locator('.inside').isVisible()).toBe(false);
      await status.locator('summary').click();
      expect(await status.locator('.inside').textContent()).toContain('DRIVER_OK');
      await status.locator('[data-filter]').click();
      const ids = await shown(page, 'tr');
      expect(ids).toContain('DLV-READY');
      const about = native.data.clauses.filter(
        ({ binds, places }) => binds === 'device' && places.some((one) => /^Status(\.|$)/.test(one)),
      );
      expect(ids).toEqual(about.map(({ id }) => id));
      await eventually(() => query(page), { place: 'Status' });
    });

    describe('the decoder', () => {
      /** Field to value, as shown. */
      const fields = async (page: Page) =>
        Object.fromEntries(
          await page
            .locator('#decoded tbody tr')
            .evaluateAll((all) => all.map((row) => [row.children[1]?.textContent, row.children[2]?.textContent])),
        );

      it('takes a value apart as it is typed, and says what is no value', async () => {
        const page = await pages.open(url);
        await page.locator('#decode select').selectOption('Status');
        await page.locator('#decode input').pressSequentially('0xf');
        expect(await fields(page)).toMatchObject({
          Status: '0x0000000f',
          DRIVER_OK: '1',
          FEATURES_OK: '1',
          FAILED: '0',
        });
        await page.locator('#decode input').fill('20');
        expect(await fields(page)).toMatchObject({ 'no field': '1' });
        await page.locator('#decode input').fill('12g');
        expect(await page.locator('#decoded').textContent()).toContain('is no hexadecimal number');
        await page.locator('#decode input').fill('123456789');
        expect(await page.locator('#decoded').textContent()).toContain('more than the 32 bits');
      });

      it('names values that have a name, and what a field stands for', async () => {
        const page = await pages.open(url);
        await page.locator('#decode select').selectOption('MsiQueueVector');
        await page.locator('#decode input').fill('ffff');
        expect(await fields(page)).toEqual({ MsiQueueVector: '0x0000ffff NO_VECTOR' });
        const other = await pages.open(pages.file(renderHtml(reportOf(msix, results(msix, {})), msix)));
        await other.locator('#decode select').selectOption('MsixCapability');
        await other.locator('#decode input').fill('c0040011');
        expect(await fields(other)).toMatchObject({
          enable: '1',
          'function-mask': '1',
          'table-size': '0x4',
          'capability-id': '0x11',
        });
        expect(await other.locator('#decoded').textContent()).toContain('stands for 5');
      });

      it('keeps register and value in the address, beside the filter', async () => {
        const page = await pages.open(url);
        await page.locator('#filter input[value=fail]').check();
        await page.locator('#decode select').selectOption('Status');
        await page.locator('#decode input').fill('0x40');
        await eventually(() => query(page), { verdict: 'fail', reg: 'Status', value: '0x40' });
        expect(await fields(await pages.open(page.url()))).toMatchObject({ DEVICE_NEEDS_RESET: '1' });
      });

      it('is led to from the register', async () => {
        const page = await pages.open(url);
        await page.locator('#place-InterruptStatus summary').click();
        await page.locator('#place-InterruptStatus [data-decode]').click();
        await eventually(() => page.evaluate('document.activeElement.name'), 'value');
        expect(await page.locator('#decode select').inputValue()).toBe('InterruptStatus');
      });
    });

    it('is used by keyboard: failures one by one, the search, and all again', async () => {
      const page = await pages.open(url);
      for (const id of ['violation-PBA-CLEAR', 'violation-DLV-CONFIG']) {
        await page.keyboard.press('j');
        expect(await focused(page)).toBe(id);
      }
      for (let more = 0; more < 5; more++) await page.keyboard.press('j');
      expect(await focused(page)).toBe('fault-1');
      await page.keyboard.press('k');
      expect(await focused(page)).toBe('violation-DLV-LOST');
      await page.keyboard.press('/');
      await page.keyboard.type('jk/');
      expect(await page.locator('#filter [name=q]').inputValue()).toBe('jk/');
      await page.keyboard.press('Escape');
      expect(await page.locator('#filter [name=q]').inputValue()).toBe('');
      await page.locator('#keys').uncheck();
      await page.locator('h1').click();
      await page.keyboard.press('/');
      expect(await page.evaluate('document.activeElement.name')).not.toBe('q');
    });

    it('hands over a command to copy, or selects it where the clipboard is refused', async () => {
      const page = await pages.open(url);
      const command = page.locator('#violation-PBA-CLEAR .copy').first();
      const button = command.locator('button');
      await button.click();
      await eventually(async () => (await button.textContent()) !== 'copy', true);
      const words = await button.textContent();
      if (words === 'selected') expect(await page.evaluate('String(getSelection())')).toContain('--only PBA-CLEAR');
      else expect(words).toBe('copied');
    });

    it('keeps the colours that were chosen', async () => {
      const page = await pages.open(url, { colorScheme: 'light' });
      const paper = (of: Page) => of.evaluate('getComputedStyle(document.documentElement).backgroundColor');
      const light = await paper(page);
      await page.locator('#theme').click();
      expect(await paper(page)).toBe(light);
      await page.keyboard.press('t');
      const dark = await paper(page);
      expect(dark).not.toBe(light);
      await page.reload();
      expect(await paper(page)).toBe(dark);
      expect(await paper(await pages.open(url, { colorScheme: 'dark' }))).toBe(dark);
    });

    it('is a plain document without scripts', async () => {
      const page = await pages.open(url, { javaScriptEnabled: false });
      expect(
        await page.locator('.needs-script').evaluateAll((all) => all.filter((one) => one.checkVisibility()).length),
      ).toBe(0);
      expect(await page.locator('tr[data-clause]').count()).toBe(whole.clauses.length);
      expect(await page.locator('#violation-PBA-CLEAR svg.timeline').isVisible()).toBe(true);
      await page.locator('#place-Status summary').click();
      expect(await page.locator('#place-Status .inside').isVisible()).toBe(true);
    });

    it('prints all programs, and no tools', async () => {
      const page = await pages.open(url);
      await page.emulateMedia({ media: 'print' });
      for (const tool of ['nav', '#filter', '#theme', '#decode', '.copy button'])
        expect(await page.locator(tool).first().isVisible(), tool).toBe(false);
      expect(await page.locator('#violation-DLV-LOST svg.timeline').isVisible()).toBe(true);
    });

    it.each([PHONE, { width: 320, height: 640 }])('fits a screen of $width pixels', async (viewport) => {
      const page = await pages.open(url, { viewport });
      const widest = await page.evaluate('document.documentElement.scrollWidth');
      expect(widest).toBeLessThanOrEqual(viewport.width);
      expect(await page.locator('#filter .choices > div').isVisible()).toBe(false);
    });

    it('runs nothing that a target smuggles in', async () => {
      const page = await pages.open(pages.file(renderHtml(attacking, native, runInfo)));
      await page.keyboard.press('j');
      await page.locator('#filter [name=q]').fill('script');
      expect(await page.locator('h1').textContent()).toContain('<script>alert(1)</script>');
      expect(await page.locator('img').count()).toBe(0);
    });

    it('is refused every request, and every script that is not its own', async () => {
      const page = await pages.open(url);
      const refused = await page.evaluate(`new Promise((resolve) => {
      const directives = [];
      addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
        directives.push(effectiveDirective);
        if (directives.length === 3) resolve(directives.sort());
      });
      const image = new Image();
      image.src = 'file:///nothing.png';
      const script = document.createElement('script');
      script.textContent = 'document.title = "run"';
      document.body.append(image, script);
      fetch('file:///nothing').catch(() => undefined);
    })`);
      expect(refused).toEqual(['connect-src', 'img-src', 'script-src-elem']);
      expect(await page.title()).not.toBe('run');
      expect(pages.problems.splice(0).length).toBeGreaterThan(0);
    });

    it('still answers at once where there are hundreds of violations', async () => {
      const page = await pages.open(pages.file(renderHtml(large(500), native)));
      expect(await page.locator('article.violation').count()).toBe(500);
      await page.locator('#filter [name=q]').fill('BIG-499');
      expect(await shown(page, 'article')).toEqual(['BIG-499']);
    });

    describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
      it.each([DESKTOP, PHONE])('has nothing that axe objects to, $width pixels wide', async ({ width }) => {
        expect(await objections(`${url}?reg=Status&value=ff`, { colorScheme, width })).toEqual([]);
      });

      it('has nothing that axe objects to where a driver was judged', async () => {
        const driver = pages.file(renderHtml(driven, native, runInfo));
        expect(await objections(driver, { colorScheme, width: DESKTOP.width })).toEqual([]);
      });
    });
  },
);

/** What axe has to say about a page with everything in it unfolded. */
async function objections(address: string, { colorScheme, width }: { colorScheme: 'light' | 'dark'; width: number }) {
  // So high that all of it is on the screen: what is not is not drawn, and cannot be checked.
  const page = await pages.open(address, { colorScheme, viewport: { width, height: 24000 } });
  await page.evaluate('document.querySelectorAll("details").forEach((each) => { each.open = true; })');
  await page.evaluate(axe);
  return page.evaluate(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
      violations.map(({ id, nodes }) => [id, nodes.length, nodes[0].html.slice(0, 200), nodes[0].failureSummary]))`,
  );
}
