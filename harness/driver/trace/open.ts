/** `trace:FILE[,device=WHICH][,format=NAME]`: a driver that ran once, somewhere else, and what was recorded of it. */
import { existsSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Layout } from '../../../spec/layout.ts';
import { nearest } from '../../../spec/suggest.ts';
import { TargetConfigurationError } from '../../target.ts';
import type { LogEntry } from '../log.ts';
import type { DriverTarget, RecordedDriver } from '../target.ts';
import { choose } from './choose.ts';
import { linesOf } from './lines.ts';
import { isMmiotraceLine, MmiotraceRecording } from './mmiotrace.ts';
import { isLogLine, openLog } from './ndjson.ts';
import { isQemuLine, QemuRecording } from './qemu.ts';
import { type Event, type Recording, readLines, shown, type TraceFile } from './recording.ts';
import { type Candidate, Survey } from './survey.ts';

export interface TraceOptions {
  layout: Layout;
  /** Relative paths count from here. */
  cwd: string;
  /** Takes what is odd about the file and no error. */
  log?: (line: string) => void;
}

interface Specification {
  file: string;
  device: string | undefined;
  format: Format | undefined;
}

const FORMATS = ['qemu', 'mmiotrace', 'ndjson'] as const;
type Format = (typeof FORMATS)[number];
const OPTIONS = ['device', 'format'];

/**
 * Opens the trace that `rest` (what follows `trace:`) names.
 *
 * @throws TargetConfigurationError for a file that is missing, empty or no trace, and where more than one device is in it
 * @throws TargetFault with file and line for a line that is broken
 */
export async function openTrace(rest: string, { layout, cwd, log }: TraceOptions): Promise<DriverTarget> {
  const { file: name, device, format } = parse(rest, cwd);
  const file: TraceFile = { path: resolve(cwd, name), name, tell: (line) => log?.(line) };
  const specification = `trace:${rest}`;
  const found = format ?? formatOf(file);
  if (found !== 'ndjson') return openRecording(file, specification, layout, device, found);
  if (device !== undefined) {
    throw new TargetConfigurationError(`${name}: a log of this suite is of one device`, `leave out device=${device}`);
  }
  return openLog(file, specification);
}

function openRecording(
  file: TraceFile,
  specification: string,
  layout: Layout,
  device: string | undefined,
  format: 'qemu' | 'mmiotrace',
): RecordedDriver {
  const Reader = format === 'qemu' ? QemuRecording : MmiotraceRecording;
  const recording: Recording = new Reader(layout);
  const first = readLines(file, (line) => recording.take(line));
  const survey = new Survey(layout, recording, first);
  const chosen = choose(file.name, device, survey, recording, layout);
  const facts = recording.facts(chosen.region);
  facts.interrupts &&= chosen.takesInterrupts;
  const owners = facts.interrupts ? survey.owners : undefined;
  if (owners && survey.strays > 0) {
    file.tell(`${file.name}: ${survey.strays} interrupts could be of any of its devices, and are left out`);
  }
  return {
    kind: 'trace',
    specification,
    name: `${survey.describe(chosen)} in ${basename(file.name)}`,
    facts,
    entries: () => {
      const again: Recording = new Reader(layout);
      // What is odd about its last line was told by the first pass.
      const events = readLines({ ...file, tell: () => {} }, (line) => again.take(line));
      return entriesOf(events, chosen, owners, ({ line, why }) =>
        file.tell(`${file.name}:${line}: ${why}; nothing after that is judged`),
      );
    },
  };
}

type Cut = Event & { kind: 'cut' };

/**
 * What concerns one device, in the words of the log.
 *
 * @param owners whose interrupt is in which line, where the line does not tell; absent where interrupts are not wanted
 */
function* entriesOf(
  events: Iterable<Event>,
  { region, base }: Candidate & { base: number },
  owners: ReadonlyMap<number, string> | undefined,
  cut: (event: Cut) => void,
): Iterable<LogEntry> {
  let level = 0;
  for (const event of events) {
    const whose = event.region ?? (event.kind === 'cut' ? region : owners?.get(event.line));
    if (whose !== region) continue;
    if (event.kind === 'cut') {
      cut(event);
      return;
    }
    if (event.kind !== 'line') {
      const { kind, address, width, value } = event;
      yield { kind, offset: address - base, width, value };
    } else if (owners) {
      // A line that stays high interrupts again once the driver is through with the interrupt before.
      const interrupts = event.level === 1 && (level === 0 || event.afterAccess);
      level = event.level;
      if (interrupts) yield { kind: 'interrupt', interrupt: { kind: 'line', level: 1 } };
    }
  }
}

function parse(rest: string, cwd: string): Specification {
  const parts = rest.split(',');
  const options = new Map<string, string>();
  // A path may have commas and equals signs in it.
  while (parts.length > 1 && !existsSync(resolve(cwd, parts.join(',')))) {
    const [, key, value] = /^([a-z]+)=(.*)$/.exec(parts.at(-1) ?? '') ?? [];
    if (key === undefined || value === undefined) break;
    if (!OPTIONS.includes(key)) {
      const meant = nearest(key, OPTIONS);
      throw new TargetConfigurationError(
        `trace:${rest}: '${key}' is no option of a trace: ${OPTIONS.join(', ')}`,
        meant && `did you mean '${meant}=${value}'?`,
      );
    }
    options.set(key, value);
    parts.pop();
  }
  const file = parts.join(',');
  const path = resolve(cwd, file);
  const example = 'trace:FILE[,device=WHICH][,format=qemu|mmiotrace|ndjson]';
  if (file === '') throw new TargetConfigurationError('trace: names no file', example);
  if (!existsSync(path)) throw new TargetConfigurationError(`${file}: there is no such file`, example);
  const state = statSync(path);
  if (state.isDirectory()) throw new TargetConfigurationError(`${file} is a folder`, 'name the file in it');
  if (state.isFile() && state.size === 0) {
    throw new TargetConfigurationError(`${file} is empty`, 'nothing was recorded; was the program stopped early?');
  }
  const format = options.get('format');
  if (format !== undefined && !isFormat(format)) {
    throw new TargetConfigurationError(`format=${format}: a format is one of ${FORMATS.join(', ')}`);
  }
  return { file, device: options.get('device'), format };
}

const isFormat = (name: string): name is Format => (FORMATS as readonly string[]).includes(name);

/** By the first line that can only be of one of them. */
function formatOf({ path, name }: TraceFile): Format {
  let first: string | undefined;
  for (const { text } of linesOf(path)) {
    if (isLogLine(text)) return 'ndjson';
    if (isQemuLine(text)) return 'qemu';
    if (isMmiotraceLine(text)) return 'mmiotrace';
    first ??= text;
  }
  throw new TargetConfigurationError(
    `${name}: no line of it is one of a trace; the first is ${shown(first ?? '')}`,
    `a trace is a log of QEMU ('memory_region_ops_read cpu ...'), a record of mmiotrace ('MAP ...', 'R ...') or a log of this suite ('{"format": ...')`,
  );
}
