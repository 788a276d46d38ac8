/** QMP: JSON objects a line; used for what qtest has no command for. */
import type { Socket } from 'node:net';
import type { TargetFault } from '../../target.ts';
import { ChannelLoss } from './channel.ts';
import { collectLines } from './lines.ts';

/** QEMU refused a command; the device is untouched. */
export class QmpError extends Error {
  override name = 'QmpError';
}

interface Reply {
  QMP?: { version: { qemu: { major: number; minor: number; micro: number }; package: string } };
  return?: unknown;
  error?: { desc: string };
  event?: string;
}

interface Waiting {
  /** The event that is waited for; without it, a reply. */
  event?: string;
  resolve(reply: Reply): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout;
}

export class Qmp {
  private readonly socket: Socket;
  private readonly timeout: number;
  private waiting: Waiting[] = [];
  private loss: ChannelLoss | undefined;
  /** E.g. `7.2.22 (Debian 1:7.2+dfsg-7)`. */
  version = '';

  private constructor(socket: Socket, timeout: number) {
    this.socket = socket;
    this.timeout = timeout;
    collectLines(socket, (line) => this.receive(line));
    const gone = () => this.lose('died', 'QEMU closed the QMP connection');
    socket.on('end', gone).on('close', gone).on('error', gone);
    socket.unref();
  }

  /** Greets QEMU over a fresh connection. @throws ChannelLoss */
  static async open(socket: Socket, timeout: number): Promise<Qmp> {
    const qmp = new Qmp(socket, timeout);
    const { QMP: greeting } = await qmp.next();
    if (greeting) {
      const { qemu, package: from } = greeting.version;
      qmp.version = `${qemu.major}.${qemu.minor}.${qemu.micro}${from === '' ? '' : ` (${from})`}`;
    }
    await qmp.execute('qmp_capabilities');
    return qmp;
  }

  /** Runs a command and returns what it returns. @throws QmpError where QEMU refuses, ChannelLoss */
  async execute(command: string, parameters: Record<string, unknown> = {}): Promise<unknown> {
    const reply = this.next();
    this.socket.write(`${JSON.stringify({ execute: command, arguments: parameters })}\n`);
    const { error, return: value } = await reply;
    if (error) throw new QmpError(`QEMU refused ${command}: ${error.desc}`);
    return value;
  }

  /** Runs a command and waits for the event that says it took effect. @throws QmpError, ChannelLoss */
  async executeUntil(command: string, event: string): Promise<void> {
    const happened = this.next(event);
    await Promise.all([this.execute(command), happened]);
  }

  close(): void {
    this.lose('died', 'the QMP connection is closed');
  }

  private next(event?: string): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.loss) return reject(this.loss);
      const what = event === undefined ? 'answer' : `${event} event`;
      const timer = setTimeout(
        () => this.lose('hung', `QEMU gave no ${what} over QMP for ${this.timeout} ms`),
        this.timeout,
      );
      this.waiting.push({ ...(event === undefined ? {} : { event }), resolve, reject, timer });
    });
  }

  private receive(line: string): void {
    let reply: Reply;
    try {
      reply = JSON.parse(line) as Reply;
    } catch {
      this.lose('answer', `QEMU answered '${line.slice(0, 80)}' over QMP`);
      return;
    }
    const index = this.waiting.findIndex((waiting) => waiting.event === reply.event);
    const [waiting] = index < 0 ? [] : this.waiting.splice(index, 1);
    clearTimeout(waiting?.timer);
    waiting?.resolve(reply);
  }

  private lose(reason: TargetFault['reason'], message: string): void {
    if (this.loss) return;
    this.loss = new ChannelLoss(reason, message);
    this.socket.destroy();
    for (const waiting of this.waiting.splice(0)) {
      clearTimeout(waiting.timer);
      waiting.reject(this.loss);
    }
  }
}
