/** The command line as a whole: commands, help, and how every ending becomes an exit code. */
import { Command, CommanderError, Help, Option } from 'commander';
import { EXIT, type ExitCode } from '../../reports/exit-code.ts';
import { nearest } from '../../spec/suggest.ts';
import { DEFAULT_LAYOUT, DEFAULT_RUNS, DEFAULT_SEED, DEFAULT_TARGET } from './defaults.ts';
import type { DoctorCommandOptions } from './doctor.ts';
import { explain, UsageError } from './errors.ts';
import { live } from './exit.ts';
import { DRIVERS, EXAMPLES, EXIT_CODES, HELP_COLORS, TARGETS } from './help.ts';
import type { ListCommandOptions } from './list.ts';
import {
  addFormatOption,
  addOutputOptions,
  addSelectionOptions,
  addTargetOptions,
  collectScenarios,
  type DriverCommandOptions,
  parseExhaustive,
  parseNumber,
  parseSeed,
  type RunCommandOptions,
  type TargetOptions,
} from './options.ts';
import {
  createIo,
  DEFAULT_WIDTH,
  type Io,
  type IoOptions,
  surviveFailedWrites,
  wantsColor,
  widthOf,
} from './output.ts';
import type { ReplayCommandOptions } from './replay.ts';
import { ownPackage } from './version.ts';

const MOST_RUNS = 1_000_000_000;

/** For the help, which is printed while the options are still being read. */
function colorFlag(argv: string[]): boolean | undefined {
  if (argv.includes('--no-color')) return false;
  return argv.includes('--color') || undefined;
}

interface GlobalOptions {
  color?: boolean;
  verbose?: boolean;
}

/** What a parsed command line comes to: the work, still to be done. */
type Work = (io: Io) => Promise<ExitCode>;

interface Parsed {
  work: Work | undefined;
  io: IoOptions;
}

function addRunOptions(command: Command): Command {
  addSelectionOptions(addTargetOptions(command))
    .addOption(
      new Option('-s, --seed <n>', 'of everything chosen at random; "random" picks one')
        .default(DEFAULT_SEED)
        .argParser(parseSeed),
    )
    .addOption(
      new Option('-n, --runs <n>', 'how many generated programs to run')
        .default(DEFAULT_RUNS)
        .argParser(parseNumber(0, MOST_RUNS)),
    )
    .addOption(
      new Option(
        '-x, --exhaustive <k>',
        'go through every state and transition of a small scope; complete for devices with k states more: 0, 1, 2 (minutes), or off (default: 1; 0 where it costs too much)',
      ).argParser(parseExhaustive),
    )
    .option('--strict', 'a SHOULD that is not met counts as a violation')
    .option('--bail', 'stop at the first violated clause')
    .option('--verify-determinism', 'do the whole run twice; what the target does not show again is inconclusive');
  return addOutputOptions(command);
}

