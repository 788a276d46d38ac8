/** From what the user typed to a {@link Target}. Each kind is loaded only when it is asked for. */

import { existsSync, statSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import type { Layout } from '../../spec/layout.ts';
import { nearest } from '../../spec/suggest.ts';
import { type Target, TargetConfigurationError } from '../target.ts';

export interface OpenOptions {
  layout: Layout;
  /** Relative paths and commands count from here; default: the process's working directory. */
  cwd?: string;
  /** Milliseconds without any answer before a target counts as hung; default 5000. */
  timeout?: number;
  /** Takes what the target says beside its answers: comment lines, standard error. */
  log?: (line: string) => void;
}

/** {@link OpenOptions} with its defaults filled in, as each kind of target gets it. */
export interface ResolvedOptions {
  layout: Layout;
  cwd: string;
  timeout: number;
  log?: (line: string) => void;
}

const DEFAULT_TIMEOUT = 5000;

export const TARGET_SYNTAX = [
  './adapter.ts                       a module that exports an adapter (also .js .mts .mjs .cts .cjs)',
  'exec:COMMAND LINE                  a program that speaks the line protocol on its standard input and output',
  'unix:PATH                          the same on a unix socket',
  'tcp:HOST:PORT                      the same on a TCP socket',
  'qtest:...                          a device in QEMU',
  'reference[:variant=ID][:fault=ID]  the reference device, as it is, in a variant or with a deliberate fault',
];

const KINDS = ['exec', 'unix', 'tcp', 'qtest', 'reference'];
const MODULE = /\.[cm]?[jt]s$/;
/** What usually runs a file of that kind. */
const INTERPRETERS: Record<string, string> = { '.py': 'python3 ', '.sh': 'sh ', '.rb': 'ruby ', '.pl': 'perl ' };

/**
 * Opens the target that `specification` names; {@link TARGET_SYNTAX} lists what that can be.
 *
 * @throws TargetConfigurationError for a specification that names nothing, or something that is no target
 * @throws TargetFault where the target was found but died or hung at its start
 */
export async function openTarget(specification: string, options: OpenOptions): Promise<Target> {
  const { layout, cwd = process.cwd(), timeout = DEFAULT_TIMEOUT, log } = options;
  const resolved: ResolvedOptions = { layout, cwd, timeout, ...(log ? { log } : {}) };
  const colon = specification.indexOf(':');
  const kind = colon < 0 ? specification : specification.slice(0, colon);
  const rest = colon < 0 ? undefined : specification.slice(colon + 1);
  switch (rest === undefined ? '' : kind) {
    case 'exec':
      return (await import('./exec.ts')).openExec(rest as string, resolved);
    case 'unix':
      return (await import('./socket.ts')).openUnix(rest as string, resolved);
    case 'tcp':
      return (await import('./socket.ts')).openTcp(rest as string, resolved);
    case 'qtest':
      return (await import('./qtest.ts')).openQtest(rest as string, resolved);
    case 'reference':
      return (await import('./reference.ts')).openReference(rest as string, resolved);
  }
  if (specification === 'reference') return (await import('./reference.ts')).openReference('', resolved);
  if (MODULE.test(specification)) return (await import('./module.ts')).openModule(specification, resolved);
  throw unknownTarget(specification, kind, rest, resolved.cwd);
}

function unknownTarget(specification: string, kind: string, rest: string | undefined, cwd: string) {
  const problem = specification === '' ? 'the target is empty' : `'${specification}' is no target`;
  return new TargetConfigurationError(
    `${problem}; a target is one of\n${TARGET_SYNTAX.map((line) => `  ${line}`).join('\n')}`,
    hintFor(specification, kind, rest, cwd),
  );
}

function hintFor(specification: string, kind: string, rest: string | undefined, cwd: string): string | undefined {
  if (specification === '') return 'to see the suite at work: reference';
  const file = resolve(cwd, specification);
  if (existsSync(file)) {
    if (statSync(file).isDirectory()) return `'${specification}' is a folder: name the module in it`;
    if (statSync(file).isSocket()) return `that is a socket: unix:${specification}`;
    const interpreter = INTERPRETERS[extname(file)] ?? '';
    return `to run that file as the device: exec:${interpreter}${specification.includes('/') ? '' : './'}${specification}`;
  }
  for (const extension of ['.ts', '.js', '.mts', '.mjs']) {
    if (existsSync(file + extension)) return `did you mean '${specification}${extension}'?`;
  }
  if (rest === undefined && KINDS.includes(kind)) return `a colon follows: ${kind}:...`;
  if (/^exec\s/.test(specification)) return `a colon follows: exec:${specification.slice(4).trim()}`;
  if (kind === 'http' || kind === 'https') return 'the line protocol runs on a plain socket: tcp:HOST:PORT';
  const meant = nearest(kind, KINDS);
  if (meant !== undefined) return `did you mean '${rest === undefined ? meant : `${meant}:${rest}`}'?`;
  return `no file of that name either; a module's path ends in .ts or .js`;
}
