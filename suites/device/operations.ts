/** Operations in the words of this layout, so that a check reads as what it does. */
import { type MsiMechanism, mechanismOf, type Switches } from '../../harness/mechanisms/index.ts';
import { resolvePlace } from '../../harness/places.ts';
import type { Profile } from '../../harness/profile.ts';
import type { Message, Operation, Source, VectorSetup } from '../../harness/program.ts';
import type { CheckContext } from '../check.ts';
import { workQueues } from '../check.ts';

/**
 * Spells vector operations with the mask bits and switches that are in force, as a driver does that keeps a copy of
 * what it wrote.
 */
export class VectorOperations {
  private readonly profile: Profile;
  private readonly unmasked = new Set<number>();
  private now: Switches = { enabled: true, held: false };

  constructor(profile: Profile, setups: readonly VectorSetup[] = []) {
    this.profile = profile;
    for (const { vector, unmask } of setups) if (unmask) this.unmasked.add(vector);
  }

  private get tables() {
    const { msi } = this.profile.layout;
    if (!msi) throw new Error('the layout has no MSI');
    return msi;
  }

  private get mechanism(): MsiMechanism {
    const mechanism = mechanismOf(this.profile);
    if (!mechanism) throw new Error('the device has no MSI');
    return mechanism;
  }

  // --- masks -------------------------------------------------------------------------------------------------------

  isMasked(vector: number): boolean {
    return !this.unmasked.has(vector);
  }

  mask(vector: number): Operation {
    return this.setMasks([[vector, 1]])[0] as Operation;
  }

  unmask(vector: number): Operation {
    return this.setMasks([[vector, 0]])[0] as Operation;
  }

  /** Gives several vectors these mask bits, in as few writes as the layout allows. */
  setMasks(bits: readonly (readonly [vector: number, bit: 0 | 1])[]): Operation[] {
    const writes = this.mechanism.maskWrites(new Map(bits), (vector) => (this.isMasked(vector) ? 1 : 0));
    for (const [vector, bit] of bits) this.keep(vector, bit);
    return writes.map(({ place, value }) => ({ op: 'write', place, value }));
  }

  private keep(vector: number, bit: number): void {
    if (bit === 1) this.unmasked.delete(vector);
    else this.unmasked.add(vector);
  }

  /** Where the mask bits of these vectors are, each place once. */
  maskPlaces(vectors: readonly number[]): string[] {
    return this.mechanism.maskPlaces(vectors);
  }

  /** The place of one vector's mask bit. */
  maskPlace(vector: number): string {
    return this.maskPlaces([vector])[0] ?? '';
  }

  /** The vectors whose mask bits a place holds, from its bit 0 up. */
  vectorsAt(place: string): number[] {
    const meaning = this.mechanism.meaning(resolvePlace(place, this.profile).spot);
    if (meaning?.kind !== 'masks') return [];
    const count = Math.min(meaning.count, (this.profile.msi?.vectors ?? 0) - meaning.first);
    return Array.from({ length: Math.max(0, count) }, (_, bit) => meaning.first + bit);
  }

  /** Writes a whole dword of masks; bits that no vector has are written as given. */
  writeMaskPlace(place: string, value: number): Operation {
    for (const [bit, vector] of this.vectorsAt(place).entries()) this.keep(vector, (value >>> bit) & 1);
    return { op: 'write', place, value };
  }

  /** Writes 0 where these vectors' mask bits are: unmasks them and whatever shares a dword with them. */
  open(vectors: readonly number[]): Operation[] {
    return this.maskPlaces(vectors).map((place) => this.writeMaskPlace(place, 0));
  }

  // --- switches of all vectors -------------------------------------------------------------------------------------

  /** Whether the layout has them. */
  get switchable(): boolean {
    return this.mechanism.switches !== undefined;
  }

  get switches(): Switches {
    return this.now;
  }

  /** Enables or disables MSI, sets or clears the function mask; what is not named stays. */
  switch(change: Partial<Switches>): Operation {
    const { switches } = this.mechanism;
    if (!switches) throw new Error(`layout '${this.profile.layout.name}' has no switches`);
    this.now = { ...this.now, ...change };
    return { op: 'write', place: switches.place, value: switches.encode(this.now) };
  }

  /** A write to a register of the header that leaves the switches in it, if any, as they are. */
  writeHeader(place: string, value: number): Operation {
    const { switches } = this.mechanism;
    if (switches?.place !== place) return { op: 'write', place, value };
    return { op: 'write', place, value: ((value & ~switches.mask) | switches.encode(this.now)) >>> 0 };
  }

  // --- the rest ----------------------------------------------------------------------------------------------------

  pendingPlace(vector: number): string {
    return this.mechanism.pendingPlaces([vector])[0] ?? '';
  }

  /** Reads of the mask and pending bits of these vectors. */
  look(vectors: readonly number[]): Operation[] {
    const places = [...this.maskPlaces(vectors), ...this.mechanism.pendingPlaces(vectors)];
    return places.map((place) => ({ op: 'read', place }));
  }

  entryPlace(vector: number, field: string): string {
    return `${this.tables.entryTable}[${vector}].${field}`;
  }

  /** Writes the three dwords of an entry. */
  entry(vector: number, message: Message): Operation[] {
    return [
      { op: 'write', place: this.entryPlace(vector, 'address-low'), value: message.addressLow },
      { op: 'write', place: this.entryPlace(vector, 'address-high'), value: message.addressHigh },
      { op: 'write', place: this.entryPlace(vector, 'data'), value: message.data },
    ];
  }

  map(source: Source, value: number): Operation[] {
    if (source === 'config') return [{ op: 'write', place: this.tables.configVector, value }];
    return [
      { op: 'write', place: 'QueueSel', value: source },
      { op: 'write', place: this.tables.queueVector, value },
    ];
  }

  get noVector(): number {
    return this.profile.layout.constant(this.tables.noVector);
  }
}

/** Live with MSI, the given vectors set up. */
export function liveMsi(context: CheckContext, vectors: VectorSetup[], ringReset = false): Operation {
  return {
    op: 'initialise',
    msi: true,
    queues: workQueues(context.profile),
    vectors,
    ...(ringReset ? { ringReset: true } : {}),
  };
}

/** Live on the line. */
export function liveLine(context: CheckContext, ringReset = false): Operation {
  return {
    op: 'initialise',
    msi: false,
    queues: workQueues(context.profile),
    ...(ringReset ? { ringReset: true } : {}),
  };
}

export function event(source: Source | 'needs-reset', count?: number): Operation {
  return count === undefined ? { op: 'event', source } : { op: 'event', source, count };
}

export function racing(operation: Operation): Operation {
  return { ...operation, race: true };
}

export const INSPECT: Operation = { op: 'inspect' };
export const RESET: Operation = { op: 'reset' };
export const POWER_CYCLE: Operation = { op: 'power-cycle' };
