/** The examples are templates: each one has to be a conformant driver. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import driver from '../../../examples/driver-typescript/driver.ts';
import { runDriver } from '../../../harness/driver/engine/run.ts';
import { variants } from '../../../reference-device/variants.ts';
import { meet, wholeLife } from '../../reference-driver/meet.ts';
import { closeAll, layout, open, repository } from './support.ts';

afterEach(closeAll);

/** Where this program is missing, its example is skipped, and the reason printed. */
function isMissing(program: string): boolean {
  const missing = spawnSync(program, ['--version']).status !== 0;
  if (missing) console.warn(`example not tested: there is no ${program} here`);
  return missing;
}

async function expectConformant(specification: string): Promise<void> {
  const report = await runDriver({ target: await open(specification), layout, strict: true, bail: false });
  expect(report.findings).toEqual([]);
  expect(report.clauses.filter(({ verdict }) => !['pass', 'not-applicable'].includes(verdict))).toEqual([]);
  expect(report.headline).toBe('conformant');
  // It works on every device, and uses messages where they can be had.
  const gaveUp = report.run.scenarios?.filter(({ outcome }) => outcome === 'gave-up').map(({ id }) => id) ?? [];
  expect(gaveUp.filter((id) => !/^(identification\/|negotiation\/refused)/.test(id))).toEqual([]);
  expect(report.run.scenarios?.some(({ interrupts }) => interrupts === 'msi')).toBe(true);
}

function make(folder: string): void {
  const { status, stderr } = spawnSync('make', ['-C', join(repository, 'examples', folder)], { encoding: 'utf8' });
  expect(stderr).not.toMatch(/warning|error/);
  expect(status).toBe(0);
}

describe.skipIf(isMissing('cc') || isMissing('make'))('C', () => {
  beforeAll(() => make('driver-c'));
  it('is conformant', () => expectConformant('exec:examples/driver-c/build/driver'));
});

describe.skipIf(isMissing('rustc') || isMissing('make'))('Rust', () => {
  beforeAll(() => make('driver-rust'));
  it('is conformant', () => expectConformant('exec:examples/driver-rust/build/driver'));
});

describe('TypeScript', () => {
  it('is conformant', () => expectConformant('./examples/driver-typescript/driver.ts'));

  it('goes through its whole life on every conformant device', () => {
    for (const { id, settings } of variants.filter(({ settings }) => settings.guestMemory !== false)) {
      const { results, accused } = meet(driver, { layout, settings, steps: wholeLife });
      expect(accused, id).toEqual([]);
      expect([...new Set(results.map(({ outcome }) => outcome))], id).toEqual(['done']);
    }
  });
});
