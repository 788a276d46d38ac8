/**
 * The obvious alternative: fast-check's own model-based testing, as somebody who knows MSI-X would write it. Commands
 * with a precondition each, a plain model beside the device, everything compared after each command.
 */
import fc from 'fast-check';
import type { Message, Source } from '../../harness/program.ts';
import { agree, type Device } from './device.ts';
import type { Model } from './model.ts';

/** What a run of commands works on. */
export interface Bench {
  device: Device;
  vectors: readonly number[];
  sources: readonly Source[];
}

type Command = fc.Command<Model, Bench>;

/** Looks at everything that the model knows. @throws Discrepancy */
function compare(model: Model, { device, vectors, sources }: Bench, expected: readonly Message[]): void {
  const seen = device.delivered().map((one) => (one.kind === 'line' ? `line ${one.level}` : text(one)));
  agree('interrupts', expected.map(textOf).sort().join(), seen.sort().join());
  agree('InterruptStatus', 0, device.read('InterruptStatus'));
  for (const vector of vectors) {
    agree(`mask of vector ${vector}`, Number(model.masked.has(vector)), device.maskBit(vector));
    agree(`pending bit of vector ${vector}`, Number(model.pending.has(vector)), device.pendingBit(vector));
  }
  for (const source of sources) {
    agree(`vector of ${source}`, model.mapping.get(source) ?? device.noVector, device.mapped(source));
  }
  for (const [queue, count] of model.used) {
    const used = device.used(queue);
    if (used !== undefined) agree(`used index of queue ${queue}`, count, used);
  }
}

function text({ address, data }: { address: number | bigint; data: number }): string {
  return `${BigInt(address)}:${data}`;
}

function textOf({ addressLow, addressHigh, data }: Message): string {
  return text({ address: (BigInt(addressHigh) << 32n) | BigInt(addressLow), data });
}

/** A command on one vector or source; `act` does it to both sides, and returns the messages that must come. */
function command(
  name: string,
  isPossible: (model: Readonly<Model>) => boolean,
  act: (model: Model, bench: Bench) => readonly Message[],
): Command {
  return {
    check: isPossible,
    run(model, bench) {
      compare(model, bench, act(model, bench));
    },
    toString: () => name,
  };
}

const mask = (vector: number) =>
  command(
    `mask ${vector}`,
    (model) => !model.masked.has(vector),
    (model, { device }) => {
      model.masked.add(vector);
      device.mask(vector);
      return [];
    },
  );

const unmask = (vector: number) =>
  command(
    `unmask ${vector}`,
    (model) => model.masked.has(vector),
    (model, { device }) => {
      device.unmask(vector);
      return model.unmask(vector);
    },
  );

const map = (source: Source, vector: number) =>
  command(
    `map ${source} to ${vector}`,
    (model) => model.mapping.get(source) !== vector,
    (model, { device }) => {
      device.map(source, vector);
      model.mapping.set(source, vector);
      return [];
    },
  );

const unmap = (source: Source) =>
  command(
    `unmap ${source}`,
    (model) => model.mapping.has(source),
    (model, { device }) => {
      device.map(source, device.noVector);
      model.mapping.delete(source);
      return [];
    },
  );

const event = (source: Source) =>
  command(
    `event of ${source}`,
    () => true,
    (model, { device }) => {
      device.event(source);
      return model.event(source);
    },
  );

const retarget = (vector: number) =>
  command(
    `re-target ${vector}`,
    (model) => model.masked.has(vector),
    (model, { device }) => {
      const message = model.fresh();
      device.retarget(vector, message);
      model.entries.set(vector, message);
      return [];
    },
  );

const reset = () =>
  command(
    'reset',
    () => true,
    (model, bench) => {
      model.begin(bench.vectors, bench.sources);
      bench.device.setUp(model);
      return [];
    },
  );

/** Commands of one run at most: as many as the longest generated program of the suite has operations. */
const MOST_COMMANDS = 40;

/** Sequences of commands over these vectors and sources. */
export function commands({ vectors, sources }: Bench): fc.Arbitrary<Iterable<Command>> {
  const vector = fc.constantFrom(...vectors);
  const source = fc.constantFrom(...sources);
  return fc.commands(
    [
      vector.map(mask),
      vector.map(unmask),
      fc.tuple(source, vector).map(([from, to]) => map(from, to)),
      source.map(unmap),
      source.map(event),
      vector.map(retarget),
      fc.constant(undefined).map(reset),
    ],
    { maxCommands: MOST_COMMANDS, size: 'max' },
  );
}
