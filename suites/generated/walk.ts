/** One generated program: each next operation is chosen among those that mean something in the state reached. */
import { headerRegisters } from '../../harness/header.ts';
import { eventQueues, offers } from '../../harness/profile.ts';
import { type Operation, type Program, program, type Source, type VectorSetup } from '../../harness/program.ts';
import { type CheckContext, edgeVectors, eventSources, workQueues } from '../check.ts';
import { event, INSPECT, liveLine, liveMsi, POWER_CYCLE, RESET, VectorOperations } from '../device/operations.ts';
import { words32 } from '../device/patterns.ts';
import { Knowledge } from './driver.ts';
import type { ActionName, Leaning } from './profiles.ts';
import { type Random, someOf, weighted } from './random.ts';

/** Events of one source that may be under way together, so that every order can be followed. */
const MOST_RACING = 3;
/** Operations in a row that may all be under way. */
const LONGEST_RACE = 6;
/** Vectors of a program: a few, so that they meet; or many. */
const FEW = 5;
const MANY = 24;
/** The first border of a word of 32 bits, and every one up to there. */
const BORDERS = [0, 1, 31, 32, 33, 63, 64, 65, 95, 96];

/** Actions that a driver without MSI has as well. */
const ON_THE_LINE: ReadonlySet<ActionName> = new Set([
  ...(['event', 'acknowledge', 'suppress', 'needs-reset', 'inspect'] as const),
  ...(['reset', 'power-cycle', 'queue-reset', 'stop', 'forbidden'] as const),
]);

export class Walk {
  private readonly context: CheckContext;
  private readonly random: Random;
  private readonly race: number;
  private readonly length: number;
  private readonly weights: readonly (readonly [ActionName, number])[];
  private readonly msi: boolean;
  private readonly ringReset: boolean;
  private readonly sources: Source[];
  private readonly vectors: number[];
  private readonly operations: Operation[] = [];
  private readonly pool;
  private readonly suppressed = new Set<number>();
  private readonly stopped = new Set<number>();
  private spelled: VectorOperations;
  private knows: Knowledge;
  private racing = 0;
  /** The device said that it needs a reset: a driver does nothing else any more. */
  private broken = false;

  constructor(context: CheckContext, leaning: Leaning, random: Random) {
    this.context = context;
    this.random = random;
    const { profile } = context;
    this.race = leaning.race;
    this.length = random.int(...leaning.length);
    this.msi = profile.msi !== undefined && leaning.name !== 'line';
    this.ringReset =
      'VIRTIO_F_RING_RESET' in profile.layout.data.features &&
      offers(profile, 'VIRTIO_F_RING_RESET') &&
      (leaning.weights['queue-reset'] ?? 0) > 0;
    this.sources = eventSources(profile);
    this.vectors = this.chooseVectors(leaning.vectors);
    this.pool = context.messages();
    for (let skip = random.int(0, 40); skip > 0; skip--) this.pool.take();
    this.spelled = new VectorOperations(profile);
    this.knows = new Knowledge(this.vectors);
    const weights = Object.entries(leaning.weights) as [ActionName, number][];
    const usable = weights.filter(([action]) => this.msi || ON_THE_LINE.has(action));
    this.weights = leaning.swarm ? [['event', leaning.weights.event ?? 1], ...someOf(random, usable)] : usable;
  }

  run(): Program {
    this.initialise();
    while (this.operations.length < this.length) this.next();
    // The end is settled, and everything is looked at.
    const last = this.operations.at(-1);
    if (last?.race) delete last.race;
    this.push(INSPECT);
    return program(this.operations);
  }

  private chooseVectors(which: Leaning['vectors']): number[] {
    const { random } = this;
    const count = this.context.profile.msi?.vectors ?? 1;
    if (which === 'many') {
      const spread = Array.from({ length: Math.min(count, MANY) }, (_, at) => Math.floor((at * count) / MANY));
      const all = count <= MANY ? spread.map((_, at) => at) : [...edgeVectors(count, MANY), ...spread];
      return [...new Set(all)].slice(0, MANY).sort((a, b) => a - b);
    }
    const borders = [...BORDERS, count - 1, count - 2].filter((vector) => vector >= 0 && vector < count);
    const all = which === 'borders' ? [...new Set(borders)] : edgeVectors(count, 13);
    const some = new Set<number>();
    const wanted = random.int(1, Math.min(FEW, all.length));
    while (some.size < wanted) some.add(random.pick(all));
    return [...some].sort((a, b) => a - b);
  }

