/**
 * A driver with message signalled interrupts (native layout) for block and entropy devices.
 *
 *     conformance driver -t ./driver.ts
 *
 * Put your driver in the place of `NativeDriver`: it reaches its device by `bus` and nothing else.
 */
import type { Driver, DriverBus, DriverModule, Interrupt, Message } from 'virtio-mmio-msi-conformance';

export default {
  name: 'driver in TypeScript',
  layout: 'native',
  create: (bus) => new NativeDriver(bus),
} satisfies DriverModule;

/** Registers, bytes from the device's base. */
const REG = {
  ...{ magicValue: 0x000, version: 0x004, deviceId: 0x008 },
  ...{ deviceFeatures: 0x010, deviceFeaturesSel: 0x014, driverFeatures: 0x020, driverFeaturesSel: 0x024 },
  ...{ queueSel: 0x030, queueSizeMax: 0x034, queueSize: 0x038, queueReady: 0x044, queueNotify: 0x050 },
  ...{ interruptStatus: 0x060, interruptAck: 0x064, status: 0x070 },
  ...{ queueDesc: 0x080, queueDriver: 0x090, queueDevice: 0x0a0, configGeneration: 0x0fc, config: 0x100 },
  // Added by the native layout.
  ...{
    msiVectorCount: 0x0d0,
    msiTableOffset: 0x0d4,
    msiMaskOffset: 0x0d8,
    msiConfigVector: 0x0e0,
    msiQueueVector: 0x0e4,
  },
};
const ENTRY_SIZE = 16;
const STATUS = { acknowledge: 1, driver: 2, driverOk: 4, featuresOk: 8, needsReset: 64, failed: 128 };
const USED_BUFFER = 1;
const CONFIG_CHANGE = 2;
const BLOCK = 2;
const ENTROPY = 4;
const DESC_NEXT = 1;
const DESC_WRITE = 2;
/** In the first window of features. */
const BLK_F_MQ = 1 << 12;
/** In the second one: bits 32 and 44. */
const F_VERSION_1 = 1;
const F_MMIO_MSI = 1 << 12;
/** So many that all vectors in use have their masks in the first dword. */
const MAX_QUEUES = 8;
const MAX_SIZE = 16;
const PATIENCE = 10_000;
/** Widths of the fields of a block device in bytes; capacity, of 8, is read as two of 4. */
const BLOCK_FIELDS = [4, 4, 4, 4, 2, 1, 1, 4, 1, 1, 2, 4, 1, 1, 2, 4, 4, 4, 4, 4, 1, 1, 1, 1];
const NUM_QUEUES = 34;

// The suite goes by the names of these errors; `GaveUp` and `Stuck` can be imported from it as well.
const gaveUp = (why: string) => Object.assign(new Error(why), { name: 'GaveUp' });
const stuck = (why: string) => Object.assign(new Error(why), { name: 'Stuck' });

/** A buffer of a request: its length, and whether the device writes it. */
type Buffer = [length: number, deviceWrites: boolean];

interface Queue {
  index: number;
  size: number;
  avail: number;
  used: number;
  nextAvail: number;
  nextUsed: number;
  /** Descriptors that begin a request which may be given; those of requests that the device has. */
  free: number[];
  given: Set<number>;
  vector: number;
}

class NativeDriver implements Driver {
  private deviceId = 0;
  private queues: Queue[] = [];
  private nextMemory = 0;
  private live = false;
  private usesMsi = false;
  /** Everything is to stay masked. */
  private held = false;
  private needsReset = false;
  /** Buffers that are still to be given; those that came back and were not reported. */
  private backlog = 0;
  private returned = 0;
  private changes = 0;
  /** The queue whose turn it is. */
  private turn = 0;
  private generation = 0;
  private entryTable = 0;
  private maskTable = 0;
  /** Vectors in use, from 0; the first is the configuration's. */
  private vectors = 0;
  /** Vectors by the messages that they were given since the last reset: an old one may be under way. */
  private readonly targets = new Map<string, number>();

  constructor(private readonly bus: DriverBus) {}

  // --- initialisation ---

  start(): 'msi' | 'line' {
    const { bus } = this;
    if (bus.read(REG.magicValue) !== 0x74726976) throw gaveUp('there is no virtio device');
    if (bus.read(REG.version) !== 2) throw gaveUp('the device is of another version');
    this.deviceId = bus.read(REG.deviceId);
    if (![BLOCK, ENTROPY].includes(this.deviceId)) throw gaveUp('the device is of a type that is not driven');
    this.held = false;
    this.initialise();
    return this.usesMsi ? 'msi' : 'line';
  }

  /** With messages, else without. */
  private initialise(): void {
    if (this.attempt(true)) return;
    if (!this.usesMsi || !this.attempt(false)) this.fail('the device refuses the features that the driver needs');
  }

