/**
 * The client of the line protocol (docs/protocol.md): pipelines whole batches, and turns everything that can go wrong
 * with the other side into a {@link TargetFault}.
 */
import type { Readable, Writable } from 'node:stream';
import { type TargetAnswer, TargetFault, type TargetOperation } from '../target.ts';
import { encodeRequest, Nonsense, parseAnswer, Refusal, type Request } from './line-codec.ts';

/** A connection to a device that speaks the protocol. */
export interface Link {
  readonly input: Writable;
  readonly output: Readable;
  /** Who is at the other end, for messages: `the device`. */
  readonly peer: string;
  /** Resolves when the other side is gone and its output is read, with what became of it: `exited with code 3`. */
  readonly ended: Promise<string>;
  /** The last lines of what it said beside its answers. */
  tail(): string[];
  /** Ends the connection, gracefully where the other side was told to end; resolves when it is gone. */
  destroy(graceful: boolean): Promise<void>;
}

export interface LineOptions {
  /** Milliseconds without any answer, while one is due, before the device counts as hung. */
  timeout: number;
  /** Takes the device's comment lines. */
  log?: (line: string) => void;
}

interface Batch {
  requests: readonly Request[];
  /** How many were handed to the connection. */
  sent: number;
  answers: (TargetAnswer | string)[];
  /** The first request that the device refused. */
  refused: TargetFault | undefined;
  resolve(answers: (TargetAnswer | string)[]): void;
  reject(fault: TargetFault): void;
}

/** Characters a write; large enough to be few, small enough that the device starts early. */
const CHUNK = 1 << 16;
/** An answer line longer than this is no answer, unless so many bytes of memory were asked for. */
const LONGEST_LINE = 1 << 20;
const COMMENTS_KEPT = 10;
/** Milliseconds that a device gets to answer `bye`. */
const FAREWELL = 500;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const HASH = 0x23;

export class LineClient {
  private readonly link: Link;
  private readonly options: LineOptions;
  /** Oldest first; the first one is being answered. */
  private batches: Batch[] = [];
  /** Answered completely by what is being read; whether nothing follows their answers is not known yet. */
  private complete: Batch[] = [];
  /** The request that was answered last. */
  private answered: Request | undefined;
  /** Index of the first batch that is not sent completely. */
  private sending = 0;
  private blocked = false;
  /** What came after the last newline. */
  private rest: Uint8Array = new Uint8Array(0);
  private timer: NodeJS.Timeout | undefined;
  /** Counts answers; tells a slow device from a silent one. */
  private progress = 0;
  private readonly comments: string[] = [];
  private closing = false;
  private broken: TargetFault | undefined;
  private left: string | undefined;

  constructor(link: Link, options: LineOptions) {
    this.link = link;
    this.options = options;
    link.output.on('data', (chunk: Buffer) => this.take(chunk));
    link.input.on('drain', () => {
      this.blocked = false;
      this.send();
    });
    // A broken pipe is reported by the end of the link, with the reason.
    link.input.on('error', () => {});
    link.output.on('error', () => {});
    link.ended.then((how) => this.end(how));
  }

  /** The fault that ended this connection, if any. */
  get fault(): TargetFault | undefined {
    return this.broken;
  }

  /** An answer for which there was no request, seen when the connection was closed in good order. */
  get leftover(): string | undefined {
    return this.left;
  }

  /**
   * Sends all operations in one go.
   *
   * @throws TargetFault with the index of the first operation without a good answer, and the answers before it
   */
  batch(operations: readonly TargetOperation[]): Promise<TargetAnswer[]> {
    return this.request(operations) as Promise<TargetAnswer[]>;
  }

  /** Sends one line and returns the answer line as it is. @throws TargetFault */
  async text(line: string): Promise<string> {
    const [answer] = await this.request([{ kind: 'text', line }]);
    return answer as string;
  }

  /** Says goodbye, where the connection still works, and ends it. */
  async close(): Promise<void> {
    const graceful = this.broken === undefined;
    if (graceful) {
      this.closing = true;
      this.stopTimer();
      this.timer = setTimeout(() => this.overdue(), Math.min(this.options.timeout, FAREWELL));
      // A device that does not know `bye` is ended like any other.
      const farewell = await this.text('bye').catch(() => '');
      // The value of an earlier request, and the answer to `bye` is still to come.
      if (VALUE.test(farewell)) this.left ??= farewell;
    }
    this.broken ??= new TargetFault('died', `${this.link.peer} was closed`);
    this.stopTimer();
    await this.link.destroy(graceful);
  }

