/** Random walks over a device, the same for the same seed, that record all there is to see. */
import type { ReferenceOptions } from '../../reference-device/index.ts';
import { Driver } from './driver.ts';

/** A small generator of numbers: the same for the same seed. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** What a walk of `steps` steps sees: reads, interrupts, indices of used rings. Ends where the device throws. */
export function walk(options: Partial<ReferenceOptions>, seed: number, steps: number): string[] {
  const seen: string[] = [];
  try {
    new Walk(new Driver(options), seed, seen).run(steps);
  } catch (error) {
    seen.push(`threw ${error}`);
  }
  return seen;
}

class Walk {
  private readonly d: Driver;
  private readonly any: (below: number) => number;
  private readonly seen: string[];
  private readonly n: number;
  private readonly queues: number;
  private readonly msi: boolean;
  private readonly tables: boolean;
  private negotiatedMsi = false;

  constructor(driver: Driver, seed: number, seen: string[]) {
    this.d = driver;
    this.any = generator(seed);
    this.seen = seen;
    this.msi = driver.layout.msi !== undefined && driver.device.layout === driver.layout.name;
    this.tables = this.msi && driver.offers(driver.layout.feature(driver.layout.msi!.feature).bit);
    this.queues = 0;
    for (driver.w('QueueSel', 0); driver.r('QueueSizeMax') > 0; driver.w('QueueSel', ++this.queues))
      if (this.queues > 9) break;
    this.n = this.tables ? Math.min(driver.r('MsiVectorCount'), 4096) : 0;
  }

  run(steps: number): void {
    this.look();
    this.bringUp();
    for (let i = 0; i < steps; i++) {
      this.step();
      this.look();
    }
  }

  private note(what: string, value: unknown): void {
    this.seen.push(`${what} ${value}`);
  }

  /** Everything that can be read without a side effect. */
  private look(): void {
    const { d } = this;
    for (const register of Object.values(d.layout.data.registers)) {
      if (register.access === 'W' || register.feature !== undefined || register.selector) continue;
      this.note(register.name, d.r(register.name));
    }
    for (let at = 0; at < 16; at += 4) this.note('Config', d.device.read(d.layout.data.config.offset + at, 32));
    for (const name of ['SHMLenLow', 'SHMBaseHigh']) this.note(name, d.r(name));
    for (let sel = 0; sel < 6; sel++) {
      d.w('DeviceFeaturesSel', sel);
      this.note('DeviceFeatures', d.r('DeviceFeatures'));
    }
    for (let queue = 0; queue <= this.queues; queue++) {
      d.w('QueueSel', queue);
      for (const name of ['QueueSizeMax', 'QueueReady', 'QueueReset']) this.note(name, d.r(name));
      if (this.msi) this.note('MsiQueueVector', d.r('MsiQueueVector'));
      if (queue < this.queues && d.device.memory)
        this.note('used', d.device.memory.read(d.ring(queue, 'used'), 4 + 8 * 8));
    }
    for (const name of this.msi
      ? ['MsiVectorCount', 'MsiTableOffset', 'MsiMaskOffset', 'MsiPbaOffset', 'MsiConfigVector']
      : [])
      this.note(name, d.r(name));
    if (this.tables) {
      for (const v of this.sample()) {
        this.note('entry', d.device.read(d.entryAt(v, 'address-low'), 32));
        this.note('entry', d.device.read(d.entryAt(v, 'address-high'), 32));
        this.note('entry', d.device.read(d.entryAt(v, 'data'), 32));
        this.note('mask', d.device.read(d.word('mask', v), 32));
        this.note('mask', d.device.read(d.word('mask', v) + 4, 32));
        this.note('pba', d.device.read(d.word('pba', v), 32));
      }
    }
    d.device.settle();
    for (const i of d.taken()) this.note('interrupt', i.kind === 'line' ? i.level : `${i.address} ${i.data}`);
  }

