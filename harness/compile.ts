/** From a program to the plain accesses that run it: places resolved, set-up spelled out, observations added. */
import type { Layout, MsiBinding } from '../spec/layout.ts';
import { headerRegisters } from './header.ts';
import { type MsiMechanism, mechanismOf } from './mechanisms/index.ts';
import { type Place, placeName, resolvePlace, type Spot, WORD } from './places.ts';
import { eventQueues, offers, type Profile } from './profile.ts';
import {
  beginsAnew,
  eventOf,
  type Initialise,
  type Operation,
  type Program,
  type Source,
  type VectorSetup,
} from './program.ts';
import {
  fieldOf,
  initialMemory,
  littleEndian,
  planQueue,
  type QueuePlan,
  queuesWithMemory,
  resolveMemoryPlace,
} from './queue-memory.ts';
import type { DeviceEvent, Width } from './target.ts';

export type Step = {
  /** Index of the operation that it belongs to. */
  operation: number;
  /** True for an observation that the program did not ask for by name. */
  watch: boolean;
} & (
  | { kind: 'read'; offset: number; width: Width; spot: Spot }
  | { kind: 'write'; offset: number; width: Width; spot: Spot; value: number }
  | { kind: 'memory-read'; address: number; length: number; queue: number; what: string }
  | { kind: 'memory-write'; address: number; bytes: Uint8Array; queue: number; what: string; value: number }
  | { kind: 'raise'; event: DeviceEvent }
  /** Reads a register until it is 0, with the one named bound. */
  | { kind: 'poll'; offset: number; spot: Spot }
  | { kind: 'settle' }
  | { kind: 'interrupts' }
  | { kind: 'power-cycle' }
  /** No access: `count` buffers of the queue were offered, and the device was told or not. */
  | { kind: 'offered'; queue: number; count: number; told: boolean }
  /** No access: the rings of the queue were laid out anew. */
  | { kind: 'laid-out'; queue: number }
  /** No access: the operation begins. */
  | { kind: 'begin' }
);

export interface CompileContext {
  profile: Profile;
  /** Where guest memory begins and how long it is, where the adapter gives any. */
  memory: { base: number; size: number } | undefined;
}

/** @throws ProgramError for a place that the layout or the device does not have */
export function compile(program: Program, context: CompileContext): Step[] {
  return new Compiler(program, context).run();
}

const plansOf = new WeakMap<CompileContext, QueuePlan[]>();

export function plansFor(context: CompileContext): QueuePlan[] {
  let plans = plansOf.get(context);
  if (!plans) {
    plans = makePlans(context);
    plansOf.set(context, plans);
  }
  return plans;
}

function makePlans(context: CompileContext): QueuePlan[] {
  const { profile, memory } = context;
  const count = queuesWithMemory(profile, memory);
  return Array.from({ length: count }, (_, queue) => planQueue(profile, queue, memory?.base));
}

interface Ring {
  plan: QueuePlan;
  /** Index of the next request, since the rings were laid out. */
  next: number;
  /** Requests that the device may not have used yet: their slots are taken. */
  underWay: number;
  /** QueueReady, as far as the program goes. */
  ready: boolean;
  /** The device was told of what is offered while it could use it. */
  told: boolean;
  /** Added to the slot, so that a request in the same place of the ring is another one after a wrap. */
  shift: number;
}

type StepBody = Step extends infer S ? (S extends Step ? Omit<S, 'operation' | 'watch'> : never) : never;

class Compiler {
  private readonly program: Program;
  private readonly profile: Profile;
  private readonly layout: Layout;
  private readonly msi: MsiBinding | undefined;
  private readonly plans: readonly QueuePlan[];
  private readonly reachesMemory: boolean;
  private readonly ringQueues: Set<number>;
  private readonly steps: Step[] = [];
  private readonly rings = new Map<number, Ring>();
  private readonly mechanism: MsiMechanism | undefined;
  /** The vectors that the program is about. */
  private readonly vectors: number[];
  /** Where their mask bits and pending bits are, and those of the last vector. */
  private readonly maskPlaces: string[];
  private readonly pendingPlaces: string[];
  private index = 0;
  private watching = false;
  private queueSel = 0;
  private negotiated = false;
  /** DRIVER_OK is set, as far as the program goes. */
  private live = false;
  private used = new Set<number>();
  /** Operations that were not settled yet: what they left behind is looked at together. */
  private racing: Operation[] = [];

