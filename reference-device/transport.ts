import type { Layout } from '../spec/layout.ts';
import { type Port, type Ports, readOnly, writeOnly } from './port.ts';
import type { Virtqueue } from './virtqueue.ts';

/** What the registers make the rest of the device do. */
export interface TransportHost {
  /** Status became 0. */
  reset(): void;
  /** The driver's features were accepted. */
  negotiated(): void;
  driverOk(): void;
  kick(queue: number): void;
  queueReady(queue: Virtqueue, ready: number): void;
  queueReset(queue: Virtqueue): void;
  interruptStatus(): number;
  interruptAcknowledge(bits: number): void;
}

export interface TransportOptions {
  layout: Layout;
  deviceId: number;
  /** Feature bits that the device offers. */
  offered: readonly number[];
  queues: readonly Virtqueue[];
  /** Reads of Status after a reset that still show the old state. */
  resetReads: number;
  queueResetReads: number;
  refusesUnprepared: boolean;
  host: TransportHost;
}

/** 'refd'; which vendor made the device is free. */
const VENDOR = 0x64666572;

/** Feature bits that a device or a driver can name, in 32-bit windows. */
const WINDOWS = 6;

/**
 * The registers of the base transport. Each is a pair of methods, so that a fault can replace one; offsets are the
 * business of whoever asks for {@link Transport.ports}.
 */
export class Transport {
  readonly options: TransportOptions;
  readonly host: TransportHost;
  readonly queues: readonly Virtqueue[];
  readonly offered = new Uint32Array(WINDOWS);
  readonly accepted = new Uint32Array(WINDOWS);
  status = 0;
  deviceFeaturesSel = 0;
  driverFeaturesSel = 0;
  queueSel = 0;
  shmSel = 0;
  generation = 0;
  /** Reads of Status until a reset that was asked for is complete; 0 when none is. */
  resetting = 0;
  /** The bits of Status by name. */
  readonly DRIVER_OK: number;
  readonly FEATURES_OK: number;
  readonly NEEDS_RESET: number;
  private readonly statusBits: number;
  private readonly required: readonly { bit: number; requires: readonly number[] }[];
  readonly version1: number;

  constructor(options: TransportOptions) {
    const { layout } = options;
    this.options = options;
    this.host = options.host;
    this.queues = options.queues;
    this.DRIVER_OK = layout.bit('Status', 'DRIVER_OK');
    this.FEATURES_OK = layout.bit('Status', 'FEATURES_OK');
    this.NEEDS_RESET = layout.bit('Status', 'DEVICE_NEEDS_RESET');
    this.statusBits = Object.values(layout.register('Status').fields).reduce((bits, f) => bits | f.mask, 0);
    this.version1 = layout.feature('VIRTIO_F_VERSION_1').bit;
    this.required = Object.values(layout.data.features)
      .filter((f) => f.requires.length > 0)
      .map((f) => ({ bit: f.bit, requires: f.requires.map((name) => layout.feature(name).bit) }));
    for (const bit of options.offered) this.offer(bit);
  }

