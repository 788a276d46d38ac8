/** `conformance replay FILE`: runs one stored program again. */
import { readFile } from 'node:fs/promises';
import type { ExitCode } from '../../reports/exit-code.ts';
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
}

/** What of a report.json replaying needs. */
interface StoredReport {
  layout?: { name?: string };
  target?: { specification?: string };
  clauses: { id?: string; counterexample?: { program?: unknown } }[];
  findings?: { program?: unknown }[];
}

/** What is replayed, and what the file says about where. */
export interface Stored {
  program: unknown;
  target?: string | undefined;
  layout?: string | undefined;
}

function isReport(value: unknown): value is StoredReport {
  return typeof value === 'object' && value !== null && 'clauses' in value && Array.isArray(value.clauses);
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

function fromFinding(file: string, report: StoredReport, number: number): unknown {
  const findings = report.findings ?? [];
  const found = findings[number - 1];
  if (found?.program !== undefined) return found.program;
  throw new UsageError(`${file} has no target fault ${number}; it has ${findings.length}`);
}

function fromClause(file: string, report: StoredReport, wanted: string | undefined): unknown {
  const programs = new Map<string, unknown>();
  for (const { id, counterexample } of report.clauses) {
    if (id !== undefined && counterexample?.program !== undefined) programs.set(id, counterexample.program);
  }
  const ids = [...programs.keys()];
  const choice = wanted ?? (ids.length === 1 ? ids[0] : undefined);
  if (choice !== undefined && programs.has(choice)) return programs.get(choice);
  if (ids.length === 0) {
    const hint = report.findings?.length ? 'its target faults are reached with --finding NUMBER' : undefined;
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
  if (!isReport(value)) {
    if (options.clause === undefined && options.finding === undefined) return { program: value };
    throw new UsageError(`${file} is no report, so --clause and --finding find nothing in it`, 'leave them out');
  }
  const program =
    options.finding === undefined ? fromClause(file, value, options.clause) : fromFinding(file, value, options.finding);
  return { program, target: value.target?.specification, layout: value.layout?.name };
}

export async function replayCommand(
  file: string,
  options: ReplayCommandOptions,
  words: string[],
  io: Io,
): Promise<ExitCode> {
  const stored = select(file, await readJson(file), options);
  const target = options.target ?? stored.target ?? DEFAULT_TARGET;
  const layout = options.layout ?? stored.layout ?? DEFAULT_LAYOUT;
  return makeTrip({ ...options, target, layout, words }, io, async ({ onProgress: _, ...journey }) => {
    const { replay } = await import('../engine/run.ts');
    return replay({
      ...journey,
      program: stored.program,
      strict: options.strict ?? false,
      ...(options.timeout !== undefined && { timeout: options.timeout }),
    });
  });
}
