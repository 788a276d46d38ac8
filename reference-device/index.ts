/** The reference device: a whole virtio-mmio device with the MSI of a layout, its conformant variants, its faults. */
import { type Adapter, TargetConfigurationError } from '../harness/target.ts';
import type { Layout } from '../spec/layout.ts';
import { nearestFew } from '../spec/suggest.ts';
import { Device } from './device.ts';
import type { Fault } from './faults/fault.ts';
import { faults } from './faults/index.ts';
import { Ram } from './memory.ts';
import { defaults } from './settings.ts';
import { type Variant, variants } from './variants.ts';

export type { Fault, Variant };
export { faults, variants };

export interface ReferenceOptions {
  layout: Layout;
  /** Id of one of {@link variants}. */
  variant?: string;
  /** Id of one of {@link faults}; where it names a variant and none is given, it is that variant's. */
  fault?: string;
}

/** The reference device's adapter: every method is synchronous. */
export interface ReferenceAdapter extends Adapter {
  read(offset: number, width: 8 | 16 | 32 | 64): number | bigint;
  write(offset: number, width: 8 | 16 | 32 | 64, value: number | bigint): void;
  powerCycle(): void;
  raise(event: Parameters<NonNullable<Adapter['raise']>>[0]): void;
  interrupts(): ReturnType<Device['interrupts']>;
  settle(): void;
}

/**
 * Makes a reference device.
 *
 * @throws TargetConfigurationError for an unknown variant or fault, or one that the layout has no room for
 */
export function createReference(options: ReferenceOptions): ReferenceAdapter {
  const { layout } = options;
  const fault =
    options.fault === undefined ? undefined : find('fault', candidates(layout, options.fault), options.fault);
  const variantId = options.variant ?? fault?.variant;
  const variant = variantId === undefined ? undefined : find('variant', variants, variantId);
  if (fault?.mechanism !== undefined && fault.mechanism !== layout.msi?.mechanism) {
    throw new TargetConfigurationError(
      `fault '${fault.id}' is one of layouts with ${fault.mechanism}, and '${layout.name}' has ${layout.msi?.mechanism ?? 'no MSI'}`,
      'choose another layout, such as --layout msix for vector-control, or another fault: `list --faults` shows those of a layout',
    );
  }
  if (fault && !layout.hasClause(layout.clauseFor(fault.clause))) {
    throw new TargetConfigurationError(
      `fault '${fault.id}' breaks ${fault.clause}, which layout '${layout.name}' does not have`,
      'choose a layout with that clause, or another fault: `list --faults` shows them with their clauses',
    );
  }
  if (fault?.needsMsi && (!layout.msi || variant?.settings.msi === 'unknown')) {
    throw new TargetConfigurationError(
      `fault '${fault.id}' needs a device with MSI`,
      'choose a layout and a variant with MSI, or another fault: `list --faults` shows them with their clauses',
    );
  }
  const settings = { ...defaults, ...variant?.settings };
  const ram = new Ram();
  const build = () => {
    const device = new Device(layout, settings, ram);
    fault?.apply(device);
    return device;
  };
  let device = build();
  const adapter: ReferenceAdapter = {
    name: nameOf(variant?.id, fault?.id),
    layout: settings.msi === 'unknown' ? (layout.data.extends.at(-1) ?? layout.name) : layout.name,
    regionSize: device.regionSize,
    configSize: device.backend.config.length,
    captures: ['message', 'line'],
    events: settings.guestMemory ? ['config', 'needs-reset'] : ['queue', 'config', 'needs-reset'],
    read: (offset, width) => device.read(offset, width),
    write: (offset, width, value) => device.write(offset, width, value),
    raise: (event) => device.raise(event),
    interrupts: () => device.interrupts(),
    settle: () => device.settle(),
    powerCycle() {
      ram.clear();
      device = build();
    },
  };
  if (settings.guestMemory) adapter.memory = ram;
  return adapter;
}

/** The faults that go with a layout's mechanism, and the one that is asked for, so that what is wrong with it is told. */
function candidates(layout: Layout, asked: string): Fault[] {
  return faults.filter(
    ({ id, mechanism }) => id === asked || mechanism === undefined || mechanism === layout.msi?.mechanism,
  );
}

/** The faults that a device of this layout can have. */
export function faultsOf(layout: Layout): Fault[] {
  return faults.filter((fault) => {
    try {
      createReference({ layout, fault: fault.id });
      return true;
    } catch (error) {
      if (error instanceof TargetConfigurationError) return false;
      throw error;
    }
  });
}

function nameOf(variant: string | undefined, fault: string | undefined): string {
  let name = 'reference device';
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
    `the reference device has no ${kind} '${id}'`,
    `${guess}\`list --${kind}s\` shows all ${all.length}`,
  );
}
