/**
 * `npm run soak`: the default run on devices that are conformant, many times over; each must find them so.
 *
 * `--runs N` runs are spread over processes, one for each core. Ends with 1 where a run was not as it has to be.
 */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { commandOf, itemOf, LAYOUTS, TWICE_EVERY } from './plan.ts';
import type { Done } from './worker.ts';

const HELP = `npm run soak [-- --runs N]

The default run on the reference device with the seeds 1 to N, over its conformant variants in turn and in each layout
(${LAYOUTS.join(', ')}); one in ${TWICE_EVERY} is done twice and compared byte for byte. A run that is not conformant, or warns of more
than its variant declares, is a flake.

  --runs N       how many; default 200. The full soak has 10000. A run takes about 6 seconds of one core, 1 to 13.
  --processes N  how many at once; default: one for each core
  --help         this

Ends with 0 for no flake, 1 for any, 2 for a wrong command line, 130 after Ctrl-C, which prints what was done.`;

const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url));
const INTERRUPTED = 130;
const USAGE = 2;

function fail(message: string): never {
  console.error(`error: ${message}\n  next: npm run soak -- --help shows what there is`);
  process.exit(USAGE);
}

function wholeNumber(name: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) fail(`--${name} ${text}: it must be a whole number from 1`);
  return Number(text);
}

function options(): { runs: number; processes: number } {
  try {
    const { values } = parseArgs({
      options: {
        runs: { type: 'string', default: '200' },
        processes: { type: 'string', default: String(availableParallelism()) },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      console.log(HELP);
      process.exit();
    }
    const runs = wholeNumber('runs', values.runs);
    return { runs, processes: Math.min(runs, wholeNumber('processes', values.processes)) };
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

const { runs, processes } = options();
let next = 1;
let done = 0;
let interrupted = false;
const flakes: Done[] = [];

function tell({ run, flake }: Done): void {
  done++;
  if (flake === undefined) {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${done}/${runs} runs, ${flakes.length} flakes`);
    else if (done % 50 === 0) console.error(`${done}/${runs} runs, ${flakes.length} flakes`);
    return;
  }
  flakes.push({ run, flake });
  console.error(`${process.stderr.isTTY ? '\r\x1b[2K' : ''}flake in run ${run}: ${flake}`);
}

/** One process, until nothing is left to do. */
function work(): Promise<void> {
  return new Promise((resolve) => {
    const worker = fork(WORKER);
    let current = 0;
    const more = () => {
      if (interrupted || next > runs) {
        current = 0;
        worker.disconnect();
        return;
      }
      current = next++;
      worker.send(current);
    };
    worker.on('message', (message: Done) => {
      tell(message);
      more();
    });
    worker.on('exit', (code, signal) => {
      if (current > 0 && !interrupted) tell({ run: current, flake: `its process ended with ${signal ?? code}` });
      resolve();
    });
    process.on('SIGINT', () => worker.kill());
    more();
  });
}

process.on('SIGINT', () => {
  interrupted = true;
});
process.setMaxListeners(0);
await Promise.all(Array.from({ length: processes }, work));
if (process.stderr.isTTY) process.stderr.write('\r\x1b[2K');
const of = interrupted ? ` of ${runs}` : '';
console.log(`${done}${of} runs, ${done - flakes.length} conformant, ${flakes.length} flakes`);
for (const { run, flake } of flakes.sort((a, b) => a.run - b.run)) {
  console.log(`\nrun ${run}: ${flake}\n  reproduce: ${commandOf(itemOf(run))}`);
}
process.exitCode = flakes.length > 0 ? 1 : interrupted ? INTERRUPTED : 0;