  private push(...operations: Operation[]): void {
    for (const operation of operations) {
      this.racing = operation.race ? this.racing : 0;
      this.operations.push(operation);
    }
  }

  /** With a chance, lets the next operation follow without settling. */
  private pushRacing(...operations: Operation[]): void {
    for (const operation of operations) {
      const races = this.racing < LONGEST_RACE && this.random.chance(this.race);
      if (races) this.racing++;
      this.push(races ? { ...operation, race: true } : operation);
    }
  }

  private initialise(): void {
    const { context, random } = this;
    this.suppressed.clear();
    this.stopped.clear();
    this.broken = false;
    if (!this.msi) {
      this.push(liveLine(context, this.ringReset));
      return;
    }
    const setups = this.vectors.map((vector): VectorSetup => {
      return { vector, message: this.pool.take(), sources: [], unmask: random.chance(70) };
    });
    for (const source of this.sources) if (!random.chance(10)) random.pick(setups).sources.push(source);
    this.spelled = new VectorOperations(context.profile, setups);
    this.knows = new Knowledge(this.vectors, setups);
    this.push(liveMsi(context, setups, this.ringReset));
  }

  private next(): void {
    const possible = this.weights.filter(([action]) => this.isPossible(action));
    const before = this.operations.length;
    const action = this.broken && this.random.chance(70) ? 'reset' : weighted(this.random, possible);
    this.act(action ?? 'inspect');
    if (this.operations.length === before) throw new Error(`${action} added no operation`);
  }

  /** Whether the action means anything in this state. */
  private isPossible(action: ActionName): boolean {
    const { knows, sources } = this;
    const { profile } = this.context;
    switch (action) {
      case 'event':
        return sources.length > 0;
      case 'mask':
        return knows.unmasked.length > 0;
      case 'unmask':
        return knows.masked.length > 0;
      case 'swap':
        return this.swaps().length > 0;
      case 'tear':
      case 'entry':
        return knows.held.length > 0;
      case 'map':
        return this.vectors.length > 1 || sources.some((source) => knows.vectorOf(source) === undefined);
      case 'unmap':
        return sources.some((source) => knows.vectorOf(source) !== undefined);
      case 'switch':
        return this.msi && this.spelled.switchable;
      case 'suppress':
        return profile.capabilities.queueEvents === 'ring' && this.queues().length > 0;
      case 'needs-reset':
        return profile.capabilities.needsResetEvents && !this.broken;
      case 'queue-reset':
        return this.ringReset && this.queues().length > 0;
      case 'stop':
        // From which index a queue goes on that is started again is open: it stays stopped, and another one works.
        return this.working().length > 1 || (this.sources.includes('config') && this.working().length > 0);
      default:
        return true;
    }
  }

  private act(action: ActionName): void {
    const { random, spelled } = this;
    switch (action) {
      case 'event':
        return this.event();
      case 'mask':
        return this.setMask(random.pick(this.knows.unmasked), 1);
      case 'unmask':
        return this.unmask();
      case 'word':
        return this.writeMasks(random.pick(this.vectors));
      case 'swap':
        return this.swap();
      case 'retarget':
        return this.retarget(random.pick(this.vectors));
      case 'tear':
        return this.tear(random.pick(this.knows.held));
      case 'entry':
        return this.pushRacing(...spelled.entry(random.pick(this.knows.held), this.pool.take()));
      case 'map':
        return this.remap();
      case 'unmap':
        return this.map(random.pick(this.sources.filter((one) => this.knows.vectorOf(one) !== undefined)), undefined);
      case 'bad-map':
        return this.mapBadly();
      case 'forbidden':
        return this.forbidden();
      case 'acknowledge':
        return this.acknowledge(random.int(0, 3));
      case 'suppress':
        return this.suppress();
      case 'needs-reset':
        this.broken = true;
        return this.push({ op: 'event', source: 'needs-reset' });
      case 'inspect':
        return this.push(INSPECT);
      case 'reset':
        if (random.chance(30)) this.push(RESET);
        return this.initialise();
      case 'power-cycle':
        this.push(POWER_CYCLE);
        return this.initialise();
      case 'queue-reset':
        return this.resetQueue();
      case 'stop':
        return this.stop();
      case 'switch':
        return this.switch();
    }
  }

  // --- events ------------------------------------------------------------------------------------------------------

  private queues(): number[] {
    const able = eventQueues(this.context.profile);
    return this.sources.filter((source): source is number => source !== 'config' && able.includes(source));
  }

