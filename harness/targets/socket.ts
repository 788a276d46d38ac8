/** `unix:PATH` and `tcp:HOST:PORT`: a device that is running already, which speaks the line protocol on a socket. */
import { createConnection, type Socket } from 'node:net';
import { resolve } from 'node:path';
import { type Target, TargetConfigurationError } from '../target.ts';
import { openLineTarget } from './line-target.ts';
import type { Link } from './lines.ts';
import type { ResolvedOptions } from './open.ts';

/** Milliseconds that a device gets to close its end after `bye`. */
const GRACE = 500;
const HIGHEST_PORT = 65535;

/** @throws TargetConfigurationError where nothing listens @throws TargetFault where it is no device */
export async function openUnix(path: string, options: ResolvedOptions): Promise<Target> {
  return open(`unix:${path}`, unixAddress(path, options.cwd, 'device'), options);
}

/** @throws TargetConfigurationError where nothing listens @throws TargetFault where it is no device */
export async function openTcp(address: string, options: ResolvedOptions): Promise<Target> {
  return open(`tcp:${address}`, tcpAddress(address), options);
}

export type Address = { path: string } | { host: string; port: number };

/** What listens there. */
export type Peer = 'device' | 'driver';

/** @throws TargetConfigurationError where there is no path */
export function unixAddress(path: string, cwd: string, peer: Peer): Address {
  if (path === '') {
    throw new TargetConfigurationError('unix:: there is no path', `for example unix:/tmp/${peer}.sock`);
  }
  return { path: resolve(cwd, path) };
}

/** @throws TargetConfigurationError for what is no host and port */
export function tcpAddress(address: string): Address {
  const groups = /^(?:\[(?<six>[^\]]+)\]|(?<host>[^:]+)):(?<port>\d+)$/.exec(address)?.groups;
  const port = Number(groups?.port);
  const host = groups?.six ?? groups?.host;
  if (host === undefined || !(port >= 1 && port <= HIGHEST_PORT)) {
    throw new TargetConfigurationError(
      `tcp:${address}: expected a host and a port from 1 to ${HIGHEST_PORT}`,
      'for example tcp:localhost:9000 or tcp:[::1]:9000',
    );
  }
  return { host, port };
}

function open(specification: string, address: Address, options: ResolvedOptions): Promise<Target> {
  return openLineTarget({
    ...options,
    specification,
    connect: () => connect(specification, address, options.timeout, 'device'),
    // What is behind the socket goes on living when it is closed.
    connectIsPowerCycle: false,
  });
}

/** @throws TargetConfigurationError where nothing listens */
export async function connect(specification: string, address: Address, timeout: number, peer: Peer): Promise<Link> {
  const socket = createConnection(address);
  await new Promise<void>((connected, failed) => {
    const give = (problem: string, hint: string, cause?: unknown) => {
      socket.destroy();
      failed(new TargetConfigurationError(`${specification}: ${problem}`, hint, cause));
    };
    const timer = setTimeout(() => give(`no connection within ${timeout} ms`, 'is the host right?'), timeout);
    socket.once('connect', () => {
      clearTimeout(timer);
      connected();
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      give(...explain(error, peer), error);
    });
  });
  socket.setNoDelay(true);
  return linkTo(socket, specification);
}

function explain(error: NodeJS.ErrnoException, peer: Peer): [problem: string, hint: string] {
  switch (error.code) {
    case 'ENOENT':
      return ['no such socket', `start the ${peer} first; the path counts from the working directory`];
    case 'ECONNREFUSED':
      return ['connection refused: nothing listens there', `start the ${peer} first, and check path or port`];
    case 'ENOTSOCK':
      return ['that is no socket', `to run a program as the ${peer}: exec:COMMAND`];
    case 'EACCES':
      return ['no permission to connect', 'check the permissions of the socket and of its folder'];
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return ['no host of that name', `for a ${peer} on this machine: tcp:localhost:PORT`];
    default:
      return [`cannot connect: ${error.message}`, `start the ${peer} first, and check path or port`];
  }
}

function linkTo(socket: Socket, specification: string): Link {
  let problem: string | undefined;
  socket.removeAllListeners('error');
  socket.on('error', (error: NodeJS.ErrnoException) => {
    problem = error.code === 'ECONNRESET' || error.code === 'EPIPE' ? 'reset the connection' : error.message;
  });
  const ended = new Promise<string>((done) => {
    socket.once('close', () => done(problem ?? 'closed the connection'));
  });
  return {
    input: socket,
    output: socket,
    peer: specification,
    ended,
    tail: () => [],
    async destroy(graceful) {
      if (!graceful) socket.destroy();
      socket.end();
      const killer = setTimeout(() => socket.destroy(), GRACE);
      await ended;
      clearTimeout(killer);
    },
  };
}
