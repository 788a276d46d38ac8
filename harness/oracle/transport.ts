/** The oracle's half for the base transport: status, features, queues, configuration and the single line. */
import type { Layout } from '../../spec/layout.ts';
import { offers, type Profile } from '../profile.ts';
import { hex, type Source } from '../program.ts';
import type { Recorder } from './record.ts';
import { type Cause, freshQueue, type QueueState } from './state.ts';
import { LINE_CONFIG, LINE_USED } from './worlds.ts';

export interface TransportContext {
  readonly record: Recorder;
  readonly layout: Layout;
  readonly profile: Profile;
  readonly causes: Cause[];
  /** Events become messages now. */
  readonly messages: boolean;
  /** Something was pending, or under way, when an earlier life of the device ended. */
  readonly pendingBefore: boolean;
}

/** The words of the configuration space that were read between two readings of ConfigGeneration. */
interface Snapshot {
  generation: number;
  words: Map<number, number>;
}

export class TransportOracle {
  status = 0;
  /** FEATURES_OK was written and has been seen set. */
  featuresOk = false;
  msiNegotiated = false;
  ringReset = false;
  live = false;
  /** True once the device of this life was brought to FEATURES_OK; a reset makes it a used one. */
  usedBefore = false;
  /** What FEATURES_OK was refused for, as words. */
  refused: string | undefined;
  queueSel = 0;
  /** Bits of InterruptStatus that must be set, and that may be. */
  statusLow = 0;
  statusHigh = 0;
  /** Of those that may be set: set only against the driver's wish. */
  statusUnwanted = 0;
  lineLevel = 0;
  needsResetSeen = false;
  /** A reset was seen since the last power cycle. */
  wasReset = false;
  /** A queue reset did not do what it must: the queue may still run. */
  queueStuck = false;
  readonly usedBit: number;
  readonly configBit: number;
  private readonly context: TransportContext;
  private readonly queues = new Map<number, QueueState>();
  private driverFeatures = new Map<number, number>();
  private driverSel = 0;
  private readonly deviceFeatures = new Map<number, number>();
  private deviceSel = 0;
  private shmSel = 0;
  /** How many buffers each queue used in a life in which it was the only one, at most. */
  private readonly aloneUsed = new Map<number, number>();
  private readonly aloneIds = new Set<number>();
  private everAccepted = new Set<string>();
  private awaitingFeatures = false;
  /** InterruptStatus had bits set when the device was reset. */
  private statusBeforeReset = 0;
  private readonly readyBeforeReset = new Set<number>();
  /** Queues in use in any life since the last power cycle, for naming what moves after a reset. */
  private snapshot: Snapshot | undefined;
  private previous: Snapshot | undefined;
  /** Looks at the configuration before FEATURES_OK. */
  private early: Map<number, number>[] = [];
  private lineRose = false;
  /** It rose since the settled observation before the last. */
  private roseInBurst = false;
  /** Settled since the last access that could change the line. */
  private lineKnown = false;

  constructor(context: TransportContext) {
    this.context = context;
    this.usedBit = context.layout.bit('InterruptStatus', 'USED_BUFFER');
    this.configBit = context.layout.bit('InterruptStatus', 'CONFIG_CHANGE');
  }

  // --- lives -------------------------------------------------------------------------------------------------------

  reset(): void {
    this.wasReset = true;
    this.usedBefore ||= this.featuresOk;
    this.statusBeforeReset |= this.statusHigh;
    for (const [index, queue] of this.queues) {
      if (queue.ready === 1) this.readyBeforeReset.add(index);
      queue.ready = 0;
      queue.idle = 'after-reset';
      queue.suppressed = false;
      queue.wasReset = false;
      Object.assign(queue, { stopped: false, usedOnce: false, vague: false });
    }
    this.clear();
  }

