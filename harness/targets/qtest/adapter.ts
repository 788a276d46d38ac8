/** A virtio-mmio device of QEMU's as an adapter: its accesses as lines of qtest's, batches pipelined. */
import {
  type Adapter,
  type DeviceEvent,
  type Interrupt,
  type TargetAnswer,
  TargetFault,
  type TargetOperation,
  type Width,
} from '../../target.ts';
import { type Answer, ChannelLoss, type Command } from './channel.ts';
import { type ConfigEvent, TRANSPORT_SIZE } from './machines.ts';
import { QmpError } from './qmp.ts';
import { type Session, versionOf } from './session.ts';
import type { Location } from './specification.ts';

/** QEMU takes at most this much of what is sent to it from a character device at a time; bytes. */
const CHARDEV_READ = 4096;
/**
 * What settles the device. QEMU completes requests in bottom halves, which run once in each turn of its main loop; of a
 * qtest connection it takes at most 1 KiB in a turn (in no case more than CHARDEV_READ). A command longer than that is
 * therefore answered some turns after the one before it, wherever in a pipeline it is. The word after the command is
 * ignored. Measured: one turn is enough for every device of the table, four are given.
 */
const SETTLE: Command = { line: `endianness ${'0'.repeat(CHARDEV_READ)}` };

const SUFFIX: Record<Width, string> = { 8: 'b', 16: 'w', 32: 'l', 64: 'q' };

/** Bytes by which `block_resize` grows the disk each time. */
const SECTOR = 512;
/** MiB; between these the balloon's target is moved. */
const BALLOON = [64, 96] as const;

export interface DeviceFacts {
  location: Location;
  configEvent: ConfigEvent | undefined;
  configSize: number | undefined;
  /** True where requests may be completed by other threads, so that settling has QEMU drain its block layer. */
  drains: boolean;
}

/** An adapter over a session that can be exchanged for a fresh one after a fault. */
export class QtestDevice {
  readonly adapter: Adapter;
  private readonly facts: DeviceFacts;
  private session: Session | undefined;
  private linkIsUp = true;
  private balloonIsLarge = false;

  constructor(session: Session, facts: DeviceFacts) {
    this.session = session;
    this.facts = facts;
    const { location, configEvent, configSize } = facts;
    const { ram } = location;
    const version = versionOf(session);
    this.adapter = {
      layout: 'virtio-mmio',
      regionSize: TRANSPORT_SIZE,
      ...(version === undefined ? {} : { version }),
      ...(configSize === undefined ? {} : { configSize }),
      read: async (offset, width) => (await this.one({ kind: 'read', offset, width })) as number | bigint,
      write: async (offset, width, value) => void (await this.one({ kind: 'write', offset, width, value })),
      settle: async () => void (await this.one({ kind: 'settle' })),
      batch: (operations) => this.batch(operations),
      close: () => this.close(),
      ...(location.irq === undefined
        ? {}
        : { captures: ['line'], interrupts: async () => (await this.one({ kind: 'interrupts' })) as Interrupt[] }),
      ...(session.qmp ? { powerCycle: async () => void (await this.one({ kind: 'power-cycle' })) } : {}),
      ...(configEvent
        ? { events: ['config'], raise: async (event) => void (await this.one({ kind: 'raise', event })) }
        : {}),
      ...(ram
        ? {
            memory: {
              ...ram,
              read: async (address, length) => (await this.one({ kind: 'memory-read', address, length })) as Uint8Array,
              write: async (address, bytes) => void (await this.one({ kind: 'memory-write', address, bytes })),
            },
          }
        : {}),
    };
  }

  /** Goes on with a fresh QEMU. */
  replace(session: Session): void {
    this.session = session;
    this.linkIsUp = true;
    this.balloonIsLarge = false;
  }

  async close(): Promise<void> {
    const { session } = this;
    this.session = undefined;
    await session?.close();
  }

  private async one(operation: TargetOperation): Promise<TargetAnswer> {
    return (await this.batch([operation]))[0];
  }

  private async batch(operations: readonly TargetOperation[]): Promise<TargetAnswer[]> {
    const { session } = this;
    const answers: TargetAnswer[] = [];
    if (!session) throw new TargetFault('died', 'QEMU is gone since an earlier fault, or closed', { operation: 0 });
    try {
      for (let from = 0; from < operations.length; ) {
        const to = this.endOfPipeline(operations, from);
        if (to > from) {
          await this.pipeline(session, operations.slice(from, to), answers);
          from = to;
        } else {
          await this.alone(session, operations[from] as TargetOperation);
          answers.push(undefined);
          from += 1;
        }
      }
      return answers;
    } catch (error) {
      throw await this.fault(session, error, answers);
    }
  }

  /** Index after the last operation from `from` that needs no other channel than qtest's. */
  private endOfPipeline(operations: readonly TargetOperation[], from: number): number {
    for (let index = from; index < operations.length; index++) {
      const kind = operations[index]?.kind;
      if (kind === 'raise' || kind === 'power-cycle' || (kind === 'settle' && this.facts.drains)) return index;
    }
    return operations.length;
  }

  /** Sends the operations in one go, and appends their answers to `answers`, as many as there are. */
  private async pipeline(session: Session, operations: TargetOperation[], answers: TargetAnswer[]): Promise<void> {
    const commands = operations.map((operation) => this.commandOf(operation));
    const sent = commands.filter((command) => command !== undefined);
    let loss: ChannelLoss | undefined;
    const got = await session.channel.exchange(sent).catch((error: unknown) => {
      if (!(error instanceof ChannelLoss)) throw error;
      loss = error;
      return error.answers;
    });
    let next = 0;
    for (const [index, operation] of operations.entries()) {
      if (commands[index] === undefined) answers.push(operation.kind === 'memory-read' ? new Uint8Array(0) : undefined);
      else if (next < got.length) answers.push(parseAnswer(operation, got[next++] as Answer));
      else break;
    }
    if (loss) throw loss;
  }

