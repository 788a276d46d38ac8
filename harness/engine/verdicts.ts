/** From what all programs showed to a verdict per clause, and the headline. */
import type { ClauseResult, Headline, Report, Verdict } from '../../reports/report.ts';
import type { Clause, Layout } from '../../spec/layout.ts';
import { type Check, NEED_TEXT, unmet } from '../../suites/check.ts';
import { offers, type Profile } from '../profile.ts';
import type { Adapter } from '../target.ts';

/** What a clause that says that nothing happens needs to have seen happen: without it, silence proves nothing. */
export const CONTROLS: Record<string, string[]> = {
  'MSK-HOLD': ['DLV-USED', 'DLV-CONFIG'],
  'PBA-NONE': ['DLV-USED', 'DLV-CONFIG'],
  'MAP-OFF': ['DLV-USED', 'DLV-CONFIG'],
  'DLV-SPURIOUS': ['DLV-USED', 'DLV-CONFIG'],
  'DLV-READY': ['DLV-USED'],
  'ENT-QUIET': ['DLV-USED', 'DLV-CONFIG'],
  'ENT-RSVD': ['DLV-USED', 'DLV-CONFIG'],
  'DLV-LINE': ['DLV-USED', 'DLV-CONFIG', 'PBA-SET'],
  'DLV-STATUS': ['DLV-USED', 'DLV-CONFIG', 'PBA-SET'],
  'RST-QUIET': ['DLV-USED', 'DLV-CONFIG', 'INT-RAISE'],
  'INT-CLEAN': ['INT-RAISE'],
  'FMK-HOLD': ['DLV-USED', 'DLV-CONFIG'],
  'ENA-OFF': ['ENA-LINE', 'DLV-USED', 'DLV-CONFIG'],
  'ENA-KEEP': ['DLV-USED', 'DLV-CONFIG'],
  'QUE-IDLE': ['QUE-WORKS', 'INT-RAISE', 'DLV-USED'],
  'QUE-EARLY': ['QUE-WORKS', 'INT-RAISE', 'DLV-USED'],
  'QUE-AFTER': ['QUE-WORKS', 'INT-RAISE', 'DLV-USED'],
  'QRST-QUIET': ['QRST-DONE'],
  'QRST-AGAIN': ['QRST-DONE'],
  'NTF-SUPPRESS': ['INT-RAISE', 'DLV-USED'],
};

/** What a table of this file says of a clause, or of the one that it stands for. */
export function namedFor<T>(table: Record<string, T>, id: string, layout: Layout): T | undefined {
  const standsFor = layout.hasClause(id) ? (layout.clause(id).standsFor ?? []) : [];
  return [id, ...standsFor].map((name) => table[name]).find((entry) => entry !== undefined);
}

const SWITCHES = ['CAP-RW', 'CAP-RESET'];
const MESSAGES = ['QUE-WORKS', 'QUE-SELECT', 'QUE-READY', 'DLV-USED', 'DLV-CONFIG', 'ENT-RW', 'ENT-QUIET', 'MAP-KEEP'];
const PENDING = ['MSK-RW', 'MSK-HOLD', 'PBA-SET', 'PBA-CLEAR', 'PBA-FIRE', 'PBA-MERGE', 'PBA-NONE'];

/** The same where a layout can switch all vectors at once: that leans on what each vector does, and the reverse. */
const RESTS_ON_SWITCHED: Record<string, string[]> = {
  'FMK-HOLD': [...SWITCHES, ...MESSAGES, ...PENDING],
  'FMK-OWN': [...SWITCHES, 'MSK-RW', 'MSK-RESET'],
  'FMK-FIRE': [...SWITCHES, ...MESSAGES, ...PENDING, 'FMK-HOLD', 'FMK-OWN'],
  'ENA-OFF': [...SWITCHES, ...MESSAGES, ...PENDING],
  'ENA-KEEP': [...SWITCHES, ...MESSAGES, ...PENDING, 'MAP-BACK', 'MAP-QUEUE', 'ENA-OFF', 'FMK-HOLD'],
  'ENA-FIRE': [...SWITCHES, ...MESSAGES, ...PENDING, 'RST-CLEAN', 'RST-QUIET', 'ENA-KEEP', 'FMK-HOLD', 'FMK-FIRE'],
  'ENA-LINE': [...SWITCHES, ...MESSAGES, 'INT-RAISE', 'INT-KEEP', 'INT-ACK', 'INT-LINE', 'FBK-LINE', 'ENA-OFF'],
  'ENA-ONCE': [...SWITCHES, ...PENDING, 'ENA-OFF', 'ENA-LINE', 'ENA-KEEP', 'DLV-STATUS'],
  'DLV-STATUS': ['ENA-LINE'],
  'ENT-FRESH': ['FMK-HOLD', 'MSK-HOLD'],
  'RST-QUIET': SWITCHES,
  'MAP-SHARE': ['FMK-HOLD', 'ENA-FIRE'],
  'MAP-OFF': ['ENA-ONCE'],
  'PBA-VECTOR': ['FMK-HOLD'],
};