  powerCycle(): void {
    this.usedBefore = false;
    this.statusBeforeReset = 0;
    this.readyBeforeReset.clear();
    this.queues.clear();
    this.everAccepted.clear();
    this.lineLevel = 0;
    this.previous = undefined;
    this.snapshot = undefined;
    this.early = [];
    this.clear();
  }

  private clear(): void {
    this.status = 0;
    this.featuresOk = false;
    this.msiNegotiated = false;
    this.ringReset = false;
    this.live = false;
    this.refused = undefined;
    this.queueSel = 0;
    this.statusLow = 0;
    this.statusHigh = 0;
    this.statusUnwanted = 0;
    this.needsResetSeen = false;
    this.queueStuck = false;
    this.driverFeatures.clear();
    this.driverSel = 0;
    this.awaitingFeatures = false;
  }

  queue(index: number): QueueState {
    let queue = this.queues.get(index);
    if (!queue) {
      queue = freshQueue();
      this.queues.set(index, queue);
    }
    return queue;
  }

  // --- status and features -----------------------------------------------------------------------------------------

  /** A write of anything but 0. Returns true where DRIVER_OK is new. */
  writeStatus(value: number): boolean {
    const { layout } = this.context;
    const featuresBit = layout.bit('Status', 'FEATURES_OK');
    const fresh = value & ~this.status;
    if (fresh & featuresBit) this.awaitingFeatures = true;
    this.status |= value;
    if (!(fresh & layout.bit('Status', 'DRIVER_OK'))) return false;
    this.live = this.featuresOk;
    return this.live;
  }

  /** Returns true where FEATURES_OK was seen for the first time in this life. */
  readStatus(observed: number): boolean {
    const { layout, record, causes } = this.context;
    const featuresBit = layout.bit('Status', 'FEATURES_OK');
    if (observed & layout.bit('Status', 'DEVICE_NEEDS_RESET')) this.needsResetSeen = true;
    let negotiated = false;
    if (this.awaitingFeatures) {
      this.awaitingFeatures = false;
      this.judgeFeatures((observed & featuresBit) !== 0);
      negotiated = this.featuresOk;
    }
    const judged = ['ACKNOWLEDGE', 'DRIVER', 'DRIVER_OK', 'FAILED'].reduce(
      (mask, name) => mask | layout.bit('Status', name),
      0,
    );
    const mask = judged | (this.featuresOk ? featuresBit : 0);
    const expected = this.status & mask;
    if ((observed & mask) >>> 0 === expected >>> 0) {
      record.hit('STAT-BACK');
      return negotiated;
    }
    const illegal = causes.find((cause) => cause.kind === 'illegal');
    const afterReset = this.status === 0;
    const clause = illegal?.kind === 'illegal' ? illegal.clause : afterReset ? 'STAT-RESET' : 'STAT-BACK';
    record.violate(clause, `Status reads ${hex(expected)} in the bits ${hex(mask)}`, hex(observed));
    return negotiated;
  }

  private judgeFeatures(accepted: boolean): void {
    const { record, layout, profile } = this.context;
    const words = [...this.driverFeatures].sort(([a], [b]) => a - b);
    const key = words
      .filter(([, word]) => word !== 0)
      .map(([window, word]) => `${window}:${hex(word)}`)
      .join(' ');
    const again = this.everAccepted.has(key);
    if (!accepted) {
      this.refused = key;
      const excused = ['VIRTIO_F_ACCESS_PLATFORM', 'VIRTIO_F_ORDER_PLATFORM'].some((name) => offers(profile, name));
      if (again)
        record.violate('FEAT-AGAIN', 'FEATURES_OK stays set: this set was accepted before', 'FEATURES_OK reads 0');
      else if (!excused)
        record.violate('FEAT-SUBSET', `FEATURES_OK stays set for the features ${key}`, 'FEATURES_OK reads 0');
      return;
    }
    record.hit('FEAT-SUBSET');
    if (again) record.hit('FEAT-AGAIN');
    this.everAccepted.add(key);
    this.featuresOk = true;
    const has = (name: string) => {
      if (!(name in layout.data.features)) return false;
      const { bit } = layout.feature(name);
      return (((this.driverFeatures.get(bit >>> 5) ?? 0) >>> (bit & 31)) & 1) === 1;
    };
    this.msiNegotiated = layout.msi !== undefined && profile.msi !== undefined && has(layout.msi.feature);
    this.ringReset = has('VIRTIO_F_RING_RESET');
  }

