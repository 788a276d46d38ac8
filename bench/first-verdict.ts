/** From the start of the command, as built, to its first judged program, against the bare import of the same adapter. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Comparison, compare, time } from './measure.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const ADAPTER = './bench/first-verdict-adapter.ts';

function node(args: string[], ending: (status: number | null, signal: string | null) => boolean): void {
  const { status, signal, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  if (!ending(status, signal)) throw new Error(`node ${args.join(' ')} ended with ${signal ?? status}\n${stderr}`);
}

export function benchFirstVerdict(rounds: number): Promise<Comparison> {
  const command = ['dist/harness/cli/main.js', '--target', ADAPTER, '--runs', '0', '--quiet'];
  const importing = ['--import', 'tsx', '--input-type=module', '--eval', `await import('${ADAPTER}')`];
  return compare(
    rounds,
    () => time(() => node(command, (_, signal) => signal === 'SIGKILL')),
    () => time(() => node(importing, (status) => status === 0)),
  );
}
