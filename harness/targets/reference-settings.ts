/** What follows `reference:` where a target is named: a variant and a fault, by their ids. */
import { nearest } from '../../spec/suggest.ts';
import { TargetConfigurationError } from '../target.ts';

const KEYS = ['variant', 'fault'] as const;
const SYNTAX = 'reference[:variant=ID][:fault=ID]';

/**
 * @param settings behind the first colon; a comma separates as well as a colon
 * @param what has one of each, for messages
 * @throws TargetConfigurationError for settings that are none
 */
export function parseReferenceSettings(
  settings: string,
  what: 'device' | 'driver',
): { variant?: string; fault?: string } {
  const specification = settings === '' ? 'reference' : `reference:${settings}`;
  const chosen: { variant?: string; fault?: string } = {};
  for (const setting of settings === '' ? [] : settings.split(/[:,]/)) {
    const [key = '', id = '', more] = setting.split('=');
    const known = KEYS.find((name) => name === key);
    if (known === undefined) {
      const meant = nearest(key, KEYS);
      const guess = meant === undefined ? '' : `did you mean '${meant}'? `;
      throw new TargetConfigurationError(`${specification}: '${setting}' is not known`, `${guess}it is ${SYNTAX}`);
    }
    if (id === '' || more !== undefined) {
      throw new TargetConfigurationError(`${specification}: '${setting}': expected ${known}=ID`, `it is ${SYNTAX}`);
    }
    if (chosen[known] !== undefined) {
      throw new TargetConfigurationError(`${specification}: ${known} is given twice`, `a ${what} has one of each`);
    }
    chosen[known] = id;
  }
  return chosen;
}