  /** Status after a write of 0, once polling ended. */
  readReset(value: number, reads: number): void {
    const { record } = this.context;
    if (value === 0) record.hit('STAT-RESET');
    else
      record.violate('STAT-RESET', 'Status reads 0 once the reset is complete', `${hex(value)} after ${reads} reads`);
  }

  selectDriverFeatures(window: number): void {
    this.driverSel = window;
  }

  writeDriverFeatures(word: number): void {
    if (!this.featuresOk) this.driverFeatures.set(this.driverSel, word);
  }

  selectDeviceFeatures(window: number): void {
    this.deviceSel = window;
  }

  readDeviceFeatures(word: number): void {
    const { record, layout } = this.context;
    this.deviceFeatures.set(this.deviceSel, word);
    const version1 = layout.feature('VIRTIO_F_VERSION_1');
    if (this.deviceSel === version1.bit >>> 5) {
      if (this.isOffered(version1.bit)) record.hit('FEAT-VERSION1');
      else
        record.violate(
          'FEAT-VERSION1',
          'VIRTIO_F_VERSION_1 is offered',
          `DeviceFeatures of word ${this.deviceSel} reads ${hex(word)}`,
        );
    }
    const named = new Set(Object.values(layout.data.features).map((feature) => feature.bit));
    for (const bit of this.context.profile.siblings) named.add(bit);
    for (const [from, to] of layout.data.reservedFeatures) {
      for (let bit = Math.max(from, this.deviceSel * 32); bit <= Math.min(to, this.deviceSel * 32 + 31); bit++) {
        if (named.has(bit)) continue;
        if (this.isOffered(bit))
          record.violate('FEAT-RESERVED', `feature bit ${bit}, which is reserved, is not offered`, 'it is');
        else record.hit('FEAT-RESERVED');
      }
    }
    for (const feature of Object.values(layout.data.features)) {
      for (const name of feature.requires) {
        const other = layout.feature(name);
        if (!this.deviceFeatures.has(feature.bit >>> 5) || !this.deviceFeatures.has(other.bit >>> 5)) continue;
        if (!this.isOffered(feature.bit)) continue;
        if (this.isOffered(other.bit)) record.hit('FEAT-REQUIRES');
        else
          record.violate('FEAT-REQUIRES', `${feature.name} is offered together with ${name}`, `${name} is not offered`);
      }
    }
  }

  private isOffered(bit: number): boolean {
    return (((this.deviceFeatures.get(bit >>> 5) ?? 0) >>> (bit & 31)) & 1) === 1;
  }

  /** What happened to the rings is not known any more. */
  forgetQueues(): void {
    for (const queue of this.queues.values()) queue.laidOut = false;
  }

  // --- queues ------------------------------------------------------------------------------------------------------

  laidOut(index: number): void {
    const queue = this.queue(index);
    Object.assign(queue, {
      laidOut: true,
      offered: 0,
      usedLow: 0,
      usedHigh: 0,
      due: 0,
      heads: [],
      seen: 0,
      idle: undefined,
    });
  }

  writeReady(value: number): void {
    const queue = this.queue(this.queueSel);
    if (value === 1 && queue.stopped && queue.usedOnce) queue.vague = true;
    if (value === 0) {
      if (queue.ready === 1) queue.stopped = true;
      // Everything was settled before: what it has not used by now it must not touch.
      queue.usedHigh = queue.usedLow;
      queue.idle = 'not-ready';
    } else {
      queue.idle = undefined;
    }
    queue.ready = value;
  }

