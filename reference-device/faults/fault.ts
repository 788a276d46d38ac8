import type { Device } from '../device.ts';

/** A deliberate defect of the reference device. */
export interface Fault {
  id: string;
  /** The most specific clause that it breaks. */
  clause: string;
  /** One line: what the device does wrong. */
  summary: string;
  /** True where it takes four or more specific steps after set-up to show. */
  deep: boolean;
  /** The variant it is shown on, where the default device cannot show it. */
  variant?: string;
  /** True where the clause is one of the base transport and the defect is in how MSI works beside it. */
  needsMsi?: true;
  /** The only mechanism of a layout that it is a defect of, where only one can have it. */
  mechanism?: string;
  /** Changes a new device. */
  apply(device: Device): void;
}
