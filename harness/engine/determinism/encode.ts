/** Observations as short text: what many runs of programs showed is kept and compared this way. */
import type { Execution, Observation } from '../../execute.ts';
import type { Interrupt, TargetFault } from '../../target.ts';

/** What was observed of a program: a line for each step, and one for the failure where the target failed. */
export function encode({ observations, fault }: Execution): string[] {
  // Steps that observe nothing are holes, which map would leave out.
  const lines = Array.from(observations, encodeOne);
  return fault ? [...lines, encodeFault(fault.error)] : lines;
}

function encodeOne(observation: Observation): string {
  if (observation === undefined) return '';
  // 5 and 5n are the same answer.
  if (typeof observation === 'number' || typeof observation === 'bigint') return String(observation);
  if (observation instanceof Uint8Array) return `=${Buffer.from(observation).toString('hex')}`;
  if (Array.isArray(observation)) return `[${observation.map(encodeInterrupt).join()}`;
  return `${observation.value}/${observation.reads}`;
}

function encodeInterrupt(interrupt: Interrupt): string {
  return interrupt.kind === 'line' ? `${interrupt.level}` : `${interrupt.address}:${interrupt.data}`;
}

function encodeFault({ reason, message }: TargetFault): string {
  return `!${JSON.stringify([reason, message])}`;
}

/** What a line of {@link encode} stands for: an observation, or how the target failed. */
export function decode(line: string): { observation: Observation } | { failed: string } {
  const [kind] = line;
  if (kind === '!') return { failed: (JSON.parse(line.slice(1)) as string[]).join(': ') };
  if (kind === undefined) return { observation: undefined };
  if (kind === '=') return { observation: new Uint8Array(Buffer.from(line.slice(1), 'hex')) };
  if (kind === '[') return { observation: line === '[' ? [] : line.slice(1).split(',').map(decodeInterrupt) };
  const [value = '', reads] = line.split('/');
  return { observation: reads === undefined ? decodeNumber(value) : { value: Number(value), reads: Number(reads) } };
}

function decodeInterrupt(text: string): Interrupt {
  const [address = '', data] = text.split(':');
  if (data === undefined) return { kind: 'line', level: address === '1' ? 1 : 0 };
  return { kind: 'message', address: decodeNumber(address), data: Number(data) };
}

function decodeNumber(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}
