/** The greeting of the line protocol (docs/protocol.md): what a device says about itself. */
import { nearest } from '../../spec/suggest.ts';
import type { EventSource, InterruptKind, Range } from '../target.ts';
import { TargetConfigurationError } from '../target.ts';
import { Nonsense, parseNumber } from './line-codec.ts';

export const PROTOCOL_VERSION = 1;

/** As said; what it means is checked with the adapter that is made of it. */
export interface Greeting {
  name?: string;
  version?: string;
  layout?: string;
  regionSize?: number;
  configSize?: number;
  captures?: InterruptKind[];
  events?: EventSource[];
  memory?: { base: number; size: number };
  messages?: { addresses?: Range[]; data?: Range[] };
  powerCycle: boolean;
  settle: boolean;
}

const KEYS = ['name', 'version', 'layout', 'region', 'config', 'captures', 'events', 'memory', 'addresses', 'data'];
const FLAGS = ['power-cycle', 'settle'];
const HINT = 'the answer to hello is described in docs/protocol.md';

/**
 * @param line the whole answer to `hello`
 * @param where the target, for messages
 * @throws TargetConfigurationError for another version, an unknown key, a value that cannot be
 */
export function parseGreeting(line: string, where: string): Greeting {
  const words = line.split(' ').filter((word) => word !== '');
  const fail = (problem: string, hint = HINT): never => {
    throw new TargetConfigurationError(`${where}: ${problem}`, hint);
  };
  if (words[0] === 'err' && words[1] === 'version') {
    fail(
      `the device speaks version ${words[2] ?? '(unknown)'} of the line protocol, this suite version ${PROTOCOL_VERSION}`,
      'use a device and a suite that fit each other',
    );
  }
  if (words[0] !== 'ok' || words[1] !== String(PROTOCOL_VERSION)) {
    const said = JSON.stringify(line.length > 80 ? `${line.slice(0, 77)}...` : line);
    fail(
      `the answer to 'hello ${PROTOCOL_VERSION}' was ${said}, expected 'ok ${PROTOCOL_VERSION}' and what the device can do`,
    );
  }
  const greeting: Greeting = { powerCycle: false, settle: false };
  const messages: { addresses?: Range[]; data?: Range[] } = {};
  for (const word of words.slice(2)) {
    const equals = word.indexOf('=');
    const key = equals < 0 ? word : word.slice(0, equals);
    if (key.startsWith('x-')) continue;
    const known = equals < 0 ? FLAGS : KEYS;
    if (!known.includes(key)) {
      const meant = nearest(key, [...KEYS, ...FLAGS]);
      fail(`greeting: '${word}' is not known`, meant === undefined ? HINT : `did you mean '${meant}'? ${HINT}`);
    }
    try {
      const value = decodeURIComponent(word.slice(equals + 1));
      if (key === 'addresses' || key === 'data') messages[key] = value.split(',').map(parseRange);
      else take(greeting, key, value);
    } catch (error) {
      const reason = error instanceof Nonsense ? error.message : 'a percent sign must be written %25';
      fail(`greeting: '${word}': ${reason}`);
    }
  }
  if (messages.addresses ?? messages.data) greeting.messages = messages;
  return greeting;
}

function take(greeting: Greeting, key: string, value: string): void {
  switch (key) {
    case 'name':
    case 'version':
    case 'layout':
      greeting[key] = value;
      break;
    case 'region':
      greeting.regionSize = parseSize(value);
      break;
    case 'config':
      greeting.configSize = parseSize(value);
      break;
    // Whether these are words that exist is checked with the whole adapter.
    case 'captures':
      greeting.captures = value.split(',') as InterruptKind[];
      break;
    case 'events':
      greeting.events = value.split(',') as EventSource[];
      break;
    case 'memory': {
      const [base, size, more] = value.split('+');
      if (base === undefined || size === undefined || more !== undefined) throw new Nonsense('expected BASE+SIZE');
      greeting.memory = { base: parseSize(base), size: parseSize(size) };
      break;
    }
    case 'power-cycle':
      greeting.powerCycle = true;
      break;
    case 'settle':
      greeting.settle = true;
      break;
  }
}

function parseSize(word: string): number {
  return Number(parseNumber(word, 53));
}

/** `FROM-TO` or `FROM-TO/STEP`, or one value. */
function parseRange(word: string): Range {
  const [bounds = '', step] = word.split('/');
  const [from = '', to = from] = bounds.split('-');
  const range: Range = { from: parseNumber(from), to: parseNumber(to) };
  return step === undefined ? range : { ...range, step: Number(parseNumber(step, 32)) };
}
