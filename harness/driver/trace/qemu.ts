/**
 * QEMU's own log of accesses and interrupts: `-trace 'memory_region_ops_*' -trace 'virtio_mmio_*' -trace virtio_set_status
 * -trace virtio_queue_notify -trace virtio_notify -D FILE`. Read as QEMU 7.2 writes it.
 *
 * What cannot be seen in it: used buffers; an access of 64 bits, which arrives as its two halves; an access that is not
 * aligned, which QEMU refuses or splits before it comes to the device.
 */
import type { Layout } from '../../../spec/layout.ts';
import type { Width } from '../../target.ts';
import type { Facts } from '../log.ts';
import type { Line } from './lines.ts';
import { BadLine, type Event, type Recording, type Region } from './recording.ts';

/** Process and time stand before each line with `-msg timestamp=on`. */
const STAMP = /^(?:\d+@\d+\.\d+:)?/;
const ACCESS =
  /^memory_region_ops_(read|write) cpu -?\d+ mr (0x[0-9a-f]+) addr (0x[0-9a-f]+) value (0x[0-9a-f]+) size ([1248]) name '(.*)'$/;
const ACCESS_EXAMPLE =
  "memory_region_ops_read cpu 0 mr 0x5600 addr 0xa000000 value 0x74726976 size 4 name 'virtio-mmio'";
const REGION_NAME = 'virtio-mmio';
/** QEMU keeps a byte of Status. */
const STATUS_MASK = 0xff;
/** The lines beside accesses that say something here, and how each reads. */
const OTHERS: Record<string, RegExp> = {
  virtio_mmio_read: /^virtio_mmio_read offset (0x[0-9a-f]+)$/,
  virtio_mmio_write_offset: /^virtio_mmio_write offset (0x[0-9a-f]+) value 0x[0-9a-f]+$/,
  virtio_mmio_setting_irq: /^virtio_mmio setting IRQ ([01])$/,
  virtio_set_status: /^vdev (0x[0-9a-f]+) val (\d+)$/,
  virtio_queue_notify: /^vdev (0x[0-9a-f]+) n \d+ vq (?:0x[0-9a-f]+|\(nil\))$/,
  virtio_notify: /^vdev (0x[0-9a-f]+) vq 0x[0-9a-f]+$/,
};

/** Whether a line may be one of such a log. */
export function isQemuLine(text: string): boolean {
  const name = nameOf(text.replace(STAMP, ''));
  return name in OTHERS || name.startsWith('memory_region_ops_');
}

/** A write whose consequences in QEMU come in the lines right after it. */
interface Written {
  region: Region;
  address: number;
  register: string | undefined;
  value: number;
  /** Its consequence for the line has come. */
  settled: boolean;
}

export class QemuRecording implements Recording {
  private readonly layout: Layout;
  private readonly bases = new Map<Region, number>();
  /** QEMU names a device by another pointer than its region. */
  private readonly regions = new Map<string, Region>();
  /** As QEMU told it last, by its pointer. */
  private readonly statuses = new Map<string, number>();
  private offsetRead: number | undefined;
  private written: Written | undefined;
  private notifier: string | undefined;
  /** The machine does not run: QEMU stops it before it ends, and what devices do then concerns no driver. */
  private stopped = false;
  private sawLine = false;
  private sawOffsets = false;
  private sawAccess = false;
  /** QEMU has just started: it told the state of devices before any driver came to them, and nothing after that. */
  private sawStart = false;
  private firstOffsets = new Map<Region, number>();

  constructor(layout: Layout) {
    this.layout = layout;
  }

  *take({ text, number }: Line): Iterable<Event> {
    const said = text.replace(STAMP, '');
    const name = nameOf(said);
    if (name === 'memory_region_ops_read' || name === 'memory_region_ops_write') {
      yield* this.access(said, number);
    } else if (name in OTHERS) {
      const match = OTHERS[name]?.exec(said.slice(name.length + 1));
      if (!match) throw new BadLine(`expected the rest of a line of ${name}`);
      yield* this.other(name, match[1] ?? '', match[2] ?? '', number);
    }
  }

  baseOf(region: Region): number | undefined {
    return this.bases.get(region);
  }

  regionAt(): undefined {
    return undefined;
  }

  facts(region: Region): Facts {
    const magic = this.layout.register('MagicValue').offset;
    const fromTheStart = this.sawStart || this.firstOffsets.get(region) === magic;
    return { interrupts: this.sawLine, used: false, widths: true, fromTheStart };
  }

