/**
 * The library: everything that the command line does, for programs.
 *
 *     const layout = loadLayout('native');
 *     const target = await openTarget('./adapter.ts', { layout });
 *     const report = await run({ target, layout, seed: 1, runs: 200, strict: false, bail: false });
 *     await target.close();
 *     console.log(renderPretty(report));
 *     process.exitCode = exitCode(report);
 */
export { EXIT, type ExitCode, exitCode } from '../reports/exit-code.ts';
export { renderHtml } from '../reports/html/index.ts';
export { renderJson } from '../reports/json.ts';
export { renderJunit } from '../reports/junit.ts';
export { type PrettyOptions, renderHeadline, renderPretty } from '../reports/pretty.ts';
export type * from '../reports/report.ts';
export type { RunInfo } from '../reports/run-info.ts';
export { type Clause, Layout, type LayoutData, type Level, UnknownNameError } from '../spec/layout.ts';
export { type Diagnostic, formatDiagnostics, LayoutError, loadLayout } from '../spec/load.ts';
export { adaptTarget } from './adapt.ts';
export * from './driver/api.ts';
export type { DriverTarget, Ending, LiveDriver, Meeting, RecordedDriver } from './driver/target.ts';
export { type DriverOpenOptions, openDriver } from './driver/targets/open.ts';
export { DRIVER_SYNTAX } from './driver/targets/syntax.ts';
export {
  type CheckInfo,
  type Progress,
  type ReplayOptions,
  RunConfigurationError,
  type RunOptions,
} from './engine/api.ts';
export { checks, replay, run } from './engine/run.ts';
export * from './target.ts';
export { type OpenOptions, openTarget, TARGET_SYNTAX } from './targets/open.ts';
