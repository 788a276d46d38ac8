/** A QEMU of our own: started with halting firmware in a private directory, and never left behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TargetConfigurationError, TargetFault } from '../../target.ts';
import { DISK_FILE, emptyDisk, type Machine } from './machines.ts';
import type { Spawn } from './specification.ts';

/** How much of what QEMU wrote on stderr is kept; characters. */
const STDERR_KEPT = 2000;
/** How long after its connection broke QEMU may take to end; milliseconds. */
const END_BOUND = 2000;
/** A socket's path must fit into a `sockaddr_un`; bytes. */
const SOCKET_PATH_LIMIT = 107;

const FILES = { firmware: 'firmware', qtest: 'qtest', qmp: 'qmp' };

/** Runs beside QEMU, with our end of a pipe as its input, and clears up when we are gone, however that came about. */
const GUARD = 'read -r word || { kill -9 "$1"; rm -rf "$2"; }';

const running = new Set<QemuProcess>();

function clearUpAtExit(): void {
  for (const qemu of running) qemu.killNow();
}

export class QemuProcess {
  readonly qtest: Socket;
  readonly qmp: Socket;
  private readonly child: ChildProcess;
  private readonly guard: ChildProcess;
  private readonly directory: string;
  private readonly stderr: () => string;
  private readonly ended: Promise<unknown>;

  private constructor(child: ChildProcess, directory: string, stderr: () => string, qtest: Socket, qmp: Socket) {
    this.child = child;
    this.directory = directory;
    this.stderr = stderr;
    this.qtest = qtest;
    this.qmp = qmp;
    this.ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : Promise.resolve();
    this.guard = startGuard(child.pid ?? 0, directory);
    child.unref();
    if (running.size === 0) process.on('exit', clearUpAtExit);
    running.add(this);
  }

