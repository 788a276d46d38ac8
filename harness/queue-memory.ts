/** Where the suite puts a queue's rings and requests in guest memory, and what it writes there. */
import type { ChainLink, Layout, Structure } from '../spec/layout.ts';
import type { Profile } from './profile.ts';
import { ProgramError } from './program.ts';

/** Each part of a queue has a page of its own, so that a device that strays is seen. */
const PART = 0x1000;
const PARTS = { desc: 0, avail: PART, used: 2 * PART, data: 3 * PART };
/** Bytes of guest memory for one queue. */
export const QUEUE_STRIDE = 4 * PART;
/** Entries of a ring at most: enough for the largest burst, and quick to write. */
const RING_SIZE = 16;
/** Where rings are said to be for a device whose guest memory the suite does not reach. */
const UNREACHED_BASE = 0x100000;

export interface QueuePlan {
  queue: number;
  /** Entries of the ring, a power of two, at most QueueSizeMax. */
  size: number;
  /** Requests that fit into the ring at once; 0 where none does. */
  slots: number;
  /** Descriptors of one request. */
  links: { address: number; length: number; deviceWrites: boolean; fill?: Uint8Array }[][];
  desc: number;
  avail: number;
  used: number;
}

/** How many queues have room in the guest memory of the adapter. */
export function queuesWithMemory(profile: Profile, memory: { base: number; size: number } | undefined): number {
  return memory ? Math.min(profile.queues.length, Math.floor(memory.size / QUEUE_STRIDE)) : profile.queues.length;
}

export function planQueue(profile: Profile, queue: number, memoryBase: number | undefined): QueuePlan {
  const base = (memoryBase ?? UNREACHED_BASE) + queue * QUEUE_STRIDE;
  // Queues differ in size, so that one that takes another's is seen at its end.
  const most = Math.max(1, Math.min(RING_SIZE, profile.queues[queue] ?? 1));
  // A split ring's size is a power of two; QueueSizeMax need not be one.
  const largest = 2 ** Math.floor(Math.log2(most));
  const needed = profile.deviceType?.chain.length ?? 1;
  const size = queue % 2 === 1 && largest / 2 >= needed ? largest / 2 : largest;
  const chain = fitChain(profile.deviceType?.chain ?? [], size);
  const slots = chain.length === 0 ? 0 : Math.floor(size / chain.length);
  let data = base + PARTS.data;
  const links = Array.from({ length: slots }, () =>
    chain.map((link) => {
      const length = lengthOf(link);
      const address = data;
      data += Math.ceil(length / 16) * 16;
      const deviceWrites = 'in' in link;
      return {
        address,
        length,
        deviceWrites,
        ...('out' in link ? { fill: typeof link.out === 'string' ? fromHex(link.out) : new Uint8Array(length) } : {}),
      };
    }),
  );
  return { queue, size, slots, links, desc: base, avail: base + PARTS.avail, used: base + PARTS.used };
}

/** Merges what the device writes into one buffer where the ring is too short for the chain (framing is free). */
export function fitChain(chain: ChainLink[], size: number): ChainLink[] {
  if (chain.length <= size) return chain;
  const out = chain.filter((link) => 'out' in link);
  const length = chain.reduce((sum, link) => sum + ('in' in link ? link.in : 0), 0);
  const merged: ChainLink[] = length > 0 ? [...out, { in: length }] : out;
  return merged.length <= size ? merged : [];
}

/** Bytes of one buffer. */
export function lengthOf(link: ChainLink): number {
  if ('in' in link) return link.in;
  return typeof link.out === 'string' ? link.out.length / 2 : link.out;
}

