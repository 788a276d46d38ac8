import { describe, expect, it } from 'vitest';
import { variants } from '../../reference-device/index.ts';
import { commandOf, itemOf, LAYOUTS, TWICE_EVERY } from '../../soak/plan.ts';
import { flakeIn } from '../../soak/trial.ts';
import { clause, conformant, faulty, notConformant, otherwise } from '../reports/fixtures.ts';

describe('the soak', () => {
  it('has every variant in every layout before any of them again', () => {
    const all = (variants.length + 1) * LAYOUTS.length;
    const items = Array.from({ length: all }, (_, index) => itemOf(index + 1));
    expect(new Set(items.map(({ layout, variant }) => `${layout} ${variant}`)).size).toBe(all);
    expect(items.filter(({ twice }) => twice)).toHaveLength(Math.ceil(all / TWICE_EVERY));
    expect(itemOf(all + 1)).toMatchObject({ layout: 'native' });
    expect(itemOf(all + 1).variant).toBeUndefined();
  });

  it('calls a flake what is not conformant, what failed, and a warning that the variant does not declare', () => {
    expect(flakeIn(conformant, [])).toBeUndefined();
    expect(flakeIn(notConformant, [])).toMatch(/^not conformant: /);
    expect(flakeIn(otherwise, [])).toContain('not deterministic');
    expect(flakeIn({ ...conformant, findings: faulty.findings }, [])).toMatch(/^a target fault: /);
    const warning = { ...conformant, clauses: [clause('NTF-SUPPRESS', 'warn', { level: 'SHOULD' })] };
    expect(flakeIn(warning, [])).toBe('warnings: NTF-SUPPRESS');
    expect(flakeIn(warning, ['NTF-SUPPRESS'])).toBeUndefined();
  });

  it('gives the command of one run', () => {
    const item = { run: 7, layout: 'msix' as const, variant: 'eager', twice: true };
    expect(commandOf(item)).toBe(
      'npx conformance --target reference:variant=eager --layout msix --seed 7 --verify-determinism',
    );
  });
});
