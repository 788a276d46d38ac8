/** The reference driver: how a virtio-mmio device with message signalled interrupts is driven, from probing to stopping. */
import { type Driver, type DriverBus, GaveUp, type InterruptsUsed, Stuck } from '../harness/driver/api.ts';
import type { Interrupt } from '../harness/target.ts';
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

/** Interrupts in a row that bring nothing before the driver takes it that nothing will come. */
const FRUITLESS = 1000;
/** Resets that a device may need before it is given up. */
const RECOVERIES = 3;

export class ReferenceDriver implements Driver, Events {
  readonly bus: DriverBus;
  readonly layout: Layout;
  readonly settings: Settings;
  readonly registers: Registers;
  readonly transport: Transport;
  readonly memory: Memory;
  /** How messages are had, where the layout has them and the driver knows how. */
  readonly msi: MsiInterrupts | undefined;
  readonly line: LineInterrupts;
  /** What the device is interrupted by now: one of the two. */
  interrupts: Interrupts;
  type: DeviceType | undefined;
  config: Configuration | undefined;
  /** Feature bits that were accepted. */
  features = new Set<number>();
  queues: SplitQueue[] = [];
  needsReset = false;
  /** Buffers that are still to be given to the device, those that came back and were not reported. */
  backlog = 0;
  returned = 0;
  private isLive = false;
  private changes = 0;
  private turn = 0;
  private recoveries = 0;

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

  // --- initialisation ---

