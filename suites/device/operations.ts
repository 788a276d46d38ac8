/** Operations in the words of this layout, so that a check reads as what it does. */
import { allMasked } from '../../harness/mechanisms/index.ts';
import type { Profile } from '../../harness/profile.ts';
import type { Message, Operation, Source, VectorSetup } from '../../harness/program.ts';
import type { CheckContext } from '../check.ts';
import { workQueues } from '../check.ts';

/** Spells vector operations with the masks that are in force, as a driver does that keeps a copy of the table. */
export class VectorOperations {
  private readonly profile: Profile;
  private readonly words = new Map<number, number>();

  constructor(profile: Profile, setups: readonly VectorSetup[] = []) {
    this.profile = profile;
    for (const { vector, unmask } of setups) if (unmask) this.set(vector, 0);
  }

  private get tables() {
    const { msi } = this.profile.layout;
    if (!msi) throw new Error('the layout has no MSI');
    return msi;
  }

  private set(vector: number, bit: number): number {
    const word = vector >>> 5;
    const old = this.words.get(word) ?? allMasked(word, this.profile.msi?.vectors ?? 0);
    const flag = 1 << (vector & 31);
    const value = (bit === 1 ? old | flag : old & ~flag) >>> 0;
    this.words.set(word, value);
    return value;
  }

  isMasked(vector: number): boolean {
    const word = this.words.get(vector >>> 5);
    return word === undefined || ((word >>> (vector & 31)) & 1) === 1;
  }

  mask(vector: number): Operation {
    return { op: 'write', place: this.maskPlace(vector >>> 5), value: this.set(vector, 1) };
  }

  unmask(vector: number): Operation {
    return { op: 'write', place: this.maskPlace(vector >>> 5), value: this.set(vector, 0) };
  }

  /** Writes a whole word of the mask table; bits that no vector has are written as given. */
  writeWord(word: number, value: number): Operation {
    const valid = allMasked(word, this.profile.msi?.vectors ?? 0);
    this.words.set(word, (value & valid) >>> 0);
    return { op: 'write', place: this.maskPlace(word), value };
  }

  word(word: number): number {
    return this.words.get(word) ?? allMasked(word, this.profile.msi?.vectors ?? 0);
  }

  maskPlace(word: number): string {
    return `${this.tables.maskTable ?? ''}[${word}]`;
  }

  pendingPlace(word: number): string {
    return `${this.tables.pendingTable}[${word}]`;
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

export function event(source: Source, count?: number): Operation {
  return count === undefined ? { op: 'event', source } : { op: 'event', source, count };
}

export function racing(operation: Operation): Operation {
  return { ...operation, race: true };
}

export const INSPECT: Operation = { op: 'inspect' };
export const RESET: Operation = { op: 'reset' };
export const POWER_CYCLE: Operation = { op: 'power-cycle' };
