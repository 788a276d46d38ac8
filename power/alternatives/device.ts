/** A device as a test driver handles it: set-up, vectors, events, and looking at what it shows. */
import { acceptedFeatures, type CompileContext, plansFor } from '../../harness/compile.ts';
import { mechanismOf } from '../../harness/mechanisms/index.ts';
import { resolvePlace } from '../../harness/places.ts';
import type { Profile } from '../../harness/profile.ts';
import type { Message, Operation, Source } from '../../harness/program.ts';
import { fromLittleEndian, initialMemory, littleEndian, resolveMemoryPlace } from '../../harness/queue-memory.ts';
import type { Adapter, Interrupt } from '../../harness/target.ts';
import { VectorOperations } from '../../suites/device/operations.ts';
import type { Model } from './model.ts';

/** Something that the driver saw is not as it should be. */
export class Discrepancy extends Error {
  override name = 'Discrepancy';
}

export function agree(what: string, expected: unknown, actual: unknown): void {
  if (actual !== expected) throw new Discrepancy(`${what}: expected ${String(expected)}, got ${String(actual)}`);
}

/** How often Status is read until a reset is complete. */
const POLLS = 16;

export class Device {
  private readonly adapter: Adapter;
  private readonly profile: Profile;
  private readonly context: CompileContext;
  private spelled: VectorOperations;
  /** Requests put into each ring. */
  private readonly offered = new Map<number, number>();

  /** @param profile of a device with MSI */
  constructor(adapter: Adapter, profile: Profile) {
    this.adapter = adapter;
    this.profile = profile;
    this.context = { profile, memory: adapter.memory };
    this.spelled = new VectorOperations(profile);
  }

  private get msi() {
    const { msi } = this.profile.layout;
    if (!msi) throw new Error('the layout has no MSI');
    return msi;
  }

  // --- accesses ----------------------------------------------------------------------------------------------------

  read(place: string): number {
    return Number(this.adapter.read(resolvePlace(place, this.profile).offset, 32));
  }

  write(place: string, value: number): void {
    this.adapter.write(resolvePlace(place, this.profile).offset, 32, value);
  }

  private perform(operations: readonly Operation[]): void {
    for (const operation of operations) if (operation.op === 'write') this.write(operation.place, operation.value);
  }

  // --- set-up ------------------------------------------------------------------------------------------------------

  powerCycle(): void {
    this.adapter.powerCycle?.();
    this.adapter.interrupts?.();
  }

  /** From the reset to DRIVER_OK, with all that the model has. @throws Discrepancy */
  setUp(model: Model): void {
    const { profile } = this;
    const { layout } = profile;
    const bit = (name: string) => layout.bit('Status', name);
    this.write('Status', 0);
    let polls = 0;
    while (this.read('Status') !== 0) if (++polls > POLLS) throw new Discrepancy('the reset does not end');
    let status = bit('ACKNOWLEDGE');
    this.write('Status', status);
    status += bit('DRIVER');
    this.write('Status', status);
    for (const [window, word] of acceptedFeatures({ msi: true }, profile).entries()) {
      this.write('DriverFeaturesSel', window);
      this.write('DriverFeatures', word);
    }
    status += bit('FEATURES_OK');
    this.write('Status', status);
    agree('Status after FEATURES_OK', status, this.read('Status'));
    this.spelled = new VectorOperations(profile);
    if (this.spelled.switchable) this.perform([this.spelled.switch({ enabled: true, held: false })]);
    this.lookAtResetValues(model);
    for (const source of model.mapping.keys()) if (source !== 'config') this.enable(source);
    for (const [vector, message] of model.entries) this.perform(this.spelled.entry(vector, message));
    for (const [source, vector] of model.mapping) this.map(source, vector);
    this.perform(this.spelled.setMasks([...model.entries.keys()].map((vector) => [vector, 0] as const)));
    this.write('Status', status + bit('DRIVER_OK'));
  }

