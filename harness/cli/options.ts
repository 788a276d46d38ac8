/** The options that several commands share, with their checks. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ExtraStates } from '../engine/api.ts';
import { DEFAULT_LAYOUT, DEFAULT_TARGET } from './defaults.ts';

const SEEDS = 2 ** 32;

export type Format = 'pretty' | 'json' | 'junit';

export interface TargetOptions {
  target: string;
  /** Undefined: what the target names, or whose feature the device offers. */
  layout?: string;
  timeout?: number;
}

export interface OutputOptions {
  format: Format;
  out?: string;
  quiet?: boolean;
}

export interface SelectionOptions {
  only?: string[];
  exclude?: string[];
}

export interface RunCommandOptions extends TargetOptions, OutputOptions, SelectionOptions {
  seed: number;
  runs: number;
  exhaustive?: ExtraStates | 'off';
  strict?: boolean;
  bail?: boolean;
  verifyDeterminism?: boolean;
}

export interface DriverCommandOptions extends TargetOptions, OutputOptions, SelectionOptions {
  scenario?: string[];
  log?: string;
  strict?: boolean;
  bail?: boolean;
}

function wholeNumber(text: string): number {
  return /^\d+$/.test(text) || /^0x[0-9a-f]+$/i.test(text) ? Number(text) : Number.NaN;
}

/** A whole number in bounds, decimal or hexadecimal. */
export function parseNumber(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = wholeNumber(text);
    if (value >= from && value <= to) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`);
  };
}

/** A 32-bit seed, or `random`. */
export function parseSeed(text: string): number {
  if (text === 'random') return Math.floor(Math.random() * SEEDS);
  const value = wholeNumber(text);
  if (value < SEEDS) return value;
  throw new InvalidArgumentError(`It must be a whole number from 0 to ${SEEDS - 1}, or random.`);
}

/** How many states a device may have beyond those of the model, or `off`. */
export function parseExhaustive(text: string): ExtraStates | 'off' {
  if (text === 'off') return text;
  const value = wholeNumber(text);
  if (value === 0 || value === 1 || value === 2) return value;
  throw new InvalidArgumentError('It must be 0, 1, 2 or off.');
}

/** Collects `A,B` and repetitions. An empty list is refused: it is most likely a variable that was never set. */
export function collectGlobs(text: string, before: string[] = []): string[] {
  return collect(text, before, 'clause');
}

/** The same for scenarios. */
export function collectScenarios(text: string, before: string[] = []): string[] {
  return collect(text, before, 'scenario');
}

function collect(text: string, before: string[], noun: string): string[] {
  const globs = text.split(/[\s,]+/).filter((glob) => glob !== '');
  if (globs.length === 0) throw new InvalidArgumentError(`It names no ${noun}.`);
  return [...before, ...globs];
}

function given(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It is empty.');
  return text;
}

const DAY = 24 * 3600 * 1000;

export function addTargetOptions(command: Command): Command {
  return command
    .optionsGroup('Target:')
    .addOption(new Option('-t, --target <target>', 'what to test, see below').default(DEFAULT_TARGET).argParser(given))
    .addOption(
      new Option(
        '-l, --layout <layout>',
        `name of a packaged layout, or a YAML file (default: as the target says or the device offers, else ${DEFAULT_LAYOUT})`,
      ).argParser(given),
    )
    .addOption(
      new Option('--timeout <ms>', 'how long the target may take for one answer').argParser(parseNumber(1, DAY)),
    );
}

export function addSelectionOptions(command: Command): Command {
  return command
    .optionsGroup('Scope:')
    .addOption(
      new Option('--only <globs>', 'judge only these clauses, e.g. MAP-RANGE or "MAP-*,DLV-*"').argParser(collectGlobs),
    )
    .addOption(new Option('--exclude <globs>', 'leave these clauses out').argParser(collectGlobs));
}

export function addOutputOptions(command: Command): Command {
  return command
    .optionsGroup('Output:')
    .addOption(
      new Option('-f, --format <format>', 'of the report on stdout')
        .choices(['pretty', 'json', 'junit'] satisfies Format[])
        .default('pretty' satisfies Format),
    )
    .addOption(
      new Option('-o, --out <dir>', 'also write report.json, report.html, junit.xml and run-info.json there').argParser(
        given,
      ),
    )
    .option('-q, --quiet', 'no progress and no notes; of the pretty report only the headline');
}

export function addFormatOption(command: Command): Command {
  return command
    .optionsGroup('Output:')
    .addOption(new Option('-f, --format <format>', 'of the list').choices(['pretty', 'json']).default('pretty'));
}