  private request(requests: readonly Request[]): Promise<(TargetAnswer | string)[]> {
    if (requests.length === 0) return Promise.resolve([]);
    const { broken } = this;
    if (broken) {
      const more = broken.hint === undefined ? {} : { hint: broken.hint };
      return Promise.reject(new TargetFault(broken.reason, broken.message, { ...more, operation: 0 }));
    }
    return new Promise((resolve, reject) => {
      this.batches.push({ requests, sent: 0, answers: [], refused: undefined, resolve, reject });
      this.startTimer();
      this.send();
    });
  }

  private send(): void {
    while (!this.blocked && this.broken === undefined) {
      const batch = this.batches[this.sending];
      if (!batch) return;
      let text = '';
      while (batch.sent < batch.requests.length && text.length < CHUNK) {
        text += `${encodeRequest(batch.requests[batch.sent] as Request)}\n`;
        batch.sent++;
      }
      if (batch.sent === batch.requests.length) this.sending++;
      this.blocked = !this.link.input.write(text, 'latin1');
    }
  }

  private take(chunk: Buffer): void {
    if (this.broken) {
      this.afterwards(chunk);
      return;
    }
    let bytes: Uint8Array = chunk;
    let at = 0;
    let from = 0;
    if (this.rest.length > 0) {
      from = this.rest.length;
      bytes = Buffer.concat([this.rest, chunk]);
    }
    const before = this.progress;
    for (let index = from; index < bytes.length; index++) {
      if (bytes[index] !== NEWLINE) continue;
      const end = index > at && bytes[index - 1] === RETURN ? index - 1 : index;
      if (bytes[at] === HASH) this.comment(text(bytes, at, end));
      else this.answer(bytes, at, end);
      if (this.broken) return;
      at = index + 1;
    }
    this.rest = bytes.subarray(at);
    if (this.rest.length > 0 && !this.checkRest()) return;
    this.deliver();
    if (this.progress !== before) {
      if (this.batches.length > 0) this.timer?.refresh();
      else this.stopTimer();
    }
  }

  /** False where what came after the last newline cannot become an answer or a comment. */
  private checkRest(): boolean {
    const { rest } = this;
    const due = this.due();
    if (rest[0] !== HASH && due === undefined) this.surplus(text(rest, 0, rest.length));
    else if (rest.length > longestAnswer(due)) {
      const start = quote(text(rest, 0, 80));
      this.fail('answer', `${this.link.peer} sent ${rest.length} bytes without a newline: ${start}`, PROTOCOL_HINT);
    }
    return this.broken === undefined;
  }

  /** What comes after the end: of interest where the device ends in good order. */
  private afterwards(chunk: Buffer): void {
    if (!this.closing) return;
    this.left ??= ANSWER.exec(chunk.toString('utf8'))?.[0];
  }

  /** The request that the next answer belongs to, if one is due. */
  private due(): Request | undefined {
    const batch = this.batches[0];
    return batch && batch.answers.length < batch.sent ? batch.requests[batch.answers.length] : undefined;
  }

  /** An answer that nobody asked for: those before it may have been answers to other requests. */
  private surplus(line: string): void {
    const after = this.answered ? `, after its answer to ${shown(this.answered)}` : '';
    const message = `${this.link.peer} sent ${quote(line)} when no answer was due${after}`;
    if (this.closing && ANSWER.test(line)) this.left ??= line;
    this.fail('answer', message, PROTOCOL_HINT);
  }

  private deliver(): void {
    if (this.complete.length === 0) return;
    for (const batch of this.complete.splice(0)) {
      if (batch.refused) batch.reject(batch.refused);
      else batch.resolve(batch.answers);
    }
  }

  private answer(bytes: Uint8Array, start: number, end: number): void {
    const batch = this.batches[0];
    const request = this.due();
    if (!batch || !request) return this.surplus(text(bytes, start, end));
    try {
      batch.answers.push(parseAnswer(request, bytes, start, end));
    } catch (error) {
      if (error instanceof Refusal) {
        batch.refused ??= new TargetFault('threw', `${this.link.peer} refused ${shown(request)}: ${error.message}`, {
          operation: batch.answers.length,
          answers: batch.answers.slice() as TargetAnswer[],
        });
        // What was sent behind it is answered still; only after that the next batch is in step.
        batch.answers.push(undefined);
      } else if (error instanceof Nonsense) {
        const line = quote(text(bytes, start, end));
        this.fail('answer', `${this.link.peer} answered ${line} to ${shown(request)}: ${error.message}`, PROTOCOL_HINT);
        return;
      } else throw error;
    }
    this.progress++;
    if (batch.answers.length < batch.requests.length) return;
    this.answered = request;
    this.batches.shift();
    this.sending--;
    this.complete.push(batch);
  }

