/** The oracle's half for what a vector does; it knows no offsets. Expectations come as sets, each with its clause. */
import type { Switches } from '../mechanisms/index.ts';
import { hex, type Source } from '../program.ts';
import type { Interrupt } from '../target.ts';
import { blameExtra, blameMapping, blameMask, blameMissing, blamePending, blameUnknown } from './blame.ts';
import { type Content, contentKey, contentOf, type Entries, showContent } from './entries.ts';
import type { Recorder } from './record.ts';
import type { Cause, SourceHistory } from './state.ts';
import {
  addFlight,
  addSent,
  cloneWorld,
  complete,
  distinct,
  emptyWorld,
  type Flight,
  LINE,
  LINE_CONFIG,
  LINE_USED,
  mapped,
  partial,
  UNKNOWN,
  UNMAPPED,
  type World,
  withFewestWarnings,
} from './worlds.ts';

/** More worlds than this, and the program is too concurrent to judge: it is let be until the next reset. */
const WORLD_LIMIT = 4096;

/** More messages than anything sends. */
const ANY = 1_000_000;

export const MASKED = 1;
export const UNMASKED = 0;
export const MASK_UNKNOWN = 2;

export interface VectorContext {
  readonly record: Recorder;
  /** N. */
  readonly vectors: number;
  readonly noVector: number;
  readonly entries: Entries;
  /** Since the last settled observation. */
  readonly causes: Cause[];
  /** True from FEATURES_OK with MSI accepted. */
  readonly negotiated: boolean;
  readonly live: boolean;
  /** True where an earlier life of the device was used. */
  readonly usedBefore: boolean;
  readonly capturesMessages: boolean;
  /** The layout can switch MSI off, and mask all vectors at once. */
  readonly switchable: boolean;
}

export class VectorOracle {
  worlds: World[] = [emptyWorld()];
  readonly masks: Uint8Array;
  /** True once anything was written to the mask table since the reset. */
  masksTouched = false;
  /** Vectors whose mask bit was in a word that was written since the reset. */
  readonly maskWritten = new Set<number>();
  /** Vectors whose mask bit was read since it was written or reset, and was as it must be. */
  readonly maskConfirmed = new Set<number>();
  /** Sources whose mapping was read since it was written or reset, and was as it must be. */
  readonly mapConfirmed = new Set<Source>();
  /** Sources that did not behave: nothing more is expected of them before the next reset. */
  readonly unreliable = new Set<Source>();
  /** Vectors whose pending bit read 1 with nothing pending: what it reads is not taken for what it holds, before the next reset. */
  readonly misread = new Set<number>();
  /** True once a mapping was written since the reset, by source. */
  readonly mapTouched = new Set<Source>();
  readonly history = new Map<Source, SourceHistory>();
  /** Events that set a pending bit, by vector, since it was last clear. */
  readonly mergedEvents = new Map<number, number>();
  /** Whose events those were. */
  readonly pendingSources = new Map<number, Set<Source>>();
  /** Vectors that were pending or under way when an earlier life of the device ended. */
  readonly pendingBefore = new Set<number>();
  /** Messages of earlier lives. */
  readonly oldMessages = new Set<string>();
  /** Vectors that were unmasked at some time since the last settled collection. */
  readonly exposed = new Set<number>();
  /** Last value of the reserved dword of a vector's entry, where it was written in this life. */
  readonly reserved = new Map<number, number>();
  /** InterruptACK was written in this life, with messages in use. */
  acknowledged = false;
  /** Vectors that several sources were mapped to at some time in this life. */
  readonly everShared = new Set<number>();
  /** Queues that were stopped and started in this life. */
  readonly restarted = new Set<Source>();
  /** Something was masked, mapped or written since set-up. */
  disturbed = false;
  /** Vectors that were masked, unmasked or rewritten since they last delivered, after set-up. */
  readonly touched = new Set<number>();
  /** What was last written to the vector register of a source, in this life. */
  readonly lastWritten = new Map<Source, number>();
  /** What each source was mapped to in earlier lives. */
  readonly oldMapping = new Map<Source, Set<number>>();
  /** The last 64-bit write to the mask table: what it would make of each bit, and whether it acted where one told. */
  private wide: { changes: Map<number, number>; acted: boolean | undefined } | undefined;
  /** Too much is unknown to judge anything before the next reset. */
  lost = false;
  private readonly context: VectorContext;
  /** What holds for all vectors at once. */
  switches: Switches;
  /** The switches were written since the reset, after MSI was negotiated. */
  switchesWritten = false;
  /** The switches were written since the reset, before MSI was negotiated: what they are is not known. */
  switchesTouched = false;
  private readonly maskOf = (vector: number): number => {
    if (!this.switches.enabled) return LINE;
    return this.switches.held ? MASKED : (this.masks[vector] ?? MASK_UNKNOWN);
  };

  constructor(context: VectorContext) {
    this.context = context;
    this.masks = new Uint8Array(Math.max(1, context.vectors)).fill(MASKED);
    this.switches = this.initialSwitches();
  }

