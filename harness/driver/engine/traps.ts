/**
 * How many of a driver's accesses trap: those to registers and to pages that the layout says trap. Accesses to pages that
 * a VMM can map for the guest do not.
 */
import type { TrapCount } from '../../../reports/report.ts';
import type { LogEntry } from '../log.ts';
import type { DeviceView } from '../monitor/view.ts';

export type Traps = {
  /** From the first access, or the reset, to DRIVER_OK. */
  setUp: TrapCount;
  /** Tasks that mask or unmask the vectors in use. */
  mask: TrapCount;
  /** Tasks that give the vectors in use other targets. */
  retarget: TrapCount;
  /**
   * What it takes to be told: from an interrupt until the driver waits again or its task is done, accesses to
   * InterruptStatus and InterruptACK, to masks and to pending bits. A guest that is not asked for tasks does not show
   * when it is done with an interrupt, so only the first two count there.
   */
  interrupt: TrapCount;
  all: TrapCount;
};

const zero = (): TrapCount => ({ times: 0, accesses: 0, traps: 0 });

/** @param view knows where the tables are, as at the end of the log */
export function trapsOf(log: readonly LogEntry[], view: DeviceView): Traps {
  const traps: Traps = { setUp: zero(), mask: zero(), retarget: zero(), interrupt: zero(), all: zero() };
  const { layout } = view;
  const driverOk = layout.bit('Status', 'DRIVER_OK');
  const isAsked = log.some(({ kind }) => kind === 'task');
  let task: string | undefined;
  let settingUp = true;
  let handling = false;
  // A set-up counts once DRIVER_OK ends it; what follows the reset of a driver that stops is none.
  let unfinished = zero();
  for (const entry of log) {
    if (entry.kind === 'task') {
      task = entry.task.do;
      if (task === 'retarget') traps.retarget.times++;
      if (task === 'mask' || task === 'unmask') traps.mask.times++;
    }
    if (entry.kind === 'interrupt') {
      handling = entry.interrupt.kind === 'message' || entry.interrupt.level === 1;
      if (handling) traps.interrupt.times++;
    }
    if (entry.kind === 'result' && settingUp) unfinished = zero();
    if (entry.kind === 'idle' || entry.kind === 'task' || entry.kind === 'result') handling = false;
    if (entry.kind !== 'read' && entry.kind !== 'write') continue;
    const register = view.register(entry)?.name;
    const add = (count: TrapCount) => {
      count.accesses++;
      if (doesTrap(entry.offset, view)) count.traps++;
    };
    add(traps.all);
    if (register === 'Status' && entry.kind === 'write' && Number(entry.value) === 0) settingUp = true;
    if (settingUp) add(unfinished);
    else if (task === 'retarget') add(traps.retarget);
    else if (task === 'mask' || task === 'unmask') add(traps.mask);
    else if (handling && tells(entry.offset, register, view, isAsked)) add(traps.interrupt);
    const isDone = register === 'Status' && entry.kind === 'write' && (Number(entry.value) & driverOk) !== 0;
    if (!settingUp || !isDone) continue;
    settingUp = false;
    traps.setUp.times++;
    traps.setUp.accesses += unfinished.accesses;
    traps.setUp.traps += unfinished.traps;
    unfinished = zero();
  }
  traps.all.times = 1;
  return traps;
}

/** Whether an access is a part of taking an interrupt, whatever the driver does about it. */
function tells(offset: number, register: string | undefined, view: DeviceView, isAsked: boolean): boolean {
  if (register === 'InterruptStatus' || register === 'InterruptACK') return true;
  const { kind } = view.spot(offset);
  return isAsked && (kind === 'bits' || kind === 'entry');
}

/** Whether an access at this offset reaches the device. */
function doesTrap(offset: number, view: DeviceView): boolean {
  const spot = view.spot(offset);
  if (spot.kind === 'entry' || spot.kind === 'bits') return view.layout.table(spot.table).page === 'trap';
  return !(spot.kind === 'undefined' && spot.direct);
}