  start(): InterruptsUsed {
    this.type = this.transport.probe();
    this.config = new Configuration(this.registers, this.settings, this.type);
    this.recoveries = 0;
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

  /** Takes back what the device used of a queue that it has let go, and puts the rest on the list. */
  salvage(queue: SplitQueue): void {
    this.harvest(queue);
    this.backlog += queue.outstanding;
  }

  negotiate(msi: boolean): void {
    const wanted = featuresWanted(this.layout, this.type, this.settings, msi);
    const known = wanted.map(({ bit }) => bit);
    const offered = this.transport.offered(known);
    const again = this.settings.featuresTwice ? this.transport.offered(known) : offered;
    this.features = featuresToAccept(this.layout, wanted, again);
    if (!this.accepted('VIRTIO_F_VERSION_1')) this.giveUp('the device does not offer VIRTIO_F_VERSION_1');
    this.transport.accept(this.features, known);
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
    if (this.settings.learns === 'by polling') queue.suppress(true);
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

  // --- buffers ---

  transfer(count: number): number {
    this.submit(count);
    return this.collect();
  }

  submit(count: number): void {
    this.checkLive();
    this.backlog += count;
    this.give();
  }

  /** Gives the queues in turn what there is to give, as far as they have room. */
  give(): void {
    const touched = new Set<SplitQueue>();
    for (let queue = this.nextWithRoom(); queue && this.backlog > 0; queue = this.nextWithRoom()) {
      queue.add();
      this.backlog--;
      touched.add(queue);
      this.turn = this.queues.indexOf(queue) + 1;
      if (this.settings.notifies === 'each') this.offer(queue);
    }
    if (this.settings.notifies === 'batch') for (const queue of touched) this.offer(queue);
  }

  nextWithRoom(): SplitQueue | undefined {
    const { queues, turn } = this;
    return [...queues.slice(turn), ...queues.slice(0, turn)].find(({ hasRoom }) => hasRoom);
  }

  /** Makes what was added to a queue available, and says so. */
  offer(queue: SplitQueue): void {
    queue.publish();
    this.interrupts.expect(queue);
    this.transport.notify(queue);
  }

  get outstanding(): number {
    return this.queues.reduce((sum, queue) => sum + queue.outstanding, this.backlog);
  }

  collect(): number {
    this.checkLive();
    let fruitless = 0;
    while (this.outstanding > 0) {
      const before = this.outstanding;
      if (this.mustLook) this.look();
      else this.takeInterrupt();
      this.give();
      fruitless = this.outstanding < before ? 0 : fruitless + 1;
      if (fruitless > FRUITLESS) throw new Stuck(`${this.outstanding} buffers do not come back`);
    }
    this.interrupts.expectNothing();
    const count = this.returned;
    this.returned = 0;
    return count;
  }

  /** Nothing interrupts while vectors are masked, nor a driver that does not want to be. */
  get mustLook(): boolean {
    return this.interrupts.kind === 'polling' || (this.usesMsi && this.msi?.isHeld === true);
  }

  takeInterrupt(): void {
    const interrupt = this.bus.wait();
    if (!interrupt) throw new Stuck(`${this.outstanding} buffers do not come back, and no interrupt comes`);
    this.handle(interrupt);
  }

  /** Looks by itself whether buffers came back, and whether the device can go on at all. */
  look(): void {
    if (this.harvestAll() > 0) return;
    if (this.transport.has('DEVICE_NEEDS_RESET')) {
      this.recover();
      return;
    }
    const interrupt = this.bus.wait();
    if (interrupt) this.handle(interrupt);
    else if (this.harvestAll() === 0) throw new Stuck(`${this.outstanding} buffers do not come back`);
  }

  harvestAll(): number {
    return this.queues.reduce((sum, queue) => sum + this.harvest(queue), 0);
  }

  handle(interrupt: Interrupt): void {
    this.interrupts.handle(interrupt);
    if (this.needsReset) this.recover();
  }

  queueUsed(queue: SplitQueue): void {
    if (!this.settings.suppresses) {
      this.harvest(queue);
      return;
    }
    do {
      queue.suppress(true);
      this.harvest(queue);
      queue.suppress(false);
      // What was used before the device saw that it may notify again.
    } while (queue.hasUsed());
  }

  /** Takes back every buffer that the device has used: one notification may be for many. */
  harvest(queue: SplitQueue): number {
    let count = 0;
    while (queue.take()) count++;
    this.returned += count;
    return count;
  }

  // --- configuration, errors ---

  configChanged(isSure: boolean): void {
    if (this.transport.has('DEVICE_NEEDS_RESET')) {
      this.needsReset = true;
      return;
    }
    if (this.config?.refresh() || isSure) this.changes++;
  }

  configChangedSince(): boolean {
    return this.config?.hasChanged() === true || this.transport.has('DEVICE_NEEDS_RESET');
  }

  /** A device that needs a reset is set up anew and given again what it did not use. */
  recover(): void {
    if (++this.recoveries > RECOVERIES) this.giveUp('the device needs one reset after the other');
    this.initialise();
    this.give();
  }

  // --- the other tasks ---

  configuration(): Uint8Array {
    this.checkLive();
    return this.config?.read() ?? new Uint8Array(0);
  }

  notice(): number {
    this.checkLive();
    let left = FRUITLESS;
    for (let next = this.bus.wait(); next && left > 0; next = this.bus.wait()) {
      this.handle(next);
      left--;
    }
    if (this.mustLook && this.configChangedSince()) {
      this.configChanged(true);
      if (this.needsReset) this.recover();
    }
    const count = this.changes;
    this.changes = 0;
    return count;
  }

  retarget(): void {
    this.checkLive();
    this.interrupts.retarget();
  }

  mask(): void {
    this.checkLive();
    this.interrupts.mask();
  }

  unmask(): void {
    this.checkLive();
    this.interrupts.unmask();
  }

  /** Stops the last queue and sets it up again. */
  restartQueue(): void {
    this.checkLive();
    const queue = this.queues.at(-1);
    if (!queue) return;
    this.interrupts.quiesce(queue);
    const ringReset = this.accepted('VIRTIO_F_RING_RESET');
    if (ringReset) this.transport.resetQueue(queue);
    else this.transport.stop(queue);
    // Where a queue goes on that was only stopped, nothing says: the whole device begins anew.
    if (!ringReset || !this.renew(queue)) this.initialise();
    this.give();
  }

  /** Sets up a queue that was reset. @returns false where it cannot be heard any more */
  renew(old: SplitQueue): boolean {
    this.salvage(old);
    const queue = this.makeQueue(old.index, old.size);
    this.queues = this.queues.map((one) => (one === old ? queue : one));
    this.transport.enable(queue);
    return this.interrupts.resume(queue);
  }

  stop(): void {
    if (!this.type) return;
    if (this.isLive) this.interrupts.mask();
    this.transport.reset();
    this.forget();
    this.backlog = 0;
    this.returned = 0;
  }

  private checkLive(): void {
    if (!this.isLive) throw new GaveUp('the device is not in use');
  }
}
