/** An entry of a log as a line of JSON, and back. `driver-log.schema.json` says the same for others. */
import type { LogEntry } from '../log.ts';
import { BadLine } from './recording.ts';
import { bytes, count, oneOf, type Shape, tagged, text, word } from './shapes.ts';

const WIDTHS = [8, 16, 32, 64];

const interrupt = tagged('kind', {
  message: [{ address: word, data: count }],
  line: [{ level: oneOf(0, 1) }],
});
const counted = { count };
const task = tagged('do', {
  start: [{}],
  transfer: [counted],
  submit: [counted],
  collect: [{}],
  retarget: [{}],
  mask: [{}],
  unmask: [{}],
  configuration: [{}],
  notice: [{}],
  'restart-queue': [{}],
  stop: [{}],
});
const result = tagged('outcome', {
  done: [{}, { interrupts: oneOf('msi', 'line', 'polling'), count, bytes }],
  'gave-up': [{ why: text }],
  stuck: [{ why: text }, { count }],
  unsupported: [{}],
});
const access = { offset: count, width: oneOf(...WIDTHS), value: word };
const entry = tagged('kind', {
  read: [access],
  write: [access],
  interrupt: [{ interrupt }],
  astray: [{ interrupt }],
  idle: [{}],
  used: [{ queue: count, index: count }],
  device: [{ what: oneOf('config', 'needs-reset', 'spurious') }],
  task: [{ task }],
  result: [{ task, result }],
});

/** What `JSON.stringify` takes for the entry. */
export function toJson(value: LogEntry): unknown {
  return plain(value);
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
}

/** @throws BadLine saying what was expected */
export function fromJson(line: string): LogEntry {
  const value = check(line, entry) as LogEntry;
  if (value.kind !== 'read' && value.kind !== 'write') return value;
  if (BigInt(value.value) >> BigInt(value.width) !== 0n) throw new BadLine(`value: expected ${value.width} bits`);
  // Values of 64 bits are bigints, all others are none.
  return { ...value, value: value.width === 64 ? BigInt(value.value) : Number(value.value) };
}

/** The JSON of a line in that shape. @throws BadLine */
export function check(line: string, shape: Shape): unknown {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new BadLine(`expected JSON: ${(error as Error).message}`);
  }
  return shape(value, '');
}
