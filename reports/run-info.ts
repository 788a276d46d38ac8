/** Times and host of a run, kept apart from the report: no comparison reads them. */
export interface RunInfo {
  schema: 'virtio-mmio-msi-conformance/run-info/1';
  suite: { name: string; version: string };
  /** As typed, without `node` and the script. */
  commandLine: string[];
  /** ISO 8601. */
  started: string;
  finished: string;
  milliseconds: number;
  exitCode: number;
  host: { platform: string; release: string; arch: string; cpus: number };
  node: string;
}
