/** What the device is like for a driver, as far as the accesses so far tell. */
import type { Layout, Register } from '../../../spec/layout.ts';
import { headerRegisters } from '../../header.ts';
import { msiFeatureBits } from '../../layouts.ts';
import { type MsiMechanism, mechanismOf, type Switches } from '../../mechanisms/index.ts';
import { locate, placeName, type Spot, WORD } from '../../places.ts';
import { DEFAULT_REGION_SIZE, type Profile } from '../../profile.ts';
import type { Access } from '../bus.ts';
import type { Facts, LogEntry } from '../log.ts';

/** A source of events: the configuration, or a queue by its number. */
export type Source = 'config' | number;

/** What the driver did to one queue. */
export interface QueueView {
  /** Registers of it that were written since the device, or the queue, was reset; by name. */
  written: Set<string>;
  /** QueueSizeMax as it was read. */
  sizeMax: number | undefined;
  ready: boolean;
  /** It was written 1 to QueueReset and has not read 0 since. */
  resetting: boolean;
  /** Its vector register as the driver left it; undefined: not written. */
  vector: number | undefined;
}

/** What the driver did to one vector. */
export interface VectorView {
  /** Its own mask bit. */
  masked: boolean;
  /** Parts of its message that were written since FEATURES_OK. */
  parts: Set<string>;
}

/** The names of registers whose part is fixed by the transport. */
const QUEUE_SELECTOR = 'QueueSel';

export class DeviceView {
  readonly layout: Layout;
  readonly facts: Facts;
  /** Status as the driver last wrote it; 0 after a reset; undefined before the first write that was seen. */
  status: number | undefined;
  /** 0 was written to Status and has not been read back. */
  resetUnseen = false;
  /** FEATURES_OK was read back as 0 after it was written. */
  refused = false;
  /** Selectors by name, where they were written since the last reset. */
  readonly selectors = new Map<string, number>();
  /** Windows of DeviceFeatures that were read. */
  readonly offered = new Map<number, number>();
  readonly accepted = new Map<number, number>();
  readonly queues = new Map<number, QueueView>();
  readonly vectors = new Map<number, VectorView>();
  configVector: number | undefined;
  switches: Switches = { enabled: true, held: false };
  /** Registers as they were last read, by name. */
  readonly read = new Map<string, number>();
  profile: Profile;
  mechanism: MsiMechanism | undefined;
  private readonly header: string[];

  constructor(layout: Layout, facts: Facts) {
    this.layout = layout;
    this.facts = facts;
    this.header = headerRegisters(layout);
    this.profile = facts.profile ?? this.guess();
    this.learnMsi();
    this.resetMsi();
  }

  // --- questions ---

  has(flag: string): boolean {
    return ((this.status ?? 0) & this.layout.bit('Status', flag)) !== 0;
  }

  /** Whether a feature is offered; undefined where that is not known. */
  offers(feature: string): boolean | undefined {
    const { bit } = this.layout.feature(feature);
    const word = this.facts.profile?.features[bit >>> 5] ?? this.offered.get(bit >>> 5);
    return word === undefined ? undefined : ((word >>> (bit & 31)) & 1) === 1;
  }

  accepts(feature: string): boolean {
    const { bit } = this.layout.feature(feature);
    return (((this.accepted.get(bit >>> 5) ?? 0) >>> (bit & 31)) & 1) === 1;
  }

  /** From FEATURES_OK, where it was not refused, until the next reset. */
  get negotiated(): boolean {
    return this.has('FEATURES_OK') && !this.refused;
  }

  get msiNegotiated(): boolean {
    const { msi } = this.layout;
    return msi !== undefined && this.negotiated && this.accepts(msi.feature);
  }

  get live(): boolean {
    return this.negotiated && this.has('DRIVER_OK');
  }

  /** The queue that QueueSel shows; undefined where that is not known. */
  get selected(): number | undefined {
    return this.selectors.get(QUEUE_SELECTOR);
  }

  queue(index: number): QueueView {
    let queue = this.queues.get(index);
    if (!queue) {
      const sizeMax = this.facts.profile && (this.facts.profile.queues[index] ?? 0);
      queue = { written: new Set(), sizeMax, ready: false, resetting: false, vector: undefined };
      this.queues.set(index, queue);
    }
    return queue;
  }

  vector(index: number): VectorView {
    let vector = this.vectors.get(index);
    if (!vector) {
      vector = { masked: true, parts: new Set() };
      this.vectors.set(index, vector);
    }
    return vector;
  }

  /** Whether an event of this vector would become a message. */
  isOpen(index: number): boolean {
    return this.switches.enabled && !this.switches.held && !this.vector(index).masked;
  }

  /** The vectors there are; undefined where the driver has not asked. */
  get vectorCount(): number | undefined {
    return this.profile.msi?.vectors;
  }

  mapping(source: Source): number | undefined {
    return source === 'config' ? this.configVector : this.queue(source).vector;
  }

  isVector(value: number | undefined): value is number {
    return value !== undefined && value < (this.vectorCount ?? this.layout.constant('NO_VECTOR'));
  }

  spot(offset: number): Spot {
    return locate(offset, this.profile);
  }

  name(offset: number): string {
    return placeName(offset, this.profile);
  }

  /** Whether these bytes belong to the configuration space, as far as its length is known. */
  inConfig(offset: number): boolean {
    const { layout, profile, facts } = this;
    const start = layout.data.config.offset;
    if (offset < start) return false;
    const size = facts.profile?.configSize ?? facts.configSize ?? profile.deviceType?.configSize;
    return size === undefined ? profile.msi === undefined : offset < start + size;
  }

