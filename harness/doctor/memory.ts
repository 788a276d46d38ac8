/** Guest memory by itself: does it keep what is written, where it is written. */
import type { Check } from '../doctor.ts';
import { hex } from '../program.ts';
import { littleEndian } from '../queue-memory.ts';
import { type Consultation, Found, Skipped, show } from './consultation.ts';

/** Bytes written at each place. */
const SAMPLE = 16;

export const MEMORY_CHECKS: Check[] = [
  { id: 'memory', title: 'Guest memory keeps what is written', run: keeps },
  { id: 'memory-bytes', title: 'Guest memory is written byte by byte', run: bytewise },
];

async function keeps({ adapter: { memory } }: Consultation): Promise<string> {
  if (!memory) throw new Skipped('the adapter gives no guest memory');
  const places = placesIn(memory.base, memory.size);
  for (const address of places) await memory.write(address, sampleFor(address));
  for (const address of places) {
    const read: unknown = await memory.read(address, SAMPLE);
    if (!(read instanceof Uint8Array) || read.length !== SAMPLE) {
      const what = read instanceof Uint8Array ? `${read.length} bytes` : show(read);
      throw new Found(`memory.read answered ${what} where ${SAMPLE} bytes at ${hex(address)} were asked for`);
    }
    if (same(read, sampleFor(address))) continue;
    const other = places.find((candidate) => candidate !== address && same(read, sampleFor(candidate)));
    if (other !== undefined) {
      throw new Found(
        `guest memory at ${hex(address)} holds what was written at ${hex(other)}: two addresses are one place`,
        'is memory.size what the memory really has?',
      );
    }
    throw new Found(
      `guest memory at ${hex(address)} does not hold what was written there`,
      'are memory.base and memory.size those of memory that both the adapter and the device reach?',
    );
  }
  return `${hex(memory.size)} bytes at ${hex(memory.base)}, both ends and ${places.length - 2} places between`;
}

async function bytewise({ adapter: { memory } }: Consultation): Promise<string> {
  if (!memory) throw new Skipped('the adapter gives no guest memory');
  const { base } = memory;
  const bytes = new Uint8Array(SAMPLE).map((_, index) => 0x10 + index);
  await memory.write(base, bytes);
  await memory.write(base + 3, Uint8Array.of(0xee));
  bytes[3] = 0xee;
  const read = await memory.read(base, SAMPLE);
  if (!same(read, bytes))
    throw new Found(`a write of one byte to guest memory at ${hex(base + 3)} changed others, or not that one`);
  const part = await memory.read(base + 1, 5);
  if (!same(part, bytes.subarray(1, 6)))
    throw new Found(`memory.read of 5 bytes at ${hex(base + 1)} answered other bytes`);
  return 'single bytes and odd addresses';
}

/** Both ends, and each power of two between, where a wrong size or a dropped address bit shows. */
function placesIn(base: number, size: number): number[] {
  const places = [base, base + size - SAMPLE];
  for (let step = SAMPLE; step + SAMPLE < size - SAMPLE; step *= 2) places.push(base + step);
  return places;
}

/** Differs for each address. */
function sampleFor(address: number): Uint8Array {
  const sample = new Uint8Array(SAMPLE).fill(0xc3);
  sample.set(littleEndian(address, 8), 4);
  return sample;
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
