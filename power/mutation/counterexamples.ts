/** The smallest known program for each fault, and the clauses that the oracle names where it judges that alone. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Program } from '../../harness/program.ts';

export interface Counterexample {
  fault: string;
  layout: string;
  /** The clause that the fault breaks, by its name in the layout. */
  clause: string;
  /** Every clause that the oracle names, in the order in which it sees them violated. */
  named: string[];
  program: Program;
}

export const COUNTEREXAMPLES = fileURLToPath(new URL('../../tests/oracle/counterexamples.json', import.meta.url));

export function counterexamples(): Counterexample[] {
  return existsSync(COUNTEREXAMPLES) ? (JSON.parse(readFileSync(COUNTEREXAMPLES, 'utf8')) as Counterexample[]) : [];
}

/** A line each, so that the difference of two collections can be read. */
export function keepCounterexamples(all: readonly Counterexample[]): void {
  writeFileSync(COUNTEREXAMPLES, `[\n${all.map((one) => JSON.stringify(one)).join(',\n')}\n]\n`);
}
