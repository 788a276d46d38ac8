/** Our end of the bridge: accesses come in one at a time, and are answered; the packets are those of bridge.c. */
import type { Socket } from 'node:net';
import type { Interrupt, Width } from '../../target.ts';

export type GuestAccess =
  | { kind: 'read'; offset: number; width: Width }
  | { kind: 'write'; offset: number; width: Width; value: bigint };

/** What comes of an access: what is read, and what reaches the guest's interrupt controller before it goes on. */
export interface GuestAnswer {
  value: number | bigint;
  interrupts: readonly Interrupt[];
}

export interface BridgeEvents {
  /** The machine is built, and its memory mapped. */
  hello(): void;
  /** @returns undefined where the guest is to wait for ever: it is about to end */
  access(access: GuestAccess): GuestAnswer | undefined;
  /** What came is no packet. */
  nonsense(what: string): void;
}

const PACKET = { bytes: 24, size: 1, address: 8, value: 16 };
const [HELLO, READ, WRITE, ANSWER, LINE, MESSAGE] = [...'HRWALM'].map((letter) => letter.charCodeAt(0));

export function serveBridge(socket: Socket, events: BridgeEvents): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (; rest.length >= PACKET.bytes; rest = rest.subarray(PACKET.bytes)) take(socket, rest, events);
  });
}

function take(socket: Socket, packet: Buffer, events: BridgeEvents): void {
  const op = packet[0];
  if (op === HELLO) {
    events.hello();
    return;
  }
  const width = (packet[PACKET.size] ?? 0) * 8;
  if ((op !== READ && op !== WRITE) || (width !== 8 && width !== 16 && width !== 32 && width !== 64)) {
    events.nonsense(packet.toString('hex', 0, PACKET.bytes));
    return;
  }
  const offset = Number(packet.readBigUInt64LE(PACKET.address));
  const value = packet.readBigUInt64LE(PACKET.value);
  const access =
    op === READ ? { kind: 'read' as const, offset, width } : { kind: 'write' as const, offset, width, value };
  const answer = events.access(access as GuestAccess);
  if (!answer) return;
  socket.write(
    Buffer.concat([...answer.interrupts.map(packetOf), makePacket(ANSWER as number, 0n, BigInt(answer.value))]),
  );
}

function packetOf(interrupt: Interrupt): Buffer {
  return interrupt.kind === 'line'
    ? makePacket(LINE as number, 0n, BigInt(interrupt.level))
    : makePacket(MESSAGE as number, BigInt(interrupt.address), BigInt(interrupt.data));
}

function makePacket(op: number, address: bigint, value: bigint): Buffer {
  const packet = Buffer.alloc(PACKET.bytes);
  packet[0] = op;
  packet.writeBigUInt64LE(address, PACKET.address);
  packet.writeBigUInt64LE(value, PACKET.value);
  return packet;
}
