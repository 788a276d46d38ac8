/** The parts of the help that are more than a list of options. */
import pc from 'picocolors';
import { DRIVER_SYNTAX } from '../driver/targets/syntax.ts';
import { TARGET_SYNTAX } from '../targets/open.ts';

/** Always on: commander takes the codes out again where nobody wants them. */
export const HELP_COLORS = pc.createColors(true);

function section(title: string, lines: readonly string[]): string {
  return [HELP_COLORS.bold(`${title}:`), ...lines.map((line) => `  ${line}`)].join('\n');
}

export const TARGETS = section('Targets', TARGET_SYNTAX);

export const DRIVERS = section('Drivers', DRIVER_SYNTAX);

export const EXIT_CODES = section('Exit codes', [
  '0    conformant: every MUST in scope passed or does not apply (a SHOULD that is not met is a warning)',
  '1    not conformant: a MUST is violated; with --strict also a SHOULD',
  '2    the command line, the layout or the target is not what it should be',
  '3    the target or the suite failed: a crash, a hang, an answer that is none',
  '4    inconclusive: a MUST was not exercised, nothing ran, or --verify-determinism saw two runs differ',
  '130  interrupted',
]);

export const EXAMPLES = {
  program: section('Examples', [
    'conformance                                        see the suite at work on its reference device',
    'conformance --target ./adapter.ts --out report     test a device, keep report.json and junit.xml',
    'conformance --target "exec:./device" --only "MAP-*"',
    'conformance doctor --target unix:/tmp/device.sock  when a target does not answer as expected',
    'conformance replay report/report.json --clause MAP-RANGE',
    'conformance driver --target ./driver.ts            test a driver',
    'conformance list                                   the clauses with their origin',
  ]),
  run: section('Examples', [
    'conformance run --target ./adapter.ts',
    'conformance run --target "exec:./device --msi" --out report --format junit > junit.xml',
    'conformance run --target tcp:localhost:9000 --only "MAP-*,DLV-*" --exclude DLV-LINE',
    'conformance run --target ./adapter.ts --runs 5000 --seed random',
    'conformance run --target ./adapter.ts --verify-determinism',
    'conformance run --target reference:fault=ID        what a violation looks like; list --faults shows the ids',
  ]),
  list: section('Examples', [
    'conformance list --layout virtio-mmio',
    'conformance list --checks',
    'conformance list --format json | jq ".clauses[].id"',
  ]),
  driver: section('Examples', [
    'conformance driver                              see it at work on the reference driver',
    'conformance driver --target "exec:./driver" --out report',
    'conformance driver --target trace:qemu.log      judge what was recorded somewhere else',
    'conformance driver --target ./driver.ts --scenario "vectors/*" --log logs',
    'conformance driver --target reference:fault=ID  what a violation looks like; list --driver-faults shows the ids',
  ]),
  doctor: section('Examples', ['conformance doctor --target "exec:./device --msi"']),
  replay: section('Examples', [
    'conformance replay report/report.json --clause MAP-RANGE',
    'conformance replay program.json --target ./adapter.ts',
  ]),
};
