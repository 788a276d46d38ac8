// Runs the suite on one target and compares the clauses that it accuses with those written up in docs/findings.md.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const target = process.argv[2];
const written = JSON.parse(readFileSync(new URL('../docs/qemu-findings.json', import.meta.url), 'utf8'));
const known = written.targets[target];
if (!known) {
  console.error(`docs/qemu-findings.json has no entry for ${target}`);
  process.exit(1);
}
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
const always = known.always ?? known;
const sometimes = known.sometimes ?? [];
const fresh = accused.filter((id) => !always.includes(id) && !sometimes.includes(id));
const gone = always.filter((id) => !accused.includes(id));
console.log(`${target}: ${accused.join(', ')}`);
if (fresh.length > 0) console.error(`not written up: ${fresh.join(', ')}`);
if (gone.length > 0) console.error(`written up, but not found: ${gone.join(', ')}`);
if (report.findings.length > 0) console.error(`the target failed: ${report.findings[0].message}`);
process.exit(fresh.length + gone.length + report.findings.length > 0 ? 1 : 0);
