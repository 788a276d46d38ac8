/**
 * From an observation that no world allows to the clause that it violates: the most specific one that speaks of what
 * was done since the last settled observation.
 */
import type { Source } from '../program.ts';
import { type Content, contentKey } from './entries.ts';
import type { Cause } from './state.ts';
import type { VectorContext, VectorOracle } from './vectors.ts';
import { mapped, UNMAPPED, type World } from './worlds.ts';

/** Clauses of operations that must have no effect but their own. */
function quietCause(causes: readonly Cause[]): string | undefined {
  for (const cause of causes) {
    if (cause.kind === 'illegal') return cause.clause;
    if (cause.kind === 'write-header') return 'HDR-RO';
    if (cause.kind === 'write-pending') return 'PBA-RO';
    if (cause.kind === 'entry-reserved') return 'ENT-RSVD';
    if (cause.kind === 'map-absent') return 'MAP-ABSENT';
    if (cause.kind === 'acknowledge' && !has(causes, 'event')) return 'DLV-STATUS';
  }
  return undefined;
}

function has<K extends Cause['kind']>(causes: readonly Cause[], kind: K): (Cause & { kind: K }) | undefined {
  return causes.find((cause): cause is Cause & { kind: K } => cause.kind === kind);
}

/** Nothing but entries was written, and queues selected to look at: whatever happened beside that is theirs. */
function onlyEntries(causes: readonly Cause[]): boolean {
  return has(causes, 'entry') !== undefined && causes.every(({ kind }) => kind === 'entry' || kind === 'select');
}

/** A mask bit reads other than it must. */
export function blameMask(oracle: VectorOracle, context: VectorContext, vector: number, bit: number): string {
  const { causes } = context;
  if (vector >= context.vectors) return 'MSK-RSVD';
  if (!oracle.maskConfirmed.has(vector)) {
    // Never seen right in this life: what was done last has no part in it.
    const held = causes.some((cause) => cause.kind === 'switches' && cause.before.held !== cause.now.held);
    if (oracle.maskWritten.has(vector)) return held ? 'FMK-OWN' : 'MSK-RW';
    return context.usedBefore && bit === 0 ? 'RST-CLEAN' : 'MSK-RESET';
  }
  const quiet = quietCause(causes);
  if (quiet) return quiet;
  if (onlyEntries(causes)) return 'ENT-QUIET';
  const switched = switching(causes);
  if (switched) return switched.before.held === switched.now.held ? 'ENA-KEEP' : 'FMK-OWN';
  return 'MSK-RW';
}

/** The switches were written, and not as a part of set-up, which does too much at once. */
function switching(causes: readonly Cause[]): (Cause & { kind: 'switches' }) | undefined {
  return has(causes, 'initialise') ? undefined : has(causes, 'switches');
}

/** What keeps a vector from sending beside its own mask bit: the clause that says so. */
function heldBy({ switches, masks }: VectorOracle, vector: number): string {
  if (!switches.enabled) return 'ENA-OFF';
  return switches.held && masks[vector] !== 1 ? 'FMK-HOLD' : 'MSK-HOLD';
}

/** A message or a pending bit is missing, or one too many, after the switches of all vectors were written. */
function blameSwitch({ before, now }: Cause & { kind: 'switches' }, what: 'message' | 'lost' | 'pending'): string {
  const disables = before.enabled && !now.enabled;
  if (now.held && !disables && (what === 'pending' ? !before.held : now.enabled)) return 'FMK-HOLD';
  if (before.enabled !== now.enabled) return now.enabled && what !== 'pending' ? 'ENA-FIRE' : 'ENA-KEEP';
  if (!now.enabled) return 'ENA-KEEP';
  return now.held ? 'FMK-HOLD' : 'FMK-FIRE';
}

