/** Checks what an adapter says about itself, whether it is a module's object or the greeting of a line device. */

import type { Layout } from '../../spec/layout.ts';
import { nearest } from '../../spec/suggest.ts';
import { type Adapter, type Range, TargetConfigurationError } from '../target.ts';

const METHODS = ['powerCycle', 'raise', 'interrupts', 'settle', 'batch', 'close'] as const;
const OPTIONAL = [
  ...METHODS,
  ...(['name', 'version', 'layout', 'regionSize', 'configSize', 'messages', 'captures', 'events', 'memory'] as const),
];
const CAPTURES = ['message', 'line'];
const EVENTS = ['queue', 'config', 'needs-reset'];
/** What memory and addresses are aligned to, as the adapter interface documents it. */
const MEMORY_ALIGNMENT = 4096;
const ADDRESS_ALIGNMENT = 4n;
/** The region ends on a whole register. */
const REGION_ALIGNMENT = 4;

type Unknowns = Record<string, unknown>;

/**
 * @param where what is being checked, e.g. the module's path; every message begins with it
 * @throws TargetConfigurationError naming the property, what is wrong with it and what to do
 */
export function validateAdapter(value: unknown, where: string, layout: Layout): asserts value is Adapter {
  if (typeof value !== 'object' || value === null) {
    throw new TargetConfigurationError(
      `${where}: expected an adapter, found ${describe(value)}`,
      'an adapter is an object with at least read(offset, width) and write(offset, width, value)',
    );
  }
  const adapter = value as Unknowns;
  const fail = (property: string, problem: string, hint?: string): never => {
    throw new TargetConfigurationError(`${where}: ${property}: ${problem}`, hint);
  };
  const read = 'read(offset, width) returns the register, an unsigned number';
  const write = 'write(offset, width, value) writes the register';
  if (typeof adapter.read !== 'function') fail('read', `expected a function, found ${describe(adapter.read)}`, read);
  if (typeof adapter.write !== 'function')
    fail('write', `expected a function, found ${describe(adapter.write)}`, write);
  checkSpelling(adapter, fail);
  for (const name of METHODS) {
    if (adapter[name] !== undefined && typeof adapter[name] !== 'function') {
      fail(name, `expected a function, found ${describe(adapter[name])}`, `leave ${name} out if there is none`);
    }
  }
  for (const name of ['name', 'version', 'layout']) {
    if (adapter[name] !== undefined && typeof adapter[name] !== 'string') {
      fail(name, `expected a string, found ${describe(adapter[name])}`);
    }
  }
  checkSizes(adapter, layout, fail);
  checkMessages(adapter.messages, fail);
  checkList(adapter, 'captures', 'interrupts', CAPTURES, fail);
  checkList(adapter, 'events', 'raise', EVENTS, fail);
  checkMemory(adapter.memory, fail);
}

type Fail = (property: string, problem: string, hint?: string) => never;

/** `powercycle` or `region_size` would silently narrow what is tested. */
function checkSpelling(adapter: Unknowns, fail: Fail): void {
  const bare = (name: string) => name.replaceAll(/[_-]/g, '').toLowerCase();
  for (const name of Object.keys(adapter)) {
    const meant = OPTIONAL.find((known) => known !== name && bare(known) === bare(name));
    if (meant) fail(name, 'is not a property of an adapter', `did you mean '${meant}'?`);
  }
}

function checkSizes(adapter: Unknowns, layout: Layout, fail: Fail): void {
  const config = layout.data.config.offset;
  const { regionSize, configSize } = adapter;
  if (configSize !== undefined && !isCount(configSize)) {
    fail('configSize', `expected a number of bytes, found ${describe(configSize)}`);
  }
  if (regionSize === undefined) return;
  if (!isCount(regionSize) || regionSize === 0 || regionSize % REGION_ALIGNMENT !== 0) {
    fail('regionSize', `expected a positive number of bytes, a multiple of 4, found ${describe(regionSize)}`);
  }
  const needed = config + (isCount(configSize) ? configSize : 0);
  if ((regionSize as number) < needed) {
    fail(
      'regionSize',
      `${regionSize} bytes do not hold the registers and the configuration space, which take ${needed}`,
      'regionSize counts from the base of the device, and covers its tables too; the default is 64 KiB',
    );
  }
}

function checkMessages(messages: unknown, fail: Fail): void {
  if (messages === undefined) return;
  if (typeof messages !== 'object' || messages === null) {
    fail('messages', `expected an object with addresses and data, found ${describe(messages)}`);
  }
  const { addresses, data } = messages as Unknowns;
  checkRanges(addresses, 'messages.addresses', ADDRESS_ALIGNMENT, 64n, fail);
  checkRanges(data, 'messages.data', 1n, 32n, fail);
}

