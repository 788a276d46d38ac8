/**
 * The oracle: walks along the steps of a program and what was observed, keeps what the device may be like, and names
 * the clause that an observation violates. It never assumes of the device what it did not show.
 */
import type { Step } from '../compile.ts';
import type { Execution, Observation } from '../execute.ts';
import { fixedClauses, headerProblems, headerRegisters } from '../header.ts';
import { type Meaning, type MsiMechanism, mechanismOf, type SwitchRegister } from '../mechanisms/index.ts';
import { locate, WORD } from '../places.ts';
import { offers, type Profile } from '../profile.ts';
import { beginsAnew, hex, type Program, type Source } from '../program.ts';
import { fromLittleEndian } from '../queue-memory.ts';
import type { Interrupt } from '../target.ts';
import { Entries } from './entries.ts';
import { Recorder } from './record.ts';
import type { Cause } from './state.ts';
import { TransportOracle } from './transport.ts';
import { VectorOracle } from './vectors.ts';

const BITS_PER_WORD = 32;
/** More notifications than anything sends. */
const ANY = 1_000_000;

export interface Judgement {
  exercised: Map<string, number>;
  violations: Recorder['violations'];
  /** Set where the device refused FEATURES_OK: the feature words that it refused. */
  refused?: string;
}

/** Judges what was observed of a program. */
export function judge(program: Program, steps: readonly Step[], execution: Execution, profile: Profile): Judgement {
  const oracle = new Oracle(program, steps, profile);
  const end = execution.fault ? execution.fault.step : steps.length;
  for (let index = 0; index < end; index++) oracle.step(index, execution.observations[index]);
  return oracle.result();
}

const LOOKS = new Set<string>(['read', 'memory-read', 'inspect', 'settle', 'interrupts']);

/** A write of 0 to Status, or a power cycle. */
function endsLife(step: Step): boolean {
  if (step.kind === 'power-cycle') return true;
  return (
    step.kind === 'write' &&
    step.value === 0 &&
    step.spot.kind === 'register' &&
    step.spot.register.name === 'Status' &&
    step.width === 32
  );
}

export class Oracle {
  readonly record: Recorder;
  readonly transport: TransportOracle;
  readonly vectors: VectorOracle;
  private readonly program: Program;
  private readonly steps: readonly Step[];
  private readonly profile: Profile;
  private readonly entries: Entries | undefined;
  private readonly mechanism: MsiMechanism | undefined;
  private readonly header: Set<string>;
  /** Registers that come with the feature, and read 0 where a device that has them does not offer it. */
  private readonly absent: Set<string>;
  private readonly headerValues = new Map<string, number>();
  private readonly headerRead = new Map<string, number>();
  private causes: Cause[] = [];
  private settled = true;
  /** Index of the operation that the step belongs to. */
  private operation = 0;
  private refused: string | undefined;
  /** The driver did what leaves the device free to do anything, until the next reset. */
  private undefined = false;
  /** Events of a burst that are under way since its beginning: steps whose event is accounted for. */
  private readonly ahead = new Set<number>();

  constructor(program: Program, steps: readonly Step[], profile: Profile) {
    this.program = program;
    this.steps = steps;
    this.profile = profile;
    const { layout } = profile;
    this.record = new Recorder((clause) => layout.clauseFor(clause));
    this.mechanism = mechanismOf(profile);
    const table = layout.msi ? layout.table(layout.msi.entryTable) : undefined;
    this.entries = table?.kind === 'entries' ? new Entries(table) : undefined;
    this.header = new Set(headerRegisters(layout));
    const ofFeature = Object.values(layout.data.registers).filter((r) => r.feature === layout.msi?.feature);
    this.absent = new Set(layout.msi ? ofFeature.map((register) => register.name) : []);
    const self = this;
    this.transport = new TransportOracle({
      record: this.record,
      get pendingBefore() {
        return self.vectors.pendingBefore.size > 0;
      },
      layout,
      profile,
      get messages() {
        return self.transport.msiNegotiated && self.vectors.switches.enabled;
      },
      get causes() {
        return self.causes;
      },
    });
    this.vectors = new VectorOracle({
      record: this.record,
      vectors: profile.msi?.vectors ?? 0,
      noVector: layout.msi ? layout.constant(layout.msi.noVector) : 0,
      entries: this.entries ?? new Entries({ fields: {} } as never),
      get causes() {
        return self.causes;
      },
      get negotiated() {
        return self.transport.msiNegotiated;
      },
      get live() {
        return self.transport.live;
      },
      get usedBefore() {
        return self.transport.usedBefore;
      },
      capturesMessages: profile.capabilities.messages,
      switchable: this.mechanism?.switches !== undefined,
    });
  }

