/** Reports made by hand, one for each way that a run can end. */
import type { ClauseResult, Counterexample, Report, Verdict } from '../../reports/report.ts';

const PROGRAM = { version: 1, operations: [{ kind: 'read', place: 'MsiQueueVector', width: 32 }] };

export function clause(id: string, verdict: Verdict, more: Partial<ClauseResult> = {}): ClauseResult {
  return {
    id,
    area: 'mapping',
    level: 'MUST',
    text: `What ${id} demands of a device.`,
    origin: ['talk 09:25'],
    verdict,
    exercised: verdict === 'pass' || verdict === 'fail' || verdict === 'warn' ? 12 : 0,
    ...(verdict !== 'pass' && { reason: `the reason of ${verdict}` }),
    ...more,
  };
}

export function counterexample(id: string, more: Partial<Counterexample> = {}): Counterexample {
  return {
    check: 'mapping/refused-remap',
    tier: 'derived',
    expected: 'NO_VECTOR (0x0000ffff)',
    actual: '0x00000004',
    operations: 3,
    trace: [
      { step: 1, operation: 'set up to DRIVER_OK with VIRTIO_F_MMIO_MSI' },
      { step: 12, operation: 'write QueueSel 0x00000000' },
      { step: 13, operation: 'write MsiQueueVector 0x00000004' },
      { step: 14, operation: 'read MsiQueueVector', observed: '0x00000004', violates: true },
    ],
    program: PROGRAM,
    reproduce: `conformance --target 'exec:./device --msi' --seed 7 --only ${id}`,
    ...more,
  };
}

/** The report with the counts that follow from its clauses. */
function report(clauses: ClauseResult[], more: Partial<Report>, run: Partial<Report['run']> = {}): Report {
  const counts = { pass: 0, fail: 0, warn: 0, 'not-applicable': 0, untestable: 0, 'not-run': 0 };
  for (const { verdict } of clauses) counts[verdict]++;
  return {
    schema: 'virtio-mmio-msi-conformance/report/1',
    suite: { name: 'virtio-mmio-msi-conformance', version: '0.1.0' },
    layout: { name: 'native', title: 'virtio-mmio MSI, native layout', revision: 1, digest: '5e'.repeat(32) },
    target: {
      specification: 'exec:./device --msi',
      name: 'example device',
      version: '1.2.3',
      properties: {
        DeviceID: '0x00000004',
        vectors: '4',
        queues: '1',
        features: 'VIRTIO_F_VERSION_1, VIRTIO_F_MMIO_MSI',
      },
    },
    run: { seed: 7, runs: 200, strict: false, partial: false, programs: 412, operations: 20411, ...run },
    headline: 'conformant',
    because: 'every MUST in scope passed or does not apply',
    counts,
    clauses,
    findings: [],
    ...more,
  };
}

export const conformant = report(
  [
    clause('HDR-COUNT', 'pass', { area: 'header' }),
    clause('MAP-RESET', 'pass'),
    clause('RST-QUIET', 'not-applicable', { area: 'reset', reason: 'the device does not offer VIRTIO_F_RING_RESET' }),
  ],
  {},
);

export const notConformant = report(
  [
    clause('HDR-COUNT', 'pass', { area: 'header' }),
    clause('ENT-QUIET', 'fail', { area: 'entry table', impliedBy: ['MAP-BACK'] }),
    clause('MAP-BACK', 'fail', { impliedBy: ['MAP-RANGE'], counterexample: counterexample('MAP-BACK') }),
    clause('MAP-RANGE', 'fail', {
      text: 'A value that is no vector, from the vector count up, leaves NO_VECTOR; so that a driver that asks for too much sees at once that it got nothing.',
      origin: ['MSI-X a driver must not map outside the table', 'ours all 32 bits of the register count'],
      counterexample: counterexample('MAP-RANGE'),
    }),
    clause('MAP-ABSENT', 'warn', {
      level: 'SHOULD',
      counterexample: counterexample('MAP-ABSENT', { tier: 'generated', check: 'generated/swarm' }),
    }),
    clause('DLV-USED', 'untestable', { area: 'delivery', reason: 'the target cannot capture interrupts' }),
    clause('DLV-CONFIG', 'untestable', { area: 'delivery', reason: 'the target cannot capture interrupts' }),
    clause('DLV-LINE', 'not-run', { area: 'delivery', reason: '--exclude DLV-LINE' }),
    clause('FBK-LINE', 'not-applicable', { area: 'fallback', reason: 'MSI is negotiated' }),
  ],
  { headline: 'not conformant', because: '3 of 7 MUSTs are violated, first MAP-RANGE' },
  { narrowed: { exclude: ['DLV-LINE'] } },
);