  /** A layout without switches has MSI enabled as soon as it is negotiated. */
  private initialSwitches(): Switches {
    return { enabled: !this.context.switchable, held: false };
  }

  /** Whether the vector keeps its messages back, for whatever reason. */
  isHeld(vector: number): boolean {
    return this.maskOf(vector) !== UNMASKED;
  }

  // --- lives -------------------------------------------------------------------------------------------------------

  /** A reset: what was under way may still be sent until Status reads 0. */
  reset(): void {
    const allowance = emptyWorld();
    if (this.unreliable.size > 0) for (const vector of this.context.entries.known()) addSent(allowance, vector, 0, ANY);
    for (const world of this.worlds) {
      for (const vector of world.pending) this.pendingBefore.add(vector);
      // What was sent and not collected, and all that is under way: each of it may still come.
      const most = new Map([...world.sent].map(([vector, { high }]) => [vector, high]));
      for (const flight of world.flights) {
        const vector = mapped(world, flight.source);
        if (vector < 0) continue;
        this.pendingBefore.add(vector);
        most.set(vector, (most.get(vector) ?? 0) + flight.high);
      }
      for (const [vector, high] of most) {
        allowance.sent.set(vector, { low: 0, high: Math.max(high, allowance.sent.get(vector)?.high ?? 0) });
      }
    }
    for (const world of this.worlds) {
      for (const [source, vector] of world.mapping) {
        const old = this.oldMapping.get(source) ?? new Set();
        this.oldMapping.set(source, old.add(vector));
      }
    }
    for (const key of this.context.entries.allPast()) this.oldMessages.add(key);
    this.clear(allowance);
  }

  powerCycle(): void {
    this.pendingBefore.clear();
    this.oldMapping.clear();
    this.oldMessages.clear();
    this.clear(emptyWorld());
  }

  private clear(world: World): void {
    this.worlds = [world];
    this.masks.fill(MASKED);
    this.switches = this.initialSwitches();
    this.switchesTouched = false;
    this.switchesWritten = false;
    this.masksTouched = false;
    this.maskWritten.clear();
    this.maskConfirmed.clear();
    this.mapConfirmed.clear();
    this.unreliable.clear();
    this.misread.clear();
    this.reserved.clear();
    this.acknowledged = false;
    this.everShared.clear();
    this.lastWritten.clear();
    this.touched.clear();
    this.restarted.clear();
    this.disturbed = false;
    this.mapTouched.clear();
    this.history.clear();
    this.mergedEvents.clear();
    this.pendingSources.clear();
    this.context.entries.clear();
    this.exposed.clear();
    this.wide = undefined;
    this.lost = false;
  }

  /**
   * What was written before the feature was negotiated may be held or ignored.
   *
   * @param low bits of `World.line` that are set, where a layout can switch events to the line
   * @param high bits of it that may be set
   */
  negotiate(low: number, high: number): void {
    if (this.context.switchable) this.set(this.worlds.flatMap((world) => withLine(world, low, high)));
    if (this.masksTouched) this.masks.fill(MASK_UNKNOWN);
    if (this.switchesTouched) this.lost = true;
    for (const source of this.mapTouched) for (const world of this.worlds) world.mapping.set(source, UNKNOWN);
  }

  // --- operations --------------------------------------------------------------------------------------------------

  /** Before an operation that runs beside events. */
  branch(): void {
    this.set(partial(this.worlds, this.maskOf));
  }

  event(flight: Flight, suppressed: boolean): void {
    if (this.lost) return;
    if (this.unreliable.has(flight.source)) flight.low = 0;
    const worlds: World[] = [];
    for (const world of this.worlds) {
      if (this.switches.enabled && mapped(world, flight.source) === UNMAPPED && flight.low > 0)
        this.historyOf(flight.source).eventWhileOff = true;
      if (mapped(world, flight.source) === UNKNOWN) this.lost = true;
      if (suppressed) {
        // Not to be notified, though a device may: the other world carries the warning.
        const loud = cloneWorld(world);
        addFlight(loud, { ...flight, low: 0 });
        loud.warnings.push('NTF-SUPPRESS');
        worlds.push(world, loud);
        continue;
      }
      addFlight(world, flight);
      worlds.push(world);
    }
    this.set(worlds);
  }

  settle(): void {
    this.set(complete(this.worlds, this.maskOf));
  }

  /** DRIVER_OK: what was held comes now or never. */
  release(): void {
    for (const world of this.worlds) for (const flight of world.flights) delete flight.held;
  }

  /** Status told whether the device needs a reset; the notification of it follows, or none does. */
  decideNeed(seen: boolean): void {
    for (const world of this.worlds) {
      for (const flight of world.flights.filter((f) => f.needs)) {
        flight.low = seen ? 1 : 0;
        delete flight.needs;
      }
    }
    this.settle();
  }

