/** What becomes of guests that do not end well, and of what they leave: nothing. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openQemu } from '../../../harness/driver/qemu/open.ts';
import { TargetConfigurationError } from '../../../harness/target.ts';
import { loadLayout } from '../../../spec/load.ts';
import { boot, canBoot, emulatorsWith, U_BOOT, uBoot } from './support.ts';

const hasUBoot = canBoot('qemu-system-aarch64', U_BOOT);
const repository = fileURLToPath(new URL('../../../', import.meta.url));
const SHARED_MEMORY = '/dev/shm';

const set = { TMPDIR: '', XDG_CACHE_HOME: '', CC: '' };
const before = Object.fromEntries(Object.keys(set).map((name) => [name, process.env[name]]));
let directory = '';
const children: ChildProcess[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'qd-'));
  process.env.TMPDIR = directory;
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  rmSync(directory, { recursive: true, force: true });
});

/** Files of guests of a process. */
const filesOfGuests = (pid = process.pid) =>
  [directory, SHARED_MEMORY]
    .flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []))
    .filter((name) => name.startsWith(`qemu-${pid}-`));

async function until(done: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !done(); turn++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(done()).toBe(true);
}

async function errorOf(promise: Promise<unknown>): Promise<TargetConfigurationError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(TargetConfigurationError);
  return error as TargetConfigurationError;
}

const open = (...words: string[]) =>
  openQemu(words.join(','), { layout: loadLayout('virtio-mmio'), cwd: directory, timeout: 5000 });

describe('what is missing', () => {
  it('is QEMU', async () => {
    const error = await errorOf(open('virt-aarch64', 'bios=any', 'qemu=no-such-emulator'));
    expect(error.message).toContain('no-such-emulator cannot be run (ENOENT)');
    expect(error.hint).toContain('apt-get install qemu-system-arm');
  });

  it('is a QEMU that the bridge fits', async () => {
    const file = join(directory, 'emulator');
    writeFileSync(file, '#!/bin/sh\necho "QEMU emulator version 9.1.0"\n', { mode: 0o755 });
    const error = await errorOf(open('virt-aarch64', 'bios=any', `qemu=${file}`));
    expect(error.message).toContain('version 9.1.0, and the bridge fits the inside of 7.2 only');
  });

  it('is a file', async () => {
    const error = await errorOf(open('virt-aarch64', 'kernel=./vmlinuz'));
    expect(error.message).toBe(`qemu: kernel=./vmlinuz: there is no file ${join(directory, 'vmlinuz')}`);
  });
});

describe.skipIf(!hasUBoot)('the bridge', () => {
  it('is compiled once', async () => {
    process.env.XDG_CACHE_HOME = directory;
    await (await open('virt-aarch64', `bios=${U_BOOT}`)).close();
    const folder = join(directory, 'virtio-mmio-msi-conformance');
    const [name] = readdirSync(folder);
    expect(name).toMatch(/^bridge-[0-9a-f]{16}\.so$/);
    process.env.CC = 'no-such-compiler';
    await (await open('virt-aarch64', `bios=${U_BOOT}`)).close();
    expect(readdirSync(folder)).toEqual([name]);
  });

  it('needs a compiler', async () => {
    process.env.XDG_CACHE_HOME = directory;
    process.env.CC = 'no-such-compiler';
    const error = await errorOf(open('virt-aarch64', `bios=${U_BOOT}`));
    expect(error.message).toContain('no-such-compiler cannot be run (ENOENT)');
    expect(error.hint).toContain('apt-get install gcc');
    process.env.CC = 'false';
    expect((await errorOf(open('virt-aarch64', `bios=${U_BOOT}`))).message).toContain('false does not compile');
  });
});

describe.skipIf(!hasUBoot)('a guest', () => {
  it('leaves nothing behind', async () => {
    const { ending } = await boot(uBoot(['virtio scan']));
    expect(ending.how).toBe('ended');
    expect(filesOfGuests()).toEqual([]);
    expect(emulatorsWith(directory)).toEqual([]);
  });

  it('that QEMU cannot start', async () => {
    const { ending } = await boot(uBoot([], 'args=-no-such-option'));
    expect(ending).toMatchObject({ how: 'failed', reason: 'start' });
    expect(ending.how === 'failed' && ending.message).toMatch(/QEMU exited with 1 before .*\nQEMU wrote: .*-no-such/);
    expect(filesOfGuests()).toEqual([]);
  });

  it('that waits at its prompt for ever', async () => {
    const { ending } = await boot([
      'virt-aarch64',
      `bios=${U_BOOT}`,
      'input=',
      'prompt=login:,input=root',
      'patience=3',
    ]);
    expect(ending).toMatchObject({ how: 'failed', reason: 'hung', didItsWork: false });
    const message = ending.how === 'failed' ? ending.message : '';
    expect(message).toContain('for 3 seconds there was no access and nothing on the console');
    expect(message).toContain('prompt=login: was waited for');
    expect(emulatorsWith(directory)).toEqual([]);
  });

  it('that has no driver for the device', async () => {
    const file = join(directory, 'off');
    // mov w0, SYSTEM_OFF of PSCI, in two halves; hvc 0
    writeFileSync(file, Buffer.from('000180520080b072020000d4', 'hex'));
    const { ending } = await boot(['virt-aarch64', `bios=${file}`]);
    expect(ending).toMatchObject({ how: 'failed', reason: 'start' });
    expect(ending.how === 'failed' && ending.message).toContain('never accessed the device at 0x0a000600');
  });

  it('whose QEMU is killed', async () => {
    const { ending } = await boot(uBoot(['sleep 1000']), {
      options: {
        log: (line) => {
          if (line.includes('=> sleep')) for (const pid of emulatorsWith(directory)) process.kill(pid, 'SIGKILL');
        },
      },
    });
    expect(ending).toMatchObject({ how: 'failed', reason: 'died' });
    expect(ending.how === 'failed' && ending.message).toContain('QEMU was ended by SIGKILL');
  });

  it('that uses more of the bus than there is', async () => {
    const { ending } = await boot(uBoot(['virtio scan'], 'slot=8', 'size=0x20000'));
    expect(ending).toMatchObject({ how: 'failed', reason: 'start', message: expect.stringContaining('size=131072') });
    expect(filesOfGuests()).toEqual([]);
  });

  it.each(['SIGKILL', 'SIGTERM', 'exit'])('does not outlive us when we end by %s', async (how) => {
    const script = join(directory, 'holder.mts');
    writeFileSync(
      script,
      `import { boot } from '${repository}tests/driver/qemu/support.ts';
const log = (line) => line.includes('Hit any key') && process.stdout.write('boots', () => ${how === 'exit'} && process.exit(0));
await boot(['virt-aarch64', 'bios=${U_BOOT}', 'input=', 'prompt==> ,input=sleep 1000'], { options: { log } });
`,
    );
    const child = spawn(process.execPath, ['--import', 'tsx', script], {
      cwd: repository,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    await once(child.stdout, 'data');
    if (how !== 'exit') child.kill(how as NodeJS.Signals);
    await until(() => emulatorsWith(directory).length === 0);
    expect(filesOfGuests(child.pid)).toEqual([]);
  });
});
