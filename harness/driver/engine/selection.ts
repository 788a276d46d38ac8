/** Which clauses and which devices the user chose. */
import type { Layout } from '../../../spec/layout.ts';
import { nearest } from '../../../spec/suggest.ts';
import { RunConfigurationError } from '../../engine/api.ts';
import { checkScope, type Scope } from '../../engine/scope.ts';
import { matchesGlob } from '../../engine/verdicts.ts';
import { familiesOf, scenariosOf } from '../scenarios/index.ts';
import type { DriverTarget } from '../target.ts';

interface Selection extends Scope {
  target: DriverTarget;
  layout: Layout;
  scenarios?: string[];
}

/** @throws RunConfigurationError for a glob that matches nothing, for devices that a log should meet */
export function checkSelection({ target, layout, scenarios, ...scope }: Selection): void {
  checkScope(layout, scope, 'driver');
  if (!scenarios?.length) return;
  if (target.kind === 'trace') {
    throw new RunConfigurationError(
      `--scenario: ${target.specification} is a log; it met its device when it was recorded`,
      'leave --scenario out',
    );
  }
  const known = [...scenariosOf(layout), ...(layout.msi ? familiesOf(layout) : [])].map(({ id }) => id);
  for (const glob of scenarios) {
    if (known.some((id) => matchesGlob(id, glob) || matchesGlob(id, glob.replace(/\/\d+$/, '')))) continue;
    const areas = new Set(known.map((id) => `${id.split('/')[0]}/*`));
    const meant = nearest(glob, glob.endsWith('*') ? areas : known);
    throw new RunConfigurationError(
      `'${glob}' matches no scenario of layout '${layout.name}'`,
      `${meant === undefined ? '' : `did you mean '${meant}'? `}\`conformance list --scenarios\` shows every one`,
    );
  }
}
