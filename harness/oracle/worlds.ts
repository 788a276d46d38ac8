/**
 * What the device may be like inside, given all that it showed: a set of worlds. An operation that runs beside an event,
 * and every choice that the text leaves, splits a world; an observation throws out those that it contradicts.
 */
import type { Source } from '../program.ts';

/** A source that is mapped to no vector. */
export const UNMAPPED = -1;
/** A mapping that nothing is known of. */
export const UNKNOWN = -2;

/** An event that is under way: between `low` and `high` notifications are still to come from it. */
export interface Flight {
  source: Source;
  low: number;
  high: number;
  /** Held until DRIVER_OK: it may come at any time, or never. */
  held?: boolean;
  /** Decided by what Status reads: DEVICE_NEEDS_RESET set or not. */
  needs?: boolean;
}

export interface Count {
  low: number;
  high: number;
}

export interface World {
  pending: Set<number>;
  mapping: Map<Source, number>;
  flights: Flight[];
  /** Messages sent and not yet collected, by vector. */
  sent: Map<number, Count>;
  /** Bits of InterruptStatus that events set while they went to the line; only where a layout can switch that. */
  line: number;
  /** Clauses of level SHOULD that the device does not meet in this world. */
  warnings: string[];
}

export function emptyWorld(): World {
  return { pending: new Set(), mapping: new Map(), flights: [], sent: new Map(), line: 0, warnings: [] };
}

export function cloneWorld(world: World): World {
  return {
    pending: new Set(world.pending),
    mapping: new Map(world.mapping),
    flights: world.flights.map((flight) => ({ ...flight })),
    sent: new Map(Array.from(world.sent, ([vector, count]) => [vector, { ...count }])),
    line: world.line,
    warnings: [...world.warnings],
  };
}

export function mapped(world: World, source: Source): number {
  return world.mapping.get(source) ?? UNMAPPED;
}

export function addSent(world: World, vector: number, low: number, high: number): void {
  const count = world.sent.get(vector);
  if (count) {
    count.low += low;
    count.high += high;
  } else {
    world.sent.set(vector, { low, high });
  }
}

/** Adds an event; events of one source that are under way together may be notified together. */
export function addFlight(world: World, flight: Flight): void {
  const same = world.flights.find(
    (f) => f.source === flight.source && !f.held === !flight.held && !f.needs && !flight.needs,
  );
  if (same) {
    same.low = Math.max(same.low, flight.low);
    same.high += flight.high;
  } else {
    world.flights.push({ ...flight });
  }
}

/** What an event of a vector meets now: 0 unmasked, 1 masked, 2 unknown; {@link LINE} whatever the vector is. */
export type MaskOf = (vector: number) => number;

/** Events go to the line. */
export const LINE = 3;
/** Bits of `World.line`. */
export const LINE_USED = 1;
export const LINE_CONFIG = 2;

function toLine(world: World, source: Source, certain: boolean): World[] {
  const bit = source === 'config' ? LINE_CONFIG : LINE_USED;
  if ((world.line & bit) !== 0) return [world];
  const without = certain ? [] : [cloneWorld(world)];
  world.line |= bit;
  return [world, ...without];
}

/** Lets `low` to `high` notifications of a source happen now; returns the worlds that this leads to. */
export function notify(world: World, source: Source, low: number, high: number, maskOf: MaskOf): World[] {
  if (high === 0) return [world];
  const vector = mapped(world, source);
  const mask = maskOf(vector);
  if (mask === LINE) return toLine(world, source, low > 0);
  if (vector === UNMAPPED || vector === UNKNOWN) return [world];
  if (mask === 0) {
    addSent(world, vector, low, high);
    if (!world.pending.has(vector)) return [world];
    // Pending although unmasked is itself a violation that was seen: a message may end it.
    const ended = cloneWorld(world);
    ended.pending.delete(vector);
    return [world, ended];
  }
  if (world.pending.has(vector)) return [world];
  if (mask === 1 && low > 0) {
    world.pending.add(vector);
    return [world];
  }
  const without = cloneWorld(world);
  world.pending.add(vector);
  if (mask === 2) addSent(without, vector, 0, high);
  return [world, without];
}

/** Every world that events under way may have led to by now: none, some or all of their notifications happened. */
export function partial(worlds: World[], maskOf: MaskOf): World[] {
  if (worlds.every((world) => world.flights.length === 0)) return worlds;
  const result: World[] = [];
  const visit = (world: World, index: number) => {
    const flight = world.flights[index];
    if (!flight) {
      world.flights = world.flights.filter((f) => f.high > 0);
      result.push(world);
      return;
    }
    visit(cloneWorld(world), index + 1);
    if (flight.high > 1) {
      const some = cloneWorld(world);
      const rest = some.flights[index] as Flight;
      rest.high -= 1;
      for (const next of notify(some, flight.source, 1, flight.high - 1, maskOf)) visit(next, index + 1);
    }
    const all = cloneWorld(world);
    const done = all.flights[index] as Flight;
    done.low = 0;
    done.high = 0;
    for (const next of notify(all, flight.source, Math.max(1, flight.low), flight.high, maskOf)) visit(next, index + 1);
  };
  for (const world of worlds) visit(world, 0);
  return distinct(result);
}

/** Every event under way comes to its end; held ones stay. */
export function complete(worlds: World[], maskOf: MaskOf): World[] {
  if (worlds.every((world) => world.flights.length === 0)) return worlds;
  let current = worlds;
  const result: World[] = [];
  for (const world of current) {
    const staying = world.flights.filter((flight) => flight.held || flight.needs);
    const ending = world.flights.filter((flight) => !flight.held && !flight.needs);
    world.flights = staying;
    current = [world];
    for (const { source, low, high } of ending) {
      current = current.flatMap((next) => notify(next, source, low, high, maskOf));
    }
    result.push(...current);
  }
  return distinct(result);
}

export function distinct(worlds: World[]): World[] {
  if (worlds.length < 2) return worlds;
  const byKey = new Map<string, World>();
  for (const world of worlds) {
    const key = keyOf(world);
    const known = byKey.get(key);
    if (!known || known.warnings.length > world.warnings.length) byKey.set(key, world);
  }
  return [...byKey.values()];
}

function keyOf(world: World): string {
  const pending = [...world.pending].sort((a, b) => a - b).join();
  const mapping = [...world.mapping]
    .map(([s, v]) => `${s}:${v}`)
    .sort()
    .join();
  const flights = world.flights
    .map((f) => `${f.source}:${f.low}:${f.high}:${f.held ?? ''}:${f.needs ?? ''}`)
    .sort()
    .join();
  const sent = [...world.sent]
    .filter(([, count]) => count.high > 0)
    .map(([v, count]) => `${v}:${count.low}:${count.high}`)
    .sort()
    .join();
  return `${pending}|${mapping}|${flights}|${sent}|${world.line}`;
}

/** Takes the worlds without a warning where there are any. */
export function withFewestWarnings(worlds: World[]): World[] {
  const fewest = Math.min(...worlds.map((world) => world.warnings.length));
  return worlds.filter((world) => world.warnings.length === fewest);
}
