/** Every derived check of a device, in the order in which they run: what others lean on comes first. */
import type { Check } from '../check.ts';
import { fallback, line } from './line.ts';
import { robustness } from './robustness.ts';
import { entries, fresh, header, masks } from './tables.ts';
import {
  configuration,
  features,
  identification,
  queueReset,
  queues,
  sharedMemory,
  statusChecks,
} from './transport.ts';
import { delivery, mapping, pending, reset } from './vectors.ts';

export const deviceChecks: readonly Check[] = [
  ...identification,
  ...fresh,
  ...features,
  ...header,
  ...masks,
  ...statusChecks,
  ...queues,
  ...queueReset,
  ...configuration,
  ...sharedMemory,
  ...line,
  ...fallback,
  ...entries,
  ...mapping,
  ...delivery,
  ...pending,
  ...reset,
  // Last: these may take a device down.
  ...robustness,
];