/** What a clause leans on, see {@link RESTS_ON}, by the names of this layout. */
export function restsOn(id: string, layout: Layout): string[] {
  const switched = layout.msi?.other.enable === undefined ? [] : (RESTS_ON_SWITCHED[id] ?? []);
  return [...(namedFor(RESTS_ON, id, layout) ?? []), ...switched].map((other) => layout.clauseFor(other));
}

/** Clauses whose condition may never come about on a conformant device: then they do not apply. */
const CONDITIONAL: Record<string, string> = {
  'STAT-NEEDS': 'the device was never seen to set DEVICE_NEEDS_RESET while DRIVER_OK was set',
  'CFG-GENERATION': 'no configuration change of this target touched more than one 32-bit word, so none can be torn',
  'FEAT-REQUIRES': 'the device offers no feature that requires another',
};

/**
 * What a clause leans on: where that is violated by itself, a violation of the clause may be no more than that, and is
 * listed as implied.
 */
export const RESTS_ON: Record<string, string[]> = {
  'HDR-COUNT': ['HDR-RO'],
  'HDR-PLACE': ['HDR-RO'],
  'CFG-GENERATION': ['CFG-EARLY'],
  'FEAT-SUBSET': ['FEAT-REQUIRES'],
  'ENT-FRESH': ['ENT-RW', 'ENT-QUIET', 'MSK-HOLD'],
  'MAP-SHARE': ['DLV-USED', 'DLV-CONFIG', 'MAP-MOVE', 'PBA-SET', 'QRST-AGAIN'],
  'MAP-MOVE': ['DLV-USED', 'DLV-CONFIG', 'MAP-BACK', 'PBA-SET'],
  'PBA-SET': ['DLV-USED', 'DLV-CONFIG', 'QUE-WORKS', 'MSK-HOLD'],
  'PBA-FIRE': ['DLV-USED', 'DLV-CONFIG'],
  'PBA-MERGE': ['PBA-FIRE', 'ENT-QUIET'],
  'PBA-VECTOR': ['PBA-SET', 'PBA-CLEAR'],
  'PBA-NONE': ['PBA-SET', 'ENT-QUIET'],
  'PBA-CLEAR': ['PBA-FIRE', 'DLV-SPURIOUS', 'DLV-USED', 'DLV-CONFIG', 'QRST-QUIET'],
  'ENT-RSVD': ['ENT-QUIET'],
  'MSK-RESET': ['ENT-QUIET'],
  'RST-QUIET': ['PBA-NONE', 'RST-CLEAN'],
  'RST-CLEAN': ['MSK-RESET', 'MAP-RESET', 'PBA-CLEAR'],
  'DLV-LOST': ['DLV-USED', 'DLV-CONFIG', 'QUE-WORKS', 'ENT-QUIET', 'MSK-HOLD', 'QRST-AGAIN'],
  'DLV-USED': ['QUE-WORKS', 'QUE-SELECT', 'ENT-RW', 'ENT-FRESH'],
  'DLV-CONFIG': ['ENT-RW', 'ENT-FRESH'],
  'QUE-WORKS': ['QUE-SELECT', 'QUE-READY'],
  'QUE-READY': ['QRST-DONE'],
  'QUE-SELECT': ['QUE-RESET'],
  'QRST-RESET': ['QRST-DONE'],
  'QRST-QUIET': ['QRST-DONE'],
  'QRST-AGAIN': ['QRST-DONE'],
  'INT-RAISE': ['QUE-WORKS', 'QUE-SELECT'],
  'FBK-LINE': ['QUE-WORKS', 'QUE-SELECT'],
  'STAT-NEEDS': ['INT-RAISE', 'PBA-SET', 'DLV-CONFIG', 'DLV-LOST'],
  'DLV-SPURIOUS': ['DLV-USED', 'DLV-CONFIG', 'PBA-FIRE', 'PBA-MERGE', 'PBA-VECTOR', 'MAP-BACK', 'STAT-RESET'],
  'MAP-OFF': ['PBA-NONE', 'PBA-SET', 'PBA-CLEAR'],
  'MAP-QUEUE': ['MAP-RESET', 'QUE-SELECT'],
  'MSK-HOLD': ['MSK-RW'],
  'NTF-SUPPRESS': ['QUE-SELECT'],
  'INT-CLEAN': ['INT-RAISE', 'QUE-WORKS'],
};