  /** The register at an aligned offset of 32 bits; undefined for anything else. */
  register({ offset, width }: Access): Register | undefined {
    if (width !== 32 || offset % WORD !== 0) return undefined;
    const spot = this.spot(offset);
    return spot.kind === 'register' ? spot.register : undefined;
  }

  // --- what accesses change ---

  /** Takes an entry that was judged. */
  take(entry: LogEntry): void {
    if (entry.kind === 'read') this.takeRead(entry);
    else if (entry.kind === 'write') this.takeWrite(entry);
  }

  private takeRead(access: Access): void {
    const register = this.register(access);
    if (!register) return;
    const value = Number(access.value) >>> 0;
    this.read.set(register.name, value);
    const selector = register.selector === undefined ? undefined : this.selectors.get(register.selector);
    switch (register.name) {
      case 'DeviceID':
        if (!this.facts.profile) this.profile = this.guess();
        this.learnMsi();
        break;
      case 'DeviceFeatures':
        if (selector !== undefined) this.offered.set(selector, value);
        break;
      case 'Status':
        if (value === 0) this.resetUnseen = false;
        this.refused = this.has('FEATURES_OK') && (value & this.layout.bit('Status', 'FEATURES_OK')) === 0;
        break;
      case 'QueueSizeMax':
        if (selector !== undefined) this.queue(selector).sizeMax = value;
        break;
      case 'QueueReady':
        if (selector !== undefined) this.queue(selector).ready = value !== 0;
        break;
      case 'QueueReset':
        if (selector !== undefined && value === 0) this.queue(selector).resetting = false;
        break;
    }
    const { msi } = this.layout;
    if (register.name === msi?.queueVector && selector !== undefined) this.queue(selector).vector = value;
    if (register.name === msi?.configVector) this.configVector = value;
    if (this.header.includes(register.name)) this.learnMsi();
  }

  private takeWrite(access: Access): void {
    const { layout } = this;
    const value = Number(access.value) >>> 0;
    if (access.width !== 32 || access.offset % WORD !== 0) return;
    const spot = this.spot(access.offset);
    if (spot.kind !== 'register') {
      this.takeTable(spot, value);
      return;
    }
    const { name, selector, effects } = spot.register;
    const selected = selector === undefined ? undefined : this.selectors.get(selector);
    if (effects.includes('selects')) this.selectors.set(name, value);
    if (name === 'Status') this.takeStatus(value);
    if (name === 'DriverFeatures' && selected !== undefined) this.accepted.set(selected, value);
    if (selector === QUEUE_SELECTOR && selected !== undefined) this.takeQueue(name, selected, value);
    const { msi } = layout;
    if (name === msi?.configVector) this.configVector = value;
    if (this.mechanism?.switches?.place === name) this.switches = this.mechanism.switches.decode(value);
  }

  private takeStatus(value: number): void {
    if (value === 0) {
      this.status = 0;
      this.resetUnseen = true;
      this.refused = false;
      this.selectors.clear();
      this.accepted.clear();
      this.queues.clear();
      this.resetMsi();
      return;
    }
    const before = this.has('FEATURES_OK');
    this.status = value;
    if (!before && this.has('FEATURES_OK')) for (const vector of this.vectors.values()) vector.parts.clear();
  }

  private takeQueue(name: string, index: number, value: number): void {
    const queue = this.queue(index);
    queue.written.add(name);
    if (name === 'QueueReady') queue.ready = value !== 0;
    if (name === this.layout.msi?.queueVector) queue.vector = value;
    if (name === 'QueueReset' && value === 1) {
      const { vector } = queue;
      Object.assign(queue, { written: new Set(), ready: false, resetting: true, vector });
    }
  }

  private takeTable(spot: Spot, value: number): void {
    const meaning = this.mechanism?.meaning(spot);
    if (meaning?.kind === 'masks') {
      for (let bit = 0; bit < meaning.count; bit++) {
        const index = meaning.first + bit;
        if (index < (this.vectorCount ?? 0)) this.vector(index).masked = ((value >>> bit) & 1) === 1;
      }
    } else if (meaning?.kind === 'message') {
      this.vector(meaning.vector).parts.add(meaning.part);
    }
  }

  // --- what is known ---

  private resetMsi(): void {
    this.vectors.clear();
    this.configVector = undefined;
    const switches = this.mechanism?.switches;
    this.switches = switches ? switches.decode(0) : { enabled: true, held: false };
  }

  /** The tables, once the driver has read where they are. */
  private learnMsi(): void {
    const { msi } = this.layout;
    if (!msi) return;
    if (!this.profile.msi && this.header.length > 0 && this.header.every((name) => this.read.has(name))) {
      const value = (reference: string): number =>
        this.layout.meaningOf(reference, this.read.get(reference.split('.')[0] ?? '') ?? 0);
      const tables = Object.values(this.layout.data.tables).map(({ name, at }) => [name, value(at)] as const);
      const found = { vectors: value(msi.vectorCount), tables: Object.fromEntries(tables), header: {} };
      this.profile = { ...this.profile, msi: found };
    }
    this.mechanism = mechanismOf(this.profile);
  }

  /** A device of which only what was read is known. */
  private guess(): Profile {
    const deviceId = this.read?.get('DeviceID') ?? 0;
    const deviceType = this.layout.deviceType(deviceId);
    return {
      layout: this.layout,
      deviceId,
      siblings: msiFeatureBits(),
      features: [],
      deviceType,
      queues: [],
      configSize: this.facts.configSize ?? deviceType?.configSize ?? 0,
      configWords: [],
      regionSize: DEFAULT_REGION_SIZE,
      msi: undefined,
      capabilities: {
        ...{ messages: false, line: false, configEvents: false, needsResetEvents: false },
        ...{ queueEvents: 'none', memory: false, powerCycle: false },
      },
      implementsLayout: false,
      msiReason: undefined,
    };
  }
}
