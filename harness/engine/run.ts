import type { Report } from '../../reports/report.ts';
import type { Layout } from '../../spec/layout.ts';
import type { CheckInfo, ReplayOptions, RunOptions } from './api.ts';

export async function run(_options: RunOptions): Promise<Report> {
  throw new Error('not yet');
}
export async function replay(_options: ReplayOptions): Promise<Report> {
  throw new Error('not yet');
}
export function checks(_layout: Layout): CheckInfo[] {
  return [];
}