/** A pending bit reads other than it must. */
export function blamePending(oracle: VectorOracle, context: VectorContext, vector: number, bit: number): string {
  const { causes } = context;
  const quiet = quietCause(causes);
  if (quiet) return quiet;
  if (vector >= context.vectors) return 'PBA-RO';
  if (oracle.reserved.has(vector)) return 'ENT-RSVD';
  if (bit === 0 && oracle.acknowledged) return 'DLV-STATUS';
  if (bit === 0 && has(causes, 'needs-reset') && mappedTo(oracle, 'config') === vector) return 'STAT-NEEDS';
  if (bit === 1 && has(causes, 'needs-reset') && mappedTo(oracle, 'config') !== vector) return 'STAT-NEEDS';
  const event = has(causes, 'event');
  const switched = switching(causes);
  if (switched && causes.length === 1 + causes.filter((cause) => cause.kind === 'unmask').length) {
    if (bit === 0) return blameSwitch(switched, 'pending');
    const enables = !switched.before.enabled && switched.now.enabled;
    return enables && oracle.lineValues().some((bits) => bits !== 0) ? 'ENA-ONCE' : 'PBA-CLEAR';
  }
  const onlyMasks = causes.every(({ kind }) => kind === 'unmask' || kind === 'mask');
  if (bit === 0 && onlyMasks && has(causes, 'unmask')?.held) return oracle.switches.enabled ? 'FMK-HOLD' : 'ENA-KEEP';
  const raised = event ?? has(causes, 'needs-reset');
  if (bit === 1 && raised && !oracle.switches.enabled) return 'ENA-OFF';
  if (bit === 1) {
    const stray = causes.find(
      (cause) => cause.kind === 'event' && cause.effective && mappedTo(oracle, cause.source) === UNMAPPED,
    );
    if (stray?.kind === 'event') return blameUnmapped(oracle, stray.source, vector);
    if (event && !event.effective) return event.why === 'early' ? 'DLV-READY' : 'PBA-CLEAR';
    if (event && oracle.historyOf(event.source).earlier.has(vector)) return 'MAP-MOVE';
    const map = has(causes, 'map');
    if (map && oracle.historyOf(map.source).eventWhileOff && map.value === vector) return 'MAP-OFF';
    if (map && map.value === vector && map.from >= 0) return 'PBA-VECTOR';
    if (onlyEntries(causes)) return 'ENT-QUIET';
    const first = has(causes, 'initialise') ?? has(causes, 'reset');
    if (first && context.usedBefore) return 'RST-CLEAN';
    return 'PBA-CLEAR';
  }
  if (event && causes.length === 1 && !event.suppressed) {
    const { source } = event;
    if (mappedTo(oracle, source) === vector) {
      const history = oracle.historyOf(source);
      if (oracle.sharers(vector) > 1 || oracle.everShared.has(vector)) return 'MAP-SHARE';
      if ([...(oracle.pendingSources.get(vector) ?? [])].some((other) => other !== source)) return 'MAP-SHARE';
      if (history.earlier.size > 0) return 'MAP-MOVE';
      return oracle.switches.held && oracle.masks[vector] !== 1 ? 'FMK-HOLD' : 'PBA-SET';
    }
    return 'DLV-LOST';
  }
  const map = has(causes, 'map');
  if (map && map.from === vector && !oracle.othersPend(vector, map.source)) return 'PBA-VECTOR';
  if (onlyEntries(causes)) return 'ENT-QUIET';
  return 'DLV-LOST';
}

/** A vector register reads other than it must. */
export function blameMapping(oracle: VectorOracle, context: VectorContext, source: Source, observed: number): string {
  const { causes } = context;
  const quiet = quietCause(causes);
  if (quiet && oracle.mapConfirmed.has(source)) return quiet;
  const maps = causes.filter((cause) => cause.kind === 'map');
  const own = maps.findLast((cause) => cause.source === source);
  const last = maps.at(-1);
  const untouched = !oracle.mapTouched.has(source);
  if (untouched && context.usedBefore && oracle.oldMapping.get(source)?.has(observed)) return 'RST-CLEAN';
  if (switching(causes) && oracle.mapConfirmed.has(source)) return 'ENA-KEEP';
  // The mapping was made, and that its event did not come had it taken for refused.
  const readsBack = oracle.lastWritten.get(source) === observed && observed < context.vectors;
  if (!oracle.mapConfirmed.has(source) && readsBack) return 'DLV-LOST';
  // It read right, and something else was done since.
  const kept = own !== undefined && oracle.mapConfirmed.has(source) && own !== causes.at(-1);
  if (own && own === last && !kept) return own.value >= context.vectors ? 'MAP-RANGE' : 'MAP-BACK';
  const started = causes.findLast((cause) => cause.kind === 'driver-ok' || cause.kind === 'ready');
  const moved = started && last && oracle.mapConfirmed.has(source) && causes.indexOf(started) > causes.indexOf(last);
  if (moved && !(observed !== UNMAPPED && observed === last.value)) return 'MAP-KEEP';
  if (last && last.source !== source && (oracle.mapConfirmed.has(source) || observed === last.value))
    return 'MAP-QUEUE';
  if (untouched && oracle.mapConfirmed.has(source)) return oracle.mapTouched.size > 0 ? 'MAP-QUEUE' : 'MAP-KEEP';
  if (untouched) {
    if (oracle.mapTouched.size > 0 && observed !== UNMAPPED && someoneMapped(oracle, observed)) return 'MAP-QUEUE';
    return context.usedBefore ? 'RST-CLEAN' : 'MAP-RESET';
  }
  return 'MAP-KEEP';
}

