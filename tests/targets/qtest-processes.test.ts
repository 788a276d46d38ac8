/** What becomes of the QEMU processes: ours never outlive us, the user's are left alone. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { diagnose } from '../../harness/doctor.ts';
import { TargetConfigurationError, TargetFault } from '../../harness/target.ts';
import { closeAll, emulatorsUsing, has, layout, open } from './qtest-support.ts';

const hasX86 = has('qemu-system-x86_64');
const repository = fileURLToPath(new URL('../../', import.meta.url));

let directory = '';
let previous: string | undefined;
const children: ChildProcess[] = [];

beforeEach(() => {
  previous = process.env.TMPDIR;
  directory = mkdtempSync(join(tmpdir(), 'qt-'));
  process.env.TMPDIR = directory;
});

afterEach(async () => {
  await closeAll();
  for (const child of children.splice(0)) child.kill('SIGKILL');
  if (previous === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = previous;
  rmSync(directory, { recursive: true, force: true });
});

async function until(done: () => boolean): Promise<void> {
  for (let turn = 0; turn < 500 && !done(); turn++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(done()).toBe(true);
}

async function errorOf(promise: unknown): Promise<unknown> {
  return Promise.resolve(promise).then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** A program that connects as QEMU does, and then does `body` with `qtest`, a socket, and `lines`, what it is told. */
function emulator(body: string): string {
  const file = join(directory, 'emulator.mjs');
  const source = `#!${process.execPath}
import { connect } from 'node:net';
const path = (key) => process.argv[process.argv.indexOf(key) + 1].slice('unix:'.length);
const qmp = connect(path('-qmp'));
qmp.write('{"QMP": {"version": {"qemu": {"major": 7, "minor": 2, "micro": 0}, "package": ""}}}\\n');
qmp.on('data', () => qmp.write('{"return": {}}\\n'));
const qtest = connect(path('-qtest'));
let seen = 0;
qtest.on('data', (data) => {
  for (const line of String(data).trim().split('\\n')) {
    if (seen++ === 0) qtest.write('OK\\n');
    else answer(line);
  }
});
process.on('uncaughtException', () => process.exit(1));
function answer(line) { ${body} }
`;
  writeFileSync(file, source);
  chmodSync(file, 0o755);
  return file;
}

