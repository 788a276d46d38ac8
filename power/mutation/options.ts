/** The command line of `npm run mutation`. */
import { parseArgs } from 'node:util';
import { OptionError } from '../seeds.ts';
import { digestOf } from './mutants.ts';
import { PARTS, type Part, PLANS, partOf } from './parts.ts';
import { keptMutation } from './record.ts';

/** Small, and everything about the line goes through it. */
const QUICK = 'reference-device/line.ts';

export const HELP = `npm run mutation -- [options] [PART or FILE...]

Mutates the project's own code and says which mutants no test notices. Without a part or a file, everything, part by part:
${PARTS.map((part) => `  ${part.padEnd(12)} ${PLANS[part].title}, ${PLANS[part].files.length} files`).join('\n')}

  --changed  only files that were not measured as they are now
  --quick    only ${QUICK}, and no record: whether all of this works
  --reuse    keeps what an earlier run on this machine found out, where neither the mutant nor a test of it changed;
             what changed beside the two it does not see
  --help     this

What was measured goes into power/mutation.json, file by file; npm run power -- --render shows it in docs/power.md.

exit codes  0  every survivor is argued in power/mutation/equivalent.yaml
            1  a survivor that is not, or an argument that does not hold any more
            2  the command line is not what it should be
            3  the tests fail without any mutant, or Stryker does`;

export interface Options {
  /** Which files of which parts. */
  chosen: { part: Part; files: readonly string[] }[];
  reuse: boolean;
  /** Whether what is measured is put into the record. */
  keep: boolean;
}

/** @returns undefined where help is asked for. @throws OptionError */
export function parseOptions(args: string[]): Options | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  if (values.quick && positionals.length > 0) throw new OptionError('--quick goes with no part and no file');
  const asked = values.quick ? [QUICK] : positionals.length > 0 ? positionals : [...PARTS];
  const named = asked.flatMap(filesOf);
  const files = new Set(values.changed ? named.filter(isChanged) : named);
  const chosen = PARTS.map((part) => ({ part, files: PLANS[part].files.filter((file) => files.has(file)) }));
  return {
    chosen: chosen.filter((one) => one.files.length > 0),
    reuse: values.reuse,
    keep: !values.quick,
  };
}

/** Whether there is no figure of the file's present text. */
function isChanged(file: string): boolean {
  return keptMutation()?.files.find((one) => one.file === file)?.digest !== digestOf(file);
}

function filesOf(name: string): readonly string[] {
  const part = PARTS.find((one) => one === name);
  if (part) return PLANS[part].files;
  if (partOf(name)) return [name];
  throw new OptionError(`${name}: expected ${PARTS.join(', ')} or one of their files, such as ${QUICK}`);
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        changed: { type: 'boolean', default: false },
        quick: { type: 'boolean', default: false },
        reuse: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message : String(error));
  }
}
