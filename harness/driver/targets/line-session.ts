/** One connection to a driver that speaks the line protocol: serves what it asks for, until it ends or fails. */
import { Nonsense } from '../../targets/line-codec.ts';
import type { Link } from '../../targets/lines.ts';
import { BusError, type Task } from '../api.ts';
import { Endless } from '../bus.ts';
import type { Ending, Meeting } from '../target.ts';
import {
  bytesText,
  DRIVER_PROTOCOL_VERSION,
  type DriverGreeting,
  type DriverRequest,
  hexadecimal,
  interruptText,
  messageText,
  parseRequest,
  parseResult,
  taskText,
} from './requests.ts';

export interface LineSessionOptions {
  /** Milliseconds in which the driver must ask for something. */
  timeout: number;
  /** Takes the driver's comment lines. */
  log?: (line: string) => void;
}

type Failure = Extract<Ending, { how: 'failed' }>;

/** Characters of a line without a request that writes memory, and beyond it. */
const LONGEST_LINE = 1 << 16;
const COMMENTS_KEPT = 10;
const PROTOCOL_HINT = 'what a driver may ask for is in docs/driver-protocol.md';

export class LineSession {
  /** What the driver said of itself; undefined before it has greeted. */
  greeting: DriverGreeting | undefined;
  private readonly link: Link;
  private readonly meeting: Meeting;
  private readonly options: LineSessionOptions;
  private readonly comments: string[] = [];
  private rest = '';
  private task: Task | undefined;
  /** It was told its first task; it was told that there are no more. */
  private begun = false;
  private over = false;
  private last = '';
  private requests = 0;
  private timer: NodeJS.Timeout | undefined;
  private finish: (ending: Ending) => void = () => {};
  private isFinished = false;
  private isRefused = false;
  /** What was wrong after the end. */
  private late: Failure | undefined;
  /** Takes an error of the suite itself. */
  private reject: (error: unknown) => void = () => {};

  constructor(link: Link, meeting: Meeting, options: LineSessionOptions) {
    this.link = link;
    this.meeting = meeting;
    this.options = options;
  }

  /** Resolves when the driver has ended and its process or connection is gone. Never rejects for what it does. */
  async run(): Promise<Ending> {
    const { link } = this;
    const ending = await new Promise<Ending>((resolve, reject) => {
      this.reject = reject;
      this.finish = (how) => {
        if (this.isFinished) return;
        this.isFinished = true;
        clearTimeout(this.timer);
        resolve(how);
      };
      link.output.setEncoding('utf8');
      link.output.on('data', (chunk: string) => this.take(chunk));
      // A broken pipe is reported by the end of the link, with the reason.
      link.input.on('error', () => {});
      link.output.on('error', () => {});
      void link.ended.then((how) => this.gone(how));
      this.timer = setTimeout(() => this.overdue(this.requests), this.options.timeout);
    });
    // Whoever is told what is wrong gets a moment to read it.
    await link.destroy(ending.how === 'ended' || this.isRefused);
    return ending.how === 'ended' && this.late !== undefined ? this.late : ending;
  }

  private take(chunk: string): void {
    this.rest += chunk;
    let from = 0;
    for (let end = this.rest.indexOf('\n', from); end >= 0; end = this.rest.indexOf('\n', from)) {
      const line = this.rest.slice(from, this.rest[end - 1] === '\r' ? end - 1 : end);
      from = end + 1;
      if (line.startsWith('#')) this.comment(line);
      else if (this.over || !this.isFinished) this.request(line);
    }
    this.rest = this.rest.slice(from);
    const longest = LONGEST_LINE + 2 * this.meeting.bus.memory.size;
    if (this.rest.length > longest) {
      this.fail('answer', `${this.peer} sent ${this.rest.length} characters without a newline: ${quote(this.rest)}`);
    }
  }

  private comment(line: string): void {
    this.comments.push(line);
    if (this.comments.length > COMMENTS_KEPT) this.comments.shift();
    this.options.log?.(line);
  }

  private request(line: string): void {
    if (this.over && this.isRefused) return;
    if (this.over) {
      this.late ??= this.failure('answer', `${this.peer} sent ${quote(line)} after it was told 'end'`, PROTOCOL_HINT);
      return;
    }
    this.requests++;
    this.last = line;
    this.timer?.refresh();
    let answer: string;
    try {
      answer = this.serve(parseRequest(line));
    } catch (error) {
      if (error instanceof Endless && this.task) this.endless(error);
      else if (error instanceof Nonsense || error instanceof BusError) this.refuse(line, error);
      else this.reject(error);
      return;
    }
    this.answer(`ok${answer === '' ? '' : ` ${answer}`}`);
    if (this.over) this.finish({ how: 'ended' });
  }