  writeMasks(first: number, count: number, value: number): void {
    const { context } = this;
    this.masksTouched = true;
    if (!context.negotiated) return;
    this.disturb();
    this.branch();
    for (let i = 0; i < count; i++) {
      const vector = first + i;
      if (vector >= context.vectors) break;
      this.maskWritten.add(vector);
      const bit = (value >>> i) & 1;
      const before = this.masks[vector];
      if (bit === before) continue;
      this.wide?.changes.delete(vector);
      this.maskConfirmed.delete(vector);
      this.touched.add(vector);
      this.masks[vector] = bit;
      if (bit === MASKED) {
        context.causes.push({ kind: 'mask', vector });
        continue;
      }
      this.letGo(vector, 'own', before === MASK_UNKNOWN);
    }
    this.set(distinct(this.worlds));
  }

  /** The switches of all vectors are written. */
  writeSwitches(now: Switches): void {
    const { context } = this;
    if (!context.negotiated) {
      this.switchesTouched = true;
      return;
    }
    this.disturb();
    this.branch();
    const before = this.switches;
    const free = ({ enabled, held }: Switches) => enabled && !held;
    context.causes.push({ kind: 'switches', before, now });
    this.switches = now;
    this.switchesWritten = true;
    if (free(now) && !free(before)) {
      for (let vector = 0; vector < context.vectors; vector++) {
        this.touched.add(vector);
        if (this.masks[vector] !== MASKED) this.letGo(vector, 'switches', this.masks[vector] === MASK_UNKNOWN);
      }
    }
    this.set(distinct(this.worlds));
  }

  /** After a violation: they are what they read. */
  takeSwitches(now: Switches): void {
    this.switches = now;
    this.lost = true;
  }

  /** One of the things that keep a vector from sending ends: by its own mask bit, or by a switch of all. */
  private letGo(vector: number, by: 'own' | 'switches', unsure: boolean): void {
    const events = this.mergedEvents.get(vector) ?? 0;
    const pending = this.worlds.some((world) => world.pending.has(vector));
    // What its own mask bit is, is what may be unsure: the caller has seen to that.
    const held = !this.switches.enabled || this.switches.held;
    if (by === 'own' || pending) this.context.causes.push({ kind: 'unmask', vector, pending, events, by, held });
    if (held) return;
    if (!this.exposed.has(vector)) this.context.entries.freshen(vector);
    this.exposed.add(vector);
    // Its own mask bit may still keep it.
    const kept = by === 'switches' && unsure ? this.worlds.filter((world) => world.pending.has(vector)) : [];
    this.worlds.push(...kept.map(cloneWorld));
    const released = kept.length > 0 ? this.worlds.slice(0, -kept.length) : this.worlds;
    for (const world of released) {
      if (world.pending.delete(vector)) addSent(world, vector, unsure ? 0 : 1, 1);
    }
    if (kept.length > 0) return;
    this.mergedEvents.delete(vector);
    this.pendingSources.delete(vector);
  }

  /** These words of the mask table were written together, or none of them was. */
  maybeMasks(words: readonly { first: number; count: number; value: number }[]): void {
    const { context } = this;
    this.masksTouched = true;
    if (!context.negotiated) return;
    this.disturb();
    this.branch();
    const changes = new Map<number, number>();
    for (const { first, count, value } of words) {
      for (let i = 0; i < count && first + i < context.vectors; i++) {
        const bit = (value >>> i) & 1;
        if (this.masks[first + i] !== bit) changes.set(first + i, bit);
      }
    }
    const acted = this.worlds.map(cloneWorld);
    for (const [vector, bit] of changes) {
      this.touched.add(vector);
      if (bit === UNMASKED && this.switches.enabled && !this.switches.held) {
        this.exposed.add(vector);
        for (const world of acted) if (world.pending.delete(vector)) addSent(world, vector, 1, 1);
      }
      // Of a vector that was in doubt before, nothing more can be told.
      if (this.masks[vector] === MASK_UNKNOWN) changes.delete(vector);
      this.masks[vector] = MASK_UNKNOWN;
    }
    this.wide = { changes, acted: undefined };
    this.set(distinct([...this.worlds, ...acted]));
  }

  /** A mask bit that a 64-bit write may have changed: all that it changes changes together. */
  private settleWide(vector: number, bit: number): void {
    const changed = this.wide?.changes.get(vector);
    if (!this.wide || changed === undefined) return;
    this.wide.changes.delete(vector);
    const acted = bit === changed;
    if (this.wide.acted === undefined) this.wide.acted = acted;
    else if (this.wide.acted !== acted) {
      const { record } = this.context;
      record.violate('ROB-WIDTH', 'a 64-bit write does nothing or acts as its two halves', 'a part of it acted');
    }
  }

  writeEntry(vector: number, part: string, value: number): void {
    const { context } = this;
    this.disturb();
    this.touched.add(vector);
    const exposed = !this.isHeld(vector) || this.exposed.has(vector);
    if (context.negotiated) context.entries.write(vector, part, value, exposed);
    else context.entries.maybe(vector, part, undefined, exposed);
  }

  /** `wide`: as half of a 64-bit write. */
  maybeEntry(vector: number, part: string, value: number | undefined, wide = false): void {
    const exposed = !this.isHeld(vector) || this.exposed.has(vector);
    if (wide && value !== undefined) this.context.entries.maybeWide(vector, part, value, exposed);
    else this.context.entries.maybe(vector, part, value, exposed);
  }

