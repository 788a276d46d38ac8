import type { Adapter, Interrupt } from '../../harness/target.ts';
import { createReference, type ReferenceOptions } from '../../reference-device/index.ts';
import type { Layout } from '../../spec/layout.ts';
import { loadLayout } from '../../spec/load.ts';

export const native = loadLayout('native');

export type Reference = ReturnType<typeof createReference>;

/** Bytes of guest memory that a queue's rings and buffers take here. */
const QUEUE_MEMORY = 0x10000;

/** A small driver for the tests: places by the layout's names, set-up, and kicks. */
export class Driver {
  readonly device: Reference;
  readonly layout: Layout;
  /** Made available so far, by queue. */
  readonly made = new Map<number, number>();
  readonly sizes = new Map<number, number>();

  constructor(options: Partial<ReferenceOptions> = {}) {
    this.layout = options.layout ?? native;
    this.device = createReference({ layout: this.layout, ...options });
  }

  r(name: string): number {
    return Number(this.device.read(this.layout.register(name).offset, 32));
  }
  w(name: string, value: number): void {
    this.device.write(this.layout.register(name).offset, 32, value);
  }
  bit(register: string, field: string): number {
    return this.layout.bit(register, field);
  }
  status(...names: string[]): number {
    return names.reduce((bits, n) => bits | this.bit('Status', n), 0);
  }

  // --- tables ---

  start(table: string): number {
    return this.r(this.layout.table(table).at);
  }
  entryAt(v: number, field: string): number {
    const table = this.layout.table('entry');
    if (table.kind !== 'entries') throw new Error('entry table expected');
    return this.start('entry') + v * table.stride + table.fields[field]!.offset;
  }
  program(v: number, address = 0xfee00000 + v * 16, data = 0x4000 + v, high = 0): void {
    this.device.write(this.entryAt(v, 'address-low'), 32, address);
    this.device.write(this.entryAt(v, 'address-high'), 32, high);
    this.device.write(this.entryAt(v, 'data'), 32, data);
  }
  word(table: string, v: number): number {
    return this.start(table) + 4 * Math.floor(v / 32);
  }
  mask(v: number, on: boolean): void {
    const at = this.word('mask', v);
    const old = Number(this.device.read(at, 32));
    const bit = 2 ** (v % 32);
    const has = Math.floor(old / bit) % 2 === 1;
    this.device.write(at, 32, has === on ? old : on ? old + bit : old - bit);
  }
  bitOf(table: string, v: number): number {
    return Math.floor(Number(this.device.read(this.word(table, v), 32)) / 2 ** (v % 32)) % 2;
  }

  // --- initialisation ---

  offers(bit: number): boolean {
    this.w('DeviceFeaturesSel', Math.floor(bit / 32));
    return Math.floor(this.r('DeviceFeatures') / 2 ** (bit % 32)) % 2 === 1;
  }
  accept(names: string[]): void {
    const bits = names.map((n) => this.layout.feature(n).bit);
    for (let sel = 0; sel < 4; sel++) {
      this.w('DriverFeaturesSel', sel);
      this.w(
        'DriverFeatures',
        bits.filter((b) => Math.floor(b / 32) === sel).reduce((word, b) => word + 2 ** (b % 32), 0),
      );
    }
  }
  /** Resets, polls Status. Returns false where it never reads 0. */
  reset(): boolean {
    this.w('Status', 0);
    for (let i = 0; i < 16; i++) if (this.r('Status') === 0) return true;
    return false;
  }
  /** What is offered of the features that the layout drives. */
  driven(): string[] {
    return Object.values(this.layout.data.features)
      .filter((f) => f.driven && this.offers(f.bit))
      .map((f) => f.name);
  }
  /** Up to FEATURES_OK. */
  negotiate(features = this.driven()): void {
    this.reset();
    this.w('Status', this.status('ACKNOWLEDGE'));
    this.w('Status', this.status('ACKNOWLEDGE', 'DRIVER'));
    this.accept(features);
    this.w('Status', this.status('ACKNOWLEDGE', 'DRIVER', 'FEATURES_OK'));
  }
  ready(): void {
    this.w('Status', this.status('ACKNOWLEDGE', 'DRIVER', 'FEATURES_OK', 'DRIVER_OK'));
  }

  // --- queues ---