  /** The driver goes round in circles: what it was asked for is not done, and that was all. */
  private endless({ message }: Endless): void {
    this.answer(`err ${message}`);
    this.meeting.next({ outcome: 'stuck', why: message });
    this.over = true;
    this.isRefused = true;
    this.finish({ how: 'ended' });
  }

  private answer(line: string): void {
    this.link.input.write(`${line}\n`);
  }

  private refuse(line: string, error: Error): void {
    const { greeting } = this;
    this.answer(`err ${error.message}`);
    this.isRefused = true;
    const problem = `${this.peer} sent ${quote(line)}: ${error.message}`;
    this.fail(
      greeting ? 'answer' : 'start',
      greeting ? problem : `${problem} (a driver says hello first)`,
      PROTOCOL_HINT,
    );
  }

  /** The answer behind `ok`. @throws Nonsense for what is not in order @throws BusError for what cannot be */
  private serve(request: DriverRequest): string {
    const { bus } = this.meeting;
    if (request.kind === 'hello') {
      if (this.greeting) throw new Nonsense('it has said hello before');
      this.greeting = request.greeting;
      const { base, size } = bus.memory;
      const memory = `${hexadecimal(base)}+${hexadecimal(size)}`;
      return `${DRIVER_PROTOCOL_VERSION} layout=${bus.layout} region=${hexadecimal(bus.regionSize)} memory=${memory}`;
    }
    if (!this.greeting) throw new Nonsense(`'hello ${DRIVER_PROTOCOL_VERSION}' was expected first`);
    switch (request.kind) {
      case 'read': {
        const { offset, width } = request;
        return hexadecimal(width === 64 ? bus.read(offset, width) : bus.read(offset, width));
      }
      case 'write':
        bus.write(request.offset, request.value, request.width);
        return '';
      case 'memory-read':
        return bytesText(bus.memory.read(request.address, request.length));
      case 'memory-write':
        bus.memory.write(request.address, request.bytes);
        return '';
      case 'message':
        return messageText(bus.message());
      case 'wait':
        return interruptText(bus.wait());
      case 'next':
        if (this.begun) throw new Nonsense(`it was told its first task before: '${taskText(this.task)}' is not done`);
        this.begun = true;
        return this.proceed(undefined);
      case 'result':
        if (!this.task) throw new Nonsense(`there is no task: 'next' asks for the first one`);
        return this.proceed(parseResult(request, this.task));
    }
  }

  private proceed(result: Parameters<Meeting['next']>[0]): string {
    this.task = this.meeting.next(result);
    this.over = this.task === undefined;
    return taskText(this.task);
  }

  // --- how it goes wrong ---

  private gone(how: string): void {
    if (this.over) return;
    const partial = this.rest === '' ? '' : `, in the middle of a line: ${quote(this.rest)}`;
    const message = `${this.peer} ${how}${this.place}${partial}`;
    if (this.greeting) this.fail('died', message);
    else this.fail('start', `${message}, before it said hello`, PROTOCOL_HINT);
  }

  /** Requests may have been waiting while this process was busy: they are read before the driver is blamed. */
  private overdue(requests: number): void {
    setImmediate(() =>
      setImmediate(() => {
        if (this.isFinished) return;
        if (this.requests !== requests) {
          const now = this.requests;
          this.timer = setTimeout(() => this.overdue(now), this.options.timeout);
          return;
        }
        const { timeout } = this.options;
        const hint = this.rest === '' ? SLOW_HINT : 'a request ends in a newline, and is flushed';
        if (this.greeting) this.fail('hung', `${this.peer} asked for nothing for ${timeout} ms${this.place}`, hint);
        else this.fail('start', `${this.peer} did not say hello within ${timeout} ms`, hint);
      }),
    );
  }

  /** `, at its task 'transfer 4', after request 12 ('r32 0x44')`. */
  private get place(): string {
    const task = this.task ? `, at its task '${taskText(this.task)}'` : '';
    return this.last === '' ? task : `${task}, after request ${this.requests} (${quote(this.last)})`;
  }

  private get peer(): string {
    return this.link.peer;
  }

  private fail(reason: Failure['reason'], message: string, hint?: string): void {
    this.finish(this.failure(reason, message, hint));
  }

  private failure(reason: Failure['reason'], message: string, hint?: string): Failure {
    const said = [...this.comments, ...this.link.tail()];
    const full =
      said.length > 0 ? `${message}\nlast lines it wrote:\n${said.map((line) => `  ${line}`).join('\n')}` : message;
    return { how: 'failed', reason, message: full, ...(hint === undefined ? {} : { hint }) };
  }
}

const SLOW_HINT = 'if the driver is slow rather than hung, allow it more time with --timeout';

function quote(line: string): string {
  return JSON.stringify(line.length > 80 ? `${line.slice(0, 77)}...` : line);
}
