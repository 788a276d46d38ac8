// Runs the suite on one target and compares the clauses that it accuses with those written up in docs/findings.md.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const target = process.argv[2];
const { targets } = JSON.parse(readFileSync(new URL('../docs/qemu-findings.json', import.meta.url), 'utf8'));

if (target === '--list') {
  console.log(Object.keys(targets).join('\n'));
  process.exit(0);
}
const known = targets[target];
if (!known) {
  console.error(`docs/qemu-findings.json has no entry for ${target}`);
  process.exit(1);
}
const { always, sometimes } = known;
const run = spawnSync(process.execPath, ['dist/harness/cli/main.js', '--target', target, '--format', 'json'], {
  encoding: 'utf8',
  maxBuffer: 2 ** 28,
});
if (run.status !== 1) {
  console.error(`exit code ${run.status}, expected 1 (violation)\n${run.stderr}`);
  process.exit(1);
}
const report = JSON.parse(run.stdout);
const accused = report.clauses.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn').map(({ id }) => id);
const { fail, warn, ...others } = report.counts;
console.log(`${report.target.version}: ${report.run.programs} programs, ${report.run.operations} operations`);
console.log(`violated: ${accused.join(', ')}`);
console.log(
  `the rest: ${Object.entries(others)
    .flatMap(([verdict, n]) => (n > 0 ? `${n} ${verdict}` : []))
    .join(', ')}`,
);

const problems = [
  ...accused.filter((id) => !always.includes(id) && !sometimes.includes(id)).map((id) => `${id} is not written up`),
  ...always.filter((id) => !accused.includes(id)).map((id) => `${id} is written up, and was not found`),
  ...report.findings.map(({ message }) => `the target failed: ${message}`),
];
for (const { id, verdict } of report.clauses) if (verdict === 'not-run') problems.push(`${id} was not run`);
for (const problem of problems) console.error(problem);
process.exit(problems.length > 0 ? 1 : 0);
