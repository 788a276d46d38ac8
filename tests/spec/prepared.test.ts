/** What the build stores of the packaged layouts: the same as the YAML gives, and void once the YAML is edited. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Layout } from '../../spec/layout.ts';
import { loadLayout, packagedLayout, packagedNames } from '../../spec/load.ts';
import { digest } from '../../spec/normalise.ts';
import { preparePackaged } from '../../spec/prepare.ts';
import { type PreparedLayout, preparedData, readPrepared } from '../../spec/prepared.ts';
import { newFolder, packagedText } from './helpers.ts';

const folder = join(packagedLayout('native'), '..');

/** As it comes back from the file that the build writes. */
function stored(name: string): PreparedLayout {
  const file = join(newFolder(), 'prepared.json');
  writeFileSync(file, JSON.stringify(preparePackaged()));
  const found = readPrepared(file)[name];
  if (!found) throw new Error(`${name} was not prepared`);
  return found;
}

/** The packaged files in a folder of their own. */
function copies(): string {
  const copy = newFolder();
  for (const name of packagedNames()) writeFileSync(join(copy, `${name}.yaml`), packagedText(name));
  return copy;
}

describe('prepared layouts', () => {
  test.each(packagedNames())('%s is the same as from its YAML', (name) => {
    const data = preparedData(stored(name), folder);
    expect(data).toStrictEqual(loadLayout(name).data);
    expect(data && digest(data)).toBe(loadLayout(name).data.digest);
  });

  test('hold every packaged layout and no path of the machine that built them', () => {
    const prepared = preparePackaged();
    expect(Object.keys(prepared)).toEqual(packagedNames());
    expect(JSON.stringify(prepared)).not.toContain(folder);
    expect(prepared.native?.files.map(({ name }) => name)).toEqual(['native.yaml', 'virtio-mmio.yaml']);
  });

  test('name the files where they are now', () => {
    const elsewhere = copies();
    const data = preparedData(stored('native'), elsewhere);
    expect(data?.file).toBe(join(elsewhere, 'native.yaml'));
    expect(data && new Layout(data).register('Status').position.file).toBe(join(elsewhere, 'virtio-mmio.yaml'));
  });

  test.each(['native', 'virtio-mmio'])('are void once %s.yaml is edited, and where it is gone', (edited) => {
    const elsewhere = copies();
    const file = join(elsewhere, `${edited}.yaml`);
    writeFileSync(file, `${readFileSync(file, 'utf8')}# a remark\n`);
    expect(preparedData(stored('native'), elsewhere)).toBeUndefined();
    expect(preparedData(stored('native'), newFolder())).toBeUndefined();
  });

  test('are none where the file of the build is missing or is no JSON', () => {
    const file = join(newFolder(), 'prepared.json');
    expect(readPrepared(file)).toEqual({});
    writeFileSync(file, '{');
    expect(readPrepared(file)).toEqual({});
  });
});