  constructor(program: Program, context: CompileContext) {
    this.program = program;
    this.profile = context.profile;
    this.layout = context.profile.layout;
    this.msi = context.profile.msi ? this.layout.msi : undefined;
    this.reachesMemory = context.memory !== undefined;
    this.plans = plansFor(context);
    this.ringQueues = new Set(eventQueues(this.profile));
    this.vectors = this.interestingVectors();
    this.mechanism = mechanismOf(this.profile);
    const last = (this.profile.msi?.vectors ?? 0) - 1;
    const beside = this.vectors.flatMap((vector) => [vector - 1, vector, vector + 1]);
    const watched = [...new Set([...beside, last])].filter((vector) => vector >= 0 && vector <= last);
    this.maskPlaces = this.mechanism?.maskPlaces(watched) ?? [];
    this.pendingPlaces = this.mechanism?.pendingPlaces(watched) ?? [];
  }

  run(): Step[] {
    for (const [index, operation] of this.program.operations.entries()) {
      this.index = index;
      this.emit({ kind: 'begin' });
      this.operation(operation);
      if (index === 0 && beginsAnew(operation)) {
        this.drain();
        continue;
      }
      if (this.program.watch === false) continue;
      if (operation.race) {
        this.racing.push(operation);
        continue;
      }
      if (operation.op === 'settle' || operation.op === 'interrupts' || operation.op === 'memory-read') continue;
      if (operation.op === 'read' && this.isPlainRead(operation.place, operation.width)) continue;
      this.watching = true;
      this.watch(operation);
      this.watching = false;
    }
    return this.steps;
  }

  /** What was delivered before the program began is none of its observations. */
  private drain(): void {
    this.watching = true;
    this.emit({ kind: 'settle' });
    this.emit({ kind: 'interrupts' });
    this.watching = false;
  }

  private emit(body: StepBody): void {
    if (body.kind === 'settle') {
      for (const ring of this.rings.values()) {
        if (!ring.told) continue;
        ring.underWay = 0;
        ring.told = false;
      }
    }
    // Every body is a fresh object: completing it in place is what keeps compiling cheap.
    const step = body as Step;
    step.operation = this.index;
    step.watch = this.watching;
    this.steps.push(step);
  }

  // --- single accesses ---------------------------------------------------------------------------------------------

  private read(name: string): void {
    this.readPlace(resolvePlace(name, this.profile));
  }

  private write(name: string, value: number): void {
    const { offset, spot } = resolvePlace(name, this.profile);
    this.emit({ kind: 'write', offset, width: 32, spot, value });
    if (name === 'QueueSel') this.queueSel = value;
  }

  private readPlace(place: Place, width: Width = 32): void {
    this.emit({ kind: 'read', offset: place.offset, width, spot: place.spot });
  }

  private poll(name: string): void {
    const { offset, spot } = resolvePlace(name, this.profile);
    this.emit({ kind: 'poll', offset, spot });
  }

  /** Reads each of these places. */
  private look(places: readonly string[]): void {
    for (const place of places) this.readPlace(resolvePlace(place, this.profile));
  }

  // --- operations --------------------------------------------------------------------------------------------------

