/** A headless Chromium for pages of the report, where the machine has one. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** As few words as possible with a network that a closed machine does not have. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const executable = process.env.CHROMIUM ?? PLACES.find((place) => existsSync(place));

/** Why these tests are skipped; nothing where they run. In CI they run or fail. */
export const missing =
  executable === undefined && !process.env.CI
    ? `no Chromium in ${PLACES.join(', ')}; install it, or name one in CHROMIUM`
    : undefined;

/** Pages from files, each watched for errors and for requests to anywhere else. */
export class Pages {
  readonly problems: string[] = [];
  private readonly browser: Browser;
  private readonly folder = mkdtempSync(join(tmpdir(), 'conformance-html-'));
  private count = 0;

  private constructor(browser: Browser) {
    this.browser = browser;
  }

  static async start(): Promise<Pages> {
    if (executable === undefined) throw new Error(`no Chromium in ${PLACES.join(', ')}: install it`);
    return new Pages(await chromium.launch({ executablePath: executable, args: FLAGS }));
  }

  /** Writes the page to a file. @returns its address */
  file(html: string): string {
    const path = join(this.folder, `report-${this.count++}.html`);
    writeFileSync(path, html);
    return pathToFileURL(path).href;
  }

  async open(url: string, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await (await this.browser.newContext(options)).newPage();
    page.on('console', (message) => this.problems.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => this.problems.push(`error: ${error.message}`));
    page.on('dialog', (dialog) => {
      this.problems.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (!request.url().startsWith('file:')) this.problems.push(`request: ${request.url()}`);
    });
    await page.goto(url);
    return page;
  }

  /** Closes every page that is open. */
  async closeAll(): Promise<void> {
    await Promise.all(this.browser.contexts().map((context) => context.close()));
  }

  async close(): Promise<void> {
    await this.browser.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
