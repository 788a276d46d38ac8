/** `unix:PATH` and `tcp:HOST:PORT`: a driver that is running already and listens; one connection for each scenario. */
import { type Address, connect, tcpAddress, unixAddress } from '../../targets/socket.ts';
import type { LiveDriver } from '../target.ts';
import { openLineDriver } from './line-driver.ts';
import type { ResolvedDriverOptions } from './open.ts';

/** @throws TargetConfigurationError where nothing listens @throws TargetFault where it is no driver */
export async function openUnixDriver(path: string, options: ResolvedDriverOptions): Promise<LiveDriver> {
  return open(`unix:${path}`, unixAddress(path, options.cwd, 'driver'), options);
}

/** @throws TargetConfigurationError where nothing listens @throws TargetFault where it is no driver */
export async function openTcpDriver(address: string, options: ResolvedDriverOptions): Promise<LiveDriver> {
  return open(`tcp:${address}`, tcpAddress(address), options);
}

function open(specification: string, address: Address, options: ResolvedDriverOptions): Promise<LiveDriver> {
  return openLineDriver({
    ...options,
    specification,
    connect: () => connect(specification, address, options.timeout, 'driver'),
  });
}