  readReady(observed: number): void {
    const { record, causes } = this.context;
    const queue = this.queue(this.queueSel);
    const exists = this.queueSel < this.context.profile.queues.length;
    if (!exists) return;
    if (observed === queue.ready) {
      record.hit('QUE-READY');
      if (queue.ready === 0 && this.readyBeforeReset.has(this.queueSel)) record.hit('QUE-RESET');
      if (this.queues.size > 1) record.hit('QUE-SELECT');
      if (queue.wasReset) record.hit(queue.ready === 0 ? 'QRST-DONE' : 'QRST-AGAIN');
      return;
    }
    const illegal = causes.find((cause) => cause.kind === 'illegal');
    const written = causes.findLast((cause) => cause.kind === 'ready');
    let clause = 'QUE-READY';
    const left = queue.ready === 0 && queue.idle === 'after-reset' && this.readyBeforeReset.has(this.queueSel);
    if (illegal?.kind === 'illegal') clause = illegal.clause;
    else if (left) clause = 'QUE-RESET';
    else if (queue.wasReset && queue.ready === 0) clause = 'QRST-DONE';
    else if (causes.some((cause) => cause.kind === 'queue-reset')) clause = 'QRST-DONE';
    else if (written?.kind === 'ready' && written.queue !== this.queueSel) clause = 'QUE-SELECT';
    else if (queue.ready === 0 && queue.idle !== 'not-ready') {
      const afterReset = this.usedBefore && this.readyBeforeReset.has(this.queueSel);
      clause = afterReset ? 'QUE-RESET' : 'QUE-SELECT';
    }
    if (clause === 'QRST-DONE') this.queueStuck = true;
    record.violate(clause, `QueueReady of queue ${this.queueSel} reads ${hex(queue.ready)}`, hex(observed));
  }

  readSizeMax(observed: number): void {
    const { record, profile } = this.context;
    const expected = profile.queues[this.queueSel];
    if (expected === undefined) return;
    if (observed === expected) {
      if (profile.queues.length > 1) record.hit('QUE-SELECT');
      return;
    }
    record.violate('QUE-SELECT', `QueueSizeMax of queue ${this.queueSel} reads ${hex(expected)}`, hex(observed));
  }

  /** What became of a write of 1 to QueueReset, once polling ended. */
  readQueueReset(value: number, reads: number): void {
    const { record } = this.context;
    const queue = this.queue(this.queueSel);
    if (value !== 0) this.queueStuck = true;
    if (value !== 0)
      record.violate('QRST-DONE', 'QueueReset reads 0 once the queue is reset', `${hex(value)} after ${reads} reads`);
    else record.hit('QRST-DONE');
    Object.assign(queue, {
      ready: 0,
      idle: 'queue-reset',
      wasReset: true,
      suppressed: false,
      stopped: false,
      usedOnce: false,
      vague: false,
    });
  }

  /** QueueReset read at any other time. */
  readQueueResetIdle(observed: number): void {
    const { record } = this.context;
    const enabled = this.queue(this.queueSel).ready === 1;
    const clause = enabled ? 'QRST-ENABLE' : 'QRST-RESET';
    if (observed === 0) record.hit(clause);
    else record.violate(clause, 'QueueReset reads 0', hex(observed));
  }

  /** Why the device must leave the buffers of this queue where they are; undefined where it may use them. */
  idleReason(index: number): QueueState['idle'] {
    const queue = this.queue(index);
    if (queue.idle) return queue.idle;
    if (queue.ready !== 1) return 'not-ready';
    if (!this.live) return 'early';
    return undefined;
  }

