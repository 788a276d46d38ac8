/** The words after `qemu:`, and the guest that they ask for. */
import type { Settings } from '../../../reference-device/settings.ts';
import { TargetConfigurationError } from '../../target.ts';
import { DEFAULT_SLOT, TRANSPORT_SIZE } from '../../targets/qtest/machines.ts';
import { shellWords } from '../../targets/shellwords.ts';
import { DEFAULT_MEMORY, GUEST_MACHINES, type GuestMachine } from './machines.ts';

/** A line that is typed once the console has shown something. */
export interface Turn {
  /** '' for at once. */
  prompt: string;
  line: string;
}

export interface GuestPlan {
  machine: GuestMachine;
  /** A path, or a command on the PATH. */
  emulator: string;
  slot: number;
  /** Where the device is; guest physical, bytes. */
  base: number;
  size: number;
  /** Input of the interrupt controller. */
  input: number;
  /** MiB. */
  memory: number;
  /** Files and words for the options of QEMU of that name, without the dash. */
  boot: Partial<Record<BootKey, string>>;
  /** Further words for QEMU. */
  args: string[];
  dialogue: Turn[];
  /** What the console must have shown for the guest to have done its work; one of the texts between `|`. */
  expect: string[];
  /** What the console shows when the guest is to be ended; undefined: it powers itself off. */
  until?: string;
  /** Milliseconds in which it may do nothing that is seen; undefined: what the run says. */
  patience?: number;
  layout: string;
  /** The device types that the guest has a use for; undefined: all. */
  devices?: DeviceType[];
}

type DeviceType = Settings['device'];
const DEVICE_TYPES: readonly string[] = ['block', 'entropy'] satisfies DeviceType[];

const BOOT_KEYS = ['bios', 'kernel', 'initrd', 'append', 'dtb'] as const;
type BootKey = (typeof BOOT_KEYS)[number];

const ONCE = [
  ...BOOT_KEYS,
  'machine',
  'slot',
  'base',
  'size',
  'irq',
  'memory',
  'qemu',
  'args',
  'until',
  'patience',
  'layout',
  'devices',
];
const REPEATED = ['prompt', 'input', 'expect'];

const SYNTAX =
  'qemu:MACHINE,kernel=FILE,initrd=FILE,append=WORDS or qemu:MACHINE,bios=FILE, with prompt=TEXT,input=LINE,expect=TEXT ' +
  'as needed; a comma in a value is written twice (see docs/driver-qemu.md)';
/** A stock guest has never heard of MSI. */
const DEFAULT_LAYOUT = 'virtio-mmio';
/** Stands for a comma of a value, which is written twice. */
const COMMA = '\0';
/** A region begins and ends where a register can. */
const WORD = 4;
const PAGE = 4096;

/** @throws TargetConfigurationError that says what to write instead */
export function parseGuest(rest: string): GuestPlan {
  const pairs = split(rest);
  const words = new Map(pairs.filter(([key]) => !REPEATED.includes(key)));
  const machine = machineOf(words.get('machine'));
  const slot = number(words, 'slot') ?? DEFAULT_SLOT;
  if (slot >= machine.slots) throw wrong(`slot=${slot}: the machine has slots 0 to ${machine.slots - 1}`);
  const memory = number(words, 'memory') ?? DEFAULT_MEMORY;
  if (memory < 16 || memory > 2048) throw wrong(`memory=${memory}: give 16 to 2048 MiB`);
  const base = number(words, 'base') ?? machine.base + slot * machine.step;
  const size = number(words, 'size') ?? TRANSPORT_SIZE;
  if (base % WORD !== 0 || size % WORD !== 0 || size < TRANSPORT_SIZE)
    throw wrong(`base and size are multiples of ${WORD}, and size is ${TRANSPORT_SIZE} at least`);
  if (base % PAGE !== 0 && (base % PAGE) + size > PAGE) {
    const aligned = [...Array(machine.slots).keys()].filter((one) => (machine.base + one * machine.step) % PAGE === 0);
    throw wrong(
      `size=${size} reaches into the page behind the slot's, and QEMU 7.2 crashes where such a region does not begin with a page`,
      `take slot ${aligned.join(', ')}, or give base=ADDRESS, a multiple of ${PAGE}`,
    );
  }
  const seconds = number(words, 'patience');
  const until = words.get('until');
  const boot = Object.fromEntries(BOOT_KEYS.flatMap((key) => (words.has(key) ? [[key, words.get(key)]] : [])));
  if (boot.kernel === undefined && boot.bios === undefined)
    throw wrong('there is nothing to boot', `give kernel=FILE or bios=FILE; ${SYNTAX}`);
  for (const key of ['initrd', 'append'] as const)
    if (boot[key] !== undefined && boot.kernel === undefined) throw wrong(`${key} goes with kernel=FILE`);
  return {
    ...{ machine, emulator: words.get('qemu') ?? machine.emulator, slot, base, size, memory, boot },
    input: number(words, 'irq') ?? machine.irq + slot,
    args: shellWords(words.get('args') ?? ''),
    dialogue: dialogueOf(pairs),
    expect: pairs.flatMap(([key, value]) => (key === 'expect' ? [value] : [])),
    ...(until === undefined ? {} : { until }),
    ...(seconds === undefined ? {} : { patience: seconds * 1000 }),
    layout: words.get('layout') ?? DEFAULT_LAYOUT,
    ...(words.has('devices') ? { devices: devicesOf(words.get('devices') as string) } : {}),
  };
}

