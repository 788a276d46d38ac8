import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import type { Facts, LogEntry } from '../../../harness/driver/log.ts';
import { openTrace } from '../../../harness/driver/trace/open.ts';
import { writeLog } from '../../../harness/driver/trace/write.ts';
import { loadLayout } from '../../../spec/load.ts';
import { folder, layout, read, refusal } from './support.ts';

const schemaFile = new URL('../../../harness/driver/driver-log.schema.json', import.meta.url);
const schema: object = JSON.parse(readFileSync(schemaFile, 'utf8'));
const isValid = new Ajv2020({ allErrors: true, strict: true, strictRequired: false }).compile(schema);

const FACTS: Facts = { configSize: 60, interrupts: true, used: true, widths: true, fromTheStart: true };
const HEADER = { format: 'virtio-mmio-driver-log/1', interrupts: true, used: false, widths: true, fromTheStart: true };
const ENTRIES: LogEntry[] = [
  { kind: 'read', offset: 0, width: 32, value: 0x74726976 },
  { kind: 'read', offset: 0x100, width: 64, value: 0xfedcba9876543210n },
  { kind: 'write', offset: 0x106, width: 16, value: 1 },
  { kind: 'interrupt', interrupt: { kind: 'message', address: 0xfee00000, data: 0x20 } },
  { kind: 'astray', interrupt: { kind: 'message', address: 0xffffffff00000000n, data: 0xffffffff } },
  { kind: 'interrupt', interrupt: { kind: 'line', level: 1 } },
  { kind: 'idle' },
  { kind: 'used', queue: 1, index: 65535 },
  { kind: 'device', what: 'needs-reset' },
  { kind: 'task', task: { do: 'start' } },
  { kind: 'result', task: { do: 'start' }, result: { outcome: 'done', interrupts: 'msi' } },
  { kind: 'result', task: { do: 'transfer', count: 4 }, result: { outcome: 'done', count: 4 } },
  { kind: 'result', task: { do: 'configuration' }, result: { outcome: 'done', bytes: new Uint8Array([0, 255, 16]) } },
  { kind: 'result', task: { do: 'stop' }, result: { outcome: 'gave-up', why: 'it "died"\n' } },
  { kind: 'result', task: { do: 'collect' }, result: { outcome: 'stuck', count: 2, why: 'nothing comes' } },
  { kind: 'result', task: { do: 'mask' }, result: { outcome: 'unsupported' } },
];

const line = (value: unknown) => JSON.stringify(value);
const good = line({ kind: 'read', offset: 0, width: 32, value: 1 });

describe('a log of ours', () => {
  it('is read as it was written, and is what the schema says', async () => {
    const file = join(folder, 'written');
    writeLog(file, ENTRIES, loadLayout('native'), { name: 'my driver', facts: FACTS });
    const driver = await openTrace('written', { layout, cwd: folder });
    if (driver.kind !== 'trace') throw new Error(driver.kind);
    expect([...(driver.entries() as Iterable<LogEntry>)]).toEqual(ENTRIES);
    expect(driver).toMatchObject({ name: 'my driver', layout: 'native', facts: FACTS, specification: 'trace:written' });
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(1 + ENTRIES.length);
    for (const text of lines)
      expect(isValid(JSON.parse(text)), `${text}: ${JSON.stringify(isValid.errors)}`).toBe(true);
  });

  it('holds everything where nothing else is said', async () => {
    writeLog(join(folder, 'whole'), [], layout);
    const driver = await openTrace('whole', { layout, cwd: folder });
    const facts = { interrupts: true, used: true, widths: true, fromTheStart: true };
    expect(driver).toMatchObject({ name: 'whole', layout: 'virtio-mmio', facts });
  });

  it('needs no more than what matters in its header', async () => {
    const { driver, entries } = await read([line(HEADER), good]);
    expect(driver.layout).toBeUndefined();
    expect(driver.name).toMatch(/^trace-\d+$/);
    expect(entries).toHaveLength(1);
  });

  it('leaves out a last line that is cut off', async () => {
    const { entries, log } = await read(`${line(HEADER)}\n${good}\n{"kind":"re`);
    expect(entries).toHaveLength(1);
    expect(log).toEqual([expect.stringMatching(/:3: the last line is cut off/)]);
    expect((await read(`${line(HEADER)}\n${good}`)).entries).toHaveLength(1);
  });

  it.each([
    [{ ...HEADER, format: 'virtio-mmio-driver-log/2' }, /:1: format: expected one of virtio-mmio-driver-log\/1, found/],
    [{ ...HEADER, used: 1 }, /:1: used: expected true or false/],
    [{ ...HEADER, interrupts: undefined }, /:1: expected the key 'interrupts'/],
    [{ ...HEADER, frmTheStart: true }, /:1: expected no key 'frmTheStart': did you mean 'fromTheStart'\?/],
  ])('refuses the header %j', async (header, problem) => {
    const { name, text } = await refusal([line(header), good]);
    expect(name).toBe('TargetConfigurationError');
    expect(text).toMatch(problem);
    expect(isValid(JSON.parse(line(header)))).toBe(false);
  });

  it.each<[unknown, RegExp]>([
    [{ kind: 'raed', offset: 0, width: 32, value: 1 }, /:2: kind: expected one of read, write, interrupt, .* found/],
    [{ kind: 'read', offset: 0, width: 24, value: 1 }, /:2: width: expected one of 8, 16, 32, 64/],
    [{ kind: 'read', offset: -1, width: 32, value: 1 }, /:2: offset: expected a whole number, 0 or more/],
    [{ kind: 'read', offset: 0, width: 32, value: '12' }, /:2: value: expected a whole number, or text such as '0x12'/],
    [{ kind: 'read', offset: 0, width: 32 }, /:2: expected the key 'value'/],
    [{ kind: 'interrupt', interrupt: { kind: 'line', level: 2 } }, /:2: interrupt.level: expected one of 0, 1/],
    [{ kind: 'task', task: { do: 'transfer' } }, /:2: task: expected the key 'count'/],
    [{ kind: 'task', task: { do: 'nothing' } }, /:2: task.do: expected one of start, /],
    [{ kind: 'idle', queue: 1 }, /:2: expected no key 'queue'/],
    [[], /:2: kind: expected one of/],
    [7, /:2: expected an object/],
  ])('refuses the entry %j', async (entry, problem) => {
    const { name, text } = await refusal([line(HEADER), line(entry), good]);
    expect(name).toBe('TargetFault');
    expect(text).toMatch(problem);
    expect(isValid(entry)).toBe(false);
  });

  it('refuses what is beyond the width, and what is no JSON', async () => {
    const wide = line({ kind: 'read', offset: 0, width: 8, value: 256 });
    expect((await refusal([line(HEADER), wide, good])).text).toMatch(/:2: value: expected 8 bits/);
    expect((await refusal([line(HEADER), '{"kind"', good])).text).toMatch(/:2: expected JSON: .*, found '{"kind"'/);
  });

  it('is of one device', async () => {
    expect((await refusal([line(HEADER), good], ',device=1')).text).toMatch(/is of one device\nleave out device=1/);
  });
});
