/** Finds out what a device is, before anything is judged: identification, features, queues, header. */
import type { Layout } from '../../spec/layout.ts';
import { compile, type Step } from '../compile.ts';
import type { Executor } from '../execute.ts';
import { headerProblems, headerRegisters } from '../header.ts';
import { msiFeatureBits } from '../layouts.ts';
import { capabilitiesOf, DEFAULT_REGION_SIZE, eventQueues, type Profile } from '../profile.ts';
import { program } from '../program.ts';
import { fromLittleEndian } from '../queue-memory.ts';
import type { Target } from '../target.ts';

/** Feature words that are read: everything up to the bits that the specification reserves. */
export const FEATURE_WORDS = 6;
/** Queues that are looked for at most. */
const QUEUE_LIMIT = 64;
const QUEUES_AT_ONCE = 8;

export interface Probe {
  profile: Profile;
  magic: number;
  version: number;
}

type Access = { write: string; value: number } | { read: string };

/** @throws TargetFault where the target gives no usable answer */
export async function probe(target: Target, layout: Layout, executor: Executor): Promise<Probe> {
  const { adapter } = target;
  const access = async (accesses: Access[]): Promise<number[]> => {
    const steps = accesses.map((one): Step => {
      const register = layout.register('write' in one ? one.write : one.read);
      const common = { operation: 0, watch: false, offset: register.offset, width: 32 as const };
      const spot = { kind: 'register' as const, register };
      return 'write' in one ? { ...common, kind: 'write', spot, value: one.value } : { ...common, kind: 'read', spot };
    });
    const { observations, fault } = await executor.run(steps);
    if (fault) throw fault.error;
    return observations.filter((_, index) => steps[index]?.kind === 'read').map(Number);
  };

  const [magic = 0, version = 0, deviceId = 0] = await access([
    { read: 'MagicValue' },
    { read: 'Version' },
    { read: 'DeviceID' },
  ]);
  const reset = layout.register('Status');
  const spot = { kind: 'register' as const, register: reset };
  const start = await executor.run([
    { operation: 0, watch: false, kind: 'write', offset: reset.offset, width: 32, spot, value: 0 },
    { operation: 0, watch: false, kind: 'poll', offset: reset.offset, spot },
  ]);
  if (start.fault) throw start.fault.error;
  const features = await access(
    Array.from({ length: FEATURE_WORDS }, (_, window): Access[] => [
      { write: 'DeviceFeaturesSel', value: window },
      { read: 'DeviceFeatures' },
    ]).flat(),
  );
  const queues: number[] = [];
  for (let more = true; more && queues.length < QUEUE_LIMIT; ) {
    const from = queues.length;
    const sizes = await access(
      Array.from({ length: QUEUES_AT_ONCE }, (_, index): Access[] => [
        { write: 'QueueSel', value: from + index },
        { read: 'QueueSizeMax' },
      ]).flat(),
    );
    const absent = sizes.indexOf(0);
    queues.push(...(absent < 0 ? sizes : sizes.slice(0, absent)));
    more = absent < 0;
  }
  await access([{ write: 'QueueSel', value: 0 }]);

  const deviceType = layout.deviceType(deviceId);
  const regionSize = adapter.regionSize ?? DEFAULT_REGION_SIZE;
  const configSize = Math.min(
    adapter.configSize ?? deviceType?.configSize ?? 0,
    regionSize - layout.data.config.offset,
  );
  const profile: Profile = {
    layout,
    deviceId,
    siblings: msiFeatureBits(),
    features,
    deviceType,
    queues,
    configSize: Math.max(0, configSize),
    configWords: [],
    regionSize,
    msi: undefined,
    msiReason: undefined,
    capabilities: capabilitiesOf(adapter),
    implementsLayout: adapter.layout === layout.name,
  };
  profile.configWords = await configWords(profile, executor);
  const header = headerRegisters(layout);
  if (layout.msi) {
    const { bit } = layout.feature(layout.msi.feature);
    if ((((features[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 0) {
      profile.msiReason = `the device does not offer ${layout.msi.feature}`;
    } else {
      const values = await access(header.map((name) => ({ read: name })));
      const byName = new Map(header.map((name, index) => [name, values[index] ?? 0]));
      const meaning = (reference: string): number =>
        layout.meaningOf(reference, byName.get(reference.split('.')[0] ?? '') ?? 0);
      const bad = headerProblems(layout, byName, profile).find((problem) => problem.unusable);
      if (bad) {
        profile.msiReason = `${bad.expected}, and it does not (${bad.actual}): ${bad.clause}`;
      } else {
        const tables = Object.values(layout.data.tables).map((table) => [table.name, meaning(table.at)] as const);
        profile.msi = {
          vectors: meaning(layout.msi.vectorCount),
          tables: Object.fromEntries(tables),
          header: Object.fromEntries(byName),
        };
      }
    }
  } else {
    profile.msiReason = `layout '${layout.name}' has no MSI`;
  }
  await chooseQueueEvents(target, profile, executor);
  return { profile, magic, version };
}

async function configWords(profile: Profile, executor: Executor): Promise<number[]> {
  const { offset } = profile.layout.data.config;
  const steps = Array.from({ length: Math.floor(profile.configSize / 4) }, (_, index): Step => {
    const spot = { kind: 'config' as const, at: index * 4 };
    return { operation: 0, watch: false, kind: 'read', offset: offset + index * 4, width: 32, spot };
  });
  const { observations, fault } = await executor.run(steps);
  if (fault) throw fault.error;
  return observations.map(Number);
}

/**
 * Rings are the real thing: where the device uses a buffer that it is offered, queue events are made that way. Where it
 * does not, and the adapter can raise the event, the adapter is asked.
 */
async function chooseQueueEvents(target: Target, profile: Profile, executor: Executor): Promise<void> {
  const { memory } = target.adapter;
  const { capabilities } = profile;
  if (!memory || !profile.deviceType || profile.queues.length === 0) return;
  const hook = capabilities.queueEvents === 'raise';
  capabilities.queueEvents = 'ring';
  if (!hook) return;
  const [queue] = eventQueues(profile);
  if (queue === undefined) {
    capabilities.queueEvents = 'raise';
    return;
  }
  const trial = program(
    [
      { op: 'initialise', msi: false, queues: [queue] },
      { op: 'event', source: queue },
      { op: 'settle' },
      { op: 'memory-read', place: `queue[${queue}].used.idx` },
      { op: 'reset' },
    ],
    { watch: false },
  );
  const steps = compile(trial, { profile, memory });
  const { observations, fault } = await executor.run(steps);
  if (fault) throw fault.error;
  const read = steps.findIndex((step) => step.kind === 'memory-read');
  const used = observations[read];
  if (!(used instanceof Uint8Array) || fromLittleEndian(used) === 0) capabilities.queueEvents = 'raise';
}
