// Records a guest, judges what its drivers did to each device, and compares the clauses that they broke with those
// written up in docs/findings.md.
//
//   node .ci/guests/check.mjs --list
//   node .ci/guests/check.mjs NAME CACHE
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { each } from '../../dist/reports/traps.js';

const { guests } = JSON.parse(readFileSync(new URL('./expected.json', import.meta.url), 'utf8'));
const [name, cache] = process.argv.slice(2);
if (name === '--list') {
  console.log(Object.keys(guests).join('\n'));
  process.exit(0);
}
const devices = guests[name];
if (!devices || !cache) {
  console.error(`usage: check.mjs NAME CACHE, NAME one of ${Object.keys(guests).join(', ')}`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'guests-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const trace = join(folder, name);
const problems = [];

/** What the program says on its standard output; undefined where it ended with another code. */
function node(args, codes) {
  const run = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (codes.includes(run.status)) return run.stdout;
  problems.push(`${args.join(' ')}: exit code ${run.status}\n${run.stderr}`);
  return undefined;
}

/**
 * @param expected `violated`: the clauses, all of them; `accesses`: fewer mean that the driver did not do its work;
 * `traps`: set-up and interrupt, as docs/traps.md has them
 */
function judge(device, { violated, accesses, traps }) {
  const target = `trace:${trace},device=${device}`;
  const text = node(['dist/harness/cli/main.js', 'driver', '--target', target, '--format', 'json'], [0, 1, 4]);
  if (text === undefined) return;
  const report = JSON.parse(text);
  const accused = report.clauses.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn').map(({ id }) => id);
  const passed = report.clauses.filter(({ verdict }) => verdict === 'pass').length;
  const seen = report.run.scenarios.reduce((sum, scenario) => sum + scenario.accesses, 0);
  console.log(`${device}: ${seen} accesses, ${passed} clauses pass, violated: ${accused.join(', ') || 'none'}`);
  const tell = (problem) => problems.push(`${device}: ${problem}`);
  for (const id of accused) if (!violated.includes(id)) tell(`${id} is not written up`);
  for (const id of violated) if (!accused.includes(id)) tell(`${id} is written up, and was not found`);
  if (seen < accesses) tell(`at least ${accesses} accesses were expected`);
  for (const { message } of report.findings) tell(message);
  const { setUp, interrupt } = report.run.scenarios[0].traps;
  const counted = [each(setUp), each(interrupt)].join(', ');
  if (traps && counted !== traps.join(', ')) tell(`traps: ${counted}, not ${traps.join(', ')} as in docs/traps.md`);
}

const recorded = node([new URL('./record.mjs', import.meta.url).pathname, name, trace, cache], [0]);
if (recorded !== undefined) {
  process.stdout.write(recorded);
  for (const [device, expected] of Object.entries(devices)) judge(device, expected);
}
for (const problem of problems) console.error(problem);
process.exit(problems.length > 0 ? 1 : 0);