function someoneMapped(oracle: VectorOracle, vector: number): boolean {
  return oracle.worlds.some((world) => [...world.mapping.values()].includes(vector));
}

/** A message that no vector may send now. */
export function blameUnknown(
  oracle: VectorOracle,
  context: VectorContext,
  content: Content,
  missing: number | undefined,
): string {
  const { causes, entries } = context;
  if (missing === undefined && oracle.oldMessages.has(contentKey(content))) return 'RST-QUIET';
  const owner = entries.staleOwner(content);
  if (owner !== undefined && (missing === undefined || owner === missing)) return 'ENT-FRESH';
  const quiet = quietCause(causes);
  if (quiet) return quiet;
  if (missing === undefined) return blameSpurious(causes);
  if (oracle.reserved.has(missing)) return 'ENT-RSVD';
  const own = entries.content(missing);
  const parts = ['address-low', 'address-high', 'data'] as const;
  if (own && parts.some((part) => own[part] === content[part])) return 'ENT-FRESH';
  const event = has(causes, 'event');
  if (event) return event.source === 'config' ? 'DLV-CONFIG' : 'DLV-USED';
  return has(causes, 'unmask') ? 'PBA-FIRE' : 'DLV-SPURIOUS';
}

function blameSpurious(causes: readonly Cause[]): string {
  if (has(causes, 'event')?.why === 'early') return 'DLV-READY';
  return onlyEntries(causes) ? 'ENT-QUIET' : 'DLV-SPURIOUS';
}

/** More messages of a vector than there may be. */
export function blameExtra(
  oracle: VectorOracle,
  context: VectorContext,
  vector: number,
  counts: ReadonlyMap<number, number>,
): string {
  const { causes } = context;
  const quiet = quietCause(causes);
  if (quiet) return quiet;
  if (oracle.reserved.has(vector)) return 'ENT-RSVD';
  const event = has(causes, 'event');
  const switched = switching(causes);
  if (switched && !event) return blameExtraOnSwitch(oracle, causes, switched, vector);
  if (has(causes, 'needs-reset') && mappedTo(oracle, 'config') !== vector) return 'STAT-NEEDS';
  if (event) return blameExtraOnEvent(oracle, event, vector, causes, counts);
  const before =
    oracle.pendingBefore.has(vector) && (has(causes, 'initialise') || has(causes, 'reset') || has(causes, 'unmask'));
  const unmask = causes.find((cause) => cause.kind === 'unmask' && cause.vector === vector);
  if (unmask?.kind === 'unmask' && unmask.held) return oracle.switches.enabled ? 'FMK-HOLD' : 'ENA-KEEP';
  if (unmask?.kind === 'unmask' && unmask.pending) return unmask.events > 1 ? 'PBA-MERGE' : 'PBA-FIRE';
  // Where unmasking sends whatever was before, the program shows that without the earlier life as well.
  if (before) return 'RST-QUIET';
  // Set-up does too much at once to say which of it sent the message.
  if (has(causes, 'initialise')) return 'DLV-SPURIOUS';
  if (unmask) {
    const off = [...oracle.history].some(
      ([source, history]) => history.eventWhileOff && mappedTo(oracle, source) === vector,
    );
    return off ? 'MAP-OFF' : 'PBA-NONE';
  }
  if (has(causes, 'unmask')) return oracle.isHeld(vector) ? heldBy(oracle, vector) : 'DLV-SPURIOUS';
  const map = has(causes, 'map');
  const held = oracle.masks[vector] === 1 && oracle.worlds.some((world) => world.pending.has(vector));
  if (map && held) return 'MSK-HOLD';
  if (map && oracle.historyOf(map.source).eventWhileOff && map.value === vector) return 'MAP-OFF';
  return blameSpurious(causes);
}

