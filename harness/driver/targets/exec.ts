/** `exec:COMMAND LINE`: a driver that is a program, which asks by the line protocol on its standard output. */
import { TargetConfigurationError } from '../../target.ts';
import { startProcess } from '../../targets/exec.ts';
import { shellWords } from '../../targets/shellwords.ts';
import type { LiveDriver } from '../target.ts';
import { openLineDriver } from './line-driver.ts';
import type { ResolvedDriverOptions } from './open.ts';

/** @throws TargetConfigurationError for a command that cannot be started @throws TargetFault where it is no driver */
export async function openExecDriver(commandLine: string, options: ResolvedDriverOptions): Promise<LiveDriver> {
  const specification = `exec:${commandLine}`;
  const [command, ...args] = shellWords(commandLine);
  if (command === undefined) {
    throw new TargetConfigurationError(`${specification}: there is no command`, 'for example exec:./driver');
  }
  return openLineDriver({
    ...options,
    specification,
    connect: () => startProcess(specification, command, args, options),
  });
}
