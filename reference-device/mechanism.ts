import type { Layout, MsiBinding } from '../spec/layout.ts';
import type { Line } from './line.ts';
import type { Area, Ports } from './port.ts';
import type { Settings } from './settings.ts';
import type { Vectors } from './vectors.ts';

/** How a layout's registers and tables reach the vectors. One implementation for each mechanism of the layouts. */
export interface Mechanism {
  /** The registers that it adds, by name. */
  readonly ports: Ports;
  /** Its tables. */
  readonly areas: readonly Area[];
  /** Behind the last byte that it uses. */
  readonly end: number;
  /** Whether events become messages now; otherwise they go to the line. */
  active(): boolean;
  /** Whether InterruptStatus and InterruptACK work on what was set before while events become messages. */
  readonly keepsStatus: boolean;
  /** The driver's features stand; `on` where this mechanism's is among them. */
  negotiate(on: boolean): void;
  /** Back to the state after a reset. */
  reset(): void;
}

export interface MechanismOptions {
  layout: Layout;
  msi: MsiBinding;
  settings: Settings;
  vectors: Vectors;
  line: Line;
  /** The first byte behind registers and configuration space. */
  firstFree: number;
  /** The queue in QueueSel, if it exists. */
  selectedQueue(): number | undefined;
}