  map(source: Source, value: number): void {
    const { context } = this;
    this.mapTouched.add(source);
    if (!context.negotiated) return;
    this.disturb();
    this.branch();
    this.mapConfirmed.delete(source);
    const history = this.historyOf(source);
    const refused = value >= context.vectors;
    this.lastWritten.set(source, value);
    history.refused = refused && value !== context.noVector;
    const from = mapped(this.worlds[0] as World, source);
    context.causes.push({ kind: 'map', source, from, value });
    const worlds: World[] = [];
    for (const world of this.worlds) {
      const before = mapped(world, source);
      if (before >= 0 && before !== value) history.earlier.add(before);
      history.earlier.delete(value);
      const kept = cloneWorld(world);
      const off = world;
      off.mapping.set(source, UNMAPPED);
      const next = [off];
      if (!refused) {
        kept.mapping.set(source, value);
        next.unshift(kept);
      }
      worlds.push(...next);
      if (before < 0 || !world.pending.has(before)) continue;
      if (this.othersPend(before, source, world)) continue;
      // A device that drops the pending bit with the mapping does not do what it should; to map the same vector again
      // may be both for it, an end and a beginning.
      for (const one of next) {
        const dropped = cloneWorld(one);
        dropped.pending.delete(before);
        dropped.warnings.push('PBA-VECTOR');
        worlds.push(dropped);
      }
    }
    this.set(distinct(worlds));
  }

  /** What another source made pending, and is still mapped to the vector: no mapping of this one takes it away. */
  othersPend(vector: number, source: Source, world = this.worlds[0] as World): boolean {
    return [...(this.pendingSources.get(vector) ?? [])].some(
      (other) => other !== source && mapped(world, other) === vector,
    );
  }

  /** These mappings were written together, or none of them was. */
  maybeMap(writes: readonly { source: Source; value: number }[]): void {
    this.branch();
    const before = this.worlds.map(cloneWorld);
    const confirmed = writes.filter(({ source }) => this.mapConfirmed.has(source));
    for (const { source, value } of writes) this.map(source, value);
    for (const { source } of confirmed) this.mapConfirmed.add(source);
    this.set(distinct([...before, ...this.worlds]));
  }

  /** From which index a queue goes on is open: it may find buffers that it has used, and say so. */
  mayRepeat(queue: number): void {
    this.event({ source: queue, low: 0, high: ANY }, false);
  }

  /** Open points: the queue's vector may be kept or unmapped (`unmap`), and its pending bit kept or cleared. */
  stopQueue(queue: number, unmap: boolean): void {
    this.branch();
    const worlds: World[] = [];
    for (const world of this.worlds) {
      const vector = mapped(world, queue);
      const choices = [world];
      if (unmap && vector >= 0) {
        const off = cloneWorld(world);
        off.mapping.set(queue, UNMAPPED);
        choices.push(off);
      }
      if (vector >= 0 && world.pending.has(vector)) {
        // Only what no other source has set may go with the queue.
        const others = [...(this.pendingSources.get(vector) ?? [])].some((source) => source !== queue);
        for (const choice of [...choices]) {
          // A device that drops the pending bit with the last mapping does not do what it should.
          const isLast = mapped(choice, queue) === UNMAPPED && ![...choice.mapping.values()].includes(vector);
          if (others && !isLast) continue;
          const cleared = cloneWorld(choice);
          cleared.pending.delete(vector);
          if (others) cleared.warnings.push('PBA-VECTOR');
          choices.push(cleared);
        }
      }
      worlds.push(...choices);
    }
    for (const world of worlds) {
      for (const flight of world.flights) if (flight.source === queue) flight.low = 0;
    }
    this.set(distinct(worlds));
  }

  // --- observations ------------------------------------------------------------------------------------------------

  /** Reads of mask bits; bits from the vector count up must be 0. */
  readMasks(first: number, count: number, observed: number): void {
    const { context } = this;
    if (!context.negotiated || this.lost) return;
    for (let i = 0; i < count; i++) {
      const vector = first + i;
      const bit = (observed >>> i) & 1;
      if (vector >= context.vectors) {
        if (bit === 1) {
          const clause = blameMask(this, context, vector, bit);
          context.record.violate(clause, `mask bit ${vector} reads 0: the device has ${context.vectors} vectors`, '1');
          return;
        }
        context.record.hit('MSK-RSVD');
        continue;
      }
      const expected = this.masks[vector];
      if (expected === MASK_UNKNOWN) {
        this.settleWide(vector, bit);
        this.masks[vector] = bit;
        continue;
      }
      if (bit !== expected) {
        const clause = blameMask(this, context, vector, bit);
        context.record.violate(clause, `mask bit of vector ${vector} reads ${expected}`, String(bit));
        this.masks[vector] = bit;
        this.doubt(vector);
      }
      this.maskConfirmed.add(vector);
    }
    if (this.masksTouched) context.record.hit('MSK-RW');
    else context.record.hit(context.usedBefore ? 'RST-CLEAN' : 'MSK-RESET');
    for (const cause of context.causes) {
      if (cause.kind === 'entry-reserved') context.record.hit('ENT-RSVD');
      if (cause.kind !== 'switches') continue;
      context.record.hit(cause.before.held === cause.now.held ? 'ENA-KEEP' : 'FMK-OWN');
    }
  }

