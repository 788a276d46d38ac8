/** What a narrowed run needs: which clauses the user chose, what these lean on, and the programs that can show either. */
import type { Check } from '../../suites/check.ts';
import { headerRegisters } from '../header.ts';
import { resolvePlace, type Spot, WORD } from '../places.ts';
import type { Profile } from '../profile.ts';
import type { Program } from '../program.ts';
import type { Scope } from './scope.ts';
import { CONTROLS, inScope, matchesGlob, namedFor } from './verdicts.ts';

/** What a program has in it, as far as it decides what the program can show. */
interface Content {
  /** A life with MSI, a life without. */
  msi: boolean;
  line: boolean;
  ringReset: boolean;
  /** Something that makes the device notify, or use a buffer. */
  events: boolean;
  needsReset: boolean;
  memoryWrites: boolean;
  /** More than one life: what an earlier one leaves behind can show. */
  lives: boolean;
  /** An access that is not 32 bits wide, or not aligned. */
  crooked: boolean;
  reads: Spot[];
  writes: Spot[];
}

type Reach = (content: Content, profile: Profile) => boolean;

const names = (spots: readonly Spot[], ...wanted: (string | undefined)[]): boolean =>
  spots.some((spot) => spot.kind === 'register' && wanted.includes(spot.register.name));
const effects = (spot: Spot) => (spot.kind === 'register' ? spot.register.effects : []);
const header: Reach = ({ reads, writes }, { layout }) => names([...reads, ...writes], ...headerRegisters(layout));
const mapping: Reach = ({ writes }, { layout: { msi } }) => names(writes, msi?.configVector, msi?.queueVector);
const offered: Reach = ({ reads }) => names(reads, 'DeviceFeatures');
const msi: Reach = (content) => content.msi;
const events: Reach = (content) => content.events;
const both =
  (...all: Reach[]): Reach =>
  (content, profile) =>
    all.every((reach) => reach(content, profile));

/**
 * What a program must have in it to put a clause to the test; it is said of those clauses alone for which that is sure,
 * whatever the device does: one may send and pend out of nothing, so most clauses ask for no event.
 */
const REACH: Record<string, Reach> = {
  'FEAT-VERSION1': offered,
  'FEAT-REQUIRES': offered,
  'FEAT-RESERVED': offered,
  'STAT-NEEDS': (content) => content.needsReset,
  'SHM-ABSENT': ({ reads }) =>
    reads.some((spot) => spot.kind === 'register' && spot.register.selector?.startsWith('SHM')),
  'CFG-EARLY': ({ reads }) => reads.some((spot) => spot.kind === 'config'),
  'CFG-GENERATION': ({ reads }) => reads.some((spot) => spot.kind === 'config'),
  'QRST-RESET': (content) => content.ringReset,
  'QRST-ENABLE': (content) => content.ringReset,
  'QRST-DONE': (content) => content.ringReset,
  'QRST-QUIET': (content) => content.ringReset,
  'QRST-AGAIN': (content) => content.ringReset,
  'NTF-SUPPRESS': both(events, (content) => content.memoryWrites),
  'QUE-IDLE': events,
  'QUE-EARLY': events,
  'QUE-AFTER': events,
  'DLV-READY': events,
  'ROB-WIDTH': (content) => content.crooked,
  // Before FEATURES_OK every life is one with the line, so these do not ask for a life without MSI.
  'INT-RAISE': events,
  'INT-ACK': both(events, ({ writes }) => writes.some((spot) => effects(spot).includes('acknowledges'))),
  'INT-RESET': (content) => content.lives,
  'FBK-LINE': (content) => content.line,
  'HDR-ABSENT': header,
  'MAP-ABSENT': mapping,
  'MAP-RANGE': both(msi, mapping),
  'RST-CLEAN': both(msi, (content) => content.lives),
  'ENT-RSVD': both(msi, ({ writes }) => writes.some((spot) => spot.kind === 'entry')),
  'RST-QUIET': (content) => content.lives,
};