  result(): Judgement {
    const { exercised, violations } = this.record;
    return { exercised, violations, ...(this.refused === undefined ? {} : { refused: this.refused }) };
  }

  step(index: number, observation: Observation): void {
    const step = this.steps[index] as Step;
    this.record.step = index;
    this.operation = step.operation;
    this.record.operation = step.operation;
    if (this.undefined && !endsLife(step)) {
      if (step.kind === 'settle') this.settled = true;
      // Nothing is judged, but where the line is has to be known when the next life begins.
      if (step.kind === 'interrupts') {
        const level = ((observation ?? []) as Interrupt[]).findLast((interrupt) => interrupt.kind === 'line')?.level;
        if (level !== undefined) this.transport.lineDrained(level);
      }
      if (step.kind === 'begin') this.begin(index);
      return;
    }
    if (this.undefined) this.transport.forgetQueues();
    this.undefined = false;
    switch (step.kind) {
      case 'begin':
        return this.begin(index);
      case 'write':
        return this.write(step);
      case 'read':
        return this.read(step, observation as number | bigint);
      case 'poll':
        return this.poll(step, observation as { value: number; reads: number });
      case 'settle':
        this.settled = true;
        this.vectors.settle();
        return this.transport.settleQueues();
      case 'interrupts':
        return this.collect((observation ?? []) as Interrupt[]);
      case 'power-cycle':
        this.causes = [{ kind: 'power-cycle' }];
        this.transport.powerCycle();
        return this.vectors.powerCycle();
      case 'laid-out':
        // Rings that are moved under a queue that runs, or that did not stop, leave nothing to expect.
        if (this.transport.queue(step.queue).ready === 1 || this.transport.queueStuck) this.undefined = true;
        return this.transport.laidOut(step.queue);
      case 'offered':
        if (!this.ahead.has(index)) this.queueEvent(step.queue, step.count, step.told);
        return;
      case 'raise':
        if (!this.ahead.has(index)) this.raise(step.event.source === 'queue' ? step.event.queue : step.event.source);
        return;
      case 'memory-write':
        if (step.what === 'avail.flags') {
          const flag = this.profile.layout.constant('VIRTQ_AVAIL_F_NO_INTERRUPT');
          this.transport.queue(step.queue).suppressed = (step.value & flag) !== 0;
        }
        if (step.what === 'avail.ring') this.transport.queue(step.queue).heads.push(step.value);
        return;
      case 'memory-read':
        if (step.what === 'used.ring' && this.settled) {
          this.transport.readUsedId(step.queue, fromLittleEndian(observation as Uint8Array));
        }
        if (step.what === 'used.idx' && this.settled) {
          const bytes = observation as Uint8Array;
          this.transport.readUsed(step.queue, (bytes[0] ?? 0) + (bytes[1] ?? 0) * 256);
        }
    }
  }

  // --- operations --------------------------------------------------------------------------------------------------

  private begin(index: number): void {
    const operation = this.program.operations[(this.steps[index] as Step).operation];
    const burstBegins = this.settled;
    // What only looks leaves the question open what brought about what it sees.
    if (operation && LOOKS.has(operation.op)) return;
    if (this.settled) this.causes = [];
    this.settled = false;
    if (operation?.op === 'initialise') this.causes.push({ kind: 'initialise' });
    if (operation?.op === 'reset') this.causes.push({ kind: 'reset' });
    if (burstBegins && operation?.race) this.lookAhead(index);
  }

  /**
   * Operations and events that follow each other without settling are concurrent, so an event of this burst may
   * come before any operation of it.
   */
  private lookAhead(from: number): void {
    for (let index = from; index < this.steps.length; index++) {
      const step = this.steps[index] as Step;
      if (step.kind === 'settle' || step.kind === 'poll' || step.kind === 'power-cycle') return;
      if (step.kind === 'write' && step.spot.kind === 'register') {
        const { effects } = step.spot.register;
        if (effects.includes('starts-queue') || effects.includes('resets-on-zero')) return;
      }
      if (step.kind === 'offered') {
        this.ahead.add(index);
        this.queueEvent(step.queue, step.count, step.told);
      } else if (step.kind === 'raise' && step.event.source !== 'needs-reset') {
        this.ahead.add(index);
        this.raise(step.event.source === 'queue' ? step.event.queue : step.event.source);
      }
    }
  }

