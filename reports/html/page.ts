/** The frame of the page: head, list of contents, sections, and the policy that forbids everything it does not need. */
import { assets } from './assets.ts';
import { type Context, type Section, section } from './context.ts';
import { filterForm } from './filter-form.ts';
import { html, type Markup, trusted } from './markup.ts';

export function page(context: Context, sections: readonly Section[]): Markup {
  const { report } = context;
  const { style, early, scripts } = assets();
  // No address at all may be asked for, and only the scripts whose hashes stand here may run.
  const policy = `default-src 'none'; style-src ${style.hash}; script-src ${[early, ...scripts].map(({ hash }) => hash).join(' ')}; base-uri 'none'; form-action 'none'`;
  return html`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
  <meta name="referrer" content="no-referrer">
<title>${report.headline}: ${report.target.name}, ${report.layout.title}</title>
<style>${trusted(style.source)}</style><script>${trusted(early.source)}</script></head>
<body><a class="skip" href="#main">To the report</a>
<header class="top"><div><p class="kind">Conformance report</p>
  <button type="button" id="theme" class="needs-script">colours: auto</button></div>
<h1>${report.target.name}</h1><p class="subject">against <b>${report.layout.title}
  </b>, revision ${report.layout.revision}</p></header>
<div class="frame"><nav aria-label="Contents"><ol>${sections.map(contents)}</ol></nav>
<main id="main" tabindex="-1">
  ${sections.map((each, at) => [each.id === 'violations' && filterForm(report), section(each, at + 1)])}</main></div>
${footer(context)}
${scripts.map(({ source }) => html`<script type="module">${trusted(source)}</script>`)}</body></html>
`;
}

function contents({ id, title, aside, entries }: Section): Markup {
  return html`<li><a href="#${id}">${title}</a>${
    aside !== undefined &&
    html` <span class="aside">${aside}
    </span>`
  }${
    entries !== undefined &&
    html`<ol class="entries">${entries.map((entry) => html`<li>${entry}</li>`)}
    </ol>`
  }</li>`;
}

function footer({ report }: Context): Markup {
  return html`<footer><p class="keys needs-script">
    <kbd>/</kbd> search <kbd>j</kbd> <kbd>k</kbd> next and previous failure <kbd>Esc</kbd> show all <kbd>t</kbd> colours <label><input type="checkbox" id="keys" checked> keys on</label></p>
    <p>${report.suite.name} ${report.suite.version}. This file is complete by itself and asks for nothing over the network.</p></footer>`;
}