/**
 * Clauses that imply each other in a circle would hide each other: of those that no cause outside explains, the one that
 * comes first in `violated` stands.
 */
export function breakCircles(impliedBy: Map<string, string[]>, violated: readonly string[]): void {
  for (;;) {
    const explained = new Set(violated.filter((id) => !impliedBy.has(id)));
    for (let before = -1; before < explained.size; ) {
      before = explained.size;
      for (const [id, causes] of impliedBy) if (causes.some((cause) => explained.has(cause))) explained.add(id);
    }
    const first = violated.find((id) => !explained.has(id));
    if (first === undefined) return;
    impliedBy.delete(first);
  }
}

export interface Evidence {
  /** How often each clause was put to the test. */
  exercised: ReadonlyMap<string, number>;
  violated: ReadonlySet<string>;
  /** Violated, and implied by a more specific clause that is violated too. */
  impliedBy: ReadonlyMap<string, string[]>;
  checks: readonly Check[];
  /** Set where nothing more could be run. */
  stopped: string | undefined;
  /** Set where programs were left out because of what the target always fails at. */
  leftOut: string | undefined;
  /** The features that the device refused, where it refused all that the suite drives. */
  refused: string | undefined;
}

export function inScope(id: string, only: string[] | undefined, exclude: string[] | undefined): boolean {
  if (only && only.length > 0 && !only.some((glob) => matchesGlob(id, glob))) return false;
  return !exclude?.some((glob) => matchesGlob(id, glob));
}

