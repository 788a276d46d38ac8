/** The target `qtest:...`: a virtio-mmio device of a real QEMU, reached over its qtest protocol. */
import type { Layout } from '../../spec/layout.ts';
import { type Target, TargetFault } from '../target.ts';
import { type DeviceFacts, QtestDevice } from './qtest/adapter.ts';
import { ChannelLoss } from './qtest/channel.ts';
import { attachSession, type Session, type Surroundings, startSession } from './qtest/session.ts';
import { type Attach, parseSpecification, type Spawn } from './qtest/specification.ts';

export interface QtestOptions {
  layout: Layout;
  /** Where relative paths start; default: the current directory. */
  cwd?: string;
  /** Milliseconds without an answer after which QEMU counts as hung. */
  timeout?: number;
}

const DEFAULT_TIMEOUT = 10_000;

/**
 * Starts a QEMU, or attaches to one, and gives its device as a target.
 *
 * @param rest what follows `qtest:`; empty for an entropy device on x86's microvm
 * @throws TargetConfigurationError where the words are wrong or QEMU is missing; TargetFault where it fails to start
 */
export async function openQtest(rest: string, options: QtestOptions): Promise<Target> {
  const wanted = parseSpecification(rest);
  const surroundings = { cwd: options.cwd ?? process.cwd(), timeout: options.timeout ?? DEFAULT_TIMEOUT };
  const device = new QtestDevice(await openSession(wanted, surroundings), factsOf(wanted));
  return {
    specification: `qtest:${rest}`,
    adapter: device.adapter,
    local: false,
    cheapPowerCycle: device.adapter.powerCycle !== undefined,
    ...(wanted.mode === 'spawn'
      ? {
          restart: async () => {
            await device.close();
            device.replace(await openSession(wanted, surroundings));
          },
        }
      : {}),
    close: () => device.close(),
  };
}

async function openSession(wanted: Spawn | Attach, surroundings: Surroundings): Promise<Session> {
  try {
    return await (wanted.mode === 'spawn' ? startSession(wanted, surroundings) : attachSession(wanted, surroundings));
  } catch (error) {
    if (!(error instanceof ChannelLoss)) throw error;
    const more = { cause: error };
    throw wanted.mode === 'spawn'
      ? new TargetFault('start', error.message, more)
      : new TargetFault('start', error.message, {
          ...more,
          hint: 'is it the socket of -qtest (or -qmp, for qmp=), and is no other client connected to it?',
        });
  }
}

function factsOf(wanted: Spawn | Attach): DeviceFacts {
  const { location } = wanted;
  if (wanted.mode === 'attach') {
    // What is behind the user's device is not known, so everything that QEMU can wait for is waited for.
    return { location, configEvent: wanted.configEvent, configSize: undefined, drains: wanted.qmp !== undefined };
  }
  const { configEvent, configSize } = wanted.device;
  return { location, configEvent, configSize, drains: false };
}
