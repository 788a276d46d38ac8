/** What only shows in a process of its own: how soon there is a verdict, and how much memory a run takes. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Comparison, compare, time } from './measure.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const COMMAND = fileURLToPath(new URL('../dist/harness/cli/main.js', import.meta.url));
const ADAPTER = 'examples/typescript/adapter.ts';

/** Prints the most memory that the process had, in KiB, as the last line of standard error. */
const PEAK =
  'data:text/javascript,process.on("exit",()=>process.stderr.write("\\n"+process.resourceUsage().maxRSS+"\\n"))';

/** Of one program alone: it passes one clause, and leaves the others untested. */
const INCONCLUSIVE = 4;

function node(args: string[], ends: readonly number[] = [0]): { stdout: string; stderr: string } {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  if (error) throw error;
  if (!ends.includes(status ?? -1)) throw new Error(`node ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`);
  return { stdout, stderr };
}

/**
 * From the start of the command to the first verdict that it can give: one program with one read, on an adapter in
 * TypeScript. A whole run gives its verdicts together, after hundreds of programs.
 */
export function benchStart(rounds: number): Promise<Comparison> {
  const verdict = [COMMAND, 'replay', 'bench/first.json', '--target', `./${ADAPTER}`];
  const url = pathToFileURL(`${ROOT}${ADAPTER}`).href;
  const importOnly = ['--import', 'tsx', '--input-type=module', '--eval', `await import(${JSON.stringify(url)})`];
  return compare(
    rounds,
    () => time(() => node(verdict, [0, INCONCLUSIVE])),
    () => time(() => node(importOnly)),
  );
}

/** MiB. */
export function benchMemory(): number {
  const { stderr } = node(['--import', PEAK, COMMAND]);
  return Number(stderr.trim().split('\n').at(-1)) / 1024;
}
