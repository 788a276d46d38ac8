/** Files with traces, and what is read out of them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { LogEntry } from '../../../harness/driver/log.ts';
import type { RecordedDriver } from '../../../harness/driver/target.ts';
import { openTrace } from '../../../harness/driver/trace/open.ts';
import { loadLayout } from '../../../spec/load.ts';

export const layout = loadLayout('virtio-mmio');
export const folder = mkdtempSync(join(tmpdir(), 'trace-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;

/** A file with these lines, each with its newline, unless the text is given as a whole. */
export function fileOf(lines: readonly string[] | string): string {
  const name = `trace-${++files}`;
  const text = typeof lines === 'string' ? lines : lines.map((line) => `${line}\n`).join('');
  writeFileSync(join(folder, name), text);
  return name;
}

export interface Opened {
  driver: RecordedDriver;
  entries: LogEntry[];
  /** What was told beside. */
  log: string[];
}

/** Opens a trace and reads it to its end. */
export async function read(lines: readonly string[] | string, options = ''): Promise<Opened> {
  const log: string[] = [];
  const specification = `${fileOf(lines)}${options}`;
  const driver = await openTrace(specification, { layout, cwd: folder, log: (line) => log.push(line) });
  if (driver.kind !== 'trace') throw new Error(`kind ${driver.kind}`);
  const entries: LogEntry[] = [];
  for await (const entry of driver.entries()) entries.push(entry);
  return { driver, entries, log };
}

/** The message and the hint of what opening or reading it throws. */
export async function refusal(
  lines: readonly string[] | string,
  options = '',
): Promise<{ name: string; text: string }> {
  try {
    await read(lines, options);
  } catch (error) {
    const { name, message, hint } = error as Error & { hint?: string };
    return { name, text: hint === undefined ? message : `${message}\n${hint}` };
  }
  throw new Error('it was read without a word');
}

/** Entries in short: `r MagicValue`, `w Config+4/8`, `interrupt`. */
export function short(entries: readonly LogEntry[]): string[] {
  return entries.map((entry) => {
    if (entry.kind !== 'read' && entry.kind !== 'write') return entry.kind;
    const { offset, width, value } = entry;
    const name = Object.values(layout.data.registers).find((register) => register.offset === offset)?.name;
    const place = name ?? `Config+${offset - layout.data.config.offset}`;
    return `${entry.kind[0]} ${place}${width === 32 ? '' : `/${width}`} 0x${value.toString(16)}`;
  });
}