  private queueEvent(queue: number, count: number, told: boolean): void {
    const { transport } = this;
    const why = transport.idleReason(queue);
    const high = transport.offered(queue, count, told);
    const state = transport.queue(queue);
    if (told) this.notifyQueue(queue, count, high, why, state.suppressed);
    else if (why === undefined) this.maybeNotify(queue, high);
  }

  private notifyQueue(
    queue: number,
    count: number,
    high: number,
    why: ReturnType<TransportOracle['idleReason']>,
    suppressed: boolean,
  ): void {
    const { transport, vectors } = this;
    const effective = why === undefined;
    this.causes.push({ kind: 'event', source: queue, effective, why, suppressed, count });
    if (!effective) return;
    const { vague } = transport.queue(queue);
    const certain = !transport.needsResetSeen && !vague && high > 0;
    if (transport.msiNegotiated)
      vectors.event({ source: queue, low: certain ? 1 : 0, high: vague ? ANY : high }, suppressed);
    else if (suppressed) transport.raiseSuppressed();
    else transport.raise(queue, certain);
  }

  private raise(source: Source | 'needs-reset'): void {
    const { transport, vectors } = this;
    if (source === 'needs-reset') {
      this.causes.push({ kind: 'needs-reset' });
      if (transport.msiNegotiated) vectors.event({ source: 'config', low: 0, high: 1, needs: true }, false);
      else transport.raise('config', false);
      return;
    }
    if (typeof source === 'number') {
      const state = transport.queue(source);
      this.notifyQueue(source, 1, 1, transport.idleReason(source), state.suppressed);
      return;
    }
    const { live, msiNegotiated } = transport;
    // Once Status has read 0 after a reset, nothing is notified until the device is initialised again.
    const silent = transport.status === 0 && transport.wasReset;
    const certain = live && !transport.needsResetSeen;
    this.causes.push({
      kind: 'event',
      source,
      effective: live,
      why: live ? undefined : silent ? 'after-reset' : 'early',
      suppressed: false,
      count: 1,
    });
    if (msiNegotiated) {
      // Between FEATURES_OK and DRIVER_OK it may be dropped, sent, or held until DRIVER_OK.
      vectors.event({ source, low: certain ? 1 : 0, high: 1, ...(live ? {} : { held: true }) }, false);
      if (!live) vectors.branch();
    } else if (!silent) {
      transport.raise(source, certain);
    }
  }

  private write(step: Step & { kind: 'write' }): void {
    const { spot, offset, width, value } = step;
    if (width === 64 && offset % 8 === 0) return this.writeWide(step);
    if (width !== 32 || offset % WORD !== 0) {
      this.causes.push({ kind: 'illegal', clause: 'ROB-WIDTH' });
      if (spot.kind === 'entry') this.maybeMemory(step);
      return;
    }
    const meaning = this.mechanism?.meaning(spot);
    if (meaning) return this.writeVectors(meaning, value);
    if (spot.kind === 'register') return this.writeRegister(spot.register.name, value);
    if (spot.kind !== 'config') this.causes.push({ kind: 'illegal', clause: 'ROB-RANGE' });
  }

  /** A write to a place of the vectors. */
  private writeVectors(meaning: Meaning, value: number): void {
    const { vectors } = this;
    switch (meaning.kind) {
      case 'message':
        this.causes.push({ kind: 'entry', vector: meaning.vector, part: meaning.part });
        return vectors.writeEntry(meaning.vector, meaning.part, value);
      case 'reserved':
        this.causes.push({ kind: 'entry-reserved', vector: meaning.vector });
        vectors.reserved.set(meaning.vector, value);
        return;
      case 'masks':
        // Where bits without a meaning stand beside a vector's mask bit.
        if (meaning.count < BITS_PER_WORD) {
          vectors.reserved.delete(meaning.first);
          if (value >>> meaning.count !== 0) {
            this.causes.push({ kind: 'entry-reserved', vector: meaning.first });
            vectors.reserved.set(meaning.first, value);
          }
        }
        return vectors.writeMasks(meaning.first, meaning.count, value);
      case 'pending':
        this.causes.push({ kind: 'write-pending' });
        return;
      case 'switches': {
        const now = this.mechanism?.switches?.decode(value);
        if (now) vectors.writeSwitches(now);
      }
    }
  }

