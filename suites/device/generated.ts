/**
 * Generated programs: each next operation is chosen knowing what the driver has done and what the device should hold,
 * so that every step means something. A fast-check arbitrary, so that it can be used in a property as well.
 */
import fc from 'fast-check';
import { headerRegisters } from '../../harness/header.ts';
import { eventQueues, offers } from '../../harness/profile.ts';
import { type Operation, type Program, program, type Source, type VectorSetup } from '../../harness/program.ts';
import { type CheckContext, edgeVectors, eventSources, workQueues } from '../check.ts';
import { event, INSPECT, liveLine, liveMsi, POWER_CYCLE, RESET, VectorOperations } from './operations.ts';
import { words32 } from './patterns.ts';

/** How a program leans. */
export type ProfileName = 'vectors' | 'burst' | 'line' | 'hostile' | 'lives';

interface Lean {
  /** Operations after set-up, at least and at most. */
  length: [number, number];
  /** Chance in 100 that an operation is not settled before the next. */
  race: number;
  weights: Partial<Record<Action, number>>;
}

type Action =
  | 'event'
  | 'mask'
  | 'unmask'
  | 'word'
  | 'retarget'
  | 'entry'
  | 'map'
  | 'unmap'
  | 'bad-map'
  | 'forbidden'
  | 'acknowledge'
  | 'suppress'
  | 'inspect'
  | 'reset'
  | 'power-cycle'
  | 'queue-reset'
  | 'switch';

const LEANS: Record<ProfileName, Lean> = {
  vectors: {
    length: [8, 40],
    race: 0,
    weights: {
      event: 10,
      mask: 5,
      unmask: 6,
      word: 2,
      retarget: 3,
      entry: 2,
      map: 3,
      unmap: 1,
      'bad-map': 1,
      suppress: 1,
      inspect: 1,
      switch: 4,
    },
  },
  burst: {
    length: [6, 24],
    race: 45,
    weights: { event: 10, mask: 4, unmask: 4, retarget: 2, map: 2, word: 1, switch: 3 },
  },
  line: { length: [6, 24], race: 0, weights: { event: 6, acknowledge: 5, suppress: 2, inspect: 1, reset: 1 } },
  hostile: {
    length: [8, 30],
    race: 0,
    weights: {
      event: 6,
      mask: 3,
      unmask: 3,
      entry: 2,
      forbidden: 4,
      'bad-map': 2,
      map: 2,
      acknowledge: 1,
      inspect: 1,
      switch: 1,
    },
  },
  lives: {
    length: [10, 36],
    race: 0,
    weights: {
      event: 8,
      mask: 4,
      unmask: 4,
      map: 2,
      unmap: 1,
      retarget: 1,
      reset: 3,
      'power-cycle': 1,
      'queue-reset': 2,
      inspect: 1,
      switch: 2,
    },
  },
};

/** Events of one source that may be under way together, so that every order can be followed. */
const MOST_RACING = 3;

interface Random {
  int(low: number, high: number): number;
  pick<T>(items: readonly T[]): T;
  chance(percent: number): boolean;
}

/** An arbitrary of programs that lean as `name` says. */
export function programs(context: CheckContext, name: ProfileName): fc.Arbitrary<Program> {
  return new ProgramArbitrary(context, LEANS[name], name);
}

class ProgramArbitrary extends fc.Arbitrary<Program> {
  private readonly context: CheckContext;
  private readonly lean: Lean;
  private readonly name: ProfileName;

  constructor(context: CheckContext, lean: Lean, name: ProfileName) {
    super();
    this.context = context;
    this.lean = lean;
    this.name = name;
  }

