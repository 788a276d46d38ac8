/** Taking the line's interrupt: DRV-STATUS, DRV-ACK, DRV-NOLINE. */
import { hex } from '../../../program.ts';
import type { LogEntry } from '../../log.ts';
import type { Judge, Rule } from '../judge.ts';
import type { DeviceView } from '../view.ts';

export class InterruptRule implements Rule {
  /** The line interrupted, and InterruptStatus was not read since; the index of that. */
  private unread: number | undefined;
  /** Bits that InterruptStatus showed and that were not acknowledged since. */
  private seen = 0;
  /** Bits set in a reading that nothing was written for when the next interrupt came. */
  private unacknowledged = 0;
  /** A driver that says that it polls, or that it takes messages, takes no interrupt of the line: it may be high. */
  private takesLine = true;
  /** InterruptStatus showed bits that nobody has defined beside those that were not acknowledged. */
  private sawUndefined = false;

  look(entry: LogEntry, view: DeviceView, judge: Judge): void {
    if (entry.kind === 'result' && entry.task.do === 'start' && entry.result.outcome === 'done') {
      this.takesLine = entry.result.interrupts === undefined || entry.result.interrupts === 'line';
    }
    // That the line went low interrupts nobody.
    if (entry.kind === 'interrupt' && entry.interrupt.kind === 'line' && entry.interrupt.level === 0) return;
    if (entry.kind === 'interrupt' || entry.kind === 'idle') {
      this.nextWait(entry, view, judge);
      return;
    }
    if (entry.kind !== 'read' && entry.kind !== 'write') return;
    const name = view.register(entry)?.name;
    const value = Number(entry.value) >>> 0;
    if (name === 'Status' && entry.kind === 'write' && value === 0) {
      this.seen = 0;
      this.unacknowledged = 0;
      this.unread = undefined;
    }
    if (name !== 'InterruptStatus' && name !== 'InterruptACK') return;
    const isRead = name === 'InterruptStatus';
    if (view.msiNegotiated && view.switches.enabled) {
      // What was raised before MSI was enabled may be acknowledged then.
      const isLeft = view.mechanism?.switches !== undefined && !isRead && (value & ~this.seen) === 0;
      if (isLeft) this.seen &= ~value;
      else judge.violate('DRV-NOLINE', `${name} is left alone: MSI is used`, `the driver ${entry.kind}s it`);
      return;
    }
    if (isRead) {
      if (this.unread !== undefined) judge.hit('DRV-STATUS');
      this.unread = undefined;
      this.seen |= value & defined(view);
      this.unacknowledged |= value & defined(view);
      this.sawUndefined = (value & ~defined(view)) !== 0;
      return;
    }
    if (this.unread !== undefined && value !== 0) {
      const actual = `the driver writes ${hex(value)} to InterruptACK without`;
      judge.violate('DRV-STATUS', 'InterruptStatus is read after an interrupt on the line', actual);
      this.unread = undefined;
      return;
    }
    judge.hit('DRV-ACK');
    const undefinedBits = (value & ~defined(view)) >>> 0;
    const unseen = (value & defined(view) & ~this.seen) >>> 0;
    if (undefinedBits !== 0) {
      judge.violate(
        'DRV-ACK',
        'no undefined bit is written to InterruptACK',
        `${hex(value)}, of which ${hex(undefinedBits)} is none`,
      );
    } else if (unseen !== 0 && view.facts.fromTheStart) {
      const actual = `${hex(value)}, of which InterruptStatus has not shown ${hex(unseen)}`;
      judge.violate('DRV-ACK', 'only bits that were handled are written to InterruptACK', actual);
    }
    this.seen &= ~value;
    this.unacknowledged &= ~value;
  }

  /** The driver waits again, so it is done with the interrupt before. */
  private nextWait(entry: LogEntry & { kind: 'interrupt' | 'idle' }, view: DeviceView, judge: Judge): void {
    if (view.msiNegotiated && view.switches.enabled) {
      judge.hit('DRV-NOLINE');
      return;
    }
    if (!this.takesLine) {
      this.unread = undefined;
      this.unacknowledged = 0;
      return;
    }
    if (this.unread !== undefined) {
      const actual = 'the driver waits for the next one without';
      judge.violate('DRV-STATUS', 'InterruptStatus is read after an interrupt on the line', actual, this.unread);
      this.unread = undefined;
    }
    // Whom undefined bits have kept from handling the others has nothing to acknowledge.
    if (this.unacknowledged !== 0 && !this.sawUndefined) {
      const actual = `the driver waits for the next interrupt without ${hex(this.unacknowledged)}`;
      judge.violate('DRV-ACK', 'what was handled is written to InterruptACK', actual);
      this.unacknowledged = 0;
    }
    if (entry.kind === 'interrupt' && entry.interrupt.kind === 'line') this.unread = judge.index;
  }
}

/** The bits of InterruptStatus that the layout names. */
function defined(view: DeviceView): number {
  return Object.values(view.layout.register('InterruptStatus').fields).reduce((bits, { mask }) => bits | mask, 0);
}
