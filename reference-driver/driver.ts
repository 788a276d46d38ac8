/** The reference driver: how a virtio-mmio device with message signalled interrupts is driven, once it is initialised. */
import { type Driver, GaveUp, type InterruptsUsed, Stuck } from '../harness/driver/api.ts';
import type { Interrupt } from '../harness/target.ts';
import { Initialisation } from './initialisation.ts';
import type { SplitQueue } from './split-queue.ts';

/** Interrupts in a row that bring nothing before the driver takes it that nothing will come. */
const FRUITLESS = 300;
/** Resets that a device may need before it is given up. */
const RECOVERIES = 3;

export class ReferenceDriver extends Initialisation implements Driver {
  /** Buffers that are still to be given to the device; those that came back and were not reported. */
  backlog = 0;
  returned = 0;
  private changes = 0;
  private turn = 0;
  private recoveries = 0;

  override start(): InterruptsUsed {
    this.recoveries = 0;
    return super.start();
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
    if (this.sees()) return;
    if (this.idles) {
      for (let looks = 0; looks < FRUITLESS; looks++) if (this.sees()) return;
      throw new Stuck(`${this.outstanding} buffers do not come back`);
    }
    const interrupt = this.bus.wait();
    if (interrupt) this.handle(interrupt);
    else if (!this.sees()) throw new Stuck(`${this.outstanding} buffers do not come back`);
  }

  /** It takes no interrupt at all, but looks until there is something. */
  get idles(): boolean {
    return this.interrupts.kind === 'polling' && this.settings.idles === 'looking';
  }

  /** Whether there was something to do for the driver. */
  sees(): boolean {
    if (this.harvestAll() > 0) return true;
    if (!this.transport.has('DEVICE_NEEDS_RESET')) return false;
    this.recover();
    return true;
  }

  harvestAll(): number {
    return this.queues.reduce((sum, queue) => sum + this.harvest(queue), 0);
  }

  /** Takes back what the device used of a queue that it has let go, and puts the rest on the list. */
  salvage(queue: SplitQueue): void {
    this.harvest(queue);
    this.backlog += queue.outstanding;
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
    for (let left = this.idles ? 0 : FRUITLESS; left > 0; left--) {
      const next = this.bus.wait();
      if (!next) break;
      this.handle(next);
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
    if (!this.setUpAgain(queue, ringReset)) this.initialise();
    this.give();
  }

  /**
   * Where a queue goes on that was only stopped, nothing says: by default the whole device begins anew.
   *
   * @returns false where that is left
   */
  setUpAgain(queue: SplitQueue, wasReset: boolean): boolean {
    if (wasReset || this.settings.restarts === 'the queue') return this.renew(queue);
    if (this.settings.restarts === 'the device') return false;
    this.transport.enable(queue);
    if (!this.interrupts.resume(queue)) return false;
    if (queue.outstanding > 0) this.offer(queue);
    return true;
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
