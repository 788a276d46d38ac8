/** The reference driver: a whole driver for virtio-mmio with the MSI of a layout, its conformant variants, its faults. */
import type { DriverModule } from '../harness/driver/api.ts';
import { TargetConfigurationError } from '../harness/target.ts';
import type { Layout } from '../spec/layout.ts';
import { nearestFew } from '../spec/suggest.ts';
import { ReferenceDriver } from './driver.ts';
import type { Fault } from './faults/fault.ts';
import { faults } from './faults/index.ts';
import { defaults, type Settings } from './settings.ts';
import { type Variant, variants } from './variants.ts';

export type { Fault, Settings, Variant };
export { faults, ReferenceDriver, variants };

export interface ReferenceDriverOptions {
  /** Id of one of {@link variants}. */
  variant?: string;
  /** Id of one of {@link faults}; where it names a variant and none is given, it is that variant's. */
  fault?: string;
  /** What differs from the variant besides. */
  settings?: Partial<Settings>;
}

/** The reference driver as a target makes it: a new one for each device that it meets. */
export interface ReferenceDriverModule extends DriverModule {
  name: string;
  create(bus: Parameters<DriverModule['create']>[0]): ReferenceDriver;
}

/**
 * The reference driver for a layout.
 *
 * @throws TargetConfigurationError for an unknown variant or fault, or one that the layout has no room for
 */
export function createDriver(layout: Layout, options: ReferenceDriverOptions = {}): ReferenceDriverModule {
  const fault = options.fault === undefined ? undefined : find('fault', faults, options.fault);
  const variantId = options.variant ?? fault?.variant;
  const variant = variantId === undefined ? undefined : find('variant', variants, variantId);
  if (fault) checkFault(fault, layout);
  const settings = { ...defaults, ...variant?.settings, ...options.settings };
  return {
    name: nameOf(variant?.id, fault?.id),
    layout: layout.name,
    create(bus) {
      const driver = new ReferenceDriver(bus, layout, settings);
      fault?.apply(driver);
      return driver;
    },
  };
}

/** The faults that a driver for this layout can have. */
export function driverFaultsOf(layout: Layout): Fault[] {
  return faults.filter((fault) => problemWith(fault, layout) === undefined);
}

function checkFault(fault: Fault, layout: Layout): void {
  const problem = problemWith(fault, layout);
  if (problem === undefined) return;
  throw new TargetConfigurationError(
    `fault '${fault.id}' ${problem}`,
    'choose another layout, such as --layout msix for vector-control, or another fault: `list --driver-faults` shows those of a layout',
  );
}

function problemWith({ clause, mechanism, needsMsi }: Fault, layout: Layout): string | undefined {
  const has = layout.msi?.mechanism ?? 'no MSI';
  if (mechanism !== undefined && mechanism !== layout.msi?.mechanism)
    return `is one of layouts with ${mechanism}, and '${layout.name}' has ${has}`;
  if (needsMsi && !layout.msi) return `is one of how MSI is used, and '${layout.name}' has ${has}`;
  if (!layout.hasClause(layout.clauseFor(clause)))
    return `breaks ${clause}, which layout '${layout.name}' does not have`;
  return undefined;
}

function nameOf(variant: string | undefined, fault: string | undefined): string {
  let name = 'reference driver';
  if (variant !== undefined) name += `, variant ${variant}`;
  if (fault !== undefined) name += `, fault ${fault}`;
  return name;
}

function find<T extends { id: string }>(kind: string, all: readonly T[], id: string): T {
  const found = all.find((one) => one.id === id);
  if (found) return found;
  const near = nearestFew(
    id,
    all.map((one) => one.id),
  );
  const guess = near.length > 0 ? `did you mean ${near.map((n) => `'${n}'`).join(' or ')}? ` : '';
  throw new TargetConfigurationError(
    `the reference driver has no ${kind} '${id}'`,
    `${guess}\`list --driver-${kind}s\` shows all ${all.length}`,
  );
}
