/** What ran: target, layout, suite, seed; and when and where, which run-info alone tells. */
import { type Context, grouped, type Section } from './context.ts';
import { type Content, html, type Markup } from './markup.ts';

export function run({ report, runInfo }: Context): Section {
  const { target, layout, suite, run } = report;
  const strict = run.strict ? 'yes: a SHOULD counts like a MUST' : 'no';
  return {
    id: 'run',
    title: 'Run',
    body: html`<div class="columns"><div><h3>Target</h3>${list([
      ['name', target.name],
      ['specification', html`<code>${target.specification}</code>`],
      ['version', target.version],
      ...Object.entries(target.properties),
    ])}</div><div><h3>Suite</h3>${list([
      ['suite', `${suite.name} ${suite.version}`],
      ['layout', `${layout.name}, revision ${layout.revision}`],
      ['digest', html`<code class="digest">${layout.digest}</code>`],
      ...(run.scenarios ? [] : programs(run)),
      ['accesses', grouped(run.operations)],
      ['strict', strict],
    ])}</div>
    ${
      runInfo &&
      html`<div><h3>When and where</h3>${list([
        ['started', time(runInfo.started)],
        ['finished', time(runInfo.finished)],
        ['duration', duration(runInfo.milliseconds)],
        ['exit code', runInfo.exitCode],
        ['command line', html`<code>${['conformance', ...runInfo.commandLine].join(' ')}</code>`],
        ['host', `${runInfo.host.platform} ${runInfo.host.release}, ${runInfo.host.arch}, ${runInfo.host.cpus} CPUs`],
        ['Node.js', runInfo.node],
      ])}</div>`
    }</div>`,
  };
}

/** What a driver has none of. */
function programs({ seed, runs, programs }: Context['report']['run']): [string, Content][] {
  return [
    ['seed', seed],
    ['generated programs', grouped(runs)],
    ['programs run', `${grouped(programs)}, shrinking included`],
  ];
}

function list(entries: [string, Content][]): Markup {
  return html`<dl class="run">${entries.map(
    ([name, value]) =>
      value !== undefined &&
      html`<dt>${name}</dt><dd>
    ${value}</dd>`,
  )}</dl>`;
}

function time(iso: string): Markup {
  return html`<time datetime="${iso}">${iso.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}</time>`;
}

function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  return seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
