/** Made-up runs and records: what the tool makes of them must not depend on what the suite finds today. */
import type { AgainstRecord } from '../../power/alternatives/record.ts';
import type { Said } from '../../power/trial.ts';

/** Three faults and a variant that exist, in two runs; what was said of them is made up. */
export function said(seed: number, change: Partial<Record<string, Partial<Said>>> = {}): Said[] {
  const one = (
    kind: Said['kind'],
    id: string,
    clause: string | undefined,
    operations: number,
    length: number,
  ): Said => ({
    layout: 'native',
    kind,
    id,
    seed,
    named: clause ? [clause] : [],
    implied: [],
    sightings: clause ? [{ clause, check: 'some/check', tier: 'derived', operations }] : [],
    lengths: clause ? { [clause]: length } : {},
    failures: [],
    ...change[id],
  });
  return [
    one('variant', 'entropy', undefined, 0, 0),
    one('fault', 'used-silent', 'DLV-USED', 100 * seed, 1),
    one('fault', 'lost-while-other-pending', 'DLV-LOST', 1000 * seed, 4),
    one('fault', 'unmask-drops-pending', 'PBA-FIRE', 10 * seed, 2 + seed),
  ];
}

export const scope = { seeds: [1, 2], layouts: ['native'], narrowed: true, partial: false };

export const against: AgainstRecord = {
  schema: 'virtio-mmio-msi-conformance/power-against/1',
  seeds: [1, 2],
  budget: { native: 1000 },
  faults: [
    {
      fault: 'one',
      layout: 'native',
      deep: false,
      msi: true,
      suite: [10, 20],
      commands: [100, 200],
      uniform: [300, 500],
    },
    {
      fault: 'two',
      layout: 'native',
      deep: true,
      msi: true,
      suite: [40, 40],
      commands: [null, 900],
      uniform: [null, null],
    },
    {
      fault: 'three',
      layout: 'native',
      deep: true,
      msi: false,
      suite: [50, null],
      commands: [7, 7],
      uniform: [600, null],
    },
  ],
};
