/**
 * A virtio-mmio entropy device with message signalled interrupts (native layout), in one class. It stands for your
 * device; adapter.ts shows how the suite reaches it.
 */

/** Registers, bytes from the device's base. */
const MAGIC_VALUE = 0x000;
const VERSION = 0x004;
const DEVICE_ID = 0x008;
const VENDOR_ID = 0x00c;
const DEVICE_FEATURES = 0x010;
const DEVICE_FEATURES_SEL = 0x014;
const DRIVER_FEATURES = 0x020;
const DRIVER_FEATURES_SEL = 0x024;
const QUEUE_SEL = 0x030;
const QUEUE_SIZE_MAX = 0x034;
const QUEUE_SIZE = 0x038;
const QUEUE_READY = 0x044;
const QUEUE_NOTIFY = 0x050;
const INTERRUPT_STATUS = 0x060;
const INTERRUPT_ACK = 0x064;
const STATUS = 0x070;
const QUEUE_DESC = 0x080;
const QUEUE_DRIVER = 0x090;
const QUEUE_DEVICE = 0x0a0;
const HIGH = 4;
const SHM_LEN_LOW = 0x0b0;
const SHM_BASE_HIGH = 0x0bc;
const CONFIG_GENERATION = 0x0fc;
/** Added by the native layout. */
const MSI_VECTOR_COUNT = 0x0d0;
const MSI_TABLE_OFFSET = 0x0d4;
const MSI_MASK_OFFSET = 0x0d8;
const MSI_PBA_OFFSET = 0x0dc;
const MSI_CONFIG_VECTOR = 0x0e0;
const MSI_QUEUE_VECTOR = 0x0e4;
/** Each table has a page of its own, since each has other permissions. */
const MSI_TABLE = 0x1000;
const MSI_MASK = 0x2000;
const MSI_PBA = 0x3000;
export const REGION_SIZE = 0x4000;

const DRIVER_OK = 0x04;
const FEATURES_OK = 0x08;
const NEEDS_RESET = 0x40;
const STATUS_FROM_DRIVER = 0x9f;

/** Feature bits 32 to 63; none of the first 32 is offered. */
const F_VERSION_1 = 1 << 0;
const F_MMIO_MSI = 1 << 12;
const OFFERED = F_VERSION_1 | F_MMIO_MSI;

const USED_BUFFER = 0x1;
const CONFIG_CHANGE = 0x2;

const DESC_F_NEXT = 1;
const DESC_F_WRITE = 2;
const AVAIL_F_NO_INTERRUPT = 1;

const ENTROPY = 4;
const NO_VECTOR = 0xffff;
const VECTORS = 3;
const ALL_VECTORS = (1 << VECTORS) - 1;
/** An entropy device has one queue; the second shows that each has its own vector. */
const QUEUES = 2;
const QUEUE_LIMIT = 256;

export const MEMORY_BASE = 0x80000000;
export const MEMORY_SIZE = 0x100000;

const CONSTANTS = new Map([
  [MAGIC_VALUE, 0x74726976],
  [VERSION, 2],
  [DEVICE_ID, ENTROPY],
  [VENDOR_ID, 0x6c706d65],
  [MSI_VECTOR_COUNT, VECTORS],
  [MSI_TABLE_OFFSET, MSI_TABLE],
  [MSI_MASK_OFFSET, MSI_MASK],
  [MSI_PBA_OFFSET, MSI_PBA],
]);

/** What the device tells the outside. */
export interface Outside {
  message(address: bigint, data: number): void;
  line(level: 0 | 1): void;
}

/** A queue's rings or descriptors make no sense. */
class Broken extends Error {}

class Queue {
  size = 0;
  ready = 0;
  vector = NO_VECTOR;
  /** Address registers by offset. */
  readonly halves = new Map<number, number>();
  seen = 0;
  used = 0;

  address(register: number): number {
    return (this.halves.get(register + HIGH) ?? 0) * 2 ** 32 + (this.halves.get(register) ?? 0);
  }
}

/** Everything that a reset of the device clears. */
class State {
  status = 0;
  deviceFeaturesSel = 0;
  driverFeaturesSel = 0;
  queueSel = 0;
  generation = 0;
  readonly features = [0, 0];
  interruptStatus = 0;
  readonly queues = Array.from({ length: QUEUES }, () => new Queue());
  configVector = NO_VECTOR;
  masked = ALL_VECTORS;
  pending = 0;
  /** Address low, address high, data, reserved of each vector. */
  readonly entries = new Uint32Array(4 * VECTORS);
}

export class Device {
  private readonly outside: Outside;
  private readonly memory = new DataView(new ArrayBuffer(MEMORY_SIZE));
  private state = new State();

