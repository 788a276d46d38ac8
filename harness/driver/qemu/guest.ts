/** One boot of a guest: QEMU from its start to its end, the device's side of the bridge, and the console. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { hex } from '../../program.ts';
import { adopt, killTree, release } from '../../targets/children.ts';
import { BusError } from '../api.ts';
import type { Ending, GuestBus, Meeting, Shown } from '../target.ts';
import { type GuestAccess, type GuestAnswer, serveBridge } from './bridge-channel.ts';
import { Console } from './console.ts';
import type { Ground } from './ground.ts';
import type { GuestMachine } from './machines.ts';
import type { GuestPlan } from './specification.ts';

export interface Surroundings {
  cwd: string;
  /** The compiled plugin. */
  bridge: string;
  /** Milliseconds in which the guest may do nothing that is seen. */
  patience: number;
  log?: (line: string) => void;
}

/** Lines of the console in a message, and characters of what QEMU complained of. */
const TAIL = { lines: 10, stderr: 2000 };
/** Characters that a console may show: a guest that shows more is not going to end. */
const CONSOLE_LIMIT = 2 ** 23;

/** The file descriptor of the debug port in QEMU, after standard input, output and error; a socket, as Node makes it. */
const DEBUG_DESCRIPTOR = 3;

type Failure = Extract<Ending, { how: 'failed' }>;

export class Guest {
  private readonly plan: GuestPlan;
  private readonly ground: Ground;
  private readonly meeting: Meeting;
  private readonly bus: GuestBus;
  private readonly surroundings: Surroundings;
  private readonly console: Console;
  private child: ChildProcess | undefined;
  private bridge: Socket | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isBuilt = false;
  private accesses = 0;
  private stderr = '';
  private unlogged = '';
  /** Set once it is known how this ends; nothing of the guest is served any more. */
  private outcome: Ending | Error | undefined;

  constructor(plan: GuestPlan, ground: Ground, meeting: Meeting, surroundings: Surroundings) {
    this.plan = plan;
    this.ground = ground;
    this.meeting = meeting;
    this.bus = meeting.bus;
    this.surroundings = surroundings;
    this.console = new Console(plan.dialogue, (line) => this.child?.stdin?.write(line));
  }

  /** Resolves when QEMU has ended. Rejects only for an error of the device. */
  async run(): Promise<Ending> {
    const { patience, cwd } = this.surroundings;
    const server = createServer((socket) => this.connected(socket, server));
    server.listen(this.ground.socket);
    await once(server, 'listening');
    try {
      const stdio: 'pipe'[] = ['pipe', 'pipe', 'pipe', 'pipe'];
      const child = spawn(this.plan.emulator, this.arguments(), { cwd, stdio, detached: true });
      this.child = child;
      adopt(child);
      const closed = new Promise<void>((resolve) => {
        child.on('error', (error) => this.end(this.failure('start', `QEMU cannot be run: ${error.message}`)));
        child.on('close', (code, signal) => {
          this.end(this.endOf(code, signal));
          resolve();
        });
      });
      this.listen(child);
      this.timer = setTimeout(() => this.hung(), patience);
      await closed;
      release(child);
    } finally {
      clearTimeout(this.timer);
      this.bridge?.destroy();
      server.close();
    }
    if (this.outcome instanceof Error) throw this.outcome;
    return { ...(this.outcome ?? { how: 'ended' }), ...this.seen() };
  }

