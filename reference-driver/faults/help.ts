import { wrap } from '../../reference-device/faults/wrap.ts';
import type { ReferenceDriver } from '../driver.ts';
import type { MsiInterrupts } from '../msi-interrupts.ts';
import { MsixVectors } from '../msix.ts';
import { NativeVectors } from '../native.ts';
import type { SplitQueue } from '../split-queue.ts';
import type { Vectors } from '../vectors.ts';

export { wrap };

/** How the driver has messages. @throws Error where its layout has none, which the catalogue rules out */
export function msi(driver: ReferenceDriver): MsiInterrupts {
  if (!driver.msi) throw new Error(`layout '${driver.layout.name}' has no MSI`);
  return driver.msi;
}

export function vectors(driver: ReferenceDriver): Vectors {
  return msi(driver).vectors;
}

/** @throws Error where the layout has another mechanism, which the catalogue rules out */
export function native(driver: ReferenceDriver): NativeVectors {
  const found = vectors(driver);
  if (found instanceof NativeVectors) return found;
  throw new Error(`layout '${driver.layout.name}' has no mask table`);
}

/** @throws Error where the layout has another mechanism, which the catalogue rules out */
export function msix(driver: ReferenceDriver): MsixVectors {
  const found = vectors(driver);
  if (found instanceof MsixVectors) return found;
  throw new Error(`layout '${driver.layout.name}' is not MSI-X on MMIO`);
}

/** The place of a register, in bytes from the device's base. */
export function offset(driver: ReferenceDriver, register: string): number {
  return driver.layout.register(register).offset;
}

/** Changes each queue that the driver makes. */
export function eachQueue(driver: ReferenceDriver, change: (queue: SplitQueue) => void): void {
  wrap(driver, 'makeQueue', (original) => (index, size) => {
    const queue = original(index, size);
    change(queue);
    return queue;
  });
}

/** Does something before FEATURES_OK is set. */
export function beforeFeaturesOk(driver: ReferenceDriver, act: () => void): void {
  wrap(driver.transport, 'addStatus', (original) => (flag) => {
    if (flag === 'FEATURES_OK') act();
    original(flag);
  });
}
