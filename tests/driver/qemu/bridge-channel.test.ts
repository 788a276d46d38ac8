import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { expect, it } from 'vitest';
import { type GuestAccess, type GuestAnswer, serveBridge } from '../../../harness/driver/qemu/bridge-channel.ts';

/** A packet as bridge.c lays it out. */
function packet(op: string, size: number, address: bigint, value: bigint): Buffer {
  const bytes = Buffer.alloc(24);
  bytes.write(op, 0, 'latin1');
  bytes[1] = size;
  bytes.writeBigUInt64LE(address, 8);
  bytes.writeBigUInt64LE(value, 16);
  return bytes;
}

/** What is made of these chunks, and what is answered. */
function served(chunks: readonly Buffer[], answer: GuestAnswer | 'nothing' = { value: 0, interrupts: [] }) {
  const written: Buffer[] = [];
  const seen: (GuestAccess | string)[] = [];
  const socket = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk);
      done();
    },
  });
  serveBridge(socket as Socket, {
    hello: () => seen.push('hello'),
    access: (access) => {
      seen.push(access);
      return answer === 'nothing' ? undefined : answer;
    },
    nonsense: (what) => seen.push(what),
  });
  for (const chunk of chunks) socket.emit('data', chunk);
  return { seen, written: Buffer.concat(written) };
}

it('takes accesses, also in pieces', () => {
  const all = Buffer.concat([
    packet('H', 0, 7n, 2n),
    packet('R', 2, 0x10n, 0n),
    packet('W', 8, 0x70n, 0xffff_ffff_ffff_fffen),
  ]);
  const { seen } = served([all.subarray(0, 30), all.subarray(30, 47), all.subarray(47)]);
  expect(seen).toEqual([
    'hello',
    { kind: 'read', offset: 0x10, width: 16 },
    { kind: 'write', offset: 0x70, width: 64, value: 0xffff_ffff_ffff_fffen },
  ]);
});

it('sends interrupts ahead of the answer', () => {
  const { written } = served([packet('R', 4, 0n, 0n)], {
    value: 0x74726976,
    interrupts: [
      { kind: 'line', level: 1 },
      { kind: 'message', address: 0x1_fee0_0000, data: 0x41 },
    ],
  });
  expect(written).toEqual(
    Buffer.concat([packet('L', 0, 0n, 1n), packet('M', 0, 0x1_fee0_0000n, 0x41n), packet('A', 0, 0n, 0x74726976n)]),
  );
});

it('leaves an access unanswered where the guest is about to end', () => {
  const { seen, written } = served([packet('R', 4, 0n, 0n)], 'nothing');
  expect(seen).toHaveLength(1);
  expect(written).toHaveLength(0);
});

it.each([packet('X', 4, 0n, 0n), packet('R', 3, 0n, 0n)])('calls nonsense what is no packet', (bytes) => {
  expect(served([bytes]).seen).toEqual([bytes.toString('hex')]);
});
