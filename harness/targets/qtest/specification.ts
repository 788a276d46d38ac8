/** The words after `qtest:`, and what they ask for. */
import { TargetConfigurationError } from '../../target.ts';
import {
  type ConfigEvent,
  type Controller,
  DEFAULT_MEMORY,
  DEFAULT_SLOT,
  DEVICES,
  type Device,
  MACHINES,
  type Machine,
  RAM_OFFSET,
  RAM_SIZE,
} from './machines.ts';

/** Where the device under test is in the guest's address space; bytes. */
export interface Location {
  base: number;
  /** Input of the interrupt controller; absent where the line is not to be seen. */
  irq?: number;
  controller?: Controller;
  /** What the suite may use of RAM. */
  ram?: { base: number; size: number };
}

/** A QEMU of our own. */
export interface Spawn {
  mode: 'spawn';
  machine: Machine;
  device: Device;
  slot: number;
  /** A path, or a command on the PATH. */
  emulator: string;
  queues?: number;
  /** MiB. */
  memory: number;
  location: Location;
}

/** A QEMU that the user started. */
export interface Attach {
  mode: 'attach';
  socket: string;
  qmp?: string;
  location: Location;
  configEvent?: ConfigEvent;
}

const SYNTAX =
  'qtest:MACHINE[,device=..][,slot=N][,queues=N][,memory=MiB][,qemu=PATH], or ' +
  'qtest:unix=SOCKET,machine=MACHINE[,slot=N][,qmp=SOCKET] (see docs/qtest.md)';

const SPAWN_KEYS = ['machine', 'device', 'slot', 'queues', 'memory', 'qemu'];
const ATTACH_KEYS = ['unix', 'qmp', 'machine', 'slot', 'base', 'irq', 'ram', 'controller', 'config'];

/** @throws TargetConfigurationError that says what to write instead */
export function parseSpecification(rest: string): Spawn | Attach {
  const words = new Map<string, string>();
  for (const [index, part] of rest.split(',').entries()) {
    if (part === '') continue;
    const at = part.indexOf('=');
    const [key, value] = at < 0 ? ['machine', part] : [part.slice(0, at), part.slice(at + 1)];
    if (at < 0 && index > 0) throw wrong(`'${part}' is not of the form key=value`);
    if (words.has(key)) throw wrong(`${key} is given twice`);
    if (value === '') throw wrong(`${key} has no value`);
    words.set(key, value);
  }
  const keys = words.has('unix') ? ATTACH_KEYS : SPAWN_KEYS;
  for (const key of words.keys()) {
    if (!keys.includes(key)) throw wrong(`'${key}' is not known here; known are ${keys.join(', ')}`);
  }
  return words.has('unix') ? parseAttach(words) : parseSpawn(words);
}

function parseSpawn(words: Map<string, string>): Spawn {
  const machine = machineOf(words.get('machine') ?? 'microvm');
  const device = deviceOf(words.get('device') ?? 'entropy');
  const slot = slotOf(words, machine);
  const memory = numberOf(words, 'memory') ?? DEFAULT_MEMORY;
  const least = (RAM_OFFSET + RAM_SIZE) / 2 ** 20;
  if (memory < least || memory > 2048) throw wrong(`memory=${memory}: give ${least} to 2048 MiB`);
  const queues = numberOf(words, 'queues');
  if (queues !== undefined) {
    if (device.queuesProperty === undefined) throw wrong(`queues: ${device.model} has as many queues as it has`);
    if (queues < 1 || queues > 1024) throw wrong(`queues=${queues}: give 1 to 1024`);
  }
  return {
    mode: 'spawn',
    machine,
    device,
    slot,
    emulator: words.get('qemu') ?? machine.emulator,
    ...(queues === undefined ? {} : { queues }),
    memory,
    location: locationOf(machine, slot),
  };
}

