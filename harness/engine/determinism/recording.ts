/**
 * What a target showed in a run, program by program, and where a second run of the same showed something else.
 *
 * The first run's observations are kept as text, since a target that differs once may not differ again; beyond a bound
 * only a digest of each program is, which still tells that it differs.
 */
import { createHash } from 'node:crypto';
import type { Tier } from '../../../reports/report.ts';
import type { Step } from '../../compile.ts';
import type { Execution } from '../../execute.ts';
import type { Profile } from '../../profile.ts';
import { hex, type Program } from '../../program.ts';
import { encode } from './encode.ts';

/** Characters of observations that are kept; the default run of the reference device has a tenth of that. */
const MOST_KEPT = 1 << 25;

/** A program as it ran. */
export interface Ran {
  program: Program;
  steps: readonly Step[];
  execution: Execution;
}

/** A program that ran among many in one batch, where a step of that batch is in it, and what made it. */
export interface Located extends Ran {
  /** Undefined where it cannot be told. */
  at: number | undefined;
  check: string;
  tier: Tier;
}

export type Locate = (step: number, batch: Execution) => Located;

interface Entry {
  /** Digest of the program, or what a batch is known by. */
  id: string;
  /** What was observed, or a digest of it. */
  observed: string;
  isKept: boolean;
}

/** The first step that differs, and what the runs saw there. */
interface Seen {
  step: number;
  /** As {@link encode} writes it. */
  first: string;
  second: string;
}

/** Where the second run showed something else first. */
export type Divergence =
  /** In what the target is, before any program: name of a property, and what it was in each run. */
  | { kind: 'probe'; properties: { name: string; first: string; second: string }[] }
  | {
      kind: 'program';
      ran: Ran;
      profile: Profile;
      /** Which check made the program; undefined for one that was made while looking for a smaller one. */
      found: { check: string; tier: Tier } | undefined;
      /** Undefined where what the first run saw was not kept. */
      at: Seen | undefined;
    }
  /** The second run went on with another program, though nothing that a program showed differs. */
  | { kind: 'course' };

export class Recording {
  divergence: Divergence | undefined;
  private readonly before: Recording | undefined;
  private readonly mostKept: number;
  private readonly entries: Entry[] = [];
  private profile: Profile | undefined;
  private properties: Record<string, string> = {};
  private kept = 0;
  private count = 0;

  /** @param before what the first run showed; absent for the first run itself */
  constructor(before?: Recording, mostKept = MOST_KEPT) {
    this.before = before;
    this.mostKept = mostKept;
  }

  /** The target was examined, or failed in that. */
  probed(what: Profile | Error): void {
    if (!(what instanceof Error)) this.profile = what;
    this.properties = what instanceof Error ? { failed: what.message } : propertiesOf(what);
    if (!this.before) return;
    const { properties: first } = this.before;
    const names = [...new Set([...Object.keys(first), ...Object.keys(this.properties)])];
    const differing = names
      .filter((name) => first[name] !== this.properties[name])
      .map((name) => ({ name, first: first[name] ?? 'nothing', second: this.properties[name] ?? 'nothing' }));
    if (differing.length > 0) this.divergence = { kind: 'probe', properties: differing };
  }

  /** A program came to its end, or the target failed in it. */
  ran(ran: Ran): void {
    if (this.divergence) return;
    const differs = this.differs(digest(JSON.stringify(ran.program)), ran.execution);
    if (differs && this.profile) {
      this.divergence = { kind: 'program', ran, profile: this.profile, found: undefined, at: differs.at };
    }
  }

  /** A batch of many programs came to its end, or the target failed in it. */
  batch(length: number, execution: Execution, locate: Locate): void {
    if (this.divergence) return;
    const differs = this.differs(`a batch of ${length} steps`, execution);
    if (!differs || !this.profile) return;
    const { at: seen } = differs;
    const { check, tier, at, ...ran } = locate(seen?.step ?? 0, execution);
    this.divergence = {
      ...{ kind: 'program', ran, profile: this.profile, found: { check, tier } },
      at: seen && at !== undefined ? { ...seen, step: at } : undefined,
    };
  }

  /** The check that made a program that ran. */
  named({ program }: Pick<Ran, 'program'>, check: string, tier: Tier): void {
    const { divergence } = this;
    if (divergence?.kind !== 'program' || divergence.found || divergence.ran.program !== program) return;
    divergence.found = { check, tier };
  }

  private keep(id: string, text: string): void {
    const isKept = this.kept + text.length <= this.mostKept;
    if (isKept) this.kept += text.length;
    this.entries.push({ id, observed: isKept ? text : digest(text), isKept });
  }

  /** Keeps what the first run showed; of a second run, whether it showed something else, and where if that is known. */
  private differs(id: string, execution: Execution): { at: Seen | undefined } | undefined {
    const lines = encode(execution);
    const text = lines.join('\n');
    if (!this.before) {
      this.keep(id, text);
      return undefined;
    }
    const first = this.before.entries[this.count++];
    if (first?.id !== id) {
      this.divergence = { kind: 'course' };
      return undefined;
    }
    if ((first.isKept ? text : digest(text)) === first.observed) return undefined;
    return { at: first.isKept ? firstDifference(first.observed.split('\n'), lines) : undefined };
  }
}

function firstDifference(first: string[], second: string[]): Seen {
  const step = second.findIndex((line, index) => line !== first[index]);
  return { step, first: first[step] ?? '', second: second[step] ?? '' };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

/** What was read of the device. */
function propertiesOf({ deviceId, features, queues, configWords, msi, capabilities }: Profile): Record<string, string> {
  const words = (values: number[]) => values.map(hex).join(' ') || 'none';
  return {
    DeviceID: hex(deviceId),
    features: words(features),
    'sizes of the queues': words(queues),
    'configuration space': words(configWords),
    header: msi ? words(Object.values(msi.header)) : 'none',
    'queue events': capabilities.queueEvents,
  };
}