  /**
   * Starts QEMU and waits until it has connected to us.
   *
   * @param timeout milliseconds
   * @throws TargetConfigurationError where the emulator is missing or refuses its options; TargetFault
   */
  static async start(wanted: Spawn, cwd: string, timeout: number): Promise<QemuProcess> {
    const directory = mkdtempSync(join(tmpdir(), 'qtest-'));
    const servers: Server[] = [];
    let child: ChildProcess | undefined;
    try {
      writeFileSync(join(directory, FILES.firmware), firmware(wanted.machine));
      writeFileSync(join(directory, DISK_FILE), emptyDisk());
      const qtest = accept(join(directory, FILES.qtest), servers);
      const qmp = accept(join(directory, FILES.qmp), servers);
      // A group of its own: the interrupt key is for us, who then end it in order.
      child = spawn(wanted.emulator, qemuArguments(wanted, directory), {
        cwd,
        detached: true,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const stderr = keepTail(child);
      const refused = failure(child, wanted, stderr);
      const late = deadline(timeout, stderr);
      const sockets = await Promise.race([Promise.all([qtest, qmp]), refused, late.expired]).finally(late.cancel);
      return new QemuProcess(child, directory, stderr, sockets[0], sockets[1]);
    } catch (error) {
      child?.kill('SIGKILL');
      rmSync(directory, { recursive: true, force: true });
      throw error;
    } finally {
      for (const server of servers) server.close();
    }
  }

  /** How it ended and what it last wrote, as a sentence; waits a bounded time for its end. */
  async describeEnd(): Promise<string> {
    const late = deadline(END_BOUND, () => '');
    await Promise.race([this.ended, late.expired.catch(() => undefined)]).finally(late.cancel);
    const { exitCode, signalCode } = this.child;
    const how =
      signalCode !== null ? `ended by ${signalCode}` : exitCode !== null ? `exited with ${exitCode}` : 'still runs';
    return `QEMU ${how}${quoted(this.stderr())}`;
  }

  /** Ends QEMU and resolves when it has ended and its files are gone. */
  async stop(): Promise<void> {
    this.child.kill('SIGKILL');
    this.child.ref();
    await this.ended;
    this.forget();
    // Its word that there is nothing left to do.
    this.guard.stdin?.end('\n');
  }

  /** For the end of our process, when nothing can be waited for. */
  killNow(): void {
    this.child.kill('SIGKILL');
    rmSync(this.directory, { recursive: true, force: true });
  }

  private forget(): void {
    this.qtest.destroy();
    this.qmp.destroy();
    rmSync(this.directory, { recursive: true, force: true });
    running.delete(this);
    if (running.size === 0) process.off('exit', clearUpAtExit);
  }
}

function qemuArguments(wanted: Spawn, directory: string): string[] {
  const { machine, device, slot, queues, memory } = wanted;
  const properties = [
    device.model,
    'id=device',
    `bus=virtio-mmio-bus.${slot}`,
    ...device.properties,
    ...(queues === undefined ? [] : [`${device.queuesProperty}=${queues}`]),
  ];
  return [
    ...machine.options,
    ...['-bios', join(directory, FILES.firmware)],
    ...['-m', String(memory)],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-accel', 'tcg'],
    ...['-global', 'virtio-mmio.force-legacy=false'],
    ...['-qtest', `unix:${join(directory, FILES.qtest)}`, '-qtest-log', 'none'],
    ...['-qmp', `unix:${join(directory, FILES.qmp)}`],
    ...device.backend(directory),
    ...['-device', properties.join(',')],
    ...device.children.flatMap((child) => ['-device', child]),
  ];
}

function firmware(machine: Machine): Uint8Array {
  const { size, at, code } = machine.firmware;
  const image = Buffer.alloc(size);
  image.write(code, at, 'hex');
  return image;
}

/** Resolves with the first connection to a socket at `path`. */
async function accept(path: string, servers: Server[]): Promise<Socket> {
  if (Buffer.byteLength(path) > SOCKET_PATH_LIMIT) {
    throw new TargetConfigurationError(
      `qtest: ${path} is too long for a socket's path`,
      'set TMPDIR to a shorter directory',
    );
  }
  const server = createServer();
  servers.push(server);
  server.listen(path);
  const [socket] = (await once(server, 'connection')) as [Socket];
  return socket;
}

function keepTail(child: ChildProcess): () => string {
  let tail = '';
  child.stderr?.setEncoding('utf8');
  child.stderr?.on('data', (text: string) => {
    tail = (tail + text).slice(-STDERR_KEPT);
  });
  (child.stderr as Socket | null)?.unref();
  return () => tail.trim();
}

/** Rejects when QEMU cannot be started, or ends before it has connected. */
function failure(child: ChildProcess, wanted: Spawn, stderr: () => string): Promise<never> {
  return new Promise((_, reject) => {
    child.on('error', (cause: NodeJS.ErrnoException) => {
      const { debianPackage } = wanted.machine;
      reject(
        new TargetConfigurationError(
          `qtest: ${wanted.emulator} cannot be run (${cause.code ?? cause.message})`,
          `install it (Debian: apt-get install ${debianPackage}), or name one with qemu=PATH`,
          cause,
        ),
      );
    });
    child.on('close', (code, signal) => {
      const message = `qtest: ${wanted.emulator} ${signal ? `was ended by ${signal}` : `exited with ${code}`} before it was reached${quoted(stderr())}`;
      reject(
        signal
          ? new TargetFault('start', message)
          : new TargetConfigurationError(message, 'QEMU 7.2 knows the options that are used; see docs/qtest.md'),
      );
    });
  });
}

function deadline(timeout: number, stderr: () => string): { expired: Promise<never>; cancel: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new TargetFault('start', `QEMU did not connect within ${timeout} ms${quoted(stderr())}`)),
      timeout,
    );
  });
  return { expired, cancel: () => clearTimeout(timer) };
}

function startGuard(pid: number, directory: string): ChildProcess {
  const guard = spawn('sh', ['-c', GUARD, 'qtest-guard', String(pid), directory], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a shell there is no guard; what happens at our exit is still done.
  guard.on('error', () => {});
  guard.stdin?.on('error', () => {});
  (guard.stdin as Socket | null)?.unref();
  guard.unref();
  return guard;
}

function quoted(stderr: string): string {
  return stderr === '' ? '' : `; it wrote: ${stderr}`;
}
