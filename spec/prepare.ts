/** `tsx spec/prepare.ts FILE`, a step of the build: stores the packaged layouts in their prepared form. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readChain } from './chain.ts';
import { loadLayout, packagedLayout, packagedNames } from './load.ts';
import { type Prepared, prepare } from './prepared.ts';

/** All packaged layouts but those that deserve a warning, which the loader has to tell of each time. */
export function preparePackaged(): Prepared {
  const prepared: Prepared = {};
  for (const name of packagedNames()) {
    const { data, warnings } = loadLayout(name);
    if (warnings.length > 0) continue;
    const { links, shared } = readChain(packagedLayout(name));
    const files = [...links, ...shared.map(({ from }) => from)].map(({ source }) => source.file);
    prepared[name] = prepare(data, [...new Set(files)]);
  }
  return prepared;
}

const [, script, target] = process.argv;
if (script === fileURLToPath(import.meta.url) && target !== undefined) {
  writeFileSync(target, JSON.stringify(preparePackaged()));
}