export function matchesGlob(id: string, glob: string): boolean {
  const pattern = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${pattern}$`, 'i').test(id);
}

/** Everything of a clause's result but its counterexample. */
export function clauseResult(
  clause: Clause,
  evidence: Evidence,
  profile: Profile | undefined,
  adapter: Adapter,
  layout: Layout,
  scope: boolean,
): ClauseResult {
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
  if (!scope) return result('not-run', 'left out by --only or --exclude');
  const missing = clause.places.find((place) => !layout.hasPlace(place));
  if (missing) return result('not-applicable', `layout '${layout.name}' has no ${missing}`);
  if (profile && clause.feature && !offers(profile, clause.feature)) {
    return result('not-applicable', `the device does not offer ${clause.feature}`);
  }
  if (evidence.violated.has(clause.id)) {
    const failed = result(
      clause.level === 'MUST' ? 'fail' : 'warn',
      `violated${clause.level === 'MUST' ? '' : ` (${clause.level})`}`,
    );
    const implied = evidence.impliedBy.get(clause.id);
    return implied ? { ...failed, impliedBy: implied } : failed;
  }
  if (!profile) return result('not-run', evidence.stopped ?? 'the target could not be examined');
  const why = notApplicable(clause, profile, adapter, exercised);
  if (why) return result('not-applicable', why);
  const control = namedFor(CONTROLS, clause.id, layout)?.map((id) => layout.clauseFor(id));
  const controlled =
    !control || control.some((id) => (evidence.exercised.get(id) ?? 0) > 0 && !evidence.violated.has(id));
  if (exercised > 0 && controlled) return result('pass');
  if (exercised > 0 && control?.some((id) => evidence.violated.has(id))) {
    return result(
      'untestable',
      `its control ${control.filter((id) => evidence.violated.has(id)).join(', ')} is violated, so silence proves nothing`,
    );
  }
  if (evidence.stopped) return result('not-run', evidence.stopped);
  if (evidence.refused !== undefined) {
    return result('untestable', `the device refused FEATURES_OK for the features ${evidence.refused}`);
  }
  return result('untestable', untestableReason(clause, evidence, profile, exercised > 0 ? control : undefined));
}

function notApplicable(clause: Clause, profile: Profile, adapter: Adapter, exercised: number): string | undefined {
  const { layout } = profile;
  const { msi } = layout;
  const offered = msi ? offers(profile, msi.feature) : false;
  if (clause.holds === 'absent') {
    if (offered) return 'the device offers the feature';
    return profile.implementsLayout ? undefined : 'the target does not say that it implements the layout';
  }
  const ofMsi = ['offered', 'negotiated', 'live', 'declined'].includes(clause.holds);
  if (ofMsi && msi && !offered) return `the device does not offer ${msi.feature}`;
  const neverMet = exercised === 0 ? CONDITIONAL[clause.id] : undefined;
  const capable = clause.id !== 'CFG-GENERATION' || (profile.capabilities.configEvents && profile.configSize >= 4);
  if (neverMet && capable) return neverMet;
  const vectors = profile.msi?.vectors ?? 0;
  if (exercised === 0 && clause.id === 'QUE-SELECT' && profile.queues.length < 2)
    return 'the device has fewer than two queues';
  if (exercised === 0 && clause.id === 'MAP-MOVE' && vectors === 1) return 'the device has one vector';
  if (exercised === 0 && clause.id === 'MAP-SHARE' && profile.queues.length === 0)
    return 'the device has one event source';
  if (exercised === 0 && clause.id === 'MSK-RSVD' && vectors > 0 && beyond(profile) === 0) {
    return `the tables of ${vectors} vectors have no bits beyond the last`;
  }
  if (
    clause.id === 'CFG-GENERATION' &&
    profile.configSize < 8 &&
    (profile.deviceType || adapter.configSize !== undefined)
  ) {
    return 'the configuration space has at most one 32-bit word, so nothing can be torn';
  }
  if (clause.area === 'configuration' && profile.configSize === 0 && (profile.deviceType || adapter.configSize === 0)) {
    return 'the device has no configuration space';
  }
  return undefined;
}

/** Bits of the mask table that no vector has. */
function beyond(profile: Profile): number {
  const { layout, msi } = profile;
  if (!msi || !layout.msi?.maskTable) return 0;
  return layout.tableLength(layout.msi.maskTable, msi.vectors) * 8 - msi.vectors;
}

function untestableReason(
  clause: Clause,
  { checks, leftOut }: Evidence,
  profile: Profile,
  control: string[] | undefined,
): string {
  if (control) return `no notification was ever seen (${control.join(', ')}), so silence proves nothing`;
  const aiming = checks.filter((check) => check.clauses.includes(clause.id));
  const lacking = aiming.map((check) => unmet(check.needs, profile));
  const least = lacking.sort((a, b) => a.length - b.length)[0];
  if (leftOut && !least?.length) return leftOut;
  if (!least) return 'no check of this run reached it';
  if (least.length === 0) return 'what it is about did not come about on this device';
  if (least.includes('msi') && profile.msiReason) return profile.msiReason;
  return `the target lacks ${least.map((need) => NEED_TEXT[need]).join('; ')}`;
}

export function headlineOf(
  clauses: readonly ClauseResult[],
  options: { strict: boolean; narrowed: boolean; findings: number; partial: boolean },
): { headline: Headline; because: string } {
  const of = (verdict: Verdict, level?: string) =>
    clauses.filter((clause) => clause.verdict === verdict && (!level || clause.level === level));
  const failed = [...of('fail'), ...(options.strict ? of('warn') : [])];
  if (failed.length > 0) {
    const ids = new Set(failed.map(({ id }) => id));
    const named = failed.filter((clause) => !clause.impliedBy?.some((id) => ids.has(id)));
    const shown = named.length > 0 ? named : failed;
    const implied = failed.length - shown.length;
    const count = `${shown.length} clause${shown.length === 1 ? ' is' : 's are'} violated`;
    const more = implied > 0 ? `; ${implied} more may be no more than a consequence` : '';
    const unstable = shown.filter(({ counterexample }) => counterexample?.unstable).map(({ id }) => id);
    const seen = unstable.length > 0 ? `; seen, but not again when tried alone: ${unstable.join(', ')}` : '';
    return { headline: 'not conformant', because: `${count}: ${shown.map(({ id }) => id).join(', ')}${more}${seen}` };
  }
  const passed = of('pass', 'MUST').length;
  const inScope = (clause: ClauseResult) => clause.reason !== 'left out by --only or --exclude';
  const open = clauses.filter(
    (clause) =>
      clause.level === 'MUST' && (clause.verdict === 'untestable' || (clause.verdict === 'not-run' && inScope(clause))),
  );
  if (passed === 0) return { headline: 'inconclusive', because: 'no clause of level MUST was put to the test' };
  if (options.partial) return { headline: 'inconclusive', because: 'the run did not come to its end' };
  if (options.findings > 0) {
    return { headline: 'inconclusive', because: 'the target failed on the way, so not everything was tested' };
  }
  if (open.length > 0) {
    return {
      headline: 'inconclusive',
      because: `${open.length} clause${open.length === 1 ? '' : 's'} of level MUST could not be tested: ${open.map((c) => c.id).join(', ')}`,
    };
  }
  const warned = of('warn').length;
  const scope = options.narrowed ? ' in the scope that was chosen' : '';
  const warning = warned > 0 ? `, ${warned} recommendation${warned === 1 ? '' : 's'} not met` : '';
  return {
    headline: 'conformant',
    because: `every MUST${scope} passed or does not apply (${passed} passed)${warning}`,
  };
}

export function countVerdicts(clauses: readonly ClauseResult[]): Report['counts'] {
  const counts: Report['counts'] = { pass: 0, fail: 0, warn: 0, 'not-applicable': 0, untestable: 0, 'not-run': 0 };
  for (const clause of clauses) counts[clause.verdict]++;
  return counts;
}
