/** Which clauses the user chose. */
import type { Layout } from '../../spec/layout.ts';
import { nearest } from '../../spec/suggest.ts';
import { RunConfigurationError } from './api.ts';
import { inScope, matchesGlob } from './verdicts.ts';

export interface Scope {
  only?: string[];
  exclude?: string[];
}

const OTHER = { device: 'driver', driver: 'device' } as const;

/**
 * @param subject whom the clauses must bind
 * @throws RunConfigurationError for a glob that matches nothing, and where nothing is left
 */
export function checkScope(layout: Layout, { only, exclude }: Scope, subject: 'device' | 'driver' = 'device'): void {
  const known = layout.data.clauses.map((clause) => clause.id);
  const binding = layout.data.clauses.filter((clause) => clause.binds === subject).map((clause) => clause.id);
  for (const glob of [...(only ?? []), ...(exclude ?? [])]) {
    if (binding.some((id) => matchesGlob(id, glob))) continue;
    if (known.some((id) => matchesGlob(id, glob))) {
      throw new RunConfigurationError(
        `'${glob}' names clauses that bind the ${OTHER[subject]}; a ${subject} cannot be tested against them`,
        '`conformance list` shows whom each clause binds',
      );
    }
    const meant = nearest(glob.toUpperCase(), binding);
    throw new RunConfigurationError(
      `'${glob}' matches no clause of layout '${layout.name}'`,
      `${meant === undefined ? '' : `did you mean ${meant}? `}\`conformance list\` shows every clause`,
    );
  }
  if (!binding.some((id) => inScope(id, only, exclude))) {
    throw new RunConfigurationError(
      '--only and --exclude leave no clause to test',
      'exclude less, or choose other clauses; `conformance list` shows them',
    );
  }
}