  /** One go from reset to DRIVER_OK; false where the device refuses: what is left then is another reset. */
  private attempt(withMsi: boolean): boolean {
    const { bus } = this;
    this.reset();
    this.forget();
    this.addStatus(STATUS.acknowledge);
    this.addStatus(STATUS.driver);
    const isMultiQueue = this.negotiate(withMsi);
    this.addStatus(STATUS.featuresOk);
    if ((bus.read(REG.status) & STATUS.featuresOk) === 0) return false;
    const config = this.configuration();
    const most = isMultiQueue ? (config[NUM_QUEUES] ?? 0) + 256 * (config[NUM_QUEUES + 1] ?? 0) : 1;
    for (let index = 0; index < Math.min(most, MAX_QUEUES); index++) this.makeQueue(index);
    if (this.queues.length === 0) this.fail('no queue has room for a request');
    if (this.usesMsi) {
      if (!this.setUpMessages()) return false;
      if (!this.held) this.setMasks(this.all, false);
    }
    this.addStatus(STATUS.driverOk);
    this.live = true;
    return true;
  }

  private reset(): void {
    this.bus.write(REG.status, 0);
    for (let reads = 0; this.bus.read(REG.status) !== 0; reads++)
      if (reads === PATIENCE) throw gaveUp('the device does not come out of its reset');
  }

  /** After a reset the device has no buffers any more: those that it did not use are to be given to it again. */
  private forget(): void {
    this.live = false;
    this.needsReset = false;
    this.harvestAll();
    this.backlog = this.outstanding;
    this.queues = [];
    this.turn = 0;
    this.nextMemory = this.bus.memory.base;
  }

  /** Accepts what the driver makes use of. Returns whether the device has several queues. */
  private negotiate(withMsi: boolean): boolean {
    const { bus } = this;
    const offered = [0, 1].map((window) => {
      bus.write(REG.deviceFeaturesSel, window);
      return bus.read(REG.deviceFeatures);
    });
    const low = (offered[0] ?? 0) & (this.deviceId === BLOCK ? BLK_F_MQ : 0);
    const high = (offered[1] ?? 0) & (F_VERSION_1 | (withMsi ? F_MMIO_MSI : 0));
    if ((high & F_VERSION_1) === 0) this.fail('the device is not of version 1');
    for (const [window, word] of [low, high].entries()) {
      bus.write(REG.driverFeaturesSel, window);
      bus.write(REG.driverFeatures, word);
    }
    this.usesMsi = (high & F_MMIO_MSI) !== 0;
    return (low & BLK_F_MQ) !== 0;
  }

  private addStatus(bit: number): void {
    this.bus.write(REG.status, this.bus.read(REG.status) | bit);
  }

  private fail(why: string): never {
    this.addStatus(STATUS.failed);
    this.live = false;
    throw gaveUp(why);
  }

  // --- queues ---

  private allocate(length: number): number {
    const { memory } = this.bus;
    const address = Math.ceil(this.nextMemory / 16) * 16;
    if (address + length > memory.base + memory.size) this.fail('no memory is left');
    this.nextMemory = address + length;
    memory.write(address, new Uint8Array(length));
    return address;
  }

  private load(address: number, size: number): number {
    return this.bus.memory.read(address, size).reduce((value, byte, at) => value + byte * 256 ** at, 0);
  }

  private store16(address: number, value: number): void {
    this.bus.memory.write(address, Uint8Array.of(value & 0xff, value >>> 8));
  }

  /** Sets a queue up and enables it; leaves out one that does not exist, or has no room. */
  private makeQueue(index: number): void {
    const { bus } = this;
    bus.write(REG.queueSel, index);
    if (bus.read(REG.queueReady) !== 0) this.fail('a queue is enabled after a reset');
    const sizeMax = bus.read(REG.queueSizeMax);
    if (sizeMax === 0) return;
    const size = 2 ** Math.floor(Math.log2(Math.min(sizeMax, MAX_SIZE)));
    const request = this.request(size);
    if (request.length > size) return;
    const desc = this.allocate(16 * size);
    const avail = this.allocate(6 + 2 * size);
    const used = this.allocate(6 + 8 * size);
    const free = Array.from({ length: Math.floor(size / request.length) }, (_, slot) => slot * request.length);
    for (const head of free) this.putRequest(desc, head, request);
    bus.write(REG.queueSize, size);
    for (const [register, address] of [
      [REG.queueDesc, desc],
      [REG.queueDriver, avail],
      [REG.queueDevice, used],
    ] as const) {
      bus.write(register, address % 2 ** 32);
      bus.write(register + 4, Math.floor(address / 2 ** 32));
    }
    bus.write(REG.queueReady, 1);
    this.queues.push({ index, size, avail, used, nextAvail: 0, nextUsed: 0, free, given: new Set(), vector: 0 });
  }