/** The commands; the one that is chosen leaves its work in `parsed`. Implementations are loaded when they run. */
export function buildProgram(argv: string[], parsed: Parsed): Command {
  const { name, version } = ownPackage();
  const program: Command = new Command('conformance')
    .description(
      'Tests whether a virtio-mmio device, or a driver, does message signalled interrupts as its layout says.',
    )
    .version(`${name} ${version}`, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help of a command')
    .option('--color', 'colour, whatever the output is')
    .option('--no-color', 'no colour; so does NO_COLOR=1')
    .option('--verbose', 'show stack traces and what the target says; so does DEBUG=1')
    .exitOverride()
    .configureOutput({
      outputError: () => undefined,
      getOutHelpWidth: () => Math.min(widthOf(process.stdout), DEFAULT_WIDTH),
      getOutHasColors: () => wantsColor(colorFlag(argv), process.env, process.stdout.isTTY),
    })
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: HELP_COLORS.bold,
      // The default command's options are what somebody who asks for help wants to see.
      visibleOptions(command) {
        const own = Help.prototype.visibleOptions.call(this, command);
        const run = command === program && program.commands.find((each) => each.name() === 'run');
        return run ? [...run.options, ...own] : own;
      },
    });

  const remember = (command: Command, work: Work, quiet = false) => {
    const { color, verbose } = command.optsWithGlobals<GlobalOptions>();
    parsed.work = work;
    parsed.io = { color, quiet, ...(verbose && { verbose }) };
  };

  addRunOptions(program.command('run', { isDefault: true }))
    .description('test a device (the default command)')
    .addHelpText('after', `\n${TARGETS}\n\n${EXAMPLES.run}\n\n${EXIT_CODES}`)
    .action((options: RunCommandOptions, command: Command) =>
      remember(command, async (io) => (await import('./run.ts')).runCommand(options, argv, io), options.quiet),
    );

  addDriver(program, argv, remember);
  addFormatOption(program.command('list'))
    .description("show a layout's clauses, or the checks, scenarios, faults and variants there are")
    .optionsGroup('What:')
    .addOption(new Option('-l, --layout <layout>', 'name of a packaged layout, or a YAML file').default(DEFAULT_LAYOUT))
    .addOption(whatToList('--checks', 'the checks with the clauses they aim at'))
    .addOption(whatToList('--scenarios', 'the devices that a driver meets'))
    .addOption(whatToList('--faults', 'the deliberate faults of the reference device'))
    .addOption(whatToList('--variants', 'the conformant variants of the reference device'))
    .addOption(whatToList('--driver-faults', 'the deliberate faults of the reference driver'))
    .addOption(whatToList('--driver-variants', 'the conformant variants of the reference driver'))
    .addHelpText('after', `\n${EXAMPLES.list}`)
    .action((options: ListCommandOptions, command: Command) =>
      remember(command, async (io) => (await import('./list.ts')).listCommand(options, io)),
    );

  addFormatOption(addTargetOptions(program.command('doctor')))
    .description('try a target step by step: is it reached, does it answer, what can be tested')
    .addHelpText('after', `\n${TARGETS}\n\n${EXAMPLES.doctor}`)
    .action((options: DoctorCommandOptions, command: Command) =>
      remember(command, async (io) => (await import('./doctor.ts')).doctorCommand(options, io)),
    );

  addReplay(program, argv, remember);
  program.addHelpText('after', `\n${TARGETS}\n\n${EXAMPLES.program}\n\n${EXIT_CODES}`);
  return program;
}

/** Lists of which one is asked for at a time. */
const LISTS = ['checks', 'scenarios', 'faults', 'variants', 'driverFaults', 'driverVariants'];

function whatToList(flag: string, text: string): Option {
  const option = new Option(flag, text);
  return option.conflicts(LISTS.filter((name) => name !== option.attributeName()));
}

type Remember = (command: Command, work: Work, quiet?: boolean) => void;

function addDriver(program: Command, argv: string[], remember: Remember): void {
  const driver = addSelectionOptions(addTargetOptions(program.command('driver')))
    .description('test a driver: devices of many kinds meet it, and each of its accesses is judged')
    .addOption(
      new Option('--scenario <globs>', 'only these devices, e.g. "vectors/*"; list --scenarios shows them').argParser(
        collectScenarios,
      ),
    )
    .option('--strict', 'a SHOULD that is not met counts as a violation')
    .option('--bail', 'stop at the first violated clause');
  addOutputOptions(driver)
    .option('--log <dir>', 'write what each device saw there, as NDJSON that trace:FILE takes')
    .addHelpText('after', `\n${DRIVERS}\n\n${EXAMPLES.driver}\n\n${EXIT_CODES}`)
    .action((options: DriverCommandOptions, command: Command) =>
      remember(command, async (io) => (await import('./driver.ts')).driverCommand(options, argv, io), options.quiet),
    );
}

