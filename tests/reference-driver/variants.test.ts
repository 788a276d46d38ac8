import { describe, expect, it } from 'vitest';
import type { Settings } from '../../reference-device/settings.ts';
import { variants as deviceVariants } from '../../reference-device/variants.ts';
import { createDriver, variants } from '../../reference-driver/index.ts';
import { layouts, type Met, meet, wholeLife } from './meet.ts';
import { stages } from './stages.ts';

/** Devices whose queues a driver can use: the others have no guest memory. */
const devices = deviceVariants.filter(({ settings }) => settings.guestMemory !== false);
const drivers: (string | undefined)[] = [undefined, ...variants.map(({ id }) => id)];
const combinations = layouts.flatMap((layout) => drivers.map((variant) => [layout.name, variant, layout] as const));

const counts = ({ results }: Met) =>
  results.flatMap((r) => (r.outcome === 'done' && r.count !== undefined ? r.count : []));

/** Stages on which messages cannot be had, though they are offered. */
const NO_MSI = ['no mapping', 'no mapping for the configuration', 'features refused with MSI'];
const isWithoutMsi = (settings: Partial<Settings> = {}) =>
  settings.msi === 'withheld' || settings.msi === 'unknown' || settings.mappable === 0;

describe.each(combinations)('the driver of %s, variant %s', (_name, variant, layout) => {
  const module = createDriver(layout, variant === undefined ? {} : { variant });
  const chosen = variants.find(({ id }) => id === variant)?.settings;
  // Where a queue goes on that was only stopped is open: a driver that counts on it meets a device that follows.
  const follows = chosen?.restarts === undefined ? {} : { readyRestarts: 'as the rings show' as const };

  it('goes through its whole life on every conformant device, and breaks no clause', () => {
    for (const { id, settings } of devices) {
      const met = meet(module, { layout, settings: { ...settings, ...follows }, steps: wholeLife });
      expect(met.accused, id).toEqual([]);
      if (chosen?.withoutMsi === 'failed' && isWithoutMsi(settings)) {
        expect(met.results[0]?.outcome, id).toBe('gave-up');
        continue;
      }
      expect(
        met.results.filter(({ outcome }) => outcome !== 'done'),
        id,
      ).toEqual([]);
      const [one, seven, noticed, five, three, two, forty, again, noticedAgain, ...rest] = counts(met);
      expect([one, seven, five, three, two, forty, again, ...rest], id).toEqual([1, 7, 5, 3, 2, 40, 2, 0, 3, 4]);
      // A driver whose configuration is empty need not see that an event was none of its queues'.
      if (met.device.config.end > met.device.config.start)
        expect(Math.min(noticed!, noticedAgain!), id).toBeGreaterThan(0);
    }
  });

  it('breaks no clause on an unkind device, and works where it can', () => {
    const isNoDevice = ['another magic', 'another magic in its high half', 'a legacy device', 'a placeholder'];
    for (const stage of stages) {
      const met = meet(module, { layout, ...stage, settings: { ...stage.settings, ...follows } });
      expect(met.accused, stage.name).toEqual([]);
      const outcomes = new Set(met.results.map(({ outcome }) => outcome));
      const needsMsi = chosen?.withoutMsi === 'failed' && (isWithoutMsi(stage.settings) || NO_MSI.includes(stage.name));
      const isLeft = isNoDevice.includes(stage.name);
      // Once it has given a device up there is nothing left to stop.
      if (needsMsi) expect(met.results[0]?.outcome, stage.name).toBe('gave-up');
      else expect([...outcomes], stage.name).toEqual([isLeft ? 'gave-up' : 'done']);
    }
  });
});

it('learns of events as it says', () => {
  const how = (variant: string | undefined, msi: 'offered' | 'withheld') => {
    const [layout] = layouts;
    const module = createDriver(layout!, variant === undefined ? {} : { variant });
    const [first] = meet(module, { layout: layout!, settings: { msi }, steps: [{ do: 'start' }] }).results;
    return first?.outcome === 'done' && first.interrupts;
  };
  expect(how(undefined, 'offered')).toBe('msi');
  expect(how(undefined, 'withheld')).toBe('line');
  expect(how('line', 'offered')).toBe('line');
  expect(how('polling', 'offered')).toBe('polling');
  expect(how('polling-line', 'offered')).toBe('polling');
});

it('has variants that differ, each with a reason', () => {
  expect(new Set(variants.map(({ id }) => id)).size).toBe(variants.length);
  expect(new Set(variants.map(({ settings }) => JSON.stringify(settings))).size).toBe(variants.length);
  for (const { summary, justification } of variants) expect(summary.length * justification.length).toBeGreaterThan(0);
});
