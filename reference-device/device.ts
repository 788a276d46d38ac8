import type { DeviceEvent, Interrupt, Width } from '../harness/target.ts';
import type { Layout } from '../spec/layout.ts';
import type { Backend } from './backend.ts';
import { Block } from './block.ts';
import { ConfigSpace } from './config.ts';
import { Entropy } from './entropy.ts';
import { Line } from './line.ts';
import type { Mechanism } from './mechanism.ts';
import { makeMechanism, maskedAtReset } from './mechanisms.ts';
import { type Memory, OutsideMemory } from './memory.ts';
import type { Area, Port } from './port.ts';
import type { Settings } from './settings.ts';
import { Transport, type TransportHost } from './transport.ts';
import { CONFIG, queueSource, Vectors } from './vectors.ts';
import { BrokenQueue, type Chain, type RingFormat, ringFormat, Virtqueue } from './virtqueue.ts';

/** Bytes that a device spans at least. */
const SPAN = 0x10000;

/** Looked up once a layout: a power cycle builds a device anew. */
const formats = new WeakMap<Layout, RingFormat>();

function formatOf(layout: Layout): RingFormat {
  const format = formats.get(layout) ?? ringFormat(layout);
  formats.set(layout, format);
  return format;
}

/** A whole device: the transport, its queues and back end, and the vectors behind the layout's mechanism. */
export class Device implements TransportHost {
  readonly layout: Layout;
  readonly settings: Settings;
  readonly ram: Memory;
  readonly backend: Backend;
  readonly config: ConfigSpace;
  readonly queues: readonly Virtqueue[];
  readonly transport: Transport;
  readonly line: Line;
  /** No vectors where the device knows no MSI. */
  readonly vectors: Vectors;
  readonly msi: Mechanism | undefined;
  /** Bytes from the base that the device answers to. */
  readonly regionSize: number;
  /** What was delivered and not yet collected. */
  delivered: Interrupt[] = [];
  /** What a deferred back end has still to do. */
  waiting: (() => void)[] = [];
  /** A configuration change that waits for DRIVER_OK. */
  heldConfig = false;
  readonly usedBuffer: number;
  readonly configChange: number;
  /** Registers by dword. */
  private readonly table: (Port | undefined)[];
  private readonly areas: readonly Area[];
  /** The bit of the layout's MSI feature, where it is offered. */
  readonly msiFeature: number | undefined;

  constructor(layout: Layout, settings: Settings, ram: Memory) {
    this.layout = layout;
    this.settings = settings;
    this.ram = ram;
    this.usedBuffer = layout.bit('InterruptStatus', 'USED_BUFFER');
    this.configChange = layout.bit('InterruptStatus', 'CONFIG_CHANGE');
    this.backend = settings.device === 'block' ? new Block(layout, settings.queues) : new Entropy(layout);
    this.config = new ConfigSpace(layout.data.config.offset, this.backend.config);
    const format = formatOf(layout);
    this.queues = Array.from(
      { length: settings.queues },
      (_, index) => new Virtqueue(index, settings.queueSizeMax, ram, format),
    );
    this.line = new Line((level) => this.delivered.push({ kind: 'line', level }));

    const msi = settings.msi === 'unknown' ? undefined : layout.msi;
    this.msiFeature = msi && settings.msi === 'offered' ? layout.feature(msi.feature).bit : undefined;
    this.transport = new Transport({
      layout,
      deviceId: this.backend.id,
      offered: this.features(),
      queues: this.queues,
      resetReads: settings.resetReads,
      queueResetReads: settings.queueResetReads,
      refusesUnprepared: settings.refusesUnprepared,
      host: this,
    });
    this.vectors = new Vectors({
      count: msi ? settings.vectors : 0,
      sources: 1 + settings.queues,
      maskedAtReset: msi === undefined || maskedAtReset(layout, msi),
      fetch: settings.fetch,
      unmapClears: settings.unmapClears,
      entriesAfterReset: settings.entriesAfterReset,
      mappable: settings.mappable,
      send: (low, high, data) => this.message(low, high, data),
    });
    const behindRegisters = 4 + Object.values(layout.data.registers).reduce((last, r) => Math.max(last, r.offset), 0);
    this.table = new Array<Port | undefined>(behindRegisters >>> 2).fill(undefined);
    this.msi =
      msi &&
      makeMechanism({
        layout,
        msi,
        settings,
        vectors: this.vectors,
        line: this.line,
        firstFree: Math.max(this.config.end, behindRegisters),
        selectedQueue: () => this.transport.queue?.index,
      });
    this.areas = [...(this.config.end > this.config.start ? [this.config] : []), ...(this.msi?.areas ?? [])];
    this.regionSize = Math.max(SPAN, this.msi?.end ?? 0);
    for (const [name, port] of [...this.transport.ports(), ...(this.msi?.ports ?? [])]) this.connect(name, port);
  }

