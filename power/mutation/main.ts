/** `npm run mutation`: mutants of the project's own code, and which of them no test notices. */
import { OptionError } from '../seeds.ts';
import { nameOf, readArguments, weigh } from './arguments.ts';
import { describeMutants, type Mutant } from './mutants.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { PLANS } from './parts.ts';
import { fileRecord, keepMutation } from './record.ts';
import { score } from './section.ts';
import { mutate } from './stryker.ts';

const EXIT = { met: 0, short: 1, usage: 2, failed: 3 } as const;

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (!options) {
    console.log(HELP);
    return EXIT.met;
  }
  const known = readArguments();
  let short = false;
  for (const { part, files } of options.chosen) {
    const mutants = await measured(part, files, options);
    const weighed = weigh(mutants, known);
    for (const file of files) {
      const record = fileRecord(file, part, mutants, weighed.argued);
      const { killed, timedOut, survived, noCoverage, argued } = record;
      console.log(
        `${score(record).padStart(5)} %  ${file}: ${record.mutants} mutants, ${killed} killed, ${timedOut} timed out, ${survived} survived, ${noCoverage} not covered; ${argued} argued`,
      );
    }
    for (const line of weighed.stale) console.log(`stale  ${line}`);
    for (const one of weighed.open) console.log(`open   ${one.file}:${one.lineNumber}: '${one.line}', ${nameOf(one)}`);
    if (options.keep) console.error(`kept in ${keepMutation(files, mutants, weighed)}`);
    short ||= weighed.stale.length > 0 || weighed.open.length > 0;
  }
  if (short) console.log('a survivor needs a test that notices it, or an argument in power/mutation/equivalent.yaml');
  return short ? EXIT.short : EXIT.met;
}

async function measured(part: keyof typeof PLANS, files: readonly string[], { reuse }: Options): Promise<Mutant[]> {
  console.error(`${PLANS[part].title}: ${files.length} files`);
  const mutants = describeMutants(await mutate(part, files, { anew: !reuse }));
  // With what is reused come the results of other files.
  return mutants.filter(({ file }) => files.includes(file));
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
    console.error(error);
    process.exitCode = EXIT.failed;
  },
);
