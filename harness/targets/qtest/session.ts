/** A connection to a QEMU, ours or the user's, with its interrupt line intercepted. */
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { resolve } from 'node:path';
import { TargetConfigurationError } from '../../target.ts';
import { Channel, ChannelLoss } from './channel.ts';
import { QemuProcess } from './process.ts';
import { Qmp, QmpError } from './qmp.ts';
import type { Attach, Location, Spawn } from './specification.ts';

/** The release that the facts about machines and protocol were measured on. */
const MEASURED_RELEASE = '7.2';

export interface Session {
  channel: Channel;
  /** Absent where the user gave no QMP socket. */
  qmp: Qmp | undefined;
  /** How QEMU ended, or that it has not, as a sentence; may wait a bounded time for its end. */
  describeEnd(): Promise<string>;
  /** Ends QEMU where it is ours, and leaves it where it is not. */
  close(): Promise<void>;
}

export interface Surroundings {
  cwd: string;
  /** Milliseconds without an answer after which QEMU counts as hung. */
  timeout: number;
}

/** @throws TargetConfigurationError, TargetFault, ChannelLoss */
export async function startSession(wanted: Spawn, { cwd, timeout }: Surroundings): Promise<Session> {
  const qemu = await QemuProcess.start(wanted, cwd, timeout);
  try {
    const channel = new Channel(qemu.qtest, wanted.location.irq, timeout);
    const qmp = await Qmp.open(qemu.qmp, timeout);
    await intercept(channel, qmp, wanted.location);
    return {
      channel,
      qmp,
      describeEnd: () => qemu.describeEnd(),
      close: async () => {
        channel.close();
        qmp.close();
        await qemu.stop();
      },
    };
  } catch (error) {
    await qemu.stop();
    throw error;
  }
}

/** @throws TargetConfigurationError, ChannelLoss */
export async function attachSession(wanted: Attach, { cwd, timeout }: Surroundings): Promise<Session> {
  const channel = new Channel(await connect(resolve(cwd, wanted.socket), 'unix'), wanted.location.irq, timeout);
  let qmp: Qmp | undefined;
  try {
    if (wanted.qmp !== undefined) qmp = await Qmp.open(await connect(resolve(cwd, wanted.qmp), 'qmp'), timeout);
    await intercept(channel, qmp, wanted.location);
  } catch (error) {
    channel.close();
    qmp?.close();
    throw error;
  }
  return {
    channel,
    qmp,
    describeEnd: async () => `see what QEMU wrote where it was started`,
    close: async () => {
      channel.close();
      qmp?.close();
    },
  };
}

/** Shown in the report; undefined where there is no QMP to ask. */
export function versionOf({ qmp }: Session): string | undefined {
  if (!qmp) return undefined;
  const measured = qmp.version.startsWith(`${MEASURED_RELEASE}.`);
  return `QEMU ${qmp.version}${measured ? '' : `, where ${MEASURED_RELEASE} is what the qtest target was measured on`}`;
}

async function connect(path: string, key: string): Promise<Socket> {
  const socket = createConnection(path);
  try {
    await once(socket, 'connect');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new TargetConfigurationError(
      `qtest: nothing listens at ${key}=${path} (${code})`,
      `start QEMU with ${key === 'qmp' ? '-qmp' : '-qtest'} unix:${path},server=on,wait=off`,
      cause,
    );
  }
  return socket;
}

async function intercept(channel: Channel, qmp: Qmp | undefined, { controller }: Location): Promise<void> {
  if (!controller) return;
  const name = 'name' in controller ? controller.name : await findByType(qmp, controller.type);
  try {
    await channel.exchange([{ line: `irq_intercept_in ${name}` }]);
  } catch (error) {
    if (!(error instanceof ChannelLoss) || error.reason !== 'answer') throw error;
    throw new TargetConfigurationError(
      `qtest: QEMU does not let the inputs of '${name}' be watched: ${error.message}`,
      'is the machine the one that was named, and does nothing else watch another controller?',
      error,
    );
  }
}

/** The QOM path of the machine's one object of that type. */
async function findByType(qmp: Qmp | undefined, type: string): Promise<string> {
  for (const parent of ['/machine', '/machine/unattached']) {
    const children = (await qmp?.execute('qom-list', { path: parent }).catch(refusedIsEmpty)) as
      | { name: string; type: string }[]
      | undefined;
    const child = children?.find((candidate) => candidate.type === `child<${type}>`);
    if (child) return `${parent}/${child.name}`;
  }
  throw new TargetConfigurationError(
    `qtest: this QEMU has no interrupt controller of type ${type}`,
    'is the machine the one that was named? An attached one can be told controller=PATH',
  );
}

function refusedIsEmpty(error: unknown): unknown[] {
  if (error instanceof QmpError) return [];
  throw error;
}
