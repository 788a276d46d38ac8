/** From a finished report to what the user gets: files, stdout, and the exit code. */
import { join } from 'node:path';
import { EXIT, type ExitCode, exitCode, strongest } from '../../reports/exit-code.ts';
import type { Report } from '../../reports/report.ts';
import type { Layout } from '../../spec/layout.ts';
import { systemReason } from './errors.ts';
import type { Files } from './files.ts';
import type { OutputOptions } from './options.ts';
import type { Io } from './output.ts';

/** The report in the format of `--format`. Renderers are loaded when they are needed. */
async function rendered(report: Report, file: string | undefined, options: OutputOptions, io: Io): Promise<string> {
  if (options.format === 'json') return (await import('../../reports/json.ts')).renderJson(report);
  if (options.format === 'junit') return (await import('../../reports/junit.ts')).renderJunit(report);
  const { renderHeadline, renderPretty } = await import('../../reports/pretty.ts');
  const style = { color: io.color, width: io.width, ...(file !== undefined && { file }) };
  return io.quiet ? `${renderHeadline(report, style)}\n` : renderPretty(report, style);
}

export interface OutcomeOptions extends OutputOptions {
  /** The layout that the report is about. */
  layout: Layout;
  started: Date;
  commandLine: string[];
  /** Whether a signal ended the run. */
  interrupted: boolean;
}

async function filesOf(report: Report, code: ExitCode, options: OutcomeOptions, io: Io): Promise<Files> {
  const [{ renderJson }, { renderJunit }, { renderHtml }, { runInfo }] = await Promise.all([
    import('../../reports/json.ts'),
    import('../../reports/junit.ts'),
    import('../../reports/html/index.ts'),
    import('./run-info.ts'),
  ]);
  const info = runInfo(options.started, code, options.commandLine);
  return {
    'report.json': renderJson(report),
    'junit.xml': renderJunit(report),
    ...page(() => renderHtml(report, options.layout, info), io),
    'run-info.json': `${JSON.stringify(info, null, 2)}\n`,
  };
}

/** What cannot be drawn must not cost the report itself. */
function page(render: () => string, io: Io): Files {
  try {
    return { 'report.html': render() };
  } catch (error) {
    const what = io.verbose && error instanceof Error ? error.stack : String(error);
    io.error(
      `error: report.html could not be made: ${what}\n  next: report.json is whole; please report this as a bug`,
    );
    return {};
  }
}

/** Where the files of `--out` went: there, into a rescue directory, or nowhere but to stdout. */
type Whereabouts = 'there' | 'elsewhere' | 'printed';

async function writeOut(dir: string, files: Files, io: Io): Promise<Whereabouts> {
  const { writeOrRescue } = await import('./files.ts');
  const written = await writeOrRescue(dir, files);
  if (written.problem === undefined) {
    io.note(`report: ${join(dir, 'report.json')} (with ${Object.keys(files).slice(1).join(', ')})`);
    return 'there';
  }
  io.error(`error: ${written.problem}`);
  if (written.dir !== undefined) {
    io.error(`  next: the report is safe in ${written.dir}; move it to where it belongs`);
    return 'elsewhere';
  }
  io.error('  next: report.json is printed on stdout, whatever format was asked for; keep it');
  await io.result(files['report.json'] ?? '');
  return 'printed';
}

/** Prints the report; where stdout takes nothing, a report that is in no file yet is put into one. */
async function print(
  report: Report,
  file: string | undefined,
  files: () => Promise<Files>,
  options: OutcomeOptions,
  io: Io,
): Promise<boolean> {
  try {
    await io.result(await rendered(report, file, options, io));
    return true;
  } catch (error) {
    io.error(`error: cannot write the report to stdout: ${systemReason(error)}`);
    if (options.out !== undefined) return false;
    const { rescue } = await import('./files.ts');
    const dir = await rescue(await files()).catch(() => undefined);
    io.error(dir === undefined ? '  next: free some space and run again' : `  next: the report is safe in ${dir}`);
    return false;
  }
}

/** Writes and prints everything. @returns the exit code */
export async function deliver(report: Report, options: OutcomeOptions, io: Io): Promise<ExitCode> {
  const code = exitCode(report, options.interrupted);
  const files = () => filesOf(report, code, options, io);
  const where = options.out === undefined ? 'there' : await writeOut(options.out, await files(), io);
  const file = options.out === undefined || where !== 'there' ? undefined : join(options.out, 'report.json');
  const printed = where === 'printed' || (await print(report, file, files, options, io));
  if (options.format !== 'pretty') io.note(`${report.headline}: ${report.because}`);
  return where === 'there' && printed ? code : strongest(code, EXIT.fault);
}