  /** An aligned 64-bit write may do nothing or act as its two halves. */
  private writeWide(step: Step & { kind: 'write' }): void {
    const { vectors, transport, profile } = this;
    this.causes.push({ kind: 'illegal', clause: 'ROB-WIDTH' });
    const halves = [step.value % 2 ** 32, Math.floor(step.value / 2 ** 32)];
    const masks: { first: number; count: number; value: number }[] = [];
    const mappings: { source: Source; value: number }[] = [];
    this.entries?.beginWide();
    halves.forEach((half, index) => {
      const spot = locate(step.offset + index * WORD, profile);
      const meaning = this.mechanism?.meaning(spot);
      if (meaning?.kind === 'message') vectors.maybeEntry(meaning.vector, meaning.part, half, true);
      else if (meaning?.kind === 'masks') masks.push({ first: meaning.first, count: meaning.count, value: half });
      else if (meaning?.kind === 'switches') this.undefined = true;
      else if (spot.kind === 'register' && spot.register.access.includes('W')) {
        const { name } = spot.register;
        if (name === profile.layout.msi?.configVector) mappings.push({ source: 'config', value: half });
        else if (name === profile.layout.msi?.queueVector && transport.queueSel < profile.queues.length)
          mappings.push({ source: transport.queueSel, value: half });
        // Status as it is says nothing new; of any other register both outcomes would have to be followed.
        else if (name !== 'Status' || half !== transport.status) this.undefined = true;
      }
    });
    if (masks.length > 0) vectors.maybeMasks(masks);
    if (mappings.length > 0) vectors.maybeMap(mappings);
  }

  /** In a direct page a narrower store may behave as memory; a trapped one must do nothing. */
  private maybeMemory(step: Step & { kind: 'write' }): void {
    const { layout } = this.profile;
    const { spot, offset, width, value } = step;
    if (spot.kind !== 'entry' || layout.table(spot.table).page !== 'direct') return;
    const bytes = width / 8;
    for (let i = 0; i < bytes; i += 1) {
      const word = locate(offset + i, this.profile);
      const inWord = (offset + i) % WORD;
      if (word.kind !== 'entry' || !word.field) continue;
      const known = this.entries?.readable(word.row, word.field.name);
      if (!known) continue;
      const byte = Math.floor(value / 2 ** (8 * i)) % 256;
      const base = known.values.at(-1) as number;
      const patched =
        base - (Math.floor(base / 2 ** (8 * inWord)) % 256) * 2 ** (8 * inWord) + byte * 2 ** (8 * inWord);
      this.vectors.maybeEntry(word.row, word.field.name, patched);
    }
  }

  private writeRegister(name: string, value: number): void {
    const { transport, vectors } = this;
    const { msi } = this.profile.layout;
    if (this.profile.msi && msi) {
      if (this.header.has(name)) {
        this.causes.push({ kind: 'write-header' });
        return;
      }
      if (name === msi.configVector) return vectors.map('config', value);
      if (name === msi.queueVector) {
        if (transport.queueSel < this.profile.queues.length) vectors.map(transport.queueSel, value);
        else this.causes.push({ kind: 'map-absent' });
        return;
      }
    }
    switch (name) {
      case 'Status':
        return this.writeStatus(value);
      case 'DeviceFeaturesSel':
        return transport.selectDeviceFeatures(value);
      case 'DriverFeaturesSel':
        return transport.selectDriverFeatures(value);
      case 'DriverFeatures':
        return transport.writeDriverFeatures(value);
      case 'QueueSel':
        transport.queueSel = value;
        this.causes.push({ kind: 'select' });
        return;
      case 'QueueReady':
        return this.writeReady(value);
      case 'QueueReset':
        if (transport.ringReset && value === 1) {
          this.causes.push({ kind: 'queue-reset', queue: transport.queueSel });
          vectors.stopQueue(transport.queueSel, true);
        }
        return;
      case 'InterruptACK':
        this.causes.push({ kind: 'acknowledge', bits: value });
        if (!transport.msiNegotiated) {
          transport.acknowledge(value);
          return;
        }
        vectors.acknowledged = true;
        if (this.mechanism?.switches) vectors.acknowledge(transport.eventBits(value));
        return;
      case 'SHMSel':
        return transport.selectShm(value);
    }
    if (this.absent.has(name)) return;
    if (this.profile.layout.register(name).access === 'R') this.causes.push({ kind: 'forbidden' });
  }

