/** `exec:COMMAND LINE`: a device that is a program, which speaks the line protocol on standard input and output. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Target, TargetConfigurationError } from '../target.ts';
import { adopt, killTree, release } from './children.ts';
import { openLineTarget } from './line-target.ts';
import type { Link } from './lines.ts';
import type { ResolvedOptions } from './open.ts';
import { shellWords } from './shellwords.ts';

/** Milliseconds that a device gets to exit by itself after `bye`. */
const GRACE = 500;
/** Milliseconds between the end of a process and the end of its output, which its own children may hold open. */
const AFTERMATH = 100;
const TAIL_LINES = 10;
const TAIL_BYTES = 4096;

/** @throws TargetConfigurationError for a command that cannot be started @throws TargetFault where it is no device */
export function openExec(commandLine: string, options: ResolvedOptions): Promise<Target> {
  const specification = `exec:${commandLine}`;
  const [command, ...args] = shellWords(commandLine);
  if (command === undefined) {
    throw new TargetConfigurationError(`${specification}: there is no command`, 'for example exec:./device --msi');
  }
  return openLineTarget({
    ...options,
    specification,
    connect: () => startProcess(specification, command, args, options),
    connectIsPowerCycle: true,
  });
}

/** What starting a program takes. */
type ProcessOptions = Pick<ResolvedOptions, 'cwd' | 'log'>;

/** Starts a program that speaks lines on its standard streams. @throws TargetConfigurationError where it cannot be */
export async function startProcess(
  specification: string,
  command: string,
  args: string[],
  options: ProcessOptions,
): Promise<Link> {
  if (!existsSync(options.cwd)) throw new TargetConfigurationError(`${specification}: no directory ${options.cwd}`);
  const child = spawn(command, args, {
    cwd: options.cwd,
    stdio: 'pipe',
    // A process group of its own, so that everything it starts can be ended with it.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  child.stdin.on('error', () => {});
  await new Promise<void>((started, failed) => {
    child.once('spawn', started);
    child.once('error', (error: NodeJS.ErrnoException) => failed(cannotStart(error, specification, command, options)));
  });
  adopt(child);
  return linkTo(child, specification, options.log);
}

function linkTo(
  child: ChildProcessWithoutNullStreams,
  specification: string,
  log: ((line: string) => void) | undefined,
): Link {
  const tail = new Tail(log);
  child.stderr.on('data', (chunk: Buffer) => tail.take(chunk));
  child.on('error', () => {});
  const ended = new Promise<string>((done) => {
    const finish = () => {
      release(child);
      done(fate(child));
    };
    child.once('close', finish);
    child.once('exit', () => setTimeout(finish, AFTERMATH).unref());
    // It may close its output and go on.
    child.stdout.once('end', () => setTimeout(finish, AFTERMATH).unref());
  });
  return {
    input: child.stdin,
    output: child.stdout,
    peer: specification,
    ended,
    tail: () => tail.lines(),
    async destroy(graceful) {
      child.stdin.end();
      const killer = graceful ? setTimeout(() => killTree(child), GRACE) : undefined;
      if (!graceful) killTree(child);
      await ended;
      clearTimeout(killer);
      release(child);
    },
  };
}

function fate(child: ChildProcessWithoutNullStreams): string {
  if (child.signalCode !== null) return `was killed by ${child.signalCode}`;
  if (child.exitCode !== null) return `exited with code ${child.exitCode}`;
  return 'closed its standard output';
}

function cannotStart(
  error: NodeJS.ErrnoException,
  specification: string,
  command: string,
  options: ProcessOptions,
): Error {
  const fail = (problem: string, hint?: string) =>
    new TargetConfigurationError(`${specification}: ${problem}`, hint, error);
  if (error.code === 'ENOENT') {
    if (/^\w+=/.test(command)) return fail(`no program '${command}'`, `to set a variable: exec:env ${command} COMMAND`);
    if (!command.includes('/')) {
      const near = existsSync(resolve(options.cwd, command));
      return fail(
        `no program '${command}' in PATH`,
        near
          ? `there is a file of that name: exec:./${command}`
          : 'is it installed? a file is named with its folder, ./device',
      );
    }
    const file = resolve(options.cwd, command);
    if (existsSync(file)) return fail(`'${command}' cannot be run`, 'is the interpreter in its first line there?');
    return fail(`no file ${file}`, 'paths count from the working directory; is it built?');
  }
  if (error.code === 'EACCES') {
    const file = resolve(options.cwd, command);
    if (existsSync(file) && statSync(file).isDirectory()) return fail(`${file} is a folder`);
    return fail(`'${command}' may not be run`, `chmod +x ${command}, or name its interpreter: exec:python3 ${command}`);
  }
  return fail(`cannot be started: ${error.message}`);
}

/** The last lines of standard error. */
class Tail {
  private text = '';
  private readonly log: ((line: string) => void) | undefined;
  /** Of `text`, how much was logged. */
  private unlogged = '';

  constructor(log: ((line: string) => void) | undefined) {
    this.log = log;
  }

  take(chunk: Buffer): void {
    const text = chunk.toString('utf8');
    this.text = (this.text + text).slice(-TAIL_BYTES);
    if (!this.log) return;
    const lines = (this.unlogged + text).split('\n');
    this.unlogged = lines.pop() ?? '';
    for (const line of lines) this.log(line);
  }

  lines(): string[] {
    return this.text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(-TAIL_LINES);
  }
}
