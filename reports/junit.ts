/**
 * The report as JUnit XML, for the test views of GitHub, GitLab and the like.
 *
 * One suite per area, one case per clause. A violated clause is a `failure`, never an `error`: the case did run. A
 * clause that was not tested is `skipped` with its reason. Since such readers show a run of skips as green, a last case
 * says whether the verdict is conformant. Nothing here depends on the clock, so equal reports are equal bytes.
 */
import { renderDeterminism } from './determinism.ts';
import { exitCode } from './exit-code.ts';
import { renderClause, renderFindings, renderHeadline } from './pretty.ts';
import type { ClauseResult, Report } from './report.ts';
import { oneLine, printable } from './text.ts';

const NAME_LENGTH = 100;

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** Text as element content or attribute value; what XML 1.0 has no place for is spelled out (`\x1b`). */
export function escapeXml(text: string): string {
  return printable(text)
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
    .replaceAll('\n', '&#10;');
}

/** Element content: as {@link escapeXml}, with the line feeds left readable. */
function content(text: string): string {
  return escapeXml(text).replaceAll('&#10;', '\n');
}

type Attributes = Record<string, string | number>;

function open(name: string, attributes: Attributes): string {
  const text = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`);
  return `<${name}${text.join('')}`;
}

/** The case's name: the clause's id and as much of its text as a list has room for. */
function caseName(clause: ClauseResult): string {
  const name = oneLine(`${clause.id} ${clause.text}`);
  return name.length <= NAME_LENGTH ? name : `${name.slice(0, NAME_LENGTH - 1).trimEnd()}…`;
}

function failureMessage(clause: ClauseResult): string {
  const { counterexample } = clause;
  if (counterexample) {
    const { expected, actual, unstable } = counterexample;
    return `expected ${expected}; actual ${actual}${unstable ? '; seen, but not again when the program ran by itself' : ''}`;
  }
  if (clause.impliedBy?.length) return `violated, perhaps as a consequence of ${clause.impliedBy.join(', ')}`;
  return clause.reason ?? 'violated';
}

/** What is inside a case; nothing for a pass. */
function outcome(report: Report, clause: ClauseResult): string | undefined {
  const text = () => content(renderClause(report, clause));
  switch (clause.verdict) {
    case 'pass':
      return undefined;
    case 'fail':
      return `${open('failure', { message: oneLine(failureMessage(clause)), type: clause.level })}>${text()}</failure>`;
    case 'warn':
      return `<system-out>${text()}</system-out>`;
    default:
      return `${open('skipped', { message: oneLine(`${clause.verdict}: ${clause.reason ?? 'no reason given'}`) })}/>`;
  }
}

function testcase(name: string, classname: string, inside: string | undefined): string {
  const start = open('testcase', { name, classname, time: 0 });
  return inside === undefined ? `    ${start}/>` : `    ${start}>\n      ${inside}\n    </testcase>`;
}

interface Suite {
  name: string;
  tests: number;
  failures: number;
  skipped: number;
  cases: string[];
}

function areaSuite(report: Report, area: string, clauses: ClauseResult[]): Suite {
  const skipped = clauses.filter((c) => c.verdict !== 'pass' && c.verdict !== 'fail' && c.verdict !== 'warn');
  return {
    name: oneLine(area),
    tests: clauses.length,
    failures: clauses.filter((c) => c.verdict === 'fail').length,
    skipped: skipped.length,
    cases: clauses.map((clause) => testcase(caseName(clause), oneLine(area), outcome(report, clause))),
  };
}

/** The case that keeps skips from reading as a pass: red unless the run as a whole is conformant. */
function verdictSuite(report: Report): Suite {
  const good = exitCode(report) === 0;
  const text = [renderHeadline(report), ...renderFindings(report), ...renderDeterminism(report)].join('\n');
  const failure = `${open('failure', { message: oneLine(renderHeadline(report)), type: 'verdict' })}>${content(text)}</failure>`;
  return {
    name: 'verdict',
    tests: 1,
    failures: good ? 0 : 1,
    skipped: 0,
    cases: [testcase('verdict', 'verdict', good ? undefined : failure)],
  };
}

function properties(report: Report): string[] {
  const { suite, layout, target, run } = report;
  const all: Attributes = {
    suite: `${suite.name} ${suite.version}`,
    layout: `${layout.name} revision ${layout.revision}`,
    target: target.specification,
    seed: run.seed,
    runs: run.runs,
    headline: report.headline,
    because: report.because,
    ...(run.determinism && { deterministic: run.determinism.verified ? 'verified' : 'not verified' }),
  };
  const lines = Object.entries(all).map(([name, value]) => `      ${open('property', { name, value })}/>`);
  return ['    <properties>', ...lines, '    </properties>'];
}

/** `junit.xml`. */
export function renderJunit(report: Report): string {
  const areas = [...new Set(report.clauses.map((clause) => clause.area))];
  const suites = areas.map((area) =>
    areaSuite(
      report,
      area,
      report.clauses.filter((clause) => clause.area === area),
    ),
  );
  const last = verdictSuite(report);
  suites.push(last);
  const total = (of: 'tests' | 'failures' | 'skipped') => suites.reduce((sum, suite) => sum + suite[of], 0);
  const numbers = { tests: total('tests'), failures: total('failures'), errors: 0, skipped: total('skipped'), time: 0 };
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>'];
  lines.push(`${open('testsuites', { name: oneLine(`${report.suite.name} ${report.target.name}`), ...numbers })}>`);
  for (const { cases, name, tests, failures, skipped } of suites) {
    lines.push(`  ${open('testsuite', { name, tests, failures, errors: 0, skipped, time: 0 })}>`);
    if (name === last.name) lines.push(...properties(report));
    lines.push(...cases, '  </testsuite>');
  }
  lines.push('</testsuites>', '');
  return lines.join('\n');
}