describe('an emulator that fails', () => {
  it('is named with its package where it is missing', async () => {
    const error = await errorOf(open('virt-riscv64,qemu=/nonexistent/qemu'));
    expect(error).toBeInstanceOf(TargetConfigurationError);
    expect((error as TargetConfigurationError).message).toContain('/nonexistent/qemu cannot be run (ENOENT)');
    expect((error as TargetConfigurationError).hint).toContain('apt-get install qemu-system-misc');
    expect(readdirSync(directory)).toEqual([]);
  });

  it('that does not start shows what it wrote', async () => {
    const file = join(directory, 'refuses');
    writeFileSync(file, '#!/bin/sh\necho "no such option" >&2\nexit 1\n', { mode: 0o755 });
    const error = await errorOf(open(`qemu=${file}`));
    expect(error).toBeInstanceOf(TargetConfigurationError);
    expect(String(error)).toContain('exited with 1 before it was reached; it wrote: no such option');
  });

  it('that never connects is given up', async () => {
    const file = join(directory, 'sleeps');
    writeFileSync(file, '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 });
    const error = await errorOf(open(`qemu=${file}`, { timeout: 200 }));
    expect((error as TargetFault).reason).toBe('start');
  });

  it('that hangs is ended, and can be started again', async () => {
    const target = await open(`qemu=${emulator("if (seen < 4) qtest.write('OK 0x1\\n');")}`, { timeout: 2000 });
    const error = await errorOf(
      target.adapter.batch?.([0, 4, 8, 12].map((offset) => ({ kind: 'read', offset, width: 32 }))),
    );
    expect(error).toMatchObject({ reason: 'hung', operation: 2, answers: [1, 1] });
    expect(emulatorsUsing(directory)).toEqual([]);
    expect(await errorOf(target.adapter.read(0, 32))).toMatchObject({ reason: 'died' });
    await target.restart?.();
    expect(await target.adapter.read(0, 32)).toBe(1);
  });

  it('that dies is quoted', async () => {
    const target = await open(`qemu=${emulator("process.stderr.write('assertion failed', () => process.exit(3));")}`);
    const error = await errorOf(target.adapter.read(0, 32));
    expect(error).toBeInstanceOf(TargetFault);
    expect(error).toMatchObject({ reason: 'died', operation: 0 });
    expect(String(error)).toContain('QEMU exited with 3; it wrote: assertion failed');
  });

  it.each(['FAIL Unknown command', 'OK 0xzz', 'OK', 'hello'])("that answers '%s' is told", async (line) => {
    const target = await open(`qemu=${emulator(`qtest.write('${line}\\n');`)}`);
    const error = await errorOf(target.adapter.read(0, 32));
    expect(error).toMatchObject({ reason: 'answer', operation: 0 });
    expect(String(error)).toContain(line);
  });
});

describe.skipIf(!hasX86)('a QEMU of ours', () => {
  it('is gone after close, with its files', async () => {
    const target = await open('');
    expect(emulatorsUsing(directory)).toHaveLength(1);
    await target.close();
    expect(emulatorsUsing(directory)).toEqual([]);
    expect(readdirSync(directory)).toEqual([]);
    await target.close();
  });

  it('that is killed is a fault, and can be started again', async () => {
    const target = await open('');
    for (const pid of emulatorsUsing(directory)) process.kill(pid, 'SIGKILL');
    const error = await errorOf(target.adapter.settle?.());
    expect(error).toMatchObject({ reason: 'died' });
    expect(String(error)).toContain('SIGKILL');
    await target.restart?.();
    expect(await target.adapter.read(layout.register('Version').offset, 32)).toBe(2);
  });

  it.each(['SIGKILL', 'SIGTERM', 'exit'])('does not outlive us when we end by %s', async (how) => {
    const script = join(directory, 'holder.mts');
    writeFileSync(
      script,
      `import { openQtest } from '${repository}harness/targets/qtest.ts';
import { loadLayout } from '${repository}spec/load.ts';
await openQtest('', { layout: loadLayout('virtio-mmio') });
process.stdout.write('open');
if (${how === 'exit'}) process.exit(0);
setInterval(() => {}, 1000);
`,
    );
    const child = spawn(process.execPath, ['--import', 'tsx', script], {
      cwd: repository,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    await once(child.stdout, 'data');
    if (how !== 'exit') child.kill(how as NodeJS.Signals);
    await until(() => emulatorsUsing(directory).length === 0);
    await until(() => readdirSync(directory).every((name) => !name.startsWith('qtest-')));
  });
});

describe.skipIf(!hasX86)("the user's QEMU", () => {
  async function started(): Promise<{ child: ChildProcess; qtest: string; qmp: string }> {
    const [qtest, qmp, bios] = ['qtest.sock', 'qmp.sock', 'halt'].map((name) => join(directory, name)) as [
      string,
      string,
      string,
    ];
    const image = Buffer.alloc(0x10000);
    image.write('faf4ebfd', 0xfff0, 'hex');
    writeFileSync(bios, image);
    const child = spawn(
      'qemu-system-x86_64',
      ['-M', 'microvm,ioapic2=off,pit=off,pic=off,rtc=off', '-bios', bios, '-nodefaults', '-no-user-config']
        .concat(['-display', 'none', '-accel', 'tcg', '-global', 'virtio-mmio.force-legacy=false'])
        .concat(['-qtest', `unix:${qtest},server=on,wait=off`, '-qtest-log', 'none'])
        .concat(['-qmp', `unix:${qmp},server=on,wait=off`])
        .concat(['-blockdev', 'driver=null-co,node-name=disk,size=1048576,read-zeroes=on'])
        .concat(['-device', 'virtio-blk-device,drive=disk,bus=virtio-mmio-bus.5']),
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    children.push(child);
    await until(() => existsSync(qtest) && existsSync(qmp));
    return { child, qtest, qmp };
  }

  it('is attached to, left alone, and attached to again', async () => {
    const { child, qtest, qmp } = await started();
    for (const rest of [
      `unix=${qtest},machine=microvm,slot=5,qmp=${qmp}`,
      `unix=${qtest},machine=microvm,slot=5`,
      `unix=${qtest},base=0xfeb00a00,irq=21,controller=ioapic,ram=0x1000000+0x100000`,
    ]) {
      const target = await open(rest);
      expect(target.restart).toBeUndefined();
      const report = await diagnose(target, layout);
      expect(report.checks.filter((check) => check.verdict === 'problem')).toEqual([]);
      await target.close();
    }
    expect(child.exitCode).toBeNull();
  });

  it('that dies is a fault without a way back', async () => {
    const { child, qtest } = await started();
    const target = await open(`unix=${qtest},machine=microvm,slot=5`);
    child.kill('SIGKILL');
    expect(await errorOf(target.adapter.settle?.())).toMatchObject({ reason: 'died' });
  });

  it('that is not there is named with how it is started', async () => {
    const error = await errorOf(open(`unix=${directory}/none,machine=microvm`));
    expect(error).toBeInstanceOf(TargetConfigurationError);
    expect((error as TargetConfigurationError).hint).toContain('server=on,wait=off');
  });
});