/** A message for which nothing but the switches of all vectors was written. */
function blameExtraOnSwitch(
  oracle: VectorOracle,
  causes: readonly Cause[],
  switched: Cause & { kind: 'switches' },
  vector: number,
): string {
  const { before, now } = switched;
  const enables = !before.enabled && now.enabled;
  // What InterruptStatus shows has come to the driver already.
  const onTheLine = oracle.lineValues().some((bits) => bits !== 0);
  const pending = causes.some((cause) => cause.kind === 'unmask' && cause.vector === vector && cause.pending);
  if (enables && onTheLine && !pending) return 'ENA-ONCE';
  return blameSwitch(switched, 'message');
}

/** An event that is mapped to nothing, as far as is known, reached a vector. */
function blameUnmapped(oracle: VectorOracle, source: Source, vector: number): string {
  const history = oracle.historyOf(source);
  if (!oracle.mapConfirmed.has(source) && history.earlier.has(vector)) return 'MAP-MOVE';
  return history.refused ? 'MAP-BACK' : 'MAP-OFF';
}

function blameExtraOnEvent(
  oracle: VectorOracle,
  event: Cause & { kind: 'event' },
  vector: number,
  causes: readonly Cause[],
  counts: ReadonlyMap<number, number>,
): string {
  if (causes.length > 1) return 'DLV-SPURIOUS';
  if (!event.effective) {
    if (event.why === 'early') return 'DLV-READY';
    if (event.why === 'queue-reset') return 'QRST-QUIET';
    return 'DLV-SPURIOUS';
  }
  if (!oracle.switches.enabled) return 'ENA-OFF';
  const to = mappedTo(oracle, event.source);
  if (to === UNMAPPED) return blameUnmapped(oracle, event.source, vector);
  if (to === vector) {
    if (oracle.isHeld(vector)) return heldBy(oracle, vector);
    return event.source === 'config' ? 'DLV-CONFIG' : 'DLV-USED';
  }
  if (oracle.historyOf(event.source).earlier.has(vector)) return 'MAP-MOVE';
  // The event's own message did not come: this is it, with the content of another entry.
  if (!oracle.isHeld(to) && !counts.get(to)) return event.source === 'config' ? 'DLV-CONFIG' : 'DLV-USED';
  return oracle.isHeld(vector) ? heldBy(oracle, vector) : 'DLV-SPURIOUS';
}

/** Fewer messages of a vector than there must be. */
export function blameMissing(
  oracle: VectorOracle,
  context: VectorContext,
  vector: number,
  counts: ReadonlyMap<number, number>,
): string {
  const { causes } = context;
  const quiet = quietCause(causes);
  if (quiet) return quiet;
  if (has(causes, 'needs-reset')) return 'STAT-NEEDS';
  if (oracle.reserved.has(vector)) return 'ENT-RSVD';
  if (oracle.acknowledged) return 'DLV-STATUS';
  const event = has(causes, 'event');
  const switched = switching(causes);
  if (switched && !event) return blameSwitch(switched, 'lost');
  const unmask = causes.find((cause) => cause.kind === 'unmask' && cause.vector === vector && cause.pending);
  if (unmask && causes.every((cause) => cause.kind === 'unmask' || cause.kind === 'mask')) return 'PBA-FIRE';
  if (!event || causes.length > 1) return 'DLV-LOST';
  const history = oracle.historyOf(event.source);
  const elsewhere = [...counts].find(([other, count]) => other !== vector && count > 0)?.[0];
  if (elsewhere !== undefined && history.earlier.has(elsewhere)) return 'MAP-MOVE';
  if (oracle.restarted.has(event.source)) return 'DLV-LOST';
  if (oracle.besideOthers(vector) || oracle.touched.has(vector)) return 'DLV-LOST';
  if (oracle.sharers(vector) > 1 || oracle.everShared.has(vector)) return 'MAP-SHARE';
  if (history.earlier.size > 0) return 'MAP-MOVE';
  // It worked before, and something else was done since: lost on the way, and not by itself.
  if (!history.undisturbed && (history.delivered || !oracle.simple())) return 'DLV-LOST';
  return event.source === 'config' ? 'DLV-CONFIG' : 'DLV-USED';
}

function mappedTo(oracle: VectorOracle, source: Source): number {
  return mapped(oracle.worlds[0] as World, source);
}
