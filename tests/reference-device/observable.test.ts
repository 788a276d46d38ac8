import { describe, expect, it } from 'vitest';
import { faults } from '../../reference-device/index.ts';
import { walk } from './walk.ts';

const SEEDS = 3000;
const STEPS = 60;

const healthy = new Map<string, string[]>();

/** The walk of the device without the fault. */
function expected(variant: string | undefined, seed: number): string[] {
  const key = `${variant} ${seed}`;
  const known = healthy.get(key) ?? walk(variant === undefined ? {} : { variant }, seed, STEPS);
  healthy.set(key, known);
  return known;
}

function shows(fault: string, variant: string | undefined): number | undefined {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const seen = walk({ fault }, seed, STEPS);
    const usual = expected(variant, seed);
    if (seen.length !== usual.length || seen.some((line, i) => line !== usual[i])) return seed;
  }
  return undefined;
}

describe('each fault can be seen', () => {
  for (const fault of faults) {
    it(fault.id, () => {
      expect(shows(fault.id, fault.variant), `${SEEDS} walks of ${STEPS} steps show no difference`).toBeDefined();
    });
  }
});

it('a walk of a healthy device goes to its end', () => {
  for (let seed = 1; seed <= 5; seed++) expect(walk({}, seed, STEPS).at(-1)).not.toMatch(/threw/);
});
