/** What a report means for the shell. */
import type { Report } from './report.ts';

/** Every exit code of the command, by name. */
export const EXIT = {
  /** Every MUST in scope passed or does not apply. */
  conformant: 0,
  /** A MUST is violated; with `--strict` also a SHOULD. */
  violation: 1,
  /** The command line, the layout or the target's specification is wrong. */
  usage: 2,
  /** The target, or the suite itself, failed. */
  fault: 3,
  /** A MUST was not exercised, or nothing ran. */
  inconclusive: 4,
  /** Ctrl-C or SIGTERM. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The most telling first: a proven violation wins over a later crash, which wins over what could not be tested. */
const PRECEDENCE: readonly ExitCode[] = [
  EXIT.interrupted,
  EXIT.usage,
  EXIT.violation,
  EXIT.fault,
  EXIT.inconclusive,
  EXIT.conformant,
];

/** The code that wins where several apply; 0 for none. */
export function strongest(...codes: ExitCode[]): ExitCode {
  return PRECEDENCE.find((code) => codes.includes(code)) ?? EXIT.conformant;
}

/**
 * The exit code of a report.
 *
 * @param interrupted whether a signal ended the run; default: what the report says. The command line knows it better,
 *   since a run can also end early because its target is gone.
 */
export function exitCode(report: Report, interrupted = wasInterrupted(report)): ExitCode {
  const codes: ExitCode[] = [];
  if (interrupted) codes.push(EXIT.interrupted);
  if (report.headline === 'not conformant') codes.push(EXIT.violation);
  if (report.findings.length > 0) codes.push(EXIT.fault);
  if (report.headline === 'inconclusive') codes.push(EXIT.inconclusive);
  return strongest(...codes);
}

/** A run that ended at the first violation, as it was asked to, was not interrupted. */
function wasInterrupted({ run, headline }: Report): boolean {
  const bailed = run.narrowed?.bail === true && headline === 'not conformant';
  return run.interrupted !== undefined && !bailed;
}
