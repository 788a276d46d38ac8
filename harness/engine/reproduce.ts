import { shellWord } from '../../reports/text.ts';
import type { Target } from '../target.ts';
import type { SessionOptions } from './options.ts';

/** The command that leads to the clause's violation, or to what the whole run came upon. */
export function reproduce(target: Target, options: SessionOptions, clause?: string): string {
  const { seed, runs, exhaustive, only, exclude, strict, commandLine, replayed } = options;
  const named = commandLine ?? ['--target', target.specification];
  const scope = clause ? [clause] : (only ?? []);
  const words = replayed
    ? (commandLine ?? ['replay', 'PROGRAM.json', ...named])
    : [
        ...named,
        ...(scope.length > 0 ? ['--only', scope.join(',')] : []),
        ...(exclude?.length ? ['--exclude', exclude.join(',')] : []),
        ...(strict ? ['--strict'] : []),
        ...(exhaustive === undefined ? [] : ['--exhaustive', String(exhaustive)]),
        ...['--seed', String(seed), '--runs', String(runs)],
      ];
  return ['npx', 'conformance', ...words].map(shellWord).join(' ');
}
