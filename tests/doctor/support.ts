/** A device that works, and ways to break how it is reached. */
import { type DoctorReport, diagnose } from '../../harness/doctor.ts';
import type { Adapter, Target, Width } from '../../harness/target.ts';
import { openTarget } from '../../harness/targets/open.ts';
import { loadLayout } from '../../spec/load.ts';

export const layout = loadLayout('native');

/** Offset of a register. */
export const at = (name: string) => layout.register(name).offset;

/** The reference device behind an adapter of which `change` replaces a part. */
export async function broken(
  change: (good: Adapter) => Partial<Adapter>,
  more: Partial<Target> = {},
): Promise<{ target: Target; good: Adapter }> {
  const reference = await openTarget('reference', { layout });
  const good = reference.adapter;
  const changed = change(good);
  const adapter = new Proxy(good, {
    get(device, key) {
      const value: unknown = key in changed ? Reflect.get(changed, key) : Reflect.get(device, key);
      return typeof value === 'function' ? value.bind(device) : value;
    },
  });
  return { target: { ...reference, adapter, ...more }, good };
}

/** Replaces what single reads answer. */
export function reads(
  change: (value: number, offset: number, width: Width) => unknown,
): (good: Adapter) => Partial<Adapter> {
  return (good) => ({
    read: (async (offset: number, width: Width) =>
      change(Number(await good.read(offset, width)), offset, width)) as Adapter['read'],
  });
}

export async function report(
  change: (good: Adapter) => Partial<Adapter>,
  more: Partial<Target> & { timeout?: number } = {},
): Promise<DoctorReport> {
  const { timeout, ...target } = more;
  const made = await broken(change, target);
  return diagnose(made.target, layout, timeout === undefined ? {} : { timeout });
}

/** The ids of the checks with that verdict, in order. */
export function ids({ checks }: DoctorReport, verdict: 'ok' | 'problem' | 'skipped'): string[] {
  return checks.filter((check) => check.verdict === verdict).map((check) => check.id);
}

/** Detail and hint of a check, in one string. */
export function said({ checks }: DoctorReport, id: string): string {
  const check = checks.find((candidate) => candidate.id === id);
  return `${check?.detail} | ${check?.hint ?? ''}`;
}
