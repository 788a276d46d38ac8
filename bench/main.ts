/**
 * `npm run bench`: what checking costs, as ratios to a named floor, all from one run on one machine.
 *
 * It asserts nothing: it prints the figures, and whether each meets its aim. `-- --quick` takes fewer rounds.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadLayout } from '../spec/load.ts';
import { benchChecking } from './checking.ts';
import { benchFirstVerdict } from './first-verdict.ts';
import { benchLines } from './lines.ts';
import { benchMemory, benchStart } from './processes.ts';
import { benchQtest } from './qtest.ts';
import { benchReference } from './reference.ts';
import { bound, print, ratio } from './table.ts';
import { countTraps } from './traps.ts';

const HELP = `npm run bench [-- --quick]

Prints what checking costs, as ratios to floors that are measured in turns with it, and whether each aim is met.
It asserts nothing and ends with 0 whatever the figures are. It needs a build; targets that are not here are left out.

  --quick  fewer rounds
  --help   this`;

const { quick, help } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
}).values;
if (help) {
  console.log(HELP);
  process.exit();
}
const ROUNDS = quick ? 3 : 9;

const CHECKED_MOST = 3;
const PIPELINED_MOST = 1.2;
const START_MOST = 2;
const MEMORY_BELOW = 200;

process.chdir(fileURLToPath(new URL('../', import.meta.url)));
const native = loadLayout('native');
const isThere = (program: string) => spawnSync(program, ['--version']).status === 0;

function builtC(): boolean {
  return isThere('cc') && isThere('make') && spawnSync('make', ['-s', '-C', 'examples/c']).status === 0;
}

if (!existsSync('dist')) throw new Error('there is no build: npm run build');

const reference = await benchReference(native, ROUNDS);
print(
  ratio(`checked run / bare replay, reference device, ${reference.operations} operations`, reference, CHECKED_MOST),
);

const { checked, compiled, programs, steps } = await benchChecking(native, ROUNDS);
const parts = `${programs} programs, ${steps} steps`;
print(ratio(`executing and judging / the same steps bare, reference device, ${parts}`, checked, CHECKED_MOST));
print(ratio('the same with the compilation of the programs', compiled, CHECKED_MOST));

console.log('accesses that trap, of all that a driver makes; native against msix');
const [ofNative, ofMsix] = [await countTraps(native), await countTraps(loadLayout('msix'))];
for (const [index, { work, trapped, all }] of ofNative.entries()) {
  const other = ofMsix[index];
  console.log(`  ${work}: ${trapped} of ${all} against ${other?.trapped} of ${other?.all}`);
}

const devices = [
  { command: 'examples/c/build/device', there: builtC() },
  { command: 'python3 examples/python/device.py', there: isThere('python3') },
];
for (const { command, there } of devices) {
  if (!there) {
    console.log(`exec:${command}\n  not measured: what it needs is not here`);
    continue;
  }
  const lines = await benchLines(command, native, ROUNDS);
  print(ratio(`checked run / the same lines, exec:${command}, ${lines.operations} operations`, lines, PIPELINED_MOST));
}

if (isThere('qemu-system-x86_64')) {
  for (const rest of ['microvm,device=virtio-rng-device', 'microvm,device=virtio-blk-device']) {
    const qtest = await benchQtest(rest, loadLayout('virtio-mmio'), quick ? 1 : 3);
    print(ratio(`checked run / the same lines, qtest:${rest}, ${qtest.operations} operations`, qtest, PIPELINED_MOST));
  }
} else {
  console.log('qtest:\n  not measured: there is no qemu-system-x86_64');
}

print(
  ratio(
    'start to the first judged program of a run / import of the same .ts adapter',
    await benchFirstVerdict(ROUNDS),
    START_MOST,
  ),
);
print(ratio('start to first verdict / import of the same .ts adapter', await benchStart(ROUNDS), START_MOST));
print(bound('peak memory of the default run', benchMemory(), 'MiB', MEMORY_BELOW));
