/** Runs the command as a user would: a process, its two outputs, its exit code. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MAIN = fileURLToPath(new URL('../../harness/cli/main.ts', import.meta.url));
const STAND_IN = fileURLToPath(new URL('./stand-in.ts', import.meta.url));
const LONGEST_MS = 60_000;
const TSX = import.meta.resolve('tsx');

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

interface Options {
  cwd?: string;
  env?: Record<string, string>;
  /** Called with the process once it runs. */
  during?: (child: ChildProcess) => void;
}

/** The environment without what colours or silences. */
function environment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const { NO_COLOR: _1, FORCE_COLOR: _2, CI: _3, DEBUG: _4, NODE_OPTIONS: _5, VITEST: _6, ...rest } = process.env;
  return { ...rest, ...extra };
}

function start(script: string, args: string[], { cwd = ROOT, env, during }: Options): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', TSX, script, ...args], {
      cwd,
      env: environment(env),
      // A command that hangs must not outlive the test that found it.
      timeout: LONGEST_MS,
      killSignal: 'SIGKILL',
    });
    const ended: Ended = { code: null, signal: null, stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      ended.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      ended.stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ ...ended, code, signal }));
    during?.(child);
  });
}

/** `conformance ...args` */
export function conformance(args: string[], options: Options = {}): Promise<Ended> {
  return start(MAIN, args, options);
}

/** The command's way from target to exit code with a stand-in for the engine, see stand-in.ts. */
export function standIn(behaviour: string, args: string[] = [], options: Options = {}): Promise<Ended> {
  return start(STAND_IN, [behaviour, ...args], options);
}