  private writeStatus(value: number): void {
    const { transport, vectors } = this;
    if (value === 0) {
      if (transport.msiNegotiated) for (const bits of vectors.lineValues()) transport.leaveBehind(bits);
      vectors.reset();
      transport.reset();
      this.causes.push({ kind: 'reset' });
      return;
    }
    if (!transport.writeStatus(value)) return;
    this.causes.push({ kind: 'driver-ok' });
    vectors.release();
    for (const queue of transport.queueIndices()) this.wake(queue);
  }

  private writeReady(value: number): void {
    const { transport } = this;
    const queue = transport.queueSel;
    transport.writeReady(value);
    this.causes.push({ kind: 'ready', queue, value });
    if (value === 0) this.vectors.stopQueue(queue, false);
    else {
      if (transport.queue(queue).stopped) this.vectors.restarted.add(queue);
      if (transport.queue(queue).vague && transport.live) {
        if (transport.msiNegotiated) this.vectors.mayRepeat(queue);
        else transport.raise(queue, false);
      }
      this.wake(queue);
    }
  }

  /** Buffers offered while the queue could not run may be used now, and notified. */
  private wake(queue: number): void {
    this.maybeNotify(queue, this.transport.wake(queue));
  }

  private maybeNotify(queue: number, high: number): void {
    if (high === 0) return;
    if (this.transport.msiNegotiated) this.vectors.event({ source: queue, low: 0, high }, false);
    else this.transport.raise(queue, false);
  }

  // --- observations ------------------------------------------------------------------------------------------------

  private read(step: Step & { kind: 'read' }, observed: number | bigint): void {
    const { spot, offset, width } = step;
    if (width !== 32 || offset % WORD !== 0) {
      // What such a read answers is free, also where its halves would be legal; what it does is not.
      this.causes.push({ kind: 'illegal', clause: 'ROB-WIDTH' });
      return;
    }
    const value = Number(observed);
    const meaning = this.mechanism?.meaning(spot);
    if (meaning?.kind === 'masks') return this.vectors.readMasks(meaning.first, meaning.count, value);
    if (meaning?.kind === 'pending') return this.vectors.readPending(meaning.first, meaning.count, value);
    if (meaning?.kind === 'message') return this.readEntry(meaning.vector, meaning.part, value);
    switch (spot.kind) {
      case 'register':
        return this.readRegister(spot.register.name, value);
      case 'config':
        return this.transport.readConfig(spot.at, value);
      case 'undefined':
        this.causes.push({ kind: 'illegal', clause: 'ROB-RANGE' });
    }
  }

  private readEntry(vector: number, name: string, observed: number): void {
    const { record } = this;
    if (!this.transport.msiNegotiated) return;
    const known = this.entries?.readable(vector, name);
    if (!known) return;
    const fits = known.values.find(
      (value) => ((observed ^ value) & ~known.mayReadZero) === 0 && (observed & ~value) === 0,
    );
    if (fits !== undefined) {
      record.hit('ENT-RW');
      if (this.entries?.observe(vector, name, fits) === false) {
        record.violate('ROB-WIDTH', 'a 64-bit write does nothing or acts as its two halves', 'one half was written');
      }
      return;
    }
    const illegal = this.causes.find((cause) => cause.kind === 'illegal');
    let clause = 'ENT-RW';
    if (!known.confirmed) clause = 'ENT-RW';
    else if (illegal?.kind === 'illegal') clause = illegal.clause;
    else if (this.causes.some((cause) => cause.kind === 'write-header')) clause = 'HDR-RO';
    else if (this.causes.some((cause) => cause.kind === 'write-pending')) clause = 'PBA-RO';
    else if (this.causes.some((cause) => cause.kind === 'entry-reserved')) clause = 'ENT-RSVD';
    record.violate(clause, `${name} of entry ${vector} reads ${known.values.map(hex).join(' or ')}`, hex(observed));
    this.vectors.maybeEntry(vector, name, undefined);
  }

