/**
 * One request and one answer of the line protocol (docs/protocol.md) as text.
 *
 * This is the inner loop of every remote run: answers are parsed from the bytes as they came, and only what is not of
 * the usual form is turned into a string.
 */
import type { DeviceEvent, Interrupt, TargetAnswer, TargetOperation, Width } from '../target.ts';

/** What the client sends: an operation, or a line of its own whose answer is taken as it is. */
export type Request = TargetOperation | { kind: 'text'; line: string };

/** The device said `err TEXT`: it will not or cannot serve the request. The connection is still in step. */
export class Refusal extends Error {
  override name = 'Refusal';
}

/** The line is no answer to the request. */
export class Nonsense extends Error {
  override name = 'Nonsense';
}

const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

/** The request as a line without its newline. */
export function encodeRequest(request: Request): string {
  switch (request.kind) {
    case 'read':
      return `r${request.width} ${hex(request.offset)}`;
    case 'write':
      return `w${request.width} ${hex(request.offset)} ${hex(request.value)}`;
    case 'memory-read':
      return `mr ${hex(request.address)} ${request.length}`;
    case 'memory-write': {
      const { buffer, byteOffset, byteLength } = request.bytes;
      return `mw ${hex(request.address)} ${Buffer.from(buffer, byteOffset, byteLength).toString('hex')}`;
    }
    case 'raise':
      return `raise ${eventWords(request.event)}`;
    case 'settle':
      return 'settle';
    case 'interrupts':
      return 'irq';
    case 'power-cycle':
      return 'power-cycle';
    case 'text':
      return request.line;
  }
}

function eventWords(event: DeviceEvent): string {
  return event.source === 'queue' ? `queue ${event.queue}` : event.source;
}

const O = 0x6f;
const K = 0x6b;
const SPACE = 0x20;
const ZERO = 0x30;
const X = 0x78;

/** Value of a hexadecimal digit, or -1. */
const DIGITS = new Int8Array(256).fill(-1);
for (let digit = 0; digit < 16; digit++) {
  DIGITS[digit.toString(16).charCodeAt(0)] = digit;
  DIGITS[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}

/**
 * Parses the answer in `bytes` from `start` up to `end` (no newline, no carriage return).
 *
 * @returns the answer; for a `text` request the whole line
 * @throws Refusal for `err`
 * @throws Nonsense for anything that is no answer to this request
 */
export function parseAnswer(request: Request, bytes: Uint8Array, start: number, end: number): TargetAnswer | string {
  if (request.kind === 'read') {
    const value = quickValue(bytes, start, end, request.width);
    if (value >= 0) return value;
  } else if (end - start === 2 && bytes[start] === O && bytes[start + 1] === K) {
    if (takesNothing(request)) return undefined;
    if (request.kind === 'interrupts') return [];
  }
  return slowAnswer(request, Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8'));
}

function takesNothing(request: Request): boolean {
  const { kind } = request;
  return kind === 'write' || kind === 'memory-write' || kind === 'raise' || kind === 'settle' || kind === 'power-cycle';
}

/** `ok 0x` and up to 8 digits that fit the width; -1 where the line is of another form. */
function quickValue(bytes: Uint8Array, start: number, end: number, width: Width): number {
  const digits = end - start - 5;
  if (digits < 1 || digits > 8 || digits * 4 > width) return -1;
  if (bytes[start] !== O || bytes[start + 1] !== K || bytes[start + 2] !== SPACE) return -1;
  if (bytes[start + 3] !== ZERO || bytes[start + 4] !== X) return -1;
  let value = 0;
  for (let at = start + 5; at < end; at++) {
    const digit = DIGITS[bytes[at] as number] as number;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

function slowAnswer(request: Request, line: string): TargetAnswer | string {
  if (request.kind === 'text') return line;
  if (line === 'err' || line.startsWith('err ')) throw new Refusal(line.slice(4).trim() || 'no reason given');
  if (line !== 'ok' && !line.startsWith('ok ')) throw new Nonsense(`an answer begins with 'ok' or 'err'`);
  const words = line
    .slice(2)
    .split(' ')
    .filter((word) => word !== '');
  if (request.kind === 'interrupts') return words.map(parseInterrupt);
  if (request.kind === 'memory-read') return parseBytes(words, request.length);
  if (request.kind !== 'read') {
    if (words.length > 0) throw new Nonsense(`'ok' alone was expected`);
    return undefined;
  }
  const [word, more] = words;
  if (word === undefined || more !== undefined) throw new Nonsense(`'ok' and one value was expected`);
  return parseNumber(word, request.width);
}

/**
 * An unsigned integer, decimal or `0x` hexadecimal; a bigint where a number would lose bits.
 *
 * @throws Nonsense for any other word and for one of more than `width` bits
 */
export function parseNumber(word: string, width = 64): number | bigint {
  if (!/^(0x[0-9a-fA-F]+|[0-9]+)$/i.test(word)) throw new Nonsense(`'${word}' is no unsigned number`);
  const value = BigInt(word);
  if (value >= 1n << BigInt(width)) throw new Nonsense(`${word} does not fit ${width} bits`);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

function parseBytes(words: string[], length: number): Uint8Array {
  const text = words[0] ?? '';
  if (words.length !== 1 || text.length !== 2 * length) {
    throw new Nonsense(`'ok' and ${length} bytes as ${2 * length} hexadecimal digits were expected`);
  }
  const bytes = Buffer.from(text, 'hex');
  // Buffer.from stops at the first character that is no digit.
  if (bytes.length !== length) throw new Nonsense('the bytes are not hexadecimal');
  return new Uint8Array(bytes);
}

function parseInterrupt(word: string): Interrupt {
  const [kind, first = '', second, more] = word.split(':');
  if (kind === 'm' && second !== undefined && more === undefined) {
    return { kind: 'message', address: parseNumber(first), data: Number(parseNumber(second, 32)) };
  }
  if (word === 'l:0') return { kind: 'line', level: 0 };
  if (word === 'l:1') return { kind: 'line', level: 1 };
  throw new Nonsense(`'${word}' is no interrupt; a message is m:ADDRESS:DATA, the line l:0 or l:1`);
}
