import { describe, expect, it } from 'vitest';
import { parseOptions, SEEDS_OF_RECORD } from '../../power/options.ts';
import { OptionError, parseSeeds, showSeeds } from '../../power/seeds.ts';
import { subjectsOf } from '../../power/subjects.ts';

describe('seeds', () => {
  it.each([
    ['3', [1, 2, 3], '1-3'],
    ['3-5', [3, 4, 5], '3-5'],
    ['7-7', [7], '7'],
  ])('%s', (text, seeds, shown) => {
    expect(parseSeeds(text)).toEqual(seeds);
    expect(showSeeds(seeds)).toBe(shown);
  });

  it('with gaps are shown one by one', () => {
    expect(showSeeds([1, 2, 5])).toBe('1, 2, 5');
  });

  it.each(['0', '-1', 'x', '5-3', '', '1.5', '1-99999999999'])('%j is refused', (text) => {
    expect(() => parseSeeds(text)).toThrow(OptionError);
  });
});

describe('options', () => {
  it('are those of the record where nothing is said', () => {
    const options = parseOptions([]);
    expect(options?.seeds).toHaveLength(SEEDS_OF_RECORD);
    expect(options).toMatchObject({ mode: 'suite', layouts: ['native', 'msix'], narrowed: false, outByDefault: true });
    expect(options?.out).toMatch(/power.?$/);
  });

  it.each([[['--seeds', '1']], [['--only', 'used-*']], [['--layout', 'msix']]])(
    'of a run that is not the whole one leave the record alone: %j',
    (args) => {
      expect(parseOptions(args)?.out).toBeUndefined();
      expect(parseOptions([...args, '--out', 'there'])?.out).toMatch(/there$/);
    },
  );

  it.each([
    [['--jobs', '0']],
    [['--jobs', 'x']],
    [['--against', '--budget', 'much']],
    [['--budget', '1000']],
    [['--layout', 'mine']],
    [['--sedes', '1']],
    [['--against', '--render']],
    [['more']],
  ])('%j are refused', (args) => {
    expect(() => parseOptions(args)).toThrow(OptionError);
  });
});

describe('what the suite is tried on', () => {
  it('is everything in the first layout, and what has to do with vectors in the second', () => {
    const ids = (layout: string, only: string[] = []) => subjectsOf({ layouts: [layout], only }).map(({ id }) => id);
    expect(ids('native')).toContain('magic-byte-swapped');
    expect(ids('msix')).not.toContain('magic-byte-swapped');
    expect(ids('msix')).toContain('function-mask-forgets-pending');
    expect(ids('native', ['one-per-batch', 'UNMASK-DROPS-*'])).toEqual(['one-per-batch', 'unmask-drops-pending']);
  });
});