  readPending(first: number, count: number, observed: number): void {
    const { context } = this;
    const { record } = context;
    if (!context.negotiated || this.lost) return;
    for (let i = 0; i < count; i++) {
      const vector = first + i;
      const bit = (observed >>> i) & 1;
      if (vector >= context.vectors) {
        if (bit === 1) {
          const clause = blamePending(this, context, vector, bit);
          record.violate(clause, `pending bit ${vector} reads 0: the device has ${context.vectors} vectors`, '1');
          return;
        }
        record.hit('PBA-RO');
        continue;
      }
      const agreeing = this.worlds.filter((world) => world.pending.has(vector) === (bit === 1));
      if (this.misread.has(vector)) {
        if (agreeing.length === 0) this.doubt(vector);
        continue;
      }
      if (agreeing.length === 0) {
        const clause = blamePending(this, context, vector, bit);
        record.violate(clause, `pending bit of vector ${vector} reads ${1 - bit}`, String(bit));
        if (bit === 1) this.misread.add(vector);
        this.doubt(vector);
        continue;
      }
      if (agreeing.length < this.worlds.length) this.set(this.warned(agreeing));
    }
    this.creditPending();
  }

  private creditPending(): void {
    const { record, causes, usedBefore } = this.context;
    record.hit('PBA-CLEAR');
    if (usedBefore && causes.some((cause) => cause.kind === 'initialise')) record.hit('RST-CLEAN');
    for (const cause of causes) {
      if (cause.kind === 'write-pending') record.hit('PBA-RO');
      if (cause.kind === 'entry-reserved') record.hit('ENT-RSVD');
      if (cause.kind === 'map' && cause.from >= 0 && cause.from !== cause.value) {
        if (this.worlds.some((world) => world.pending.has(cause.from))) record.hit('PBA-VECTOR');
      }
      if (cause.kind === 'event' && cause.effective && !cause.suppressed) {
        const vector = mapped(this.worlds[0] as World, cause.source);
        if (!this.switches.enabled) record.hit('ENA-OFF');
        else if (vector >= 0 && this.isHeld(vector)) record.hit(this.switches.held ? 'FMK-HOLD' : 'PBA-SET');
        if (vector === UNMAPPED && this.switches.enabled) record.hit('MAP-OFF');
      }
    }
  }

  readMapping(source: Source, observed: number): void {
    const { context } = this;
    const { record } = context;
    if (!context.negotiated || this.lost) return;
    const seen = observed === context.noVector ? UNMAPPED : observed;
    const agreeing = this.worlds.filter((world) => {
      const vector = mapped(world, source);
      return vector === seen || vector === UNKNOWN;
    });
    const write = context.causes.findLast((cause) => cause.kind === 'map' && cause.source === source);
    if (agreeing.length === 0) {
      const clause = blameMapping(this, context, source, seen);
      const expected = [...new Set(this.worlds.map((world) => mapped(world, source)))];
      const shown = expected.map((vector) =>
        vector === UNMAPPED ? `${hex(context.noVector)} (NO_VECTOR)` : hex(vector),
      );
      record.violate(clause, `the vector of ${sourceName(source)} reads ${shown.join(' or ')}`, hex(observed));
      for (const world of this.worlds) world.mapping.set(source, seen < context.vectors ? seen : UNKNOWN);
      this.mapConfirmed.add(source);
      return;
    }
    if (agreeing.length < this.worlds.length) this.set(this.warned(agreeing));
    for (const world of this.worlds) if (mapped(world, source) === UNKNOWN) world.mapping.set(source, seen);
    if (write?.kind === 'map' && seen === UNMAPPED && write.value !== context.noVector)
      this.historyOf(source).refused = true;
    if (seen >= 0 && this.sharers(seen) > 1) this.everShared.add(seen);
    this.mapConfirmed.add(source);
    if (write?.kind === 'map') record.hit(write.value >= context.vectors ? 'MAP-RANGE' : 'MAP-BACK');
    else if (!this.mapTouched.has(source)) record.hit(context.usedBefore ? 'RST-CLEAN' : 'MAP-RESET');
    for (const cause of context.causes) {
      if (cause.kind === 'ready' || cause.kind === 'select' || cause.kind === 'mask') record.hit('MAP-KEEP');
      if (cause.kind === 'map' && cause.source !== source) record.hit('MAP-QUEUE');
    }
  }

