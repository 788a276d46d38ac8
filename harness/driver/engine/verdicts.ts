/** From what was seen in all scenarios to a verdict for each driver clause. */
import type { ClauseResult, Verdict } from '../../../reports/report.ts';
import type { Clause, Layout } from '../../../spec/layout.ts';
import type { InterruptsUsed, TaskName } from '../api.ts';

/** What a run came upon, put together. */
export interface Evidence {
  /** How often each clause was put to the test by an access. */
  exercised: ReadonlyMap<string, number>;
  violated: ReadonlySet<string>;
  impliedBy: ReadonlyMap<string, string[]>;
  /** Clauses that only a scenario can test: whether it was gone through to its end. */
  proven: ReadonlyMap<string, boolean>;
  /** Clauses that a scenario is about in which the driver died, by that scenario. */
  lost: ReadonlyMap<string, string>;
  /** It does not start on a device without MSI. */
  declinesLine: boolean;
  /** Tasks that the driver has no operation for. */
  unsupported: readonly TaskName[];
  /** How it learnt of events, in any scenario, and on a device without MSI. */
  interrupts: ReadonlySet<InterruptsUsed>;
  onLine: ReadonlySet<InterruptsUsed>;
  /** It negotiated MSI at least once. */
  usesMsi: boolean;
  /** A recorded log, which shows one device. */
  recorded: boolean;
  /** What a recorded log does not hold. */
  lacks: { interrupts: boolean; widths: boolean };
  /** The device of a recorded log offered MSI; undefined: nobody knows. */
  offered: boolean | undefined;
  /** Why the run did not come to its end. */
  stopped: string | undefined;
}

/** What a driver may never do, so that a clause about it says nothing of this driver. */
const NEVER: Readonly<Record<string, string>> = {
  'DRV-CONFIGWRITE': 'the driver writes no configuration',
  'DRV-CONFIGREAD': 'the driver reads no configuration of more than 32 bits',
  'DRV-FAILED': 'the driver never sets FAILED',
  'DRV-QUEUERESET': 'the driver resets no queue',
  'DRV-RINGRESET': 'the driver resets no queue',
  'DRV-QUEUESTOP': 'the driver never stops a queue by QueueReady',
  'DRV-QUIESCE': 'the driver never stops a queue that has a vector',
  'DRV-PBA': 'the driver never touches the pending bit array',
  'DRV-RSVD': 'the driver writes nothing that is reserved in part',
};

/** Clauses that hold for a driver that takes the line's interrupt. */
const OF_THE_LINE = new Set(['DRV-STATUS', 'DRV-ACK', 'DRV-QUEUES']);

/** Clauses that a task puts to the test, and nothing else does. */
const TASKS: Readonly<Record<string, TaskName>> = {
  'DRV-QUEUERESET': 'restart-queue',
  'DRV-RINGRESET': 'restart-queue',
  'DRV-QUEUESTOP': 'restart-queue',
  'DRV-QUIESCE': 'restart-queue',
  'DRV-CONFIGREAD': 'configuration',
};

export function clauseResult(clause: Clause, evidence: Evidence, layout: Layout, inScope: boolean): ClauseResult {
  const exercised = evidence.exercised.get(clause.id) ?? 0;
  const result = (verdict: Verdict, reason?: string): ClauseResult => ({
    id: clause.id,
    area: clause.area,
    level: clause.level,
    text: clause.text,
    origin: clause.origin.map(({ source, at }) => `${source} ${at}`),
    verdict,
    ...(reason === undefined ? {} : { reason }),
    exercised,
  });
  if (!inScope) return result('not-run', 'left out by --only or --exclude');
  const missing = clause.places.find((place) => !layout.hasPlace(place));
  if (missing) return result('not-applicable', `layout '${layout.name}' has no ${missing}`);
  if (evidence.violated.has(clause.id)) {
    const must = clause.level === 'MUST';
    const implied = evidence.impliedBy.get(clause.id);
    const failed = result(must ? 'fail' : 'warn', must ? 'violated' : `violated (${clause.level})`);
    return implied ? { ...failed, impliedBy: implied } : failed;
  }
  const why = notApplicable(clause, evidence, layout, exercised);
  if (why !== undefined) return result('not-applicable', why);
  const lost = evidence.lost.get(clause.id);
  if (lost !== undefined) return result('untestable', `the driver failed on the way in ${lost}, which is about it`);
  const proven = evidence.proven.get(clause.id);
  if ((exercised > 0 || proven === true) && proven !== false) {
    return { ...result('pass'), exercised: Math.max(exercised, 1) };
  }
  if (evidence.stopped !== undefined) return result('not-run', evidence.stopped);
  return result('untestable', untestable(clause, evidence, proven));
}

function notApplicable(clause: Clause, evidence: Evidence, layout: Layout, exercised: number): string | undefined {
  const { msi } = layout;
  const { usesMsi, interrupts, onLine, recorded, offered } = evidence;
  const ofMsi = ['offered', 'negotiated', 'live'].includes(clause.holds);
  if (ofMsi && msi && !usesMsi) {
    if (recorded && offered === undefined) return `the log shows no driver that uses ${msi.feature}`;
    if (recorded && !offered) return `the device does not offer ${msi.feature}`;
    if (evidence.stopped === undefined) return `the driver never accepts ${msi.feature}`;
  }
  if (OF_THE_LINE.has(clause.id) && onLine.size > 0 && !onLine.has('line')) {
    return 'the driver polls: it takes no interrupt of the line';
  }
  if (OF_THE_LINE.has(clause.id) && evidence.declinesLine && onLine.size === 0 && !interrupts.has('line')) {
    return 'the driver does not start without MSI';
  }
  if (clause.id === 'DRV-SPURIOUS' && interrupts.size > 0 && !interrupts.has('msi') && !recorded) {
    return 'the driver takes no messages';
  }
  if (exercised > 0 || evidence.stopped !== undefined) return undefined;
  const task = TASKS[clause.id];
  if (task !== undefined && evidence.unsupported.includes(task) && !recorded) return undefined;
  return NEVER[clause.id];
}

function untestable(clause: Clause, evidence: Evidence, proven: boolean | undefined): string {
  if (evidence.recorded) {
    if (!evidence.lacks.interrupts && OF_THE_LINE.has(clause.id)) return 'the log holds no interrupts';
    if (!evidence.lacks.widths && clause.id === 'DRV-WIDTH') return 'the log does not hold how wide accesses were';
    return 'a log shows the one device that there was, and this takes another';
  }
  const task = TASKS[clause.id];
  if (task !== undefined && evidence.unsupported.includes(task)) return `the driver has no operation '${task}'`;
  if (proven === false) {
    const lacking = evidence.unsupported.length > 0 ? `: the driver has no ${evidence.unsupported.join(', ')}` : '';
    return `no scenario that tests it was gone through to its end${lacking}`;
  }
  return 'the driver did nothing that it is about';
}