  private readRegister(name: string, value: number): void {
    const { transport, vectors, record } = this;
    const { msi } = this.profile.layout;
    if (msi && this.header.has(name) && offers(this.profile, msi.feature)) return this.readHeader(name, value);
    if (msi && this.profile.msi) {
      if (name === msi.configVector) return vectors.readMapping('config', value);
      if (name === msi.queueVector) return this.readQueueVector(value);
    }
    if (msi && this.absent.has(name) && !offers(this.profile, msi.feature)) {
      if (!this.profile.implementsLayout) return;
      if (value === 0) record.hit('HDR-ABSENT');
      else record.violate('HDR-ABSENT', `${name} reads 0: the device does not offer ${msi.feature}`, hex(value));
      return;
    }
    switch (name) {
      case 'MagicValue':
      case 'Version': {
        const clause = name === 'Version' ? 'ID-VERSION' : 'ID-MAGIC';
        const expected = this.profile.layout.register(name).value ?? 0;
        if (value === expected) record.hit(clause);
        else record.violate(clause, `${name} reads ${hex(expected)}`, hex(value));
        return;
      }
      case 'Status':
        return this.readStatus(value);
      case 'DeviceFeatures':
        return transport.readDeviceFeatures(value);
      case 'QueueReady':
        return transport.readReady(value);
      case 'QueueReset':
        if (transport.ringReset) transport.readQueueResetIdle(value);
        return;
      case 'QueueSizeMax':
        return transport.readSizeMax(value);
      case 'InterruptStatus':
        if (transport.msiNegotiated && this.mechanism?.switches) return this.readSwitchedStatus(value);
        return transport.readInterruptStatus(value);
      case 'ConfigGeneration':
        return transport.readGeneration(value);
      case 'SHMLenLow':
      case 'SHMLenHigh':
      case 'SHMBaseLow':
      case 'SHMBaseHigh':
        return transport.readShm(name, value);
    }
  }

  /** InterruptStatus where events go to the line or become messages as the driver switches. */
  private readSwitchedStatus(value: number): void {
    const { transport, vectors } = this;
    const expected = vectors.lineValues();
    const seen = transport.eventBits(value);
    if (vectors.lost) return;
    const agrees = vectors.readLine(seen);
    transport.judgeSwitchedStatus(value, agrees ? seen : (expected[0] ?? 0), vectors.switches.enabled);
  }

  private readStatus(value: number): void {
    const { transport, vectors } = this;
    const needed = transport.needsResetSeen;
    if (transport.readStatus(value)) {
      vectors.negotiate(transport.eventBits(transport.statusLow), transport.eventBits(transport.statusHigh));
    }
    if (transport.refused !== undefined) {
      // A driver does not go on from here, and nothing says what the device does if one did.
      this.refused = transport.refused;
      this.undefined = true;
    }
    if (!this.causes.some((cause) => cause.kind === 'needs-reset') || needed) return;
    const owes = transport.needsResetSeen && transport.live;
    if (transport.msiNegotiated) vectors.decideNeed(owes);
    else if (owes) transport.raise('config', true);
  }

  private readQueueVector(value: number): void {
    const { transport, vectors, record } = this;
    if (transport.queueSel < this.profile.queues.length) return vectors.readMapping(transport.queueSel, value);
    if (!transport.msiNegotiated) return;
    const { msi, data } = this.profile.layout;
    const none = msi ? (data.constants[msi.noVector]?.value ?? 0) : 0;
    if (value === none) record.hit('MAP-ABSENT');
    else record.violate('MAP-ABSENT', `MsiQueueVector of an absent queue reads ${hex(none)}`, hex(value));
  }

