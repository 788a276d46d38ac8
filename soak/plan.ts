/** Which run of the soak is on which device: layouts and conformant variants in turn. */
import { variants } from '../reference-device/index.ts';

export const LAYOUTS = ['native', 'msix'] as const;
/** Every how many runs one is done twice. */
export const TWICE_EVERY = 10;

/** From one device to the next one, so that a short soak has devices of all kinds; has no divisor with their number. */
const STRIDE = 17;

export interface Item {
  /** From 1; the seed as well. */
  run: number;
  layout: (typeof LAYOUTS)[number];
  /** Absent for the reference device as it is. */
  variant?: string;
  /** Done twice, and compared byte for byte. */
  twice: boolean;
}

/** The run with this number, from 1. */
export function itemOf(run: number): Item {
  const index = run - 1;
  const layout = LAYOUTS[index % LAYOUTS.length] as Item['layout'];
  const devices = [undefined, ...variants.map(({ id }) => id)];
  const variant = devices[(Math.floor(index / LAYOUTS.length) * STRIDE) % devices.length];
  return { run, layout, ...(variant === undefined ? {} : { variant }), twice: index % TWICE_EVERY === 0 };
}

/** The command that does the run alone. */
export function commandOf({ run, layout, variant, twice }: Item): string {
  const target = variant === undefined ? 'reference' : `reference:variant=${variant}`;
  const words = ['npx conformance', '--target', target, '--layout', layout, '--seed', String(run)];
  return [...words, ...(twice ? ['--verify-determinism'] : [])].join(' ');
}