function parseAttach(words: Map<string, string>): Attach {
  const name = words.get('machine');
  const qmp = words.get('qmp');
  const base = numberOf(words, 'base');
  if (name === undefined && base === undefined) {
    throw wrong('an attached QEMU needs machine=.. or base=..', `machines: ${Object.keys(MACHINES).join(', ')}`);
  }
  const machine = name === undefined ? undefined : machineOf(name);
  const known = machine ? locationOf(machine, slotOf(words, machine)) : undefined;
  if (!machine && words.has('slot')) throw wrong('slot goes with machine; with base it has no meaning');
  const irq = numberOf(words, 'irq') ?? known?.irq;
  const named = words.get('controller');
  const controller: Controller | undefined = named === undefined ? known?.controller : { name: checkedName(named) };
  const ram = words.has('ram') ? ramOf(words.get('ram') ?? '') : known?.ram;
  if (controller && 'type' in controller && qmp === undefined) {
    throw wrong(
      `the interrupt controller of ${name} has no fixed name`,
      `give qmp=SOCKET, so that it can be looked up, or controller=PATH of the object of type ${controller.type}`,
    );
  }
  if (irq !== undefined && !controller) throw wrong('irq needs controller=NAME, the object whose input it is');
  const config = words.get('config');
  if (config !== undefined && qmp === undefined) throw wrong('config needs qmp=SOCKET, over which it is changed');
  return {
    mode: 'attach',
    socket: words.get('unix') ?? '',
    ...(qmp === undefined ? {} : { qmp }),
    ...(config === undefined ? {} : { configEvent: configEventOf(config) }),
    location: {
      base: base ?? known?.base ?? 0,
      ...(irq === undefined || !controller ? {} : { irq, controller }),
      ...(ram ? { ram } : {}),
    },
  };
}

function locationOf(machine: Machine, slot: number): Location {
  return {
    base: machine.base + slot * machine.step,
    irq: machine.irq + slot,
    controller: machine.controller,
    ram: { base: machine.ram + RAM_OFFSET, size: RAM_SIZE },
  };
}

function machineOf(name: string): Machine {
  const known = Object.keys(MACHINES);
  const machine = known.includes(name) ? MACHINES[name] : undefined;
  if (!machine) throw wrong(`machine '${name}' is not known; known are ${known.join(', ')}`);
  return machine;
}

function deviceOf(name: string): Device {
  const device = DEVICES.find((candidate) => candidate.model === name || candidate.aliases.includes(name));
  if (device) return device;
  throw wrong(`device '${name}' is not known; known are ${DEVICES.map((known) => known.model).join(', ')}`);
}

function slotOf(words: Map<string, string>, machine: Machine): number {
  const slot = numberOf(words, 'slot') ?? DEFAULT_SLOT;
  if (slot >= machine.slots) throw wrong(`slot=${slot}: the machine has slots 0 to ${machine.slots - 1}`);
  return slot;
}

function ramOf(text: string): { base: number; size: number } {
  const [base = '', size = '', ...more] = text.split('+');
  const ram = { base: parseNumber(base), size: parseNumber(size) };
  if (more.length > 0 || !(ram.base >= 0) || !(ram.size > 0) || ram.base % 4096 !== 0) {
    throw wrong(`ram=${text}: write BASE+SIZE in bytes, BASE 4096-byte aligned, e.g. ram=0x41000000+0x800000`);
  }
  return ram;
}

function configEventOf(text: string): ConfigEvent {
  const [kind, name] = text.split(':');
  if (kind === 'balloon') return { kind };
  if (kind === 'link' && name) return { kind, name };
  if (kind === 'resize' && name) return { kind, node: name };
  throw wrong(`config=${text}: write link:NETDEV, resize:BLOCK-NODE or balloon`);
}

/** Names are passed on to QEMU in a command line of qtest's, where a space would begin the next word. */
function checkedName(name: string): string {
  if (!/^[\w./[\]-]+$/.test(name)) throw wrong(`controller=${name}: not the name or path of an object`);
  return name;
}

function numberOf(words: Map<string, string>, key: string): number | undefined {
  const text = words.get(key);
  if (text === undefined) return undefined;
  const value = parseNumber(text);
  if (Number.isNaN(value)) throw wrong(`${key}=${text}: expected a number, decimal or 0x..`);
  return value;
}

/** NaN for anything but an unsigned integer. */
function parseNumber(text: string): number {
  const value = /^(0x[0-9a-f]+|[0-9]+)$/i.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : Number.NaN;
}

function wrong(what: string, hint = SYNTAX): TargetConfigurationError {
  return new TargetConfigurationError(`qtest: ${what}`, hint);
}