  private lookAtResetValues(model: Model): void {
    for (const vector of model.entries.keys()) {
      agree(`mask of vector ${vector} after a reset`, 1, this.maskBit(vector));
      agree(`pending bit of vector ${vector} after a reset`, 0, this.pendingBit(vector));
    }
    for (const source of model.mapping.keys())
      agree(`vector of ${source} after a reset`, this.noVector, this.mapped(source));
  }

  private enable(queue: number): void {
    const plan = plansFor(this.context)[queue];
    if (!plan) return;
    this.write('QueueSel', queue);
    this.write('QueueSize', plan.size);
    for (const { address, bytes } of initialMemory(plan, this.profile.layout))
      this.adapter.memory?.write(address, bytes);
    for (const [name, address] of Object.entries({ Desc: plan.desc, Driver: plan.avail, Device: plan.used })) {
      this.write(`Queue${name}Low`, address % 2 ** 32);
      this.write(`Queue${name}High`, Math.floor(address / 2 ** 32));
    }
    this.write('QueueReady', 1);
    agree(`QueueReady of queue ${queue}`, 1, this.read('QueueReady'));
    this.offered.set(queue, 0);
  }

  // --- vectors -----------------------------------------------------------------------------------------------------

  mask(vector: number): void {
    this.perform([this.spelled.mask(vector)]);
  }

  unmask(vector: number): void {
    this.perform([this.spelled.unmask(vector)]);
  }

  retarget(vector: number, message: Message): void {
    const writes = this.spelled.entry(vector, message);
    this.perform(writes);
    for (const write of writes) if (write.op === 'write') agree(write.place, write.value, this.read(write.place));
  }

  get noVector(): number {
    return this.spelled.noVector;
  }

  map(source: Source, vector: number): void {
    this.perform(this.spelled.map(source, vector));
    agree(`vector of ${source}`, vector, this.mapped(source));
  }

  mapped(source: Source): number {
    if (source === 'config') return this.read(this.msi.configVector);
    this.write('QueueSel', source);
    return this.read(this.msi.queueVector);
  }

  maskBit(vector: number): number {
    return this.bit(this.spelled.maskPlace(vector), vector);
  }

  pendingBit(vector: number): number {
    return this.bit(this.spelled.pendingPlace(vector), vector);
  }

  private bit(place: string, vector: number): number {
    const meaning = mechanismOf(this.profile)?.meaning(resolvePlace(place, this.profile).spot);
    const first = meaning?.kind === 'masks' || meaning?.kind === 'pending' ? meaning.first : vector;
    return (this.read(place) >>> (vector - first)) & 1;
  }

  // --- events ------------------------------------------------------------------------------------------------------

  event(source: Source): void {
    const { capabilities, layout } = this.profile;
    if (source === 'config') this.adapter.raise?.({ source });
    else if (capabilities.queueEvents === 'raise') this.adapter.raise?.({ source: 'queue', queue: source });
    else {
      const plans = plansFor(this.context);
      const plan = plans[source];
      const { memory } = this.adapter;
      if (!plan || !memory) return;
      const next = this.offered.get(source) ?? 0;
      const slot = resolveMemoryPlace(`queue[${source}].avail.ring[${next % plan.size}]`, plans, layout);
      const head = (next % plan.slots) * (plan.links[0]?.length ?? 0);
      memory.write(slot.address, littleEndian(head, slot.size));
      const index = resolveMemoryPlace(`queue[${source}].avail.idx`, plans, layout);
      memory.write(index.address, littleEndian((next + 1) % 2 ** (8 * index.size), index.size));
      this.offered.set(source, next + 1);
      this.write('QueueNotify', source);
    }
  }

  /** The used index of a queue; undefined where the guest's memory is out of reach. */
  used(queue: number): number | undefined {
    const { memory } = this.adapter;
    if (!memory) return undefined;
    const { address, size } = resolveMemoryPlace(
      `queue[${queue}].used.idx`,
      plansFor(this.context),
      this.profile.layout,
    );
    return fromLittleEndian(memory.read(address, size) as Uint8Array);
  }

  /** What was delivered since the last look, once settled. */
  delivered(): Interrupt[] {
    this.adapter.settle?.();
    return (this.adapter.interrupts?.() ?? []) as Interrupt[];
  }
}
