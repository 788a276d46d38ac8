import { accessFaults } from './access.ts';
import { bufferFaults } from './buffers.ts';
import type { Fault } from './fault.ts';
import { identificationFaults } from './identification.ts';
import { initialisationFaults } from './initialisation.ts';
import { lineFaults } from './line.ts';
import { maskFaults } from './masks.ts';
import { messageFaults } from './messages.ts';
import { queueFaults } from './queues.ts';
import { vectorFaults } from './vectors.ts';

/** Every deliberate defect of the reference driver, from finding a device to its messages. */
export const faults: readonly Fault[] = [
  ...identificationFaults,
  ...initialisationFaults,
  ...accessFaults,
  ...queueFaults,
  ...lineFaults,
  ...vectorFaults,
  ...maskFaults,
  ...messageFaults,
  ...bufferFaults,
];