  private listen(child: ChildProcess): void {
    const [input, output, errors, debug] = child.stdio as unknown as Socket[];
    input?.on('error', () => {});
    errors?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = (this.stderr + text).slice(-TAIL.stderr);
    });
    output?.setEncoding('utf8').on('data', (text: string) => this.shown(text));
    debug?.setEncoding('utf8').on('data', (text: string) => this.shown(text));
  }

  private arguments(): string[] {
    const { machine, memory, boot, base, size, input, slot, args } = this.plan;
    const plugin = [
      `file=${escaped(this.surroundings.bridge)}`,
      `socket=${escaped(this.ground.socket)}`,
      ...[`base=${base}`, `size=${size}`, `controller=${machine.controller}`, `input=${input}`],
      ...(machine.shadow
        ? [`shadow=${machine.shadow.end - machine.shadow.size}`, `shadow-size=${machine.shadow.size}`]
        : []),
    ];
    const ram = [
      'memory-backend-file',
      'id=ram',
      'share=on',
      `size=${memory}M`,
      `mem-path=${escaped(this.ground.ramFile)}`,
    ];
    return [
      ...machine.options,
      ...['-machine', 'memory-backend=ram', '-m', String(memory), '-object', ram.join(',')],
      ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-serial', 'stdio'],
      ...['-plugin', plugin.join(',')],
      ...debugConsole(machine),
      ...(machine.announcesDevices ? coveredDevice(slot) : []),
      ...Object.entries(boot).flatMap(([key, value]) => [`-${key}`, value]),
      ...args,
    ];
  }

  // --- what comes of the guest ---

  private connected(socket: Socket, server: Server): void {
    server.close();
    this.bridge = socket;
    // That QEMU is gone is told by its end.
    socket.on('error', () => {});
    serveBridge(socket, {
      hello: () => {
        this.isBuilt = true;
        this.ground.removeFiles();
      },
      access: (access) => this.access(access),
      nonsense: (what) => this.end(this.failure('answer', `the bridge sent ${what}, which is no packet`)),
    });
  }

  private access(access: GuestAccess): GuestAnswer | undefined {
    if (this.outcome !== undefined) return undefined;
    this.timer?.refresh();
    this.accesses++;
    try {
      const value = serve(this.bus, access);
      if (this.meeting.isOver?.()) this.end({ how: 'ended' });
      return { value, interrupts: this.bus.deliver() };
    } catch (error) {
      this.end(error instanceof BusError ? this.failure('answer', error.message) : asError(error));
      return undefined;
    }
  }

  private shown(text: string): void {
    if (this.outcome !== undefined) return;
    this.timer?.refresh();
    this.console.take(text);
    this.tell(text);
    const { until } = this.plan;
    if (until !== undefined && this.console.shows(until)) this.end(this.ended());
    else if (this.console.text.length > CONSOLE_LIMIT) this.end(this.failure('hung', 'its console shows no end'));
  }

  private tell(text: string): void {
    const { log } = this.surroundings;
    if (!log) return;
    const lines = (this.unlogged + text).split(/\r?\n/);
    this.unlogged = lines.pop() ?? '';
    for (const line of lines) log(line);
  }

  // --- how it ends ---

  private end(outcome: Ending | Error): void {
    if (this.outcome !== undefined) return;
    this.outcome = outcome;
    clearTimeout(this.timer);
    if (this.child) killTree(this.child);
  }

  private endOf(code: number | null, signal: NodeJS.Signals | null): Ending {
    const how = signal ? `QEMU was ended by ${signal}` : `QEMU exited with ${code}`;
    if (!this.isBuilt) {
      return this.failure(
        'start',
        `${how} before the guest began`,
        'the options are those of QEMU 7.2; is each file one that it can boot?',
      );
    }
    return code === 0 ? this.ended() : this.failure('died', how);
  }

  /** Whatever a device is, a driver has to look for that; a guest that does not has none, or does not know the slot. */
  private ended(): Ending {
    if (this.accesses > 0) return { how: 'ended' };
    const { base } = this.plan;
    return this.failure(
      'start',
      `it ended and never accessed the device at ${hex(base)}`,
      'is a virtio-mmio driver there and loaded (Linux: virtio_mmio), and does the guest know of the slot?',
    );
  }

  private hung(): void {
    const { next } = this.console;
    const seconds = this.surroundings.patience / 1000;
    const typing = next ? `; prompt=${next.prompt} was waited for and did not show` : '';
    this.end(
      this.failure(
        'hung',
        `for ${seconds} seconds there was no access and nothing on the console${typing}`,
        'a guest powers itself off, or until=TEXT says what its console shows at the end; patience=SECONDS waits longer',
      ),
    );
  }

  private failure(reason: Failure['reason'], what: string, hint?: string): Ending {
    const complaints = this.stderr.trim();
    const lines = this.console.tail(TAIL.lines);
    const message = [
      `the guest on ${this.plan.machine.name}: ${what}`,
      ...(complaints === '' ? [] : [`QEMU wrote: ${complaints}`]),
      ...(lines.length === 0 ? [] : ['the console showed at last:', ...lines.map((line) => `  ${line}`)]),
    ].join('\n');
    return { how: 'failed', reason, message, ...(hint === undefined ? {} : { hint }) };
  }

  private seen(): Shown {
    const { expect, until } = this.plan;
    const wanted = until === undefined ? expect : [...expect, until];
    const hasTyped = this.console.next === undefined;
    const known = wanted.length > 0 || !hasTyped;
    return {
      console: this.console.text,
      ...(known ? { didItsWork: hasTyped && wanted.every((text) => this.console.shows(text)) } : {}),
    };
  }
}

function serve(bus: GuestBus, access: GuestAccess): number | bigint {
  const { offset, width } = access;
  if (access.kind === 'write') bus.write(offset, width === 64 ? access.value : Number(access.value), width);
  else if (width === 64) return bus.read(offset, width);
  else return bus.read(offset, width);
  return 0;
}

function debugConsole({ debugPort }: GuestMachine): string[] {
  if (debugPort === undefined) return [];
  return [
    ...['-chardev', `socket,id=debug,fd=${DEBUG_DESCRIPTOR}`],
    ...['-device', `isa-debugcon,iobase=${debugPort},chardev=debug`],
  ];
}

/** Only where a transport has a device is it announced; what this one does is never seen. */
function coveredDevice(slot: number): string[] {
  const device = ['virtio-rng-device', 'rng=covered', `bus=virtio-mmio-bus.${slot}`];
  return ['-object', 'rng-builtin,id=covered', '-device', device.join(',')];
}

/** As the value of one of QEMU's options. */
function escaped(value: string): string {
  return value.replaceAll(',', ',,');
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