  /** `count` buffers were offered: returns how many notifications may come of it. */
  offered(index: number, count: number, told: boolean): number {
    const queue = this.queue(index);
    queue.offered += count;
    if (this.idleReason(index)) return 0;
    const outstanding = queue.offered - queue.usedLow;
    queue.usedHigh = queue.offered;
    if (told) queue.due = queue.offered;
    return Math.max(count, outstanding);
  }

  /** Everything that a queue which runs was told of is used by now. */
  settleQueues(): void {
    for (const [index, queue] of this.queues) {
      if (!queue.laidOut || this.idleReason(index) || this.needsResetSeen) continue;
      queue.usedLow = Math.max(queue.usedLow, queue.due);
    }
  }

  /** DRIVER_OK or QueueReady: buffers that were offered before may be used now, without being told again. */
  wake(index: number): number {
    const queue = this.queue(index);
    const waiting = queue.offered - queue.usedHigh;
    if (!queue.laidOut || waiting <= 0 || this.idleReason(index)) return 0;
    queue.usedHigh = queue.offered;
    return waiting;
  }

  queueIndices(): number[] {
    return [...this.queues.keys()];
  }

  readUsed(index: number, observed: number): void {
    const { record } = this.context;
    const queue = this.queue(index);
    if (!queue.laidOut || queue.vague) return;
    const idle = this.idleReason(index);
    const low = queue.usedLow % 0x10000;
    const high = queue.usedHigh % 0x10000;
    const clause = {
      'not-ready': 'QUE-IDLE',
      early: 'QUE-EARLY',
      'after-reset': 'QUE-AFTER',
      'queue-reset': 'QRST-QUIET',
      works: queue.wasReset ? 'QRST-AGAIN' : 'QUE-WORKS',
    }[idle ?? 'works'];
    if (observed >= low && observed <= high) {
      if (queue.offered > 0) record.hit(clause);
      queue.usedLow = observed;
      queue.usedOnce ||= observed > 0;
      const others = [...this.queues].some(([other, { ready }]) => other !== index && ready === 1);
      if (!others) this.aloneUsed.set(index, Math.max(observed, this.aloneUsed.get(index) ?? 0));
      return;
    }
    const expected = low === high ? String(low) : `${low} to ${high}`;
    const strayed = (observed > high && this.strayed(index)) || (!idle && this.workedAlone(index));
    record.violate(
      strayed ? 'QUE-SELECT' : clause,
      `the used index of queue ${index} is ${expected}`,
      String(observed),
    );
    queue.usedLow = observed;
    queue.usedHigh = Math.max(observed, queue.usedHigh);
  }

  /** It did as much while no other queue was set up, so that another queue's set-up is what it suffers from. */
  private workedAlone(index: number): boolean {
    const ready = [...this.queues.values()].filter((queue) => queue.ready === 1).length;
    return ready > 1 && (this.aloneUsed.get(index) ?? 0) >= this.queue(index).offered;
  }

  /** Buffers were offered to another queue, and none to this one. */
  private strayed(index: number): boolean {
    const events = this.context.causes.filter((cause) => cause.kind === 'event');
    return events.length > 0 && events.every((cause) => cause.source !== index && cause.source !== 'config');
  }

  /** The last element of the used ring names a chain that was offered. */
  readUsedId(index: number, observed: number): void {
    const { record } = this.context;
    const queue = this.queue(index);
    if (
      !queue.laidOut ||
      queue.vague ||
      this.idleReason(index) ||
      queue.usedLow !== queue.offered ||
      queue.offered === 0
    )
      return;
    const last = queue.heads.slice(queue.seen);
    queue.seen = queue.heads.length;
    if (last.length === 0) return;
    const others = [...this.queues].some(([other, { ready }]) => other !== index && ready === 1);
    if (last.includes(observed)) {
      record.hit('QUE-WORKS');
      if (!others) this.aloneIds.add(index);
    } else
      record.violate(
        this.aloneIds.has(index) && this.workedAlone(index) ? 'QUE-SELECT' : 'QUE-WORKS',
        `the used ring of queue ${index} names a chain that was offered`,
        hex(observed),
      );
  }

