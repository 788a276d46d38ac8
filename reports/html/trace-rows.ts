/**
 * A trace as rows of a picture: who acts in each line, and towards whom. The lines are read as text, so that whatever
 * leaves lines of this shape behind can be drawn; a line of a kind that is not known here is the driver's doing.
 */
import type { TraceLine } from '../report.ts';
import { oneLine } from '../text.ts';
import { Entries } from './entries.ts';

export type Shape =
  /** A new device. */
  | 'break'
  /** Many accesses, shown folded. */
  | 'set-up'
  /** Driver to device, with nothing coming back. */
  | 'access'
  /** Driver to device and back. */
  | 'answer'
  /** The driver, or what stands in for it, does something by itself. */
  | 'driver'
  /** The device does something by itself. */
  | 'device'
  /** What was delivered. */
  | 'interrupts'
  /** What a driver is asked to do, with what came of it. */
  | 'task'
  /** Rows that are left out. */
  | 'gap';

export interface Row {
  step: number;
  shape: Shape;
  /** What is done, without what came of it. */
  label: string;
  /** Of set-up: its parts, one a line. */
  parts: string[];
  /** What was seen, as it is written in the trace. */
  observed?: string;
  /** Of `interrupts`: what came, in words; empty where nothing did. */
  interrupts: string[];
  violates: boolean;
  /** True for what was looked at without being asked for. */
  watch: boolean;
}

/** Rows of a long trace that are drawn: of its beginning, with the set-up, and up to where it goes wrong. */
const FIRST_ROWS = 3;
const LAST_ROWS = 18;

const NOTHING = 'no interrupt';

/** Lines of the log of a driver that tell what its device does, in words. */
const DEVICE_DOES = /^(?:the device (?:uses|needs)|the configuration changes|a message without work)\b/;
/** An interrupt with what it is in the same words; where it was lost, these stay in sight. */
const INTERRUPT = /^(interrupt|goes astray): (.*)$/;
const BEFORE = /^\(\d+ entries before\)$/;

function shapeOf(operation: string, observed: string | undefined): Shape {
  if (DEVICE_DOES.test(operation)) return 'device';
  if (INTERRUPT.test(operation)) return 'interrupts';
  if (BEFORE.test(operation)) return 'gap';
  if (operation.startsWith('asked to ')) return 'task';
  const [word = ''] = operation.split(/[ :,(]/);
  switch (word) {
    case 'power-cycle':
      return 'break';
    case 'initialise':
      return 'set-up';
    case 'read':
    case 'poll':
    case 'inspect':
      return 'answer';
    case 'delivered':
    case 'interrupts':
      return 'interrupts';
    case 'write':
    case 'reset':
      return 'access';
    case 'memory-read':
    case 'memory-write':
      return 'driver';
    case 'event':
      return 'device';
    default:
      return observed === undefined ? 'driver' : 'answer';
  }
}

function interruptsOf(observed: string | undefined, entries: Entries): string[] {
  if (observed === undefined || observed === NOTHING) return [];
  return observed.split(/, (?:and )?/).map((one) => {
    const [, address, data] = /^message (0x[0-9a-f]+) (0x[0-9a-f]+)$/.exec(one) ?? [];
    if (address === undefined || data === undefined) return one;
    const vector = entries.vectorOf(address, data);
    return vector === undefined ? one : `vector ${vector}: ${address} ${data}`;
  });
}

/** The rows, all of them or those at both ends with a gap between. */
export function rowsOf(trace: readonly TraceLine[]): Row[] {
  const entries = new Entries();
  const rows = trace.map((line) => rowOf(line, entries));
  const left = rows.length - FIRST_ROWS - LAST_ROWS;
  if (left <= 1) return rows;
  const gap: Row = { ...plain(0, 'gap'), label: `${left} lines, in the text below` };
  return [...rows.slice(0, FIRST_ROWS), gap, ...rows.slice(-LAST_ROWS)];
}

function plain(step: number, shape: Shape): Row {
  return { step, shape, label: '', parts: [], interrupts: [], violates: false, watch: false };
}

function rowOf(line: TraceLine, entries: Entries): Row {
  const operation = oneLine(line.operation);
  const observed = line.observed === undefined ? undefined : oneLine(line.observed);
  const row = plain(line.step, shapeOf(operation, observed));
  Object.assign(row, { label: operation, violates: line.violates === true, watch: /^\s/.test(line.operation) });
  if (observed !== undefined) row.observed = observed;
  if (row.shape === 'set-up') {
    const [label = '', ...parts] = operation.split(/: |; /);
    Object.assign(row, { label, parts });
    entries.setUp(parts);
  }
  if (row.shape === 'break') entries.forget();
  if (row.shape === 'access') entries.write(operation);
  if (row.shape === 'interrupts') row.interrupts = interruptsOf(observed, entries);
  const [, what, interrupt] = INTERRUPT.exec(operation) ?? [];
  if (interrupt !== undefined)
    Object.assign(row, { label: '', interrupts: [what === 'interrupt' ? interrupt : operation] });
  return row;
}