export function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Little-endian bytes of an unsigned integer. */
export function littleEndian(value: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let rest = value;
  for (let i = 0; i < size; i++) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

export function fromLittleEndian(bytes: Uint8Array): number {
  let value = 0;
  for (let i = bytes.length - 1; i >= 0; i--) value = value * 256 + (bytes[i] ?? 0);
  return value;
}

interface Contents {
  address: number;
  bytes: Uint8Array;
}

/** By plan, for the one layout that it was made for; nobody writes to the bytes. */
const fresh = new WeakMap<QueuePlan, Contents[]>();

/** What a fresh queue holds: descriptors of every slot, empty rings, the contents that requests send. */
export function initialMemory(plan: QueuePlan, layout: Layout): readonly Contents[] {
  let contents = fresh.get(plan);
  if (!contents) {
    contents = layOut(plan, layout);
    fresh.set(plan, contents);
  }
  return contents;
}

function layOut(plan: QueuePlan, layout: Layout): Contents[] {
  const desc = layout.structure('virtq_desc');
  const rowSize = desc.size ?? 0;
  const table = new Uint8Array(plan.size * rowSize);
  const put = (row: number, name: string, value: number) => {
    const [offset, size] = fieldOf(desc, name);
    table.set(littleEndian(value, size), row * rowSize + offset);
  };
  const next = layout.constant('VIRTQ_DESC_F_NEXT');
  const write = layout.constant('VIRTQ_DESC_F_WRITE');
  const fills: Contents[] = [];
  plan.links.forEach((chain, slot) => {
    chain.forEach((link, index) => {
      const row = slot * chain.length + index;
      const last = index === chain.length - 1;
      put(row, 'addr', link.address);
      put(row, 'len', link.length);
      put(row, 'flags', (link.deviceWrites ? write : 0) + (last ? 0 : next));
      put(row, 'next', last ? 0 : row + 1);
      if (link.fill) fills.push({ address: link.address, bytes: link.fill });
    });
  });
  return [
    { address: plan.desc, bytes: table },
    { address: plan.avail, bytes: new Uint8Array(ringLength(layout.structure('virtq_avail'), plan.size)) },
    { address: plan.used, bytes: new Uint8Array(ringLength(layout.structure('virtq_used'), plan.size)) },
    ...fills,
  ];
}

/** A ring with the 16-bit event word at its end. */
function ringLength(ring: Structure, size: number): number {
  return (ring.array?.offset ?? 0) + size * (ring.array?.stride ?? 0) + 2;
}

export function fieldOf(structure: Structure, name: string): [offset: number, size: number] {
  const field = structure.fields[name];
  if (!field) throw new ProgramError(`structure ${structure.name} has no field '${name}'`);
  return field;
}

const MEMORY_PLACE =
  /^queue\[(?<queue>\d+)\]\.(?<part>desc|avail|used)(?:\[(?<row>\d+)\])?\.(?<field>\w+)(?:\[(?<index>\d+)\])?(?:\.(?<inner>\w+))?$/;

export interface MemoryPlace {
  queue: number;
  address: number;
  size: number;
  /** `avail.flags`, `used.idx`, ... */
  what: string;
}

/** By the plans of a device, and by text. */
const resolved = new WeakMap<readonly QueuePlan[], Map<string, MemoryPlace>>();

/** Resolves `queue[0].used.idx`, `queue[1].avail.ring[2]`, `queue[0].desc[3].len`. @throws ProgramError */
export function resolveMemoryPlace(text: string, plans: readonly QueuePlan[], layout: Layout): MemoryPlace {
  let places = resolved.get(plans);
  if (!places) {
    places = new Map();
    resolved.set(plans, places);
  }
  let place = places.get(text);
  if (!place) {
    place = parseMemoryPlace(text, plans, layout);
    places.set(text, place);
  }
  return place;
}

function parseMemoryPlace(text: string, plans: readonly QueuePlan[], layout: Layout): MemoryPlace {
  const groups = MEMORY_PLACE.exec(text)?.groups;
  if (!groups) throw new ProgramError(`memory place '${text}' is not understood; try queue[0].used.idx`);
  const { part = '', field = '', row, index, inner } = groups;
  const queue = Number(groups.queue);
  const plan = plans[queue];
  if (!plan) throw new ProgramError(`memory place '${text}': the device has no queue ${queue}`);
  const structure = layout.structure(`virtq_${part}`);
  let address = plan[part as 'desc' | 'avail' | 'used'];
  if (row !== undefined) address += Number(row) * (structure.size ?? 0);
  if (index !== undefined) {
    const { array } = structure;
    const [offset, size] = array?.fields[inner ?? 'id'] ?? [];
    if (array?.name !== field || offset === undefined || size === undefined) {
      throw new ProgramError(`memory place '${text}': ${structure.name} has no such array`);
    }
    address += array.offset + Number(index) * array.stride + offset;
    return { queue, address, size, what: `${part}.${field}` };
  }
  const [offset, size] = fieldOf(structure, field);
  return { queue, address: address + offset, size, what: `${part}.${field}` };
}
