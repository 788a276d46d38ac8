/** A {@link LiveDriver} over the line protocol, however it is reached. */
import { Device } from '../../../reference-device/device.ts';
import { Ram } from '../../../reference-device/memory.ts';
import { defaults } from '../../../reference-device/settings.ts';
import { TargetConfigurationError, TargetFault } from '../../target.ts';
import type { Link } from '../../targets/lines.ts';
import { WatchedBus } from '../bus.ts';
import type { Ending, LiveDriver, Meeting } from '../target.ts';
import { LineSession } from './line-session.ts';
import type { ResolvedDriverOptions } from './open.ts';

export interface LineDriverOptions extends ResolvedDriverOptions {
  specification: string;
  /** Reaches a new instance of the driver, each time. @throws TargetConfigurationError or TargetFault('start') */
  connect(): Promise<Link>;
}

/**
 * Greets the driver once, without a task, so that one that is none is found out here.
 *
 * @throws TargetConfigurationError where it cannot be reached @throws TargetFault where it is no driver
 */
export async function openLineDriver(options: LineDriverOptions): Promise<LiveDriver> {
  const { specification, layout } = options;
  const bus = new WatchedBus(new Device(layout, defaults, new Ram()), () => {});
  const session = new LineSession(await options.connect(), { bus, next: () => undefined }, options);
  const ending = await session.run();
  if (ending.how === 'failed') {
    const { reason, message, hint = STARTING } = ending;
    throw new TargetFault(reason === 'answer' ? 'answer' : 'start', message, { hint });
  }
  const { name = specification, version, layout: own } = session.greeting ?? {};
  return {
    kind: 'tasks',
    specification,
    name,
    ...(version === undefined ? {} : { version }),
    ...(own === undefined ? {} : { layout: own }),
    meet: (meeting) => meetOver(options, meeting),
    close: async () => {},
  };
}

const STARTING = "it is started once without a task, and must end when its first 'next' is answered 'end'";

async function meetOver(options: LineDriverOptions, meeting: Meeting): Promise<Ending> {
  let link: Link;
  try {
    link = await options.connect();
  } catch (error) {
    // The user named it right, since it was there before.
    if (!(error instanceof TargetConfigurationError || error instanceof TargetFault)) throw error;
    const { message, hint } = error;
    return { how: 'failed', reason: 'start', message, ...(hint === undefined ? {} : { hint }) };
  }
  return new LineSession(link, meeting, options).run();
}
