/** The bus that a driver meets the reference device on: every access is logged, and so is what the device does. */
import type { Device } from '../../reference-device/device.ts';
import { OutsideMemory } from '../../reference-device/memory.ts';
import type { Interrupt, Width } from '../target.ts';
import { BusError, type DriverMemory, type Message } from './api.ts';
import type { LogEntry } from './log.ts';
import type { GuestBus } from './target.ts';

/**
 * Where messages go: pairs of address and data as an interrupt controller has them, none twice. Each has another address
 * and other data than the one before, so that half of an old one is seen.
 */
const MESSAGES = { address: 0xfee00000, step: 0x1000, addresses: 16, data: 0x20 };

/**
 * Reads in a row, of memory or of a register that was read before, after which a driver is taken to poll: what the device
 * has under way is done then.
 */
const POLLS = 16;

/**
 * Accesses of the device, and uses of the bus in all, for one task: whoever makes more goes round in circles. Far beyond
 * what 2048 vectors or the rings of a queue take one by one.
 */
export const MOST: Bounds = { accesses: 50_000, uses: 500_000 };
/** A guest that boots has one task, all that it does. */
export const MOST_OF_A_GUEST: Bounds = { accesses: 2_000_000, uses: 2_000_000 };

export interface Bounds {
  accesses: number;
  uses: number;
}

/** A driver has done more for one task than any can take: it would go on for ever. */
export class Endless extends BusError {
  override name = 'Endless';
}

const WIDTHS: readonly number[] = [8, 16, 32, 64];

/** What a scenario may do at an access: before the device sees it, or after it was answered. */
export interface Meddling {
  before?(entry: Access): void;
  after?(entry: Access): void;
  /** The driver waits, and everything that was under way has been done. */
  idle?(): void;
}

export type Access = Extract<LogEntry, { kind: 'read' | 'write' }>;

export class WatchedBus implements GuestBus {
  readonly layout: string;
  readonly regionSize: number;
  readonly memory: DriverMemory;
  readonly device: Device;
  private readonly log: (entry: LogEntry) => void;
  private readonly meddling: Meddling;
  private readonly waiting: Interrupt[] = [];
  private readonly usedIndices: number[];
  /** Offsets of the registers that the line's interrupt is taken with. */
  private readonly lineRegisters: readonly number[];
  private line: 0 | 1 = 0;
  /** The line's level as {@link deliver} gave it last, and whether it has gone up since. */
  private deliveredLine: 0 | 1 = 0;
  private hasRisen = false;
  /** Reads in a row that look like polling, and the registers that were read since the last write. */
  private polls = 0;
  private readonly looked = new Set<number>();
  /** The line has ended a wait and the driver has asked or acknowledged nothing since. */
  private isLineIgnored = false;
  private uses = 0;
  private accesses = 0;
  private readonly most: Bounds;
  /** Pairs of address and data that were given out, as text. */
  private readonly given = new Set<string>();

  constructor(device: Device, log: (entry: LogEntry) => void, meddling: Meddling = {}, most: Bounds = MOST) {
    this.device = device;
    this.most = most;
    this.lineRegisters = ['InterruptStatus', 'InterruptACK'].map((name) => device.layout.register(name).offset);
    this.layout = device.layout.name;
    this.regionSize = device.regionSize;
    this.log = log;
    this.meddling = meddling;
    this.usedIndices = device.queues.map(() => 0);
    const { ram } = device;
    this.memory = {
      base: ram.base,
      size: ram.size,
      read: (address, length) => {
        this.use();
        this.poll();
        return inMemory(() => ram.read(address, length));
      },
      write: (address, bytes) => {
        this.use();
        this.wrote();
        inMemory(() => ram.write(address, bytes));
      },
    };
  }

  read(offset: number, width?: 8 | 16 | 32): number;
  read(offset: number, width: 64): bigint;
  read(offset: number, width: Width = 32): number | bigint {
    this.check(offset, width);
    if (this.looked.has(offset)) this.poll();
    this.looked.add(offset);
    const access: Access = { kind: 'read', offset, width, value: 0 };
    this.meddling.before?.(access);
    access.value = this.device.read(offset, width);
    this.done(access);
    return access.value;
  }

  write(offset: number, value: number | bigint, width: Width = 32): void {
    this.check(offset, width);
    const isNumber = typeof value === 'bigint' ? value >= 0n : Number.isSafeInteger(value) && value >= 0;
    if (!isNumber || BigInt(value) >= 1n << BigInt(width))
      throw new BusError(`${String(value)} is no unsigned number of ${width} bits`);
    this.wrote();
    const access: Access = { kind: 'write', offset, width, value };
    this.meddling.before?.(access);
    this.device.write(offset, width, value);
    this.done(access);
  }

