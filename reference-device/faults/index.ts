import { deliveryFaults } from './delivery.ts';
import { entryFaults } from './entries.ts';
import type { Fault } from './fault.ts';
import { headerFaults } from './header.ts';
import { historyFaults } from './histories.ts';
import { identityFaults } from './identity.ts';
import { lineFaults } from './line.ts';
import { mappingFaults } from './mapping.ts';
import { maskFaults } from './masks.ts';
import { msixFaults } from './msix.ts';
import { pendingFaults } from './pending.ts';
import { queueFaults } from './queues.ts';
import { robustnessFaults } from './robustness.ts';
import { statusFaults } from './status.ts';

/** Every deliberate defect, from the base transport to delivery. */
export const faults: readonly Fault[] = [
  ...identityFaults,
  ...statusFaults,
  ...queueFaults,
  ...lineFaults,
  ...robustnessFaults,
  ...headerFaults,
  ...entryFaults,
  ...maskFaults,
  ...pendingFaults,
  ...mappingFaults,
  ...deliveryFaults,
  ...historyFaults,
  ...msixFaults,
];
