import { TargetConfigurationError } from '../../harness/target.ts';
import type { Device } from '../device.ts';
import { Msix } from '../msix.ts';
import { Native } from '../native.ts';
import { MsiTables } from '../tables.ts';
import { CONFIG, queueSource, type Vectors } from '../vectors.ts';
import { wrap } from './wrap.ts';

export { wrap } from './wrap.ts';
export { CONFIG, queueSource };

/** The device's native mechanism. @throws TargetConfigurationError where it has another one, or none */
export function native(device: Device): Native {
  if (device.msi instanceof Native) return device.msi;
  throw new TargetConfigurationError(
    "this fault is one of the native layout's mask table, which the device does not have",
    'choose a layout and a variant with a mask table, or another fault: `list --faults` shows all',
  );
}

/** The device's MSI-X. @throws TargetConfigurationError where it has another mechanism, or none */
export function msix(device: Device): Msix {
  if (device.msi instanceof Msix) return device.msi;
  throw new TargetConfigurationError(
    'this fault is one of MSI-X on MMIO, which the device does not have',
    'choose --layout msix and a variant with MSI, or another fault: `list --faults` shows all',
  );
}

/** The tables of a device, whatever its layout. @throws TargetConfigurationError where it has none */
export function tables(device: Device): MsiTables {
  if (device.msi instanceof MsiTables) return device.msi;
  throw new TargetConfigurationError(
    'this fault is one of the tables of MSI, which the device does not have',
    'choose a layout and a variant with MSI, or another fault: `list --faults` shows all',
  );
}

/** Every queue's source. */
export function queueSources(device: Device): number[] {
  return device.queues.map((q) => queueSource(q.index));
}

/** Every vector with a set bit in `word`, as vector numbers of dword `w`. */
export function vectorsOf(vectors: Vectors, w: number, word: number): number[] {
  const found: number[] = [];
  for (let bit = 0; bit < 32; bit++)
    if (w * 32 + bit < vectors.count && ((word >>> bit) & 1) === 1) found.push(w * 32 + bit);
  return found;
}

/** Calls `then` whenever a reset is complete. */
export function onReset(device: Device, then: () => void): void {
  wrap(device, 'reset', (original) => () => {
    original();
    then();
  });
}

/** Calls `then` whenever DRIVER_OK comes to be set. */
export function onDriverOk(device: Device, then: () => void): void {
  wrap(device, 'driverOk', (original) => () => {
    original();
    then();
  });
}

/** Counts resets of a device that was in use; 0 in its first life. */
export function lives(device: Device): () => number {
  let count = 0;
  let used = false;
  onDriverOk(device, () => {
    used = true;
  });
  onReset(device, () => {
    if (used) count++;
    used = false;
  });
  return () => count;
}
