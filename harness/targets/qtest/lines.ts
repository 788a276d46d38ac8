import type { Socket } from 'node:net';

/** Calls `receive` with each line that arrives, without its line feed. */
export function collectLines(socket: Socket, receive: (line: string) => void): void {
  let parts: string[] = [];
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string | Buffer) => {
    const lines = String(chunk).split('\n');
    const rest = lines.pop() ?? '';
    for (const line of lines) {
      parts.push(line);
      const whole = parts.join('');
      parts = [];
      receive(whole);
    }
    if (rest !== '') parts.push(rest);
  });
}
