/** `./driver.ts`: a module of the user's that exports a driver. */
import { relative, resolve } from 'node:path';
import { nearest } from '../../../spec/suggest.ts';
import { TargetConfigurationError } from '../../target.ts';
import { placeIn } from '../../targets/factory.ts';
import { checkFile, loadModule } from '../../targets/module.ts';
import { describe } from '../../targets/validate.ts';
import type { DriverModule } from '../api.ts';
import type { DriverTarget } from '../target.ts';
import type { ResolvedDriverOptions } from './open.ts';
import { meetInProcess } from './tasks.ts';

const EXAMPLE =
  'for example: export default defineDriver({ create: (bus) => ({ start() { ... }, transfer(count) { ... } }) })';
const WORDS = ['name', 'version', 'layout'] as const;

/** @throws TargetConfigurationError for a module that is missing, does not load, or exports no driver */
export async function openDriverModule(path: string, options: ResolvedDriverOptions): Promise<DriverTarget> {
  const file = resolve(options.cwd, path);
  checkFile(file, path, options.cwd);
  const module = await loadModule(file, path, 'create', EXAMPLE);
  checkDriverModule(module, path);
  const placeOf = (error: Error) => {
    const place = placeIn(error, file);
    return place === undefined ? undefined : `${relative(options.cwd, file)}:${place}`;
  };
  const { name = path, version, layout } = module;
  return {
    kind: 'tasks',
    specification: path,
    name,
    ...(version === undefined ? {} : { version }),
    ...(layout === undefined ? {} : { layout }),
    meet: (meeting) => meetInProcess(module, meeting, { placeOf, timeout: options.timeout }),
    close: async () => {},
  };
}

function checkDriverModule(value: unknown, path: string): asserts value is DriverModule {
  if (typeof value !== 'object' || value === null) {
    throw new TargetConfigurationError(`${path}: expected a driver, found ${describe(value)}`, EXAMPLE);
  }
  const module = value as Record<string, unknown>;
  if (typeof module.create !== 'function') {
    const meant = nearest('create', Object.keys(module));
    const guess = meant === undefined ? EXAMPLE : `did you mean '${meant}' to be it? ${EXAMPLE}`;
    throw new TargetConfigurationError(`${path}: create: expected a function, found ${describe(module.create)}`, guess);
  }
  for (const word of WORDS) {
    if (module[word] === undefined || typeof module[word] === 'string') continue;
    throw new TargetConfigurationError(`${path}: ${word}: expected a string, found ${describe(module[word])}`);
  }
}
