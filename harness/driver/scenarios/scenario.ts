/**
 * A device for a driver to meet, and what the driver is asked to do with it. Each names the clause that obliges a driver
 * to cope with such a device: it is the one that is named where the driver does not do its work here.
 */
import type { Device } from '../../../reference-device/device.ts';
import type { Settings } from '../../../reference-device/settings.ts';
import type { Task, TaskName } from '../api.ts';
import type { Meddling, WatchedBus } from '../bus.ts';

/** The driver is asked to do something. */
export interface Ask {
  ask: Task;
  /** The clause that it breaks where it fails at it; else the scenario's. */
  blames?: string;
}

/** One step of a scenario. */
export type Act =
  | Ask
  /** The device does something of itself. */
  | { device: 'config' | 'needs-reset' | 'spurious' | 'settle' };

/**
 * How it may end. `works`: everything that is asked for is done. `gives-up`: the driver must not use the device, and says
 * so. `either`: both are right. `leaves-alone`: there is no device here for the driver.
 */
export type Expectation = 'works' | 'gives-up' | 'either' | 'leaves-alone';

export interface Scenario {
  /** `area/name`. */
  id: string;
  title: string;
  /** The clause that is named where the driver does not do its work. */
  blames: string;
  /** Clauses of which it is the test: they are kept where the driver does what is asked for here. */
  tests?: string[];
  /** Tasks that it takes for that, beside starting; the others may be unsupported. Default: what gives and takes buffers. */
  shows?: TaskName[];
  /** The clause that is broken where the driver dies here, or hangs, and on no simpler device: one that says that it copes. */
  survives?: string;
  /**
   * Scenarios that ask less of a driver in the same respect: where it fails at one of them, failing here is a consequence.
   * That of a device without surprises need not be named.
   */
  after?: string[];
  /** Why a driver must cope with it, in a few words. */
  because: string;
  expects: Expectation;
  /** The device offers MSI, whether the driver uses it or not. */
  needs?: 'msi';
  /** What is not as it is by default. */
  device?: Partial<Settings>;
  /** Changes the device where settings are not enough. */
  prepare?(device: Device): void;
  /** What happens at the driver's accesses. */
  meddle?(device: Device, bus: () => WatchedBus, asked: () => Task | undefined): Meddling;
  script: Act[];
}

/** The same for each access of a task: the scenario for the `at`-th, until a task has no such access. */
export interface Family {
  id: string;
  title: string;
  make(at: number): { scenario: Scenario; reached(): boolean };
}

/**
 * A device that asks no more of a driver than it must: one queue, one notification for what it used in one go. What a
 * driver has to make of several queues, and of one message too many, some scenarios are about, and no others.
 */
export const KIND: Partial<Settings> = { queues: 1, notifications: 'batch' };

const ask = (task: Task, blames?: string): Ask => ({ ask: task, ...(blames === undefined ? {} : { blames }) });

/** What most scenarios ask for. */
export const WORK: Act[] = [ask({ do: 'start' }), ask({ do: 'transfer', count: 6 }), ask({ do: 'stop' })];

/** A scenario of a device that is kind but for what is said of it. */
export const unlike = (one: Omit<Scenario, 'expects' | 'script'> & Partial<Scenario>): Scenario => ({
  expects: 'works',
  script: WORK,
  ...one,
  device: { ...KIND, ...one.device },
});

/** A scenario of a device that offers MSI, with several queues. */
export const withMsi = (one: Omit<Scenario, 'expects' | 'script' | 'needs'> & Partial<Scenario>): Scenario => ({
  expects: 'works',
  needs: 'msi',
  script: WORK,
  ...one,
});

export { ask };