  /** What was delivered since the last collection; `settled` where nothing is under way any more. */
  collect(interrupts: Interrupt[], settled: boolean): void {
    const { context } = this;
    if (!context.capturesMessages) {
      for (const world of this.worlds) world.sent.clear();
      return;
    }
    const counts = new Map<number, number>();
    const strangers: Content[] = [];
    for (const interrupt of interrupts) {
      if (interrupt.kind !== 'message') continue;
      const content = contentOf(interrupt.address, interrupt.data);
      const owner = this.ownerOf(content, counts);
      if (owner === undefined) strangers.push(content);
      else counts.set(owner, (counts.get(owner) ?? 0) + 1);
    }
    if (this.lost) return;
    if (strangers.length === 0) {
      const agreeing = this.worlds.filter((world) => agrees(world, counts, settled));
      if (agreeing.length > 0) {
        this.set(this.warned(agreeing));
        this.take(counts, settled);
        if (settled) this.creditMessages(counts);
        return;
      }
    }
    const wrong = this.complain(counts, strangers);
    for (const world of this.worlds) world.sent.clear();
    for (const vector of wrong) this.doubt(vector);
    this.worlds = distinct(this.worlds);
    if (settled) this.afterCollection();
  }

  /** After a violation: whether anything is pending on the vector is not known any more. */
  private doubt(vector: number): void {
    const worlds = this.worlds.flatMap((world) => {
      const other = cloneWorld(world);
      if (!other.pending.delete(vector)) other.pending.add(vector);
      return [world, other];
    });
    this.set(distinct(worlds));
    for (const cause of this.context.causes) if (cause.kind === 'event') this.unreliable.add(cause.source);
  }

  private take(counts: Map<number, number>, settled: boolean): void {
    for (const world of this.worlds) {
      if (settled) {
        world.sent.clear();
        continue;
      }
      for (const [vector, seen] of counts) {
        const count = world.sent.get(vector);
        if (count) {
          count.low = Math.max(0, count.low - seen);
          count.high -= seen;
        }
      }
    }
    if (settled) this.afterCollection();
  }

  private afterCollection(): void {
    this.exposed.clear();
    for (let vector = 0; vector < this.masks.length; vector++) {
      if (!this.isHeld(vector)) this.exposed.add(vector);
    }
    for (const vector of this.context.entries.known()) {
      if (this.isHeld(vector)) this.context.entries.freshen(vector);
    }
  }

  /** Names what is wrong: a message that nobody may send, one too many, or one that is missing. */
  private complain(counts: Map<number, number>, strangers: Content[]): number[] {
    const { context } = this;
    const { record } = context;
    const nearest = this.nearest(counts);
    const missing = [...nearest.sent].filter(([vector, count]) => (counts.get(vector) ?? 0) < count.low);
    const extra = [...counts].filter(([vector, count]) => count > (nearest.sent.get(vector)?.high ?? 0));
    const stranger = strangers[0];
    const wrong = [...missing.map(([vector]) => vector), ...extra.map(([vector]) => vector)];
    if (stranger) {
      const clause = blameUnknown(this, context, stranger, missing[0]?.[0]);
      record.violate(clause, this.expectation(nearest, missing[0]?.[0]), `a message with ${showContent(stranger)}`);
      return wrong;
    }
    const lacking = missing[0];
    const surplus = extra[0];
    if (lacking) {
      const [vector, count] = lacking;
      const clause = blameMissing(this, context, vector, counts);
      const seen = counts.get(vector) ?? 0;
      const elsewhere = surplus ? `, and ${plural(surplus[1])} of vector ${surplus[0]}` : '';
      record.violate(clause, `${bounds(count.low, count.high)} of vector ${vector}`, `${plural(seen)}${elsewhere}`);
      return wrong;
    }
    if (surplus) {
      const [vector, seen] = surplus;
      const clause = blameExtra(this, context, vector, counts);
      const high = nearest.sent.get(vector)?.high ?? 0;
      const low = nearest.sent.get(vector)?.low ?? 0;
      record.violate(clause, `${bounds(low, high)} of vector ${vector}`, `${plural(seen)} of vector ${vector}`);
      return wrong;
    }
    // Each count fits in some world, and no world fits all of them: an event was lost or doubled on the way.
    const seen = [...counts].map(([vector, count]) => `${plural(count)} of vector ${vector}`).join(', ');
    record.violate(
      'DLV-LOST',
      'each event ends in a message of its vector or in its pending bit',
      seen || 'no message',
    );
    return [...this.context.entries.known()];
  }

  private expectation(world: World, vector: number | undefined): string {
    if (vector === undefined) return 'no message but those that an entry holds';
    const count = world.sent.get(vector) ?? { low: 0, high: 0 };
    const content = this.context.entries.content(vector);
    return `${bounds(count.low, count.high)} of vector ${vector}${content ? `: ${showContent(content)}` : ''}`;
  }

  /** The world that the observation contradicts least. */
  private nearest(counts: Map<number, number>): World {
    let best = this.worlds[0] as World;
    let bestDistance = Number.POSITIVE_INFINITY;
    for (const world of withFewestWarnings(this.worlds)) {
      let distance = 0;
      for (const [vector, count] of world.sent) distance += Math.max(0, count.low - (counts.get(vector) ?? 0));
      for (const [vector, seen] of counts) distance += Math.max(0, seen - (world.sent.get(vector)?.high ?? 0));
      if (distance < bestDistance) {
        best = world;
        bestDistance = distance;
      }
    }
    return best;
  }

