import { describe, expect, it } from 'vitest';
import { renderClause, renderHeadline, renderPretty } from '../../reports/pretty.ts';
import { all, clause, conformant, counterexample, faulty, hostile, interrupted, notConformant } from './fixtures.ts';

const ESCAPE = '\u001b';

describe('the report for a terminal', () => {
  it.each(Object.entries(all))('%s', (_, report) => {
    expect(renderPretty(report)).toMatchSnapshot();
  });

  it('in colour', () => {
    expect(renderPretty(notConformant, { color: true })).toMatchSnapshot();
  });

  it('in a narrow terminal', () => {
    const text = renderPretty(notConformant, { width: 60 });
    expect(text).toMatchSnapshot();
    // Commands and traces are not broken.
    const long = text.split('\n').filter((line) => line.length > 60);
    for (const line of long) expect(line).toMatch(/conformance --target|^ {8,}|-> |^not conformant/);
  });

  it('has the same words with and without colour', () => {
    const codes = new RegExp(`${ESCAPE}\\[\\d+m`, 'g');
    for (const report of Object.values(all)) {
      expect(renderPretty(report, { color: true }).replace(codes, '')).toBe(renderPretty(report));
    }
  });

  it('lets no control character of the target through', () => {
    const text = renderPretty(hostile);
    for (const character of text) {
      const code = character.codePointAt(0) ?? 0;
      expect(character === '\n' || (code >= 0x20 && (code < 0x7f || code >= 0xa0))).toBe(true);
    }
    expect(text).toContain('\\x1b[31mred');
    expect(text).not.toContain('\u202e');
  });

  it('ends with the headline, and with how the run was narrowed', () => {
    expect(renderPretty(conformant).trimEnd().split('\n').at(-1)).toBe(renderHeadline(conformant));
    expect(renderHeadline(interrupted)).toBe('inconclusive (--only MAP-*): 1 of 2 MUSTs was not run');
  });

  it('shows every violated clause: at length, or under the one behind it', () => {
    const text = renderPretty(notConformant);
    expect(text).toContain('FAIL  MAP-RANGE');
    expect(text).not.toContain('FAIL  MAP-BACK');
    expect(text).toContain('with it   ENT-QUIET, MAP-BACK');
    expect(text).toContain('violated (3: 1 at length, 2 named with it)');
  });

  it('shows equal target faults once, with how often they were seen', () => {
    const [first] = faulty.findings;
    if (!first) throw new Error('the fixture has a finding');
    const findings = [first, { ...first, check: 'queues/long', trace: [] }, { ...first, message: 'another' }];
    const text = renderPretty({ ...faulty, findings }, { file: 'my out/report.json' });
    expect(text.match(/FAULT target/g)).toHaveLength(2);
    expect(text).toContain('target faults (3, 2 different)');
    expect(text).toContain('seen      2 times, in queues/many, queues/long');
    expect(text).toContain("npx conformance replay 'my out/report.json' --finding 3");
  });

  it('says of a replay what was put to the test, and not all that was not', () => {
    const text = renderPretty({ ...conformant, run: { ...conformant.run, replay: { clause: 'MAP-RESET' } } });
    expect(text).toContain('replay of one program');
    expect(text).toMatch(/conformant \(replay\)/);
  });

  it('shows an implied clause at length where the specific one is not violated here', () => {
    const alone = clause('MAP-BACK', 'fail', { impliedBy: ['MAP-RANGE'], counterexample: counterexample('MAP-BACK') });
    const report = { ...notConformant, clauses: [alone, clause('MAP-RANGE', 'not-run')] };
    expect(renderPretty(report)).toContain('FAIL  MAP-BACK');
  });

  it('shows clauses that imply each other under the first of them', () => {
    const clauses = [clause('A', 'fail', { impliedBy: ['B'] }), clause('B', 'fail', { impliedBy: ['A'] })];
    const text = renderPretty({ ...notConformant, clauses });
    expect(text).toContain('FAIL  A');
    expect(text).toContain('with it   B');
  });

  it('gives one clause as text for other runners', () => {
    const found = notConformant.clauses.find((each) => each.id === 'MAP-RANGE');
    expect(found && renderClause(notConformant, found)).toMatchSnapshot();
  });
});
