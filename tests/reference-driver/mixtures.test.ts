/** Choices of the driver and of the device in any mixture, and tasks in any order: no clause broken, no buffer lost. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Task } from '../../harness/driver/api.ts';
import type { Settings as DeviceSettings } from '../../reference-device/settings.ts';
import { createDriver, type Settings } from '../../reference-driver/index.ts';
import { layouts, meet, type Scene } from './meet.ts';

const oneOf = <T>(...values: T[]) => fc.constantFrom(...values);
const either = fc.boolean();

const driver: fc.Arbitrary<Settings> = fc.record({
  ...{ msi: oneOf(true, true, false), ringReset: either, multiQueue: either },
  learns: oneOf<Settings['learns']>('by interrupts', 'by interrupts', 'by polling'),
  ...{ queues: oneOf(1, 2, 8), queueSize: oneOf(2, 4, 16, 64) },
  sharing: oneOf<Settings['sharing']>('each', 'queues', 'all', 'config with a queue'),
  vectorsFrom: oneOf<Settings['vectorsFrom']>('lowest', 'highest'),
  setUp: oneOf<Settings['setUp']>('queues first', 'interrupts first'),
  entries: oneOf<Settings['entries']>('after mapping', 'before mapping'),
  entryOrder: oneOf<Settings['entryOrder']>('address first', 'data first'),
  unmasks: oneOf<Settings['unmasks']>('before DRIVER_OK', 'after DRIVER_OK'),
  maskAccess: oneOf<Settings['maskAccess']>('together', 'one by one'),
  maskState: oneOf<Settings['maskState']>('read', 'shadow'),
  enables: oneOf<Settings['enables']>('first', 'last'),
  ...{ lazyUnmask: either, masksWhileHandling: either, suppresses: either },
  notifies: oneOf<Settings['notifies']>('each', 'batch'),
  acknowledges: oneOf<Settings['acknowledges']>('after', 'before'),
  configRest: oneOf<Settings['configRest']>('dwords', 'bytes'),
  featuresTwice: either,
  quiesces: oneOf<Settings['quiesces']>('masking', 'unmapping'),
  idles: oneOf<Settings['idles']>('waiting', 'looking'),
  ...{ silences: either, disarms: either, keepsGeneration: either },
  // Whoever needs messages works with fewer devices, and variants.test.ts has it.
  withoutMsi: fc.constant<Settings['withoutMsi']>('line'),
  restarts: oneOf<Settings['restarts']>('the device', 'the queue', 'nothing'),
});

const device: fc.Arbitrary<Partial<DeviceSettings>> = fc
  .record({
    device: oneOf<DeviceSettings['device']>('block', 'block', 'entropy'),
    ...{
      queues: oneOf(1, 2, 3, 8),
      queueSizeMax: oneOf(2, 3, 8, 24, 64, 1024),
      vectors: oneOf(1, 2, 3, 5, 32, 33, 2048),
    },
    msi: oneOf<DeviceSettings['msi']>('offered', 'offered', 'offered', 'withheld', 'unknown'),
    ...{ ringReset: either, mappable: oneOf(Number.POSITIVE_INFINITY, 0, 1, 2, 3) },
    entriesAfterReset: oneOf<DeviceSettings['entriesAfterReset']>('zero', 'keep', 'garbage'),
    fetch: oneOf<DeviceSettings['fetch']>('send', 'unmask', 'mixed'),
    release: oneOf<DeviceSettings['release']>('ascending', 'descending'),
    notifications: oneOf<DeviceSettings['notifications']>('each', 'batch'),
    suppression: oneOf<DeviceSettings['suppression']>('honoured', 'ignored'),
    backEnd: oneOf<DeviceSettings['backEnd']>('immediate', 'deferred', 'backwards'),
    earlyConfig: oneOf<DeviceSettings['earlyConfig']>('drop', 'send', 'hold'),
    ...{ resetReads: oneOf(0, 3), queueResetReads: oneOf(0, 2), undefinedReads: oneOf(0, 0xffffffff) },
    ...{ unmapClears: either, stopClears: either, queueResetUnmaps: either, queueResetClears: either },
    ...{ readyRestarts: either, refusesUnprepared: either, eager: either, haltsWhenBroken: either },
  })
  .map((one) => (one.device === 'entropy' ? { ...one, queues: 1 } : one));

type Step = Task | 'config' | 'needs-reset' | 'settle';
const plain: Step[] = [
  ...(['collect', 'retarget', 'mask', 'unmask', 'configuration', 'restart-queue'] as const).map((name) => ({
    do: name,
  })),
  ...(['config', 'settle'] as const),
];
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.integer({ min: 1, max: 30 }).map((count): Step => ({ do: 'transfer', count })),
  fc.integer({ min: 1, max: 9 }).map((count): Step => ({ do: 'submit', count })),
  { arbitrary: fc.constantFrom(...plain), weight: 4 },
);

/** What the device does of itself. */
const ofItself = (what: 'config' | 'needs-reset' | 'settle') => (scene: Scene) => {
  if (what === 'settle') scene.bus.settle();
  else scene.device.raise({ source: what });
};

/** How many buffers each transfer and collect brings: all that are under way. */
function expectedCounts(steps: readonly Step[]): number[] {
  let submitted = 0;
  const counts: number[] = [];
  for (const one of steps) {
    if (typeof one === 'string') continue;
    if (one.do === 'submit' || one.do === 'transfer') submitted += one.count;
    if (one.do !== 'collect' && one.do !== 'transfer') continue;
    counts.push(submitted);
    submitted = 0;
  }
  return counts;
}

it('goes well in any mixture', () => {
  const places = fc.array(fc.nat({ max: 10 }), { maxLength: 2 });
  const life = fc.record({
    layout: fc.constantFrom(...layouts),
    driver,
    device,
    steps: fc.array(step, { maxLength: 14 }),
    places,
  });
  const property = fc.property(life, ({ layout, driver: settings, device: kind, steps, places: breaks }) => {
    const all: Step[] = [{ do: 'start' }, ...steps, { do: 'unmask' }, { do: 'collect' }, { do: 'stop' }];
    for (const place of breaks) all.splice(1 + Math.min(place, steps.length), 0, 'needs-reset');
    const made = all.map((one) => (typeof one === 'string' ? ofItself(one) : one));
    // Where a queue goes on that was only stopped is open: a driver that counts on it meets a device that follows.
    const follows = settings.restarts === 'the device' ? {} : { readyRestarts: 'as the rings show' as const };
    const met = { layout, settings: { ...kind, ...follows }, steps: made };
    const { results, accused } = meet(createDriver(layout, { settings }), met);
    expect(accused).toEqual([]);
    expect(results.filter(({ outcome }) => outcome !== 'done')).toEqual([]);
    const counts = results.flatMap((one) => (one.outcome === 'done' && one.count !== undefined ? one.count : []));
    expect(counts).toEqual(expectedCounts(all));
  });
  fc.assert(property, { seed: 1, numRuns: 400 });
});
