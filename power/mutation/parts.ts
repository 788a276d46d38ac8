/** What is mutated, and with which tests. Which kinds of mutants are made is in `stryker.ts`. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export const PARTS = ['device', 'exhaustive', 'oracle'] as const;
export type Part = (typeof PARTS)[number];

export interface PartPlan {
  title: string;
  /** Relative to the project, in the order in which they are measured. */
  files: readonly string[];
  /** Cheap and strong ones first: the first that fails ends the trial of a mutant. */
  testFiles: readonly string[];
  /** Tests of these files that cost more than they find here: a part of their name. */
  without: readonly string[];
}

/** What the suite says, without any test of the part's own: a mutant that it finds counts as found by the suite. */
export const CONFORMS = 'power/mutation/tests/conforms.test.ts';

/** Settings and the descriptions of variants are data; a fault is a mutant already. */
const NOT_MUTATED = new Set(['settings.ts', 'variants.ts', 'backend.ts', 'mechanism.ts']);

function sources(folder: string): string[] {
  return readdirSync(`${ROOT}${folder}`)
    .filter((name) => name.endsWith('.ts') && !NOT_MUTATED.has(name))
    .map((name) => `${folder}/${name}`);
}

/** These before the others of their folder. */
function first(files: readonly string[], order: readonly string[]): string[] {
  const rank = (file: string) => {
    const at = order.findIndex((name) => file.endsWith(`/${name}`));
    return at < 0 ? order.length : at;
  };
  return [...files].sort((a, b) => rank(a) - rank(b));
}

export const PLANS: Readonly<Record<Part, PartPlan>> = {
  device: {
    title: 'the reference device',
    files: first(sources('reference-device'), [
      'vectors.ts',
      'tables.ts',
      'native.ts',
      'msix.ts',
      'virtqueue.ts',
      'line.ts',
      'transport.ts',
      'device.ts',
    ]),
    testFiles: [
      CONFORMS,
      'tests/reference-device/vectors.test.ts',
      'tests/reference-device/memory.test.ts',
      'tests/reference-device/virtqueue.test.ts',
      'tests/reference-device/registers.test.ts',
      'tests/reference-device/device.test.ts',
      'tests/reference-device/mechanisms.test.ts',
      'tests/reference-device/hooks.test.ts',
      'tests/reference-device/delivery.test.ts',
      'tests/reference-device/transport.test.ts',
      'tests/reference-device/variants.test.ts',
      'tests/reference-device/catalogue.test.ts',
    ],
    without: [],
  },
  exhaustive: {
    title: 'the comparison of the exhaustive tier',
    files: ['harness/engine/exhaustive/compare.ts', 'suites/device/model.ts'],
    testFiles: ['tests/exhaustive/model.test.ts', 'tests/exhaustive/compare.test.ts'],
    without: [],
  },
  oracle: {
    title: 'the oracle',
    files: first(sources('harness/oracle'), [
      'worlds.ts',
      'entries.ts',
      'vectors.ts',
      'transport.ts',
      'blame.ts',
      'oracle.ts',
    ]),
    testFiles: [
      'tests/oracle/worlds.test.ts',
      'tests/oracle/entries.test.ts',
      'tests/oracle/record.test.ts',
      'tests/oracle/blame-masks.test.ts',
      'tests/oracle/blame-mapping.test.ts',
      'tests/oracle/blame-extra.test.ts',
      'tests/oracle/blame-missing.test.ts',
      'tests/oracle/vectors-events.test.ts',
      'tests/oracle/vectors-mapping.test.ts',
      'tests/oracle/counterexamples.test.ts',
      'tests/oracle/switches.test.ts',
      CONFORMS,
    ],
    // What the number of vectors or the place of a table changes is the device's.
    without: [
      'accuses nobody without the fault',
      ...['1', '2', '31', '32', '64', '2048'].map(
        (count) => `generated programs accuse nobody > native, variant vectors-${count}`,
      ),
      'variant queue-size-odd',
      'variant tables-',
      'variant undefined-ones',
      'variant plain-ones',
      'variant addresses-aligned',
      'variant entries-garbage',
      'variant entries-kept',
    ],
  },
};

/** The part that a file belongs to. */
export function partOf(file: string): Part | undefined {
  return PARTS.find((part) => PLANS[part].files.includes(file));
}