  private ownerOf(content: Content, counts: Map<number, number>): number | undefined {
    let found: number | undefined;
    for (const vector of this.context.entries.known()) {
      if (!this.context.entries.allows(vector, content)) continue;
      const room = this.worlds.some((world) => (world.sent.get(vector)?.high ?? 0) > (counts.get(vector) ?? 0));
      if (room) return vector;
      found ??= vector;
    }
    if (found !== undefined) return found;
    // An entry that was never written holds what nobody knows.
    for (const world of this.worlds) {
      for (const [vector, count] of world.sent) {
        const known = this.context.entries.content(vector) !== undefined;
        if (!known && count.high > (counts.get(vector) ?? 0)) return vector;
      }
    }
    // Of the life before, still allowed between the write of 0 and the read of 0.
    if (!this.oldMessages.has(contentKey(content))) return undefined;
    for (const world of this.worlds) {
      for (const [vector, count] of world.sent) {
        if (count.low === 0 && count.high > (counts.get(vector) ?? 0)) return vector;
      }
    }
    return undefined;
  }

  private creditMessages(counts: Map<number, number>): void {
    const { record, causes, live } = this.context;
    record.hit('DLV-SPURIOUS');
    if (causes.some((cause) => cause.kind === 'initialise')) this.touched.clear();
    const busy = causes.some((cause) => ['mask', 'unmask', 'entry', 'map', 'switches'].includes(cause.kind));
    if (this.pendingBefore.size > 0) record.hit('RST-QUIET');
    if (causes.length > 1 && causes.some((c) => c.kind === 'event') && live) record.hit('DLV-LOST');
    for (const cause of causes) {
      if (cause.kind === 'entry') {
        record.hit('ENT-QUIET');
      }
      if (cause.kind === 'entry-reserved') record.hit('ENT-RSVD');
      if (cause.kind === 'write-pending') record.hit('PBA-RO');
      if (cause.kind === 'switches') this.creditSwitches(cause, counts);
      if (cause.kind === 'unmask' && cause.held) {
        if (cause.pending) record.hit(this.switches.enabled ? 'FMK-HOLD' : 'ENA-KEEP');
      } else if (cause.kind === 'unmask' && cause.by === 'own') {
        if (!cause.pending) record.hit('PBA-NONE');
        else if ((counts.get(cause.vector) ?? 0) > 0) {
          record.hit(cause.events > 1 ? 'PBA-MERGE' : 'PBA-FIRE');
          record.hit('DLV-LOST');
          record.hit('ENT-FRESH');
        }
      }
      if (cause.kind === 'needs-reset' && counts.size > 0) record.hit('STAT-NEEDS');
      if (cause.kind === 'event') this.creditEvent(cause, counts);
    }
    if (busy) for (const history of this.history.values()) history.undisturbed = false;
  }

  private creditSwitches({ before, now }: Cause & { kind: 'switches' }, counts: Map<number, number>): void {
    const { record, causes } = this.context;
    const released = causes.some(
      (cause) => cause.kind === 'unmask' && cause.by === 'switches' && (counts.get(cause.vector) ?? 0) > 0,
    );
    if (before.held && !now.held && now.enabled && released) record.hit('FMK-FIRE');
    if (!before.enabled && now.enabled) {
      if (released) record.hit('ENA-FIRE');
      if (this.worlds.every((world) => world.line !== 0)) record.hit('ENA-ONCE');
    }
    if (before.enabled && !now.enabled && this.worlds.some((world) => world.pending.size > 0)) {
      record.hit('ENA-KEEP');
      record.hit('ENA-ONCE');
    }
    if (released) {
      record.hit('ENT-FRESH');
      record.hit('DLV-LOST');
    }
  }

  // --- InterruptStatus, where events can be switched to the line -----------------------------------------------------

  /** InterruptACK. @param bits of `World.line` */
  acknowledge(bits: number): void {
    this.branch();
    for (const world of this.worlds) world.line &= ~bits;
    this.set(distinct(this.worlds));
  }

  /** What InterruptStatus must be, as bits of `World.line`: one value for each thing that may have happened. */
  lineValues(): number[] {
    return [...new Set(this.worlds.map((world) => world.line))];
  }

  /** @param observed bits of `World.line`. @returns false where no world has it; it is taken as it is then */
  readLine(observed: number): boolean {
    const agreeing = this.worlds.filter((world) => world.line === observed);
    if (agreeing.length > 0) {
      if (agreeing.length < this.worlds.length) this.set(this.warned(agreeing));
      return true;
    }
    for (const world of this.worlds) world.line = observed;
    this.set(distinct(this.worlds));
    return false;
  }

