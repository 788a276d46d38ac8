import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { type Target, TargetConfigurationError, TargetFault } from '../../harness/target.ts';
import { type OpenOptions, openTarget } from '../../harness/targets/open.ts';
import { loadLayout } from '../../spec/load.ts';

export const layout = loadLayout('native');
export const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
export const repository = fileURLToPath(new URL('../../', import.meta.url));

const opened: Target[] = [];

/** Opens a target that is closed after the test (see {@link closeAll}). */
export async function open(specification: string, options: Partial<OpenOptions> = {}): Promise<Target> {
  const target = await openTarget(specification, { layout, cwd: repository, ...options });
  opened.push(target);
  return target;
}

export async function closeAll(): Promise<void> {
  await Promise.all(opened.splice(0).map((target) => target.close()));
}

/** What the fixture device is called as a target, with the words of its greeting. */
export function lineDevice(greeting = ''): string {
  return `exec:'${process.execPath}' '${fixture('line-device.mjs')}' ${greeting}`.trim();
}

export async function faultOf(promise: Promise<unknown> | undefined): Promise<TargetFault> {
  const error = await Promise.resolve(promise).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TargetFault);
  return error as TargetFault;
}

export async function configurationErrorOf(promise: Promise<unknown>): Promise<TargetConfigurationError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TargetConfigurationError);
  return error as TargetConfigurationError;
}

/** Whether a process is there; a zombie counts as gone. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Polls until `condition` holds; the kernel takes a moment to end a process. */
export async function eventually(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(condition()).toBe(true);
}