  constructor(outside: Outside) {
    this.outside = outside;
  }

  /** Guest memory. @throws RangeError for what is not there */
  guest(address: number, length: number): Uint8Array {
    const start = address - MEMORY_BASE;
    if (start < 0 || start + length > MEMORY_SIZE) throw new RangeError(`no guest memory at ${address}`);
    return new Uint8Array(this.memory.buffer, start, length);
  }

  /** The back end reports a change of the configuration. */
  configChanged(): void {
    this.state.generation++;
    this.notify(this.state.configVector, CONFIG_CHANGE);
  }

  /** The back end reports an error that only a reset ends. */
  needsReset(): void {
    this.state.status |= NEEDS_RESET;
    this.notify(this.state.configVector, CONFIG_CHANGE);
  }

  // --- registers: only aligned 32-bit accesses mean anything to this device ---

  read(offset: number, width: number): number {
    if (width !== 32 || offset % 4 !== 0) return 0;
    const { state } = this;
    const queue = state.queues[state.queueSel];
    const constant = CONSTANTS.get(offset);
    if (constant !== undefined) return constant;
    if (offset === DEVICE_FEATURES) return state.deviceFeaturesSel === 1 ? OFFERED : 0;
    if (offset === QUEUE_SIZE_MAX) return queue ? QUEUE_LIMIT : 0;
    if (offset === QUEUE_READY) return queue?.ready ?? 0;
    if (offset === INTERRUPT_STATUS) return state.interruptStatus;
    if (offset === STATUS) return state.status;
    if (offset === CONFIG_GENERATION) return state.generation;
    if (offset === MSI_CONFIG_VECTOR) return state.configVector;
    if (offset === MSI_QUEUE_VECTOR) return queue?.vector ?? NO_VECTOR;
    if (offset >= SHM_LEN_LOW && offset <= SHM_BASE_HIGH) return 0xffffffff; // There is no shared memory.
    if (offset === MSI_MASK) return state.masked;
    if (offset === MSI_PBA) return state.pending;
    return state.entries[(offset - MSI_TABLE) / 4] ?? 0;
  }

  write(offset: number, width: number, value: number): void {
    if (width !== 32 || offset % 4 !== 0) return;
    const { state } = this;
    if (offset === DEVICE_FEATURES_SEL) state.deviceFeaturesSel = value;
    else if (offset === DRIVER_FEATURES_SEL) state.driverFeaturesSel = value;
    else if (offset === DRIVER_FEATURES) this.acceptFeatures(value);
    else if (offset === QUEUE_SEL) state.queueSel = value;
    else if (offset === QUEUE_NOTIFY) this.serve(state.queues[value]);
    else if (offset === INTERRUPT_ACK) this.acknowledge(value);
    else if (offset === STATUS) this.writeStatus(value);
    else if (offset < MSI_TABLE && offset !== MSI_CONFIG_VECTOR)
      this.writeQueue(state.queues[state.queueSel], offset, value);
    else if (this.usesMsi()) this.writeMsi(offset, value);
  }

  private acceptFeatures(value: number): void {
    const { status, features, driverFeaturesSel } = this.state;
    if (!(status & FEATURES_OK) && driverFeaturesSel < features.length) features[driverFeaturesSel] = value;
  }

  private usesMsi(): boolean {
    return (this.state.status & FEATURES_OK) !== 0 && ((this.state.features[1] ?? 0) & F_MMIO_MSI) !== 0;
  }

  private writeStatus(value: number): void {
    const { status: old, features } = this.state;
    if (value === 0) {
      if (this.state.interruptStatus) this.outside.line(0);
      this.state = new State();
      return;
    }
    const [low = 0, high = 0] = features;
    const acceptable = low === 0 && (high & ~OFFERED) === 0 && (high & F_VERSION_1) !== 0;
    let status = (value & STATUS_FROM_DRIVER) | (old & (NEEDS_RESET | FEATURES_OK));
    if (status & ~old & FEATURES_OK && !acceptable) status &= ~FEATURES_OK;
    this.state.status = status;
  }

  private writeQueue(queue: Queue | undefined, offset: number, value: number): void {
    if (!queue) return;
    if (offset === QUEUE_SIZE) queue.size = value <= QUEUE_LIMIT ? value : queue.size;
    else if (offset === QUEUE_READY) queue.ready = value & 1;
    else if (offset >= QUEUE_DESC && offset <= QUEUE_DEVICE + HIGH) queue.halves.set(offset, value);
    else if (offset === MSI_QUEUE_VECTOR && this.usesMsi()) queue.vector = value < VECTORS ? value : NO_VECTOR;
  }

