/**
 * The suite on conformant devices, in few programs: nobody is accused. A mutant of the reference device that this does not
 * notice is a fault that the suite may miss; a mutant of the oracle that this notices accuses somebody for nothing.
 */
import { describe, expect, it } from 'vitest';
import { variants } from '../../../reference-device/index.ts';
import { Layout } from '../../../spec/layout.ts';
import { loadLayout } from '../../../spec/load.ts';
import { deviceChecks } from '../../../suites/device/index.ts';
import { Judge } from '../judge.ts';

/** Anew each time: what is kept by layout must not be what another mutant made. */
function fresh(name: string): Layout {
  return new Layout(loadLayout(name).data);
}

async function judgeOf(name: string, variant?: string): Promise<Judge> {
  return Judge.of({ layout: fresh(name), ...(variant !== undefined && { variant }) });
}

/** In the second layout, variants that concern what it has of its own. */
const IN_MSIX = [
  'vectors-33',
  'reserved-kept',
  'hooked',
  'ring-reset',
  'unmap-clears',
  'maps-two',
  'deferred',
  'fetch-at-unmask',
];

const tried = [
  ...variants.map(({ id }) => ['native', id] as const),
  ...variants.filter(({ id }) => IN_MSIX.includes(id)).map(({ id }) => ['msix', id] as const),
];

describe('generated programs accuse nobody', () => {
  it.each(['native', 'msix'])('%s, the device as it is', async (name) => {
    const judge = await judgeOf(name);
    expect(await judge.accusations(judge.generated(2))).toEqual([]);
  });

  it.each(tried)('%s, variant %s', async (name, id) => {
    const { warns = [] } = variants.find((variant) => variant.id === id) ?? {};
    const judge = await judgeOf(name, id);
    const accused = await judge.accusations(judge.generated(1));
    expect(accused.filter((clause) => !warns.includes(clause))).toEqual([]);
  });
});

const areas = (name: string) => [
  ...new Set(deviceChecks(loadLayout(name)).map(({ id }) => id.split('/')[0] as string)),
];

describe('derived checks accuse nobody', () => {
  it.each(['native', 'msix'].flatMap((name) => areas(name).map((area) => [name, area] as const)))(
    '%s, %s',
    async (name, area) => {
      const judge = await judgeOf(name);
      expect(await judge.accusations(judge.derived((id) => id.startsWith(`${area}/`)))).toEqual([]);
    },
  );

  /** What only a device that decides otherwise has. */
  it.each([
    ['native', 'ring-reset', 'queue-reset'],
    ['native', 'ring-reset-slow', 'queue-reset'],
    ['native', 'plain', 'line'],
    ['native', 'withheld', 'header'],
    ['native', 'wide-split', 'robustness'],
    ['native', 'entries-memory', 'entries'],
    ['native', 'reserved-kept', 'entries'],
    ['native', 'hooked', 'delivery'],
    ['native', 'reset-slow', 'reset'],
    ['native', 'queue-size-one', 'queues'],
    ['native', 'vectors-33', 'masks'],
  ])('%s, variant %s, %s', async (name, id, area) => {
    const judge = await judgeOf(name, id);
    expect(await judge.accusations(judge.derived((check) => check.startsWith(`${area}/`)))).toEqual([]);
  });
});
