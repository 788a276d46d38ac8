/**
 * Remembers at which operations the target failed. One at which it fails whenever it gets there need not be tried in
 * every program that has it: each try may cost a whole timeout, and the rest of the run is waiting.
 */
import type { Step } from '../compile.ts';

/** Failures, without one good answer, after which an operation is taken to be fatal. */
const ENOUGH = 2;

export class Losses {
  private readonly failures = new Map<string, number>();
  /** Failed once, and were answered another time. */
  private readonly innocent = new Set<string>();
  private readonly fatal = new Set<string>();

  /** Operations that are not tried any more, as they go over the line. */
  get avoided(): string[] {
    return [...this.fatal];
  }

  /** @param failed index of the step at which the target failed, where that is known for certain */
  note(steps: readonly Step[], answered: number, failed?: number): void {
    const step = failed === undefined ? undefined : steps[failed];
    for (const name of step ? namesOf(step) : []) {
      if (!this.innocent.has(name)) this.failures.set(name, (this.failures.get(name) ?? 0) + 1);
    }
    if (this.failures.size === 0) return;
    for (let index = 0; index < answered; index++) {
      for (const name of namesOf(steps[index] as Step)) {
        if (!this.failures.delete(name)) continue;
        this.innocent.add(name);
        this.fatal.delete(name);
      }
    }
    for (const [name, count] of this.failures) if (count >= ENOUGH) this.fatal.add(name);
  }

  /** The fatal operation among the steps, if there is one. */
  among(steps: readonly Step[]): string | undefined {
    if (this.fatal.size === 0) return undefined;
    for (const step of steps) {
      const found = namesOf(step).find((name) => this.fatal.has(name));
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

/** What the step does, from the particular to the general: this value, any value there, any access of that width. */
function namesOf(step: Step): string[] {
  const hex = (value: number) => `0x${value.toString(16)}`;
  switch (step.kind) {
    case 'read':
      return [`r${step.width} ${hex(step.offset)}`, ...(step.width === 32 ? [] : [`r${step.width}`])];
    case 'poll':
      return [`r32 ${hex(step.offset)}`];
    case 'write': {
      const place = `w${step.width} ${hex(step.offset)}`;
      return [`${place} ${hex(step.value)}`, place, ...(step.width === 32 ? [] : [`w${step.width}`])];
    }
    case 'raise':
      return [step.event.source === 'queue' ? `raise queue ${step.event.queue}` : `raise ${step.event.source}`];
    case 'memory-read':
      return ['mr'];
    case 'memory-write':
      return ['mw'];
    case 'interrupts':
      return ['irq'];
    case 'settle':
    case 'power-cycle':
      return [step.kind];
    default:
      return [];
  }
}
