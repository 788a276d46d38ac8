/**
 * The machines that a guest runs on, beyond where they have their transports, which the qtest target knows too.
 * Measured on QEMU 7.2.
 */
import { MACHINES as TRANSPORTS, type Machine as Transports } from '../../targets/qtest/machines.ts';

export interface GuestMachine
  extends Pick<Transports, 'emulator' | 'debianPackage' | 'base' | 'step' | 'slots' | 'ram' | 'irq'> {
  name: string;
  options: string[];
  /** QOM type of the interrupt controller that the slots are wired to. */
  controller: string;
  /** A slot is only announced to the guest where QEMU has a device in it: one that ours covers. */
  announcesDevices: boolean;
  /**
   * The firmware's last bytes are also at the end of the first MiB, in a ROM that a firmware takes for RAM: as many as
   * this at most.
   */
  shadow?: { end: number; size: number };
  /** The port that a firmware tells of itself at, where it shows nothing on the serial line. */
  debugPort?: number;
  /** Firmware that starts a kernel and leaves the devices alone, as QEMU calls it; absent where none is needed. */
  kernelBios?: string;
}

type Own = Omit<GuestMachine, 'emulator' | 'debianPackage' | 'base' | 'step' | 'slots' | 'ram' | 'irq' | 'name'>;

function machine(name: string, own: Own): GuestMachine {
  const transports = TRANSPORTS[name];
  if (!transports) throw new Error(`the qtest target knows no machine '${name}'`);
  const { emulator, debianPackage, base, step, slots, ram, irq } = transports;
  return { name, emulator, debianPackage, base, step, slots, ram, irq, ...own };
}

/**
 * Two boots do the same: time goes by 8 ns for each instruction and skips what the guest sleeps, the clock begins with
 * it, and what is random is not. Without the instruction counter one boot of x86 in twelve hangs where there is no KVM.
 */
const REPEATABLE = [
  ...['-icount', 'shift=3,sleep=off', '-seed', '1'],
  ...['-rtc', 'base=2026-01-01T00:00:00,clock=vm'],
];

const KNOWN = [
  machine('microvm', {
    options: ['-M', 'microvm,ioapic2=off,pic=off', '-cpu', 'qemu64', ...REPEATABLE],
    controller: 'ioapic',
    announcesDevices: true,
    shadow: { end: 0x100000, size: 0x20000 },
    debugPort: 0x402,
    kernelBios: 'qboot.rom',
  }),
  machine('virt-aarch64', {
    options: ['-M', 'virt,gic-version=2,dtb-randomness=off', '-cpu', 'cortex-a57', ...REPEATABLE],
    controller: 'arm_gic',
    announcesDevices: false,
  }),
  machine('virt-riscv64', {
    options: ['-M', 'virt', ...REPEATABLE],
    controller: 'riscv.sifive.plic',
    announcesDevices: false,
  }),
];

export const GUEST_MACHINES: ReadonlyMap<string, GuestMachine> = new Map(KNOWN.map((one) => [one.name, one]));

/** MiB; enough for a Linux kernel of a distribution with a small initramfs. */
export const DEFAULT_MEMORY = 256;
