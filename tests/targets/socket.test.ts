import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { closeAll, configurationErrorOf, faultOf, fixture, open } from './support.ts';

const servers: Server[] = [];
const cwd = mkdtempSync(join(tmpdir(), 'socket-'));

afterEach(async () => {
  await closeAll();
  await Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done))));
});

/** A server whose every connection is a line device of its own. */
async function serve(listen: (server: Server) => void, greeting = 'ok 1 settle'): Promise<Server> {
  const server = createServer((socket) => {
    const device = spawn(process.execPath, [fixture('line-device.mjs'), greeting], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    socket.pipe(device.stdin);
    device.stdout.pipe(socket);
    device.stdin.on('error', () => {});
    socket.on('error', () => {});
    socket.on('close', () => device.kill());
  });
  servers.push(server);
  listen(server);
  await once(server, 'listening');
  return server;
}

describe('a device on a socket', () => {
  it.each(['unix', 'tcp', 'tcp with IPv6'])('%s', async (kind) => {
    let specification = 'unix:device.sock';
    if (kind === 'unix') await serve((server) => server.listen(join(cwd, 'device.sock')));
    else {
      const host = kind === 'tcp' ? '127.0.0.1' : '::1';
      const server = await serve((one) => one.listen(0, host));
      const { port } = server.address() as AddressInfo;
      specification = kind === 'tcp' ? `tcp:127.0.0.1:${port}` : `tcp:[::1]:${port}`;
    }
    const target = await open(specification, { cwd });
    expect(target).toMatchObject({ specification, local: false, cheapPowerCycle: false });
    // It cannot be made anew from here.
    expect(target.adapter.powerCycle).toBeUndefined();
    await target.adapter.write(0x100, 32, 7);
    expect(await target.adapter.read(0x100, 32)).toBe(7);

    const fault = await faultOf(target.adapter.read(0x10, 32) as Promise<unknown>);
    expect(fault.reason).toBe('died');
    expect(fault.message).toMatch(/(closed|reset) the connection, at 'r32 0x10'/);
    await target.restart?.();
    expect(await target.adapter.read(0x100, 32)).toBe(0);
  });

  it('that went away for good is a fault of the start', async () => {
    const server = await serve((one) => one.listen(join(cwd, 'gone.sock')));
    const target = await open('unix:gone.sock', { cwd });
    server.close();
    await faultOf(target.adapter.read(0x10, 32) as Promise<unknown>);
    const fault = await faultOf(target.restart?.());
    expect(fault).toMatchObject({ reason: 'start' });
    expect(fault.message).toContain('no such socket');
  });

  it('that power cycles by itself can be asked to', async () => {
    await serve((server) => server.listen(join(cwd, 'cycle.sock')), 'ok 1 power-cycle');
    const { adapter, cheapPowerCycle } = await open('unix:cycle.sock', { cwd });
    expect(cheapPowerCycle).toBe(true);
    await adapter.write(0x100, 32, 7);
    await adapter.powerCycle?.();
    expect(await adapter.read(0x100, 32)).toBe(0);
  });

  it('that hangs', async () => {
    await serve((server) => server.listen(join(cwd, 'hang.sock')));
    const { adapter } = await open('unix:hang.sock', { cwd, timeout: 1500 });
    expect((await faultOf(adapter.read(0x14, 32) as Promise<unknown>)).reason).toBe('hung');
  });
});

describe('a socket without a device', () => {
  writeFileSync(join(cwd, 'file'), '');
  it.each([
    ['unix:', 'there is no path', 'for example unix:'],
    ['unix:nothing.sock', 'no such socket', 'start the device first'],
    ['unix:file', /that is no socket|connection refused/, /exec:COMMAND|start the device/],
    ['tcp:localhost', 'expected a host and a port', 'tcp:localhost:9000'],
    ['tcp:localhost:0', 'expected a host and a port', 'tcp:localhost:9000'],
    ['tcp:localhost:70000', 'expected a host and a port', 'tcp:localhost:9000'],
    ['tcp:::1:9000', 'expected a host and a port', 'tcp:[::1]:9000'],
    ['tcp:127.0.0.1:1', 'connection refused', 'start the device first'],
  ])('%s', async (specification, message, hint) => {
    const error = await configurationErrorOf(open(specification, { cwd }));
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
  });
});
