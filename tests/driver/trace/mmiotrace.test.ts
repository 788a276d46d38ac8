import { describe, expect, it } from 'vitest';
import { read, refusal, short } from './support.ts';

const MAP = 'MAP 4.148394 1 0xfeb00000 0xffffccf140039000 0x200 0x0 0';
const MAGIC = 'R 4 4.148687 1 0xfeb00000 0x74726976 0x0 0';
const LINES = [
  'VERSION 20070824',
  MAP,
  MAGIC,
  'R 4 4.148690 1 0xfeb00004 0x2 0x0 0',
  'R 4 4.148693 1 0xfeb00008 0x2 0x0 0',
  'W 4 4.148734 1 0xfeb00070 0x0 0x0 0',
  'R 1 4.148740 1 0xfeb00112 0x7 0x0 0',
  'R 8 4.148740 1 0xfeb00100 0x100000002 0x0 0',
];
const SHORT = [
  ...['r MagicValue 0x74726976', 'r Version 0x2', 'r DeviceID 0x2', 'w Status 0x0'],
  ...['r Config+18/8 0x7', 'r Config+0/64 0x100000002'],
];

describe('mmiotrace', () => {
  it('becomes accesses, whatever their width', async () => {
    const { driver, entries, log } = await read(LINES);
    expect(short(entries)).toEqual(SHORT);
    expect(driver.name).toMatch(/^block at 0xfeb00000 in /);
    expect(driver.facts).toEqual({ interrupts: false, used: false, widths: true, fromTheStart: true });
    expect(log).toEqual([]);
  });

  it('knows a device that is mapped again', async () => {
    const again = ['UNMAP 5.1 1 0x0 0', MAP.replace(' 1 ', ' 2 '), MAGIC.replace(' 1 ', ' 2 ')];
    expect(short((await read([...LINES, ...again])).entries)).toEqual([...SHORT, SHORT[0]]);
  });

  it('tells devices apart, and leaves alone what is none', async () => {
    const others = [
      'MAP 4.2 2 0xfeb00200 0xffffccf140041200 0x200 0x0 0',
      'MAP 4.2 3 0xd0000000 0xffffccf140061000 0x10000 0x0 0',
      'W 4 4.3 3 0xd0000010 0x1 0x0 0',
      'R 4 4.3 2 0xfeb00200 0x74726976 0x0 0',
      'R 4 4.3 2 0xfeb00208 0x4 0x0 0',
    ];
    const { entries } = await read([...LINES, ...others], ',device=entropy');
    expect(short(entries)).toEqual(['r MagicValue 0x74726976', 'r DeviceID 0x4']);
    expect(short((await read(LINES.concat(others.slice(0, 3)))).entries)).toEqual(SHORT);
  });

  it('takes the word of whoever knows where a device is that nobody identified', async () => {
    const lines = [MAP, ...LINES.filter((line) => line.startsWith('W'))];
    expect((await refusal(lines)).text).toMatch(/nothing tells where the device begins.*\n.*device=0x/);
    expect(short((await read(lines, ',device=0xfeb00000')).entries)).toEqual(['w Status 0x0']);
  });

  it('begins in the middle where the mapping is not in it', async () => {
    const { driver, entries } = await read(LINES.filter((line) => !line.startsWith('MAP')));
    expect(short(entries)).toEqual(SHORT);
    expect(driver.facts.fromTheStart).toBe(false);
  });

  it('is over where the kernel lost events, or did not understand an access', async () => {
    for (const hole of ['MARK 4.2 mmiotrace has lost 3 events.', 'UNKNOWN 4.2 1 0xfeb00070 0x0 0x0 0']) {
      const { entries, log } = await read([...LINES, hole, MAGIC]);
      expect(short(entries)).toEqual(SHORT);
      expect(log).toEqual([expect.stringMatching(/^trace-\d+:9: the kernel .*; nothing after that is judged$/)]);
    }
    const elsewhere = ['MARK 4.2 hello', 'UNKNOWN 4.2 9 0xd0000000 0x0 0x0 0'];
    expect(short((await read([...LINES, ...elsewhere, MAGIC])).entries)).toEqual([...SHORT, SHORT[0]]);
  });

  it.each([
    ['R 4 4.1 1 0xfeb00000', /:9: expected a line such as 'R 4 .*', found 'R 4 4.1 1 0xfeb00000'/],
    ['R 3 4.1 1 0xfeb00000 0x0 0x0 0', /:9: expected a line such as 'R 4/],
    ['MAP 4.1 1 there', /:9: expected a line such as 'MAP /],
    ['UNKNOWN 4.1', /:9: expected a time, a map and an address after UNKNOWN/],
    ['X 4 4.1', /:9: expected a line of mmiotrace \(VERSION, .*\), found 'X 4 4.1'/],
  ])('refuses %s', async (line, problem) => {
    expect((await refusal([...LINES, line, MAGIC])).text).toMatch(problem);
  });

  it('leaves out a last line that is cut off', async () => {
    const { entries, log } = await read(`${LINES.join('\n')}\nR 4 4.1 1 0xfe`);
    expect(short(entries)).toEqual(SHORT);
    expect(log).toEqual([expect.stringMatching(/:9: the last line is cut off, and is left out: 'R 4 4.1 1 0xfe'/)]);
  });

  it('says why nothing may be in it', async () => {
    expect((await refusal(['VERSION 20070824'])).text).toMatch(
      /no access to a virtio-mmio device[\s\S]*load the drivers after/,
    );
  });
});
