/** What arrives at the interrupt controller: nothing unprompted, and an event once. */
import type { Check } from '../doctor.ts';
import { MessagePool } from '../messages.ts';
import { hex, type Operation, type Source } from '../program.ts';
import type { Interrupt, InterruptKind } from '../target.ts';
import { type Consultation, Found, Skipped, show } from './consultation.ts';

export const INTERRUPT_CHECKS: Check[] = [
  { id: 'quiet', title: 'No interrupt arrives unprompted', run: quiet },
  { id: 'line', title: 'An event shows on the line', run: line },
  { id: 'message', title: 'An event shows as a message', run: message },
  { id: 'config', title: 'A configuration change can be provoked', run: config },
];

async function quiet(consultation: Consultation): Promise<string> {
  if (!consultation.adapter.interrupts) throw new Skipped('the adapter has no interrupts()');
  await consultation.profile();
  const { interrupts } = await consultation.play([
    { op: 'reset' },
    { op: 'settle' },
    // Whatever was left from before, and the line going low.
    { op: 'interrupts' },
    { op: 'initialise', msi: false, queues: [] },
    { op: 'settle' },
    { op: 'interrupts' },
  ]);
  const arrived = interrupts.at(-1) ?? [];
  for (const interrupt of arrived) {
    throw new Found(
      `interrupts() answered ${arrived.length} where the device had no event, the first ${describe(interrupt)}`,
      "is it this device's line that is watched, and does interrupts() forget what it has answered?",
    );
  }
  return 'none while the device was set up and idle';
}

async function line(consultation: Consultation): Promise<string> {
  const { layout } = consultation;
  needs(consultation, 'line');
  const source = await consultation.source();
  const { interrupts, registers } = await consultation.play([
    ...live(source, false),
    { op: 'interrupts' },
    { op: 'event', source },
    { op: 'settle' },
    { op: 'interrupts' },
    { op: 'interrupts' },
    { op: 'read', place: 'InterruptStatus' },
    { op: 'write', place: 'InterruptACK', value: allBits(consultation) },
    { op: 'settle' },
    { op: 'interrupts' },
    { op: 'reset' },
  ]);
  const [, raised = [], again = [], acknowledged = []] = interrupts;
  const status = registers.get('InterruptStatus') ?? 0;
  const high = raised.at(-1);
  if (high?.kind !== 'line' || high.level !== 1) {
    throw new Found(
      `after ${name(source)} InterruptStatus reads ${hex(status)} and interrupts() answered ${list(raised)}, no rising line`,
      status === 0
        ? 'did the event reach the device? See the checks before this one'
        : 'the device has an interrupt to tell: is its line the one that is watched, and does settle() wait for it?',
    );
  }
  if (again.length > 0) {
    throw new Found(`interrupts() called again answered ${list(again)}`, 'it answers what came since the call before');
  }
  const low = acknowledged.at(-1);
  if (low?.kind !== 'line' || low.level !== 0) {
    throw new Found(
      `after ${hex(status)} was acknowledged in InterruptACK, interrupts() answered ${list(acknowledged)}, no falling line`,
      'both edges of the line are reported',
    );
  }
  return `${name(source)} raised it, ${layout.register('InterruptACK').name} lowered it`;
}

async function message(consultation: Consultation): Promise<string> {
  const { adapter, layout } = consultation;
  needs(consultation, 'message');
  const profile = await consultation.profile();
  if (!profile.msi) throw new Skipped(`no message can be provoked: ${profile.msiReason ?? 'the device has no MSI'}`);
  const source = await consultation.source();
  const wanted = new MessagePool(adapter.messages).take();
  const { interrupts } = await consultation.play([
    ...live(source, true, { vector: 0, message: wanted, sources: [source], unmask: true }),
    { op: 'interrupts' },
    { op: 'event', source },
    { op: 'settle' },
    { op: 'interrupts' },
    { op: 'interrupts' },
    { op: 'reset' },
  ]);
  const [, sent = [], again = []] = interrupts;
  const address = (BigInt(wanted.addressHigh) << 32n) | BigInt(wanted.addressLow);
  const told = `vector 0 of ${layout.msi?.feature} was given address ${hex(address)} and data ${hex(wanted.data)}`;
  const found = sent.find((interrupt) => interrupt.kind === 'message');
  if (!found) {
    throw new Found(
      `${told}; after ${name(source)} interrupts() answered ${list(sent)}, no message`,
      'are writes of the device to that address caught, and does settle() wait for them?',
    );
  }
  if (BigInt(found.address) !== address || found.data !== wanted.data) {
    throw new Found(
      `${told}; after ${name(source)} interrupts() answered ${describe(found)}`,
      'are address and data whole, 64 and 32 bits, and unsigned?',
    );
  }
  if (again.length > 0) {
    throw new Found(`interrupts() called again answered ${list(again)}`, 'it answers what came since the call before');
  }
  return `${name(source)} sent ${describe(found)}`;
}

async function config(consultation: Consultation): Promise<string> {
  const { layout } = consultation;
  const profile = await consultation.profile();
  if (!profile.capabilities.configEvents) throw new Skipped("the adapter's raise has no configuration changes");
  const { registers } = await consultation.play([
    ...live('config', false),
    { op: 'event', source: 'config' },
    { op: 'settle' },
    { op: 'read', place: 'InterruptStatus' },
    { op: 'reset' },
  ]);
  const status = registers.get('InterruptStatus') ?? 0;
  if ((status & layout.bit('InterruptStatus', 'CONFIG_CHANGE')) !== 0)
    return `InterruptStatus reads ${hex(status)} after it`;
  throw new Found(
    `after raise({ source: 'config' }) InterruptStatus reads ${hex(status)}`,
    "does raise() reach the device's back end, and settle() wait for what follows?",
  );
}

/** A live device whose event `source` can happen, settled. */
function live(
  source: Source,
  msi: boolean,
  ...vectors: NonNullable<Extract<Operation, { op: 'initialise' }>['vectors']>
): Operation[] {
  const queues = source === 'config' ? [] : [source];
  return [{ op: 'initialise', msi, queues, vectors }, { op: 'settle' }];
}

function needs({ adapter }: Consultation, kind: InterruptKind): void {
  if (!adapter.interrupts) throw new Skipped('the adapter has no interrupts()');
  if (!adapter.captures?.includes(kind)) throw new Skipped(`the adapter does not capture '${kind}'`);
}

function allBits({ layout }: Consultation): number {
  return layout.bit('InterruptStatus', 'USED_BUFFER') + layout.bit('InterruptStatus', 'CONFIG_CHANGE');
}

function name(source: Source): string {
  return source === 'config' ? 'a configuration change' : `a used buffer in queue ${source}`;
}

function list(interrupts: readonly Interrupt[]): string {
  return interrupts.length === 0 ? 'none' : interrupts.map(describe).join(', ');
}

function describe(interrupt: Interrupt): string {
  return interrupt.kind === 'line'
    ? `the line at ${interrupt.level}`
    : `a message to ${show(interrupt.address)} with ${show(interrupt.data)}`;
}