  private creditEvent(cause: Cause & { kind: 'event' }, counts: Map<number, number>): void {
    const { record } = this.context;
    if (!cause.effective) {
      if (cause.why === 'early') record.hit('DLV-READY');
      return;
    }
    const vector = mapped(this.worlds[0] as World, cause.source);
    const history = this.historyOf(cause.source);
    // Mapped away beside the event: it may have come before.
    for (const map of this.context.causes) {
      if (map.kind === 'map' && map.source === cause.source && map.from >= 0 && this.isHeld(map.from)) {
        this.mergedEvents.set(map.from, (this.mergedEvents.get(map.from) ?? 0) + cause.count);
      }
    }
    if (!this.switches.enabled) {
      record.hit('ENA-OFF');
      return;
    }
    if (vector === UNMAPPED) {
      record.hit('MAP-OFF');
      return;
    }
    if (this.isHeld(vector)) {
      record.hit(this.masks[vector] === MASKED ? 'MSK-HOLD' : 'FMK-HOLD');
      this.mergedEvents.set(vector, (this.mergedEvents.get(vector) ?? 0) + cause.count);
      this.pendingSources.set(vector, (this.pendingSources.get(vector) ?? new Set<Source>()).add(cause.source));
      return;
    }
    if ((counts.get(vector) ?? 0) === 0) return;
    record.hit(cause.source === 'config' ? 'DLV-CONFIG' : 'DLV-USED');
    record.hit('ENT-FRESH');
    if (history.earlier.size > 0) record.hit('MAP-MOVE');
    if (this.sharers(vector) > 1) record.hit('MAP-SHARE');
    else history.deliveredAlone = true;
    history.delivered = true;
    if (this.context.causes.length === 1) this.touched.delete(vector);
    history.undisturbed = true;
  }

  /** Something else was done: an event that is lost from now on is lost for a reason that is not its own. */
  disturb(): void {
    if (!this.context.causes.some((cause) => cause.kind === 'initialise')) this.disturbed = true;
    for (const history of this.history.values()) history.undisturbed = false;
  }

  // --- helpers -----------------------------------------------------------------------------------------------------

  sharers(vector: number): number {
    let count = 0;
    for (const [, to] of (this.worlds[0] as World).mapping) if (to === vector) count++;
    return count;
  }

  /** Another vector in use is masked or pending: what is lost now may be lost for that. */
  besideOthers(vector: number): boolean {
    const world = this.worlds[0] as World;
    for (const other of world.pending) if (other !== vector) return true;
    for (const [, to] of world.mapping) if (to >= 0 && to !== vector && this.isHeld(to)) return true;
    return false;
  }

  /** Nothing was done in this life that an event could be lost by: only set-up, with every vector in use unmasked. */
  simple(): boolean {
    if (this.disturbed) return false;
    return [...(this.worlds[0] as World).mapping.values()].every((vector) => vector < 0 || !this.isHeld(vector));
  }

  historyOf(source: Source): SourceHistory {
    let history = this.history.get(source);
    if (!history) {
      history = {
        deliveredAlone: false,
        undisturbed: false,
        refused: false,
        delivered: false,
        earlier: new Set(),
        eventWhileOff: false,
      };
      this.history.set(source, history);
    }
    return history;
  }

  /** Where only worlds with a warning are left, the warning is a fact. */
  private warned(agreeing: World[]): World[] {
    const left = withFewestWarnings(agreeing);
    const warning = left[0]?.warnings[0];
    if (warning === undefined) return agreeing;
    this.context.record.violate(warning, WARNING_TEXT[warning] ?? '', 'it does');
    for (const world of agreeing) world.warnings = [];
    return distinct(agreeing);
  }

  private set(worlds: World[]): void {
    this.worlds = worlds;
    if (worlds.length <= WORLD_LIMIT) return;
    this.lost = true;
    this.worlds = [worlds[0] as World];
  }
}

const WARNING_TEXT: Record<string, string> = {
  'NTF-SUPPRESS': 'no notification: the driver has set VIRTQ_AVAIL_F_NO_INTERRUPT',
  'PBA-VECTOR': 'remapping or unmapping an event leaves the pending bit of its vector set',
};

/** One world for each value that InterruptStatus may have. */
function withLine(world: World, low: number, high: number): World[] {
  const possible = [0, LINE_USED, LINE_CONFIG, LINE_USED | LINE_CONFIG];
  return possible
    .filter((line) => (line & ~high) === 0 && (low & ~line) === 0)
    .map((line) => ({ ...cloneWorld(world), line }));
}

export function sourceName(source: Source): string {
  return source === 'config' ? 'the configuration change' : `queue ${source}`;
}

function agrees(world: World, counts: Map<number, number>, settled: boolean): boolean {
  for (const [vector, seen] of counts) if (seen > (world.sent.get(vector)?.high ?? 0)) return false;
  if (!settled) return true;
  for (const [vector, count] of world.sent) if ((counts.get(vector) ?? 0) < count.low) return false;
  return true;
}

function plural(count: number): string {
  if (count === 0) return 'no message';
  return count === 1 ? '1 message' : `${count} messages`;
}

function bounds(low: number, high: number): string {
  if (low === high) return plural(low);
  return low === 0 ? `at most ${plural(high)}` : `${low} to ${high} messages`;
}
