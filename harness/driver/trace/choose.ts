/** Which device of a recording is meant. */
import type { Layout } from '../../../spec/layout.ts';
import { TargetConfigurationError } from '../../target.ts';
import type { Recording } from './recording.ts';
import type { Candidate, Survey } from './survey.ts';

/**
 * @param wanted what `device=` says: a number in the order of first accesses, an address, or the name of a type
 * @throws TargetConfigurationError where it is none, or more than one, or one that cannot be judged
 */
export function choose(
  file: string,
  wanted: string | undefined,
  survey: Survey,
  recording: Recording,
  layout: Layout,
): Candidate & { base: number } {
  const fail = (problem: string, hint?: string): never => {
    throw new TargetConfigurationError(`${file}: ${problem}`, hint);
  };
  const { candidates } = survey;
  if (candidates.length === 0) fail('there is no access to a virtio-mmio device in it', recording.hint);
  const chosen = wanted === undefined ? theOne(survey, layout, fail) : named(wanted, survey, recording, fail);
  const { base, version } = chosen;
  if (base === undefined) {
    const magic = layout.register('MagicValue');
    return fail(
      `${survey.describe(chosen)} in line ${chosen.firstLine}: nothing tells where the device begins, no reading gave its ${magic.name}`,
      `say at what address it is: device=0x...; ${recording.hint}`,
    );
  }
  if (version === layout.constant('VERSION_LEGACY')) {
    fail(
      `${survey.describe(chosen)} is a legacy device (Version 1), which no clause here speaks of`,
      'QEMU has a device of Version 2 with -global virtio-mmio.force-legacy=false',
    );
  }
  return { ...chosen, base };
}

type Fail = (problem: string, hint?: string) => never;

/** The one device that is no empty slot. */
function theOne(survey: Survey, layout: Layout, fail: Fail): Candidate {
  const { candidates } = survey;
  const real = candidates.filter(({ deviceId }) => deviceId !== layout.constant('NO_DEVICE'));
  // A region that is not known to be a device counts where there is nothing else.
  const known = real.filter(({ base }) => base !== undefined);
  const left = known.length > 0 ? known : real;
  const [first] = left;
  if (first && left.length === 1) return first;
  const problem = first
    ? `${left.length} devices are in it`
    : `only empty slots are in it, ${candidates.length} of them`;
  return fail(
    `${problem}; say which:\n${survey.list()}`,
    `the number, the address or the type: ,device=${exampleOf(survey, first)}`,
  );
}

function exampleOf(survey: Survey, first: Candidate | undefined): string {
  return (first && survey.typeOf(first)) ?? '0';
}

function named(wanted: string, survey: Survey, recording: Recording, fail: Fail): Candidate {
  const { candidates } = survey;
  if (/^0x[0-9a-f]+$/i.test(wanted)) {
    const base = Number(wanted);
    const known = candidates.find((candidate) => candidate.base === base);
    if (known) return known;
    const region = recording.regionAt(base);
    const there = candidates.find((candidate) => candidate.region === region && candidate.base === undefined);
    if (there) return { ...there, base };
    return fail(`no device is at ${wanted}; there are:\n${survey.list()}`, 'the address is that of the first register');
  }
  if (/^\d+$/.test(wanted)) {
    return candidates[Number(wanted)] ?? fail(`there is no device ${wanted}; there are:\n${survey.list()}`);
  }
  const found = candidates.filter((candidate) => survey.typeOf(candidate) === wanted);
  const [first] = found;
  if (first && found.length === 1) return first;
  const problem = first ? `${found.length} devices are '${wanted}'` : `no device is '${wanted}'`;
  return fail(`${problem}; there are:\n${survey.list()}`, first && 'say which by its number or its address');
}
