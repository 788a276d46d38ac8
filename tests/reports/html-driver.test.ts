/** The report of a driver as a page: its log as a picture, and the devices that it met. */
import { beforeAll, describe, expect, it } from 'vitest';
import { runDriver } from '../../harness/driver/engine/run.ts';
import type { Ending, LiveDriver, Meeting } from '../../harness/driver/target.ts';
import { renderHtml } from '../../reports/html/index.ts';
import { rowsOf } from '../../reports/html/trace-rows.ts';
import type { Report } from '../../reports/report.ts';
import { native } from './html-fixtures.ts';

const at = (name: string) => native.register(name).offset;
const flags = (...names: string[]) => names.reduce((all, name) => all | native.bit('Status', name), 0);

/** Sets FEATURES_OK without reading it back, and does not know any task but to start. */
const hasty: LiveDriver = {
  kind: 'tasks',
  specification: './hasty.ts',
  name: 'a hasty <driver>',
  async meet(meeting: Meeting): Promise<Ending> {
    const { bus } = meeting;
    for (let task = meeting.next(undefined); task; ) {
      if (task.do !== 'start') {
        task = meeting.next({ outcome: 'unsupported' });
        continue;
      }
      for (const name of ['MagicValue', 'Version', 'DeviceID']) bus.read(at(name));
      bus.write(at('Status'), 0);
      while (bus.read(at('Status')) !== 0);
      bus.write(at('Status'), flags('ACKNOWLEDGE'));
      bus.write(at('Status'), flags('ACKNOWLEDGE', 'DRIVER'));
      bus.write(at('DeviceFeaturesSel'), 1);
      bus.read(at('DeviceFeatures'));
      bus.write(at('DriverFeaturesSel'), 1);
      bus.write(at('DriverFeatures'), 2 ** (native.feature('VIRTIO_F_VERSION_1').bit - 32));
      bus.write(at('Status'), flags('ACKNOWLEDGE', 'DRIVER', 'FEATURES_OK'));
      bus.write(at('Status'), flags('ACKNOWLEDGE', 'DRIVER', 'FEATURES_OK', 'DRIVER_OK'));
      task = meeting.next({ outcome: 'done', interrupts: 'polling' });
    }
    return { how: 'ended' };
  },
  close: async () => {},
};

let report: Report;
let page: string;
beforeAll(async () => {
  report = await runDriver({ target: hasty, layout: native, scenarios: ['plain/*'], strict: false, bail: false });
  page = renderHtml(report, native);
});

describe('the report of a driver', () => {
  it('shows the access that breaks a clause, in the lanes of its log', () => {
    const found = report.clauses.find(({ id }) => id === 'DRV-FEATURESOK')?.counterexample;
    const rows = rowsOf(found?.trace ?? []);
    expect(rows[0]?.shape).toBe('task');
    expect(rows.at(-1)).toMatchObject({ shape: 'access', violates: true });
    expect(new Set(rows.map(({ shape }) => shape))).toEqual(new Set(['task', 'answer', 'access']));
    const article = page.slice(page.indexOf('id="violation-DRV-FEATURESOK"'));
    expect(article).toContain('Status, as it was written');
    expect(article).toMatch(/\d+ accesses of the driver, with plain\//);
  });

  it('lists the devices that it met, instead of small scopes', () => {
    expect(report.run.scenarios?.length).toBeGreaterThan(3);
    for (const { id } of report.run.scenarios ?? []) expect(page).toContain(`<span class="id">${id}</span>`);
    expect(page).toContain('id="devices"');
    expect(page).not.toContain('id="coverage"');
    expect(page).toContain('--scenario plain/*');
  });

  it('offers no replay, which programs alone have, and no seed', () => {
    expect(page).toContain('conformance driver');
    expect(page).not.toContain('conformance replay');
    expect(page).not.toContain('<dt>seed</dt>');
  });

  it('has the clauses of a driver, and its name as text', () => {
    const driver = native.data.clauses.filter(({ binds }) => binds === 'driver');
    expect(driver.length).toBeGreaterThan(0);
    for (const { id } of driver) expect(page).toContain(`id="clause-${id}"`);
    expect(page).toContain('a hasty &lt;driver&gt;');
  });
});

it('every kind of line of a log is known', () => {
  const lines: [string, string][] = [
    ['asked to transfer 4', 'task'],
    ['transfer 4:', 'driver'],
    ['interrupt: message to 0xfee00000 data 0x00000020', 'interrupts'],
    ['interrupt: line high', 'interrupts'],
    ['goes astray: message to 0xfee00000 data 0x00000020', 'interrupts'],
    ['the driver waits, and nothing will come', 'driver'],
    ['the device uses buffers of queue 0: used index 1', 'device'],
    ['the configuration changes', 'device'],
    ['the device needs a reset', 'device'],
    ['a message without work', 'device'],
    ['(123 entries before)', 'gap'],
  ];
  for (const [operation, shape] of lines) expect(rowsOf([{ step: 1, operation }])[0]?.shape, operation).toBe(shape);
  expect(rowsOf([{ step: 1, operation: 'interrupt: line high' }])[0]?.interrupts).toEqual(['line high']);
  const [lost] = rowsOf([{ step: 1, operation: 'goes astray: line high' }]);
  expect(lost?.interrupts).toEqual(['goes astray: line high']);
});
