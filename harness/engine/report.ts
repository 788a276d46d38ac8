/** From all that a run came upon to its report. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClauseResult, Counterexample, Report, ScopeCoverage, TargetFinding } from '../../reports/report.ts';
import type { Layout } from '../../spec/layout.ts';
import { deviceChecks } from '../../suites/device/index.ts';
import type { Profile } from '../profile.ts';
import type { Target } from '../target.ts';
import type { SessionOptions } from './options.ts';
import { headlineOfReplay, onlyExercised } from './replayed.ts';
import type { Runner } from './runner.ts';
import type { Sightings } from './sightings.ts';
import { clauseResult, countVerdicts, headlineOf, inScope } from './verdicts.ts';

/** What a report is made of. */
export interface Material {
  target: Target;
  layout: Layout;
  options: SessionOptions;
  /** Absent where the target could not be examined, like the runner. */
  profile: Profile | undefined;
  runner: Runner | undefined;
  /** How often each clause was put to the test. */
  exercised: ReadonlyMap<string, number>;
  sightings: Sightings;
  counterexamples: ReadonlyMap<string, Counterexample>;
  findings: TargetFinding[];
  /** Set where nothing more could be run. */
  stopped: string | undefined;
  /** Programs that were not run because of an operation at which the target always fails. */
  leftOut: number;
  /** The features that the device refused. */
  refused: string | undefined;
  /** Of the exhaustive tier, by scope. */
  coverage: ScopeCoverage[];
  /** Accesses and hooks that ran. */
  operations: number;
}

export function reportOf(material: Material): Report {
  const { layout, options, target, profile, runner, sightings, counterexamples, findings } = material;
  const { only, exclude } = options;
  const device = layout.data.clauses.filter((clause) => clause.binds === 'device');
  const violated = new Set(sightings.clauses);
  // A recommendation that is not met ends nothing.
  const isMust = (id: string) => layout.hasClause(id) && layout.clause(id).level === 'MUST';
  const bailed = options.bail && [...violated].some((id) => isMust(id) && inScope(id, only, exclude));
  const impliedBy = sightings.impliedBy(layout);
  const judged = device.map((clause): ClauseResult => {
    const scope = inScope(clause.id, only, exclude);
    const result = clauseResult(
      clause,
      {
        exercised: material.exercised,
        violated,
        impliedBy,
        checks: deviceChecks(layout),
        stopped:
          material.stopped ??
          (options.signal?.aborted
            ? 'the run was interrupted'
            : bailed
              ? 'the run stopped at the first violation'
              : undefined),
        leftOut:
          material.leftOut > 0
            ? `programs with ${runner?.losses.avoided.join(', ')} were left out: the target failed there each time`
            : undefined,
        refused: material.refused,
      },
      profile,
      target.adapter,
      layout,
      scope,
    );
    const counterexample = counterexamples.get(clause.id);
    return counterexample && (result.verdict === 'fail' || result.verdict === 'warn')
      ? { ...result, counterexample }
      : result;
  });
  const { replayed } = options;
  const clauses = replayed ? onlyExercised(judged) : judged;
  const aborted = options.signal?.aborted === true;
  const partial = aborted || runner?.lost !== undefined || bailed;
  const ending = aborted
    ? String(options.signal?.reason ?? 'interrupted')
    : (material.stopped ?? 'stopped at the first violation');
  const narrowed = only?.length || exclude?.length || options.bail;
  const { name, version } = target.adapter;
  return {
    schema: 'virtio-mmio-msi-conformance/report/1',
    suite: suiteVersion(),
    layout: {
      name: layout.name,
      title: layout.data.title,
      revision: layout.data.revision,
      digest: layout.data.digest,
    },
    target: {
      specification: target.specification,
      name: name ?? target.specification,
      ...(version === undefined ? {} : { version }),
      properties: profile ? describeProfile(profile) : {},
    },
    run: {
      seed: options.seed,
      runs: options.runs,
      strict: options.strict,
      ...(narrowed
        ? {
            narrowed: {
              ...(only?.length ? { only } : {}),
              ...(exclude?.length ? { exclude } : {}),
              ...(options.bail ? { bail: true } : {}),
            },
          }
        : {}),
      ...(replayed ? { replay: replayed } : {}),
      partial,
      ...(partial ? { interrupted: ending } : {}),
      ...(material.coverage.length > 0 ? { exhaustive: material.coverage } : {}),
      programs: runner?.programs ?? 0,
      operations: material.operations,
    },
    ...(replayed
      ? headlineOfReplay(clauses, {
          known: replayed,
          strict: options.strict,
          findings: findings.length,
          aborted,
        })
      : headlineOf(clauses, {
          strict: options.strict,
          narrowed: Boolean(narrowed),
          findings: findings.length,
          partial,
        })),
    counts: countVerdicts(clauses),
    clauses,
    findings,
  };
}

function describeProfile(profile: Profile): Record<string, string> {
  const { capabilities, deviceType, msi, queues, layout } = profile;
  const offered = Object.values(layout.data.features)
    .filter(({ bit }) => (((profile.features[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 1)
    .map(({ name }) => name);
  const events = [
    capabilities.queueEvents === 'ring'
      ? 'queue (by its ring)'
      : capabilities.queueEvents === 'raise'
        ? 'queue (raised)'
        : '',
    capabilities.configEvents ? 'config' : '',
    capabilities.needsResetEvents ? 'needs-reset' : '',
  ].filter(Boolean);
  const captures = [capabilities.messages ? 'messages' : '', capabilities.line ? 'the line' : ''].filter(Boolean);
  return {
    device: `${deviceType?.name ?? 'type'} (DeviceID ${profile.deviceId})`,
    queues: queues.length === 0 ? 'none' : `${queues.length}, of size ${queues.join(', ')}`,
    features: offered.join(', ') || 'none that the layout names',
    vectors: msi ? String(msi.vectors) : `none, ${profile.msiReason ?? 'the layout has none'}`,
    events: events.join(', ') || 'none',
    captures: captures.join(', ') || 'nothing',
  };
}

let suite: { name: string; version: string } | undefined;

export function suiteVersion(): { name: string; version: string } {
  if (suite) return suite;
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let up = 0; up < 5; up++, folder = resolve(folder, '..')) {
    try {
      const found = JSON.parse(readFileSync(resolve(folder, 'package.json'), 'utf8')) as {
        name?: string;
        version?: string;
      };
      if (found.name && found.version) {
        suite = { name: found.name, version: found.version };
        return suite;
      }
    } catch {
      // Not in this folder; the next one up has it.
    }
  }
  return { name: 'virtio-mmio-msi-conformance', version: '0.0.0' };
}
