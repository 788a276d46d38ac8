/** `./adapter.ts`: a module of the user's that exports an adapter, or a function that makes one. */
import { existsSync, statSync } from 'node:fs';
import { extname, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Adapter, type Target, TargetConfigurationError } from '../target.ts';
import { Factory, placeIn } from './factory.ts';
import type { ResolvedOptions } from './open.ts';
import { describe, validateAdapter } from './validate.ts';

const EXAMPLE = 'for example: export default { read(offset, width) { ... }, write(offset, width, value) { ... } }';
const EXTENSIONS = ['.ts', '.js', '.mts', '.mjs', '.cts', '.cjs'];

/** @throws TargetConfigurationError for a module that is missing, does not load, or exports no adapter */
export async function openModule(path: string, options: ResolvedOptions): Promise<Target> {
  const file = resolve(options.cwd, path);
  checkFile(file, path, options.cwd);
  const exported = await loadModule(file, path, 'read', EXAMPLE);
  if (typeof exported !== 'function') {
    validateAdapter(exported, path, options.layout);
    return targetOf(path, exported, exported.powerCycle !== undefined);
  }
  const factory = new Factory(exported as () => unknown, path, file, options.layout);
  const adapter = await factory.open();
  // An adapter that takes its time to make is one to keep.
  return { ...targetOf(path, adapter, factory.isCheap), restart: () => factory.renew() };
}

function targetOf(specification: string, adapter: Adapter, cheapPowerCycle: boolean): Target {
  return {
    specification,
    adapter,
    local: adapter.batch === undefined,
    cheapPowerCycle,
    close: async () => {
      await adapter.close?.();
    },
  };
}

/** @throws TargetConfigurationError where the file is not there, with what may have been meant */
export function checkFile(file: string, path: string, cwd: string): void {
  if (existsSync(file)) {
    if (statSync(file).isFile()) return;
    throw new TargetConfigurationError(`${path}: that is no file`, 'name the module itself');
  }
  const stem = file.slice(0, -extname(file).length);
  const near = EXTENSIONS.map((extension) => stem + extension).find((candidate) => existsSync(candidate));
  throw new TargetConfigurationError(
    `${path}: no such file: ${file}`,
    near === undefined ? 'paths count from the working directory' : `did you mean '${relative(cwd, near)}'?`,
  );
}

/**
 * The module's default export, or for CommonJS what it exports.
 *
 * @param path as the user typed it, for messages @param property what tells the export from a wrapper around it
 * @throws TargetConfigurationError for a module that does not load or exports nothing
 */
export async function loadModule(file: string, path: string, property: string, example: string): Promise<unknown> {
  const url = pathToFileURL(file).href;
  let module: Record<string, unknown>;
  try {
    if (/\.[cm]?ts$/.test(file)) {
      const { tsImport } = await import('tsx/esm/api');
      module = await tsImport(url, { parentURL: url });
    } else {
      module = await import(url);
    }
  } catch (error) {
    throw await loadError(error, file, path);
  }
  let found = module.default;
  // A CommonJS module, or one compiled to it, has its exports in there.
  if (isObject(found) && 'default' in found && found[property] === undefined) found = found.default;
  // Compiled to CommonJS, a module without a default export shows all that it exports in its place.
  const isWrapper = isObject(found) && Object.hasOwn(found, '__esModule');
  if (found !== undefined && !isWrapper) return found;
  const named = Object.keys(module).filter((name) => name !== 'module.exports' && name !== 'default');
  throw new TargetConfigurationError(
    `${path}: no default export${named.length > 0 ? `, only ${named.join(', ')}` : ''}`,
    example,
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

async function loadError(error: unknown, file: string, path: string): Promise<TargetConfigurationError> {
  if (!(error instanceof Error)) {
    return new TargetConfigurationError(`${path}: threw ${describe(error)} while it was loaded`, undefined, error);
  }
  const place = placeIn(error, file) ?? (error instanceof SyntaxError ? await syntaxPlace(file) : undefined);
  const at = place === undefined ? path : `${path}:${place}`;
  const { code } = error as NodeJS.ErrnoException;
  // esbuild heads its messages with a count, and each with file, line and column.
  const message = error.message
    .replace(/^Transform failed with \d+ errors?:\n/, '')
    .replaceAll(`${file}:`, `${path}:`)
    .replaceAll(/: ERROR: /g, ': ');
  const text =
    error.name === 'TransformError' ? message : `${at}: ${error.name === 'Error' ? '' : `${error.name}: `}${message}`;
  const missing = /Cannot find (?:package|module) '([^']+)'/.exec(error.message)?.[1];
  if (missing === undefined || (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND')) {
    return new TargetConfigurationError(text, undefined, error);
  }
  const isFile = /^([./]|file:|[A-Za-z]:\\)/.test(missing);
  const hint = isFile ? 'is the path right, with its extension?' : `npm install --save-dev ${missing}`;
  return new TargetConfigurationError(text, hint, error);
}

/** The line of a syntax error, which the error of an import() does not have; `node --check` says it. */
async function syntaxPlace(file: string): Promise<string | undefined> {
  const { spawnSync } = await import('node:child_process');
  const { stderr } = spawnSync(process.execPath, ['--check', file], { encoding: 'utf8' });
  return /^(?:file:)?\/.*:(\d+)$/m.exec(stderr)?.[1];
}
