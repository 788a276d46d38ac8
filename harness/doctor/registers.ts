/** Accesses by themselves: do they arrive, and do their answers make sense. */
import type { Register } from '../../spec/layout.ts';
import type { Check } from '../doctor.ts';
import { DEFAULT_REGION_SIZE } from '../profile.ts';
import { hex } from '../program.ts';
import type { TargetAnswer, TargetOperation, Width } from '../target.ts';
import { asInteger, type Consultation, Found, Skipped, show } from './consultation.ts';

/** How often a register that cannot change is read. */
const REPETITIONS = 64;

export const REGISTER_CHECKS: Check[] = [
  { id: 'reach', title: 'A virtio-mmio device is reached', run: reach },
  { id: 'integers', title: 'Reads answer unsigned integers', run: integers },
  { id: 'width', title: 'Answers fit the width of the access', run: width },
  { id: 'repeat', title: 'A register that cannot change reads the same each time', run: repeat },
  { id: 'region', title: 'The end of the region can be read', run: region },
  { id: 'batch', title: 'A batch answers like single operations', run: batch },
];

async function reach(consultation: Consultation): Promise<string> {
  const { layout } = consultation;
  const expect = (name: string) => layout.register(name).value;
  const unreached = (message: string, hint?: string): Found => {
    consultation.reached = false;
    return new Found(message, hint);
  };
  let magic: number;
  try {
    magic = await consultation.read('MagicValue');
  } catch (error) {
    consultation.reached = false;
    throw error;
  }
  const good = expect('MagicValue');
  if (good !== undefined && magic !== good) {
    const answered = `the adapter answered ${hex(magic)} to ${consultation.what('MagicValue')}, where a device has ${hex(good)}`;
    if (magic === swapped(good)) {
      throw unreached(
        `${answered}: the bytes are in the wrong order`,
        'registers are little endian: convert in the adapter, e.g. getUint32(offset, true)',
      );
    }
    if (magic === 0 || magic === 0xffffffff) {
      throw unreached(`${answered}: nothing is there`, "is the adapter's base that of the device?");
    }
    throw unreached(answered, "does an offset count from the device's base, in bytes?");
  }
  const version = await consultation.read('Version');
  if (version === layout.constant('VERSION_LEGACY')) {
    throw unreached(
      `the adapter reaches a legacy device: Version reads ${hex(version)}`,
      'the suite drives devices of the present version; QEMU has one with -global virtio-mmio.force-legacy=false',
    );
  }
  const wanted = expect('Version');
  if (wanted !== undefined && version !== wanted) {
    throw unreached(`the adapter answered ${hex(version)} to ${consultation.what('Version')}, not ${hex(wanted)}`);
  }
  const id = await consultation.read('DeviceID');
  if (id === layout.constant('NO_DEVICE')) {
    throw unreached(
      `the adapter reaches a transport with nothing behind it: DeviceID reads ${hex(id)}`,
      'in QEMU: is the device on the bus of this slot (bus=virtio-mmio-bus.N)?',
    );
  }
  const type = layout.deviceType(id);
  return type ? `a device of type ${id}, ${type.name}` : `a device of type ${id}, which the layout knows nothing about`;
}

async function integers(consultation: Consultation): Promise<string> {
  const registers = readable(consultation);
  for (const { name } of registers) {
    const answer = await consultation.answer(name);
    if (asInteger(answer) !== undefined) continue;
    const negative = typeof answer === 'number' && answer < 0;
    throw new Found(
      `the adapter answered ${show(answer)} to ${consultation.what(name)}, which is no unsigned integer`,
      negative ? 'bitwise operators give signed numbers: end with >>> 0' : undefined,
    );
  }
  return `${registers.length} registers`;
}

async function width(consultation: Consultation): Promise<string> {
  const { adapter, layout } = consultation;
  const fits = async (offset: number, bits: Width) => {
    const answer = await adapter.read(offset, bits);
    const value = asInteger(answer);
    if (value !== undefined && BigInt(value) >> BigInt(bits) === 0n) return;
    throw new Found(
      `the adapter answered ${show(answer)} to a ${bits}-bit read at offset ${hex(offset)}`,
      `only the low ${bits} bits are to be answered`,
    );
  };
  for (const { offset } of readable(consultation)) await fits(offset, 32);
  const id = Number(asInteger(await consultation.answer('DeviceID')) ?? 0);
  const configSize = adapter.configSize ?? layout.deviceType(id)?.configSize ?? 0;
  const config = layout.data.config.offset;
  const widths = ([8, 16, 32] as const).filter((bits) => bits / 8 <= configSize);
  for (const bits of widths) await fits(config, bits);
  return widths.length > 0 ? `32 bits, and ${widths.join(', ')} in the configuration space` : '32 bits';
}

