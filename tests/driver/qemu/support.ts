/** Guests that boot where what they need is installed, and what is left of them. */

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type Met, meet } from '../../../harness/driver/engine/meeting.ts';
import { openQemu, type QemuOptions } from '../../../harness/driver/qemu/open.ts';
import type { Scenario } from '../../../harness/driver/scenarios/index.ts';
import { Ram } from '../../../reference-device/memory.ts';
import type { Layout } from '../../../spec/layout.ts';
import { loadLayout } from '../../../spec/load.ts';

/** As Debian's packages u-boot-qemu and seabios have them. */
export const U_BOOT = '/usr/lib/u-boot/qemu_arm64/u-boot.bin';
export const U_BOOT_RISCV = '/usr/lib/u-boot/qemu-riscv64/u-boot.bin';
export const SEABIOS = '/usr/share/seabios/bios-microvm.bin';

/** Whether QEMU 7.2, a compiler and the file are there; says what is missing, so that a skipped test is seen. */
export function canBoot(emulator: string, firmware: string): boolean {
  const version = spawnSync(emulator, ['--version'], { encoding: 'utf8' }).stdout ?? '';
  const missing = [
    ...(version.includes('version 7.2.') ? [] : [`${emulator} 7.2`]),
    ...(spawnSync(process.env.CC ?? 'cc', ['--version']).status === 0 ? [] : ['a C compiler']),
    ...(existsSync(firmware) ? [] : [firmware]),
  ];
  if (missing.length > 0) console.warn(`skipped: ${missing.join(' and ')} not installed`);
  return missing.length === 0;
}

export const PLAIN: Scenario = {
  id: 'test/plain',
  title: 'a device without surprises',
  blames: 'DRV-WORK',
  because: 'it does what every device does',
  expects: 'works',
  script: [],
};

interface Meant {
  scenario?: Partial<Scenario>;
  layout?: Layout;
  options?: Partial<QemuOptions>;
}

/** Boots a guest once; `words` follow `qemu:` with commas in between. */
export async function boot(words: readonly string[], { scenario, layout, options }: Meant = {}): Promise<Met> {
  const chosen = layout ?? loadLayout('virtio-mmio');
  const all = { layout: chosen, cwd: process.cwd(), timeout: 5000, ...options };
  const driver = await openQemu(words.join(','), all);
  try {
    const ram = driver.memory?.() ?? new Ram();
    return await meet(driver, chosen, { scenario: { ...PLAIN, ...scenario }, ram, isFirstToFail: true });
  } finally {
    await driver.close();
  }
}

/** U-Boot, told not to boot anything, is given these lines and powered off. */
export const uBoot = (lines: readonly string[], ...more: string[]): string[] => [
  ...['virt-aarch64', `bios=${U_BOOT}`, 'input=', 'prompt==> '],
  ...lines.map((line) => `input=${line}`),
  ...['input=poweroff', ...more],
];

/** The same on riscv64, whose serial line forgets what came before it is set up. */
export const uBootRiscv = (lines: readonly string[]): string[] => [
  ...['virt-riscv64', `bios=${U_BOOT_RISCV}`, 'prompt=Hit any key', 'input=', 'prompt==> '],
  ...lines.map((line) => `input=${line}`),
  'input=poweroff',
];

/** Process ids of emulators whose command line has `text`. */
export function emulatorsWith(text: string): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const line = readFileSync(`/proc/${name}/cmdline`, 'utf8');
      return line.startsWith('qemu-system') && line.includes(text) ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}
