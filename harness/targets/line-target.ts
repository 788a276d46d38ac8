/** A {@link Target} over the line protocol, however its device is reached. */
import type { Layout } from '../../spec/layout.ts';
import {
  type Adapter,
  type DeviceEvent,
  type Interrupt,
  type Target,
  type TargetAnswer,
  TargetConfigurationError,
  TargetFault,
  type TargetOperation,
} from '../target.ts';
import { type Greeting, PROTOCOL_VERSION, parseGreeting } from './greeting.ts';
import { LineClient, type LineOptions, type Link } from './lines.ts';
import { validateAdapter } from './validate.ts';

export interface LineTargetOptions extends LineOptions {
  specification: string;
  layout: Layout;
  /** Reaches the device, anew each time. @throws TargetConfigurationError or TargetFault('start') */
  connect(): Promise<Link>;
  /** True where connecting again gives a newly created device. */
  connectIsPowerCycle: boolean;
}

/** @throws TargetConfigurationError for a bad greeting @throws TargetFault for a device that dies or hangs in it */
export async function openLineTarget(options: LineTargetOptions): Promise<Target> {
  const session = new Session(options);
  await session.start();
  const adapter = adapterOf(session);
  try {
    validateAdapter(adapter, `${options.specification}: greeting`, options.layout);
  } catch (error) {
    await session.close();
    throw error;
  }
  return {
    specification: options.specification,
    adapter,
    local: false,
    cheapPowerCycle: session.greeting.powerCycle,
    restart: () => session.restart(),
    close: () => session.close(),
  };
}

/** The device and the connection to it, which may be replaced. */
class Session {
  readonly options: LineTargetOptions;
  greeting: Greeting = { powerCycle: false, settle: false };
  private client: LineClient | undefined;
  /** The whole answer to `hello`: after a restart it must be the same. */
  private greeted: string | undefined;
  /** What the device before this one still had to say when it was ended. */
  private leftover: string | undefined;

  constructor(options: LineTargetOptions) {
    this.options = options;
  }

  async start(): Promise<void> {
    const client = new LineClient(await this.options.connect(), this.options);
    this.client = client;
    try {
      const line = await client.text(`hello ${PROTOCOL_VERSION}`);
      const greeting = parseGreeting(line, this.options.specification);
      if (this.greeted !== undefined && this.greeted !== line) {
        throw new TargetFault('start', `the device came back as another one: ${line}`, {
          hint: 'the answer to hello must be the same whenever the device is started',
        });
      }
      this.greeted = line;
      this.greeting = greeting;
    } catch (error) {
      await client.close();
      throw error instanceof TargetFault ? startFault(error) : error;
    }
  }

  async restart(): Promise<void> {
    await this.close();
    this.leftover = this.client?.leftover;
    try {
      await this.start();
    } catch (error) {
      // The user named it right, since it was there before.
      if (!(error instanceof TargetConfigurationError)) throw error;
      const hint = error.hint === undefined ? {} : { hint: error.hint };
      throw new TargetFault('start', error.message, { ...hint, cause: error });
    }
  }

  async close(): Promise<void> {
    await this.client?.close();
  }

  async batch(operations: readonly TargetOperation[]): Promise<TargetAnswer[]> {
    const answers: TargetAnswer[] = new Array(operations.length);
    for (let from = 0; from < operations.length; ) {
      const next = operations.findIndex((operation, index) => index >= from && this.isRestart(operation));
      const to = next < 0 ? operations.length : next;
      await this.exchange(operations, from, to, answers);
      if (to < operations.length) {
        try {
          await this.restart();
          const left = this.leftover;
          if (left !== undefined) throw leftoverFault(left, this.options.specification);
        } catch (error) {
          throw error instanceof TargetFault ? relocated(error, to, answers.slice(0, to)) : error;
        }
      }
      from = to + 1;
    }
    return answers;
  }