  /** The line of an operation; undefined for one over no bytes, on which QEMU would abort. */
  private commandOf(operation: TargetOperation): Command | undefined {
    const { base } = this.facts.location;
    switch (operation.kind) {
      case 'read':
        return { line: `read${SUFFIX[operation.width]} ${hex(base + operation.offset)}` };
      case 'write': {
        const { width, offset, value } = operation;
        if (BigInt(value) >> BigInt(width) !== 0n) throw new RangeError(`${value} is no unsigned ${width}-bit value`);
        return { line: `write${SUFFIX[width]} ${hex(base + offset)} ${hex(value)}` };
      }
      case 'memory-read':
        if (operation.length === 0) return undefined;
        return { line: `read ${hex(operation.address)} ${hex(operation.length)}` };
      case 'memory-write': {
        const { address, bytes } = operation;
        if (bytes.length === 0) return undefined;
        return { line: `write ${hex(address)} ${hex(bytes.length)} 0x${Buffer.from(bytes).toString('hex')}` };
      }
      case 'interrupts':
        return 'interrupts';
      default:
        return SETTLE;
    }
  }

  private async alone(session: Session, operation: TargetOperation): Promise<void> {
    if (operation.kind === 'raise') await this.raise(session, operation.event);
    // A transaction begins with draining all block devices; this one consists of that alone.
    if (operation.kind === 'settle') await session.qmp?.execute('transaction', { actions: [] });
    if (operation.kind !== 'power-cycle') {
      await session.channel.exchange([SETTLE]);
      return;
    }
    await this.powerCycle(session);
    // What the device did before, and its line going low, is no doing of the new one.
    await session.channel.exchange([SETTLE, 'interrupts']);
  }

  private async raise({ qmp }: Session, event: DeviceEvent): Promise<void> {
    const { configEvent } = this.facts;
    if (!qmp || !configEvent || event.source !== 'config') {
      throw new TargetFault('threw', `QEMU has no means to provoke a ${event.source} event of this device`);
    }
    switch (configEvent.kind) {
      case 'link':
        this.linkIsUp = !this.linkIsUp;
        await qmp.execute('set_link', { name: configEvent.name, up: this.linkIsUp });
        return;
      case 'resize': {
        const node = configEvent.node;
        const nodes = (await qmp.execute('query-named-block-nodes', { flat: true })) as BlockNode[];
        const size = nodes.find((candidate) => candidate['node-name'] === node)?.image['virtual-size'] ?? 0;
        await qmp.execute('block_resize', { 'node-name': node, size: size + SECTOR });
        return;
      }
      case 'balloon':
        this.balloonIsLarge = !this.balloonIsLarge;
        await qmp.execute('balloon', { value: BALLOON[this.balloonIsLarge ? 1 : 0] * 2 ** 20 });
    }
  }

  private async powerCycle({ qmp }: Session): Promise<void> {
    const { configEvent } = this.facts;
    if (configEvent?.kind === 'link' && !this.linkIsUp) {
      this.linkIsUp = true;
      await qmp?.execute('set_link', { name: configEvent.name, up: true });
    }
    await qmp?.executeUntil('system_reset', 'RESET');
  }

  private async fault(session: Session, error: unknown, answers: TargetAnswer[]): Promise<unknown> {
    const place = { operation: answers.length, answers };
    if (error instanceof QmpError) return new TargetFault('threw', error.message, { ...place, cause: error });
    if (error instanceof TargetFault) return new TargetFault(error.reason, error.message, { ...place, cause: error });
    if (!(error instanceof ChannelLoss)) return error;
    // One that hangs will not end, so it is asked after before it is made to.
    const end = error.reason === 'died' ? await session.describeEnd() : undefined;
    if (this.session === session) await this.close();
    return new TargetFault(error.reason, end === undefined ? error.message : `${error.message}: ${end}`, {
      ...place,
      cause: error,
    });
  }
}

interface BlockNode {
  'node-name': string;
  image: { 'virtual-size': number };
}

/** @throws ChannelLoss where QEMU's answer is none */
function parseAnswer(operation: TargetOperation, answer: Answer): TargetAnswer {
  if (typeof answer !== 'string') return answer;
  if (operation.kind === 'read') {
    if (!/^0x[0-9a-f]+$/.test(answer)) throw garbled(answer);
    return operation.width === 64 ? BigInt(answer) : Number(answer);
  }
  if (operation.kind === 'memory-read') {
    const bytes = Buffer.from(answer.slice(2), 'hex');
    if (bytes.length !== operation.length) throw garbled(answer);
    return new Uint8Array(bytes);
  }
  return undefined;
}

function garbled(answer: string): ChannelLoss {
  return new ChannelLoss('answer', `QEMU answered 'OK ${answer.slice(0, 80)}' over qtest`);
}

/** @throws RangeError for what is no unsigned integer, since QEMU aborts on a malformed line */
function hex(value: number | bigint): string {
  if (typeof value === 'number' ? !Number.isSafeInteger(value) || value < 0 : value < 0n) {
    throw new RangeError(`${value} is no unsigned integer`);
  }
  return `0x${value.toString(16)}`;
}
