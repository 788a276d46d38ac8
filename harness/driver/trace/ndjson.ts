/** Our own logs: a header, then an entry a line (driver-log.schema.json). */
import { basename } from 'node:path';
import { TargetConfigurationError } from '../../target.ts';
import type { Facts } from '../log.ts';
import type { RecordedDriver } from '../target.ts';
import { check, fromJson } from './entry-json.ts';
import { linesOf } from './lines.ts';
import { BadLine, readLines, shown, type TraceFile } from './recording.ts';
import { count, object, oneOf, text, yesOrNo } from './shapes.ts';

export const LOG_FORMAT = 'virtio-mmio-driver-log/1';

const header = object(
  { format: oneOf(LOG_FORMAT), interrupts: yesOrNo, used: yesOrNo, widths: yesOrNo, fromTheStart: yesOrNo },
  { name: text, layout: text, configSize: count },
);

/** What the first line of a log says. */
interface LogHeader {
  name?: string;
  layout?: string;
  facts: Facts;
}

/** Whether a line may be one of such a log. */
export function isLogLine(text: string): boolean {
  return text.startsWith('{');
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

function readHeader({ path, name: file }: TraceFile): LogHeader {
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
