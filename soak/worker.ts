/** A process that does runs of the soak, one after the other, as it is told. */
import { itemOf } from './plan.ts';
import { trial } from './trial.ts';

/** The answer to a run's number. */
export interface Done {
  run: number;
  /** What was wrong, where something was. */
  flake?: string;
}

// Ctrl-C reaches every process of the terminal; the first one tells this one when to end.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());
process.on('message', async (run: number) => {
  const flake = await trial(itemOf(run)).catch((error: unknown) => `the suite failed: ${String(error)}`);
  process.send?.({ run, ...(flake === undefined ? {} : { flake }) } satisfies Done);
});