  /** The vectors that are driven: few enough to meet each other often, and both sides of a dword's border. */
  private sample(): number[] {
    const wanted = [0, 1, this.n - 1, ...(this.n > 33 ? [31, 32] : [])];
    return [...new Set(wanted.filter((v) => v >= 0 && v < this.n))];
  }

  private vector(): number {
    const all = this.sample();
    return all[this.any(all.length)] ?? 0;
  }

  private bringUp(): void {
    const { d } = this;

    const all = d.driven();
    const declined = this.any(4) === 0 ? d.layout.msi?.feature : undefined;
    d.negotiate(all.filter((name) => name !== declined));
    this.note('Status', d.r('Status'));
    this.negotiatedMsi = this.tables && declined === undefined;
    if (this.any(6) === 0) d.config();
    // A driver that gives up half way.
    if (this.any(8) === 0) return this.bringUp();
    for (const _v of this.sample()) if (this.any(8) !== 0) this.program();
    for (let q = 0; q < this.queues; q++) {
      if (this.any(2) === 0 && this.negotiatedMsi) this.remap();
      d.enable(q, 4 << this.any(2));
    }
    for (let i = 0; i < 4; i++) if (this.negotiatedMsi) this.remap();
    if (this.any(3) !== 0) for (const v of this.sample()) if (this.negotiatedMsi) d.mask(v, false);
    if (this.any(4) === 0) {
      // Buffers before DRIVER_OK, and a queue that is enabled while it has some.
      d.offer(0);
      if (this.any(2) === 0) d.kick(0);
      else {
        d.w('QueueSel', 0);
        d.w('QueueReady', 0);
        d.w('QueueReady', 1);
      }
      this.look();
    }
    d.ready();
  }

  /** Programs an entry, masked as a driver must. */
  private program(): void {
    const { d } = this;
    if (!this.negotiatedMsi) return;
    const v = this.vector();
    const wasMasked = d.bitOf('mask', v) === 1;
    d.mask(v, true);
    // Now and then a part of it stays as it is.
    const kept = this.any(6);
    const part = (index: number, field: string, value: number) =>
      kept === index ? value : d.device.read(d.entryAt(v, field), 32);
    const low = 0x10000 * this.any(2 ** 16) + 4 * this.any(2 ** 14);
    const high = this.any(2 ** 31) * 2 + this.any(2);
    if (kept > 2) d.program(v, low, high, this.any(3));
    else {
      const values = [part(0, 'address-low', low), part(1, 'address-high', high), part(2, 'data', this.any(3))];
      const [one = 0, two = 0, three = 0] = values.map(Number);
      d.program(v, one, two, three);
    }
    if (!wasMasked) d.mask(v, false);
  }

  private remap(): void {
    const target = [0xffff, this.n, 0x10000, this.n + 3][this.any(12)] ?? this.vector();
    const source = this.any(this.queues + 2);
    this.d.map(source === 0 ? 'config' : source - 1, target);
  }

  private step(): void {
    const { d } = this;
    const queue = this.any(this.queues);
    const actions: (() => void)[] = [
      () => d.use(queue),
      () => d.use(queue),
      () => {
        d.offer(queue);
        d.offer(queue);
        d.kick(queue);
      },
      () => d.kick(queue),
      () => d.config(),
      () => d.config(),
      () => d.w('InterruptACK', this.any(4)),
      () => this.odd(),
      () => this.stopQueue(queue),
      () => {
        if (d.device.memory) d.suppress(queue, this.any(2) === 0);
      },
      () => this.rarely(queue),
    ];
    if (this.negotiatedMsi) {
      const v = this.vector();
      actions.push(
        () => d.mask(v, true),
        () => d.mask(v, true),
        () => d.mask(v, false),
        () => d.mask(v, false),
        () => d.device.write(d.word('mask', v), 32, this.any(2 ** 31) * 2 + this.any(2)),
        () => d.device.write(d.word('mask', v), 32, 0),
        () => d.device.write(d.word('pba', v), 32, this.any(2 ** 31) * 2),
        () => this.program(),
        () => this.remap(),
        () => this.remap(),
        () => this.reserved(v),
        () => this.header(),
      );
    } else if (this.msi) actions.push(() => this.header());
    actions[this.any(actions.length)]!();
  }

