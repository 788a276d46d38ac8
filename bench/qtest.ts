/** A checked run over `qtest:` against sending the same commands to the same QEMU, in the same exchanges, unread. */
import type { Socket } from 'node:net';
import { openTarget } from '../harness/targets/open.ts';
import { Channel, type Command } from '../harness/targets/qtest/channel.ts';
import { QemuProcess } from '../harness/targets/qtest/process.ts';
import { Qmp } from '../harness/targets/qtest/qmp.ts';
import { parseSpecification } from '../harness/targets/qtest/specification.ts';
import type { Layout } from '../spec/layout.ts';
import { defaultRun } from './default-run.ts';
import { type Comparison, compare, time } from './measure.ts';

const TIMEOUT_MS = 10_000;

type Sent =
  | { channel: 'qtest'; text: Buffer; answers: number }
  | { channel: 'qmp'; command: string; parameters: Record<string, unknown>; event?: string };

/** What a default run sends, in order; noted in the channels themselves, below everything that is measured. */
async function note(rest: string, layout: Layout): Promise<Sent[]> {
  const noted: Sent[] = [];
  const { exchange } = Channel.prototype;
  const { execute, executeUntil } = Qmp.prototype;
  Channel.prototype.exchange = function (commands: readonly Command[]) {
    const lines = commands.flatMap((command) => (command === 'interrupts' ? [] : [`${command.line}\n`]));
    if (lines.length > 0) {
      noted.push({ channel: 'qtest', text: Buffer.from(lines.join(''), 'latin1'), answers: lines.length });
    }
    return exchange.call(this, commands);
  };
  Qmp.prototype.execute = function (command, parameters = {}) {
    noted.push({ channel: 'qmp', command, parameters });
    return execute.call(this, command, parameters);
  };
  Qmp.prototype.executeUntil = function (command, event) {
    const at = noted.length;
    const done = executeUntil.call(this, command, event);
    noted.splice(at, noted.length - at, { channel: 'qmp', command, parameters: {}, event });
    return done;
  };
  try {
    const target = await openTarget(`qtest:${rest}`, { layout });
    await defaultRun(target, layout);
    await target.close();
  } finally {
    Object.assign(Channel.prototype, { exchange });
    Object.assign(Qmp.prototype, { execute, executeUntil });
  }
  return noted.filter((one) => one.channel === 'qtest' || one.command !== 'qmp_capabilities');
}

const LETTER_O = 0x4f;
const NEWLINE = 0x0a;

/** Waits for answers: lines that begin with `OK`. The others are reports of interrupts. */
class Answers {
  private due = 0;
  private atStart = true;
  private done: (() => void) | undefined;

  constructor(socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      for (let at = 0; at < chunk.length; ) {
        if (this.atStart && chunk[at] === LETTER_O) this.due--;
        const end = chunk.indexOf(NEWLINE, at);
        this.atStart = end >= 0;
        at = end >= 0 ? end + 1 : chunk.length;
      }
      if (this.due === 0) this.done?.();
    });
  }

  wait(answers: number): Promise<void> {
    this.due += answers;
    return new Promise((resolve) => {
      this.done = resolve;
    });
  }
}

async function replay(qemu: QemuProcess, qmp: Qmp, sent: readonly Sent[]): Promise<void> {
  const answers = new Answers(qemu.qtest);
  for (const one of sent) {
    if (one.channel === 'qtest') {
      const answered = answers.wait(one.answers);
      qemu.qtest.write(one.text);
      await answered;
    } else if (one.event === undefined) await qmp.execute(one.command, one.parameters);
    else await qmp.executeUntil(one.command, one.event);
  }
}

export async function benchQtest(
  rest: string,
  layout: Layout,
  rounds: number,
): Promise<Comparison & { operations: number }> {
  const sent = await note(rest, layout);
  const measured = async () => {
    const target = await openTarget(`qtest:${rest}`, { layout });
    const took = await time(() => defaultRun(target, layout));
    await target.close();
    return took;
  };
  const floor = async () => {
    const wanted = parseSpecification(rest);
    if (wanted.mode !== 'spawn') throw new Error('the bench starts its QEMU itself');
    const qemu = await QemuProcess.start(wanted, process.cwd(), TIMEOUT_MS);
    const qmp = await Qmp.open(qemu.qmp, TIMEOUT_MS);
    const took = await time(() => replay(qemu, qmp, sent));
    qmp.close();
    await qemu.stop();
    return took;
  };
  const operations = sent.reduce((sum, one) => sum + (one.channel === 'qtest' ? one.answers : 1), 0);
  return { ...(await compare(rounds, measured, floor)), operations };
}
