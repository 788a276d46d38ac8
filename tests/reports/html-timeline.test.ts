/** From a trace to a picture of it. */
import { describe, expect, it } from 'vitest';
import { timeline } from '../../reports/html/timeline.ts';
import { rowsOf } from '../../reports/html/trace-rows.ts';
import type { TraceLine } from '../../reports/report.ts';
import { PENDING, SILENT } from './html-fixtures.ts';

const line = (operation: string, observed?: string): TraceLine => ({
  step: 1,
  operation,
  ...(observed !== undefined && { observed }),
});

describe('the rows of a trace', () => {
  it('know who acts', () => {
    expect(rowsOf(PENDING).map(({ shape }) => shape)).toEqual([
      'break',
      'set-up',
      'device',
      'interrupts',
      'access',
      'answer',
    ]);
    const others: [TraceLine, string][] = [
      [line('reset (Status 0, until it reads 0)'), 'access'],
      [line('poll Status', '0x00000000 after 1 read'), 'answer'],
      [line('memory-read queue[0].used.idx', '0x0001'), 'driver'],
      [line('offer 1 to queue 0, without a kick'), 'driver'],
      [line('interrupts', 'line high'), 'interrupts'],
      [line('something that nobody knows'), 'driver'],
    ];
    for (const [one, shape] of others) expect(rowsOf([one])[0]?.shape, one.operation).toBe(shape);
  });

  it('call a message by the vector whose entry holds it', () => {
    expect(rowsOf(PENDING)[3]?.interrupts).toEqual(['vector 32: 0x169f794231250000 0x20520000']);
    const later = PENDING.toSpliced(2, 0, line('write entry[32].data 0x00000007'));
    expect(rowsOf(later)[4]?.interrupts).toEqual(['message 0x169f794231250000 0x20520000']);
    const unsure = PENDING.toSpliced(2, 0, line('write entry[32].data 0x00000007 (16 bits)'));
    expect(rowsOf(unsure)[4]?.interrupts).toEqual(['message 0x169f794231250000 0x20520000']);
  });

  it('are all messages and changes of the line that came', () => {
    const [row] = rowsOf([line('  delivered', 'message 0x00000004 0x00000001, line high, and 3 more')]);
    expect(row?.interrupts).toEqual(['message 0x00000004 0x00000001', 'line high', '3 more']);
    expect(rowsOf(SILENT).at(-1)?.interrupts).toEqual([]);
  });

  it('leave out the middle of a long trace, and say so', () => {
    const trace = Array.from({ length: 200 }, (_, at) => ({ step: at + 1, operation: `write Status 0x${at}` }));
    const rows = rowsOf(trace);
    expect(rows.length).toBeLessThan(30);
    expect(rows.find(({ shape }) => shape === 'gap')?.label).toBe('179 lines, in the text below');
    expect(rows.at(-1)?.step).toBe(200);
  });
});

describe('the picture', () => {
  it('has the three lanes, marks the step that violates and says what was expected there', () => {
    const { text } = timeline(SILENT, { title: 'a <program>', expected: '1 message of vector 32' });
    for (const lane of ['driver', 'device', 'interrupts']) expect(text).toContain(`>${lane}</text>`);
    expect(text.match(/class="band"/g)).toHaveLength(1);
    expect(text).toContain('✕ expected 1 message of vector 32');
    expect(text).toContain('aria-label="a &lt;program&gt;"');
  });

  it('leaves out the end of a set-up of very many vectors', () => {
    const vectors = Array.from({ length: 2048 }, (_, at) => `vector ${at} to address 0x00000004 data 0x${at}`);
    const { text } = timeline([line(`initialise: MSI accepted; ${vectors.join('; ')}; DRIVER_OK`)], { title: 'many' });
    expect(text).toContain('vector 0');
    expect(text).toContain('… 4083 more lines');
    expect(text.length).toBeLessThan(4096);
  });

  it('shortens what does not fit, and grows with what there is', () => {
    const long = `write ${'x'.repeat(100)}`;
    const { text } = timeline([line(long)], { title: 'long' });
    expect(text).not.toContain(long);
    expect(text).toContain('…');
    const height = (trace: TraceLine[]) => Number(/ height="(\d+)"/.exec(timeline(trace, { title: '' }).text)?.[1]);
    expect(height([...PENDING, line('write Status 0x00000000')])).toBeGreaterThan(height(PENDING));
  });
});