  // --- the line ----------------------------------------------------------------------------------------------------

  raise(source: Source, certain: boolean): void {
    const bit = source === 'config' ? this.configBit : this.usedBit;
    this.statusHigh |= bit;
    this.statusUnwanted &= ~bit;
    if (certain) this.statusLow |= bit;
  }

  /** The driver has asked for silence: a bit that is set all the same is only not as it should be. */
  raiseSuppressed(): void {
    if (this.statusHigh & this.usedBit) return;
    this.statusHigh |= this.usedBit;
    this.statusUnwanted |= this.usedBit;
  }

  acknowledge(bits: number): void {
    this.statusLow &= ~bits;
    this.statusHigh &= ~bits;
    this.statusUnwanted &= ~bits;
  }

  readInterruptStatus(observed: number): void {
    const { record, causes } = this.context;
    if (this.msiNegotiated) {
      if (observed !== 0) record.violate('DLV-STATUS', 'InterruptStatus reads 0 with MSI negotiated', hex(observed));
      else if (causes.some((cause) => cause.kind === 'event' || cause.kind === 'acknowledge')) record.hit('DLV-STATUS');
      return;
    }
    const missing = this.statusLow & ~observed;
    const extra = (observed & ~this.statusHigh) >>> 0;
    if (missing) {
      this.violateLine(this.blameMissingStatus(missing), `InterruptStatus has ${hex(missing)} set`, hex(observed));
    } else if (extra) {
      this.violateLine(
        this.blameExtraStatus(extra),
        `InterruptStatus reads 0 in the bits ${hex(extra)}`,
        hex(observed),
      );
    } else if (observed & this.statusUnwanted) {
      record.violate('NTF-SUPPRESS', 'no notification: the driver has set VIRTQ_AVAIL_F_NO_INTERRUPT', hex(observed));
    } else {
      this.creditStatus();
    }
    this.judgeLine(observed);
    this.statusUnwanted = 0;
    this.statusLow = observed & (this.usedBit | this.configBit);
    this.statusHigh = this.statusLow;
  }

  private blameMissingStatus(missing: number): string {
    const { causes } = this.context;
    if (causes.some((cause) => cause.kind === 'needs-reset')) return 'STAT-NEEDS';
    const illegal = causes.find((cause) => cause.kind === 'illegal');
    if (illegal?.kind === 'illegal') return illegal.clause;
    const raised = causes.some(
      (cause) => cause.kind === 'event' && (cause.source === 'config' ? this.configBit : this.usedBit) & missing,
    );
    return raised ? 'INT-RAISE' : 'INT-KEEP';
  }

  private blameExtraStatus(extra: number): string {
    const { causes } = this.context;
    for (const cause of causes) {
      if (cause.kind === 'illegal') return cause.clause;
      if (cause.kind === 'write-header') return 'HDR-RO';
      if (cause.kind === 'acknowledge' && cause.bits & extra) return 'INT-ACK';
      if (cause.kind === 'event' && !cause.effective) return idleClause(cause.why);
    }
    const reset = causes.some((cause) => cause.kind === 'reset' || cause.kind === 'initialise');
    if (reset && this.statusBeforeReset & extra) return 'INT-RESET';
    return reset && this.context.pendingBefore ? 'RST-QUIET' : 'INT-CLEAN';
  }