  private comment(line: string): void {
    this.comments.push(line);
    if (this.comments.length > COMMENTS_KEPT) this.comments.shift();
    this.options.log?.(line);
  }

  private end(how: string): void {
    if (this.closing) {
      this.broken ??= new TargetFault('died', `${this.link.peer} ${how}`);
      for (const batch of this.batches.splice(0)) batch.resolve([]);
      this.stopTimer();
      return;
    }
    this.fail('died', `${this.link.peer} ${how}${this.current()}${this.partial()}`);
  }

  private startTimer(): void {
    this.timer ??= setTimeout(() => this.overdue(), this.options.timeout);
  }

  private stopTimer(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Answers may have been waiting while this process was busy: they are read before the device is blamed. */
  private overdue(): void {
    const { progress } = this;
    setImmediate(() =>
      setImmediate(() => {
        if (this.batches.length === 0 || this.broken) return;
        if (this.progress !== progress) this.timer?.refresh();
        else if (this.closing) this.end('did not answer to bye');
        else {
          const message = `${this.link.peer} did not answer within ${this.options.timeout} ms`;
          const hint =
            this.rest.length > 0 && this.rest[0] !== HASH
              ? 'an answer ends in a newline, and is flushed'
              : 'if the device is slow rather than hung, allow it more time with --timeout';
          this.fail('hung', `${message}${this.current()}${this.partial()}`, hint);
        }
      }),
    );
  }

  /** `, at request 3 (r32 0x44)`: what is not answered yet. */
  private current(): string {
    const batch = this.batches[0];
    const request = batch?.requests[batch.answers.length];
    return batch && request ? `, at ${shown(request)}` : '';
  }

  private partial(): string {
    return this.rest.length > 0 ? `, in the middle of a line: ${quote(text(this.rest, 0, 80))}` : '';
  }

  private fail(reason: TargetFault['reason'], message: string, hint?: string): void {
    if (this.broken) return;
    this.stopTimer();
    const said = [...this.comments, ...this.link.tail()];
    const full = said.length > 0 ? `${message}\nlast lines it wrote:\n${indent(said)}` : message;
    const withHint = hint === undefined ? {} : { hint };
    this.broken = new TargetFault(reason, full, withHint);
    for (const batch of this.complete.splice(0)) {
      const operation = batch.answers.length - 1;
      const answers = batch.answers.slice(0, operation) as TargetAnswer[];
      batch.reject(batch.refused ?? new TargetFault(reason, full, { ...withHint, operation, answers }));
    }
    for (const batch of this.batches.splice(0)) {
      const answers = batch.answers as TargetAnswer[];
      // A refusal came first, and it is what is wrong with this batch.
      batch.reject(batch.refused ?? new TargetFault(reason, full, { ...withHint, operation: answers.length, answers }));
    }
    // Nothing is left running behind a fault.
    void this.link.destroy(false);
  }
}

/** A line that was meant as an answer; what else a device says at its end harms nobody. */
const ANSWER = /^(ok|err)\b.*$/m;
/** An answer that `bye` does not get. */
const VALUE = /^ok (0x|m:|l:|\d)/;
const PROTOCOL_HINT = 'the device must answer each request with one line, see docs/protocol.md';

function longestAnswer(request: Request | undefined): number {
  // Two digits a byte, behind `ok `.
  return LONGEST_LINE + (request?.kind === 'memory-read' ? 2 * request.length : 0);
}

function text(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.subarray(start, end)).toString('utf8');
}

function quote(line: string): string {
  return JSON.stringify(line.length > 80 ? `${line.slice(0, 77)}...` : line);
}

function shown(request: Request): string {
  const line = encodeRequest(request);
  return `'${line.length > 60 ? `${line.slice(0, 57)}...` : line}'`;
}

function indent(lines: string[]): string {
  return lines.map((line) => `  ${line}`).join('\n');
}