  private operation(operation: Operation): void {
    switch (operation.op) {
      case 'initialise':
        return this.initialise(operation);
      case 'read':
        return this.readPlace(resolvePlace(operation.place, this.profile), operation.width);
      case 'write': {
        const { offset, spot } = resolvePlace(operation.place, this.profile);
        this.emit({ kind: 'write', offset, width: operation.width ?? 32, spot, value: operation.value });
        this.follow(spot, operation.value, offset % WORD === 0 && (operation.width ?? 32) === 32);
        return;
      }
      case 'memory-read': {
        if (!this.reachesMemory) return;
        const place = resolveMemoryPlace(operation.place, this.plans, this.layout);
        this.emit({ kind: 'memory-read', ...place, length: place.size });
        return;
      }
      case 'memory-write': {
        if (!this.reachesMemory) return;
        const place = resolveMemoryPlace(operation.place, this.plans, this.layout);
        const { value } = operation;
        this.emit({ kind: 'memory-write', ...place, bytes: littleEndian(value, place.size), value });
        return;
      }
      case 'event':
        for (let time = operation.times ?? 1; time > 1; time--) this.repeated(operation);
        return this.event(operation.source, operation.count ?? 1);
      case 'offer':
        if (this.ringQueues.has(operation.queue)) this.offer(operation.queue, operation.count ?? 1, false);
        return;
      case 'queue-setup':
        return this.setUpQueue(operation.queue);
      case 'queue-reset':
        return this.resetQueue(operation.queue);
      case 'settle':
        return this.emit({ kind: 'settle' });
      case 'interrupts':
        return this.emit({ kind: 'interrupts' });
      case 'reset':
        return this.reset();
      case 'power-cycle':
        if (!this.profile.capabilities.powerCycle) return this.reset();
        this.emit({ kind: 'power-cycle' });
        this.rings.clear();
        return this.forget();
      case 'inspect':
        return this.inspect();
    }
  }

  /** One of several events in a row: settled and looked at as by itself, before the next one begins. */
  private repeated(operation: Operation & { op: 'event' }): void {
    this.event(operation.source, operation.count ?? 1);
    if (this.program.watch === false) this.emit({ kind: 'settle' });
    else {
      this.watching = true;
      this.watch(operation);
      this.watching = false;
    }
    this.emit({ kind: 'begin' });
  }

  /** Keeps what the expansion depends on in step with writes that the program spells out. */
  private follow(spot: Spot, value: number, whole: boolean): void {
    if (spot.kind !== 'register' || !whole) return;
    if (spot.register.name === 'QueueSel') this.queueSel = value;
    if (spot.register.effects.includes('resets-on-zero')) {
      if (value === 0) this.forget();
      else if (value & this.layout.bit(spot.register.name, 'DRIVER_OK')) this.live = true;
    }
    const ring = this.rings.get(this.queueSel);
    if (ring && spot.register.effects.includes('starts-queue')) ring.ready = value === 1;
  }

  /** The rings stay where they are in guest memory: that the device leaves them alone now can be seen. */
  private forget(): void {
    this.used = new Set();
    this.live = false;
    for (const ring of this.rings.values()) ring.ready = false;
    this.negotiated = false;
    this.queueSel = 0;
  }

  private reset(): void {
    this.write('Status', 0);
    this.poll('Status');
    this.forget();
  }

  private initialise(setup: Initialise): void {
    const { layout } = this;
    const stage = setup.upTo ?? 'live';
    this.reset();
    let status = layout.bit('Status', 'ACKNOWLEDGE');
    this.write('Status', status);
    status += layout.bit('Status', 'DRIVER');
    this.write('Status', status);
    if (stage === 'driver') return;
    const accepted = acceptedFeatures(setup, this.profile);
    for (let window = 0; window < Math.max(2, accepted.length); window++) {
      this.write('DriverFeaturesSel', window);
      this.write('DriverFeatures', accepted[window] ?? 0);
    }
    status += layout.bit('Status', 'FEATURES_OK');
    this.write('Status', status);
    this.read('Status');
    this.negotiated = setup.msi && this.msi !== undefined;
    this.lookAtResetValues();
    const switches = this.negotiated && setup.enable !== false ? this.mechanism?.switches : undefined;
    if (switches) this.write(switches.place, switches.encode({ enabled: true, held: false }));
    if (stage === 'features') return;
    for (const queue of setup.queues) this.setUpQueue(queue);
    if (this.negotiated) for (const vector of setup.vectors ?? []) this.setUpVector(vector);
    if (this.negotiated) this.unmask((setup.vectors ?? []).filter((v) => v.unmask).map((v) => v.vector));
    if (stage === 'queues') return;
    status += layout.bit('Status', 'DRIVER_OK');
    this.write('Status', status);
    this.live = true;
  }

