import { describe, expect, it } from 'vitest';
import { createDriver, driverFaultsOf, faults } from '../../reference-driver/index.ts';
import { layouts, type Met, meet, msix, native } from './meet.ts';
import { type Stage, stages } from './stages.ts';

/** Clauses that no access breaks by itself: what shows is that the driver does not do its work. */
const BY_WORK = ['DRV-WORK', 'DRV-QUEUES', 'DRV-SPURIOUS', 'DRV-NEEDSRESET', 'DRV-FALLBACK'];
/** Faults of other clauses that show in the same way: the driver gives up, or believes what is not so. */
const BY_OUTCOME = [
  'config-generation-not-compared',
  ...['undefined-status-fatal', 'undefined-status-hides', 'ack-swallows', 'line-either-or'],
  ...['one-vector-refused', 'refusal-ignored', 'config-refusal-ignored'],
];
const outcomes = ({ results }: Met) =>
  JSON.stringify(results, (key, value: unknown) => (key === 'why' ? undefined : value));

describe.each(layouts.map((layout) => [layout.name, layout] as const))(
  'a fault of the driver of %s',
  (_name, layout) => {
    const good = new Map<string, Met>();
    const goodMet = (stage: Stage, variant: string | undefined): Met => {
      const key = `${stage.name} ${variant}`;
      const met =
        good.get(key) ?? meet(createDriver(layout, variant === undefined ? {} : { variant }), { layout, ...stage });
      good.set(key, met);
      return met;
    };

    it.each(driverFaultsOf(layout).map((fault) => [fault.id, fault] as const))('%s shows', (id, fault) => {
      const bad = (stage: Stage) => meet(createDriver(layout, { fault: id }), { layout, ...stage });
      const shows = (stage: Stage): boolean => {
        if (BY_WORK.includes(fault.clause) || BY_OUTCOME.includes(id))
          return outcomes(bad(stage)) !== outcomes(goodMet(stage, fault.variant));
        return bad(stage).accused.includes(fault.clause);
      };
      expect(stages.some(shows)).toBe(true);
    });
  },
);

it('breaks every driver clause at least once', () => {
  for (const layout of layouts) {
    const clauses = layout.data.clauses.filter(({ binds }) => binds === 'driver').map(({ id }) => id);
    const broken = new Set(driverFaultsOf(layout).map(({ clause }) => layout.clauseFor(clause)));
    expect(clauses.filter((id) => !broken.has(id))).toEqual([]);
  }
});

it('names each fault once', () => {
  expect(new Set(faults.map(({ id }) => id)).size).toBe(faults.length);
});

it('says what is wrong with a fault or a variant that cannot be', () => {
  expect(() => createDriver(native, { fault: 'magic-uncheckd' })).toThrow("has no fault 'magic-uncheckd'");
  expect(() => createDriver(native, { variant: 'pollin' })).toThrow("has no variant 'pollin'");
  expect(() => createDriver(native, { fault: 'function-mask-left' })).toThrow('is one of layouts with vector-control');
  expect(() => createDriver(msix, { fault: 'masks-zeroed' })).toThrow('is one of layouts with mask-table');
});