  /** The registers that the layout has, by name. */
  ports(): Ports {
    const { layout } = this.options;
    const ports: Ports = new Map();
    const add = (name: string, port: Port) => {
      if (layout.hasRegister(name)) ports.set(name, port);
    };
    const constant = (name: string, value: number) => {
      add(
        name,
        readOnly(() => value),
      );
    };
    constant('MagicValue', layout.register('MagicValue').value ?? 0);
    constant('Version', layout.register('Version').value ?? 0);
    constant('DeviceID', this.options.deviceId);
    constant('VendorID', VENDOR);
    add(
      'DeviceFeatures',
      readOnly(() => this.readDeviceFeatures()),
    );
    add(
      'DeviceFeaturesSel',
      writeOnly((v) => this.writeDeviceFeaturesSel(v)),
    );
    add(
      'DriverFeatures',
      writeOnly((v) => this.writeDriverFeatures(v)),
    );
    add(
      'DriverFeaturesSel',
      writeOnly((v) => this.writeDriverFeaturesSel(v)),
    );
    add(
      'QueueSel',
      writeOnly((v) => this.writeQueueSel(v)),
    );
    add(
      'QueueSizeMax',
      readOnly(() => this.readQueueSizeMax()),
    );
    add(
      'QueueSize',
      writeOnly((v) => this.writeQueueSize(v)),
    );
    add('QueueReady', { read: () => this.readQueueReady(), write: (v) => this.writeQueueReady(v) });
    add(
      'QueueNotify',
      writeOnly((v) => this.writeQueueNotify(v)),
    );
    add(
      'InterruptStatus',
      readOnly(() => this.readInterruptStatus()),
    );
    add(
      'InterruptACK',
      writeOnly((v) => this.writeInterruptAck(v)),
    );
    add('Status', { read: () => this.readStatus(), write: (v) => this.writeStatus(v) });
    for (const [name, ring] of [
      ['QueueDesc', 'descriptors'],
      ['QueueDriver', 'driver'],
      ['QueueDevice', 'device'],
    ] as const) {
      add(
        `${name}Low`,
        writeOnly((v) => this.writeQueueAddress(ring, 'low', v)),
      );
      add(
        `${name}High`,
        writeOnly((v) => this.writeQueueAddress(ring, 'high', v)),
      );
    }
    add(
      'SHMSel',
      writeOnly((v) => this.writeShmSel(v)),
    );
    for (const name of ['SHMLenLow', 'SHMLenHigh', 'SHMBaseLow', 'SHMBaseHigh'])
      add(
        name,
        readOnly(() => this.readSharedMemory(name)),
      );
    add('QueueReset', { read: () => this.readQueueReset(), write: (v) => this.writeQueueReset(v) });
    add(
      'ConfigGeneration',
      readOnly(() => this.readConfigGeneration()),
    );
    return ports;
  }

  // --- features ---

  offer(bit: number): void {
    this.offered[bit >>> 5]! |= 1 << (bit & 31);
  }
  withdraw(bit: number): void {
    this.offered[bit >>> 5]! &= ~(1 << (bit & 31));
  }
  offers(bit: number): boolean {
    return has(this.offered, bit);
  }
  /** Whether the driver accepted a feature and FEATURES_OK stands. */
  negotiated(bit: number): boolean {
    return this.featuresOk && has(this.accepted, bit);
  }
  readDeviceFeatures(): number {
    return this.offered[this.deviceFeaturesSel] ?? 0;
  }
  writeDeviceFeaturesSel(value: number): void {
    this.deviceFeaturesSel = value;
  }
  writeDriverFeaturesSel(value: number): void {
    this.driverFeaturesSel = value;
  }
  writeDriverFeatures(value: number): void {
    if (!this.featuresOk && this.driverFeaturesSel < WINDOWS) this.accepted[this.driverFeaturesSel] = value;
  }
  /** Whether the driver's features are a set that the device can work with. */
  acceptable(): boolean {
    for (let w = 0; w < WINDOWS; w++) if ((this.accepted[w]! & ~this.offered[w]!) !== 0) return false;
    if (!has(this.accepted, this.version1)) return false;
    return this.required.every((f) => !has(this.accepted, f.bit) || f.requires.every((r) => has(this.accepted, r)));
  }

  // --- status ---

