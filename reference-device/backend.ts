import type { Memory } from './memory.ts';
import type { Chain } from './virtqueue.ts';

/** What a device type does with its buffers, and its configuration space. */
export interface Backend {
  /** DeviceID. */
  readonly id: number;
  /** Feature bits of the type that it offers. */
  readonly features: readonly number[];
  /** The configuration space; empty where the type has none. */
  readonly config: Uint8Array;
  /** Completes a request. Returns the bytes it wrote. @throws BrokenQueue where the request is none. */
  handle(chain: Chain, ram: Memory): number;
  /** Changes the configuration. Returns whether there is any. */
  change(): boolean;
}
