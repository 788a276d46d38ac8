/** From what the user typed to a {@link DriverTarget}. Each kind is loaded only when it is asked for. */
import { existsSync, statSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import type { Layout } from '../../../spec/layout.ts';
import { nearest } from '../../../spec/suggest.ts';
import { TargetConfigurationError } from '../../target.ts';
import type { DriverTarget } from '../target.ts';
import { DRIVER_SYNTAX } from './syntax.ts';

export interface DriverOpenOptions {
  layout: Layout;
  /** Relative paths and commands count from here; default: the process's working directory. */
  cwd?: string;
  /** Milliseconds in which a driver must ask for something before it counts as hung; default 5000. */
  timeout?: number;
  /** Takes what the driver says beside its requests: comment lines, standard error. */
  log?: (line: string) => void;
}

/** {@link DriverOpenOptions} with its defaults filled in, as each kind of driver gets it. */
export interface ResolvedDriverOptions {
  layout: Layout;
  cwd: string;
  timeout: number;
  log?: (line: string) => void;
}

const DEFAULT_TIMEOUT = 5000;

type Opener = (rest: string, options: ResolvedDriverOptions) => Promise<DriverTarget>;

/** By what stands before the colon. */
const KINDS: Readonly<Record<string, () => Promise<Opener>>> = {
  exec: async () => (await import('./exec.ts')).openExecDriver,
  unix: async () => (await import('./socket.ts')).openUnixDriver,
  tcp: async () => (await import('./socket.ts')).openTcpDriver,
  trace: async () => (await import('../trace/open.ts')).openTrace,
  qemu: async () => (await import('../qemu/open.ts')).openQemu,
  reference: async () => (await import('./reference.ts')).openReferenceDriver,
};

const MODULE = /\.[cm]?[jt]s$/;
/** What usually runs a file of that kind. */
const INTERPRETERS: Readonly<Record<string, string>> = { '.py': 'python3 ', '.sh': 'sh ', '.rb': 'ruby ' };

/**
 * Opens the driver that `specification` names; {@link DRIVER_SYNTAX} lists what that can be.
 *
 * @throws TargetConfigurationError for a specification that names nothing, or something that is no driver
 * @throws TargetFault where the driver was found but died, hung or spoke nonsense at its start
 */
export async function openDriver(specification: string, options: DriverOpenOptions): Promise<DriverTarget> {
  const { layout, cwd = process.cwd(), timeout = DEFAULT_TIMEOUT, log } = options;
  const resolved: ResolvedDriverOptions = { layout, cwd, timeout, ...(log ? { log } : {}) };
  const colon = specification.indexOf(':');
  const kind = colon < 0 ? specification : specification.slice(0, colon);
  const load = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (load && (colon >= 0 || kind === 'reference')) {
    return (await load())(colon < 0 ? '' : specification.slice(colon + 1), resolved);
  }
  if (MODULE.test(specification)) return (await import('./module.ts')).openDriverModule(specification, resolved);
  throw unknownDriver(specification, kind, colon < 0 ? undefined : specification.slice(colon + 1), cwd);
}

function unknownDriver(specification: string, kind: string, rest: string | undefined, cwd: string) {
  const problem = specification === '' ? 'the driver is empty' : `'${specification}' is no driver`;
  return new TargetConfigurationError(
    `${problem}; a driver is one of\n${DRIVER_SYNTAX.map((line) => `  ${line}`).join('\n')}`,
    hintFor(specification, kind, rest, cwd),
  );
}

function hintFor(specification: string, kind: string, rest: string | undefined, cwd: string): string {
  if (specification === '') return 'to see the suite at work: reference';
  const file = resolve(cwd, specification);
  if (existsSync(file)) {
    if (statSync(file).isDirectory()) return `'${specification}' is a folder: name the module in it`;
    if (statSync(file).isSocket()) return `that is a socket: unix:${specification}`;
    const interpreter = INTERPRETERS[extname(file)] ?? '';
    return `to run that file as the driver: exec:${interpreter}${specification.includes('/') ? '' : './'}${specification}`;
  }
  if (rest === undefined && Object.hasOwn(KINDS, kind)) return `a colon follows: ${kind}:...`;
  const meant = nearest(kind, Object.keys(KINDS));
  if (meant !== undefined) return `did you mean '${rest === undefined ? meant : `${meant}:${rest}`}'?`;
  return "no file of that name either; a module's path ends in .ts or .js";
}