  private creditStatus(): void {
    const { record, causes } = this.context;
    const declined = this.declined();
    record.hit('INT-CLEAN');
    if (this.statusBeforeReset && causes.some((cause) => cause.kind === 'reset' || cause.kind === 'initialise')) {
      record.hit('INT-RESET');
      record.hit('RST-QUIET');
    }
    for (const cause of causes) {
      if (cause.kind === 'event' && cause.effective) {
        record.hit(cause.suppressed ? 'NTF-SUPPRESS' : 'INT-RAISE');
        if (declined) record.hit('FBK-LINE');
      }
      if (cause.kind === 'event' && (cause.why === 'early' || cause.why === 'after-reset'))
        record.hit(idleClause(cause.why));
      if (cause.kind === 'needs-reset' && this.needsResetSeen && this.live) record.hit('STAT-NEEDS');
      if (cause.kind === 'acknowledge') record.hit('INT-ACK');
    }
    if (this.statusLow && !causes.some((cause) => cause.kind === 'event')) record.hit('INT-KEEP');
  }

  /** Where MSI was offered and declined, a broken line breaks the fallback as well. */
  private violateLine(clause: string, expected: string, actual: string): void {
    const { record } = this.context;
    record.violate(clause, expected, actual);
    if (this.declined() && this.live && clause.startsWith('INT-')) record.violate('FBK-LINE', expected, actual, true);
  }

  /** MSI offered, and FEATURES_OK without it. */
  declined(): boolean {
    return this.context.profile.msi !== undefined && this.featuresOk && !this.msiNegotiated;
  }

  lineDrained(level: number): void {
    this.lineLevel = level;
    this.lineRose = false;
  }

  lineChanged(level: number): void {
    this.lineLevel = level;
    if (level === 1) this.lineRose = true;
  }

  /** Everything is settled and collected: the line can be compared with what InterruptStatus reads next. */
  lineSettled(switched: boolean): void {
    const { record, causes } = this.context;
    const rose = this.lineRose;
    this.lineRose = false;
    this.roseInBurst = rose;
    this.lineKnown = true;
    if (!this.context.messages) return;
    // Where messages were switched on just now, the line may have been high before.
    if (this.lineLevel === 1 || (rose && !switched))
      record.violate('DLV-LINE', 'the line is low while events become messages', 'it is raised');
    else if (causes.some((cause) => cause.kind === 'event')) record.hit('DLV-LINE');
  }

  /** Bits of InterruptStatus as bits of `World.line`. */
  eventBits(status: number): number {
    return (status & this.usedBit ? LINE_USED : 0) | (status & this.configBit ? LINE_CONFIG : 0);
  }

  /** A reset finds these bits of `World.line` set. */
  leaveBehind(bits: number): void {
    this.statusBeforeReset |= this.statusBits(bits);
  }

  private statusBits(bits: number): number {
    return (bits & LINE_USED ? this.usedBit : 0) | (bits & LINE_CONFIG ? this.configBit : 0);
  }

  /** @param expected bits of `World.line`; what was seen where that is legal */
  judgeSwitchedStatus(observed: number, expected: number, enabled: boolean): void {
    const { record, causes } = this.context;
    const wanted = this.statusBits(expected);
    const known = this.usedBit | this.configBit;
    if ((observed & known) !== wanted) {
      const clause = this.blameSwitchedStatus((observed & known & ~wanted) !== 0 ? observed & ~wanted : 0, enabled);
      record.violate(clause, `InterruptStatus reads ${hex(wanted)}`, hex(observed));
    } else {
      const cause = (kind: Cause['kind']) => causes.some((one) => one.kind === kind);
      if (enabled && (cause('event') || cause('acknowledge') || (cause('switches') && observed)))
        record.hit('DLV-STATUS');
      if (!enabled && this.live && (cause('event') || cause('acknowledge'))) record.hit('ENA-LINE');
      if (cause('initialise') && this.statusBeforeReset) record.hit('INT-RESET');
    }
    if (!enabled) this.judgeLine(observed, 'ENA-LINE');
  }

