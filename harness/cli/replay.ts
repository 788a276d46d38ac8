/** `conformance replay FILE`: runs one stored program again. */
import { readFile } from 'node:fs/promises';
import type { ExitCode } from '../../reports/exit-code.ts';
import type { Report } from '../../reports/report.ts';
import type { Layout } from '../../spec/layout.ts';
import { findPackaged } from '../../spec/packaged.ts';
import { nearest } from '../../spec/suggest.ts';
import { DEFAULT_LAYOUT, DEFAULT_TARGET } from './defaults.ts';
import { systemReason, UsageError } from './errors.ts';
import type { OutputOptions, TargetOptions } from './options.ts';
import type { Io } from './output.ts';
import { makeTrip } from './trip.ts';

export interface ReplayCommandOptions extends Partial<TargetOptions>, OutputOptions {
  /** Which counterexample of a report. */
  clause?: string;
  /** Which of a report's target faults, from 1. */
  finding?: number;
  strict?: boolean;
  /** Run it twice. */
  verifyDeterminism?: boolean;
}

/** What of a report.json replaying needs. */
interface StoredReport {
  schema?: string;
  suite?: { version?: string };
  layout?: { name?: string; digest?: string };
  target?: { specification?: string };
  clauses: { id?: string; counterexample?: { program?: unknown } }[];
  findings?: { program?: unknown }[];
  run?: { determinism?: { difference?: { program?: unknown } } };
}

/** What is replayed, and what the file says about where. */
export interface Stored {
  program: unknown;
  target?: string | undefined;
  layout?: { name?: string; digest?: string } | undefined;
  /** What the program showed in the report's run. */
  clause?: string;
  finding?: number;
}

const SCHEMA: Report['schema'] = 'virtio-mmio-msi-conformance/report/1';

/** @throws UsageError for a report that another version of the suite wrote */
function isReport(file: string, value: unknown): value is StoredReport {
  if (typeof value !== 'object' || value === null) return false;
  const { schema, suite } = value as StoredReport;
  if (typeof schema === 'string' && schema.startsWith(SCHEMA.replace(/\d+$/, '')) && schema !== SCHEMA) {
    throw new UsageError(
      `${file} is a report of another version: '${schema}'; this suite reads '${SCHEMA}'`,
      `replay it with the suite that wrote it${suite?.version === undefined ? '' : `, version ${suite.version}`}, or run again`,
    );
  }
  return 'clauses' in value && Array.isArray(value.clauses);
}

async function readJson(file: string): Promise<unknown> {
  let text: string;
  try {
    text = file === '-' ? await readStdin() : await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${systemReason(error)}`, 'give a report.json or a file with a program');
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${file} is no JSON: ${why}`, 'give a report.json or a file with a program');
  }
}

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

/** The program that two runs did not show the same of. */
function differing({ run }: StoredReport): unknown {
  return run?.determinism?.difference?.program;
}

function fromFinding(file: string, report: StoredReport, number: number): unknown {
  const findings = report.findings ?? [];
  const found = findings[number - 1];
  if (found?.program !== undefined) return found.program;
  const hint = findings.length === 0 ? '--clause names a violated clause' : `--finding takes 1 to ${findings.length}`;
  throw new UsageError(`${file} has no target fault ${number}; it has ${findings.length}`, hint);
}

function fromClause(file: string, report: StoredReport, wanted: string | undefined): Stored {
  const programs = new Map<string, unknown>();
  for (const { id, counterexample } of report.clauses) {
    if (id !== undefined && counterexample?.program !== undefined) programs.set(id, counterexample.program);
  }
  const ids = [...programs.keys()];
  const choice = ids.find((id) => id === wanted?.toUpperCase()) ?? wanted ?? (ids.length === 1 ? ids[0] : undefined);
  if (choice !== undefined && programs.has(choice)) return { program: programs.get(choice), clause: choice };
  if (ids.length === 0) {
    const hints = [
      ...(report.findings?.length ? ['its target faults are reached with --finding NUMBER'] : []),
      ...(differing(report) === undefined ? [] : ['the program that was not the same twice with --verify-determinism']),
    ];
    const hint = hints.length > 0 ? hints.join('; ') : undefined;
    throw new UsageError(`${file} holds no counterexample: no clause is violated in it`, hint);
  }
  if (choice === undefined) {
    throw new UsageError(`${file} holds ${ids.length} counterexamples`, `choose one with --clause: ${ids.join(', ')}`);
  }
  const near = nearest(choice, ids);
  const hint = near === undefined ? `it has: ${ids.join(', ')}` : `did you mean ${near}? It has: ${ids.join(', ')}`;
  throw new UsageError(`${file} holds no counterexample of ${choice}`, hint);
}

