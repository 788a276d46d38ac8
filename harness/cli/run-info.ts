/** Times and host of a run, kept apart from the report: no comparison reads them. */
import { arch, cpus, platform, release } from 'node:os';
import type { RunInfo } from '../../reports/run-info.ts';
import { ownPackage } from './version.ts';

export function runInfo(started: Date, exitCode: number, commandLine: string[]): RunInfo {
  const finished = new Date();
  const { name, version } = ownPackage();
  return {
    schema: 'virtio-mmio-msi-conformance/run-info/1',
    suite: { name, version },
    commandLine,
    started: started.toISOString(),
    finished: finished.toISOString(),
    milliseconds: finished.getTime() - started.getTime(),
    exitCode,
    host: { platform: platform(), release: release(), arch: arch(), cpus: cpus().length },
    node: process.version,
  };
}
