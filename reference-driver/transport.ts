/** What every virtio-mmio driver does with the registers of the base transport, in pieces. */
import { GaveUp } from '../harness/driver/api.ts';
import { hex } from '../harness/program.ts';
import type { DeviceType, Layout } from '../spec/layout.ts';
import type { Registers } from './registers.ts';
import type { SplitQueue } from './split-queue.ts';

/** Reads of a register that shows something under way before the driver gives up. */
const PATIENCE = 10_000;
const WORD_BITS = 32;
const HALF = 2 ** 32;

export class Transport {
  readonly registers: Registers;
  readonly layout: Layout;

  constructor(registers: Registers) {
    this.registers = registers;
    this.layout = registers.layout;
  }

  // --- is there a device? ---

  /** Looks whether there is a device that this driver is for; writes nothing. @throws GaveUp where there is none */
  probe(): DeviceType {
    this.checkMagic(this.registers.read('MagicValue'));
    this.checkVersion(this.registers.read('Version'));
    return this.typeOf(this.registers.read('DeviceID'));
  }

  checkMagic(magic: number): void {
    if (magic !== this.layout.register('MagicValue').value)
      throw new GaveUp(`no device: MagicValue reads ${hex(magic)}`);
  }

  checkVersion(version: number): void {
    if (version !== this.layout.register('Version').value) throw new GaveUp(`Version ${version} is not driven`);
  }

  typeOf(id: number): DeviceType {
    if (id === this.layout.constant('NO_DEVICE')) throw new GaveUp('a placeholder without a device: DeviceID is 0');
    const type = this.layout.deviceType(id);
    if (!type) throw new GaveUp(`devices with DeviceID ${id} are not driven`);
    return type;
  }

  // --- Status ---

  status(): number {
    return this.registers.read('Status');
  }

  writeStatus(value: number): void {
    this.registers.write('Status', value);
  }

  /** Sets one bit of Status and leaves the others as they are. */
  addStatus(flag: string): void {
    this.writeStatus(this.status() | this.layout.bit('Status', flag));
  }

  has(flag: string): boolean {
    return (this.status() & this.layout.bit('Status', flag)) !== 0;
  }

  /** Resets the device and waits until that is done. @throws GaveUp where it does not come to an end */
  reset(): void {
    this.writeStatus(0);
    this.awaitReset();
  }

  awaitReset(): void {
    this.await('the reset', () => this.status() === 0);
  }

  await(what: string, isDone: () => boolean): void {
    for (let reads = 0; reads < PATIENCE; reads++) if (isDone()) return;
    throw new GaveUp(`${what} is not done after ${PATIENCE} reads`);
  }

  // --- features ---

  /** Of `bits`, those that the device offers. */
  offered(bits: readonly number[]): Set<number> {
    const words = new Map<number, number>();
    for (const window of windowsOf(bits)) words.set(window, this.readFeatures(window));
    return new Set(bits.filter((bit) => (((words.get(windowOf(bit)) ?? 0) >>> (bit % WORD_BITS)) & 1) === 1));
  }

  readFeatures(window: number): number {
    this.registers.write('DeviceFeaturesSel', window);
    return this.registers.read('DeviceFeatures');
  }

  /** Accepts these features and no others of the windows that `known` has bits in. */
  accept(bits: ReadonlySet<number>, known: readonly number[]): void {
    for (const window of windowsOf(known)) {
      const own = [...bits].filter((bit) => windowOf(bit) === window);
      this.writeFeatures(
        window,
        own.reduce((word, bit) => word + 2 ** (bit % WORD_BITS), 0),
      );
    }
  }

  writeFeatures(window: number, word: number): void {
    this.registers.write('DriverFeaturesSel', window);
    this.registers.write('DriverFeatures', word);
  }

  // --- queues ---

  selectQueue(index: number): void {
    this.registers.write('QueueSel', index);
  }

  /** QueueSizeMax of a queue that is not in use; 0 where there is none. @throws GaveUp where it is in use */
  sizeMax(index: number): number {
    this.selectQueue(index);
    if (this.registers.read('QueueReady') !== 0) throw new GaveUp(`queue ${index} is enabled after a reset`);
    return this.registers.read('QueueSizeMax');
  }

  /** Tells the device where a queue is, and enables it. */
  enable(queue: SplitQueue): void {
    this.selectQueue(queue.index);
    this.describe(queue);
    this.registers.write('QueueReady', 1);
  }

  describe({ size, desc, avail, used }: SplitQueue): void {
    this.registers.write('QueueSize', size);
    this.writeAddress('QueueDesc', desc);
    this.writeAddress('QueueDriver', avail);
    this.writeAddress('QueueDevice', used);
  }

  writeAddress(part: string, address: number): void {
    this.registers.write(`${part}Low`, address % HALF);
    this.registers.write(`${part}High`, Math.floor(address / HALF));
  }

  /** Stops a queue: once QueueReady reads 0 the device leaves it alone. */
  stop(queue: SplitQueue): void {
    this.selectQueue(queue.index);
    this.registers.write('QueueReady', 0);
    this.awaitStop(queue);
  }

  awaitStop({ index }: SplitQueue): void {
    this.await(`stopping queue ${index}`, () => this.registers.read('QueueReady') === 0);
  }

  /** Resets a queue (VIRTIO_F_RING_RESET): it begins anew when it is enabled again. */
  resetQueue(queue: SplitQueue): void {
    this.selectQueue(queue.index);
    this.registers.write('QueueReset', 1);
    this.awaitQueueReset(queue);
  }

  awaitQueueReset({ index }: SplitQueue): void {
    this.await(`the reset of queue ${index}`, () => this.registers.read('QueueReset') === 0);
  }

  notify({ index }: SplitQueue): void {
    this.registers.write('QueueNotify', index);
  }
}

const windowOf = (bit: number) => Math.floor(bit / WORD_BITS);

/** The first two windows, which every driver looks at, and those of further bits. */
function windowsOf(bits: readonly number[]): number[] {
  return [...new Set([0, 1, ...bits.map(windowOf)])].sort((a, b) => a - b);
}
