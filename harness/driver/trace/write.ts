/** Writes logs that `trace:` takes again. */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Layout } from '../../../spec/layout.ts';
import type { Facts, LogEntry } from '../log.ts';
import { toJson } from './entry-json.ts';
import { LOG_FORMAT } from './ndjson.ts';

/** What is in a log of a driver that met a device of ours. */
const ALL: Facts = { interrupts: true, used: true, widths: true, fromTheStart: true };

/**
 * @param facts what is in the log; its `profile` is not written: what a reader of the log knows of the device is in it
 * @param name the driver
 * @throws Error of the file system
 */
export function writeLog(
  file: string,
  entries: Iterable<LogEntry>,
  layout: Layout,
  { facts = ALL, name }: { facts?: Facts; name?: string } = {},
): void {
  const { interrupts, used, widths, fromTheStart } = facts;
  const configSize = facts.configSize ?? facts.profile?.configSize;
  const descriptor = openSync(file, 'w');
  try {
    const put = (value: unknown) => writeSync(descriptor, `${JSON.stringify(value)}\n`);
    put({ format: LOG_FORMAT, name, layout: layout.name, configSize, interrupts, used, widths, fromTheStart });
    for (const entry of entries) put(toJson(entry));
  } finally {
    closeSync(descriptor);
  }
}
