/** Our own logs: a header, then an entry a line (driver-log.schema.json). */
import { closeSync, openSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { TargetConfigurationError } from '../../target.ts';
import type { Facts, LogEntry } from '../log.ts';
import type { RecordedDriver } from '../target.ts';
import { check, fromJson, toJson } from './entry-json.ts';
import { linesOf } from './lines.ts';
import { BadLine, readLines, shown, type TraceFile } from './recording.ts';
import { count, object, oneOf, text, yesOrNo } from './shapes.ts';

export const LOG_FORMAT = 'virtio-mmio-driver-log/1';

const header = object(
  { format: oneOf(LOG_FORMAT), interrupts: yesOrNo, used: yesOrNo, widths: yesOrNo, fromTheStart: yesOrNo },
  { name: text, layout: text, configSize: count },
);

/** What the first line of a log says. */
export interface LogHeader {
  /** The driver, e.g. as its target is called. */
  name: string;
  /** The layout of the device, by name. */
  layout: string;
  /** `profile` is not written: what is known of the device beside is in the entries. */
  facts: Facts;
}

/** Whether a line may be one of such a log. */
export function isLogLine(text: string): boolean {
  return text.startsWith('{');
}

/** Writes a log. @throws Error of the file system */
export function writeLog(file: string, { name, layout, facts }: LogHeader, entries: Iterable<LogEntry>): void {
  const { configSize, interrupts, used, widths, fromTheStart } = facts;
  const size = configSize ?? facts.profile?.configSize;
  const descriptor = openSync(file, 'w');
  try {
    const put = (value: unknown) => writeSync(descriptor, `${JSON.stringify(value)}\n`);
    const known = { interrupts, used, widths, fromTheStart };
    put({ format: LOG_FORMAT, name, layout, ...(size === undefined ? {} : { configSize: size }), ...known });
    for (const entry of entries) put(toJson(entry));
  } finally {
    closeSync(descriptor);
  }
}

/** @throws TargetConfigurationError where the header is none */
export function openLog(file: TraceFile, specification: string): RecordedDriver {
  const { name = basename(file.name), layout, facts } = readHeader(file);
  return {
    kind: 'trace',
    specification,
    name,
    ...(layout === undefined ? {} : { layout }),
    facts,
    entries: () => readLines(file, ({ number, text }) => (number === 1 || text === '' ? [] : [fromJson(text)])),
  };
}

function readHeader({ path, name: file }: TraceFile): Partial<LogHeader> & Pick<LogHeader, 'facts'> {
  for (const { text } of linesOf(path)) {
    try {
      const { format, name, layout, ...facts } = check(text, header) as Facts & Record<string, string>;
      return { ...(name === undefined ? {} : { name }), ...(layout === undefined ? {} : { layout }), facts };
    } catch (error) {
      if (!(error instanceof BadLine)) throw error;
      throw new TargetConfigurationError(
        `${file}:1: ${error.message}, found ${shown(text)}`,
        `the first line of a log says {"format":"${LOG_FORMAT}","interrupts":true,...}`,
      );
    }
  }
  throw new TargetConfigurationError(`${file} is empty`);
}