  /** Each life begins with reset values, and they are read before set-up writes over them. */
  private lookAtResetValues(): void {
    const { msi } = this;
    if (!this.negotiated || !msi || this.program.watch === false) return;
    this.watching = true;
    if (this.mechanism?.switches) this.read(this.mechanism.switches.place);
    this.read(msi.configVector);
    this.look(this.maskPlaces);
    this.look(this.pendingPlaces);
    this.watching = false;
  }

  private setUpQueue(queue: number): void {
    const plan = this.plans[queue];
    if (!plan) return;
    this.write('QueueSel', queue);
    this.read('QueueReady');
    this.read('QueueSizeMax');
    if (this.negotiated && this.msi && this.program.watch !== false) this.read(this.msi.queueVector);
    this.write('QueueSize', plan.size);
    if (this.reachesMemory) {
      for (const { address, bytes } of initialMemory(plan, this.layout)) {
        this.emit({ kind: 'memory-write', address, bytes, queue, what: 'layout', value: 0 });
      }
    }
    for (const [name, address] of [
      ['Desc', plan.desc],
      ['Driver', plan.avail],
      ['Device', plan.used],
    ] as const) {
      this.write(`Queue${name}Low`, address % 2 ** 32);
      this.write(`Queue${name}High`, Math.floor(address / 2 ** 32));
    }
    this.emit({ kind: 'laid-out', queue });
    this.write('QueueReady', 1);
    this.read('QueueReady');
    this.rings.set(queue, { plan, next: 0, underWay: 0, ready: true, told: false, shift: 0 });
  }

  private resetQueue(queue: number): void {
    this.write('QueueSel', queue);
    this.write('QueueReset', 1);
    this.poll('QueueReset');
    this.read('QueueReady');
    const ring = this.rings.get(queue);
    if (ring) ring.ready = false;
  }

  private setUpVector(setup: VectorSetup): void {
    const { msi } = this;
    if (!msi || setup.vector >= (this.profile.msi?.vectors ?? 0)) return;
    const entry = `${msi.entryTable}[${setup.vector}]`;
    const dwords = {
      'address-low': setup.message.addressLow,
      'address-high': setup.message.addressHigh,
      data: setup.message.data,
    };
    for (const [field, value] of Object.entries(dwords)) {
      const { offset, spot } = resolvePlace(`${entry}.${field}`, this.profile);
      this.emit({ kind: 'write', offset, width: 32, spot, value });
    }
    for (const source of setup.sources) this.map(source, setup.vector);
  }

  private map(source: Source, vector: number): void {
    const { msi } = this;
    if (!msi) return;
    if (source === 'config') {
      this.write(msi.configVector, vector);
      this.read(msi.configVector);
      return;
    }
    if (this.queueSel !== source) this.write('QueueSel', source);
    this.write(msi.queueVector, vector);
    this.read(msi.queueVector);
  }

  private unmask(vectors: number[]): void {
    const count = this.profile.msi?.vectors ?? 0;
    const bits = new Map(vectors.filter((vector) => vector < count).map((vector) => [vector, 0 as const]));
    for (const { place, value } of this.mechanism?.maskWrites(bits, () => 1) ?? []) {
      const { offset, spot } = resolvePlace(place, this.profile);
      this.emit({ kind: 'write', offset, width: 32, spot, value });
    }
  }

  private event(source: Source | 'needs-reset', count: number): void {
    const { capabilities } = this.profile;
    if (typeof source === 'number') {
      if (!this.ringQueues.has(source)) return;
      if (capabilities.queueEvents === 'ring') return this.offer(source, count);
    }
    if (source === 'config' && !capabilities.configEvents) return;
    if (source === 'needs-reset' && !capabilities.needsResetEvents) return;
    for (let i = 0; i < count; i++) this.emit({ kind: 'raise', event: eventOf(source) });
    if (source !== 'needs-reset') return;
    // What must follow depends on whether the device did set the bit.
    this.emit({ kind: 'settle' });
    this.read('Status');
  }

