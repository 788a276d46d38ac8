/** Times and host of a run, kept apart from the report: no comparison reads them. */
import { arch, cpus, platform, release } from 'node:os';
import { ownPackage } from './version.ts';

export interface RunInfo {
  schema: 'virtio-mmio-msi-conformance/run-info/1';
  suite: { name: string; version: string };
  /** As typed, without `node` and the script. */
  commandLine: string[];
  started: string;
  finished: string;
  milliseconds: number;
  exitCode: number;
  host: { platform: string; release: string; arch: string; cpus: number };
  node: string;
}

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