  get featuresOk(): boolean {
    return (this.status & this.FEATURES_OK) !== 0;
  }
  get driverOk(): boolean {
    return (this.status & this.DRIVER_OK) !== 0;
  }
  get needsReset(): boolean {
    return (this.status & this.NEEDS_RESET) !== 0;
  }
  readStatus(): number {
    if (this.resetting > 0 && this.resetting-- === 1) this.completeReset();
    return this.status;
  }
  writeStatus(value: number): void {
    // A driver that does not wait for a reset finds it complete.
    if (this.resetting > 0) this.completeReset();
    if (value === 0) this.requestReset();
    else this.setStatus(value);
  }
  requestReset(): void {
    // The read that completes it is one more than those that show the old state.
    if (this.options.resetReads > 0 && this.status !== 0) this.resetting = this.options.resetReads + 1;
    else this.completeReset();
  }
  completeReset(): void {
    this.resetting = 0;
    this.clearStatus();
    this.accepted.fill(0);
    this.deviceFeaturesSel = 0;
    this.driverFeaturesSel = 0;
    this.queueSel = 0;
    this.shmSel = 0;
    this.resetQueues();
    this.host.reset();
  }
  clearStatus(): void {
    this.status = 0;
  }
  resetQueues(): void {
    for (const queue of this.queues) queue.reset();
  }
  setStatus(value: number): void {
    const old = this.status;
    let next = (value & this.statusBits & ~this.NEEDS_RESET) | (old & this.NEEDS_RESET);
    const asksFeatures = (next & ~old & this.FEATURES_OK) !== 0;
    if (asksFeatures && !this.acceptable()) next &= ~this.FEATURES_OK;
    // A driver must not clear a bit; what it negotiated stands until a reset.
    next |= old & this.FEATURES_OK;
    this.status = next;
    if ((next & ~old & this.FEATURES_OK) !== 0) this.host.negotiated();
    if ((next & ~old & this.DRIVER_OK) !== 0) this.host.driverOk();
  }
  setNeedsReset(): void {
    this.status |= this.NEEDS_RESET;
  }

  // --- queues ---

  /** The selected queue, if it exists. */
  get queue(): Virtqueue | undefined {
    return this.queues[this.queueSel];
  }
  writeQueueSel(value: number): void {
    this.queueSel = value;
  }
  readQueueSizeMax(): number {
    return this.queue?.sizeMax ?? 0;
  }
  writeQueueSize(value: number): void {
    const { queue } = this;
    if (queue && value <= queue.sizeMax) queue.size = value;
  }
  writeQueueAddress(ring: 'descriptors' | 'driver' | 'device', half: 'low' | 'high', value: number): void {
    const { queue } = this;
    if (queue) queue[ring][half] = value;
  }
  readQueueReady(): number {
    return this.queue?.ready ?? 0;
  }
  writeQueueReady(value: number): void {
    const { queue } = this;
    if (!queue) return;
    const ready = value & 1;
    if (ready === 1 && queue.size === 0 && this.options.refusesUnprepared) return;
    queue.ready = ready;
    this.host.queueReady(queue, ready);
  }
  writeQueueNotify(value: number): void {
    this.host.kick(value);
  }
  /** Whether QueueReset is there at all. */
  get resetsQueues(): boolean {
    const { layout } = this.options;
    const feature = layout.register('QueueReset').feature;
    return feature === undefined || this.offers(layout.feature(feature).bit);
  }
  readQueueReset(): number {
    const { queue } = this;
    if (!queue || queue.busy === 0) return 0;
    queue.busy--;
    return 1;
  }
  writeQueueReset(value: number): void {
    const { queue } = this;
    if (queue && value === 1 && this.resetsQueues) this.resetQueue(queue);
  }
  resetQueue(queue: Virtqueue): void {
    queue.reset();
    queue.busy = this.options.queueResetReads;
    this.host.queueReset(queue);
  }

  // --- the rest ---

  readInterruptStatus(): number {
    return this.host.interruptStatus();
  }
  writeInterruptAck(value: number): void {
    this.host.interruptAcknowledge(value);
  }
  writeShmSel(value: number): void {
    this.shmSel = value;
  }
  /** No region of shared memory exists. */
  readSharedMemory(_register: string): number {
    return this.options.layout.constant('SHM_ABSENT');
  }
  readConfigGeneration(): number {
    return this.generation;
  }
  /** More than one word of the configuration changed, maybe. */
  configChanged(): void {
    this.generation = (this.generation + 1) >>> 0;
  }
}

function has(words: Uint32Array, bit: number): boolean {
  return ((words[bit >>> 5]! >>> (bit & 31)) & 1) === 1;
}
