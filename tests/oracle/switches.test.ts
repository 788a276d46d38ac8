/** What the oracle must not hold against a device whose events the driver switches between messages and the line. */
import { describe, expect, it } from 'vitest';
import { replay } from '../../harness/engine/run.ts';
import type { Adapter, Interrupt, Target } from '../../harness/target.ts';
import { loadLayout } from '../../spec/load.ts';
import { accused, referenceTarget } from '../power/trial.ts';

const layout = loadLayout('msix');
const capability = (...bits: string[]) => ({
  op: 'write',
  place: 'MsixCapability',
  value: bits.reduce((value, bit) => (value | layout.bit('MsixCapability', bit)) >>> 0, 0),
});

async function accusedOf(target: Target, operations: unknown[]) {
  const program = { version: 1, operations: [{ op: 'power-cycle' }, ...operations] };
  const report = await replay({ target, layout, strict: true, program });
  expect(report.clauses.some(({ exercised }) => exercised > 0)).toBe(true);
  return accused(report);
}

describe('a 64-bit write that may have unmasked a pending vector', () => {
  const message = { addressLow: 4096, addressHigh: 0, data: 33 };
  const pending = [
    { op: 'initialise', msi: true, queues: [0], vectors: [{ vector: 0, message, sources: [0], unmask: false }] },
    capability('enable', 'function-mask'),
    { op: 'event', source: 0 },
    { op: 'write', place: 'entry[0].data', width: 64, value: message.data, race: true },
  ];

  it.each([
    ['default', {}],
    ['wide-split', { variant: 'wide-split' }],
  ])('leaves open whether the function mask lets it go (%s)', async (_, device) => {
    const target = referenceTarget({ layout, ...device });
    expect(await accusedOf(target, [...pending, capability('enable')])).toEqual({ named: [], implied: [] });
  });

  it('does not undo the function mask', async () => {
    const unmask = { op: 'write', place: 'entry[0].vector-control', value: 0 };
    const target = referenceTarget({ layout });
    expect(await accusedOf(target, [...pending, unmask])).toEqual({ named: [], implied: [] });
  });
});

describe('a configuration change before FEATURES_OK', () => {
  /** A device that shows it on the line at once, which a device may. */
  function earlyTarget(): Target {
    const target = referenceTarget({ layout });
    const inner = target.adapter;
    const config = layout.bit('InterruptStatus', 'CONFIG_CHANGE');
    const collect = () => inner.interrupts?.() as Interrupt[];
    let status = 0;
    const adapter: Adapter = {
      ...inner,
      read: (offset, width) => {
        const value = inner.read(offset, width);
        return offset === layout.register('InterruptStatus').offset ? Number(value) | status : value;
      },
      write: (offset, width, value) => inner.write(offset, width, value),
      raise: () => {
        status = config;
      },
      interrupts: () => [...collect(), { kind: 'line', level: status === 0 ? 0 : 1 }],
    };
    return { ...target, adapter };
  }

  it('may still be in InterruptStatus once MSI is negotiated', async () => {
    const status = (...bits: string[]) => ({
      op: 'write',
      place: 'Status',
      value: bits.reduce((value, bit) => value | layout.bit('Status', bit), 0),
    });
    const { bit } = layout.feature(layout.msi?.feature ?? '');
    const version1 = layout.feature('VIRTIO_F_VERSION_1').bit;
    const operations = [
      status('ACKNOWLEDGE', 'DRIVER'),
      { op: 'write', place: 'DriverFeaturesSel', value: 1 },
      { op: 'write', place: 'DriverFeatures', value: 2 ** (bit - 32) + 2 ** (version1 - 32) },
      { op: 'event', source: 'config' },
      status('ACKNOWLEDGE', 'DRIVER', 'FEATURES_OK'),
      { op: 'read', place: 'Status' },
      { op: 'read', place: 'InterruptStatus' },
    ];
    expect(await accusedOf(earlyTarget(), operations)).toEqual({ named: [], implied: [] });
  });
});
