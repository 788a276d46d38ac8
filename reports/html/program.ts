/** A program that went wrong: as a picture, as text, as data, and the commands that run it again. */
import type { Counterexample, TargetFinding, TraceLine } from '../report.ts';
import { oneLine } from '../text.ts';
import { columns } from './columns.ts';
import { type Content, html, type Markup } from './markup.ts';

/** Lines of a trace, and characters of a program, beyond which report.json alone has the whole. */
const MOST_LINES = 120;
const MOST_CHARACTERS = 6000;
/** Characters from which on a block may have to be scrolled, and so has to be reached by keyboard. */
const SCROLLED = 400;

/** The trace in words, and the program as data, for whoever wants to copy it. */
export function programText(trace: readonly TraceLine[], program: unknown, isLog: boolean): Markup {
  const data = JSON.stringify(program) ?? '';
  const elsewhere = `As data it is ${data.length} characters long; report.json holds it.`;
  return html`<details class="more"><summary>The ${isLog ? 'log' : 'program'} as text and as data</summary>
    <table class="trace">${columns('step', 'operation', 'observed')}<tbody>
    ${folded(trace).map((line) => traceRow(line))}</tbody></table>
    ${data.length <= MOST_CHARACTERS ? code(data) : html`<p class="note">${elsewhere}</p>`}
  </details>`;
}

function folded(trace: readonly TraceLine[]): (TraceLine | string)[] {
  const left = trace.length - MOST_LINES;
  if (left <= 0) return [...trace];
  const half = MOST_LINES / 2;
  return [...trace.slice(0, half), `${left} lines, in report.json`, ...trace.slice(-half)];
}

function traceRow(line: TraceLine | string): Markup {
  if (typeof line === 'string') return html`<tr><td></td><td colspan="2">${line}</td></tr>`;
  const { step, operation, observed, violates } = line;
  const watch = /^\s/.test(operation);
  const seen = observed !== undefined && html`<code>${oneLine(observed)}</code>`;
  return html`<tr class="${violates ? 'wrong' : ''}"><td>${step > 0 && step}</td>
    <td class="${watch ? 'watch' : ''}"><code>${oneLine(operation)}</code></td>
    <td>${seen}${violates && html`<span class="unseen"> (here it goes wrong)</span>`}</td></tr>`;
}

/** Text that somebody wants to copy. */
export function code(text: string): Markup {
  return html`<div class="copy"><pre${text.length > SCROLLED && html` tabindex="0"`}><code>${text}</code></pre></div>`;
}

/** `which` picks the program in report.json, e.g. `--clause MAP-RANGE`; undefined where there is none to replay. */
export function reproduce({ reproduce }: Counterexample | TargetFinding, which: string | undefined): Content {
  const replay =
    which !== undefined &&
    html`<p class="note">
    or, beside this file, <code>npx conformance replay report.json ${which}</code></p>`;
  return html`<h4>Reproduce</h4>${code(oneLine(reproduce))}${replay}`;
}