  message(): Message {
    const { address, step, addresses, data } = MESSAGES;
    const turn = this.given.size;
    const message = { address: address + step * (turn % addresses), data: data + turn };
    this.given.add(pair(message));
    return message;
  }

  wait(): Interrupt | undefined {
    this.use();
    this.takeDelivered();
    // What a device does in its own time is done by the time that it is waited for; so it is for whoever only looks
    // around when the line ends a wait, and leaves it as it is.
    if (this.waiting.length === 0 && (this.line === 0 || this.isLineIgnored)) this.settle();
    if (this.waiting.length === 0 && this.line === 0 && this.meddling.idle) {
      this.meddling.idle();
      this.settle();
    }
    const next = this.waiting.shift() ?? (this.line === 1 ? { kind: 'line' as const, level: 1 as const } : undefined);
    this.isLineIgnored = next?.kind === 'line';
    this.log(next ? { kind: 'interrupt', interrupt: next } : { kind: 'idle' });
    return next;
  }

  /**
   * For a driver with an interrupt controller of its own, which {@link wait} is nothing for: has the device do what it
   * has under way, and takes what is to reach the controller, messages and the line as it is now. A reset that takes its
   * time is left to the driver's reads of Status.
   */
  deliver(): Interrupt[] {
    this.takeDelivered();
    if (this.device.waiting.length > 0 && this.device.transport.resetting === 0) this.settle();
    const taken: Interrupt[] = this.waiting.splice(0);
    const interrupts = this.hasRisen && this.line === 1;
    if (interrupts || this.line !== this.deliveredLine) taken.push({ kind: 'line', level: this.line });
    this.deliveredLine = this.line;
    this.hasRisen = false;
    for (const interrupt of taken)
      if (interrupt.kind === 'message' || interrupts) this.log({ kind: 'interrupt', interrupt });
    return taken;
  }

  /** Puts an interrupt in the way of the driver that the device has not sent. */
  inject(interrupt: Interrupt): void {
    this.waiting.push(interrupt);
  }

  /** Whether an interrupt is on its way to the driver. */
  get hasInterrupt(): boolean {
    this.takeDelivered();
    return this.waiting.length > 0 || this.line === 1;
  }

  /** What the device has under way is done. */
  settle(): void {
    this.device.settle();
    this.takeDelivered();
  }

  private done(access: Access): void {
    this.log(access);
    this.takeDelivered();
    this.meddling.after?.(access);
    this.takeDelivered();
  }

  /** Takes what the device delivered and used. */
  private takeDelivered(): void {
    this.device.queues.forEach(({ nextUsed }, queue) => {
      if (nextUsed === this.usedIndices[queue]) return;
      this.usedIndices[queue] = nextUsed;
      this.log({ kind: 'used', queue, index: nextUsed });
    });
    for (const interrupt of this.device.interrupts()) {
      if (interrupt.kind === 'line') {
        this.line = interrupt.level;
        if (interrupt.level === 1) this.hasRisen = true;
      } else if (this.given.size === 0 || this.given.has(pair(interrupt))) this.waiting.push(interrupt);
      else this.log({ kind: 'astray', interrupt });
    }
  }

  /** A new task begins: what the driver does for it is counted anew. */
  begin(): void {
    this.uses = 0;
    this.accesses = 0;
  }

  private use(): void {
    if (++this.uses > this.most.uses)
      throw new Endless(`it used the bus ${this.most.uses} times for the task, which is not done`);
  }

  /** The driver reads something again, or memory. */
  private poll(): void {
    if (++this.polls % POLLS === 0) this.settle();
  }

  private wrote(): void {
    this.polls = 0;
    this.looked.clear();
  }

  private check(offset: number, width: number): void {
    this.use();
    if (++this.accesses > this.most.accesses)
      throw new Endless(`it made ${this.most.accesses} accesses for the task, which is not done`);
    if (this.lineRegisters.includes(offset)) this.isLineIgnored = false;
    if (!WIDTHS.includes(width)) throw new BusError(`no bus has accesses of ${String(width)} bits: 8, 16, 32 or 64`);
    if (!Number.isSafeInteger(offset) || offset < 0 || offset + width / 8 > this.regionSize)
      throw new BusError(`offset ${String(offset)} is outside of the device, which has ${this.regionSize} bytes`);
  }
}

const pair = ({ address, data }: Message) => `${address}:${data}`;

function inMemory<T>(access: () => T): T {
  try {
    return access();
  } catch (error) {
    if (error instanceof OutsideMemory) throw new BusError(error.message);
    throw error;
  }
}