  /** More often one that changes something: on a vector that is held and has nothing pending. */
  private event(): void {
    const { random, knows } = this;
    const telling = this.sources.filter((source) => {
      const vector = knows.vectorOf(source);
      return vector !== undefined && knows.isHeld(vector) && !knows.isPending(vector);
    });
    const source = random.pick(telling.length > 0 && random.chance(40) ? telling : this.sources);
    // What is offered to a stopped queue stays where it is, which is seen as well.
    const count = source !== 'config' && random.chance(15) ? random.int(2, 3) : undefined;
    knows.follow({ kind: 'event', source });
    if (this.racing >= MOST_RACING) this.push(event(source, count));
    else this.pushRacing(event(source, count));
  }

  private suppress(): void {
    const queue = this.random.pick(this.queues());
    const flag = this.context.profile.layout.constant('VIRTQ_AVAIL_F_NO_INTERRUPT');
    const place = `queue[${queue}].avail.flags`;
    const now = this.suppressed.has(queue);
    if (now) this.suppressed.delete(queue);
    else this.suppressed.add(queue);
    this.push({ op: 'memory-write', place, value: now ? 0 : flag });
  }

  private resetQueue(): void {
    const { random } = this;
    const queue = random.pick(this.queues());
    this.suppressed.delete(queue);
    this.stopped.delete(queue);
    this.push({ op: 'queue-reset', queue });
    if (random.chance(30)) this.event();
    this.push({ op: 'queue-setup', queue });
    // Whether the vector stays mapped is open, so it is mapped again.
    if (this.msi) this.map(queue, random.pick(this.vectors));
  }

  private working(): number[] {
    return this.queues().filter((queue) => !this.stopped.has(queue));
  }

  private stop(): void {
    const queue = this.random.pick(this.working());
    this.stopped.add(queue);
    this.push({ op: 'write', place: 'QueueSel', value: queue, race: true });
    this.push({ op: 'write', place: 'QueueReady', value: 0 });
  }

  private acknowledge(bits: number): void {
    this.push({ op: 'write', place: 'InterruptACK', value: bits });
  }

  // --- masks -------------------------------------------------------------------------------------------------------

  private setMask(vector: number, bit: 0 | 1): void {
    this.knows.follow({ kind: 'masks', bits: [[vector, bit]] });
    this.pushRacing(bit === 1 ? this.spelled.mask(vector) : this.spelled.unmask(vector));
  }

  private unmask(): void {
    const { random, knows } = this;
    const pending = knows.masked.filter((vector) => knows.isPending(vector));
    this.setMask(random.pick(pending.length > 0 && random.chance(60) ? pending : knows.masked), 0);
  }

  /** One dword of masks at once, and bits in it that no vector has. */
  private writeMasks(vector: number): void {
    const { spelled, random, knows } = this;
    const place = spelled.maskPlace(vector);
    const held = spelled.vectorsAt(place);
    const valid = 2 ** held.length - 1;
    // Only vectors that are programmed may be unmasked.
    const programmed = held.reduce((bits, one, bit) => (this.vectors.includes(one) ? bits + 2 ** bit : bits), 0);
    const value = ((random.int(0, words32.ones) & programmed) | (valid & ~programmed)) >>> 0;
    const beyond = random.chance(20) ? ~valid >>> 0 : 0;
    const bits = held.map((one, bit) => [one, ((value >>> bit) & 1) as 0 | 1] as const);
    knows.follow({ kind: 'masks', bits: bits.filter(([one]) => this.vectors.includes(one)) });
    this.pushRacing(spelled.writeMaskPlace(place, (value | beyond) >>> 0));
  }

  /** Pairs of vectors that one write can mask and unmask: the first is masked now. */
  private swaps(): [number, number][] {
    const { knows, spelled } = this;
    return knows.masked.flatMap((one) =>
      knows.unmasked
        .filter((other) => spelled.maskPlace(other) === spelled.maskPlace(one))
        .map((other): [number, number] => [one, other]),
    );
  }

  private swap(): void {
    const { random, knows, spelled } = this;
    const all = this.swaps();
    const pending = all.filter(([masked]) => knows.isPending(masked));
    const [masked, unmasked] = random.pick(pending.length > 0 && random.chance(70) ? pending : all);
    const bits = [[masked, 0] as const, [unmasked, 1] as const];
    knows.follow({ kind: 'masks', bits });
    this.pushRacing(...spelled.setMasks(bits));
  }

