/** A checked run over `exec:` against writing the same lines to the same program, in the same batches, unread. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { TargetOperation } from '../harness/target.ts';
import { encodeRequest } from '../harness/targets/line-codec.ts';
import { openTarget } from '../harness/targets/open.ts';
import type { Layout } from '../spec/layout.ts';
import { defaultRun } from './default-run.ts';
import { type Comparison, compare, time } from './measure.ts';

interface Batch {
  text: Buffer;
  answers: number;
}

const NEWLINE = 0x0a;

function countLines(chunk: Buffer): number {
  let lines = 0;
  for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) lines++;
  return lines;
}

/** Writes a batch, waits until it is answered, and so on. */
function exchange(device: ChildProcessByStdio<Writable, Readable, null>, batches: readonly Batch[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let next = 0;
    let due = 0;
    const send = () => {
      const batch = batches[next++];
      if (!batch) return resolve();
      due += batch.answers;
      device.stdin.write(batch.text);
    };
    device.stdout.on('data', (chunk: Buffer) => {
      due -= countLines(chunk);
      if (due === 0) send();
    });
    device.once('close', () => reject(new Error('the device ended')));
    send();
  });
}

/** The batches of a default run, as they go over the line. */
async function note(command: string, layout: Layout): Promise<Batch[]> {
  const target = await openTarget(`exec:${command}`, { layout });
  const batches: Batch[] = [];
  const { adapter } = target;
  const batch = adapter.batch?.bind(adapter);
  if (!batch) throw new Error('a target over the line protocol runs batches');
  const noting = (operations: readonly TargetOperation[]) => {
    // What is not sent: the example devices act at once, and nothing is asked of no bytes.
    const sent = operations.filter(
      (operation) =>
        operation.kind !== 'settle' &&
        !(operation.kind === 'memory-read' && operation.length === 0) &&
        !(operation.kind === 'memory-write' && operation.bytes.length === 0),
    );
    const text = Buffer.from(sent.map((operation) => `${encodeRequest(operation)}\n`).join(''), 'latin1');
    if (sent.length > 0) batches.push({ text, answers: sent.length });
    return batch(operations);
  };
  await defaultRun({ ...target, adapter: { ...adapter, batch: noting } }, layout);
  await target.close();
  return batches;
}

export async function benchLines(
  command: string,
  layout: Layout,
  rounds: number,
): Promise<Comparison & { operations: number }> {
  const batches = await note(command, layout);
  const greeting = { text: Buffer.from('hello 1\n'), answers: 1 };
  const measured = async () => {
    const target = await openTarget(`exec:${command}`, { layout });
    const took = await time(() => defaultRun(target, layout));
    await target.close();
    return took;
  };
  const floor = async () => {
    const [program = '', ...args] = command.split(' ');
    const device = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    await exchange(device, [greeting]);
    device.stdout.removeAllListeners('data');
    const took = await time(() => exchange(device, batches));
    const ended = once(device, 'exit');
    device.stdin.end('bye\n');
    await ended;
    return took;
  };
  const operations = batches.reduce((sum, { answers }) => sum + answers, 0);
  return { ...(await compare(rounds, measured, floor)), operations };
}
