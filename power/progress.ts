/** How far it is, on standard error: one line that is written over on a terminal, one for each twentieth elsewhere. */
import type { WriteStream } from 'node:tty';

const PARTS = 20;

export function progressTo(stream: Pick<WriteStream, 'isTTY' | 'write'>): (done: number, total: number) => void {
  let told = -1;
  return (done, total) => {
    if (stream.isTTY) {
      stream.write(`\r${done} of ${total}${done === total ? '\n' : ''}`);
      return;
    }
    const part = Math.floor((done * PARTS) / total);
    if (part === told) return;
    told = part;
    stream.write(`${done} of ${total}\n`);
  };
}
