import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FileRam } from '../../../harness/driver/qemu/file-ram.ts';
import { type Memory, OutsideMemory, Ram } from '../../../reference-device/memory.ts';

const BASE = 0x40000000;
const SIZE = 256;
let directory = '';
let file: FileRam;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ram-'));
  file = new FileRam(join(directory, 'ram'), BASE, SIZE);
});

afterEach(() => {
  file.close();
  rmSync(directory, { recursive: true, force: true });
});

type Use = (memory: Memory) => unknown;

const address = fc.integer({ min: BASE - 8, max: BASE + SIZE + 8 });
const length = fc.integer({ min: 0, max: 40 });
const uses: fc.Arbitrary<Use> = fc.oneof(
  fc.tuple(address, length).map(
    ([at, count]): Use =>
      (memory) => [...memory.read(at, count)],
  ),
  fc.tuple(address, fc.uint8Array({ maxLength: 40 })).map(
    ([at, bytes]): Use =>
      (memory) =>
        memory.write(at, bytes),
  ),
  fc.tuple(address, fc.constantFrom(1, 2, 4, 8)).map(
    ([at, size]): Use =>
      (memory) =>
        memory.load(at, size),
  ),
  fc.tuple(address, fc.constantFrom(1, 2, 4), fc.integer({ min: 0, max: 0xffffffff })).map(
    ([at, size, value]): Use =>
      (memory) =>
        memory.store(at, size, value),
  ),
  fc.tuple(address, length, fc.integer({ min: 0, max: 255 })).map(
    ([at, count, value]): Use =>
      (memory) =>
        memory.fill(at, count, value),
  ),
  fc.tuple(address, length).map(
    ([at, count]): Use =>
      (memory) =>
        memory.check(at, count),
  ),
);

function outcome(use: Use, memory: Memory): unknown {
  try {
    return use(memory);
  } catch (error) {
    return error instanceof OutsideMemory ? error.message : error;
  }
}

it('is memory as that of this process is, and what is in it is in the file', () => {
  fc.assert(
    fc.property(fc.array(uses), (all) => {
      const ram = new Ram(BASE, SIZE);
      file.fill(BASE, SIZE, 0);
      for (const use of all) expect(outcome(use, file)).toEqual(outcome(use, ram));
      expect(readFileSync(join(directory, 'ram'))).toEqual(Buffer.from(ram.read(BASE, SIZE)));
    }),
    { numRuns: 200, seed: 1 },
  );
});
