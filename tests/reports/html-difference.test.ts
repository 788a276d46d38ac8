/** What was expected and what was read, side by side: the oracle's words taken as numbers. */
import { describe, expect, it } from 'vitest';
import { difference, versus } from '../../reports/html/difference.ts';
import { differing, expectationOf } from '../../reports/html/expectation.ts';
import { wordAt } from '../../reports/html/places.ts';
import { trial } from '../power/trial.ts';
import { counterexample } from './fixtures.ts';
import { msix, native, PENDING, SILENT } from './html-fixtures.ts';

/** Place, what it read, expectation in words, actual in words; then the values that were right and the bits judged. */
const WORDS: [place: string, observed: number, expected: string, actual: string, values: number[], mask: number][] = [
  ['mask[1]', 0xffffffff, 'mask bit 32 reads 0: the device has 32 vectors', '1', [0], 1],
  ['pba[0]', 0, 'pending bit of vector 31 reads 1', '0', [2 ** 31], 2 ** 31],
  [
    'MsiQueueVector',
    1,
    'the vector of queue 0 reads 0x00000000 or 0x0000ffff (NO_VECTOR)',
    '0x00000001',
    [0, 0xffff],
    0xffffffff,
  ],
  ['Status', 3, 'Status reads 0x00000083 in the bits 0x00000087', '0x00000003', [0x83], 0x87],
  ['Status', 1, 'Status reads 0 once the reset is complete', '0x00000001 after 10000 reads', [0], 0xffffffff],
  ['Status', 3, 'FEATURES_OK stays set: this set was accepted before', 'FEATURES_OK reads 0', [8], 8],
  ['InterruptStatus', 0, 'InterruptStatus has 0x00000002 set', '0x00000000', [2], 2],
  ['entry[0].data', 0xffff, 'data of entry 0 reads 0xffffffff', '0x0000ffff', [0xffffffff], 0xffffffff],
];

const MSIX_WORDS: typeof WORDS = [
  ['MsixCapability', 0x40005, 'MsixCapability.capability-id reads 0x00000011', '0x00000005', [0x11], 0xff],
  ['MsixCapability', 0x80010011, 'MsixCapability reads 0x00040011 as before', '0x00010011', [0x40011], 0x7fffffff],
  ['entry[4].vector-control', 0, 'mask bit of vector 4 reads 1', '0', [1], 1],
];

describe('an expectation in words is', () => {
  it.each(WORDS)('%s, %i: %s', (place, observed, expected, actual, values, mask) => {
    const word = wordAt(place, native);
    expect(word && expectationOf({ expected, actual }, observed, word, native)).toEqual({ values, mask });
  });

  it.each(MSIX_WORDS)('in msix: %s, %i: %s', (place, observed, expected, actual, values, mask) => {
    const word = wordAt(place, msix);
    expect(word && expectationOf({ expected, actual }, observed, word, msix)).toEqual({ values, mask });
  });

  it('nothing where the words tell no value of that word', () => {
    const word = wordAt('mask[0]', native);
    for (const expected of [
      'MsiVectorCount tells 1 to 2048',
      'pending bit of vector 40 reads 1',
      'the used index is 1',
    ])
      expect(word && expectationOf({ expected, actual: '0' }, 0, word, native)).toBeUndefined();
  });

  it('compared with the nearest of several values, in the judged bits alone', () => {
    expect(differing(0x1, { values: [0xffff, 0x0], mask: 0xffffffff })).toEqual({ nearest: 0, bits: 1 });
    expect(differing(0x80000001, { values: [0], mask: 0xf })).toEqual({ nearest: 0, bits: 1 });
  });
});

describe('the difference', () => {
  it('marks the bits that are wrong and names their vectors', () => {
    const found = counterexample('PBA-CLEAR', {
      expected: 'pending bit of vector 32 reads 0',
      actual: '1',
      trace: PENDING,
    });
    const text = difference(found, native)?.text;
    expect(text).toContain('pba[1] at step 4');
    expect(text?.match(/class="differs"/g)).toHaveLength(1);
    expect(text).toContain('bits that differ: vector 32');
  });

  it('has the message that was expected, and those that came', () => {
    const found = counterexample('DLV-CONFIG', {
      expected: '1 message of vector 32',
      actual: 'no message',
      trace: SILENT,
    });
    expect(versus(found).text).toContain('<code>0x169f794231250000 0x20520000</code>');
    expect(difference(found, native)).toBeUndefined();
  });

  it('does not say what a vector sends once its entry was written again', () => {
    const trace = SILENT.toSpliced(2, 0, { step: 3, operation: 'write entry[32].data 0x00000001' });
    const found = counterexample('DLV-CONFIG', { expected: '1 message of vector 32', actual: 'no message', trace });
    expect(versus(found).text).not.toContain('0x20520000');
  });

  // The words are the oracle's own; where it says them otherwise one day, this is where it shows.
  const faults = [
    { layout: native, fault: 'mask-write-spreads' },
    { layout: native, fault: 'vector-reads-next' },
    { layout: native, fault: 'status-loses-failed' },
    { layout: native, fault: 'count-writable' },
    { layout: msix, fault: 'table-size-writable' },
    { layout: msix, fault: 'function-mask-reads-zero' },
    { layout: msix, fault: 'control-reset-unmasked' },
  ];
  it.each(faults)('is found in what a run says of $fault', async ({ layout, fault }) => {
    const { clauses } = await trial({ layout, fault, runs: 2, exhaustive: 0 });
    const read = clauses.flatMap(({ counterexample: found }) => {
      const wrong = found?.trace.find(({ violates }) => violates);
      return found && wrong && /^\s*read [A-Z\w]+(\[\d+\])?/.test(wrong.operation) && / reads /.test(found.expected)
        ? found
        : [];
    });
    expect(read.length).toBeGreaterThan(0);
    for (const found of read) expect(difference(found, layout)?.text, found.expected).toContain('class="differs"');
  });
});
