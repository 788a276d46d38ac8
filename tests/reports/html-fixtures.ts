/** A report with what only a real run has: programs of every kind, a register read wrong, scopes, a run-info. */
import type { ClauseResult, Report, TraceLine, TrapCount } from '../../reports/report.ts';
import type { RunInfo } from '../../reports/run-info.ts';
import type { Layout } from '../../spec/layout.ts';
import { loadLayout } from '../../spec/load.ts';
import { counterexample, notConformant } from './fixtures.ts';

export const native: Layout = loadLayout('native');
export const msix: Layout = loadLayout('msix');

const SET_UP: TraceLine[] = [
  { step: 1, operation: 'power-cycle' },
  {
    step: 2,
    operation:
      'initialise: MSI accepted; queue 0; vector 32 for queue 0, config to address 0x169f794231250000 data 0x20520000; DRIVER_OK',
  },
];

/** A pending bit that should be clear, after a message that was right. */
export const PENDING: TraceLine[] = [
  ...SET_UP,
  { step: 3, operation: 'event: used buffer of queue 0' },
  { step: 3, operation: '  delivered', observed: 'message 0x169f794231250000 0x20520000' },
  { step: 4, operation: 'write mask[1] 0x00000001' },
  { step: 4, operation: '  read pba[1]', observed: '0x00000003', violates: true },
];

/** A message that did not come. */
export const SILENT: TraceLine[] = [
  ...SET_UP,
  { step: 3, operation: 'event: configuration change' },
  { step: 3, operation: '  delivered', observed: 'no interrupt', violates: true },
];

/** A result of each clause of the layout that binds a device: as given, else a pass. */
export function results(layout: Layout, given: Record<string, Partial<ClauseResult>>): ClauseResult[] {
  return layout.data.clauses
    .filter(({ binds }) => binds === 'device')
    .map(({ id, area, level, text, origin }) => ({
      id,
      area,
      level,
      text,
      origin: origin.map(({ source, at }) => `${source} ${at}`),
      verdict: 'pass',
      exercised: 1234,
      ...given[id],
    }));
}

export function reportOf(layout: Layout, clauses: ClauseResult[], more: Partial<Report> = {}): Report {
  const counts = { pass: 0, fail: 0, warn: 0, 'not-applicable': 0, untestable: 0, 'not-run': 0 };
  for (const { verdict } of clauses) counts[verdict]++;
  const { name, title, revision, digest } = layout.data;
  return {
    ...notConformant,
    layout: { name, title, revision, digest },
    headline: counts.fail > 0 ? 'not conformant' : 'conformant',
    because: '2 clauses are violated: PBA-CLEAR, DLV-CONFIG',
    counts,
    clauses,
    ...more,
  };
}

export const whole: Report = reportOf(
  native,
  results(native, {
    'PBA-CLEAR': {
      verdict: 'fail',
      reason: 'violated',
      counterexample: counterexample('PBA-CLEAR', {
        expected: 'pending bit of vector 32 reads 0',
        actual: '1',
        trace: PENDING,
      }),
    },
    'DLV-CONFIG': {
      verdict: 'fail',
      reason: 'violated',
      counterexample: counterexample('DLV-CONFIG', {
        expected: '1 message of vector 32',
        actual: 'no message',
        trace: SILENT,
      }),
    },
    'DLV-LOST': {
      verdict: 'fail',
      reason: 'violated',
      impliedBy: ['DLV-CONFIG'],
      counterexample: counterexample('DLV-LOST', {
        expected: '1 message of vector 32',
        actual: 'no message',
        trace: SILENT,
      }),
    },
    'PBA-VECTOR': {
      verdict: 'warn',
      reason: 'violated',
      counterexample: counterexample('PBA-VECTOR', {
        expected: 'MsiQueueVector reads 0x0000ffff',
        actual: '0x00000004',
      }),
    },
    'DLV-READY': { verdict: 'untestable', reason: 'its control DLV-CONFIG is violated, so silence proves nothing' },
    'QRST-RESET': { verdict: 'not-applicable', reason: 'the device does not offer VIRTIO_F_RING_RESET', exercised: 0 },
    'MAP-MOVE': { verdict: 'not-run', reason: 'left out by --only or --exclude', exercised: 0 },
  }),
  {
    run: {
      ...notConformant.run,
      exhaustive: [
        {
          scope: '2 vectors, queue 0 and configuration',
          states: { covered: 81, total: 81 },
          transitions: { covered: 1100, total: 1161 },
          extraStates: 1,
          violations: 2,
          stopped: 'the target failed',
        },
      ],
    },
    findings: [
      {
        reason: 'died',
        message: 'the device exited with status 139',
        hint: 'run it under a debugger',
        check: 'queues/many',
        trace: [...SET_UP, { step: 3, operation: '  read Status', observed: 'no good answer', violates: true }],
        program: { version: 1, operations: [] },
        reproduce: 'npx conformance --seed 1',
        restarted: true,
      },
    ],
  },
);

