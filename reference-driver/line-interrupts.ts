/** The single line: InterruptStatus says what it is about, and InterruptACK lowers it. */
import type { InterruptsUsed } from '../harness/driver/api.ts';
import type { Interrupt } from '../harness/target.ts';
import type { Events, Interrupts } from './interrupts.ts';
import type { Registers } from './registers.ts';
import type { Settings } from './settings.ts';

export class LineInterrupts implements Interrupts {
  readonly kind: InterruptsUsed;
  readonly registers: Registers;
  readonly settings: Settings;
  readonly events: Events;
  readonly usedBuffer: number;
  readonly configChange: number;

  constructor(registers: Registers, settings: Settings, events: Events) {
    this.kind = settings.learns === 'by polling' ? 'polling' : 'line';
    this.registers = registers;
    this.settings = settings;
    this.events = events;
    this.usedBuffer = registers.layout.bit('InterruptStatus', 'USED_BUFFER');
    this.configChange = registers.layout.bit('InterruptStatus', 'CONFIG_CHANGE');
  }

  setUp(): boolean {
    return true;
  }

  go(): void {}

  /** Reads what the interrupt is about, does it, acknowledges that, and looks whether more came meanwhile. */
  handle(_interrupt: Interrupt): void {
    const bits = this.known(this.readStatus());
    if (bits === 0) return;
    const isEarly = this.settings.acknowledges === 'before';
    if (isEarly) this.acknowledge(bits);
    this.serve(bits);
    if (isEarly) return;
    this.acknowledge(bits);
    if (!this.events.needsReset) this.lookAgain(bits);
  }

  readStatus(): number {
    return this.registers.read('InterruptStatus');
  }

  /** Bits that are not defined mean nothing to this driver. */
  known(status: number): number {
    return status & (this.usedBuffer | this.configChange);
  }

  serve(bits: number): void {
    if ((bits & this.usedBuffer) !== 0) this.serveQueues();
    if ((bits & this.configChange) !== 0) this.events.configChanged(true);
  }

  /** The bit does not say which queue it is about: it may be any. */
  serveQueues(): void {
    for (const queue of this.events.queues) this.events.queueUsed(queue);
  }

  acknowledge(bits: number): void {
    this.registers.write('InterruptACK', bits);
  }

  /** What came between looking and acknowledging has lost its bit, and there will be no other interrupt for it. */
  lookAgain(bits: number): void {
    if ((bits & this.usedBuffer) !== 0) this.serveQueues();
    if ((bits & this.configChange) !== 0 && this.events.configChangedSince()) this.events.configChanged(true);
  }

  // The line has no masks and no targets.
  expect(): void {}
  expectNothing(): void {}
  mask(): void {}
  unmask(): void {}
  retarget(): void {}
  quiesce(): void {}
  resume(): boolean {
    return true;
  }
}
