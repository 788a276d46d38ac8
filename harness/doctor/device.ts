/** The device behind the adapter: does it take writes, begin anew, come to rest, and use a buffer. */
import type { Check } from '../doctor.ts';
import { eventQueues } from '../profile.ts';
import { hex } from '../program.ts';
import { fromLittleEndian } from '../queue-memory.ts';
import { type Consultation, Found, Skipped } from './consultation.ts';

export const DEVICE_CHECKS: Check[] = [
  { id: 'write', title: 'What is written to Status reads back', run: write },
  { id: 'reset', title: 'Writing 0 to Status resets', run: reset },
  { id: 'power-cycle', title: 'A power cycle gives a fresh device', run: powerCycle },
  { id: 'settle', title: 'The target says when it is settled', run: settle },
  { id: 'buffer', title: 'The device uses a buffer in guest memory', run: buffer },
];

async function write(consultation: Consultation): Promise<string> {
  const { layout } = consultation;
  await consultation.profile();
  await consultation.reset();
  let flags = 0;
  for (const name of ['ACKNOWLEDGE', 'DRIVER']) {
    flags += layout.bit('Status', name);
    await consultation.write('Status', flags);
    const back = await consultation.read('Status');
    if (back === flags) continue;
    throw new Found(
      `the adapter wrote ${hex(flags)} to Status and read ${hex(back)} back`,
      'does the write reach the device, in the right byte order, and before the read?',
    );
  }
  return `Status ${hex(flags)}`;
}

async function reset(consultation: Consultation): Promise<string> {
  await consultation.profile();
  for (let turn = 0; turn < 2; turn++) {
    await consultation.write('Status', consultation.layout.bit('Status', 'ACKNOWLEDGE'));
    await consultation.reset();
  }
  return 'Status reads 0 after it';
}

async function powerCycle(consultation: Consultation): Promise<string> {
  const { adapter, layout } = consultation;
  if (!adapter.powerCycle) throw new Skipped('the adapter has no powerCycle; the suite resets instead');
  const profile = await consultation.profile();
  const queues = adapter.memory ? eventQueues(profile).slice(0, 1) : [];
  await consultation.play([{ op: 'initialise', msi: false, queues }]);
  await adapter.powerCycle();
  for (const queue of queues) await consultation.write('QueueSel', queue);
  for (const name of ['Status', 'InterruptStatus', ...(queues.length > 0 ? ['QueueReady'] : [])]) {
    const value = await consultation.read(name);
    const fresh = layout.register(name).reset ?? 0;
    if (value === fresh) continue;
    throw new Found(
      `after powerCycle() the adapter read ${hex(value)} from ${name}, where a new device has ${hex(fresh)}`,
      'powerCycle replaces the device, or leave it out',
    );
  }
  return queues.length > 0 ? 'after a device was set up with a queue' : 'after a device was set up';
}

async function settle({ adapter }: Consultation): Promise<string> {
  if (!adapter.settle) throw new Skipped('the adapter has no settle: the device is taken to act at once');
  for (let turn = 0; turn < 3; turn++) await adapter.settle();
  return 'it returns with nothing to wait for';
}

async function buffer(consultation: Consultation): Promise<string> {
  const { memory, settle: settles } = consultation.adapter;
  if (!memory) throw new Skipped('the adapter gives no guest memory');
  const profile = await consultation.profile();
  const [queue] = eventQueues({ ...profile, capabilities: { ...profile.capabilities, queueEvents: 'ring' } });
  if (queue === undefined) {
    throw new Skipped(
      profile.deviceType
        ? 'the device has none of the queues on which its type completes a request by itself'
        : `the layout does not know what a device of type ${profile.deviceId} does with a buffer`,
    );
  }
  if (profile.capabilities.queueEvents === 'raise') {
    return `the device did not use a buffer of queue ${queue}; queue events are made with raise()`;
  }
  const { memory: read } = await consultation.play([
    { op: 'initialise', msi: false, queues: [queue] },
    { op: 'event', source: queue },
    { op: 'settle' },
    { op: 'memory-read', place: `queue[${queue}].used.idx` },
    { op: 'reset' },
  ]);
  const used = fromLittleEndian(read.at(-1) ?? new Uint8Array());
  if (used === 1) return `queue ${queue}, a request of type ${profile.deviceType?.name}`;
  throw new Found(
    `the device was offered one buffer in queue ${queue}, in guest memory at ${hex(memory.base)}, and its used ring counts ${used}`,
    settles
      ? 'does the device see the memory that the adapter writes, and does settle() wait for its requests?'
      : 'does the device see the memory that the adapter writes? One that works in the background needs settle()',
  );
}