  queueBase(queue: number): number {
    return this.device.memory!.base + queue * QUEUE_MEMORY;
  }
  ring(queue: number, ring: 'descriptors' | 'available' | 'used' | 'buffers'): number {
    return this.queueBase(queue) + { descriptors: 0, available: 0x1000, used: 0x2000, buffers: 0x4000 }[ring];
  }
  enable(queue: number, size = 8): void {
    this.w('QueueSel', queue);
    const actual = Math.min(size, this.r('QueueSizeMax'));
    if (this.device.memory) {
      this.device.memory.write(this.queueBase(queue), new Uint8Array(0x4000));
      this.made.set(queue, 0);
    }
    this.w('QueueSize', actual);
    this.sizes.set(queue, actual);
    const at = this.device.memory ? (n: 'descriptors' | 'available' | 'used') => this.ring(queue, n) : () => 0;
    this.w('QueueDescLow', at('descriptors'));
    this.w('QueueDescHigh', 0);
    this.w('QueueDriverLow', at('available'));
    this.w('QueueDriverHigh', 0);
    this.w('QueueDeviceLow', at('used'));
    this.w('QueueDeviceHigh', 0);
    this.w('QueueReady', 1);
  }
  /** Makes one request available, without a kick; the same chain each time. */
  offer(queue: number): void {
    const { memory } = this.device;
    if (!memory) return;
    const type = this.layout.deviceType(this.r('DeviceID'))!;
    const size = this.sizes.get(queue) ?? 8;
    const links = size < type.chain.length ? [] : type.chain;
    const made = this.made.get(queue) ?? 0;
    let buffer = this.ring(queue, 'buffers');
    links.forEach((link, i) => {
      const length = 'in' in link ? link.in : Number(link.out);
      const d = new DataView(new ArrayBuffer(16));
      d.setBigUint64(0, BigInt(buffer), true);
      d.setUint32(8, length, true);
      d.setUint16(12, (i + 1 < links.length ? 1 : 0) | ('in' in link ? 2 : 0), true);
      d.setUint16(14, i + 1, true);
      memory.write(this.ring(queue, 'descriptors') + 16 * i, new Uint8Array(d.buffer));
      buffer += 0x1000;
    });
    memory.write(this.ring(queue, 'available') + 4 + 2 * (made % size), new Uint8Array([0, 0]));
    this.made.set(queue, made + 1);
    memory.write(this.ring(queue, 'available') + 2, new Uint8Array([(made + 1) & 0xff, (made + 1) >> 8]));
  }
  suppress(queue: number, on: boolean): void {
    this.device.memory!.write(this.ring(queue, 'available'), new Uint8Array([on ? 1 : 0, 0]));
  }
  usedIndex(queue: number): number {
    const bytes = this.device.memory!.read(this.ring(queue, 'used') + 2, 2) as Uint8Array;
    return bytes[0]! + 256 * bytes[1]!;
  }
  kick(queue: number): void {
    this.w('QueueNotify', queue);
  }
  /** One event of a queue, settled. */
  use(queue: number): void {
    if (this.device.memory) {
      this.offer(queue);
      this.kick(queue);
    } else this.device.raise({ source: 'queue', queue });
    this.device.settle();
  }
  config(): void {
    this.device.raise({ source: 'config' });
    this.device.settle();
  }

  // --- interrupts ---

  taken(): Interrupt[] {
    return this.device.interrupts();
  }
  /** The data of the messages since the last call. */
  messages(): number[] {
    return this.taken().flatMap((i) => (i.kind === 'message' ? [i.data] : ['line' as unknown as number]));
  }
  map(queue: number | 'config', v: number): number {
    if (queue === 'config') {
      this.w('MsiConfigVector', v);
      return this.r('MsiConfigVector');
    }
    this.w('QueueSel', queue);
    this.w('MsiQueueVector', v);
    return this.r('MsiQueueVector');
  }
  /** Everything up and running: vector 0 for the configuration, queue q on vector q + 1, all unmasked. */
  start3(queues = 2): this {
    this.negotiate();
    for (let q = 0; q < queues; q++) this.enable(q);
    for (let v = 0; v <= queues; v++) this.program(v);
    this.map('config', 0);
    for (let q = 0; q < queues; q++) this.map(q, q + 1);
    this.ready();
    for (let v = 0; v <= queues; v++) this.mask(v, false);
    return this;
  }
}

export type { Adapter };
