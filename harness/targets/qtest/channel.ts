/**
 * The qtest protocol: a command a line, an answer a line, in order; between answers QEMU reports intercepted
 * interrupts, each ahead of the answer of the command that caused it.
 */
import type { Socket } from 'node:net';
import type { Interrupt, TargetFault } from '../../target.ts';
import { collectLines } from './lines.ts';

/** A command line without its line feed, or `interrupts` to take what was delivered up to there. */
export type Command = { line: string } | 'interrupts';
/** What follows `OK ` in the answer, or the interrupts taken. */
export type Answer = string | Interrupt[];

/** The connection, or QEMU behind it, failed; `answers` are those to the first commands of the exchange. */
export class ChannelLoss extends Error {
  override name = 'ChannelLoss';
  readonly reason: TargetFault['reason'];
  readonly answers: Answer[];
  constructor(reason: TargetFault['reason'], message: string, answers: Answer[] = []) {
    super(message);
    this.reason = reason;
    this.answers = answers;
  }
}

interface Exchange {
  commands: readonly Command[];
  answers: Answer[];
  resolve(answers: Answer[]): void;
  reject(loss: ChannelLoss): void;
}

/** How much of an unexpected line is shown. */
const SHOWN = 80;

export class Channel {
  private readonly socket: Socket;
  /** Input of the interrupt controller that the device is wired to. */
  private readonly irq: number | undefined;
  /** Milliseconds. */
  private readonly timeout: number;
  private readonly waiting: Exchange[] = [];
  private delivered: Interrupt[] = [];
  private loss: ChannelLoss | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, irq: number | undefined, timeout: number) {
    this.socket = socket;
    this.irq = irq;
    this.timeout = timeout;
    collectLines(socket, (line) => this.receive(line));
    const gone = () => this.lose('died', 'QEMU closed the connection');
    socket.on('end', gone).on('close', gone).on('error', gone);
    socket.unref();
  }

  /** Sends all commands at once and resolves with their answers. @throws ChannelLoss */
  exchange(commands: readonly Command[]): Promise<Answer[]> {
    return new Promise((resolve, reject) => {
      if (this.loss) return reject(new ChannelLoss(this.loss.reason, this.loss.message));
      const lines = commands.flatMap((command) => (command === 'interrupts' ? [] : [`${command.line}\n`]));
      this.waiting.push({ commands, answers: [], resolve, reject });
      if (this.waiting.length === 1) {
        // An idle connection does not keep the process alive, one with an answer outstanding does.
        this.socket.ref();
        this.restartTimer();
        this.advance();
      }
      if (lines.length > 0) this.socket.write(lines.join(''), 'latin1');
    });
  }

  close(): void {
    this.lose('died', 'the connection to QEMU is closed');
  }

  private receive(line: string): void {
    if (line.startsWith('IRQ ')) {
      this.interrupt(line);
      return;
    }
    const exchange = this.waiting[0];
    const good = line === 'OK' || line.startsWith('OK ');
    if (!exchange || !good) {
      this.lose('answer', `QEMU answered '${line.slice(0, SHOWN)}' over qtest`);
      return;
    }
    this.restartTimer();
    exchange.answers.push(line.slice(3));
    this.advance();
  }

  private interrupt(line: string): void {
    const [, what, input] = line.split(' ');
    if (Number(input) !== this.irq) return;
    this.delivered.push({ kind: 'line', level: what === 'raise' ? 1 : 0 });
  }

  /** Answers what needs no answer from QEMU, and ends the exchanges that are complete. */
  private advance(): void {
    for (let exchange = this.waiting[0]; exchange; exchange = this.waiting[0]) {
      while (exchange.commands[exchange.answers.length] === 'interrupts') {
        exchange.answers.push(this.delivered);
        this.delivered = [];
      }
      if (exchange.answers.length < exchange.commands.length) return;
      this.waiting.shift();
      exchange.resolve(exchange.answers);
    }
    clearTimeout(this.timer);
    this.socket.unref();
  }

  private restartTimer(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(
      () => this.lose('hung', `QEMU gave no answer over qtest for ${this.timeout} ms`),
      this.timeout,
    );
  }

  private lose(reason: TargetFault['reason'], message: string): void {
    if (this.loss) return;
    this.loss = new ChannelLoss(reason, message);
    clearTimeout(this.timer);
    this.socket.destroy();
    // Only the first can have been answered in part.
    for (const exchange of this.waiting.splice(0)) {
      exchange.reject(new ChannelLoss(reason, message, exchange.answers));
    }
  }
}