  get hint(): string {
    if (this.sawOffsets && !this.sawAccess)
      return "values are in lines of -trace 'memory_region_ops_*': record with it too";
    return `QEMU names the region of such an access '${REGION_NAME}'; record with -trace 'memory_region_ops_*' -trace 'virtio_mmio_*'`;
  }

  private *access(said: string, line: number): Iterable<Event> {
    this.written = undefined;
    this.notifier = undefined;
    this.stopped = false;
    // Most lines are of other regions.
    if (!said.includes(`'${REGION_NAME}'`) && said.endsWith("'")) return;
    const [, direction, region = '', at, value = '0', size, name] = ACCESS.exec(said) ?? [];
    if (direction === undefined) throw new BadLine(`expected a line such as "${ACCESS_EXAMPLE}"`);
    if (name !== REGION_NAME) return;
    this.sawAccess = true;
    const address = Number(at);
    const width = (Number(size) * 8) as Width;
    // QEMU shows what the device gave, which may be more than was asked for.
    const masked = BigInt.asUintN(width, BigInt(value));
    const kind = direction === 'read' ? 'read' : 'write';
    this.learn(region, address, kind, Number(masked));
    if (kind === 'write') {
      const register = this.registerAt(region, address);
      this.written = { region, address, register, value: Number(masked), settled: false };
    }
    yield { kind, region, address, width, value: width === 64 ? masked : Number(masked), line };
  }

  /** Where the device begins: by the offset that QEMU tells, else by the register that every driver reads first. */
  private learn(region: Region, address: number, kind: 'read' | 'write', value: number): void {
    const offset = kind === 'read' ? this.offsetRead : undefined;
    this.offsetRead = undefined;
    if (!this.bases.has(region)) {
      const magic = this.layout.register('MagicValue');
      if (offset !== undefined) this.bases.set(region, address - offset);
      else if (kind === 'read' && value === magic.value) this.bases.set(region, address - magic.offset);
    }
    const base = this.bases.get(region);
    if (!this.firstOffsets.has(region)) this.firstOffsets.set(region, base === undefined ? Number.NaN : address - base);
  }

  private registerAt(region: Region, address: number): string | undefined {
    const base = this.bases.get(region);
    if (base === undefined) return undefined;
    return Object.values(this.layout.data.registers).find(({ offset }) => offset === address - base)?.name;
  }

  private *other(name: string, first: string, second: string, line: number): Iterable<Event> {
    const { written, notifier } = this;
    this.notifier = undefined;
    switch (name) {
      case 'virtio_mmio_read':
        this.sawOffsets = true;
        this.offsetRead = Number(first);
        break;
      case 'virtio_mmio_write_offset':
        this.sawOffsets = true;
        if (written && !this.bases.has(written.region)) {
          this.bases.set(written.region, written.address - Number(first));
          this.firstOffsets.set(written.region, Number(first));
        }
        break;
      case 'virtio_queue_notify':
        if (written?.register === 'QueueNotify') this.regions.set(first, written.region);
        break;
      case 'virtio_set_status':
        yield* this.status(first, Number(second), line);
        break;
      case 'virtio_notify':
        this.notifier = first;
        break;
      case 'virtio_mmio_setting_irq': {
        this.sawLine = true;
        if (!this.sawAccess) this.sawStart = false;
        if (this.stopped) break;
        const level = first === '1' ? 1 : 0;
        // QEMU sets the line anew while it serves these two writes.
        const isOwn = written !== undefined && !written.settled && this.setsLine(written);
        if (written && isOwn && notifier === undefined) {
          written.settled = true;
          yield { kind: 'line', region: written.region, level, afterAccess: true, line };
        } else {
          const region = notifier === undefined ? undefined : this.regions.get(notifier);
          yield { kind: 'line', region, level, afterAccess: false, line };
        }
      }
    }
  }

  private setsLine({ register, value }: Written): boolean {
    return register === 'InterruptACK' || (register === 'Status' && value === 0);
  }

  private *status(device: string, value: number, line: number): Iterable<Event> {
    if (value === 0 && !this.sawAccess && !this.sawOffsets) this.sawStart = true;
    const before = this.statuses.get(device);
    this.statuses.set(device, value);
    const { written } = this;
    if (written?.register === 'Status' && (written.value & STATUS_MASK) === value) {
      this.regions.set(device, written.region);
      return;
    }
    // No driver wrote it: the machine starts, stops, or is reset.
    this.stopped = true;
    const region = this.regions.get(device);
    if (value !== 0 || !before || region === undefined) return;
    yield { kind: 'cut', region, why: 'the machine was reset', line };
  }
}

/** The first word, which names the event. */
function nameOf(said: string): string {
  const space = said.indexOf(' ');
  return space < 0 ? said : said.slice(0, space);
}