export const runInfo: RunInfo = {
  schema: 'virtio-mmio-msi-conformance/run-info/1',
  suite: { name: 'virtio-mmio-msi-conformance', version: '0.1.0' },
  commandLine: ['--target', 'exec:./device --msi'],
  started: '2030-01-02T03:04:05.678Z',
  finished: '2030-01-02T03:05:10.678Z',
  milliseconds: 65000,
  exitCode: 1,
  host: { platform: 'linux', release: '6.1', arch: 'x64', cpus: 2 },
  node: 'v20.19.0',
};

const none: TrapCount = { times: 0, accesses: 0, traps: 0 };

/** The same of a driver, with the devices that it met. */
export const driven: Report = {
  ...whole,
  subject: 'driver',
  run: {
    ...whole.run,
    scenarios: (['done', 'in-part', 'gave-up', 'violated', 'failed'] as const).map((outcome) => ({
      id: `plain/${outcome}`,
      title: 'a device without surprises',
      outcome,
      accesses: 1234,
      interrupts: 'msi',
      ...(outcome === 'gave-up' && { why: 'too few <vectors>' }),
      traps: {
        setUp: { times: 2, accesses: 80, traps: 61 },
        mask: { times: 4, accesses: 4, traps: 4 },
        retarget: { times: 4, accesses: 20, traps: 8 },
        interrupt: none,
        all: { times: 1, accesses: 1234, traps: 200 },
      },
    })),
  },
};

const ATTACK = `<script>alert(1)</script><img src=x onerror=alert(2)>"'><svg onload=alert(3)>\u202e\u0007`;

/** A report in which everything that may come from a target is an attempt to get into the page. */
export const attacking: Report = {
  ...whole,
  target: { specification: ATTACK, name: ATTACK, version: ATTACK, properties: { [ATTACK]: ATTACK } },
  because: ATTACK,
  clauses: whole.clauses.map((clause) => ({
    ...clause,
    text: `${clause.text}${ATTACK}`,
    area: `${clause.area}${ATTACK}`,
    origin: [ATTACK],
    ...(clause.reason !== undefined && { reason: ATTACK }),
    ...(clause.counterexample && {
      counterexample: {
        ...clause.counterexample,
        check: ATTACK,
        expected: ATTACK,
        actual: ATTACK,
        reproduce: ATTACK,
        program: { version: 1, operations: [ATTACK] },
        trace: clause.counterexample.trace.map((line) => ({
          ...line,
          operation: `${line.operation}${ATTACK}`,
          ...(line.observed !== undefined && { observed: ATTACK }),
        })),
      },
    }),
  })),
  findings: whole.findings.map((one) => ({ ...one, message: ATTACK, hint: ATTACK, check: ATTACK, reproduce: ATTACK })),
  run: {
    ...whole.run,
    partial: true,
    interrupted: ATTACK,
    narrowed: { only: [ATTACK], bail: true },
    determinism: {
      verified: false,
      because: ATTACK,
      verdicts: [{ id: ATTACK, first: 'pass', second: 'fail' }],
      difference: {
        kind: 'program',
        check: ATTACK,
        trace: [{ step: 1, operation: ATTACK, first: ATTACK, second: ATTACK }],
        next: ATTACK,
        reproduce: ATTACK,
      },
    },
  },
};

/** As many violations as given, each with one of the programs above. */
export function large(violations: number): Report {
  const [first, second] = ['PBA-CLEAR', 'DLV-CONFIG'].map((id) => whole.clauses.find((clause) => clause.id === id));
  const clauses = Array.from({ length: violations }, (_, at) => {
    const from = at % 2 === 0 ? first : second;
    if (!from) throw new Error('the clauses that are to be repeated are not in the layout');
    return { ...from, id: `BIG-${at}` };
  });
  return reportOf(native, clauses);
}
