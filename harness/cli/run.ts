/** `conformance run`: tests a target against a layout. */
import type { ExitCode } from '../../reports/exit-code.ts';
import type { RunCommandOptions } from './options.ts';
import type { Io } from './output.ts';
import { makeTrip } from './trip.ts';

export async function runCommand(options: RunCommandOptions, words: string[], io: Io): Promise<ExitCode> {
  // Begun before an adapter brings its own way of loading modules, which these have no need of.
  const engine = import('../engine/run.ts');
  return makeTrip({ ...options, words }, io, async (journey) => {
    const { run } = await engine;
    return run({
      ...journey,
      seed: options.seed,
      runs: options.runs,
      strict: options.strict ?? false,
      bail: options.bail ?? false,
      ...(options.exhaustive !== undefined && { exhaustive: options.exhaustive }),
      ...(options.verifyDeterminism && { verifyDeterminism: true }),
      ...(options.timeout !== undefined && { timeout: options.timeout }),
      ...(options.only && { only: options.only }),
      ...(options.exclude && { exclude: options.exclude }),
    });
  });
}