  /** Puts a register's port where the layout has it. */
  connect(name: string, port: Port): void {
    this.table[this.layout.register(name).offset >>> 2] = port;
  }

  /** The bits that the device offers. */
  private features(): number[] {
    const bits = [this.layout.feature('VIRTIO_F_VERSION_1').bit, ...this.backend.features];
    if (this.settings.ringReset) bits.push(this.layout.feature('VIRTIO_F_RING_RESET').bit);
    if (this.msiFeature !== undefined) bits.push(this.msiFeature);
    return bits;
  }

  // --- accesses ---

  read(offset: number, width: Width): number | bigint {
    return width === 32 && (offset & 3) === 0 ? this.read32(offset) : this.readOdd(offset, width);
  }

  write(offset: number, width: Width, value: number | bigint): void {
    if (width === 32 && (offset & 3) === 0) this.write32(offset, Number(value) >>> 0);
    else this.writeOdd(offset, width, value);
  }

  read32(offset: number): number {
    const port = this.table[offset >>> 2];
    if (port) return port.read();
    const area = this.area(offset);
    return area ? area.read32(offset - area.start) : this.readUndefined(offset);
  }

  write32(offset: number, value: number): void {
    const port = this.table[offset >>> 2];
    const area = port ? undefined : this.area(offset);
    if (port) port.write(value);
    else if (area) area.write32(offset - area.start, value);
    else this.writeUndefined(offset, value);
  }

  area(offset: number): Area | undefined {
    for (const area of this.areas) if (offset >= area.start && offset < area.end) return area;
    return undefined;
  }

  readUndefined(_offset: number): number {
    return this.settings.undefinedReads;
  }

  writeUndefined(_offset: number, _value: number): void {}

  /** An access of another width or alignment. */
  readOdd(offset: number, width: Width): number | bigint {
    const area = this.table[offset >>> 2] ? undefined : this.area(offset);
    if (area?.narrow) {
      const value = area.readBytes(offset - area.start, width / 8);
      return width === 64 ? BigInt(value) : value;
    }
    if (width !== 64) return 0;
    if (this.settings.wide === 'ignore' || offset % 8 !== 0) return 0n;
    return BigInt(this.read32(offset)) + (BigInt(this.read32(offset + 4)) << 32n);
  }

  writeOdd(offset: number, width: Width, value: number | bigint): void {
    const area = this.table[offset >>> 2] ? undefined : this.area(offset);
    if (area?.narrow) area.writeBytes(offset - area.start, width / 8, value);
    else if (width === 64 && this.settings.wide === 'split' && offset % 8 === 0) {
      const whole = BigInt(value);
      this.write32(offset, Number(whole & 0xffffffffn));
      this.write32(offset + 4, Number(whole >> 32n));
    }
  }

  // --- notifications ---

  /** Notifies the driver, by a message or by the line. */
  notify(source: number): void {
    if (this.messages()) this.vectors.notify(source);
    else this.line.raise(source === CONFIG ? this.configChange : this.usedBuffer);
  }

  /** Whether events become messages. */
  messages(): boolean {
    return this.msi?.active() ?? false;
  }

  message(low: number, high: number, data: number): void {
    const address = high < 0x200000 ? low + high * 2 ** 32 : BigInt(low) + (BigInt(high) << 32n);
    this.delivered.push({ kind: 'message', address, data });
  }

  /** InterruptStatus and InterruptACK work while the line does, or as long as the layout lets them. */
  interruptStatus(): number {
    return this.statusWorks() ? this.line.status : 0;
  }

  interruptAcknowledge(bits: number): void {
    if (this.statusWorks()) this.line.acknowledge(bits);
  }

  statusWorks(): boolean {
    return !this.messages() || this.msi?.keepsStatus === true;
  }

  /** Takes what was delivered. */
  interrupts(): Interrupt[] {
    const taken = this.delivered;
    this.delivered = [];
    return taken;
  }

  // --- the back end ---

  /** Makes the back end report an event. A queue's event can be raised only where there is no guest memory. */
  raise(event: DeviceEvent): void {
    if (this.settings.backEnd === 'immediate') this.report(event);
    else this.waiting.push(() => this.report(event));
  }