function checkRanges(ranges: unknown, property: string, alignment: bigint, bits: bigint, fail: Fail): void {
  if (ranges === undefined) return;
  const example = 'for example [{ from: 0xfee00000, to: 0xfeefffff }]';
  if (!Array.isArray(ranges)) fail(property, `expected a list of ranges, found ${describe(ranges)}`, example);
  const list = ranges as unknown[];
  if (list.length === 0) fail(property, 'an empty list allows no message at all', 'leave it out to allow all');
  for (const [index, range] of list.entries()) {
    const at = `${property}[${index}]`;
    if (typeof range !== 'object' || range === null) fail(at, `expected { from, to }, found ${describe(range)}`);
    const { from, to, step } = range as Unknowns;
    for (const [name, bound] of Object.entries({ from, to, step: step ?? 1 })) {
      if (!isUnsigned(bound)) fail(`${at}.${name}`, `expected an unsigned integer, found ${describe(bound)}`, example);
    }
    const bounds = range as Range;
    if (BigInt(bounds.from) > BigInt(bounds.to)) fail(at, `from ${show(bounds.from)} is above to ${show(bounds.to)}`);
    if (BigInt(bounds.to) >> bits) fail(`${at}.to`, `${show(bounds.to)} does not fit ${bits} bits`);
    if (bounds.step !== undefined && BigInt(bounds.step) === 0n) fail(`${at}.step`, 'a step of 0 goes nowhere');
    for (const [name, bound] of Object.entries({ from: bounds.from, step: bounds.step ?? alignment })) {
      if (BigInt(bound) % alignment !== 0n) {
        fail(
          `${at}.${name}`,
          `${show(bound)} is not ${alignment}-byte aligned`,
          'message addresses are 4-byte aligned',
        );
      }
    }
  }
}

/** A list that says what a method can do must come with the method, and the method with the list. */
function checkList(adapter: Unknowns, property: string, method: string, known: string[], fail: Fail): void {
  const list = adapter[property];
  const choices = `a list of ${known.map((word) => `'${word}'`).join(', ')}`;
  if (list === undefined) {
    if (adapter[method] !== undefined) fail(property, `missing, but ${method} is there`, `add ${property}: ${choices}`);
    return;
  }
  if (adapter[method] === undefined) {
    fail(property, `says what ${method} can do, but there is no ${method}`, `add ${method}() or leave ${property} out`);
  }
  if (!Array.isArray(list)) fail(property, `expected ${choices}, found ${describe(list)}`);
  const words = list as unknown[];
  if (words.length === 0) fail(property, 'is empty', `leave ${property} and ${method} out if there is nothing`);
  for (const [index, word] of words.entries()) {
    if (typeof word === 'string' && known.includes(word)) continue;
    const meant = typeof word === 'string' ? nearest(word, known) : undefined;
    fail(
      `${property}[${index}]`,
      `expected one of ${known.join(', ')}, found ${describe(word)}`,
      meant === undefined ? undefined : `did you mean '${meant}'?`,
    );
  }
}

function checkMemory(memory: unknown, fail: Fail): void {
  if (memory === undefined) return;
  const hint = 'memory is { base, size, read(address, length), write(address, bytes) }';
  if (typeof memory !== 'object' || memory === null) {
    fail('memory', `expected an object, found ${describe(memory)}`, hint);
  }
  const { base, size, read, write } = memory as Unknowns;
  if (!isCount(base)) fail('memory.base', `expected an address, found ${describe(base)}`, hint);
  if ((base as number) % MEMORY_ALIGNMENT !== 0) {
    fail(
      'memory.base',
      `${show(base as number)} is not ${MEMORY_ALIGNMENT}-byte aligned`,
      'queues are laid out from it',
    );
  }
  if (!isCount(size) || size < MEMORY_ALIGNMENT) {
    fail(
      'memory.size',
      `expected at least ${MEMORY_ALIGNMENT} bytes, found ${describe(size)}`,
      '64 KiB a queue is plenty',
    );
  }
  if (!Number.isSafeInteger((base as number) + (size as number))) fail('memory.size', 'base + size is beyond 2^53');
  if (typeof read !== 'function') fail('memory.read', `expected a function, found ${describe(read)}`, hint);
  if (typeof write !== 'function') fail('memory.write', `expected a function, found ${describe(write)}`, hint);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isUnsigned(value: unknown): value is number | bigint {
  return typeof value === 'bigint' ? value >= 0n : isCount(value);
}

function show(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}

/** What a value is, in a word or two. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'function') return value.name ? `the function ${value.name}` : 'a function';
  if (typeof value === 'object') return 'an object';
  return String(value);
}
