/** docs/traps.md holds what is counted: the rows of the reference driver here, those of real guests in CI. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runDriver } from '../../harness/driver/engine/run.ts';
import { openDriver } from '../../harness/driver/targets/open.ts';
import type { ScenarioOutcome } from '../../reports/report.ts';
import { each } from '../../reports/traps.ts';
import { loadLayout } from '../../spec/load.ts';
import { ROOT } from './blocks.ts';

type Key = keyof ScenarioOutcome['traps'];

async function outcomes(name: string): Promise<Map<string, ScenarioOutcome>> {
  const layout = loadLayout(name);
  const target = await openDriver('reference', { layout });
  const scenarios = ['plain/work', 'plain/no-msi', 'vectors/retarget', 'vectors/retarget-masked', 'vectors/masked'];
  const report = await runDriver({ target, layout, scenarios, strict: false, bail: false });
  return new Map(report.run.scenarios?.map((one) => [one.id, one]));
}

describe('docs/traps.md', () => {
  const [, page = ''] = readFileSync(join(ROOT, 'docs/traps.md'), 'utf8').split('## Three ways side by side');
  const cells = (title: string) =>
    page
      .split('\n')
      .find((line) => line.startsWith(`| ${title}`))
      ?.split('|')
      .slice(2, -1)
      .map((cell) => cell.trim());

  it('has what the reference driver does', async () => {
    const [native, msix] = await Promise.all([outcomes('native'), outcomes('msix')]);
    const count = (run: Map<string, ScenarioOutcome>, scenario: string, key: Key) => {
      const found = run.get(scenario);
      return found ? each(found.traps[key]) : `no ${scenario}`;
    };
    const row = (scenario: string, key: Key, line = '-') => [
      ...[line, count(msix, scenario, key), count(native, scenario, key)],
    ];
    expect(cells('set-up, one queue')).toEqual(row('plain/work', 'setUp', count(native, 'plain/no-msi', 'setUp')));
    expect(cells('an interrupt')).toEqual(row('plain/work', 'interrupt', count(native, 'plain/no-msi', 'interrupt')));
    expect(cells('other targets for')).toEqual(row('vectors/retarget', 'retarget'));
    expect(cells('the same while')).toEqual(row('vectors/retarget-masked', 'retarget'));
    expect(cells('masking or unmasking')).toEqual(row('vectors/masked', 'mask'));
  });

  it('has for guests what CI compares with', () => {
    const { guests } = JSON.parse(readFileSync(join(ROOT, '.ci/guests/live.json'), 'utf8')) as {
      guests: Record<string, { traps?: Record<string, [string, string]> }>;
    };
    const counted = Object.entries(guests).flatMap(([guest, { traps = {} }]) =>
      Object.entries(traps).map(([scenario, [setUp, interrupt]]) => ({ guest, scenario, cells: [setUp, interrupt] })),
    );
    expect(counted.length).toBeGreaterThanOrEqual(4);
    for (const { guest, scenario, cells: figures } of counted)
      expect([guest, scenario, cells(`\`${guest}\`, \`${scenario}\``)]).toEqual([guest, scenario, figures]);
    const { guests: recorded } = JSON.parse(readFileSync(join(ROOT, '.ci/guests/expected.json'), 'utf8')) as {
      guests: Record<string, Record<string, { traps?: string[] }>>;
    };
    expect(cells("`linux-6.1-x86`, QEMU's block device")).toEqual(recorded['linux-6.1-x86']?.block?.traps);
  });
});
