/** The frame of the page: head, list of contents, sections, and the policy that forbids everything it does not need. */
import { type Assets, assets } from './assets.ts';
import { type Context, type Section, section } from './context.ts';
import { filterForm } from './filter-form.ts';
import { html, type Markup, trusted } from './markup.ts';

export function page(context: Context, sections: readonly Section[]): Markup {
  const { report } = context;
  const { name, version } = report.suite;
  const parts = assets();
  return html`<!DOCTYPE html><html lang="en">${head(context, parts)}
    <body>
    <a class="skip" href="#main">To the report</a>
    <header class="top">
      <div>
        <p class="kind">Conformance report</p>
        <button type="button" id="theme" class="needs-script">colours: auto</button>
      </div>
      <h1>${report.target.name}</h1>
      <p class="subject">against <b>${report.layout.title}</b>, revision ${report.layout.revision}</p>
    </header>
    <div class="frame">
      <nav aria-label="Contents"><ol>${sections.map(contents)}</ol></nav>
      <main id="main" tabindex="-1">
        ${sections.map((each, at) => [each.id === 'violations' && filterForm(report), section(each, at + 1)])}
      </main>
    </div>
    <footer><p>${name} ${version}. This file is complete by itself and asks for nothing over the network.</p></footer>
    ${parts.scripts.map(({ source }) => html`<script type="module">${trusted(source)}</script>`)}
    </body></html>`;
}

function head({ report }: Context, { style, early, scripts }: Assets): Markup {
  // No address at all may be asked for, and only the scripts whose hashes stand here may run.
  const policy = [
    "default-src 'none'",
    `style-src ${style.hash}`,
    `script-src ${[early, ...scripts].map(({ hash }) => hash).join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return html`<head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${trusted(policy)}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="referrer" content="no-referrer">
    <title>${report.headline}: ${report.target.name}, ${report.layout.title}</title>
    <style>${trusted(style.source)}</style>
    <script>${trusted(early.source)}</script>
    </head>`;
}

function contents({ id, title, aside, entries }: Section): Markup {
  const inside = entries && html`<ol class="entries">${entries.map((entry) => html`<li>${entry}</li>`)}</ol>`;
  return html`<li><a href="#${id}">${title}</a>${aside !== undefined && html` <span class="aside">${aside}</span>`}${inside}</li>`;
}