export const faulty = report(
  [clause('MAP-RESET', 'pass'), clause('DLV-USED', 'not-run', { area: 'delivery', reason: 'the target was gone' })],
  {
    headline: 'inconclusive',
    because: '1 of 2 MUSTs was not run: the target was gone',
    findings: [
      {
        reason: 'died',
        message: 'the device exited with status 139 (segmentation fault)\nits last words: "vector 2047"',
        hint: 'run it under a debugger with the program below',
        check: 'queues/many',
        trace: [{ step: 1, operation: 'write MsiQueueVector 0x000007ff' }],
        program: PROGRAM,
        reproduce: "conformance replay report.json --finding 1 --target 'exec:./device --msi'",
        restarted: false,
      },
    ],
  },
  { partial: true },
);

export const interrupted = report(
  [clause('MAP-RESET', 'pass'), clause('MAP-RANGE', 'not-run', { reason: 'the run was interrupted' })],
  { headline: 'inconclusive', because: '1 of 2 MUSTs was not run' },
  { partial: true, interrupted: 'SIGINT', narrowed: { only: ['MAP-*'] } },
);

/** A target that wants to move the cursor, close elements and end sections. */
export const hostile = report(
  [
    clause('MAP-RANGE', 'fail', {
      area: 'map<ping> & "co"',
      text: 'Text with ]]> and \u0000 and a lone \ud800 surrogate.',
      counterexample: counterexample('MAP-RANGE', {
        expected: '<b>"x"</b> & \u001b[31mred',
        actual: 'a\u0007b\u009b2J\u202ereversed\ufffe',
        unstable: true,
      }),
    }),
  ],
  {
    target: { specification: './a.ts', name: 'evil\u001b]0;title\u0007\nname', properties: {} },
    headline: 'not conformant',
    because: 'MAP-RANGE is violated',
  },
  { strict: true },
);

export const verified: Report = { ...conformant, run: { ...conformant.run, determinism: { verified: true } } };

const REPEAT = "npx conformance --target 'exec:./device --msi' --seed 7 --runs 200 --verify-determinism";

/** Conformant in both runs, and not the same. */
export const otherwise: Report = {
  ...conformant,
  headline: 'inconclusive',
  because:
    'no violation in either run, but the target is not deterministic: generated/burst did not show the same twice',
  run: {
    ...conformant.run,
    determinism: {
      verified: false,
      because: 'the target is not deterministic: generated/burst did not show the same twice',
      shown: 'first',
      difference: {
        kind: 'program',
        check: 'generated/burst',
        tier: 'generated',
        trace: [
          ...Array.from({ length: 20 }, (_, at) => ({ step: at + 1, operation: `write mask[0] 0x000000${at + 10}` })),
          { step: 21, operation: 'read Status', observed: '0x0000000f' },
          { step: 21, operation: '  delivered', first: 'message 0xfee00000 0x00000021', second: 'no interrupt' },
        ],
        program: PROGRAM,
        next: 'look for what outlives a power cycle',
        reproduce: REPEAT,
      },
    },
  },
};

/** A violation that only the second run saw, and that did not show again in it either. */
export const seenOnce = report(
  [
    clause('MAP-RANGE', 'fail', { counterexample: counterexample('MAP-RANGE', { unstable: true }) }),
    clause('MAP-ABSENT', 'warn', { level: 'SHOULD', counterexample: counterexample('MAP-ABSENT', { unstable: true }) }),
  ],
  { headline: 'not conformant', because: '1 clause is violated: MAP-RANGE' },
  {
    determinism: {
      verified: false,
      because: 'the target is not deterministic: it failed',
      shown: 'second',
      verdicts: [{ id: 'MAP-RANGE', first: 'pass', second: 'fail' }],
      difference: {
        kind: 'failure',
        tier: 'shrinking',
        trace: [{ step: 1, operation: 'read Status', first: '0x00000000', second: 'no good answer: died' }],
        program: PROGRAM,
        next: 'find out why the target fails',
        reproduce: REPEAT,
      },
    },
  },
);

export const all = { conformant, notConformant, faulty, interrupted, hostile, verified, otherwise, seenOnce };