function addReplay(program: Command, argv: string[], remember: Remember): void {
  const replay = addTargetOptions(program.command('replay'))
    .description('run a stored program again')
    .argument('<file>', 'a report.json, or a file that holds one program; - for standard input')
    .optionsGroup('Which program:')
    .option('-c, --clause <id>', "which clause's counterexample of a report")
    .addOption(
      new Option('--finding <n>', 'which target fault of a report, from 1')
        .argParser(parseNumber(1, MOST_RUNS))
        .conflicts('clause'),
    )
    .option('--strict', 'a SHOULD that is not met counts as a violation')
    .option(
      '--verify-determinism',
      'run it twice; of a report without --clause and --finding: the program that was not the same twice',
    );
  addOutputOptions(replay)
    .addHelpText(
      'after',
      `\nTarget and layout are those of the report unless given.\n\n${EXAMPLES.replay}\n\n${EXIT_CODES}`,
    )
    .action((file: string, options: ReplayCommandOptions & TargetOptions, command: Command) => {
      // Only what was typed: a default must not win over what the report says.
      const typed = (name: string) => command.getOptionValueSource(name) === 'cli';
      const { target, layout, ...others } = options;
      const chosen = { ...others, ...(typed('target') && { target }), ...(typed('layout') && { layout }) };
      remember(
        command,
        async (io) => (await import('./replay.ts')).replayCommand(file, chosen, argv, io),
        options.quiet,
      );
    });
}

function looksLikeTarget(word: string): boolean {
  return /[./:]/.test(word) || word === DEFAULT_TARGET;
}

/** A first word that is no command would reach the default command, which has no use for words. */
function checkCommand(program: Command, argv: string[]): void {
  const [word = '-', next = '-'] = argv;
  const names = [...program.commands.map((command) => command.name()), 'help'];
  if (['run', 'doctor', 'driver'].includes(word) && !next.startsWith('-') && looksLikeTarget(next)) {
    throw new UsageError(`'${next}' belongs to no option`, `a target is given as --target ${next}`);
  }
  if (word.startsWith('-') || names.includes(word)) return;
  const meant = nearest(word, names);
  if (meant !== undefined) throw new UsageError(`unknown command '${word}'`, `did you mean '${meant}'?`);
  const hint = looksLikeTarget(word) ? `a target is given as --target ${word}` : `commands are ${names.join(', ')}`;
  throw new UsageError(`unknown command '${word}'`, hint);
}

/** Commander's one-line messages in the form of ours. */
function asUsageError(error: CommanderError, command: string | undefined): UsageError {
  const [message = '', ...more] = error.message.replace(/^error: /, '').split('\n');
  const meant = /\(Did you mean (?<what>.*)\?\)/.exec(more.join(' '))?.groups?.what;
  // Options of the default command are shown with the program's own, and commander guesses among them too.
  const guess = meant !== undefined && message.includes(`'${meant}'`) ? undefined : meant;
  const help = command === undefined ? 'conformance --help' : `conformance ${command} --help`;
  return new UsageError(message, guess === undefined ? `\`${help}\` shows what there is` : `did you mean ${guess}?`);
}

/** Reads the command line. @returns undefined where everything is done already (help, version) @throws UsageError */
async function parse(argv: string[], parsed: Parsed): Promise<Work | undefined> {
  const program = buildProgram(argv, parsed);
  checkCommand(program, argv);
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const [word] = argv;
    const command = program.commands.find((each) => each.name() === word)?.name();
    if (error.exitCode !== 0) throw asUsageError(error, command);
  }
  return parsed.work;
}

/** Tells the user. @returns the exit code */
export async function fail(error: unknown, io: Io): Promise<ExitCode> {
  const { code, text } = await explain(error, io.verbose);
  io.error(text);
  return code;
}

/** Does what the command line says. @returns the exit code */
export async function execute(argv: string[]): Promise<ExitCode> {
  const parsed: Parsed = { work: undefined, io: { verbose: argv.includes('--verbose') } };
  try {
    const work = await parse(argv, parsed);
    return work === undefined ? EXIT.conformant : await work(createIo(parsed.io));
  } catch (error) {
    return fail(error, createIo(parsed.io));
  }
}

export function main(argv: string[]): Promise<void> {
  surviveFailedWrites();
  return live(() => execute(argv));
}