  private writeMsi(offset: number, value: number): void {
    const { state } = this;
    const entry = (offset - MSI_TABLE) / 4;
    if (offset === MSI_CONFIG_VECTOR) state.configVector = value < VECTORS ? value : NO_VECTOR;
    else if (offset === MSI_MASK) this.writeMask(value);
    else if (entry >= 0 && entry < state.entries.length) state.entries[entry] = entry % 4 === 0 ? value & ~3 : value;
  }

  // --- interrupts ---

  /** A bit that goes from 1 to 0 lets go of what is pending on its vector, once. */
  private writeMask(value: number): void {
    const { state } = this;
    state.masked = value & ALL_VECTORS;
    for (let vector = 0; vector < VECTORS; vector++) {
      const bit = 1 << vector;
      if (!(state.pending & ~state.masked & bit)) continue;
      state.pending &= ~bit;
      this.fire(vector);
    }
  }

  private fire(vector: number): void {
    const [low = 0, high = 0, data = 0] = this.state.entries.subarray(4 * vector);
    this.outside.message((BigInt(high) << 32n) | BigInt(low), data);
  }

  /** An event happened; `vector` is what its source is mapped to, `bit` its bit of InterruptStatus. */
  private notify(vector: number, bit: number): void {
    const { state } = this;
    if (!(state.status & DRIVER_OK)) return;
    if (!this.usesMsi()) {
      if (!state.interruptStatus) this.outside.line(1);
      state.interruptStatus |= bit;
    } else if (vector < VECTORS) {
      if ((state.masked >> vector) & 1) state.pending |= 1 << vector;
      else this.fire(vector);
    }
  }

  private acknowledge(bits: number): void {
    const { state } = this;
    if (!state.interruptStatus) return;
    state.interruptStatus &= ~bits;
    if (!state.interruptStatus) this.outside.line(0);
  }

  // --- the virtqueues ---

  private serve(queue: Queue | undefined): void {
    const { status } = this.state;
    if (!queue?.ready || !queue.size || !(status & DRIVER_OK) || status & NEEDS_RESET) return;
    const before = queue.used;
    const available = queue.address(QUEUE_DRIVER);
    let broken = false;
    try {
      const waiting = (this.load(available + 2, 2) - queue.seen) & 0xffff;
      if (waiting > queue.size) throw new Broken();
      for (let i = 0; i < waiting; i++) this.use(queue, this.load(available + 4 + 2 * (queue.seen % queue.size), 2));
    } catch (error) {
      if (!(error instanceof Broken || error instanceof RangeError)) throw error;
      broken = true;
    }
    const wantsSilence = queue.used !== before && this.load(available, 2) & AVAIL_F_NO_INTERRUPT;
    if (queue.used !== before && !wantsSilence) this.notify(queue.vector, USED_BUFFER);
    if (broken) this.needsReset();
  }

  /** Fills one chain with entropy and gives it back. */
  private use(queue: Queue, head: number): void {
    let written = 0;
    for (const { bytes, flags } of this.chain(queue, head)) {
      if (!(flags & DESC_F_WRITE)) continue;
      for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor(Math.random() * 256);
      written += bytes.length;
    }
    const used = queue.address(QUEUE_DEVICE);
    const element = used + 4 + 8 * (queue.used % queue.size);
    this.store(element, 4, head);
    this.store(element + 4, 4, written);
    queue.seen = (queue.seen + 1) & 0xffff;
    queue.used = (queue.used + 1) & 0xffff;
    this.store(used + 2, 2, queue.used); // Only now the driver sees it.
  }

  private *chain(queue: Queue, head: number): Generator<{ bytes: Uint8Array; flags: number }> {
    let index = head;
    for (let links = 0; links < queue.size; links++) {
      if (index >= queue.size) throw new Broken();
      const at = queue.address(QUEUE_DESC) + 16 * index;
      const flags = this.load(at + 12, 2);
      yield { bytes: this.guest(this.load(at, 4) + this.load(at + 4, 4) * 2 ** 32, this.load(at + 8, 4)), flags };
      if (!(flags & DESC_F_NEXT)) return;
      index = this.load(at + 14, 2);
    }
    throw new Broken();
  }

  private load(address: number, size: 2 | 4): number {
    const { byteOffset } = this.guest(address, size);
    return size === 2 ? this.memory.getUint16(byteOffset, true) : this.memory.getUint32(byteOffset, true);
  }

  private store(address: number, size: 2 | 4, value: number): void {
    const { byteOffset } = this.guest(address, size);
    if (size === 2) this.memory.setUint16(byteOffset, value, true);
    else this.memory.setUint32(byteOffset, value, true);
  }
}
