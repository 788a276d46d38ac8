/** What the adapter says of itself, taken by itself. */
import type { Check } from '../doctor.ts';
import { hex } from '../program.ts';
import type { Adapter, Range } from '../target.ts';
import { type Consultation, Found } from './consultation.ts';

const WORD = 4;
const PAGE = 4096;

export const DECLARATION_CHECKS: Check[] = [
  { id: 'declarations', title: 'What the adapter declares is consistent', run: declarations },
];

async function declarations({ adapter, layout }: Consultation): Promise<string> {
  const configAt = layout.data.config.offset;
  const { regionSize, configSize } = adapter;
  if (regionSize !== undefined) {
    if (!isCount(regionSize) || regionSize % WORD !== 0 || regionSize < configAt) {
      throw new Found(
        `regionSize is ${regionSize}; it is a multiple of ${WORD} that covers the registers, at least ${hex(configAt)}`,
      );
    }
  }
  if (configSize !== undefined) {
    if (!isCount(configSize)) throw new Found(`configSize is ${configSize}; it is a number of bytes`);
    if (regionSize !== undefined && configAt + configSize > regionSize) {
      throw new Found(
        `a configuration space of ${configSize} bytes at ${hex(configAt)} does not fit into a region of ${hex(regionSize)} bytes`,
        'one of configSize and regionSize is wrong',
      );
    }
  }
  memoryRange(adapter);
  pairs(adapter);
  for (const range of adapter.messages?.addresses ?? []) messageRange('addresses', range, 64, WORD);
  for (const range of adapter.messages?.data ?? []) messageRange('data', range, 32, 1);
  if (adapter.messages?.addresses?.length === 0 || adapter.messages?.data?.length === 0) {
    throw new Found('messages allows no message at all: a list of ranges is empty');
  }
  return regionSize === undefined
    ? 'no regionSize is given, the default is used'
    : `a region of ${hex(regionSize)} bytes`;
}

function memoryRange({ memory }: Adapter): void {
  if (!memory) return;
  const { base, size } = memory;
  if (!isCount(base) || base % PAGE !== 0) throw new Found(`memory.base is ${base}; it is a multiple of ${PAGE}`);
  if (!isCount(size) || size < PAGE) throw new Found(`memory.size is ${size}; it is ${PAGE} bytes at least`);
  if (!Number.isSafeInteger(base + size)) throw new Found(`memory ends at ${base + size}, too high to be exact`);
}

/** What goes only with something else. */
function pairs({ interrupts, captures, raise, events }: Adapter): void {
  const has = (list: unknown[] | undefined) => list !== undefined && list.length > 0;
  if (interrupts && !has(captures)) {
    throw new Found(
      'the adapter has interrupts() and does not say what it sees',
      "add captures: ['line'] or ['message']",
    );
  }
  if (!interrupts && has(captures)) throw new Found('the adapter declares captures and has no interrupts()');
  if (raise && !has(events)) {
    throw new Found('the adapter has raise() and does not say which events', "add events: ['queue', 'config']");
  }
  if (!raise && has(events)) throw new Found('the adapter declares events and has no raise()');
}

function messageRange(name: string, { from, to, step }: Range, bits: number, align: number): void {
  const text = `messages.${name} has ${from} to ${to}`;
  if ((typeof from === 'number' && !isCount(from)) || (typeof to === 'number' && !isCount(to))) {
    throw new Found(`${text}; bounds are unsigned integers, as bigint where a number is not exact`);
  }
  if (BigInt(from) > BigInt(to)) throw new Found(`${text}; from comes after to`);
  if (BigInt(from) < 0n || BigInt(to) >> BigInt(bits) !== 0n)
    throw new Found(`${text}; that is not within ${bits} bits`);
  if (BigInt(from) % BigInt(align) !== 0n) throw new Found(`${text}; a message goes to a multiple of ${align}`);
  if (step !== undefined && (!isCount(step) || step === 0 || step % align !== 0)) {
    throw new Found(`${text} in steps of ${step}; a step is a positive multiple of ${align}`);
  }
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