  override generate(mrng: fc.Random): fc.Value<Program> {
    const random: Random = {
      int: (low, high) => mrng.nextInt(low, high),
      pick: (items) => items[mrng.nextInt(0, items.length - 1)] as never,
      chance: (percent) => mrng.nextInt(1, 100) <= percent,
    };
    return new fc.Value(new Walk(this.context, this.lean, this.name, random).run(), undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is Program {
    return typeof value === 'object' && value !== null && 'operations' in value;
  }

  /** By dropping one operation; what begins the program stays. */
  override shrink(value: Program): fc.Stream<fc.Value<Program>> {
    const { operations } = value;
    const shorter = operations
      .map((_, at) => at)
      .filter((at) => at > 0)
      .reverse()
      .map((at) => new fc.Value({ ...value, operations: operations.filter((_, other) => other !== at) }, undefined));
    return fc.Stream.of(...shorter);
  }
}

/** One walk: keeps what the driver knows, and what should be pending. */
class Walk {
  private readonly context: CheckContext;
  private readonly lean: Lean;
  private readonly random: Random;
  private readonly msi: boolean;
  private readonly ringReset: boolean;
  private readonly sources: Source[];
  private readonly vectors: number[];
  private readonly operations: Operation[] = [];
  private readonly pool;
  private spelled: VectorOperations;
  private mapping = new Map<Source, number>();
  private racing = 0;
  private suppressed = new Set<number>();
  private readonly switchable: boolean;

  constructor(context: CheckContext, lean: Lean, name: ProfileName, random: Random) {
    this.context = context;
    this.lean = lean;
    this.random = random;
    const { profile } = context;
    this.msi = profile.msi !== undefined && name !== 'line';
    this.ringReset =
      'VIRTIO_F_RING_RESET' in profile.layout.data.features &&
      offers(profile, 'VIRTIO_F_RING_RESET') &&
      (lean.weights['queue-reset'] ?? 0) > 0;
    this.sources = eventSources(profile);
    const count = profile.msi?.vectors ?? 1;
    const edges = edgeVectors(count, 13);
    const some = new Set<number>();
    const wanted = random.int(1, Math.min(5, edges.length));
    while (some.size < wanted) some.add(random.pick(edges));
    this.vectors = [...some].sort((a, b) => a - b);
    this.pool = context.messages();
    for (let skip = random.int(0, 40); skip > 0; skip--) this.pool.take();
    this.spelled = new VectorOperations(profile);
    this.switchable = this.msi && this.spelled.switchable;
  }

  run(): Program {
    this.initialise();
    const { random, lean } = this;
    const length = random.int(...lean.length);
    while (this.operations.length < length) this.next();
    // The end is settled, and everything is looked at.
    const last = this.operations.at(-1);
    if (last?.race) delete last.race;
    this.push(INSPECT);
    return program(this.operations);
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
      const races = this.racing < 6 && this.random.chance(this.lean.race);
      if (races) this.racing++;
      this.push(races ? { ...operation, race: true } : operation);
    }
  }

  private initialise(): void {
    const { context, random } = this;
    this.mapping.clear();
    this.suppressed.clear();
    if (!this.msi) {
      this.spelled = new VectorOperations(context.profile);
      this.push(liveLine(context, this.ringReset));
      return;
    }
    const setups: VectorSetup[] = this.vectors.map((vector) => ({
      vector,
      message: this.pool.take(),
      sources: [],
      unmask: random.chance(70),
    }));
    for (const source of this.sources) {
      if (random.chance(10)) continue;
      const setup = random.pick(setups);
      setup.sources.push(source);
      this.mapping.set(source, setup.vector);
    }
    this.spelled = new VectorOperations(context.profile, setups);
    this.push(liveMsi(context, setups, this.ringReset));
  }

  private next(): void {
    const { random } = this;
    const choices = (Object.entries(this.lean.weights) as [Action, number][]).filter(
      ([action]) => action !== 'switch' || this.switchable,
    );
    let at = random.int(
      1,
      choices.reduce((sum, [, weight]) => sum + weight, 0),
    );
    for (const [action, weight] of choices) {
      at -= weight;
      if (at <= 0) return this.act(action);
    }
  }

  private act(action: Action): void {
    const { random, spelled } = this;
    if (
      !this.msi &&
      !['event', 'acknowledge', 'suppress', 'inspect', 'reset', 'power-cycle', 'queue-reset', 'forbidden'].includes(
        action,
      )
    )
      return;
    const vector = random.pick(this.vectors);
    switch (action) {
      case 'event':
        return this.event();
      case 'mask':
        if (!spelled.isMasked(vector)) this.pushRacing(spelled.mask(vector));
        return;
      case 'unmask': {
        const masked = this.vectors.filter((one) => spelled.isMasked(one));
        if (masked.length > 0) this.pushRacing(spelled.unmask(random.pick(masked)));
        return;
      }
      case 'word':
        return this.writeMasks(vector);
      case 'retarget': {
        const steps = [...spelled.entry(vector, this.pool.take())];
        if (random.chance(30)) steps.reverse();
        const wasMasked = spelled.isMasked(vector);
        if (!wasMasked) this.pushRacing(spelled.mask(vector));
        this.pushRacing(...steps);
        if (!wasMasked || random.chance(50)) this.pushRacing(spelled.unmask(vector));
        return;
      }
      case 'entry':
        return this.writeEntry(vector);
      case 'map':
        return this.map(this.anySource(), vector);
      case 'unmap':
        return this.map(this.anySource(), spelled.noVector);
      case 'bad-map': {
        const count = this.context.profile.msi?.vectors ?? 1;
        return this.map(this.anySource(), random.pick([count, count + 1, 0x10000 + vector, words32.ones - 1]));
      }
      case 'forbidden':
        return this.forbidden(vector);
      case 'acknowledge':
        this.push({ op: 'write', place: 'InterruptACK', value: random.int(0, 3) });
        return;
      case 'suppress':
        return this.suppress();
      case 'inspect':
        this.push(INSPECT);
        return;
      case 'reset':
        if (random.chance(30)) this.push(RESET);
        return this.initialise();
      case 'power-cycle':
        this.push(POWER_CYCLE);
        return this.initialise();
      case 'queue-reset':
        return this.resetQueue();
      case 'switch':
        return this.switch();
    }
  }

  private anySource(): Source {
    const all: Source[] = [...workQueues(this.context.profile), 'config'];
    return this.random.pick(this.sources.length > 0 && this.random.chance(80) ? this.sources : all);
  }

  private event(): void {
    const { random } = this;
    if (this.sources.length === 0) return;
    const source = random.pick(this.sources);
    const count = source !== 'config' && random.chance(15) ? random.int(2, 3) : undefined;
    if (this.racing >= MOST_RACING) this.push(event(source, count));
    else this.pushRacing(event(source, count));
  }

  /** One dword of masks at once, and bits in it that no vector has. */
  private writeMasks(vector: number): void {
    const { spelled, random } = this;
    const place = spelled.maskPlace(vector);
    const held = spelled.vectorsAt(place);
    const valid = 2 ** held.length - 1;
    // Only vectors that are programmed may be unmasked.
    const programmed = held.reduce((bits, one, bit) => (this.vectors.includes(one) ? bits + 2 ** bit : bits), 0);
    const value = ((random.int(0, words32.ones) & programmed) | (valid & ~programmed)) >>> 0;
    const beyond = random.chance(20) ? ~valid >>> 0 : 0;
    this.pushRacing(spelled.writeMaskPlace(place, (value | beyond) >>> 0));
  }

  private writeEntry(vector: number): void {
    const { random, spelled } = this;
    const steps = spelled.entry(vector, this.pool.take());
    if (spelled.isMasked(vector)) {
      this.pushRacing(...steps);
      return;
    }
    // While unmasked only the data, so that the message stays one that the target takes.
    const data = steps[2];
    if (data && random.chance(50)) this.push(data);
  }

  private map(source: Source, value: number): void {
    const [select, write] = this.spelled.map(source, value);
    if (write) this.push({ ...(select as Operation), race: true });
    this.pushRacing((write ?? select) as Operation);
    this.mapping.set(source, value);
  }

  /** Mostly a switch back: what is off or held for long shows little. */
  private switch(): void {
    const { random, spelled } = this;
    const { enabled, held } = spelled.switches;
    const change = random.pick([{ enabled: !enabled }, { held: !held }, enabled ? { held: !held } : { enabled: true }]);
    this.pushRacing(spelled.switch(change));
    if (!spelled.switches.enabled && random.chance(60)) this.event();
    if (random.chance(30)) this.push({ op: 'write', place: 'InterruptACK', value: random.int(1, 3) });
  }

  /** What a driver must not do, and a device must not mind. */
  private forbidden(vector: number): void {
    const { random, spelled } = this;
    const { layout, msi } = this.context.profile;
    const value = random.pick([0, 1, words32.ones, words32.even]);
    const places: Operation[] = [{ op: 'write', place: 'InterruptACK', value: random.int(0, 3) }];
    if (msi && layout.msi) {
      places.push({ op: 'write', place: spelled.pendingPlace(vector), value });
      places.push(spelled.writeHeader(headerRegisters(layout)[0] ?? '', value));
      const reserved = `${layout.msi.entryTable}.reserved`;
      if (layout.hasPlace(reserved)) places.push({ op: 'write', place: spelled.entryPlace(vector, 'reserved'), value });
      places.push({ op: 'write', place: spelled.maskPlace(vector), value: random.int(0, 255), width: 8 });
      places.push({ op: 'write', place: layout.msi.configVector, value: random.int(0, 255), width: 8 });
    }
    this.push(random.pick(places));
  }

  private suppress(): void {
    const queues = eventQueues(this.context.profile).filter((queue) => this.sources.includes(queue));
    if (this.context.profile.capabilities.queueEvents !== 'ring' || queues.length === 0) return;
    const queue = this.random.pick(queues);
    const flag = this.context.profile.layout.constant('VIRTQ_AVAIL_F_NO_INTERRUPT');
    const place = `queue[${queue}].avail.flags`;
    const now = this.suppressed.has(queue);
    if (now) this.suppressed.delete(queue);
    else this.suppressed.add(queue);
    this.push({ op: 'memory-write', place, value: now ? 0 : flag });
  }

  private resetQueue(): void {
    const queues = this.sources.filter((source): source is number => source !== 'config');
    if (!this.ringReset || queues.length === 0) return;
    const queue = this.random.pick(queues);
    this.suppressed.delete(queue);
    this.push({ op: 'queue-reset', queue });
    if (this.random.chance(30)) this.event();
    this.push({ op: 'queue-setup', queue });
    // Whether the vector stays mapped is open, so it is mapped again.
    if (this.msi) this.map(queue, this.random.pick(this.vectors));
  }
}

export const GENERATED: { name: ProfileName; share: number; title: string; needs: 'msi' | 'events' }[] = [
  { name: 'vectors', share: 4, title: 'events among masking, mapping and re-targeting', needs: 'msi' },
  { name: 'burst', share: 2, title: 'events that run beside the operations', needs: 'msi' },
  { name: 'lives', share: 2, title: 'resets, power cycles and queue resets in between', needs: 'events' },
  { name: 'hostile', share: 1, title: 'writes that a driver must not make', needs: 'msi' },
  { name: 'line', share: 1, title: 'the single line', needs: 'events' },
];
