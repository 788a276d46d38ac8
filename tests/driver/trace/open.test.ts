import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { linesOf } from '../../../harness/driver/trace/lines.ts';
import { openTrace } from '../../../harness/driver/trace/open.ts';
import { fileOf, folder, layout, read, refusal } from './support.ts';

const MMIOTRACE = ['MAP 4.1 1 0xfeb00000 0xff 0x200 0x0 0', 'R 4 4.2 1 0xfeb00000 0x74726976 0x0 0'];

describe('what is no trace', () => {
  const text = async (rest: string) => {
    try {
      await openTrace(rest, { layout, cwd: folder });
    } catch (error) {
      const { name, message, hint } = error as Error & { hint?: string };
      return `${name}: ${message}\n${hint ?? ''}`;
    }
    return 'opened';
  };

  it('a file that is not there, a folder, nothing at all', async () => {
    expect(await text('nowhere')).toMatch(/^TargetConfigurationError: nowhere: there is no such file\ntrace:FILE/);
    expect(await text('')).toMatch(/names no file/);
    mkdirSync(join(folder, 'inside'), { recursive: true });
    expect(await text('inside')).toMatch(/inside is a folder/);
  });

  it('an empty file, and one of something else', async () => {
    expect((await refusal('')).text).toMatch(/^trace-\d+ is empty\n/);
    const { text: problem } = await refusal(['hello', 'world']);
    expect(problem).toMatch(
      /no line of it is one of a trace; the first is 'hello'\n.*memory_region_ops_read.*MAP.*format/,
    );
  });

  it('an option that there is not', async () => {
    const file = fileOf(MMIOTRACE);
    expect(await text(`${file},devise=1`)).toMatch(
      /'devise' is no option of a trace: device, format\ndid you mean 'device=1'/,
    );
    expect(await text(`${file},format=pcap`)).toMatch(/format=pcap: a format is one of qemu, mmiotrace, ndjson/);
  });
});

describe('trace:', () => {
  it('takes options in any order, and a path with commas', async () => {
    const name = `a,format=b,${fileOf(MMIOTRACE)}`;
    renameSync(join(folder, name.split(',')[2] ?? ''), join(folder, name));
    for (const options of ['', ',device=0', ',format=mmiotrace,device=0', ',device=0xfeb00000,format=mmiotrace']) {
      const driver = await openTrace(`${name}${options}`, { layout, cwd: folder });
      expect(driver.specification).toBe(`trace:${name}${options}`);
    }
  });

  it('reads as the format that it is told', async () => {
    expect((await refusal(MMIOTRACE, ',format=qemu')).text).toMatch(/no access to a virtio-mmio device/);
    expect((await refusal(MMIOTRACE, ',format=ndjson')).text).toMatch(/:1: expected JSON/);
  });

  it('can be read more than once', async () => {
    const { driver, entries } = await read(MMIOTRACE);
    expect([...(driver.entries() as Iterable<unknown>)]).toEqual(entries);
  });
});

describe('lines', () => {
  it('come whole, whatever the pieces that the file is read in', () => {
    const long = 'ü'.repeat(50_000);
    const lines = [long, '', `${long}x`, 'last'];
    const texts = (text: string) => [...linesOf(join(folder, fileOf(text)))].map((line) => line.text);
    expect(texts(`${lines.join('\n')}\n`)).toEqual(lines);
    expect(texts(lines.join('\r\n'))).toEqual(lines);
    const [first, second] = linesOf(join(folder, fileOf('a\nb')));
    expect([first, second]).toEqual([
      { number: 1, text: 'a', whole: true },
      { number: 2, text: 'b', whole: false },
    ]);
  });
});
