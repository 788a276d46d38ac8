/** `conformance driver`: tests a driver, live or by a recorded log. */
import { EXIT, type ExitCode } from '../../reports/exit-code.ts';
import { printable } from '../../reports/text.ts';
import type { Layout } from '../../spec/layout.ts';
import type { DriverTarget } from '../driver/target.ts';
import { DEFAULT_LAYOUT } from './defaults.ts';
import type { DriverCommandOptions } from './options.ts';
import type { Io } from './output.ts';
import { targetWords, tripWith } from './trip.ts';

export async function driverCommand(options: DriverCommandOptions, words: string[], io: Io): Promise<ExitCode> {
  const logs = options.log === undefined ? undefined : await logKeeper(options.log, io);
  const code = await tripWith(
    () => openDriverAndLayout(options, io),
    { ...options, words },
    io,
    async ({ target, layout, signal, onProgress }) => {
      const { runDriver } = await import('../driver/engine/run.ts');
      return runDriver({
        ...{ target, layout, signal, onProgress },
        strict: options.strict ?? false,
        bail: options.bail ?? false,
        commandLine: targetWords(options),
        ...(options.only && { only: options.only }),
        ...(options.exclude && { exclude: options.exclude }),
        ...(options.scenario && { scenarios: options.scenario }),
        ...(logs && { onLog: logs.keep }),
      });
    },
  );
  return logs?.failed && code !== EXIT.usage ? EXIT.fault : code;
}

/** The layout that is asked for, else the one that the driver was written for. */
async function openDriverAndLayout(
  options: DriverCommandOptions,
  io: Io,
): Promise<{ layout: Layout; target: DriverTarget & { close?(): Promise<void> } }> {
  const [{ loadLayout, packagedNames }, { openDriver }] = await Promise.all([
    import('../../spec/load.ts'),
    import('../driver/targets/open.ts'),
  ]);
  const layout = loadLayout(options.layout ?? DEFAULT_LAYOUT);
  const open = (one: Layout) =>
    openDriver(options.target, {
      layout: one,
      ...(options.timeout !== undefined && { timeout: options.timeout }),
      ...(io.verbose && { log: (line: string) => io.error(printable(`driver: ${line}`)) }),
    });
  const target = await open(layout);
  const declared = 'layout' in target ? target.layout : undefined;
  const isAnother = declared !== undefined && declared !== layout.name && !layout.data.extends.includes(declared);
  if (options.layout !== undefined || !isAnother || !packagedNames().includes(declared)) return { layout, target };
  io.note(`layout ${declared}: the driver names it`);
  if (target.kind !== 'trace') await target.close();
  const other = loadLayout(declared);
  return { layout: other, target: await open(other) };
}

/** Writes each log into a folder, as it is done. */
async function logKeeper(dir: string, io: Io) {
  const [{ prepareDirectory }, { writeLog }, { join }, { systemReason }] = await Promise.all([
    import('./files.ts'),
    import('../driver/trace/write.ts'),
    import('node:path'),
    import('./errors.ts'),
  ]);
  await prepareDirectory(dir);
  const keeper = {
    failed: false,
    keep: (name: string, log: Parameters<typeof writeLog>[1], layout: Layout) => {
      if (keeper.failed) return;
      const file = join(dir, `${name.replaceAll('/', '-')}.ndjson`);
      try {
        writeLog(file, log, layout);
      } catch (error) {
        keeper.failed = true;
        io.error(
          `error: cannot write ${file}: ${systemReason(error)}\n  next: logs after this one are not kept; the run goes on`,
        );
      }
    },
  };
  return keeper;
}