  /** @param extra bits that are set and should not be; 0 where one is missing */
  private blameSwitchedStatus(extra: number, enabled: boolean): string {
    const { causes } = this.context;
    for (const cause of causes) {
      if (cause.kind === 'illegal') return cause.clause;
      if (cause.kind === 'write-header') return 'HDR-RO';
      if (cause.kind === 'event' && !cause.effective) return idleClause(cause.why);
    }
    if (!extra && causes.some((cause) => cause.kind === 'needs-reset')) return 'STAT-NEEDS';
    if (extra && causes.some((cause) => cause.kind === 'reset' || cause.kind === 'initialise')) {
      return this.statusBeforeReset & extra ? 'INT-RESET' : 'INT-CLEAN';
    }
    const switched = causes.some((cause) => cause.kind === 'switches');
    if (switched) return extra ? 'ENA-ONCE' : 'DLV-STATUS';
    return enabled ? 'DLV-STATUS' : 'ENA-LINE';
  }

  private judgeLine(observed: number, general = 'INT-LINE'): void {
    const { record, causes } = this.context;
    if (!this.lineKnown) return;
    this.lineKnown = false;
    const high = this.lineLevel === 1;
    if (high === (observed !== 0)) {
      if (observed) record.hit(general);
      return;
    }
    const idle = causes.find((cause) => cause.kind === 'event' && !cause.effective);
    const clause = high && this.roseInBurst && idle?.kind === 'event' ? idleClause(idle.why) : general;
    const expected = high
      ? 'the line is low while InterruptStatus is 0'
      : 'the line is high while InterruptStatus is not 0';
    this.violateLine(clause, expected, high ? 'it is high' : 'it is low');
  }

  // --- configuration and shared memory -----------------------------------------------------------------------------

  readGeneration(value: number): void {
    this.previous = this.snapshot;
    this.snapshot = { generation: value, words: new Map() };
  }

  readConfig(at: number, value: number): void {
    const { record } = this.context;
    if (!this.snapshot) return;
    if (!this.featuresOk && this.snapshot.words.size === 0) this.early.push(this.snapshot.words);
    this.snapshot.words.set(at, value);
    const { previous, snapshot } = this;
    if (previous) {
      const changed = [...snapshot.words].filter(([word, now]) => {
        const before = previous.words.get(word);
        return before !== undefined && before !== now;
      });
      if (changed.length >= 2) {
        if (previous.generation !== snapshot.generation) record.hit('CFG-GENERATION');
        else {
          const words = changed.map(([word]) => `Config+${word}`).join(', ');
          record.violate(
            'CFG-GENERATION',
            `ConfigGeneration changes: ${words} did`,
            `${hex(snapshot.generation)} as before`,
          );
        }
      }
    }
    if (this.featuresOk && this.early.length > 0 && snapshot.words.size === this.early[0]?.size)
      this.judgeEarly(snapshot.words);
  }

  private judgeEarly(words: Map<number, number>): void {
    const { record } = this.context;
    for (const early of this.early) {
      const blank = [0, 0xffffffff].find((value) => [...early.values()].every((word) => word === value));
      const filled = blank !== undefined && [...words.values()].some((word) => word !== blank);
      if (filled)
        record.violate(
          'CFG-EARLY',
          'the configuration can be read before FEATURES_OK',
          `every word reads ${hex(blank)}`,
        );
      else record.hit('CFG-EARLY');
    }
    this.early = [];
  }

  selectShm(region: number): void {
    this.shmSel = region;
  }

  readShm(register: string, observed: number): void {
    const { record, layout, profile } = this.context;
    // None of the types that the layout knows has a shared memory region; of others nothing is known.
    if (!profile.deviceType) return;
    const expected = layout.constant('SHM_ABSENT');
    if (observed === expected) record.hit('SHM-ABSENT');
    else record.violate('SHM-ABSENT', `${register} of region ${this.shmSel} reads ${hex(expected)}`, hex(observed));
  }
}

function idleClause(why: QueueState['idle']): string {
  if (why === 'not-ready') return 'QUE-IDLE';
  if (why === 'after-reset') return 'QUE-AFTER';
  if (why === 'queue-reset') return 'QRST-QUIET';
  return 'QUE-EARLY';
}