  report(event: DeviceEvent): void {
    if (event.source === 'config') this.changeConfig();
    else if (event.source === 'needs-reset') this.breakDown();
    else this.raiseQueue(event.queue);
  }

  /** A queue's event without buffers. */
  raiseQueue(index: number): void {
    const queue = this.queues[index];
    if (queue && this.mayServe(queue)) this.notify(queueSource(index));
  }

  settle(): void {
    if (this.transport.resetting > 0) this.transport.completeReset();
    while (this.waiting.length > 0) {
      const next = this.settings.backEnd === 'backwards' ? this.waiting.pop() : this.waiting.shift();
      next?.();
    }
  }

  changeConfig(): void {
    if (this.backend.change()) this.transport.configChanged();
    this.configEvent();
  }

  /** The configuration changed: tells the driver, if it is there. */
  configEvent(): void {
    if (this.transport.driverOk) this.notify(CONFIG);
    else if (this.transport.featuresOk) this.earlyConfigEvent();
  }

  earlyConfigEvent(): void {
    if (this.settings.earlyConfig === 'send') this.notify(CONFIG);
    else if (this.settings.earlyConfig === 'hold') this.heldConfig = true;
  }

  /** The device got into an error that only a reset ends. */
  breakDown(): void {
    this.transport.setNeedsReset();
    if (this.transport.driverOk) this.notify(CONFIG);
  }

  // --- queues ---

  kick(index: number): void {
    const queue = this.queues[index];
    if (!queue || !this.settings.guestMemory) return;
    if (this.settings.backEnd === 'immediate') this.serve(queue);
    else this.waiting.push(() => this.serve(queue));
  }

  /** Uses every buffer that a queue offers. */
  serve(queue: Virtqueue): void {
    if (!this.mayServe(queue)) return;
    try {
      this.useAll(queue);
    } catch (error) {
      if (!(error instanceof BrokenQueue || error instanceof OutsideMemory)) throw error;
      queue.broken = true;
      this.breakDown();
    }
  }

  mayServe(queue: Virtqueue): boolean {
    if (queue.broken || (this.settings.haltsWhenBroken && this.transport.needsReset)) return false;
    return this.transport.driverOk && queue.ready === 1;
  }

  useAll(queue: Virtqueue): void {
    let used = 0;
    for (let chain = queue.pop(); chain; chain = queue.pop()) {
      this.use(queue, chain);
      used++;
      if (this.settings.notifications === 'each') this.used(queue);
    }
    if (used > 0 && this.settings.notifications === 'batch') this.used(queue);
  }

  use(queue: Virtqueue, chain: Chain): void {
    queue.push(chain.head, this.backend.handle(chain, this.ram));
  }

  /** Buffers were used: notifies, unless the driver asks for silence. */
  used(queue: Virtqueue): void {
    if (!this.silenced(queue)) this.notify(queueSource(queue.index));
  }

  silenced(queue: Virtqueue): boolean {
    return this.settings.suppression === 'honoured' && queue.suppressed();
  }

  // --- what the transport reports ---

  reset(): void {
    this.dropWaiting();
    this.line.reset();
    this.msi?.reset();
  }

  /** What was under way when the driver reset the device never happens. */
  dropWaiting(): void {
    this.waiting = [];
    this.heldConfig = false;
  }

  negotiated(): void {
    this.line.reset();
    this.msi?.negotiate(this.msiFeature !== undefined && this.transport.negotiated(this.msiFeature));
  }

  driverOk(): void {
    if (this.heldConfig) {
      this.heldConfig = false;
      this.notify(CONFIG);
    }
    if (this.settings.eager) for (const queue of this.queues) this.kick(queue.index);
  }

  queueReady(queue: Virtqueue, ready: number): void {
    if (ready === 0 && this.settings.stopClears) this.vectors.forget(queueSource(queue.index));
    if (ready === 0 && this.settings.readyRestarts === true) queue.rewind();
    if (ready === 1 && this.settings.readyRestarts === 'as the rings show') this.follow(queue);
    if (ready === 1) queue.busy = 0;
    if (ready === 1 && this.settings.eager) this.kick(queue.index);
  }

  /** Rings that lie nowhere show nothing. */
  private follow(queue: Virtqueue): void {
    try {
      queue.follow();
    } catch (error) {
      if (!(error instanceof OutsideMemory)) throw error;
    }
  }

  queueReset(queue: Virtqueue): void {
    const source = queueSource(queue.index);
    if (this.settings.queueResetClears) this.vectors.forget(source);
    if (this.settings.queueResetUnmaps) this.vectors.map(source, Number.POSITIVE_INFINITY);
  }
}
