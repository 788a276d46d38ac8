/** The command line of `npm run power`. */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { OptionError, parseSeeds } from './seeds.ts';
import { LAYOUTS } from './subjects.ts';

/** Seeds of the record that is kept: what a figure has to hold for. */
export const SEEDS_OF_RECORD = 20;
/** The same for the comparison, where most of the time goes into what the others do not find. */
const SEEDS_AGAINST = 5;

export const HELP = `npm run power -- [options]

Runs the suite on every fault and every conformant variant of the reference device, and says what it finds and whom it
accuses for nothing. With --against, gives the same faults to other ways of testing, with the same number of operations.

  --seeds N      seeds 1 to N (default ${SEEDS_OF_RECORD}, with --against ${SEEDS_AGAINST}); or a range, 3-7
  --quick        fewer programs in each run than by default, for tests: what it misses may still be found
  --jobs N       worker processes (default: one for each core)
  --only GLOB    only the faults and variants with such an id; may be repeated
  --layout NAME  only this layout (${LAYOUTS.join(', ')}; default both, with --against the first)
  --out DIR      where the record goes; default: power/ for a complete run over ${SEEDS_OF_RECORD} seeds or more
                 (--against: ${SEEDS_AGAINST}), and nowhere for any other
  --journal FILE keeps each trial there as it is done, and goes on from what is there of the same code
  --against      compare with fast-check's model-based testing and with uniform random programs
  --budget N     with --against, operations on the device for each fault and seed
                 (default: as many as a run of the suite takes on a device without a fault)
  --render       run nothing: write docs/power.md from the records in power/
  --help         this

Progress goes to standard error. Ctrl-C ends it and shows what is known by then.

exit codes  0    every fault found by its own clause, no variant accused
            1    a fault missed or found by another clause only, a variant accused, a fault wrongly called deep
            2    the command line is not what it should be
            3    a worker process failed
            130  interrupted`;

export interface Options {
  mode: 'suite' | 'against' | 'render';
  seeds: number[];
  /** Fewer programs in each run than by default. */
  quick: boolean;
  jobs: number;
  only: string[];
  layouts: string[];
  /** Operations for each fault and seed of a comparison; undefined: as many as the suite takes. */
  budget: number | undefined;
  /** Not all faults and variants in all layouts. */
  narrowed: boolean;
  /** Folder of the record; undefined for none. */
  out: string | undefined;
  /** File of the trials that are done. */
  journal: string | undefined;
  /** Nobody asked for it: only what is complete goes there. */
  outByDefault: boolean;
}

/** @returns undefined where help is asked for. @throws OptionError */
export function parseOptions(args: string[]): Options | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  const { against, render, only = [], layout } = values;
  if (against && render) throw new OptionError('--against and --render exclude each other: run first, then render');
  if (layout !== undefined && !(LAYOUTS as readonly string[]).includes(layout)) {
    throw new OptionError(`--layout ${layout}: expected ${LAYOUTS.join(' or ')}`);
  }
  const least = against ? SEEDS_AGAINST : SEEDS_OF_RECORD;
  const seeds = parseSeeds(values.seeds ?? String(least));
  const jobs = positive('--jobs', values.jobs) ?? availableParallelism();
  if (values.budget !== undefined && !against) throw new OptionError('--budget goes with --against only');
  if (values.quick && (against || render))
    throw new OptionError('--quick goes with the suite on faults and variants only');
  if (values.journal !== undefined && (against || render)) {
    throw new OptionError('--journal goes with the suite on faults and variants only');
  }
  const narrowed = values.quick || only.length > 0 || layout !== undefined;
  const kept = !narrowed && seeds.length >= least ? fileURLToPath(new URL('.', import.meta.url)) : undefined;
  return {
    mode: render ? 'render' : against ? 'against' : 'suite',
    seeds,
    quick: values.quick,
    jobs,
    only,
    layouts: layout === undefined ? [...LAYOUTS].slice(0, against ? 1 : LAYOUTS.length) : [layout],
    budget: positive('--budget', values.budget),
    narrowed,
    out: values.out === undefined ? kept : resolve(values.out),
    journal: values.journal === undefined ? undefined : resolve(values.journal),
    outByDefault: values.out === undefined,
  };
}

function positive(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new OptionError(`${option} ${text}: expected a number from 1 up`);
  return number;
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        seeds: { type: 'string' },
        jobs: { type: 'string' },
        only: { type: 'string', multiple: true },
        layout: { type: 'string' },
        out: { type: 'string' },
        journal: { type: 'string' },
        budget: { type: 'string' },
        quick: { type: 'boolean', default: false },
        against: { type: 'boolean', default: false },
        render: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message : String(error));
  }
}
