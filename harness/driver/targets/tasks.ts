/** A driver in this process does the tasks of a meeting. */
import { BusError, type Driver, type DriverModule, GaveUp, Stuck, type Task, type TaskResult } from '../api.ts';
import { Endless } from '../bus.ts';
import type { Ending, Meeting } from '../target.ts';
import { Hung, Patience } from './patience.ts';

export interface InProcessOptions {
  /** Where in the user's module an error was thrown, as `FILE:LINE:COLUMN`, for messages. */
  placeOf?: (error: Error) => string | undefined;
  /** Milliseconds in which a driver that awaits something must ask for something; absent: it never awaits. */
  timeout?: number;
}

/** A new driver of the module meets the device. Never rejects for what the driver does. */
export async function meetInProcess(
  module: DriverModule,
  meeting: Meeting,
  { placeOf = () => undefined, timeout }: InProcessOptions = {},
): Promise<Ending> {
  const patience = new Patience(meeting.bus, timeout);
  let doing = 'create';
  try {
    const driver = await patience.with(module.create(patience.bus));
    let result: TaskResult | undefined;
    for (let task = meeting.next(undefined); task; task = meeting.next(result)) {
      doing = task.do;
      result = await patience.with(perform(driver, task));
    }
    return { how: 'ended' };
  } catch (error) {
    if (error instanceof Hung) {
      const message = `the driver asked for nothing for ${timeout} ms, and ${doing} is not done`;
      return {
        how: 'failed',
        reason: 'hung',
        message,
        hint: 'does it await what never comes? --timeout allows it more',
      };
    }
    return failure(error, doing, placeOf);
  }
}

function failure(error: unknown, doing: string, placeOf: (error: Error) => string | undefined): Ending {
  const place = error instanceof Error ? placeOf(error) : undefined;
  const at = place === undefined ? '' : `, at ${place}`;
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const hint =
    error instanceof BusError
      ? 'the driver asked its bus for what cannot be'
      : 'a device is given up by throwing GaveUp, a wait in vain by throwing Stuck';
  if (error instanceof WrongResult) return { how: 'failed', reason: 'answer', message: error.message };
  return { how: 'failed', reason: 'threw', message: `the driver threw in ${doing}${at}: ${what}`, hint };
}

/** A method returned what its task does not give. */
class WrongResult extends Error {}

async function perform(driver: Driver, task: Task): Promise<TaskResult> {
  try {
    return await resultOf(driver, task);
  } catch (error) {
    // A module may have got its classes from another copy of this package.
    if (error instanceof Endless) return { outcome: 'stuck', why: error.message };
    if (error instanceof GaveUp || nameOf(error) === 'GaveUp') return { outcome: 'gave-up', why: messageOf(error) };
    if (error instanceof Stuck || nameOf(error) === 'Stuck') return stuck(error);
    throw error;
  }
}

function stuck(error: unknown): TaskResult {
  const { count } = error as { count?: unknown };
  return { outcome: 'stuck', why: messageOf(error), ...(typeof count === 'number' ? { count } : {}) };
}

async function resultOf(driver: Driver, task: Task): Promise<TaskResult> {
  const none: TaskResult = { outcome: 'unsupported' };
  const done: TaskResult = { outcome: 'done' };
  switch (task.do) {
    case 'start':
      return { outcome: 'done', interrupts: interruptsIn(await driver.start()) };
    case 'transfer':
      return driver.transfer ? counted(task, await driver.transfer(task.count)) : none;
    case 'collect':
      return driver.collect ? counted(task, await driver.collect()) : none;
    case 'notice':
      return driver.notice ? counted(task, await driver.notice()) : none;
    case 'configuration': {
      if (!driver.configuration) return none;
      const bytes = await driver.configuration();
      if (!(bytes instanceof Uint8Array))
        throw new WrongResult(`configuration returned ${shown(bytes)}, not its bytes`);
      return { outcome: 'done', bytes };
    }
    case 'submit':
      if (!driver.submit) return none;
      return submitted(await driver.submit(task.count));
    default: {
      const method = driver[METHODS[task.do]];
      if (!method) return none;
      await method.call(driver);
      return done;
    }
  }
}

const METHODS = {
  retarget: 'retarget',
  mask: 'mask',
  unmask: 'unmask',
  'restart-queue': 'restartQueue',
  stop: 'stop',
} as const;

function interruptsIn(value: unknown): 'msi' | 'line' | 'polling' {
  if (value === 'msi' || value === 'line' || value === 'polling') return value;
  throw new WrongResult(`start returned ${shown(value)}, not 'msi', 'line' or 'polling'`);
}

function counted(task: Task, count: unknown): TaskResult {
  if (Number.isSafeInteger(count) && (count as number) >= 0) return { outcome: 'done', count: count as number };
  throw new WrongResult(`${task.do} returned ${shown(count)}, not how many`);
}

/** A driver may say that it took fewer. */
function submitted(count: unknown): TaskResult {
  if (count === undefined) return { outcome: 'done' };
  return counted({ do: 'submit', count: 0 }, count);
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  return typeof value === 'string' ? `'${value}'` : String(value);
}

function nameOf(error: unknown): string | undefined {
  return error instanceof Error ? error.name : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
