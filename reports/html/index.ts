/** The report as one HTML file for people: opens from disk, asks for nothing over the network, works without scripts. */
import type { Layout } from '../../spec/layout.ts';
import type { Report } from '../report.ts';
import type { RunInfo } from '../run-info.ts';
import { clauses } from './clauses.ts';
import type { Context } from './context.ts';
import { coverage } from './coverage.ts';
import { decoder } from './decoder.ts';
import { devices } from './devices.ts';
import { faults, twice } from './faults.ts';
import { page } from './page.ts';
import { ClausesByPlace } from './places.ts';
import { registerMap } from './register-map.ts';
import { run } from './run.ts';
import { summary } from './summary.ts';
import { violations } from './violations.ts';

/**
 * `report.html`.
 *
 * @param layout the layout that the report is about, for the register map and for the names of fields
 * @param runInfo times and host; without it the same report is the same bytes
 */
export function renderHtml(report: Report, layout: Layout, runInfo?: RunInfo): string {
  const context: Context = { report, layout, runInfo, places: new ClausesByPlace(report, layout) };
  const sections = [
    summary(context),
    violations(context),
    ...faults(context),
    ...twice(context),
    clauses(context),
    registerMap(context),
    decoder(context),
    report.run.scenarios ? devices(report.run.scenarios) : coverage(context),
    run(context),
  ];
  return page(context, sections).text;
}
