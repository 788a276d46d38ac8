/** A log as lines to read, up to what went wrong in it. */
import type { TraceLine } from '../../../reports/report.ts';
import { hex } from '../../program.ts';
import type { Interrupt } from '../../target.ts';
import type { Task, TaskResult } from '../api.ts';
import type { LogEntry } from '../log.ts';
import type { DeviceView } from '../monitor/view.ts';

/** Lines before the violation that are shown; what comes before them is folded. */
const SHOWN = 24;

/** @param at index of the entry that violates */
export function traceOf(log: readonly LogEntry[], at: number, view: DeviceView): TraceLine[] {
  const last = Math.min(at, log.length - 1);
  // What is inside a task that was done by then is told in one line.
  const lines: TraceLine[] = [];
  let begun = 0;
  for (let index = 0; index <= last; index++) {
    const entry = log[index] as LogEntry;
    if (entry.kind === 'task') begun = lines.length + 1;
    if (entry.kind === 'result' && index < last) {
      fold(lines, begun, entry);
      continue;
    }
    lines.push(lineOf(entry, index + 1, view));
  }
  const line = lines.at(-1);
  if (line) line.violates = true;
  const hidden = lines.length - SHOWN;
  if (hidden <= 1) return lines;
  const kept = lines.slice(hidden);
  return [{ step: 1, operation: `(${lines[hidden - 1]?.step ?? hidden} entries before)` }, ...kept];
}

/** What the driver did for a task, in its result's line. */
function fold(lines: TraceLine[], from: number, { result }: LogEntry & { kind: 'result' }): void {
  const inside = lines.splice(from);
  const accesses = inside.filter(({ operation }) => /^(?:read|write) /.test(operation)).length;
  const head = lines.at(-1);
  if (!head) return;
  head.observed = `${resultText(result)} (${accesses} accesses)`;
}

function lineOf(entry: LogEntry, step: number, view: DeviceView): TraceLine {
  switch (entry.kind) {
    case 'read':
      return { step, operation: `read ${nameOf(entry, view)}`, observed: hex(Number(entry.value)) };
    case 'write':
      return { step, operation: `write ${nameOf(entry, view)} ${hex(Number(entry.value))}` };
    case 'interrupt':
      return { step, operation: `interrupt: ${interruptText(entry.interrupt)}` };
    case 'astray':
      return { step, operation: `goes astray: ${interruptText(entry.interrupt)}` };
    case 'idle':
      return { step, operation: 'the driver waits, and nothing will come' };
    case 'used':
      return { step, operation: `the device uses buffers of queue ${entry.queue}: used index ${entry.index}` };
    case 'device':
      return { step, operation: DEVICE[entry.what] };
    case 'task':
      return { step, operation: `asked to ${taskText(entry.task)}` };
    case 'result':
      return { step, operation: `${taskText(entry.task)}:`, observed: resultText(entry.result) };
  }
}

const DEVICE = {
  config: 'the configuration changes',
  'needs-reset': 'the device needs a reset',
  spurious: 'a message without work',
};

function nameOf({ offset, width }: LogEntry & { kind: 'read' | 'write' }, view: DeviceView): string {
  const name = view.name(offset);
  return width === 32 ? name : `${name} (${width} bits)`;
}

function interruptText(interrupt: Interrupt): string {
  if (interrupt.kind === 'line') return `line ${interrupt.level === 1 ? 'high' : 'low'}`;
  const { address, data } = interrupt;
  return `message to 0x${BigInt(address).toString(16)} data ${hex(data)}`;
}

export function taskText(task: Task): string {
  return 'count' in task ? `${task.do} ${task.count}` : task.do;
}

function resultText(result: TaskResult): string {
  switch (result.outcome) {
    case 'done': {
      const { interrupts, count, bytes } = result;
      const more = interrupts ?? (count === undefined ? undefined : String(count));
      const text = more ?? (bytes && Buffer.from(bytes).toString('hex').slice(0, 32));
      return text === undefined ? 'done' : `done, ${text}`;
    }
    case 'gave-up':
      return `given up: ${result.why}`;
    case 'stuck':
      return `stuck: ${result.why}`;
    case 'unsupported':
      return 'the driver has no such operation';
  }
}