  private stopQueue(queue: number): void {
    const { d } = this;
    const { memory } = d.device;
    d.w('QueueSel', queue);
    d.w('QueueReady', 0);
    this.note('QueueReady', d.r('QueueReady'));
    if (this.any(2) === 0 && memory) {
      d.offer(queue);
      d.kick(queue);
      this.look();
    }
    d.w('QueueSel', queue);
    if (this.any(8) !== 0) d.w('QueueReady', 1);
  }

  private rarely(queue: number): void {
    const { d } = this;
    const what = this.any(9);
    if (what === 0) d.device.raise({ source: 'needs-reset' });
    if (what === 1) d.w('Status', d.r('Status') | d.status('FAILED'));
    if (what === 2) d.device.write(d.layout.data.config.offset, 32, 1);
    if (what === 3 && d.offers(d.layout.feature('VIRTIO_F_RING_RESET').bit)) this.resetQueue(queue);
    if (what === 0)
      for (let q = 0; q < this.queues; q++) {
        d.w('QueueSel', q);
        d.w('QueueReady', 0);
      }
    if (what === 4) d.w('SHMSel', this.any(3));
    if (what > 4) {
      if (what === 5) {
        d.offer(queue);
        d.kick(queue);
        d.device.raise({ source: 'config' });
      }
      d.reset();
      // A kick and an event that find a device which was reset.
      d.kick(queue);
      if (this.any(2) === 0) d.device.raise({ source: 'config' });
      this.look();
      this.bringUp();
    }
  }

  private resetQueue(queue: number): void {
    const { d } = this;
    d.w('QueueSel', queue);
    d.w('QueueReset', 1);
    this.note('QueueReset', d.r('QueueReset'));
    if (this.any(3) === 0) {
      d.reset();
      this.look();
      this.bringUp();
      return;
    }
    this.look();
    d.offer(queue);
    d.kick(queue);
    this.look();
    if (this.any(3) !== 0) d.enable(queue);
  }

  private reserved(v: number): void {
    const { d } = this;
    const table = d.layout.table('entry');
    if (table.kind === 'entries' && table.fields.reserved) d.device.write(d.entryAt(v, 'reserved'), 32, this.any(4));
  }

  private header(): void {
    const names = ['MsiVectorCount', 'MsiTableOffset', 'MsiMaskOffset', 'MsiPbaOffset', 'MsiConfigVector'];
    const values = [0xffffffff, 2, 0x3000];
    const name = names[this.any(this.negotiatedMsi ? 4 : 5)]!;
    this.d.w(name, values[this.any(3)]!);
  }

  /** Accesses that a driver must not make. */
  private odd(): void {
    const { device, layout } = this.d;
    const registers = Object.values(layout.data.registers);
    const names = ['Status', 'InterruptStatus', 'QueueReady', ...(this.msi ? ['MsiConfigVector'] : [])];
    const register =
      this.any(2) === 0 ? layout.register(names[this.any(names.length)]!) : registers[this.any(registers.length)]!;
    const at = register.offset;
    const places = [at, at, at, 0x018, 0x1f0];
    if (this.tables) {
      const { d } = this;
      const end = (table: string) => d.start(table) + layout.tableLength(table, this.n);
      places.push(d.word('mask', 0), d.word('pba', 0), end('mask'), end('pba'), end('entry') + 8);
    }
    const place = places[this.any(places.length)]!;
    const known = registers.some((r) => r.offset === place);
    const width = ([8, 16, 32, 64] as const)[this.any(4)]!;
    const unaligned = width === 32 && this.any(2) === 0 ? 2 : 0;
    if (width === 32 && known && unaligned === 0) return;
    if (width === 64 && place % 8 !== 0) return;
    this.note('odd', device.read(place + unaligned, width));
    device.write(place + unaligned, width, width === 64 ? 0x1_0000_0001n : 1);
  }
}
