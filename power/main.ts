/** `npm run power`: what the suite finds, and whom it accuses for nothing. */

import { measureAgainst } from './alternatives/measure.ts';
import { againstText } from './alternatives/print.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { WorkerError } from './pool.ts';
import { print } from './print.ts';
import { keep } from './record.ts';
import { renderDocument } from './render.ts';
import { OptionError } from './seeds.ts';
import { measureSuite } from './suite.ts';
import { totalsOf } from './totals.ts';

const EXIT = { met: 0, short: 1, usage: 2, failed: 3, interrupted: 130 } as const;

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (!options) {
    console.log(HELP);
    return EXIT.met;
  }
  if (options.mode === 'render') {
    console.error(`wrote ${renderDocument()}`);
    return EXIT.met;
  }
  const abort = new AbortController();
  process.once('SIGINT', () => {
    console.error('\nending: what is under way comes to its end; Ctrl-C again to end at once');
    abort.abort();
    process.once('SIGINT', () => process.exit(EXIT.interrupted));
  });
  const began = process.hrtime.bigint();
  const code = await (options.mode === 'against' ? against : suite)(options, abort.signal);
  console.error(`${(Number(process.hrtime.bigint() - began) / 1e9).toFixed(0)} s`);
  return abort.signal.aborted ? EXIT.interrupted : code;
}

async function suite(options: Options, signal: AbortSignal): Promise<number> {
  const record = await measureSuite(options, signal);
  console.log(print(record));
  if (options.out && !(record.partial && options.outByDefault)) tellKept(keep(options.out, 'results.json', record));
  return totalsOf(record).shortcomings.length > 0 ? EXIT.short : EXIT.met;
}

async function against(options: Options, signal: AbortSignal): Promise<number> {
  const record = await measureAgainst(options, signal);
  console.log(againstText(record));
  if (options.out && !(record.partial && options.outByDefault)) tellKept(keep(options.out, 'against.json', record));
  return EXIT.met;
}

function tellKept(path: string): void {
  console.error(`kept in ${path}`);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (error instanceof OptionError) {
      console.error(`${error.message}\n--help shows the options`);
      process.exitCode = EXIT.usage;
      return;
    }
    console.error(error instanceof WorkerError ? error.message : error);
    process.exitCode = EXIT.failed;
  },
);