  /** Puts requests into the available ring and tells the device. */
  private offer(queue: number, count: number, told = true): void {
    const ring = this.rings.get(queue);
    if (!ring || ring.plan.slots === 0) return;
    const { layout } = this;
    const avail = layout.structure('virtq_avail');
    const [, slotSize] = avail.array?.fields.id ?? [0, 0];
    const many = Math.min(count, ring.plan.slots - ring.underWay);
    if (ring.underWay === 0 && ring.next > 0 && ring.next % ring.plan.size === 0) ring.shift++;
    ring.underWay += many;
    ring.told ||= told && this.live && ring.ready;
    for (let i = 0; i < many; i++) {
      const head = ((ring.next + ring.shift) % ring.plan.slots) * (ring.plan.links[0]?.length ?? 0);
      const address = ring.plan.avail + (avail.array?.offset ?? 0) + (ring.next % ring.plan.size) * slotSize;
      this.emit({
        kind: 'memory-write',
        address,
        bytes: littleEndian(head, slotSize),
        queue,
        what: 'avail.ring',
        value: head,
      });
      ring.next++;
    }
    const [offset, size] = fieldOf(avail, 'idx');
    const value = ring.next % 2 ** (8 * size);
    const bytes = littleEndian(value, size);
    this.emit({ kind: 'memory-write', address: ring.plan.avail + offset, bytes, queue, what: 'avail.idx', value });
    if (told) this.write('QueueNotify', queue);
    this.emit({ kind: 'offered', queue, count: many, told });
    this.used.add(queue);
  }

  // --- observations ------------------------------------------------------------------------------------------------

  private watch(operation: Operation): void {
    if (operation.op === 'inspect') return;
    this.emit({ kind: 'settle' });
    this.emit({ kind: 'interrupts' });
    this.read('InterruptStatus');
    if (this.negotiated) this.look(this.pendingPlaces);
    // Queues that nothing was offered to come first: what strays there shows before it is missed elsewhere.
    for (const queue of this.rings.keys()) if (!this.used.has(queue)) this.readUsed(queue);
    for (const queue of this.used) this.readUsed(queue);
    for (const one of [...this.racing, operation]) {
      if (one.op === 'write' || one.op === 'read') this.readBack(one.place, one);
    }
    this.racing = [];
    // What set-up left behind is looked at before anything leans on it.
    if (operation.op === 'initialise' || operation.op === 'queue-setup') this.inspect();
  }

  private readUsed(queue: number): void {
    const plan = this.plans[queue];
    if (!plan || !this.reachesMemory) return;
    const place = resolveMemoryPlace(`queue[${queue}].used.idx`, this.plans, this.layout);
    this.emit({ kind: 'memory-read', ...place, length: place.size });
    const ring = this.rings.get(queue);
    if (!ring || ring.next === 0) return;
    const last = resolveMemoryPlace(
      `queue[${queue}].used.ring[${(ring.next - 1) % ring.plan.size}].id`,
      this.plans,
      this.layout,
    );
    this.emit({ kind: 'memory-read', ...last, length: last.size });
  }

  /** After a write that was one, what was written; after anything else, everything: it must have changed nothing. */
  private readBack(text: string, { width, op }: { width?: Width; op: 'read' | 'write' }): void {
    const { offset, spot } = resolvePlace(text, this.profile);
    const whole = offset % WORD === 0 && (width ?? 32) === 32;
    const access = spotAccess(spot, this.layout);
    if (op === 'read' || !whole || !access.includes('W')) return this.inspect();
    const meaning = this.mechanism?.meaning(spot);
    // A switch of all vectors may have changed anything of each.
    if (meaning?.kind === 'switches') return this.inspect();
    if (spot.kind === 'register' && spot.register.effects.includes('acknowledges') && this.negotiated) {
      this.look(this.maskPlaces);
    }
    if (access === 'RW' && spot.kind !== 'config') this.readPlace({ offset, spot });
    // What it did to its neighbours shows now, or is taken for the next operation's doing.
    if (meaning?.kind === 'masks') this.look(this.maskPlaces.filter((place) => place !== text));
    if (meaning?.kind === 'message') this.look(this.mechanism?.maskPlaces([meaning.vector]) ?? []);
  }