/** The program that is meant: the file's only content, or one of a report. @throws UsageError */
export function select(file: string, value: unknown, options: ReplayCommandOptions): Stored {
  if (!isReport(file, value)) {
    if (options.clause === undefined && options.finding === undefined) return { program: value };
    throw new UsageError(`${file} is no report, so --clause and --finding find nothing in it`, 'leave them out');
  }
  const { finding, clause, verifyDeterminism } = options;
  const different = differing(value);
  let stored: Stored;
  if (finding !== undefined) stored = { program: fromFinding(file, value, finding), finding };
  else if (verifyDeterminism && clause === undefined && different !== undefined) stored = { program: different };
  else stored = fromClause(file, value, clause);
  return { ...stored, target: value.target?.specification, layout: value.layout };
}

/** The layout to load. A report names its layout, not the file that it was in. @throws UsageError */
function layoutOf(file: string, stored: Stored, given: string | undefined): string {
  const name = stored.layout?.name;
  if (given !== undefined || name === undefined || findPackaged(name) !== undefined) {
    return given ?? name ?? DEFAULT_LAYOUT;
  }
  throw new UsageError(
    `${file} is of a run with the layout '${name}', which is none of the packaged ones`,
    'name the file of that layout: --layout FILE',
  );
}

/** A program means something else on another layout, and what it shows there proves nothing. @throws UsageError */
function checkLayout(file: string, stored: Stored, loaded: Layout, given: string | undefined): void {
  const { name, digest } = stored.layout ?? {};
  if (digest === undefined || digest === loaded.data.digest) return;
  const short = (text: string) => text.slice(0, 12);
  throw new UsageError(
    `${file} is of a run with another layout: '${name ?? '?'}' with digest ${short(digest)}, and ` +
      `'${loaded.name}'${given === undefined ? '' : ` from ${given}`} has ${short(loaded.data.digest)}`,
    `${given === undefined ? 'name the file of that layout: --layout FILE' : 'give --layout as in that run'}; ` +
      'after a change of the layout, run again',
  );
}

/** The command that does the same again. */
function commandWords(file: string, stored: Stored, options: ReplayCommandOptions): string[] {
  const words = ['replay', file];
  if (stored.clause !== undefined) words.push('--clause', stored.clause);
  if (stored.finding !== undefined) words.push('--finding', String(stored.finding));
  if (options.target !== undefined) words.push('--target', options.target);
  if (options.layout !== undefined) words.push('--layout', options.layout);
  if (options.timeout !== undefined) words.push('--timeout', String(options.timeout));
  if (options.strict) words.push('--strict');
  if (options.verifyDeterminism) words.push('--verify-determinism');
  return words;
}

export async function replayCommand(
  file: string,
  options: ReplayCommandOptions,
  words: string[],
  io: Io,
): Promise<ExitCode> {
  const stored = select(file, await readJson(file), options);
  const target = options.target ?? stored.target ?? DEFAULT_TARGET;
  const layout = layoutOf(file, stored, options.layout);
  return makeTrip({ ...options, target, layout, words }, io, async ({ onProgress: _, ...journey }) => {
    checkLayout(file, stored, journey.layout, options.layout);
    const { replay } = await import('../engine/run.ts');
    return replay({
      ...journey,
      program: stored.program,
      strict: options.strict ?? false,
      ...(options.verifyDeterminism && { verifyDeterminism: true }),
      commandLine: commandWords(file, stored, options),
      ...(stored.clause !== undefined && { clause: stored.clause }),
      ...(stored.finding !== undefined && { finding: stored.finding }),
      ...(options.timeout !== undefined && { timeout: options.timeout }),
    });
  });
}