  /** The header registers: constants of the device, whatever is written, and sane; but for what is a switch in them. */
  private readHeader(name: string, value: number): void {
    const { record } = this;
    const switches = this.mechanism?.switches;
    const mine = switches?.place === name ? switches.mask : 0;
    if (!this.headerRead.has(name)) {
      this.headerRead.set(name, value);
      this.judgeHeader(name);
    }
    if (switches && mine !== 0) this.readSwitches(switches, value);
    if (!this.profile.msi) return;
    const fixed = (value & ~mine) >>> 0;
    const known = this.headerValues.get(name) ?? this.expectedHeader(name);
    if (known === undefined) {
      this.headerValues.set(name, fixed);
      return;
    }
    const setUp = this.causes.some((cause) => cause.kind === 'initialise');
    const written = this.causes.some(({ kind }) => kind === 'write-header' || (kind === 'switches' && !setUp));
    const illegal = this.causes.find((cause) => cause.kind === 'illegal');
    let clause = this.tellsCount(name) ? 'HDR-COUNT' : 'HDR-PLACE';
    if (written) clause = 'HDR-RO';
    if (fixed === (known & ~mine) >>> 0) {
      record.hit(clause);
      return;
    }
    if (illegal?.kind === 'illegal') clause = illegal.clause;
    record.violate(clause, `${name} reads ${hex((known & ~mine) >>> 0)} as before`, hex(fixed));
    this.headerValues.set(name, fixed);
  }

  /** Enable and the function mask. */
  private readSwitches(register: SwitchRegister, value: number): void {
    const { transport, vectors, record, causes } = this;
    if (!transport.msiNegotiated || vectors.lost) return;
    const expected = register.encode(vectors.switches);
    const seen = (value & register.mask) >>> 0;
    const written = vectors.switchesWritten;
    if (seen === expected) return record.hit(written ? 'CAP-RW' : 'CAP-RESET');
    const illegal = causes.find((cause) => cause.kind === 'illegal');
    const clause = illegal?.kind === 'illegal' ? illegal.clause : written ? 'CAP-RW' : 'CAP-RESET';
    record.violate(clause, `${register.place} reads ${hex(expected)} in the bits ${hex(register.mask)}`, hex(seen));
    vectors.takeSwitches(register.decode(value));
  }

  private tellsCount(name: string): boolean {
    return name === this.profile.layout.msi?.vectorCount.split('.')[0];
  }

  private judgeHeader(name: string): void {
    const { record, profile } = this;
    const clause = this.tellsCount(name) ? 'HDR-COUNT' : 'HDR-PLACE';
    const problems = headerProblems(profile.layout, this.headerRead, profile);
    for (const problem of problems) record.violate(problem.clause, problem.expected, problem.actual);
    const wrong = new Set(problems.map((problem) => problem.clause));
    for (const one of [clause, ...fixedClauses(profile.layout, name)]) if (!wrong.has(one)) record.hit(one);
  }

  private expectedHeader(name: string): number | undefined {
    return this.profile.msi?.header[name];
  }

  private poll(step: Step & { kind: 'poll' }, { value, reads }: { value: number; reads: number }): void {
    if (step.spot.kind !== 'register') return;
    if (step.spot.register.name === 'Status') this.transport.readReset(value, reads);
    else this.transport.readQueueReset(value, reads);
  }

  private collect(interrupts: Interrupt[]): void {
    const { transport, vectors, record } = this;
    const [first] = this.program.operations;
    if (this.operation === 0 && first && beginsAnew(first)) {
      const level = interrupts.findLast((interrupt) => interrupt.kind === 'line')?.level;
      // Of a device that is not there any more the line is low, whatever it did last.
      transport.lineDrained(first.op === 'power-cycle' ? 0 : (level ?? 0));
      for (const world of vectors.worlds) world.sent.clear();
      return;
    }
    for (const interrupt of interrupts) if (interrupt.kind === 'line') transport.lineChanged(interrupt.level);
    if (transport.msiNegotiated) {
      vectors.collect(interrupts, this.settled);
    } else {
      const message = interrupts.find((interrupt) => interrupt.kind === 'message');
      if (transport.declined() && message?.kind === 'message') {
        const shown = `a message, data ${hex(message.data)}`;
        record.violate('FBK-LINE', 'no message: the driver did not accept the feature', shown);
      } else if (message?.kind === 'message') {
        // Before FEATURES_OK: only what an earlier life left behind, or what was under way at the reset, can come.
        vectors.collect(interrupts, this.settled);
      } else if (vectors.pendingBefore.size > 0 && this.settled) {
        record.hit('RST-QUIET');
      }
      if (this.settled) for (const world of vectors.worlds) world.sent.clear();
    }
    if (!this.settled) return;
    const switched = this.causes.some((cause) => cause.kind === 'switches');
    if (this.profile.capabilities.line) transport.lineSettled(switched);
    for (const cause of this.causes) if (cause.kind === 'illegal') record.hit(cause.clause);
  }
}
