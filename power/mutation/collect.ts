/**
 * `tsx power/mutation/collect.ts [FAULT...]`: the smallest program that shows each fault, and what the oracle says of it,
 * into `tests/oracle/counterexamples.json`. Without names, all faults; with names, these are done anew.
 */
import { DEFAULT_RUNS } from '../../harness/cli/defaults.ts';
import { run } from '../../harness/engine/run.ts';
import type { Program } from '../../harness/program.ts';
import { type Fault, faults } from '../../reference-device/index.ts';
import type { Layout } from '../../spec/layout.ts';
import { faultsIn, LAYOUTS } from '../subjects.ts';
import { layoutNamed } from '../trial.ts';
import { COUNTEREXAMPLES, type Counterexample, counterexamples, keepCounterexamples } from './counterexamples.ts';
import { Judge, referenceTarget } from './judge.ts';

/** Few programs find most faults; the rest gets what a user's run has. */
const ATTEMPTS = [
  { runs: 60, exhaustive: 'off' },
  { runs: DEFAULT_RUNS, exhaustive: 1 },
] as const;

type Found = Pick<Counterexample, 'named' | 'program'>;

/** The counterexample of a run, where it shows the clause on a device that was just switched on as well. */
async function fromReport(layout: Layout, fault: Fault, clause: string): Promise<Found | undefined> {
  for (const { runs, exhaustive } of ATTEMPTS) {
    const target = referenceTarget({ layout, fault: fault.id });
    const report = await run({ target, layout, seed: 1, runs, exhaustive, strict: false, bail: false });
    const program = report.clauses.find(({ id }) => id === clause)?.counterexample?.program as Program | undefined;
    const named = program ? await namedBy(await Judge.of({ layout, fault: fault.id }), program) : [];
    if (program && named.includes(clause)) return { named, program };
  }
  return undefined;
}

/** The shortest of the programs that a run has, before anything is made smaller. */
async function fromPrograms(layout: Layout, fault: Fault, clause: string): Promise<Found | undefined> {
  const judge = await Judge.of({ layout, fault: fault.id });
  const found: Found[] = [];
  for (const program of [...judge.derived(), ...judge.generated(10)]) {
    const named = await namedBy(judge, program);
    if (named.includes(clause)) found.push({ named, program });
  }
  return found.sort((a, b) => a.program.operations.length - b.program.operations.length)[0];
}

async function namedBy(judge: Judge, program: Program): Promise<string[]> {
  const { violations } = await judge.judgement(program);
  return [...new Set(violations.map(({ clause }) => clause))];
}

async function main(asked: readonly string[]): Promise<void> {
  const unknown = asked.filter((id) => !faults.some((fault) => fault.id === id));
  if (unknown.length > 0) throw new Error(`no fault ${unknown.join(', ')}: conformance list --faults shows them all`);
  const known = counterexamples();
  const all: Counterexample[] = [];
  for (const name of LAYOUTS) {
    const layout = layoutNamed(name);
    for (const { fault, clause } of faultsIn(layout)) {
      const before = known.find((one) => one.layout === name && one.fault === fault.id);
      if (before && asked.length > 0 && !asked.includes(fault.id)) {
        all.push(before);
        continue;
      }
      const found = (await fromReport(layout, fault, clause.id)) ?? (await fromPrograms(layout, fault, clause.id));
      if (found) all.push({ fault: fault.id, layout: name, clause: clause.id, ...found });
      else console.error(`${fault.id} (${name}): no program shows ${clause.id} by itself`);
    }
    keepCounterexamples(all);
  }
  console.error(`${all.length} counterexamples in ${COUNTEREXAMPLES}`);
}

await main(process.argv.slice(2));