/** Key and value in the order in which they were written. */
function split(rest: string): [string, string][] {
  const parts = rest
    .replaceAll(',,', COMMA)
    .split(',')
    .map((part) => part.replaceAll(COMMA, ','));
  const pairs: [string, string][] = [];
  for (const [index, part] of parts.entries()) {
    if (part === '' && parts.length === 1) continue;
    const at = part.indexOf('=');
    if (at < 0 && index > 0) throw wrong(`'${part}' is not of the form key=value`);
    const [key, value] = at < 0 ? ['machine', part] : [part.slice(0, at), part.slice(at + 1)];
    if (!ONCE.includes(key) && !REPEATED.includes(key))
      throw wrong(`'${key}' is not known here; known are ${[...ONCE, ...REPEATED].join(', ')}`);
    if (ONCE.includes(key) && pairs.some(([other]) => other === key)) throw wrong(`${key} is given twice`);
    if (value === '' && key !== 'input') throw wrong(`${key} has no value`);
    pairs.push([key, value]);
  }
  return pairs;
}

/** Each input is typed when the prompt that was given last shows again. */
function dialogueOf(pairs: readonly [string, string][]): Turn[] {
  const turns: Turn[] = [];
  let prompt = '';
  let used = true;
  for (const [key, value] of pairs) {
    if (key === 'prompt') {
      if (!used)
        throw wrong(`nothing is typed at prompt=${prompt}`, 'input=LINE follows a prompt, or input= for an empty line');
      prompt = value;
      used = false;
    } else if (key === 'input') {
      turns.push({ prompt, line: value });
      used = true;
    }
  }
  if (!used)
    throw wrong(`nothing is typed at prompt=${prompt}`, 'input=LINE follows a prompt; what must show is expect=TEXT');
  return turns;
}

function devicesOf(text: string): DeviceType[] {
  const named = text.split('|');
  const unknown = named.find((name) => !DEVICE_TYPES.includes(name));
  if (unknown !== undefined) throw wrong(`devices=${text}: '${unknown}' is none of ${DEVICE_TYPES.join(', ')}`);
  return named as DeviceType[];
}

function machineOf(name: string | undefined): GuestMachine {
  const known = [...GUEST_MACHINES.keys()].join(', ');
  if (name === undefined) throw wrong('which machine is missing', `machines are ${known}; ${SYNTAX}`);
  const machine = GUEST_MACHINES.get(name);
  if (!machine) throw wrong(`machine '${name}' is not known; known are ${known}`);
  return machine;
}

function number(words: Map<string, string>, key: string): number | undefined {
  const text = words.get(key);
  if (text === undefined) return undefined;
  const value = /^(0x[0-9a-f]+|[0-9]+)$/i.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw wrong(`${key}=${text}: expected a number, decimal or 0x..`);
  return value;
}

function wrong(what: string, hint = SYNTAX): TargetConfigurationError {
  return new TargetConfigurationError(`qemu: ${what}`, hint);
}
