/** The device-specific configuration: read between two equal readings of ConfigGeneration, each field by its width. */
import { Stuck } from '../harness/driver/api.ts';
import { littleEndian } from '../harness/queue-memory.ts';
import type { DeviceType } from '../spec/layout.ts';
import type { Registers } from './registers.ts';
import type { Settings } from './settings.ts';

const WORD = 4;
/** How often a configuration is read that changes under the reader's hands. */
const ATTEMPTS = 100;

/** One access: bytes from the start of the configuration, and how many. */
export interface Piece {
  at: number;
  size: 1 | 2 | 4;
}

export class Configuration {
  private readonly registers: Registers;
  private readonly settings: Settings;
  private readonly type: DeviceType;
  /** What ConfigGeneration and the configuration read last. */
  generation: number | undefined;
  bytes: Uint8Array = new Uint8Array(0);

  constructor(registers: Registers, settings: Settings, type: DeviceType) {
    this.registers = registers;
    this.settings = settings;
    this.type = type;
  }

  /** Bytes that the type has. */
  get size(): number {
    return this.type.configSize ?? 0;
  }

  /** All of it, as it was at one moment. @throws Stuck where it does not hold still */
  read(): Uint8Array {
    if (this.size === 0) return new Uint8Array(0);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const before = this.settings.keepsGeneration ? (this.generation ?? this.readGeneration()) : this.readGeneration();
      const bytes = this.readAll();
      this.generation = this.readGeneration();
      if (!this.isWhole(before, this.generation)) continue;
      this.bytes = bytes;
      return bytes;
    }
    throw new Stuck(`the configuration changed during each of ${ATTEMPTS} readings`);
  }

  /** Reads it again. @returns whether it is another, or has been meanwhile */
  refresh(): boolean {
    const { generation, bytes } = this;
    const now = this.read();
    return this.generation !== generation || now.some((byte, at) => byte !== bytes[at]);
  }

  isWhole(before: number, after: number): boolean {
    return before === after;
  }

  /** A field of at most 32 bits, which cannot be torn. */
  field(name: string): number {
    const field = this.type.config[name];
    return field ? this.readPiece({ at: field.offset, size: field.size as Piece['size'] }) : 0;
  }

  /** Whether it changed since it was read; a change of a single word need not show here. */
  hasChanged(): boolean {
    return this.size > 0 && this.generation !== undefined && this.readGeneration() !== this.generation;
  }

  readGeneration(): number {
    return this.registers.read('ConfigGeneration');
  }

  readAll(): Uint8Array {
    const bytes = new Uint8Array(this.size);
    for (const piece of this.pieces()) bytes.set(littleEndian(this.readPiece(piece), piece.size), piece.at);
    return bytes;
  }

  readPiece({ at, size }: Piece): number {
    return this.registers.bus.read(this.registers.layout.data.config.offset + at, (size * 8) as 8 | 16 | 32);
  }

  /** The accesses that read all of it: fields by their width, 64 bits as two halves, what is between them as it fits. */
  pieces(): Piece[] {
    const fields = Object.values(this.type.config).sort((a, b) => a.offset - b.offset);
    const pieces: Piece[] = [];
    let at = 0;
    for (const { offset, size } of fields) {
      pieces.push(...this.rest(at, offset));
      for (at = offset; at < offset + size; ) {
        const width = Math.min(WORD, size) as Piece['size'];
        pieces.push({ at, size: width });
        at += width;
      }
    }
    return [...pieces, ...this.rest(at, this.size)];
  }

  private rest(from: number, to: number): Piece[] {
    const pieces: Piece[] = [];
    for (let at = from; at < to; ) {
      const isDword = this.settings.configRest === 'dwords' && at % WORD === 0 && at + WORD <= to;
      const size = isDword ? WORD : 1;
      pieces.push({ at, size });
      at += size;
    }
    return pieces;
  }
}
