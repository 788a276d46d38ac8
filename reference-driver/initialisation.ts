/** From finding a device to DRIVER_OK, with messages or without. */
import { type DriverBus, GaveUp, type InterruptsUsed } from '../harness/driver/api.ts';
import type { DeviceType, Layout } from '../spec/layout.ts';
import { Configuration } from './configuration.ts';
import { featuresToAccept, featuresWanted } from './features.ts';
import type { Events, Interrupts } from './interrupts.ts';
import { LineInterrupts } from './line-interrupts.ts';
import { makeVectors } from './mechanisms.ts';
import { Memory } from './memory.ts';
import { MsiInterrupts } from './msi-interrupts.ts';
import { Registers } from './registers.ts';
import { requestFor, takesRequests } from './requests.ts';
import type { Settings } from './settings.ts';
import { SplitQueue } from './split-queue.ts';
import { Transport } from './transport.ts';

/** What a driver has of its device, and how it comes to have it. */
export abstract class Initialisation implements Events {
  readonly bus: DriverBus;
  readonly layout: Layout;
  readonly settings: Settings;
  readonly registers: Registers;
  readonly transport: Transport;
  readonly memory: Memory;
  /** How messages are had, where the layout has them and the driver knows how. */
  readonly msi: MsiInterrupts | undefined;
  readonly line: LineInterrupts;
  /** What the device interrupts by now: one of the two. */
  interrupts: Interrupts;
  type: DeviceType | undefined;
  config: Configuration | undefined;
  /** Feature bits that were accepted. */
  features = new Set<number>();
  queues: SplitQueue[] = [];
  needsReset = false;
  /** From DRIVER_OK until a reset, or until the driver has given up. */
  isLive = false;

  constructor(bus: DriverBus, layout: Layout, settings: Settings) {
    this.bus = bus;
    this.layout = layout;
    this.settings = settings;
    this.registers = new Registers(bus, layout);
    this.transport = new Transport(this.registers);
    this.memory = new Memory(bus.memory);
    const vectors = makeVectors(this.registers, layout, settings);
    this.msi = vectors && new MsiInterrupts(vectors, settings, this);
    this.line = new LineInterrupts(this.registers, settings, this);
    this.interrupts = this.line;
  }

  abstract queueUsed(queue: SplitQueue): void;
  abstract configChanged(isSure: boolean): void;
  abstract configChangedSince(): boolean;
  /** The device has let go of the queue: what it had of it is to be given to it again. */
  abstract salvage(queue: SplitQueue): void;

  start(): InterruptsUsed {
    this.type = this.transport.probe();
    this.config = new Configuration(this.registers, this.settings, this.type);
    this.initialise();
    return this.interrupts.kind;
  }

  /** Initialises the device as well as it lets itself be: with messages, else without. @throws GaveUp */
  initialise(): void {
    if (this.attempt(this.settings.msi)) return;
    if (!this.usesMsi || !this.attempt(false)) this.giveUp('the device refuses the features that the driver needs');
  }

  /** One go from reset to DRIVER_OK. @returns false where the device refuses; what is left then is another reset */
  attempt(msi: boolean): boolean {
    this.transport.reset();
    this.forget();
    this.transport.addStatus('ACKNOWLEDGE');
    this.transport.addStatus('DRIVER');
    this.negotiate(msi);
    this.transport.addStatus('FEATURES_OK');
    if (!this.featuresKept()) return false;
    if (!this.setUp()) return false;
    if (this.settings.unmasks === 'before DRIVER_OK') this.interrupts.go();
    this.driverOk();
    if (this.settings.unmasks === 'after DRIVER_OK') this.interrupts.go();
    return true;
  }

  /** After a reset the device has nothing of the driver's any more: what it did not use is to be given to it again. */
  forget(): void {
    for (const queue of this.queues) this.salvage(queue);
    this.queues = [];
    this.memory.release();
    this.needsReset = false;
    this.isLive = false;
  }

  negotiate(msi: boolean): void {
    const wanted = featuresWanted(this.layout, this.type, this.settings, msi);
    const known = wanted.map(({ bit }) => bit);
    const offered = this.transport.offered(known);
    if (this.settings.disarms) this.disarm(offered);
    const again = this.settings.featuresTwice ? this.transport.offered(known) : offered;
    this.features = featuresToAccept(this.layout, wanted, again);
    if (!this.accepted('VIRTIO_F_VERSION_1')) this.giveUp('the device does not offer VIRTIO_F_VERSION_1');
    this.transport.accept(this.features, known);
  }

  /** Unmaps what may have been mapped before. */
  private disarm(offered: ReadonlySet<number>): void {
    const { msi } = this.layout;
    if (!msi || !offered.has(this.layout.feature(msi.feature).bit)) return;
    this.registers.write(msi.configVector, this.layout.constant(msi.noVector));
  }

  /** Whether the device accepts what was accepted of it. */
  featuresKept(): boolean {
    return this.transport.has('FEATURES_OK');
  }

  accepted(feature: string): boolean {
    const { bit } = this.layout.data.features[feature] ?? this.type?.features[feature] ?? {};
    return bit !== undefined && this.features.has(bit);
  }

  get usesMsi(): boolean {
    const { msi } = this.layout;
    return this.msi !== undefined && msi !== undefined && this.accepted(msi.feature);
  }

  setUp(): boolean {
    this.interrupts = this.usesMsi && this.msi ? this.msi : this.line;
    if (this.settings.withoutMsi === 'failed' && this.msi && !this.usesMsi) this.giveUp('messages cannot be had');
    this.config?.read();
    this.queues = this.findQueues();
    if (!this.queues.some(({ slots }) => slots > 0)) this.giveUp('no queue has room for a request');
    if (this.settings.setUp === 'queues first') this.enableQueues();
    if (!this.interrupts.setUp()) return false;
    if (this.settings.setUp === 'interrupts first') this.enableQueues();
    return true;
  }

  /** The queues that there are, set up in memory; some numbers may be left out. */
  findQueues(): SplitQueue[] {
    const queues: SplitQueue[] = [];
    const told = this.queuesTold();
    for (let index = 0; index < Math.min(told ?? this.settings.queues, this.settings.queues); index++) {
      const sizeMax = this.transport.sizeMax(index);
      if (sizeMax > 0) queues.push(this.makeQueue(index, this.ringSize(sizeMax)));
      else if (told === undefined) break;
    }
    return queues;
  }

  /** How many queues the configuration tells of; undefined where the device type has no such field. */
  queuesTold(): number | undefined {
    if (!this.type?.config.num_queues) return undefined;
    return this.accepted('VIRTIO_BLK_F_MQ') ? this.config?.field('num_queues') : 1;
  }

  /** A split ring's size is a power of two; QueueSizeMax need not be one. */
  ringSize(sizeMax: number): number {
    return 2 ** Math.floor(Math.log2(Math.min(sizeMax, this.settings.queueSize)));
  }

  makeQueue(index: number, size: number): SplitQueue {
    const request = this.type && takesRequests(this.type, index) ? requestFor(this.type, size) : [];
    const queue = new SplitQueue(index, size, request, this.memory, this.layout);
    if (this.settings.learns === 'by polling' && this.settings.silences) queue.suppress(true);
    return queue;
  }

  enableQueues(): void {
    for (const queue of this.queues) this.transport.enable(queue);
  }

  driverOk(): void {
    this.transport.addStatus('DRIVER_OK');
    this.isLive = true;
  }

  /** @throws GaveUp always */
  giveUp(why: string): never {
    this.transport.addStatus('FAILED');
    this.isLive = false;
    throw new GaveUp(why);
  }
}
