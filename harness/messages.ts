/** Messages that the interrupt controller behind a device takes, all different from each other. */
import type { Message } from './program.ts';
import type { MessageRules, Range } from './target.ts';

const ADDRESS_STEP = 4;

/** Whether the interrupt controller takes a message to this address. */
export function takesAddress(rules: MessageRules | undefined, { addressLow, addressHigh }: Message): boolean {
  const address = (BigInt(addressHigh) << 32n) | BigInt(addressLow);
  if (!rules?.addresses) return address % BigInt(ADDRESS_STEP) === 0n;
  return rules.addresses.some(({ from, to, step = ADDRESS_STEP }) => {
    return address >= BigInt(from) && address <= BigInt(to) && (address - BigInt(from)) % BigInt(step) === 0n;
  });
}

interface Choice {
  count: number;
  at(index: number): bigint;
}

/** Hands out messages that differ pairwise; where the rules leave room, in every dword. */
export class MessagePool {
  private readonly addresses: Choice;
  private readonly data: Choice;
  private readonly taken = new Set<string>();
  private next = 0;

  constructor(rules: MessageRules | undefined) {
    this.addresses = rules?.addresses ? fromRanges(rules.addresses, ADDRESS_STEP) : anyAddress();
    this.data = rules?.data ? fromRanges(rules.data, 1) : anyData();
  }

  /** How many different messages there are. */
  get size(): number {
    return Math.min(Number.MAX_SAFE_INTEGER, this.addresses.count * this.data.count);
  }

  take(): Message {
    if (this.taken.size >= this.size) this.taken.clear();
    const turn = this.next++;
    for (let shift = 0; ; shift++) {
      const address = this.addresses.at(turn % this.addresses.count);
      const data = this.data.at((turn + shift) % this.data.count);
      const key = `${address}:${data}`;
      if (this.taken.has(key)) {
        if (shift < this.data.count) continue;
        return this.take();
      }
      this.taken.add(key);
      return {
        addressLow: Number(address & 0xffffffffn),
        addressHigh: Number(address >> 32n),
        data: Number(data),
      };
    }
  }
}

function fromRanges(ranges: readonly Range[], step: number): Choice {
  const parts = ranges.map((range) => {
    const by = BigInt(range.step ?? step);
    const from = BigInt(range.from);
    return { from, by, count: Number((BigInt(range.to) - from) / by) + 1 };
  });
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  return {
    count,
    at(index) {
      let rest = index;
      for (const { from, by, count: size } of parts) {
        if (rest < size) return from + BigInt(rest) * by;
        rest -= size;
      }
      return parts[0]?.from ?? 0n;
    },
  };
}

/** Without rules every bit of address and data is used, so that one that is dropped shows. */
function anyAddress(): Choice {
  const count = 0x10000;
  return {
    count,
    at(index) {
      const mixed = scramble(index + 1);
      const low = (BigInt(mixed) & 0xffff0000n) | ((BigInt(index) << 2n) & 0xfffcn);
      return (BigInt(scramble(mixed)) << 32n) | low;
    },
  };
}

function anyData(): Choice {
  const count = 0x10000;
  return { count, at: (index) => BigInt(((scramble(index + 0x5eed) & 0xffff0000) | (index & 0xffff)) >>> 0) };
}

/** A fixed mixing of 32 bits; not random, only well spread. */
function scramble(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x45d9f3b);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