  private request(size: number): Buffer[] {
    if (this.deviceId === ENTROPY) return [[16, true]];
    const header: Buffer = [16, false];
    // Where the ring is short, data and status share a buffer.
    return size < 3 ? [header, [513, true]] : [header, [512, true], [1, true]];
  }

  private putRequest(desc: number, head: number, request: Buffer[]): void {
    for (const [at, [length, deviceWrites]] of request.entries()) {
      const isLast = at === request.length - 1;
      const row = new DataView(new ArrayBuffer(16));
      row.setBigUint64(0, BigInt(this.allocate(length)), true);
      row.setUint32(8, length, true);
      row.setUint16(12, (deviceWrites ? DESC_WRITE : 0) | (isLast ? 0 : DESC_NEXT), true);
      row.setUint16(14, isLast ? 0 : head + at + 1, true);
      this.bus.memory.write(desc + 16 * (head + at), new Uint8Array(row.buffer));
    }
  }

  private get outstanding(): number {
    return this.queues.reduce((sum, { given }) => sum + given.size, this.backlog);
  }

  /** Gives the queues in turn what there is to give, as far as they have room, and notifies each of them once. */
  private give(): void {
    const touched = new Set<Queue>();
    while (this.backlog > 0 && this.queues.some(({ free }) => free.length > 0)) {
      const queue = this.queues[this.turn] as Queue;
      this.turn = (this.turn + 1) % this.queues.length;
      const head = queue.free.shift();
      if (head === undefined) continue;
      this.store16(queue.avail + 4 + 2 * (queue.nextAvail % queue.size), head);
      queue.nextAvail = (queue.nextAvail + 1) & 0xffff;
      queue.given.add(head);
      this.backlog--;
      touched.add(queue);
    }
    for (const { avail, nextAvail, index } of touched) {
      this.store16(avail + 2, nextAvail);
      this.bus.write(REG.queueNotify, index);
    }
  }

  /** Takes back every buffer that the device has used: one notification may be for many. */
  private harvest(queue: Queue): void {
    while (this.load(queue.used + 2, 2) !== queue.nextUsed) {
      const head = this.load(queue.used + 4 + 8 * (queue.nextUsed % queue.size), 4);
      if (!queue.given.delete(head)) this.fail('the device uses a buffer that it was not given');
      queue.nextUsed = (queue.nextUsed + 1) & 0xffff;
      queue.free.push(head);
      this.returned++;
    }
  }

  private harvestAll(): void {
    for (const queue of this.queues) this.harvest(queue);
  }

  // --- configuration ---

  /** All of it, between two equal readings of ConfigGeneration. */
  configuration(): Uint8Array {
    if (this.deviceId !== BLOCK) return new Uint8Array(0);
    for (let attempt = 0; attempt < 100; attempt++) {
      const before = this.bus.read(REG.configGeneration);
      const bytes: number[] = [];
      for (const width of BLOCK_FIELDS) {
        const value = this.bus.read(REG.config + bytes.length, (8 * width) as 8 | 16 | 32);
        for (let byte = 0; byte < width; byte++) bytes.push((value >>> (8 * byte)) & 0xff);
      }
      this.generation = this.bus.read(REG.configGeneration);
      if (this.generation === before) return Uint8Array.from(bytes);
    }
    throw stuck('the configuration does not hold still');
  }

  private configChanged(): void {
    if ((this.bus.read(REG.status) & STATUS.needsReset) !== 0) {
      this.needsReset = true;
      return;
    }
    this.changes++;
    this.configuration();
  }

  // --- messages ---

  /** The configuration has vector 0; queues share the others, or that one where it is the only one. */
  private setUpMessages(): boolean {
    const { bus } = this;
    const count = bus.read(REG.msiVectorCount);
    if (count === 0) return false;
    this.entryTable = bus.read(REG.msiTableOffset);
    this.maskTable = bus.read(REG.msiMaskOffset);
    this.targets.clear();
    this.vectors = 1;
    if (!this.map(REG.msiConfigVector, 0)) return false;
    for (const [turn, queue] of this.queues.entries()) {
      queue.vector = count === 1 ? 0 : 1 + (turn % (count - 1));
      bus.write(REG.queueSel, queue.index);
      if (!this.map(REG.msiQueueVector, queue.vector)) return false;
      this.vectors = Math.max(this.vectors, queue.vector + 1);
    }
    for (let vector = 0; vector < this.vectors; vector++) this.giveTarget(vector);
    return true;
  }

  /** Whether the device took it. */
  private map(register: number, vector: number): boolean {
    this.bus.write(register, vector);
    return this.bus.read(register) === vector;
  }

