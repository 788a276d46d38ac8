// Lets a real guest meet the reference device, and compares the clauses that its driver broke, and what became of it with
// each device, with what is written up in docs/findings.md.
//
//   node .ci/guests/live.mjs --list
//   node .ci/guests/live.mjs NAME CACHE
//   node .ci/guests/live.mjs NAME CACHE --all     every device, not only those of CI; compares nothing
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const { guests } = JSON.parse(readFileSync(new URL('./live.json', import.meta.url), 'utf8'));
const [name, cache, more] = process.argv.slice(2);
if (name === '--list') {
  console.log(Object.keys(guests).join('\n'));
  process.exit(0);
}
const guest = guests[name];
if (!guest || !cache || (more !== undefined && more !== '--all')) {
  console.error(`usage: live.mjs NAME CACHE [--all], NAME one of ${Object.keys(guests).join(', ')}`);
  process.exit(2);
}

const target = `qemu:${guest.target.join(',').replaceAll('CACHE', cache)}`;
const chosen = more ? [] : ['--scenario', guest.scenarios.join(',')];
const args = ['driver', '--layout', guest.layout, '--target', target, ...chosen, '--format', more ? 'pretty' : 'json'];
const run = spawnSync(process.execPath, ['dist/harness/cli/main.js', ...args], {
  encoding: 'utf8',
  maxBuffer: 2 ** 28,
  stdio: ['ignore', more ? 'inherit' : 'pipe', more ? 'inherit' : 'pipe'],
});
if (more) process.exit(run.status ?? 3);
if (![0, 1, 4].includes(run.status)) {
  console.error(`exit code ${run.status}\n${run.stderr}\n${run.stdout.slice(0, 4000)}`);
  process.exit(1);
}

const report = JSON.parse(run.stdout);
const { scenarios } = report.run;
const accused = report.clauses.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn').map(({ id }) => id);
const worked = scenarios.filter(({ outcome }) => outcome === 'done').map(({ id }) => id);
const accesses = scenarios.reduce((sum, scenario) => sum + scenario.accesses, 0);
console.log(`${report.target.name}: ${scenarios.length} devices, ${accesses} accesses`);
console.log(`violated: ${accused.join(', ') || 'none'}; did its work with ${worked.join(', ') || 'none'}`);

const problems = report.findings.map(({ check, message }) => `${check}: ${message}`);
const compare = (what, expected, found) => {
  for (const one of found) if (!expected.includes(one)) problems.push(`${what} ${one}: not written up`);
  for (const one of expected) if (!found.includes(one)) problems.push(`${what} ${one}: written up, and was not found`);
};
for (const glob of guest.scenarios) {
  const isMet = ({ id }) => (glob.endsWith('*') ? id.startsWith(glob.slice(0, -1)) : id === glob);
  if (!scenarios.some(isMet)) problems.push(`${glob}: no such device was met`);
}
compare('violated', guest.violated, accused);
compare('worked with', guest.worked, worked);

/** Accesses that trap, of all, for one time: as docs/traps.md has them. */
const each = ({ times, accesses, traps }) => {
  const per = (value) => String(Math.round((value / times) * 100) / 100);
  return times === 0 ? 'never' : `${per(traps)} of ${per(accesses)}`;
};
for (const [id, expected] of Object.entries(guest.traps ?? {})) {
  const traps = scenarios.find((scenario) => scenario.id === id)?.traps;
  const found = traps ? [each(traps.setUp), each(traps.interrupt)] : ['not met'];
  if (found.join() !== expected.join())
    problems.push(`traps with ${id}: ${found.join(', ')}, not ${expected.join(', ')}`);
}
for (const problem of problems) console.error(problem);
process.exit(problems.length > 0 ? 1 : 0);