async function repeat(consultation: Consultation): Promise<string> {
  const first = new Map<string, unknown>();
  const names = constants(consultation);
  for (let turn = 0; turn < REPETITIONS; turn++) {
    for (const name of names) {
      const answer = await consultation.answer(name);
      if (turn === 0) first.set(name, answer);
      else if (!Object.is(answer, first.get(name))) {
        throw new Found(
          `the adapter answered ${show(first.get(name))} and, ${turn} reads later, ${show(answer)} to ${consultation.what(name)}`,
          'do answers get mixed up with those to other accesses?',
        );
      }
    }
  }
  return `${names.join(', ')}, ${REPETITIONS} times each`;
}

async function region({ adapter, layout }: Consultation): Promise<string> {
  const size = adapter.regionSize ?? DEFAULT_REGION_SIZE;
  const last = size - 4;
  if (last < layout.data.config.offset) throw new Skipped('the region ends with the registers');
  const answer = await adapter.read(last, 32);
  if (asInteger(answer) !== undefined) return `offset ${hex(last)}`;
  throw new Found(
    `the adapter answered ${show(answer)} to a 32-bit read at offset ${hex(last)}`,
    'give as regionSize how far accesses reach',
  );
}

async function batch(consultation: Consultation): Promise<string> {
  const { adapter, layout } = consultation;
  if (!adapter.batch) throw new Skipped('the adapter has no batch');
  const names = constants(consultation);
  const singles = new Map<string, unknown>();
  for (const name of names) singles.set(name, await consultation.answer(name));
  const operations: TargetOperation[] = [];
  const expected: { what: string; good: (answer: TargetAnswer) => boolean }[] = [];
  const add = (operation: TargetOperation, what: string, good: (answer: TargetAnswer) => boolean = () => true) => {
    operations.push(operation);
    expected.push({ what, good });
  };
  for (const name of [...names, ...names.toReversed(), ...names]) {
    const { offset } = layout.register(name);
    add({ kind: 'read', offset, width: 32 }, consultation.what(name), (answer) => Object.is(answer, singles.get(name)));
  }
  if (adapter.interrupts) add({ kind: 'interrupts' }, 'interrupts', Array.isArray);
  if (adapter.settle) add({ kind: 'settle' }, 'settle');
  if (adapter.memory) {
    const { base: address } = adapter.memory;
    for (const byte of [0x5a, 0xa5]) {
      add({ kind: 'memory-write', address, bytes: Uint8Array.of(byte) }, 'a write to guest memory');
      add(
        { kind: 'memory-read', address, length: 1 },
        `a read of guest memory that was just set to ${byte}`,
        (answer) => {
          return answer instanceof Uint8Array && answer.length === 1 && answer[0] === byte;
        },
      );
    }
  }
  const answers = await adapter.batch(operations);
  if (!Array.isArray(answers) || answers.length !== operations.length) {
    const count = Array.isArray(answers) ? answers.length : show(answers);
    throw new Found(
      `the adapter answered ${count} to a batch of ${operations.length} operations`,
      'each operation has an answer, undefined where there is nothing to say',
    );
  }
  expected.forEach(({ what, good }, index) => {
    if (good(answers[index])) return;
    throw new Found(
      `in a batch of ${operations.length}, the adapter answered ${show(answers[index])} to operation ${index}, ${what}; by itself it answers otherwise`,
      'answers come in the order of the operations, and operations act in that order',
    );
  });
  return `${operations.length} operations`;
}

/** Registers that every device has and that may be read at any time. */
function readable({ layout }: Consultation): Register[] {
  return Object.values(layout.data.registers).filter(
    (register) => register.feature === undefined && (register.access === 'R' || register.access === 'RW'),
  );
}

/** Names of registers that read the same for as long as the device lives. */
function constants(consultation: Consultation): string[] {
  const always = readable(consultation).filter((register) => register.value !== undefined || register.constant);
  return [...new Set([...always.map((register) => register.name), 'DeviceID', 'VendorID'])];
}

function swapped(value: number): number {
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setUint32(0, value, true);
  return bytes.getUint32(0, false);
}