  /** Writes the entry of a vector, which must be masked. */
  private giveTarget(vector: number): void {
    const message = this.bus.message();
    const entry = this.entryTable + ENTRY_SIZE * vector;
    this.bus.write(entry, Number(BigInt(message.address) & 0xffffffffn));
    this.bus.write(entry + 4, Number(BigInt(message.address) >> 32n));
    this.bus.write(entry + 8, message.data);
    this.targets.set(keyOf(message), vector);
  }

  /** The mask bits of all vectors in use. */
  private get all(): number {
    return 2 ** this.vectors - 1;
  }

  private setMasks(bits: number, masked: boolean): void {
    const before = this.bus.read(this.maskTable);
    this.bus.write(this.maskTable, (masked ? before | bits : before & ~bits) >>> 0);
  }

  // --- interrupts ---

  private handle(interrupt: Interrupt): void {
    if (interrupt.kind === 'message' && this.usesMsi) this.handleMessage(interrupt);
    if (interrupt.kind === 'line' && !this.usesMsi) this.handleLine();
    if (this.needsReset) this.initialise();
    this.give();
  }

  /** A message may be for any source of its vector, for several of them, or for none. */
  private handleMessage(message: Message): void {
    const vector = this.targets.get(keyOf(message));
    for (const queue of this.queues) if (queue.vector === vector) this.harvest(queue);
    if (vector === 0) this.configChanged();
  }

  private handleLine(): void {
    const bits = this.bus.read(REG.interruptStatus) & (USED_BUFFER | CONFIG_CHANGE);
    if (bits === 0) return;
    if (bits & USED_BUFFER) this.harvestAll();
    if (bits & CONFIG_CHANGE) this.configChanged();
    this.bus.write(REG.interruptAck, bits);
    if (this.needsReset) return;
    // What came between looking and acknowledging has lost its bit.
    if (bits & USED_BUFFER) this.harvestAll();
    const hasConfig = this.deviceId === BLOCK;
    if (bits & CONFIG_CHANGE && hasConfig && this.bus.read(REG.configGeneration) !== this.generation)
      this.configChanged();
  }

  // --- the other tasks ---

  transfer(count: number): number {
    this.submit(count);
    return this.collect();
  }

  submit(count: number): void {
    if (!this.live) throw gaveUp('the device is not in use');
    this.backlog += count;
    this.give();
  }

  collect(): number {
    for (let fruitless = 0; this.outstanding > 0; ) {
      const before = this.returned;
      const interrupt = this.bus.wait();
      if (interrupt) this.handle(interrupt);
      // Nothing interrupts while vectors are masked: the driver looks by itself.
      else if (!this.held || !this.sees()) throw stuck('no interrupt comes');
      this.give();
      fruitless = this.returned === before ? fruitless + 1 : 0;
      if (fruitless > 1000) throw stuck('interrupts come and bring nothing');
    }
    const count = this.returned;
    this.returned = 0;
    return count;
  }

  /** Whether there was something to do for the driver. */
  private sees(): boolean {
    const before = this.returned;
    this.harvestAll();
    if (this.returned > before) return true;
    if ((this.bus.read(REG.status) & STATUS.needsReset) === 0) return false;
    this.initialise();
    return true;
  }

  mask(): void {
    this.held = true;
    if (this.usesMsi) this.setMasks(this.all, true);
  }

  unmask(): void {
    this.held = false;
    if (this.usesMsi) this.setMasks(this.all, false);
  }

  retarget(): void {
    if (!this.usesMsi) return;
    for (let vector = 0; vector < this.vectors; vector++) {
      if (!this.held) this.setMasks(2 ** vector, true);
      this.giveTarget(vector);
      if (!this.held) this.setMasks(2 ** vector, false);
    }
  }

  notice(): number {
    for (let left = 1000; left > 0; left--) {
      const interrupt = this.bus.wait();
      if (!interrupt) break;
      this.handle(interrupt);
    }
    const count = this.changes;
    this.changes = 0;
    return count;
  }

  /** Where a queue goes on that was only stopped, nothing says: the whole device begins anew. */
  restartQueue(): void {
    const [queue] = this.queues;
    if (!queue) throw gaveUp('the device is not in use');
    if (this.usesMsi) this.setMasks(2 ** queue.vector, true);
    this.bus.write(REG.queueSel, queue.index);
    this.bus.write(REG.queueReady, 0);
    for (let reads = 0; this.bus.read(REG.queueReady) !== 0; reads++)
      if (reads === PATIENCE) this.fail('a queue does not stop');
    this.initialise();
    this.give();
  }

  stop(): void {
    if (this.live) this.mask();
    this.reset();
    this.forget();
    this.held = false;
    this.backlog = 0;
    this.returned = 0;
  }
}

const keyOf = ({ address, data }: Message) => `${address}:${data}`;
