/** A driver meets the reference device: tasks in a row, all that was seen, and what the monitor says of it. */
import type { Driver, DriverModule, Task, TaskResult } from '../../harness/driver/api.ts';
import { type Meddling, WatchedBus } from '../../harness/driver/bus.ts';
import { profileOf } from '../../harness/driver/device-profile.ts';
import type { LogEntry } from '../../harness/driver/log.ts';
import { Monitor } from '../../harness/driver/monitor/monitor.ts';
import { Device } from '../../reference-device/device.ts';
import { Ram } from '../../reference-device/memory.ts';
import { defaults, type Settings } from '../../reference-device/settings.ts';
import type { Layout } from '../../spec/layout.ts';
import { loadLayout } from '../../spec/load.ts';

export const native = loadLayout('native');
export const msix = loadLayout('msix');
export const layouts: readonly Layout[] = [native, msix];

export interface Scene {
  device: Device;
  bus: WatchedBus;
  log: LogEntry[];
}

export interface MeetOptions {
  layout: Layout;
  settings?: Partial<Settings>;
  /** Changes the device before the driver meets it. */
  prepare?(device: Device): void;
  meddling?(scene: () => Scene): Meddling;
  /** Tasks in a row; a function does something to the device in between. */
  steps: readonly (Task | ((scene: Scene) => void))[];
}

export interface Met extends Scene {
  results: TaskResult[];
  /** Clauses that the monitor names, in order, none twice. */
  accused: string[];
  monitor: Monitor;
}

/** Does the steps, of whatever becomes of each of them. */
export function meet(module: DriverModule, options: MeetOptions): Met {
  const { layout, steps } = options;
  const device = new Device(layout, { ...defaults, ...options.settings }, new Ram());
  options.prepare?.(device);
  const log: LogEntry[] = [];
  const monitor = new Monitor(layout, {
    profile: profileOf(device),
    ...{ interrupts: true, used: true, widths: true, fromTheStart: true },
  });
  const take = (entry: LogEntry) => {
    log.push(entry);
    monitor.take(entry);
  };
  const scene = { device, log } as unknown as Scene;
  scene.bus = new WatchedBus(
    device,
    take,
    options.meddling?.(() => scene),
  );
  const driver = module.create(scene.bus) as Driver;
  const results: TaskResult[] = [];
  for (const step of steps) {
    if (typeof step === 'function') step(scene);
    else {
      take({ kind: 'task', task: step });
      const result = perform(driver, step);
      take({ kind: 'result', task: step, result });
      results.push(result);
    }
  }
  monitor.end();
  const accused = [...new Set(monitor.violations.map(({ clause }) => clause))];
  return { ...scene, results, accused, monitor };
}

function perform(driver: Driver, task: Task): TaskResult {
  try {
    switch (task.do) {
      case 'start':
        return { outcome: 'done', interrupts: driver.start() as 'msi' };
      case 'transfer':
        return { outcome: 'done', count: driver.transfer?.(task.count) as number };
      case 'submit':
        driver.submit?.(task.count);
        return { outcome: 'done' };
      case 'collect':
        return { outcome: 'done', count: driver.collect?.() as number };
      case 'notice':
        return { outcome: 'done', count: driver.notice?.() as number };
      case 'configuration':
        return { outcome: 'done', bytes: driver.configuration?.() as Uint8Array };
      case 'restart-queue':
        driver.restartQueue?.();
        return { outcome: 'done' };
      default:
        driver[task.do]?.();
        return { outcome: 'done' };
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.name === 'GaveUp') return { outcome: 'gave-up', why: error.message };
    if (error.name === 'Stuck') return { outcome: 'stuck', why: error.message };
    throw error;
  }
}

const start: Task = { do: 'start' };
const transfer = (count: number): Task => ({ do: 'transfer', count });
const change = ({ bus, device }: Scene) => {
  device.raise({ source: 'config' });
  bus.settle();
};

/** What a driver goes through in its life: every task, some of them twice and in between others. */
export const wholeLife: MeetOptions['steps'] = [
  start,
  transfer(1),
  transfer(7),
  { do: 'configuration' },
  change,
  { do: 'notice' },
  { do: 'retarget' },
  transfer(5),
  { do: 'mask' },
  { do: 'submit', count: 3 },
  { do: 'retarget' },
  { do: 'unmask' },
  { do: 'collect' },
  { do: 'mask' },
  transfer(2),
  { do: 'unmask' },
  { do: 'restart-queue' },
  transfer(40),
  { do: 'submit', count: 2 },
  { do: 'restart-queue' },
  { do: 'collect' },
  change,
  change,
  { do: 'notice' },
  ({ bus, device }: Scene) => {
    device.raise({ source: 'needs-reset' });
    bus.settle();
  },
  { do: 'notice' },
  transfer(3),
  { do: 'stop' },
  start,
  transfer(4),
  { do: 'stop' },
];
