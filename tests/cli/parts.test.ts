import { describe, expect, it } from 'vitest';
import { collectGlobs, parseSeed } from '../../harness/cli/options.ts';
import { createIo, wantsColor } from '../../harness/cli/output.ts';
import { progressLine, wantsProgress } from '../../harness/cli/progress.ts';
import { select } from '../../harness/cli/replay.ts';
import { targetWords } from '../../harness/cli/trip.ts';
import type { Progress } from '../../harness/engine/api.ts';
import { conformant, faulty, notConformant } from '../reports/fixtures.ts';

describe('the progress line', () => {
  const progress: Progress = { tier: 'derived', check: 'mapping/refused-remap', done: 12, total: 400, failed: 0 };

  it('says where the run is', () => {
    expect(progressLine(progress, 80)).toBe('derived  12/400  none violated  mapping/refused-remap');
    expect(progressLine({ ...progress, failed: 2 }, 80)).toContain('2 violated');
  });

  it('never breaks into two lines', () => {
    for (let columns = 0; columns < 80; columns++) {
      expect(progressLine(progress, columns).length).toBeLessThanOrEqual(Math.max(columns - 1, 0));
    }
  });

  it('is for terminals that somebody watches', () => {
    const io = createIo({});
    expect(wantsProgress(io, {}, true)).toBe(true);
    expect(wantsProgress(io, {}, false)).toBe(false);
    expect(wantsProgress(io, { CI: 'true' }, true)).toBe(false);
    expect(wantsProgress(io, { TERM: 'dumb' }, true)).toBe(false);
    expect(wantsProgress(createIo({ quiet: true }), {}, true)).toBe(false);
  });
});

describe('colour', () => {
  it('is decided by the command line, NO_COLOR, FORCE_COLOR, the terminal, in this order', () => {
    expect(wantsColor(undefined, {}, true)).toBe(true);
    expect(wantsColor(undefined, {}, false)).toBe(false);
    expect(wantsColor(undefined, { TERM: 'dumb' }, true)).toBe(false);
    expect(wantsColor(undefined, { FORCE_COLOR: '1' }, false)).toBe(true);
    expect(wantsColor(undefined, { FORCE_COLOR: '0' }, true)).toBe(false);
    expect(wantsColor(undefined, { NO_COLOR: '1', FORCE_COLOR: '1' }, true)).toBe(false);
    expect(wantsColor(undefined, { NO_COLOR: '' }, true)).toBe(true);
    expect(wantsColor(true, { NO_COLOR: '1' }, false)).toBe(true);
    expect(wantsColor(false, { FORCE_COLOR: '1' }, true)).toBe(false);
  });
});

describe('option values', () => {
  it('collect globs from repetitions and lists', () => {
    expect(collectGlobs('MAP-*, DLV-LINE', ['HDR-RO'])).toEqual(['HDR-RO', 'MAP-*', 'DLV-LINE']);
  });

  it('read seeds as decimal, hexadecimal or a wish', () => {
    expect(parseSeed('0xffffffff')).toBe(2 ** 32 - 1);
    expect(parseSeed('7')).toBe(7);
    const seed = parseSeed('random');
    expect(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32).toBe(true);
  });

  it('name target and layout for reproduce lines, where they say something', () => {
    expect(targetWords({ target: 'reference', layout: 'native' })).toEqual(['--target', 'reference']);
    expect(targetWords({ target: './a.ts', layout: './my layout.yaml', timeout: 9 })).toEqual([
      '--target',
      './a.ts',
      '--layout',
      './my layout.yaml',
      '--timeout',
      '9',
    ]);
  });
});

describe('what replay runs', () => {
  const program = { version: 1, operations: [{ kind: 'read', place: 'MsiQueueVector', width: 32 }] };
  const format = 'pretty' as const;

  it('is the file itself where that is a program', () => {
    expect(select('p.json', program, { format })).toEqual({ program });
  });

  it("is a clause's counterexample, with the report's target and layout", () => {
    const stored = { program, clause: 'MAP-RANGE', target: 'exec:./device --msi', layout: notConformant.layout };
    expect(select('r.json', notConformant, { format, clause: 'MAP-RANGE' })).toEqual(stored);
  });

  it('is the program of a target fault', () => {
    expect(select('r.json', faulty, { format, finding: 1 }).program).toEqual(program);
    expect(() => select('r.json', faulty, { format, finding: 2 })).toThrow('has no target fault 2; it has 1');
  });

  it('is not that of a report of another version', () => {
    const other = { ...notConformant, schema: 'virtio-mmio-msi-conformance/report/2' };
    expect(() => select('r.json', other, { format, clause: 'MAP-RANGE' })).toThrow('a report of another version');
  });

  it('has to be named where there are several, and to exist', () => {
    expect(() => select('r.json', notConformant, { format })).toThrow('r.json holds 3 counterexamples');
    expect(() => select('r.json', notConformant, { format, clause: 'MAP-RANG' })).toThrow(
      'r.json holds no counterexample of MAP-RANG',
    );
    expect(() => select('r.json', conformant, { format })).toThrow('no clause is violated in it');
  });
});
