/** From walks to operations: set-up of a scope, its inputs, and the look at every register that tells its states apart. */
import { allMasked, type MsiMechanism, mechanismOf } from '../../harness/mechanisms/index.ts';
import type { MessagePool } from '../../harness/messages.ts';
import { resolvePlace } from '../../harness/places.ts';
import type { Profile } from '../../harness/profile.ts';
import type { Initialise, Message, Operation, Source } from '../../harness/program.ts';
import type { LineBit, ModelState } from '../device/model.ts';
import type { Input, Scope } from './scope.ts';

/** Messages that the entry of one vector gets in turn: one that is taken for the last, or the last but one, shows. */
export const CONTENTS = 3;

/** A register that a look reads, and what it reads in each state; bits outside `mask` are free. */
export interface Look {
  kind: 'mask' | 'pending' | 'mapping' | 'switches' | 'status';
  operations: Operation[];
  mask: number;
  expected(state: ModelState): number;
}

export class Spelling {
  /** By vector of the scope, what its entry holds in turn. */
  readonly contents: ReadonlyMap<number, readonly Message[]>;
  readonly setUp: Initialise;
  readonly looks: readonly Look[];
  private readonly profile: Profile;
  private readonly scope: Scope;
  private readonly mechanism: MsiMechanism;

  constructor(profile: Profile, scope: Scope, pool: MessagePool) {
    const mechanism = mechanismOf(profile);
    if (!mechanism) throw new Error('the device has no MSI');
    this.profile = profile;
    this.scope = scope;
    this.mechanism = mechanism;
    this.contents = new Map(
      scope.vectors.map((vector) => [vector, Array.from({ length: CONTENTS }, () => pool.take())]),
    );
    this.setUp = {
      op: 'initialise',
      msi: true,
      queues: scope.sources.filter((source) => source !== 'config'),
      vectors: scope.vectors.map((vector) => ({
        vector,
        message: this.content(vector, 0),
        sources: scope.sources.filter((source) => scope.initial.mapping.get(source) === vector),
        unmask: false,
      })),
    };
    this.looks = [...this.maskLooks(), ...this.pendingLooks(), ...this.mappingLooks(), ...this.switchLooks()];
  }

  content(vector: number, turn: number): Message {
    return this.contents.get(vector)?.[turn % CONTENTS] as Message;
  }

  /** @param turn of an entry that is written: which of the vector's messages */
  operations({ action }: Input, turn = 0): Operation[] {
    const { layout } = this.profile;
    const msi = layout.msi;
    if (action === 'reset') return [this.setUp];
    if (!msi) return [];
    switch (action.kind) {
      case 'event':
        return [{ op: 'event', source: action.source }];
      case 'masks':
        return this.mechanism
          .maskWrites(new Map(action.bits), () => 1)
          .map(({ place, value }) => ({ op: 'write', place, value }));
      case 'map':
        return [
          ...this.select(action.source),
          { op: 'write', place: this.vectorRegister(action.source), value: action.to ?? layout.constant(msi.noVector) },
        ];
      case 'entry': {
        const { addressLow, addressHigh, data } = this.content(action.vector, turn);
        const place = (field: string) => `${msi.entryTable}[${action.vector}].${field}`;
        return [
          { op: 'write', place: place('address-low'), value: addressLow },
          { op: 'write', place: place('address-high'), value: addressHigh },
          { op: 'write', place: place('data'), value: data },
        ];
      }
      case 'switch': {
        const { switches } = this.mechanism;
        return switches ? [{ op: 'write', place: switches.place, value: switches.encode(action.to) }] : [];
      }
      case 'acknowledge':
        return [{ op: 'write', place: 'InterruptACK', value: this.statusOf(action.bits) }];
    }
  }

  private statusOf(bits: ReadonlySet<LineBit>): number {
    const { layout } = this.profile;
    const used = bits.has('used') ? layout.bit('InterruptStatus', 'USED_BUFFER') : 0;
    return used + (bits.has('config') ? layout.bit('InterruptStatus', 'CONFIG_CHANGE') : 0);
  }

  private select(source: Source): Operation[] {
    return source === 'config' ? [] : [{ op: 'write', place: 'QueueSel', value: source }];
  }

  private vectorRegister(source: Source): string {
    const { msi } = this.profile.layout;
    return (source === 'config' ? msi?.configVector : msi?.queueVector) ?? '';
  }

  private maskLooks(): Look[] {
    return this.mechanism
      .maskPlaces(this.scope.vectors)
      .map((place) => this.bitLook('mask', place, (state) => state.masked, 1));
  }

  private pendingLooks(): Look[] {
    return this.mechanism
      .pendingPlaces(this.scope.vectors)
      .map((place) => this.bitLook('pending', place, (state) => state.pending, 0));
  }

  /** @param rest the bit of vectors that are not in the scope */
  private bitLook(
    kind: Look['kind'],
    place: string,
    set: (state: ModelState) => ReadonlySet<number>,
    rest: 0 | 1,
  ): Look {
    const meaning = this.mechanism.meaning(resolvePlace(place, this.profile).spot);
    const [first, count] = meaning && 'first' in meaning ? [meaning.first, meaning.count] : [0, 0];
    const others = rest === 1 ? allMasked(0, (this.profile.msi?.vectors ?? 0) - first) : 0;
    const bitsOf = (vectors: Iterable<number>) => {
      let bits = 0;
      for (const vector of vectors) if (vector >= first && vector < first + count) bits += 2 ** (vector - first);
      return bits >>> 0;
    };
    const own = bitsOf(this.scope.vectors);
    return {
      kind,
      operations: [{ op: 'read', place }],
      mask: count === 32 ? 0xffffffff : 2 ** count - 1,
      expected: (state) => ((others & ~own) | bitsOf(set(state))) >>> 0,
    };
  }

  private mappingLooks(): Look[] {
    const { layout } = this.profile;
    const none = layout.constant(layout.msi?.noVector ?? '');
    return this.scope.sources.map((source) => ({
      kind: 'mapping',
      operations: [...this.select(source), { op: 'read', place: this.vectorRegister(source) }],
      mask: 0xffffffff,
      expected: (state) => state.mapping.get(source) ?? none,
    }));
  }

  private switchLooks(): Look[] {
    const { switches } = this.mechanism;
    const status: Look = {
      kind: 'status',
      operations: [{ op: 'read', place: 'InterruptStatus' }],
      mask: 0xffffffff,
      expected: (state) => this.statusOf(state.line),
    };
    if (!switches) return [status];
    const { place, mask } = switches;
    return [
      {
        kind: 'switches',
        operations: [{ op: 'read', place }],
        mask,
        expected: (state) => switches.encode(state.switches),
      },
      status,
    ];
  }
}
