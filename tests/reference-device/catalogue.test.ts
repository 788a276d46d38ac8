import { describe, expect, it } from 'vitest';
import { TargetConfigurationError } from '../../harness/target.ts';
import { createReference, faults, faultsOf, variants } from '../../reference-device/index.ts';
import { Layout } from '../../spec/layout.ts';
import { loadLayout } from '../../spec/load.ts';
import { native } from './driver.ts';

const msix = loadLayout('msix');

const id = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

describe('faults', () => {
  it('are at least 150, each with an id of its own', () => {
    expect(faults.length).toBeGreaterThanOrEqual(150);
    expect(new Set(faults.map((f) => f.id)).size).toBe(faults.length);
    for (const fault of faults) expect(fault.id).toMatch(id);
  });

  it('break clauses that exist and bind the device', () => {
    for (const fault of faults) {
      const layout = fault.mechanism === 'vector-control' ? msix : native;
      expect(layout.clause(fault.clause).binds, fault.id).toBe('device');
    }
  });

  it('leave no clause out that binds the device', () => {
    for (const layout of [native, msix]) {
      const broken = new Set(faultsOf(layout).map((f) => layout.clauseFor(f.clause)));
      const left = layout.data.clauses.filter((c) => c.binds === 'device' && !broken.has(c.id));
      expect(left.map((c) => c.id)).toEqual([]);
    }
  });

  it('are shown on variants that exist, and say what they do in one line', () => {
    for (const fault of faults) {
      if (fault.variant !== undefined) expect(variants.map((v) => v.id)).toContain(fault.variant);
      expect(fault.summary, fault.id).toMatch(/^[^\n]{10,140}[^.\n]$/);
    }
  });

  it('are there for simple and for deep mistakes', () => {
    expect(faults.filter((f) => f.deep).length).toBeGreaterThanOrEqual(40);
    expect(faults.filter((f) => !f.deep).length).toBeGreaterThan(100);
  });
});

describe('variants', () => {
  it('are at least twenty, each with an id of its own and a reason', () => {
    expect(variants.length).toBeGreaterThanOrEqual(20);
    expect(new Set(variants.map((v) => v.id)).size).toBe(variants.length);
    for (const variant of variants) {
      expect(variant.id).toMatch(id);
      expect(variant.justification.length).toBeGreaterThan(15);
    }
  });

  it('name clauses and open points that exist', () => {
    const known = new Set([...native.data.clauses, ...native.data.open].map((c) => c.id));
    for (const { justification, warns = [] } of variants) {
      for (const [name] of justification.matchAll(/\b[A-Z]{2,5}-[A-Z0-9-]+\b/g)) {
        if (name !== 'MSI-X') expect(known).toContain(name);
      }
      for (const name of warns) expect(native.clause(name).level).toBe('SHOULD');
    }
  });
});

describe('createReference', () => {
  it('names what it is', () => {
    const name = (options: object) => createReference({ layout: native, ...options }).name;
    expect(name({})).toBe('reference device');
    expect(name({ variant: 'entropy' })).toBe('reference device, variant entropy');
    expect(name({ fault: 'mask-ignored' })).toBe('reference device, fault mask-ignored');
  });

  it('names near matches of an unknown id, and how to list them', () => {
    const refuse = (options: object) => {
      try {
        createReference({ layout: native, ...options });
      } catch (error) {
        expect(error).toBeInstanceOf(TargetConfigurationError);
        return `${(error as Error).message}; ${(error as TargetConfigurationError).hint}`;
      }
      return 'accepted';
    };
    expect(refuse({ fault: 'mask-ignore' })).toBe(
      `the reference device has no fault 'mask-ignore'; did you mean 'mask-ignored' or 'mask-ignored-for-config'? \`list --faults\` shows all ${faultsOf(native).length}`,
    );
    expect(refuse({ variant: 'zzz' })).toBe(
      `the reference device has no variant 'zzz'; \`list --variants\` shows all ${variants.length}`,
    );
  });

  it('refuses a fault that the layout has no clause for', () => {
    expect(() => createReference({ layout: loadLayout('virtio-mmio'), fault: 'mask-ignored' })).toThrow(
      /breaks MSK-HOLD, which layout 'virtio-mmio' does not have/,
    );
  });

  it("refuses a fault of another layout's way to the vectors", () => {
    const other = msix.msi?.mechanism;
    const fault = faults.find(({ mechanism }) => mechanism === other)!.id;
    expect(() => createReference({ layout: native, fault })).toThrow(
      `fault '${fault}' is one of layouts with ${other}, and 'native' has ${native.msi?.mechanism}`,
    );
    expect(() => createReference({ layout: loadLayout('virtio-mmio'), fault })).toThrow(/'virtio-mmio' has no MSI$/);
    expect(() => createReference({ layout: msix, fault })).not.toThrow();
  });

  it('refuses a fault of MSI on a device without', () => {
    const fault = faults.find(({ needsMsi, variant, clause }) => needsMsi && !variant && native.hasClause(clause))!.id;
    expect(() => createReference({ layout: native, fault, variant: 'plain' })).toThrow(
      `fault '${fault}' needs a device with MSI`,
    );
    expect(() => createReference({ layout: native, fault, variant: 'withheld' })).not.toThrow(
      /needs a device with MSI/,
    );
  });

  it('refuses a layout whose way to the vectors it does not know', () => {
    const data = structuredClone(native.data);
    Object.assign(data.msi ?? {}, { mechanism: 'commands' });
    expect(() => createReference({ layout: new Layout(data) })).toThrow(
      "layout 'native': the reference device does not know the mechanism 'commands'",
    );
  });

  it('knows which faults a layout can have', () => {
    const ids = (layout: typeof native) => faultsOf(layout).map(({ id }) => id);
    const own = faults.filter(({ mechanism }) => mechanism === msix.msi?.mechanism).map(({ id }) => id);
    expect(ids(msix)).toEqual(expect.arrayContaining(own));
    expect(ids(native).filter((one) => own.includes(one))).toEqual([]);
    expect(ids(native)).toContain('mask-ignored');
  });

  it('guesses at nothing where nothing is near', () => {
    const hintOf = (fault: string) => {
      try {
        createReference({ layout: native, fault });
      } catch (error) {
        return (error as TargetConfigurationError).hint;
      }
      return undefined;
    };
    expect(hintOf('zzzzzzzz')).toMatch(/^`list --faults` shows all \d+$/);
    expect(hintOf('mask-ignore')).toMatch(/^did you mean 'mask-ignored'/);
  });
});
