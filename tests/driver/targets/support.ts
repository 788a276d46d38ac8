import { fileURLToPath } from 'node:url';
import type { Task, TaskResult } from '../../../harness/driver/api.ts';
import { type Bounds, WatchedBus } from '../../../harness/driver/bus.ts';
import type { LogEntry } from '../../../harness/driver/log.ts';
import type { DriverTarget, Ending, LiveDriver } from '../../../harness/driver/target.ts';
import { type DriverOpenOptions, openDriver } from '../../../harness/driver/targets/open.ts';
import { Device } from '../../../reference-device/device.ts';
import { Ram } from '../../../reference-device/memory.ts';
import { defaults } from '../../../reference-device/settings.ts';
import { loadLayout } from '../../../spec/load.ts';

export const layout = loadLayout('native');
export const repository = fileURLToPath(new URL('../../../', import.meta.url));
export const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

const opened: DriverTarget[] = [];

export async function open(specification: string, options: Partial<DriverOpenOptions> = {}): Promise<LiveDriver> {
  const driver = await openDriver(specification, { layout, cwd: repository, timeout: 20_000, ...options });
  opened.push(driver);
  if (driver.kind === 'trace') throw new Error('a recorded driver');
  return driver;
}

export async function closeAll(): Promise<void> {
  for (const driver of opened.splice(0)) if (driver.kind !== 'trace') await driver.close();
}

/** The scripted driver as a target; see the fixture for its steps. */
export function scripted(...steps: string[]): string {
  const words = [process.execPath, fixture('scripted-driver.mjs'), ...steps];
  return `exec:${words.map((word) => `'${word}'`).join(' ')}`;
}

export interface Met {
  ending: Ending;
  results: TaskResult[];
  log: LogEntry[];
}

/** The driver meets a device without surprises, and is asked for these tasks. */
export async function meet(driver: LiveDriver, tasks: readonly Task[], most?: Bounds): Promise<Met> {
  const log: LogEntry[] = [];
  const results: TaskResult[] = [];
  const left = [...tasks];
  const bus = new WatchedBus(new Device(layout, defaults, new Ram()), (entry) => log.push(entry), {}, most);
  const ending = await driver.meet({
    bus,
    next(result) {
      if (result) results.push(result);
      return left.shift();
    },
  });
  return { ending, results, log };
}

/** How it ended, where it did not end well. */
export async function failureOf(driver: LiveDriver, tasks: readonly Task[]): Promise<Ending & { how: 'failed' }> {
  const { ending } = await meet(driver, tasks);
  if (ending.how === 'ended') throw new Error('it ended well');
  return ending;
}

export const start: Task = { do: 'start' };
export const transfer = (count: number): Task => ({ do: 'transfer', count });