  /** Mostly a switch back: what is off or held for long shows little. */
  private switch(): void {
    const { random, spelled, knows } = this;
    const { enabled, held } = spelled.switches;
    const change = random.pick([{ enabled: !enabled }, { held: !held }, enabled ? { held: !held } : { enabled: true }]);
    this.pushRacing(spelled.switch(change));
    knows.follow({ kind: 'switch', to: spelled.switches });
    if (!spelled.switches.enabled && this.sources.length > 0 && random.chance(60)) this.event();
    if (random.chance(30)) this.acknowledge(random.int(1, 3));
  }

  // --- entries -----------------------------------------------------------------------------------------------------

  /** Another message for a vector, as a driver does it: masked, and unmasked after it. */
  private retarget(vector: number): void {
    const { random, spelled, knows } = this;
    const steps = [...spelled.entry(vector, this.pool.take())];
    if (random.chance(30)) steps.reverse();
    const wasMasked = knows.isMasked(vector);
    if (!wasMasked) this.setMask(vector, 1);
    this.pushRacing(...steps);
    if (!wasMasked || random.chance(50)) this.setMask(vector, 0);
  }

  /** Dwords of a held entry in any order, not all of them, with other things in between. */
  private tear(vector: number): void {
    const { random, spelled } = this;
    const steps = someOf(random, spelled.entry(vector, this.pool.take()));
    if (random.chance(50)) steps.reverse();
    for (const step of steps) {
      this.push(step);
      if (!random.chance(40)) continue;
      // Whatever comes in between must leave this vector as it is: held.
      if (this.sources.length > 0 && random.chance(60)) this.event();
      else this.besides(vector);
    }
  }

  private besides(vector: number): void {
    const others = this.vectors.filter((other) => other !== vector);
    if (others.length === 0) return;
    const other = this.random.pick(others);
    this.setMask(other, this.knows.isMasked(other) ? 0 : 1);
  }

  // --- mapping -----------------------------------------------------------------------------------------------------

  private map(source: Source, vector: number | undefined, value = vector ?? this.spelled.noVector): void {
    const [select, write] = this.spelled.map(source, value);
    if (write) this.push({ ...(select as Operation), race: true });
    this.pushRacing((write ?? select) as Operation);
    this.knows.follow({ kind: 'map', source, to: vector });
  }

  /** More often away from a vector that is pending; now and then what cannot notify here, or to where it is. */
  private remap(): void {
    const { random, knows, sources } = this;
    const all: Source[] = [...workQueues(this.context.profile), 'config'];
    const from = sources.length > 0 && random.chance(80) ? sources : all;
    const pending = from.filter((source) => knows.isPending(knows.vectorOf(source) ?? -1));
    const source = random.pick(pending.length > 0 && random.chance(40) ? pending : from);
    const elsewhere = this.vectors.filter((vector) => vector !== knows.vectorOf(source));
    this.map(source, random.pick(elsewhere.length > 0 && random.chance(85) ? elsewhere : this.vectors));
  }

  private mapBadly(): void {
    const { random } = this;
    const count = this.context.profile.msi?.vectors ?? 1;
    const sources: Source[] = this.sources.length > 0 ? this.sources : ['config'];
    const value = random.pick([count, count + 1, 0x10000 + random.pick(this.vectors), words32.ones - 1]);
    this.map(random.pick(sources), undefined, value);
  }

  // --- what a driver must not do, and a device must not mind -------------------------------------------------------

  private forbidden(): void {
    const { random, spelled } = this;
    const { layout, msi } = this.context.profile;
    const vector = random.pick(this.vectors);
    const value = random.pick([0, 1, words32.ones, words32.even]);
    const places: Operation[] = [{ op: 'write', place: 'InterruptACK', value: random.int(0, 3) }];
    if (this.msi && msi && layout.msi) {
      places.push({ op: 'write', place: spelled.pendingPlace(vector), value });
      places.push(spelled.writeHeader(headerRegisters(layout)[0] ?? '', value));
      const reserved = `${layout.msi.entryTable}.reserved`;
      if (layout.hasPlace(reserved)) places.push({ op: 'write', place: spelled.entryPlace(vector, 'reserved'), value });
      places.push({ op: 'write', place: spelled.maskPlace(vector), value: random.int(0, 255), width: 8 });
      places.push({ op: 'write', place: layout.msi.configVector, value: random.int(0, 255), width: 8 });
      // While unmasked only the data, so that the message stays one that the target takes.
      const data = spelled.entry(vector, this.pool.take())[2];
      if (data) places.push(data);
    }
    this.push(random.pick(places));
  }
}
