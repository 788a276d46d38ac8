import { describe, expect, it } from 'vitest';
import { variants } from '../../reference-device/index.ts';
import { loadLayout } from '../../spec/load.ts';
import { accused, trial } from './trial.ts';

describe.each(['native', 'msix'])('no conformant variant is accused, layout %s', (name) => {
  const layout = loadLayout(name);
  it.each(variants.map((variant) => [variant.id, variant] as const))('variant %s', async (_, variant) => {
    for (const seed of [1, 2]) {
      const report = await trial({ layout, variant: variant.id, seed });
      const { named, implied } = accused(report);
      const allowed = variant.warns ?? [];
      expect([...named, ...implied].filter((id) => !allowed.includes(id))).toEqual([]);
      expect(report.findings).toEqual([]);
    }
  });
});
