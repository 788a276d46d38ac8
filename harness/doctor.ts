/**
 * Does the adapter itself work? Tried step by step, before any verdict is thought of: what is found here is about how
 * the device is reached, and is no violation of the specification.
 */
import type { Layout } from '../spec/layout.ts';
import { Consultation, Found, Skipped } from './doctor/consultation.ts';
import { DECLARATION_CHECKS } from './doctor/declarations.ts';
import { DEVICE_CHECKS } from './doctor/device.ts';
import { INTERRUPT_CHECKS } from './doctor/interrupts.ts';
import { MEMORY_CHECKS } from './doctor/memory.ts';
import { REGISTER_CHECKS } from './doctor/registers.ts';
import { type Target, TargetFault } from './target.ts';

export interface DoctorCheck {
  id: string;
  title: string;
  verdict: 'ok' | 'problem' | 'skipped';
  /** What was found, or why nothing was looked for. */
  detail: string;
  /** What to do next. */
  hint?: string;
}

export interface DoctorReport {
  checks: DoctorCheck[];
  /** True where no check found a problem. */
  ok: boolean;
}

/** One thing that is tried: returns what it found good, throws {@link Found} or {@link Skipped}. */
export interface Check {
  id: string;
  title: string;
  run(consultation: Consultation): Promise<string>;
}

/** Milliseconds that one check may take: more than a target's own bound for one answer. */
const CHECK_BOUND = 30_000;

const CHECKS: readonly Check[] = [
  ...DECLARATION_CHECKS,
  ...REGISTER_CHECKS,
  ...MEMORY_CHECKS,
  ...DEVICE_CHECKS,
  ...INTERRUPT_CHECKS,
];

/** Tries the target; never throws for what the target does. */
export async function diagnose(
  target: Target,
  layout: Layout,
  options: { timeout?: number } = {},
): Promise<DoctorReport> {
  const timeout = options.timeout ?? CHECK_BOUND;
  const consultation = new Consultation(target, layout, timeout);
  const checks: DoctorCheck[] = [];
  let lost: string | undefined;
  for (const check of CHECKS) {
    const { id, title } = check;
    if (lost !== undefined) {
      checks.push({ id, title, verdict: 'skipped', detail: lost });
      continue;
    }
    try {
      checks.push({ id, title, verdict: 'ok', detail: await inTime(check.run(consultation), timeout) });
    } catch (error) {
      checks.push({ id, title, ...findingOf(error) });
      if (endsTheTarget(error) && !(await restarted(consultation, timeout))) {
        lost = `the target is gone since '${title}'`;
      }
    }
  }
  return { checks, ok: checks.every((check) => check.verdict !== 'problem') };
}

function findingOf(error: unknown): Pick<DoctorCheck, 'verdict' | 'detail' | 'hint'> {
  if (error instanceof Skipped) return { verdict: 'skipped', detail: error.message };
  const hint = error instanceof Found || error instanceof TargetFault ? error.hint : undefined;
  return { verdict: 'problem', detail: describe(error), ...(hint === undefined ? {} : { hint }) };
}

function describe(error: unknown): string {
  if (error instanceof Found) return error.message;
  if (!(error instanceof TargetFault)) return `the adapter threw ${String(error)}`;
  switch (error.reason) {
    case 'died':
      return `the target died: ${error.message}`;
    case 'hung':
      return `the target hung: ${error.message}`;
    case 'threw':
      return `the adapter threw: ${error.message}`;
    case 'answer':
      return `the adapter's answer is none: ${error.message}`;
    case 'start':
      return `the target did not start: ${error.message}`;
  }
}

function endsTheTarget(error: unknown): boolean {
  return error instanceof TargetFault && error.reason !== 'answer' && error.reason !== 'threw';
}

async function restarted({ target }: Consultation, timeout: number): Promise<boolean> {
  if (!target.restart) return false;
  try {
    await inTime(target.restart(), timeout);
    return true;
  } catch {
    return false;
  }
}

async function inTime<T>(work: Promise<T>, timeout: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TargetFault('hung', `no answer within ${timeout} ms`)), timeout);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