/** What set-up and events are made of may be written out in a program. */
function spelledOut(done: readonly string[], content: Content): void {
  if (done.includes('kicks')) content.events = true;
  if (done.includes('resets-on-zero')) content.lives = true;
  if (done.includes('negotiates')) Object.assign(content, { msi: true, line: true, ringReset: true });
}

function contentOf(program: Program, profile: Profile): Content {
  const content: Content = {
    msi: false,
    line: false,
    ringReset: false,
    events: false,
    needsReset: false,
    memoryWrites: false,
    lives: false,
    crooked: false,
    reads: [],
    writes: [],
  };
  program.operations.forEach((operation, index) => {
    switch (operation.op) {
      case 'initialise':
        if (operation.msi) content.msi = true;
        else content.line = true;
        if (operation.ringReset) content.ringReset = true;
        if (index > 1) content.lives = true;
        break;
      case 'reset':
      case 'power-cycle':
        if (index > 0) content.lives = true;
        break;
      case 'event':
        content.events = true;
        if (operation.source === 'needs-reset') content.needsReset = true;
        break;
      case 'offer':
        content.events = true;
        break;
      case 'memory-write':
        content.memoryWrites = true;
        break;
      case 'read':
      case 'write': {
        const { offset, spot } = resolvePlace(operation.place, profile);
        (operation.op === 'read' ? content.reads : content.writes).push(spot);
        if (operation.op === 'write') spelledOut(effects(spot), content);
        if ((operation.width ?? 32) !== 32 || offset % WORD !== 0) content.crooked = true;
        break;
      }
    }
  });
  return content;
}

/** A clause that holds once MSI is negotiated needs that; any other may be violated by any program. */
function reaches(clause: string, content: Content, profile: Profile): boolean {
  const reach = namedFor(REACH, clause, profile.layout);
  if (reach) return reach(content, profile);
  const { holds } = profile.layout.clause(clause);
  return (holds !== 'negotiated' && holds !== 'live') || content.msi;
}

/** What a device may not survive: who excludes such a clause wants no program that does it. */
const DANGERS: Record<string, (content: Content) => boolean> = {
  'ROB-WIDTH': ({ crooked }) => crooked,
  'ROB-RANGE': ({ reads, writes }) => [...reads, ...writes].some(({ kind }) => kind === 'undefined'),
};

/** Decides of each check and each program whether the run needs it. */
export class Selection {
  private readonly scope: Scope;
  private readonly profile: Profile;
  private readonly isWhole: boolean;
  /** The chosen clauses, and those without which their silence proves nothing. */
  private readonly needed: Set<string>;

  constructor(scope: Scope, profile: Profile) {
    const { only, exclude } = scope;
    this.scope = scope;
    this.profile = profile;
    this.isWhole = !only?.length && !exclude?.length;
    const chosen = profile.layout.data.clauses
      .filter(({ id, binds }) => binds === 'device' && inScope(id, only, exclude))
      .map(({ id }) => id);
    const { layout } = profile;
    const controls = chosen.flatMap((id) => namedFor(CONTROLS, id, layout) ?? []).map((id) => layout.clauseFor(id));
    this.needed = new Set([...chosen, ...controls.filter((id) => layout.hasClause(id))]);
  }

  /** False for a check that aims at nothing but what was excluded. */
  hasCheck(check: Check): boolean {
    return !check.clauses.every((id) => this.excludes(id) && !this.needed.has(id));
  }

  hasProgram(program: Program): boolean {
    if (this.isWhole) return true;
    const content = contentOf(program, this.profile);
    if (Object.entries(DANGERS).some(([id, does]) => this.excludes(id) && does(content))) return false;
    return [...this.needed].some((id) => reaches(id, content, this.profile));
  }

  private excludes(id: string): boolean {
    return this.scope.exclude?.some((glob) => matchesGlob(id, glob)) ?? false;
  }
}
