/**
 * The record that Linux on x86 makes of its own drivers' accesses (Documentation/trace/mmiotrace.rst). It holds neither
 * interrupts nor used buffers; widths are those of the instructions.
 */
import type { Layout } from '../../../spec/layout.ts';
import type { Width } from '../../target.ts';
import type { Facts } from '../log.ts';
import type { Line } from './lines.ts';
import { BadLine, type Event, type Recording, type Region } from './recording.ts';

const KINDS = ['VERSION', 'MARK', 'MAP', 'UNMAP', 'PCIDEV', 'UNKNOWN', 'R', 'W'];
const HEX = '(0x[0-9a-f]+)';
const ACCESS = new RegExp(`^[RW] ([1248]) [\\d.]+ (-?\\d+) ${HEX} ${HEX} 0x[0-9a-f]+ \\d+$`);
const MAP = new RegExp(`^MAP [\\d.]+ (-?\\d+) ${HEX} 0x[0-9a-f]+ ${HEX} 0x[0-9a-f]+ \\d+$`);
const UNKNOWN = new RegExp(`^UNKNOWN [\\d.]+ (-?\\d+) ${HEX} `);
const LOST = /^MARK .*lost \d+ events/;
const EXAMPLES: Record<string, string> = {
  access: 'R 4 4.148687 1 0xfeb00000 0x74726976 0x0 0',
  map: 'MAP 4.148394 1 0xfeb00000 0xffffccf140039000 0x200 0x0 0',
};

/** Whether a line may be one of such a record. */
export function isMmiotraceLine(text: string): boolean {
  return KINDS.includes(text.split(' ', 1)[0] ?? '');
}

/** A piece of the address space that was mapped; the same device may be mapped again and again. */
interface Mapped {
  from: number;
  size: number;
  base: number | undefined;
}

export class MmiotraceRecording implements Recording {
  readonly hint = 'mmiotrace shows what is mapped after it was switched on: load the drivers after that';
  private readonly layout: Layout;
  private readonly mapped = new Map<Region, Mapped>();
  /** The kernel gives each mapping a number. */
  private readonly numbered = new Map<string, Region>();
  private readonly seenMapped = new Set<Region>();

  constructor(layout: Layout) {
    this.layout = layout;
  }

  *take({ text, number }: Line): Iterable<Event> {
    const kind = text.split(' ', 1)[0] ?? '';
    if (kind === 'R' || kind === 'W') yield this.access(kind, text, number);
    else if (kind === 'MAP') this.map(text);
    else if (kind === 'UNKNOWN') yield* this.unknown(text, number);
    else if (kind === 'MARK' && LOST.test(text)) {
      yield { kind: 'cut', region: undefined, why: 'the kernel lost events', line: number };
    } else if (!KINDS.includes(kind) && text !== '') {
      throw new BadLine(`expected a line of mmiotrace (${KINDS.join(', ')})`);
    }
  }

  baseOf(region: Region): number | undefined {
    return this.mapped.get(region)?.base;
  }

  regionAt(address: number): Region | undefined {
    for (const [region, { from, size }] of this.mapped) if (address >= from && address < from + size) return region;
    return undefined;
  }

  facts(region: Region): Facts {
    return { interrupts: false, used: false, widths: true, fromTheStart: this.seenMapped.has(region) };
  }

  private access(kind: 'R' | 'W', text: string, line: number): Event {
    const [, size, number = '', at, value = '0'] = ACCESS.exec(text) ?? [];
    if (size === undefined) throw new BadLine(`expected a line such as '${EXAMPLES.access}'`);
    const address = Number(at);
    const width = (Number(size) * 8) as Width;
    const bits = BigInt.asUintN(width, BigInt(value));
    // What was mapped before the record began has a number too.
    const region = this.numbered.get(number) ?? `map ${number}`;
    if (!this.mapped.has(region)) this.mapped.set(region, { from: address, size: width / 8, base: undefined });
    const mapped = this.mapped.get(region);
    const magic = this.layout.register('MagicValue');
    if (mapped && mapped.base === undefined && kind === 'R' && Number(bits) === magic.value) {
      mapped.base = address - magic.offset;
    }
    const read = kind === 'R' ? 'read' : 'write';
    return { kind: read, region, address, width, value: width === 64 ? bits : Number(bits), line };
  }

  private map(text: string): void {
    const [, number = '', from, size] = MAP.exec(text) ?? [];
    if (from === undefined) throw new BadLine(`expected a line such as '${EXAMPLES.map}'`);
    this.numbered.set(number, from);
    this.seenMapped.add(from);
    if (!this.mapped.has(from)) this.mapped.set(from, { from: Number(from), size: Number(size), base: undefined });
  }

  private *unknown(text: string, line: number): Iterable<Event> {
    const [, , at] = UNKNOWN.exec(text) ?? [];
    if (at === undefined) throw new BadLine('expected a time, a map and an address after UNKNOWN');
    const region = this.regionAt(Number(at));
    if (region === undefined) return;
    yield { kind: 'cut', region, why: 'the kernel could not tell what this instruction does', line };
  }
}
