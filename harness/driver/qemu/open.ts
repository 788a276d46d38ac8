/** The target `qemu:...`: a real guest in QEMU that finds the device of the meeting in one of its virtio-mmio slots. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Layout } from '../../../spec/layout.ts';
import { TargetConfigurationError } from '../../target.ts';
import type { LiveDriver } from '../target.ts';
import { builtBridge, checkedVersion } from './bridge-build.ts';
import { Ground, type Shadow } from './ground.ts';
import { Guest } from './guest.ts';
import { type GuestPlan, parseGuest } from './specification.ts';

export interface QemuOptions {
  layout: Layout;
  cwd: string;
  /** Milliseconds; a guest is given {@link LEAST_PATIENCE} at least, since it may calculate for that long. */
  timeout: number;
  /** Takes what the guest's console shows, by lines. */
  log?: (line: string) => void;
}

const LEAST_PATIENCE = 30_000;

/**
 * Makes ready what every boot needs; the guest boots anew for each meeting.
 *
 * @param rest what follows `qemu:`
 * @throws TargetConfigurationError where the words are wrong, or QEMU, a file or the compiler is missing
 */
export async function openQemu(rest: string, options: QemuOptions): Promise<LiveDriver> {
  const { cwd, log } = options;
  const plan = withFirmware(parseGuest(rest));
  checkFiles(plan, cwd);
  const version = await checkedVersion(plan.emulator, plan.machine, cwd);
  const shadow = await shadowOf(plan, cwd);
  const surroundings = {
    cwd,
    bridge: await builtBridge(),
    patience: plan.patience ?? Math.max(options.timeout, LEAST_PATIENCE),
    ...(log ? { log } : {}),
  };
  let ground: Ground | undefined;
  const clear = () => {
    ground?.remove();
    ground = undefined;
  };
  return {
    kind: 'alone',
    specification: `qemu:${rest}`,
    name: `guest on ${plan.machine.name}`,
    version: `QEMU ${version}`,
    layout: plan.layout,
    ...(plan.devices ? { devices: plan.devices } : {}),
    memory() {
      clear();
      ground = new Ground(plan.machine, plan.memory, shadow);
      return ground.ram;
    },
    async meet(meeting) {
      const { bus } = meeting;
      if (!ground) throw new Error('the device of a meeting with a guest is made with the memory of that guest');
      if (plan.size > bus.regionSize) return tooLarge(plan, bus.regionSize);
      try {
        return await new Guest(plan, ground, meeting, surroundings).run();
      } finally {
        clear();
      }
    },
    async close() {
      clear();
    },
  };
}

function tooLarge({ size }: GuestPlan, regionSize: number) {
  return {
    how: 'failed' as const,
    reason: 'start' as const,
    message: `qemu: size=${size}, and the device has ${regionSize} bytes`,
    hint: `give ${regionSize} at most`,
  };
}

/** Names the firmware that is needed for a kernel. */
function withFirmware(plan: GuestPlan): GuestPlan {
  const { kernelBios } = plan.machine;
  if (plan.boot.bios !== undefined || kernelBios === undefined) return plan;
  return { ...plan, boot: { ...plan.boot, bios: kernelBios } };
}

function checkFiles({ boot }: GuestPlan, cwd: string): void {
  for (const key of ['bios', 'kernel', 'initrd', 'dtb'] as const) {
    const file = boot[key];
    // QEMU finds a firmware by its name alone in folders of its own.
    if (file === undefined || (key === 'bios' && !file.includes('/')) || existsSync(resolve(cwd, file))) continue;
    throw new TargetConfigurationError(
      `qemu: ${key}=${file}: there is no file ${resolve(cwd, file)}`,
      'relative paths count from the working directory',
    );
  }
}

/** What of the firmware the machine has in a ROM at the end of the first MiB. */
async function shadowOf({ machine, boot, emulator }: GuestPlan, cwd: string): Promise<Shadow | undefined> {
  const { shadow } = machine;
  if (!shadow || boot.bios === undefined) return undefined;
  const folders = await promisify(execFile)(emulator, ['-L', 'help'], { cwd });
  const candidates = [cwd, ...folders.stdout.split('\n').filter((line) => line !== '')].map((folder) =>
    folder === cwd ? resolve(cwd, boot.bios as string) : join(folder, boot.bios as string),
  );
  const file = candidates.find((candidate) => existsSync(candidate));
  if (file === undefined) {
    throw new TargetConfigurationError(
      `qemu: there is no firmware ${boot.bios}, neither in the working directory nor where QEMU has its own`,
      'name one with bios=FILE; Debian has SeaBIOS in the package seabios, qboot in qemu-system-data',
    );
  }
  const bytes = readFileSync(file).subarray(-shadow.size);
  return { address: shadow.end - bytes.length, bytes };
}
