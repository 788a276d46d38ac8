import type { Layout } from '../spec/layout.ts';
import { MsixVectors } from './msix.ts';
import { NativeVectors } from './native.ts';
import type { Registers } from './registers.ts';
import type { Settings } from './settings.ts';
import type { Vectors } from './vectors.ts';

const mechanisms = { 'mask-table': NativeVectors, 'vector-control': MsixVectors };

/** The vectors by the layout's mechanism; undefined where the layout has no MSI, or the driver does not know its way. */
export function makeVectors(registers: Registers, layout: Layout, settings: Settings): Vectors | undefined {
  const { msi } = layout;
  const Way = msi && mechanisms[msi.mechanism as keyof typeof mechanisms];
  return msi && Way && new Way(registers, msi, settings);
}
