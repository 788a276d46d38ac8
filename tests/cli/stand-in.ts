/**
 * The command's way from the target to the exit code, with a few lines in place of the engine, so that endings that a
 * real run hardly ever has can be had at will: `stand-in.ts BEHAVIOUR [--out DIR] [--format F] [--quiet]`.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { live } from '../../harness/cli/exit.ts';
import { createIo, surviveFailedWrites } from '../../harness/cli/output.ts';
import { fail } from '../../harness/cli/program.ts';
import { type Journey, makeTrip, type TripOptions } from '../../harness/cli/trip.ts';
import { TargetFault } from '../../harness/target.ts';
import type { Report } from '../../reports/report.ts';
import { conformant, faulty, interrupted, notConformant } from '../reports/fixtures.ts';

const [behaviour = '', ...args] = process.argv.slice(2);
const value = (name: string) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
const out = value('--out');
const quiet = args.includes('--quiet');

/** Says that the run is under way, and stays there until it is interrupted. */
async function untilInterrupted({ signal }: Journey): Promise<Report> {
  const timer = setInterval(() => undefined, 1000);
  process.stderr.write('under way\n');
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  clearInterval(timer);
  return interrupted;
}

/** Puts a file where the directory of --out was. */
function loseDirectory(): Report {
  if (out !== undefined) {
    rmSync(out, { recursive: true });
    writeFileSync(out, 'in the way');
  }
  return conformant;
}

const BEHAVIOURS: Record<string, (journey: Journey) => Promise<Report>> = {
  conformant: async () => conformant,
  violation: async () => notConformant,
  fault: async () => faulty,
  inconclusive: async () => ({ ...conformant, headline: 'inconclusive', because: 'nothing was exercised' }),
  interrupted: untilInterrupted,
  deaf: async (journey) => {
    await untilInterrupted(journey);
    process.stderr.write('still under way\n');
    return new Promise<Report>(() => setInterval(() => undefined, 1000));
  },
  died: async () => {
    throw new TargetFault('died', 'the device exited with status 1', { hint: 'start it by hand' });
  },
  defect: async () => {
    throw new TypeError('x is undefined');
  },
  // What an adapter of the user's may do to the process it runs in.
  prints: async () => {
    console.log('printed by the adapter');
    return conformant;
  },
  stray: async (journey) => {
    setTimeout(() => {
      throw new Error('thrown by a timer');
    }, 1);
    return { ...(await untilInterrupted(journey)), headline: 'inconclusive' };
  },
  exits: async () => process.exit(0),
  pending: () => new Promise<Report>(() => undefined),
  lingers: async () => {
    setInterval(() => undefined, 1000);
    return conformant;
  },
  'loses-directory': async () => loseDirectory(),
  'loses-everything': async () => {
    process.env.TMPDIR = '/dev/null';
    return loseDirectory();
  },
};

const io = createIo({ color: false, quiet, verbose: false });
const format = (value('--format') ?? 'pretty') as TripOptions['format'];
const options: TripOptions = {
  target: 'reference',
  layout: 'native',
  format,
  words: args,
  quiet,
  ...(out !== undefined && { out }),
};

surviveFailedWrites();
void live(async () => {
  const work = BEHAVIOURS[behaviour];
  if (!work) throw new Error(`no behaviour '${behaviour}'`);
  try {
    return await makeTrip(options, io, work);
  } catch (error) {
    return fail(error, io);
  }
});