  private inspect(): void {
    const { layout, msi } = this;
    this.read('MagicValue');
    this.read('Version');
    this.read('Status');
    this.read('InterruptStatus');
    if (msi && this.profile.msi) {
      for (const name of headerRegisters(layout)) this.read(name);
      if (this.negotiated) {
        const selected = this.queueSel;
        this.read(msi.configVector);
        for (let queue = 0; queue < this.plans.length; queue++) {
          this.write('QueueSel', queue);
          this.read(msi.queueVector);
        }
        this.write('QueueSel', selected);
        this.look(this.maskPlaces);
        this.look(this.pendingPlaces);
        const entries = layout.table(msi.entryTable);
        for (const vector of this.vectors) {
          if (entries.kind !== 'entries') break;
          for (const field of Object.values(entries.fields)) {
            const place = resolvePlace(`${msi.entryTable}[${vector}].${field.name}`, this.profile);
            if (this.mechanism?.meaning(place.spot)?.kind === 'message') this.readPlace(place);
          }
        }
      }
    }
    const selected = this.queueSel;
    for (let queue = 0; queue < this.plans.length; queue++) {
      this.write('QueueSel', queue);
      this.read('QueueReady');
    }
    if (this.queueSel !== selected) this.write('QueueSel', selected);
  }

  // --- what a program is about -------------------------------------------------------------------------------------

  private isPlainRead(text: string, width: Width = 32): boolean {
    const { offset, spot } = resolvePlace(text, this.profile);
    return width === 32 && offset % WORD === 0 && spotAccess(spot, this.layout).includes('R');
  }

  private interestingVectors(): number[] {
    const { msi } = this;
    const count = this.profile.msi?.vectors ?? 0;
    const found = new Set<number>();
    if (!msi) return [];
    for (const operation of this.program.operations) {
      if (operation.op === 'initialise') for (const setup of operation.vectors ?? []) found.add(setup.vector);
      if (operation.op !== 'write' && operation.op !== 'read') continue;
      const { spot } = resolvePlace(operation.place, this.profile);
      if (spot.kind === 'entry') found.add(spot.row);
      if (spot.kind === 'bits') found.add(Math.min(spot.word * 32, count - 1));
      const maps = spot.kind === 'register' && spot.register.effects.includes('maps');
      if (maps && operation.op === 'write') found.add(operation.value);
    }
    return [...found].filter((vector) => vector < count).sort((a, b) => a - b);
  }
}

export function spotAccess(spot: Spot, layout: Layout): string {
  switch (spot.kind) {
    case 'register':
      return spot.register.access;
    case 'entry':
      return spot.field?.access ?? '';
    case 'bits': {
      const table = layout.table(spot.table);
      return table.kind === 'bits' ? table.access : '';
    }
    case 'config':
      return 'RW';
    case 'undefined':
      return '';
  }
}

/** The feature words that set-up accepts: only what the suite drives. */
export function acceptedFeatures(setup: Pick<Initialise, 'msi' | 'ringReset'>, profile: Profile): number[] {
  const { layout } = profile;
  const words: number[] = [0, 0];
  const accept = (name: string) => {
    if (!(name in layout.data.features) || !offers(profile, name)) return;
    const { bit } = layout.feature(name);
    words[bit >>> 5] = ((words[bit >>> 5] ?? 0) | (1 << (bit & 31))) >>> 0;
  };
  accept('VIRTIO_F_VERSION_1');
  if (setup.ringReset) accept('VIRTIO_F_RING_RESET');
  if (setup.msi && layout.msi && profile.msi) accept(layout.msi.feature);
  return words;
}

export { placeName };
