/** The lines that a driver sends (docs/driver-protocol.md), and the lines that it is answered. */
import type { Interrupt, Width } from '../../target.ts';
import { Nonsense, parseNumber } from '../../targets/line-codec.ts';
import type { InterruptsUsed, Message, Task, TaskName, TaskResult } from '../api.ts';

/** What a driver says of itself. */
export interface DriverGreeting {
  name?: string;
  version?: string;
  layout?: string;
}

export type DriverRequest =
  | { kind: 'hello'; greeting: DriverGreeting }
  | { kind: 'read'; offset: number; width: Width }
  | { kind: 'write'; offset: number; width: Width; value: number | bigint }
  | { kind: 'memory-read'; address: number; length: number }
  | { kind: 'memory-write'; address: number; bytes: Uint8Array }
  | { kind: 'message' }
  | { kind: 'wait' }
  | { kind: 'next' }
  | { kind: 'result'; words: string; outcome: 'done' | 'gave-up' | 'stuck' | 'unsupported' };

export const DRIVER_PROTOCOL_VERSION = 1;

const GREETING_KEYS = ['name', 'version', 'layout'] as const;
const WIDTHS: readonly number[] = [8, 16, 32, 64];

/** @throws Nonsense for a line that is no request */
export function parseRequest(line: string): DriverRequest {
  const space = line.indexOf(' ');
  const word = space < 0 ? line : line.slice(0, space);
  const rest = space < 0 ? '' : line.slice(space + 1);
  const access = /^([rw])(\d+)$/.exec(word);
  if (access && WIDTHS.includes(Number(access[2])))
    return parseAccess(access[1] as 'r' | 'w', Number(access[2]) as Width, rest);
  switch (word) {
    case 'hello':
      return { kind: 'hello', greeting: parseGreeting(rest) };
    case 'mr': {
      const [address, length] = words(rest, 2, 'ADDRESS and LENGTH');
      return { kind: 'memory-read', address: place(address), length: place(length) };
    }
    case 'mw': {
      const [address, bytes] = words(rest, 2, 'ADDRESS and BYTES');
      return { kind: 'memory-write', address: place(address), bytes: parseBytes(bytes) };
    }
    case 'message':
    case 'wait':
    case 'next':
      words(rest, 0, 'nothing');
      return { kind: word };
    case 'unsupported':
      words(rest, 0, 'nothing');
      return { kind: 'result', outcome: word, words: '' };
    case 'done':
    case 'gave-up':
    case 'stuck':
      return { kind: 'result', outcome: word, words: rest };
  }
  throw new Nonsense(`'${word.slice(0, 40)}' is no request`);
}

function parseAccess(kind: 'r' | 'w', width: Width, rest: string): DriverRequest {
  if (kind === 'r') {
    const [offset] = words(rest, 1, 'OFFSET');
    return { kind: 'read', width, offset: place(offset) };
  }
  const [offset, value = ''] = words(rest, 2, 'OFFSET and VALUE');
  return { kind: 'write', width, offset: place(offset), value: parseNumber(value, width) };
}

function words(rest: string, count: number, what: string): string[] {
  const found = rest === '' ? [] : rest.split(' ');
  if (found.length !== count || found.includes('')) throw new Nonsense(`${what} was expected behind it`);
  return found;
}

/** An offset, address or length; beyond 2^53 it is nowhere. */
function place(word = ''): number {
  return Number(parseNumber(word));
}

/** @throws Nonsense for what is no even number of hexadecimal digits; `-` is no bytes */
function parseBytes(word = ''): Uint8Array {
  if (word === '-') return new Uint8Array(0);
  if (word.length % 2 !== 0 || !/^[0-9a-fA-F]+$/.test(word)) {
    throw new Nonsense('bytes are hexadecimal digits, two a byte, or -');
  }
  return new Uint8Array(Buffer.from(word, 'hex'));
}

function parseGreeting(rest: string): DriverGreeting {
  const [version, ...more] = rest.split(' ').filter((word) => word !== '');
  if (version !== String(DRIVER_PROTOCOL_VERSION)) {
    throw new Nonsense(`version ${version ?? '(none)'} of the protocol; this suite speaks ${DRIVER_PROTOCOL_VERSION}`);
  }
  const greeting: DriverGreeting = {};
  for (const word of more) {
    const [key, value] = [word.split('=', 1)[0] ?? '', word.slice(word.indexOf('=') + 1)];
    if (key.startsWith('x-')) continue;
    const known = GREETING_KEYS.find((one) => one === key && word.includes('='));
    if (known === undefined) throw new Nonsense(`'${word}' is not known: a driver says ${GREETING_KEYS.join('=, ')}=`);
    try {
      greeting[known] = decodeURIComponent(value);
    } catch {
      throw new Nonsense(`'${word}': a percent sign must be written %25`);
    }
  }
  return greeting;
}

const COUNTED: readonly TaskName[] = ['transfer', 'collect', 'notice'];
const INTERRUPTS: readonly string[] = ['msi', 'line', 'polling'];

/** What the driver says of a task. @throws Nonsense for what says nothing of this one */
export function parseResult(request: DriverRequest & { kind: 'result' }, task: Task): TaskResult {
  const { outcome, words: said } = request;
  switch (outcome) {
    case 'unsupported':
      return { outcome };
    case 'gave-up':
      return { outcome, why: said || 'no reason given' };
    case 'stuck': {
      const [count = '', ...why] = said.split(' ');
      return { outcome, count: place(count), why: why.join(' ') || 'no reason given' };
    }
    case 'done':
      return parseDone(said, task);
  }
}

function parseDone(said: string, task: Task): TaskResult {
  if (task.do === 'start') {
    if (!INTERRUPTS.includes(said)) throw new Nonsense(`'done' of start says msi, line or polling`);
    return { outcome: 'done', interrupts: said as InterruptsUsed };
  }
  if (COUNTED.includes(task.do)) {
    if (said === '') throw new Nonsense(`'done' of ${task.do} says how many`);
    return { outcome: 'done', count: place(said) };
  }
  if (task.do === 'submit' && said !== '') return { outcome: 'done', count: place(said) };
  if (task.do === 'configuration') return { outcome: 'done', bytes: parseBytes(said) };
  if (said !== '') throw new Nonsense(`'done' of ${task.do} says nothing more`);
  return { outcome: 'done' };
}

// --- answers ---

export const hexadecimal = (value: number | bigint): string => `0x${value.toString(16)}`;

export function bytesText(bytes: Uint8Array): string {
  const { buffer, byteOffset, byteLength } = bytes;
  return byteLength === 0 ? '-' : Buffer.from(buffer, byteOffset, byteLength).toString('hex');
}

export function messageText({ address, data }: Message): string {
  return `${hexadecimal(address)} ${hexadecimal(data)}`;
}

export function interruptText(interrupt: Interrupt | undefined): string {
  if (!interrupt) return 'none';
  if (interrupt.kind === 'line') return `l:${interrupt.level}`;
  return `m:${hexadecimal(interrupt.address)}:${hexadecimal(interrupt.data)}`;
}

export function taskText(task: Task | undefined): string {
  if (!task) return 'end';
  return 'count' in task ? `${task.do} ${task.count}` : task.do;
}
