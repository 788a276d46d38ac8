import type { ReferenceDriver } from '../driver.ts';

/** A deliberate defect of the reference driver. */
export interface Fault {
  id: string;
  /** The most specific clause that it breaks. */
  clause: string;
  /** One line: what the driver does wrong. */
  summary: string;
  /** The variant it is shown on, where the default driver cannot show it. */
  variant?: string;
  /** The only mechanism of a layout that it is a defect of, where only one can have it. */
  mechanism?: string;
  /** True where it is one of how MSI is used. */
  needsMsi?: true;
  /** Changes a new driver. */
  apply(driver: ReferenceDriver): void;
}
