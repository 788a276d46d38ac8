/** A program as text: one line an operation, with register names; set-up folded. */
import type { TraceLine } from '../../reports/report.ts';
import type { Step } from '../compile.ts';
import type { Execution, Observation } from '../execute.ts';
import { mechanismOf } from '../mechanisms/index.ts';
import { placeName } from '../places.ts';
import type { Profile } from '../profile.ts';
import { hex, type Operation, type Program } from '../program.ts';
import type { Interrupt } from '../target.ts';

/** Describes one operation. @param switchable whether MSI has to be enabled after it was negotiated */
export function describe(operation: Operation, switchable = false): string {
  const width = 'width' in operation && operation.width && operation.width !== 32 ? ` (${operation.width} bits)` : '';
  const race = operation.race ? ', without settling' : '';
  switch (operation.op) {
    case 'initialise': {
      const parts = [operation.msi ? 'MSI accepted' : 'MSI not accepted'];
      if (operation.ringReset) parts.push('queue reset accepted');
      if (operation.msi && switchable && operation.upTo !== 'driver') {
        parts.push(operation.enable === false ? 'MSI not enabled' : 'MSI enabled');
      }
      if (operation.queues.length > 0 && (operation.upTo ?? 'live') !== 'features') {
        parts.push(`queue${operation.queues.length > 1 ? 's' : ''} ${operation.queues.join(', ')}`);
      }
      for (const { vector, sources, unmask, message } of operation.vectors ?? []) {
        const from = sources.map((source) => (source === 'config' ? 'config' : `queue ${source}`)).join(', ');
        const wide = message.addressHigh
          ? message.addressHigh.toString(16) + message.addressLow.toString(16).padStart(8, '0')
          : '';
        const address = wide ? `0x${wide}` : hex(message.addressLow);
        parts.push(
          `vector ${vector}${from ? ` for ${from}` : ''} to address ${address} data ${hex(message.data)}${unmask ? '' : ', masked'}`,
        );
      }
      const until = {
        driver: 'up to DRIVER',
        features: 'up to FEATURES_OK',
        queues: 'up to before DRIVER_OK',
        live: 'DRIVER_OK',
      };
      parts.push(until[operation.upTo ?? 'live']);
      return `initialise: ${parts.join('; ')}`;
    }
    case 'read':
      return `read ${operation.place}${width}${race}`;
    case 'write':
      return `write ${operation.place} ${hex(operation.value)}${width}${race}`;
    case 'memory-read':
      return `memory-read ${operation.place}`;
    case 'memory-write':
      return `memory-write ${operation.place} ${operation.value}${race}`;
    case 'event': {
      const times = operation.times && operation.times > 1 ? `, ${operation.times} times` : '';
      const many = `${operation.count && operation.count > 1 ? ` (${operation.count})` : ''}`;
      if (operation.source === 'config') return `event: configuration change${many}${times}${race}`;
      if (operation.source === 'needs-reset') return `event: the device needs a reset${race}`;
      return `event: used buffer${many ? 's' : ''} of queue ${operation.source}${many}${times}${race}`;
    }
    case 'offer':
      return `offer ${operation.count ?? 1} to queue ${operation.queue}, without a kick`;
    case 'queue-setup':
      return `set up queue ${operation.queue}`;
    case 'queue-reset':
      return `reset queue ${operation.queue}`;
    case 'reset':
      return 'reset (Status 0, until it reads 0)';
    default:
      return operation.op;
  }
}

/** The observation of one step, short; undefined for a step that observes nothing. */
export function observe(step: Step, observation: Observation): string | undefined {
  switch (step.kind) {
    case 'read':
      return hex(observation as number);
    case 'poll': {
      const { value, reads } = observation as { value: number; reads: number };
      return `${hex(value)} after ${reads} read${reads === 1 ? '' : 's'}`;
    }
    case 'memory-read': {
      const bytes = [...(observation as Uint8Array)].reverse();
      return `0x${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
    }
    case 'interrupts':
      return showInterrupts((observation ?? []) as Interrupt[]);
    default:
      return undefined;
  }
}

/** Interrupts of one collection that a trace lists. */
const MOST_SHOWN = 16;

export function showInterrupts(interrupts: readonly Interrupt[]): string {
  if (interrupts.length === 0) return 'no interrupt';
  const more = interrupts.length - MOST_SHOWN;
  const shown = interrupts
    .slice(0, MOST_SHOWN)
    .map((one) =>
      one.kind === 'line' ? `line ${one.level === 1 ? 'high' : 'low'}` : `message ${hex(one.address)} ${hex(one.data)}`,
    )
    .join(', ');
  return more > 0 ? `${shown}, and ${more} more` : shown;
}

/**
 * The trace up to the step at which a violation showed (or the target failed). Free observations are shown where they
 * brought something: interrupts that came, and the one that violates.
 */
export function traceOf(
  program: Program,
  steps: readonly Step[],
  execution: Execution,
  profile: Profile,
  violatingStep: number | undefined,
): TraceLine[] {
  const lines: TraceLine[] = [];
  const switchable = mechanismOf(profile)?.switches !== undefined;
  const failed = violatingStep === undefined ? execution.fault?.step : undefined;
  const last = violatingStep ?? failed ?? steps.length - 1;
  const lastOperation = steps[last]?.operation ?? program.operations.length - 1;
  program.operations.slice(0, lastOperation + 1).forEach((operation, index) => {
    const line: TraceLine = { step: index + 1, operation: describe(operation, switchable) };
    const asksForOne = operation.op === 'read' || operation.op === 'memory-read' || operation.op === 'interrupts';
    const own = asksForOne ? steps.findIndex((step) => step.operation === index && !step.watch && observes(step)) : -1;
    lines.push(line);
    steps.forEach((step, at) => {
      if (step.operation !== index || at > last) return;
      const target = at === own ? line : { step: index + 1, operation: `  ${nameOf(step, profile)}` };
      if (at === failed) {
        if (at !== own) lines.push(target);
        Object.assign(target, { observed: 'no good answer', violates: true });
        return;
      }
      if (!observes(step)) return;
      const observation = execution.observations[at];
      const quiet = operation.op === 'power-cycle' || operation.op === 'initialise';
      // Of many events in a row, what each of them brought is not listed.
      const repeats = operation.op === 'event' && (operation.times ?? 1) > 1;
      const news = step.kind === 'interrupts' && !quiet && !repeats && ((observation ?? []) as Interrupt[]).length > 0;
      if (at !== own && at !== violatingStep && !news) return;
      const shown = observation === undefined && step.kind !== 'interrupts' ? undefined : observe(step, observation);
      if (shown !== undefined) target.observed = shown;
      if (at === violatingStep) target.violates = true;
      if (at !== own) lines.push(target);
    });
  });
  return lines;
}

function observes(step: Step): boolean {
  return step.kind === 'read' || step.kind === 'poll' || step.kind === 'memory-read' || step.kind === 'interrupts';
}

function nameOf(step: Step, profile: Profile): string {
  switch (step.kind) {
    case 'read':
      return `read ${placeName(step.offset, profile)}`;
    case 'poll':
      return `poll ${placeName(step.offset, profile)}`;
    case 'memory-read':
      return `memory-read queue[${step.queue}].${step.what}`;
    case 'write':
      return `write ${placeName(step.offset, profile)}`;
    case 'interrupts':
      return 'delivered';
    default:
      return step.kind;
  }
}