  /** Sends the operations from `from` up to `to` in one piece, but those that ask for nothing. */
  private async exchange(
    operations: readonly TargetOperation[],
    from: number,
    to: number,
    answers: TargetAnswer[],
  ): Promise<void> {
    const sent: TargetOperation[] = [];
    for (let index = from; index < to; index++) {
      const operation = operations[index] as TargetOperation;
      if (this.isSent(operation)) sent.push(operation);
    }
    if (from === to) return;
    let fault: TargetFault | undefined;
    let received: TargetAnswer[];
    try {
      received = await this.open().batch(sent);
    } catch (error) {
      if (!(error instanceof TargetFault)) throw error;
      fault = error;
      received = error.answers;
    }
    const good = fault ? (fault.operation ?? 0) : sent.length;
    let taken = 0;
    for (let index = from; index < to; index++) {
      const operation = operations[index] as TargetOperation;
      if (this.isSent(operation)) {
        if (fault && taken === good) throw relocated(fault, index, answers.slice(0, index));
        answers[index] = received[taken++];
      } else answers[index] = operation.kind === 'memory-read' ? new Uint8Array(0) : undefined;
    }
    if (fault) throw relocated(fault, from, answers.slice(0, from));
  }

  private open(): LineClient {
    if (!this.client) throw new TargetFault('start', `${this.options.specification} was not started`);
    return this.client;
  }

  /** A power cycle that is one by starting the device again. */
  private isRestart({ kind }: TargetOperation): boolean {
    return kind === 'power-cycle' && !this.greeting.powerCycle && this.options.connectIsPowerCycle;
  }

  /** False for what the device takes no part in: a power cycle by starting it again, and what asks for nothing. */
  private isSent(operation: TargetOperation): boolean {
    switch (operation.kind) {
      case 'power-cycle':
        return !this.isRestart(operation);
      case 'settle':
        return this.greeting.settle;
      case 'memory-read':
        return operation.length > 0;
      case 'memory-write':
        return operation.bytes.length > 0;
      default:
        return true;
    }
  }
}

/** The fault, with its place counted in the whole batch. */
function relocated(fault: TargetFault, operation: number, answers: TargetAnswer[]): TargetFault {
  const hint = fault.hint === undefined ? {} : { hint: fault.hint };
  return new TargetFault(fault.reason, fault.message, { ...hint, operation, answers, cause: fault });
}

function leftoverFault(line: string, peer: string): TargetFault {
  const said = JSON.stringify(line.slice(0, 80));
  return new TargetFault('answer', `${peer} was ended by a power cycle and had an answer left over: ${said}`, {
    hint: 'the device must answer each request with one line, see docs/protocol.md',
  });
}

/** A device that is lost before it said hello was never a device. */
function startFault(fault: TargetFault): TargetFault {
  const hint =
    fault.hint ?? 'it must read requests from its standard input or socket and answer hello, see docs/protocol.md';
  // An answer too many is told as what it is.
  return new TargetFault(fault.reason === 'answer' ? 'answer' : 'start', fault.message, { hint, cause: fault });
}

function adapterOf(session: Session): Adapter {
  const { greeting } = session;
  const one = async (operation: TargetOperation): Promise<TargetAnswer> => (await session.batch([operation]))[0];
  const adapter: Adapter = {
    read: (offset, width) => one({ kind: 'read', offset, width }) as Promise<number | bigint>,
    write: async (offset, width, value) => {
      await one({ kind: 'write', offset, width, value });
    },
    batch: (operations) => session.batch(operations),
  };
  const { name, version, layout, regionSize, configSize, messages, captures, events, memory } = greeting;
  if (name !== undefined) adapter.name = name;
  if (version !== undefined) adapter.version = version;
  if (layout !== undefined) adapter.layout = layout;
  if (regionSize !== undefined) adapter.regionSize = regionSize;
  if (configSize !== undefined) adapter.configSize = configSize;
  if (messages) adapter.messages = messages;
  if (captures) {
    adapter.captures = captures;
    adapter.interrupts = () => one({ kind: 'interrupts' }) as Promise<Interrupt[]>;
  }
  if (events) {
    adapter.events = events;
    adapter.raise = async (event: DeviceEvent) => {
      await one({ kind: 'raise', event });
    };
  }
  if (memory) {
    adapter.memory = {
      ...memory,
      read: (address, length) => one({ kind: 'memory-read', address, length }) as Promise<Uint8Array>,
      write: async (address, bytes) => {
        await one({ kind: 'memory-write', address, bytes });
      },
    };
  }
  if (greeting.settle) {
    adapter.settle = async () => {
      await one({ kind: 'settle' });
    };
  }
  if (greeting.powerCycle || session.options.connectIsPowerCycle) {
    adapter.powerCycle = async () => {
      await one({ kind: 'power-cycle' });
    };
  }
  return adapter;
}
